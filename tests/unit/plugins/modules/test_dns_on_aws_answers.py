"""ACM's and Route 53's own answers: what is declared is unchanged, and what failed is told with AWS's reason."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils import _aws
from ansible_collections.arda.image_upload.plugins.modules import (
    acm_dns_certificate,
    route53_hosted_zone,
    route53_record_sets,
)

from ...helpers.aws_fixtures import FixtureModule, changed

DOMAIN = "alpha002.assets.arda.cards"
TAGS = {"Infrastructure": "Alpha002", "ManagedBy": "arda.image_upload"}
DESCRIBED = "acm.DescribeCertificate.ok"


def certificate(*answers: Any, **options: Any) -> tuple[FixtureModule, acm_dns_certificate.Certificate]:
    given = {"domain_name": f"*.{DOMAIN}", "subject_alternative_names": [], "state": "present", "tags": TAGS}
    module = FixtureModule({**given, "purge_tags": True, "wait": True, "wait_timeout": 60, **options}, *answers)
    return module, acm_dns_certificate.Certificate(module)


def calls(module: FixtureModule) -> list[str]:
    return [name for name, _parameters in module.calls]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_aws.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(route53_hosted_zone, "VISIBLE_SECONDS", 0.0)


def test_certificate_in_acms_answer_is_as_declared() -> None:
    module, one = certificate("acm.ListCertificates.ok", DESCRIBED, "acm.ListTagsForCertificate.ok")
    found = one.read()
    assert one.plan(found) == []
    assert one.wait(found) == found
    assert found
    assert found["validation_records"][0]["name"] == f"_ec8035cff4a1a46daee290c427dac7a1.{DOMAIN}."
    assert calls(module).count("acm.DescribeCertificate") == 2  # the other certificate is of another name


@pytest.mark.parametrize("described", ["ok-just-requested", "ok-failed", "ResourceNotFoundException"])
def test_certificate_that_is_new_failed_or_gone_is_read_without_its_records(described: str) -> None:
    _module, one = certificate(
        "acm.ListCertificates.ok", f"acm.DescribeCertificate.{described}", "acm.ListTagsForCertificate.ok"
    )
    found = one.read()
    assert bool(found) == (described == "ok-just-requested")
    assert [change.method for change in one.plan(found)] == ([] if found else ["request"])


def test_certificate_that_fails_while_it_is_waited_for_ends_with_acms_reason() -> None:
    _module, one = certificate(
        "acm.ListCertificates.ok",
        "acm.DescribeCertificate.ok-just-requested",
        "acm.DescribeCertificate.ok-failed",
        "acm.ListTagsForCertificate.ok",
    )
    with pytest.raises(AnsibleAWSError, match="FAILED ADDITIONAL_VERIFICATION_REQUIRED"):
        one.wait(one.read())


def test_request_that_acm_fails_is_not_repeated() -> None:
    module, one = certificate("acm.RequestCertificate.ok", "acm.DescribeCertificate.ok-failed")
    with pytest.raises(AnsibleAWSError, match=r"ACM refused .* ADDITIONAL_VERIFICATION_REQUIRED"):
        one.request()
    assert calls(module).count("acm.RequestCertificate") == 1


def test_request_that_acm_describes_late_is_followed_by_its_arn() -> None:
    missing, new = "acm.DescribeCertificate.ResourceNotFoundException", "acm.DescribeCertificate.ok-just-requested"
    module, one = certificate("acm.RequestCertificate.ok", missing, new, DESCRIBED)
    one.request()
    assert calls(module).count("acm.RequestCertificate") == 1


def test_records_of_a_certificate_that_another_run_requested_are_waited_for() -> None:
    new = "acm.DescribeCertificate.ok-just-requested"
    _module, one = certificate(
        "acm.ListCertificates.ok", new, new, new, DESCRIBED, "acm.ListTagsForCertificate.ok", wait=False
    )
    found = one.read()
    assert found
    assert found["validation_records"] == []
    assert one.plan(found) == []
    waited = one.wait(found)
    assert waited
    assert waited["validation_records"][0]["name"].endswith(f".{DOMAIN}.")


def test_records_of_a_certificate_that_fails_are_not_waited_for() -> None:
    new = "acm.DescribeCertificate.ok-just-requested"
    _module, one = certificate(
        "acm.ListCertificates.ok", new, "acm.DescribeCertificate.ok-failed", "acm.ListTagsForCertificate.ok", wait=False
    )
    found = one.read()
    assert found
    assert (one.wait(found) or {})["validation_records"] == []


def test_certificate_that_is_gone_is_deleted_without_an_error() -> None:
    _module, one = certificate("acm.DeleteCertificate.ResourceNotFoundException")
    one.delete("arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012")


def zone(*answers: Any, **options: Any) -> tuple[FixtureModule, route53_hosted_zone.HostedZone]:
    given = {"name": "example.com", "state": "present", "comment": None, "tags": TAGS, "purge_tags": True, **options}
    module = FixtureModule(given, *answers)
    return module, route53_hosted_zone.HostedZone(module)


def test_zone_in_route53s_answer_is_the_public_one_and_as_declared() -> None:
    _module, one = zone(
        "route53.ListHostedZonesByName.ok-private-twin",
        "route53.GetHostedZone.ok-public",
        "route53.ListTagsForResource.ok",
    )
    found = one.read()
    assert found
    assert found["id"] == "Z222222EXAMPLE"
    assert found["name_servers"] == ["ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net"]
    assert one.plan(found) == []


def test_zone_that_was_created_is_followed_by_its_id() -> None:
    module, one = zone(
        "route53.CreateHostedZone.ok", "route53.GetHostedZone.ok-public", "route53.ListTagsForResource.ok"
    )
    one.create()
    found = one.read()
    assert found
    assert found["id"] == "Z0123456789ABCDEFGHIJ"
    assert "route53.ListHostedZonesByName" not in calls(module)


def test_zone_with_a_spent_caller_reference_gets_the_next_one() -> None:
    nothing = changed("route53.ListHostedZonesByName.ok-private-twin", {"HostedZones": []})
    module, one = zone("route53.CreateHostedZone.HostedZoneAlreadyExists", "route53.CreateHostedZone.ok", nothing)
    one.create()
    references = [p["CallerReference"] for name, p in module.calls if name == "route53.CreateHostedZone"]
    assert references == ["example.com#1", "example.com#2"]


def test_zone_that_is_gone_is_deleted_without_an_error() -> None:
    _module, one = zone("route53.DeleteHostedZone.NoSuchHostedZone")
    one.delete("Z0123456789ABCDEFGHIJ")


ALIAS = {"zone_id": "Z2FDTNDATAQYW2", "dns_name": "d111111abcdef8.cloudfront.net"}


def records(*answers: Any, names: tuple[str, ...], **record: Any) -> tuple[FixtureModule, Any]:
    given = {"values": None, "ttl": 300, "alias_target": None, **record}
    options = {"zone_id": "Z0123456789ABCDEFGHIJ", "state": "present", "wait": True, "wait_timeout": 60}
    module = FixtureModule({**options, "records": [{**given, "name": name} for name in names]}, *answers)
    return module, route53_record_sets.RecordSets(module)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        (f"dev.{DOMAIN}", {"type": "A", "alias_target": ALIAS}),
        (f"dev.{DOMAIN}.", {"type": "AAAA", "alias_target": {**ALIAS, "dns_name": "D111111ABCDEF8.cloudfront.net."}}),
        (f"*.{DOMAIN}", {"type": "CNAME", "values": ["other.example.com."]}),
    ],
)
def test_record_in_route53s_answer_is_as_declared(name: str, record: dict[str, Any]) -> None:
    _module, one = records("route53.ListResourceRecordSets.ok", names=(name,), **record)
    assert one.plan(one.read()) == []


def test_record_that_may_not_be_read_or_followed_is_written() -> None:
    """The policy of a delegation role as AWS CDK creates it has ChangeResourceRecordSets only."""
    module, one = records(
        "route53.ListResourceRecordSets.AccessDenied",
        "route53.ChangeResourceRecordSets.ok",
        "route53.GetChange.AccessDenied",
        names=(DOMAIN,),
        type="NS",
        values=["ns-0.awsdns-00.com"],
    )
    one.apply(one.plan(one.read()))
    assert calls(module)[-2:] == ["route53.ChangeResourceRecordSets", "route53.GetChange"]
