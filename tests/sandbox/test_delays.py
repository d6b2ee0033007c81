"""The delays of AWS's slow steps: set while the sandbox runs, and a listing that lags behind."""

from __future__ import annotations

import json
import urllib.error
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import generate, public_half
from arda_sandbox.settings import DELAYS

from .helpers.accounts import Account
from .helpers.distributions import small_distribution
from .helpers.sandbox import Sandbox, wait_for


def test_delays_are_set_at_run_time_and_restored_by_a_reset(sandbox: Sandbox) -> None:
    first = sandbox.control("delays", "GET")
    assert set(first) == set(DELAYS)
    assert sandbox.control("delays", document={"deploy": 5}) == {**first, "deploy": 5}
    sandbox.reset()
    assert sandbox.control("delays", "GET") == first
    with sandbox.delays(deploy=4):
        assert sandbox.control("delays", "GET")["deploy"] == 4
        assert sandbox.control("delays", "DELETE") == first


@pytest.mark.parametrize("document", [{"deploi": 1}, {"deploy": "abc"}, {"deploy": -1}, ["deploy"], 5])
def test_delays_that_cannot_be_are_refused_with_the_reason(sandbox: Sandbox, document: Any) -> None:
    before = sandbox.control("delays", "GET")
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.control("delays", document=document)
    assert refused.value.code == 400
    assert "delay" in json.load(refused.value)["error"]
    assert sandbox.control("delays", "GET") == before


def test_status_shows_the_delays(sandbox: Sandbox) -> None:
    with sandbox.delays(deploy=5):
        shown = sandbox.command("status").stdout
    assert "running (process" in shown
    for name, delay in DELAYS.items():
        assert name in shown
        assert delay.step in shown
    assert "   5 s" in shown


@pytest.mark.parametrize(
    ("variable", "value"), [("ARDA_SANDBOX_DEPLOY_SECONDS", "abc"), ("ARDA_SANDBOX_API_PORT", "70000")]
)
def test_command_with_an_odd_setting_ends_with_one_line(sandbox: Sandbox, variable: str, value: str) -> None:
    one = Sandbox(sandbox.directory, sandbox.shared, {**sandbox.environment, variable: value})
    for command in ("start", "status"):
        refused = one.command(command)
        assert refused.returncode == 1
        assert variable in refused.stderr
        assert value in refused.stderr
        assert len(refused.stderr.splitlines()) == 1


def created(account: Account) -> dict[str, tuple[Any, Any]]:
    """Of each kind a new resource: how it is listed, and how it is read by its id."""
    cloudfront, route53, acm = account.client("cloudfront"), account.client("route53"), account.client("acm")
    distribution = cloudfront.create_distribution(DistributionConfig=small_distribution("d"))["Distribution"]["Id"]
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "c",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]
    policy = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig={"Name": "p"})
    policy_id = policy["ResponseHeadersPolicy"]["Id"]
    zone = route53.create_hosted_zone(Name=f"a{account.number}.example", CallerReference=account.number)["HostedZone"]
    arn = acm.request_certificate(DomainName="a.example", ValidationMethod="DNS")["CertificateArn"]

    def policies() -> list[str]:
        listed = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
        assert listed["Quantity"] == len(listed.get("Items", []))
        return [item["ResponseHeadersPolicy"]["Id"] for item in listed.get("Items", [])]

    return {
        distribution: (
            lambda: [d["Id"] for d in cloudfront.list_distributions()["DistributionList"].get("Items", [])],
            lambda: cloudfront.get_distribution(Id=distribution),
        ),
        control: (
            lambda: [
                c["Id"] for c in cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items", [])
            ],
            lambda: cloudfront.get_origin_access_control(Id=control),
        ),
        policy_id: (policies, lambda: cloudfront.get_response_headers_policy(Id=policy_id)),
        zone["Id"]: (
            lambda: [z["Id"] for z in route53.list_hosted_zones_by_name(DNSName=zone["Name"])["HostedZones"]],
            lambda: route53.get_hosted_zone(Id=zone["Id"]),
        ),
        arn: (
            lambda: [c["CertificateArn"] for c in acm.list_certificates()["CertificateSummaryList"]],
            lambda: acm.describe_certificate(CertificateArn=arn),
        ),
        **created_keys(cloudfront),
    }


def created_keys(cloudfront: Any) -> dict[str, tuple[Any, Any]]:
    pem = public_half(generate("ecdsa-p256"))
    config = {"CallerReference": "k", "Name": "k", "EncodedKey": pem}
    key = cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": "g", "Items": [key]})["KeyGroup"]["Id"]
    return {
        key: (
            lambda: [k["Id"] for k in cloudfront.list_public_keys()["PublicKeyList"].get("Items", [])],
            lambda: cloudfront.get_public_key(Id=key),
        ),
        group: (
            lambda: [g["KeyGroup"]["Id"] for g in cloudfront.list_key_groups()["KeyGroupList"].get("Items", [])],
            lambda: cloudfront.get_key_group(Id=group),
        ),
    }


def test_listing_lags_behind_a_creation_and_a_read_by_id_does_not(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    older = created(account)
    for identifier, (listed, _read) in older.items():
        assert identifier in listed()
    later = Account(sandbox)
    with sandbox.delays(visibility=2):
        newer = created(later)
        for identifier, (listed, read) in newer.items():
            assert identifier not in listed()
            read()
        wait_for(lambda: all(identifier in listed() for identifier, (listed, _read) in newer.items()), 5)
