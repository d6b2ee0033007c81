"""CloudFront's modules on CloudFront's own answers: the role's declaration is unchanged, a difference is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils import _aws
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.resource import NamedConfig
from ansible_collections.arda.image_upload.plugins.module_utils._shared_reads import shared_reads
from ansible_collections.arda.image_upload.plugins.modules import (
    cloudfront_distribution,
    cloudfront_origin_access_control,
    cloudfront_response_headers_policy,
)

from ...helpers.aws_fixtures import FixtureModule, answer, changed

ROLE = Path(__file__).resolve().parents[4] / "roles/image_partition/tasks/distribution.yml"
FOUND = ("cloudfront.ListDistributions.ok", "cloudfront.ListTagsForResource.ok")
THERE = (*FOUND, "cloudfront.GetDistribution.ok")
NOTHING = changed("cloudfront.ListDistributions.ok", {"DistributionList.Items": [], "DistributionList.Quantity": 0})
CERTIFICATE = answer("cloudfront.GetDistribution.ok").document["response"]["Distribution"]["DistributionConfig"][
    "ViewerCertificate"
]["ACMCertificateArn"]
#: What the role's expressions stand for in the fixtures, by how they end.
VALUES = {
    "_names.origin_access_control": "Images-dev-images",
    "_names.response_headers_policy": "Images-dev-images",
    "__image_partition_bucket": "images-dev-image-asset-bucket",
    "__image_partition_host": "dev.images.example.com",
    "__image_partition_prefix": "Images-dev",
    "image_partition_region": "us-east-1",
    "origin_access_control.id": "E1PA6795EXAMPLE",
    "response_headers_policy.id": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
    "signing_key.key_group_id": "b70af8b9-7f1e-4e5a-9c07-0f3a1b2c3d4e",
    "_partition_certificate_arn": CERTIFICATE,
}


def declared(module: str) -> dict[str, Any]:
    """The options with which the role runs a module."""
    text = ROLE.read_text()
    for end, value in VALUES.items():
        text = re.sub(r"\{\{ [\w.]*" + re.escape(end) + r" \}\}", value, text)
    (task,) = [task for task in yaml.safe_load(text) if f"arda.image_upload.{module}" in task]
    options = task[f"arda.image_upload.{module}"]
    if module == "cloudfront_response_headers_policy":
        cors = task["vars"]["__image_partition_cors_config"]
        options["cors_config"] = {**cors, "access_control_allow_origins": ["https://app.example.com"]}
    if module == "cloudfront_distribution":
        omitted = ("price_class", "web_acl_id")  # their inputs are empty by default
        options["config"] = {name: value for name, value in options["config"].items() if name not in omitted}
        options["tags"] = {"Infrastructure": "Images", "Partition": "dev", "ManagedBy": "ansible"}
    assert "{{" not in yaml.safe_dump(options), "an expression that VALUES does not name"
    return options


def distribution(*answers: Any, **options: Any) -> tuple[FixtureModule, cloudfront_distribution.Distribution]:
    given = {"state": "present", "wait": False, "wait_timeout": 60, "purge_tags": True, "tags": None}
    module = FixtureModule({**given, **declared("cloudfront_distribution"), **options}, *answers)
    return module, cloudfront_distribution.Distribution(module)


def sent(module: FixtureModule, operation: str) -> dict[str, Any]:
    (parameters,) = [parameters for name, parameters in module.calls if name == f"cloudfront.{operation}"]
    return parameters


def control(*answers: Any, **options: Any) -> tuple[FixtureModule, NamedConfig]:
    given = {"state": "present", **declared("cloudfront_origin_access_control"), **options}
    config = {
        "description": given["description"],
        "origin_access_control_origin_type": "s3",
        "signing_behavior": "always",
        "signing_protocol": "sigv4",
    }
    module = FixtureModule(given, *answers)
    kind, listed = cloudfront_origin_access_control.KIND, cloudfront_origin_access_control.listed
    return module, NamedConfig(module, kind, config, listed)


def policy(*answers: Any, **options: Any) -> tuple[FixtureModule, NamedConfig]:
    given = {"state": "present", **declared("cloudfront_response_headers_policy"), **options}
    config = {name: given.get(name) for name in cloudfront_response_headers_policy.CONFIG}
    module = FixtureModule(given, *answers)
    kind, listed = cloudfront_response_headers_policy.KIND, cloudfront_response_headers_policy.listed
    return module, NamedConfig(module, kind, config, listed)


NAMED: dict[str, Any] = {
    "control": (control, "OriginAccessControl", "ListOriginAccessControls", "OriginAccessControlList", "description"),
    "policy": (policy, "ResponseHeadersPolicy", "ListResponseHeadersPolicies", "ResponseHeadersPolicyList", "comment"),
}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_aws.time, "sleep", lambda _seconds: None)


def test_distribution_as_the_role_declares_it_is_unchanged() -> None:
    _module, resource = distribution(*THERE)
    state = resource.read()
    assert resource.plan(state) == []
    assert resource.result(state)["distribution"]["id"] == "EDFDVBD6EXAMPLE"
    assert resource.result(state)["distribution"]["config"]["http_version"] == "http2and3"


@pytest.mark.parametrize(
    ("field", "value"),
    [("Comment", "other"), ("Enabled", False), ("ViewerCertificate.MinimumProtocolVersion", "TLSv1"),
     ("DefaultCacheBehavior.TrustedKeyGroups", {"Enabled": False, "Quantity": 0}),
     ("DefaultCacheBehavior.TrustedSigners", {"Enabled": True, "Quantity": 1, "Items": ["444455556666"]}),
     ("Origins.Items.0.OriginAccessControlId", "")],
)  # fmt: skip
def test_distribution_that_differs_in_one_field_is_updated(field: str, value: Any) -> None:
    there = changed("cloudfront.GetDistribution.ok", {f"Distribution.DistributionConfig.{field}": value})
    _module, resource = distribution(*FOUND, there)
    assert [change.method for change in resource.plan(resource.read())] == ["update"]


def test_distribution_of_others_is_taken_over_without_what_it_excludes() -> None:
    module, resource = distribution(*FOUND, "cloudfront.GetDistribution.ok-adopted", "cloudfront.UpdateDistribution.ok")
    before = resource.read()
    assert [change.method for change in resource.plan(before)] == ["update"]
    resource.update()
    config = sent(module, "UpdateDistribution")["DistributionConfig"]
    assert config["ViewerCertificate"] == {
        "ACMCertificateArn": CERTIFICATE,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    behavior = config["DefaultCacheBehavior"]
    assert not {"ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"} & set(behavior)
    assert behavior["TrustedSigners"] == {"Enabled": False, "Quantity": 0}
    (origin,) = config["Origins"]["Items"]
    assert origin["OriginAccessControlId"] == "E1PA6795EXAMPLE"
    assert origin["S3OriginConfig"]["OriginAccessIdentity"] == ""
    assert config["CallerReference"] == "1553000000"
    assert config["CustomErrorResponses"] == {"Quantity": 0}


def test_distribution_that_is_created_is_read_by_its_id() -> None:
    """The listing stays empty: it may lag behind."""
    module, resource = distribution(
        NOTHING,
        "cloudfront.CreateDistributionWithTags.ok",
        "cloudfront.GetDistribution.ok",
        "cloudfront.ListTagsForResource.ok",
    )
    before = resource.read()
    assert resource.predict(before)["id"] == "(known after apply)"  # type: ignore[index]
    assert [change.method for change in resource.plan(before)] == ["create"]
    resource.create()
    assert resource.result(resource.read())["distribution"]["id"] == "EDFDVBD6EXAMPLE"
    wanted = sent(module, "CreateDistributionWithTags")["DistributionConfigWithTags"]
    assert wanted["DistributionConfig"]["CallerReference"] == "dev.images.example.com#1"
    assert {tag["Key"] for tag in wanted["Tags"]["Items"]} == {"Infrastructure", "Partition", "ManagedBy"}


def test_distribution_that_a_lost_answer_created_is_found_by_the_id_in_the_refusal() -> None:
    module, resource = distribution(
        NOTHING,
        "cloudfront.CreateDistributionWithTags.DistributionAlreadyExists",
        "cloudfront.GetDistribution.ok",
        "cloudfront.ListTagsForResource.ok",
    )
    resource.create()
    assert resource.read()["id"] == "EDFDVBD6EXAMPLE"  # type: ignore[index]
    assert "cloudfront.UpdateDistribution" not in [name for name, _parameters in module.calls]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["cloudfront.CreateDistributionWithTags.AccessDenied"], "AWS Support has verified it"),
        (["cloudfront.CreateDistributionWithTags.CNAMEAlreadyExists"], "perhaps in another account"),
        (
            ["cloudfront.CreateDistributionWithTags.InvalidViewerCertificate", "certificate PENDING_VALIDATION"],
            "expected status ISSUED in ACM, found PENDING_VALIDATION",
        ),
        (
            ["cloudfront.CreateDistributionWithTags.InvalidViewerCertificate", "certificate *.other.example.com"],
            "that covers dev.images.example.com, found one for",
        ),
    ],
)
def test_distribution_that_is_refused_says_why_and_what_to_do(
    answers: list[str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _module, resource = distribution(NOTHING, answers[0])
    if len(answers) > 1:
        word = answers[1].split()[1]
        pending = word == "PENDING_VALIDATION"
        certificate = {
            "Status": word if pending else "ISSUED",
            "SubjectAlternativeNames": ["*.images.example.com" if pending else word],
        }
        acm = resource._distributions._acm
        monkeypatch.setattr(acm, "call", lambda *_arguments, **_more: {"Certificate": certificate})
    monkeypatch.setattr(
        "ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.distributions.LISTED_SECONDS", 0
    )
    with pytest.raises(AnsibleAWSError, match=expected):
        resource.create()


def test_distribution_whose_certificate_cloudfront_does_not_know_yet_is_created_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = "cloudfront.CreateDistributionWithTags.InvalidViewerCertificate"
    module, resource = distribution(NOTHING, refused, refused, "cloudfront.CreateDistributionWithTags.ok")
    certificate = {"Status": "ISSUED", "SubjectAlternativeNames": ["*.images.example.com"]}
    acm = resource._distributions._acm
    monkeypatch.setattr(acm, "call", lambda *_arguments, **_more: {"Certificate": certificate})
    resource.create()
    assert [name for name, _arguments in module.calls].count("cloudfront.CreateDistributionWithTags") == 3


def test_distribution_that_another_writer_changes_meanwhile_is_disabled_before_it_is_deleted() -> None:
    disabled = changed("cloudfront.GetDistribution.ok", {"Distribution.DistributionConfig.Enabled": False})
    module, resource = distribution(
        *FOUND,
        "cloudfront.GetDistribution.ok",
        "cloudfront.GetDistribution.ok",
        disabled,
        "cloudfront.UpdateDistribution.PreconditionFailed",
        "cloudfront.UpdateDistribution.ok",
        "cloudfront.DeleteDistribution.DistributionNotDisabled",
        "cloudfront.DeleteDistribution.PreconditionFailed",
        "cloudfront.DeleteDistribution.ok",
        state="absent",
    )
    resource.delete()
    names = [name for name, _parameters in module.calls]
    assert (names.count("cloudfront.UpdateDistribution"), names.count("cloudfront.DeleteDistribution")) == (2, 3)


def test_distribution_that_is_deleted_while_a_run_waits_ends_the_wait() -> None:
    _module, resource = distribution(*THERE, "cloudfront.GetDistribution.NoSuchDistribution", wait=True)
    with pytest.raises(AnsibleAWSError, match="was deleted while this run waited"):
        resource.wait(resource.read())


def test_distribution_is_waited_for_until_it_is_deployed() -> None:
    progress = changed("cloudfront.GetDistribution.ok", {"Distribution.Status": "InProgress"})
    _module, resource = distribution(*FOUND, progress, progress, "cloudfront.GetDistribution.ok", wait=True)
    state = resource.read()
    assert resource.result(state)["distribution"]["status"] == "InProgress"
    assert resource.wait(state)["status"] == "Deployed"  # type: ignore[index]


@pytest.mark.parametrize("name", NAMED)
def test_named_configuration_as_the_role_declares_it_is_unchanged(name: str) -> None:
    make, noun, listing, _list, _field = NAMED[name]
    _module, resource = make(f"cloudfront.{listing}.ok", f"cloudfront.Get{noun}.ok")
    state = resource.read()
    assert resource.plan(state) == []
    assert resource.predict(state) == state


@pytest.mark.parametrize("name", NAMED)
def test_named_configuration_that_differs_is_updated_once_the_newest_is_read(name: str) -> None:
    make, noun, listing, _list, field = NAMED[name]
    module, resource = make(
        f"cloudfront.{listing}.ok",
        f"cloudfront.Get{noun}.ok",
        f"cloudfront.Update{noun}.PreconditionFailed",
        f"cloudfront.Update{noun}.ok",
        **{field: "other"},
    )
    assert [change.method for change in resource.plan(resource.read())] == ["update"]
    resource.update()
    assert [name for name, _parameters in module.calls].count(f"cloudfront.Update{noun}") == 2


@pytest.mark.parametrize("name", NAMED)
def test_named_configuration_that_is_created_is_read_by_its_id(name: str) -> None:
    make, noun, listing, listed, _field = NAMED[name]
    nothing = changed(f"cloudfront.{listing}.ok", {f"{listed}.Items": [], f"{listed}.Quantity": 0})
    _module, resource = make(nothing, f"cloudfront.Create{noun}.ok", f"cloudfront.Get{noun}.ok")
    before = resource.read()
    assert resource.predict(before)["id"] == "(known after apply)"
    resource.create()
    assert resource.read()["id"] == answer(f"cloudfront.Get{noun}.ok").document["response"][noun]["Id"]


@pytest.mark.parametrize("name", NAMED)
def test_named_configuration_that_exists_and_is_not_listed_yet_is_waited_for(name: str) -> None:
    make, noun, listing, listed, _field = NAMED[name]
    nothing = changed(f"cloudfront.{listing}.ok", {f"{listed}.Items": [], f"{listed}.Quantity": 0})
    _module, resource = make(
        nothing,
        f"cloudfront.{listing}.ok",
        f"cloudfront.Create{noun}.{noun}AlreadyExists",
        f"cloudfront.Get{noun}.ok",
    )
    assert resource.read() is None
    resource.create()
    assert resource.read() is not None


@pytest.mark.parametrize("name", NAMED)
def test_named_configuration_is_deleted_in_its_newest_version(name: str) -> None:
    make, noun, listing, _list, _field = NAMED[name]
    module, resource = make(
        f"cloudfront.{listing}.ok",
        f"cloudfront.Get{noun}.ok",
        f"cloudfront.Delete{noun}.PreconditionFailed",
        f"cloudfront.Delete{noun}.NoSuch{noun}",
        state="absent",
    )
    resource.delete()
    assert [name for name, _parameters in module.calls].count(f"cloudfront.Delete{noun}") == 2


@pytest.mark.parametrize("name", NAMED)
def test_named_configuration_that_is_gone_at_the_second_read_is_created(name: str) -> None:
    make, noun, listing, _list, _field = NAMED[name]
    _module, resource = make(f"cloudfront.{listing}.ok", f"cloudfront.Get{noun}.NoSuch{noun}")
    assert [change.method for change in resource.plan(resource.read())] == ["create"]


@pytest.mark.parametrize("name", NAMED)
def test_named_configuration_is_in_a_look_read_from_the_listing(name: str) -> None:
    make, noun, listing, _list, _field = NAMED[name]
    module, resource = make(f"cloudfront.{listing}.ok", f"cloudfront.Get{noun}.ok")
    itself = resource.read()
    with shared_reads():
        listed = resource.read()
    assert {**itself, "etag": ""} == {**listed, "etag": ""}
    called = [name.partition(".")[2] for name, _parameters in module.calls]
    assert called == [listing, f"Get{noun}", listing]


def test_distribution_update_with_an_alias_of_another_distribution_says_so() -> None:
    _module, resource = distribution(
        *FOUND, "cloudfront.GetDistribution.ok-adopted", "cloudfront.UpdateDistribution.CNAMEAlreadyExists"
    )
    with pytest.raises(AnsibleAWSError, match="belongs to another, perhaps in another account"):
        resource.update()
