"""CloudFront's rules that the sandbox adds to the emulator, over the real protocol, as the API answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .helpers.accounts import Account
from .helpers.distributions import small_distribution
from .helpers.module_cases import distribution
from .helpers.refusals import refuses
from .helpers.sandbox import Sandbox, wait_for


@pytest.fixture(scope="module", autouse=True)
def empty(sandbox: Sandbox) -> None:
    sandbox.reset()


@pytest.fixture
def cloudfront(sandbox: Sandbox) -> Any:
    return sandbox.client("alpha002", "cloudfront")


def test_distribution_that_names_what_does_not_exist_is_refused(sandbox: Sandbox, cloudfront: Any) -> None:
    create = cloudfront.create_distribution
    groups = {"behavior": {"TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": ["none"]}}}
    refuses("TrustedKeyGroupDoesNotExist", create, DistributionConfig=small_distribution("1", **groups))
    access = {"origin": {"OriginAccessControlId": "none"}}
    refuses("InvalidOriginAccessControl", create, DistributionConfig=small_distribution("2", **access))
    policy = {"behavior": {"CachePolicyId": "none"}}
    refuses("NoSuchCachePolicy", create, DistributionConfig=small_distribution("3", **policy))
    refuses("InvalidViewerCertificate", create, DistributionConfig=small_distribution("4", "a.example"))
    acm = sandbox.client("alpha002", "acm")
    arn = acm.request_certificate(DomainName="*.pending.example", ValidationMethod="DNS")["CertificateArn"]
    certificate = {"ViewerCertificate": {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}}
    pending = small_distribution("5", "a.pending.example", **certificate)
    refuses("InvalidViewerCertificate", create, DistributionConfig=pending)


def test_distribution_is_deleted_when_it_is_deployed_as_disabled(sandbox: Sandbox, cloudfront: Any) -> None:
    name = "arda-rules"
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": name, "SigningProtocol": "sigv4", "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )  # fmt: skip
    identifier = control["OriginAccessControl"]["Id"]
    made = cloudfront.create_distribution(
        DistributionConfig=small_distribution("life", origin={"OriginAccessControlId": identifier})
    )
    assert made["Distribution"]["Status"] == "InProgress"
    own = made["Distribution"]["Id"]
    wait_for(lambda: cloudfront.get_distribution(Id=own)["Distribution"]["Status"] == "Deployed")
    delete_control = {"Id": identifier, "IfMatch": control["ETag"]}
    refuses("OriginAccessControlInUse", cloudfront.delete_origin_access_control, **delete_control)
    answer = cloudfront.get_distribution_config(Id=own)
    refuses("DistributionNotDisabled", cloudfront.delete_distribution, Id=own, IfMatch=answer["ETag"])
    off = {**answer["DistributionConfig"], "Enabled": False}
    refuses("PreconditionFailed", cloudfront.update_distribution, Id=own, IfMatch="stale", DistributionConfig=off)
    etag = cloudfront.update_distribution(Id=own, IfMatch=answer["ETag"], DistributionConfig=off)["ETag"]
    refuses("DistributionNotDisabled", cloudfront.delete_distribution, Id=own, IfMatch=etag)
    wait_for(lambda: cloudfront.get_distribution(Id=own)["Distribution"]["Status"] == "Deployed")
    cloudfront.delete_distribution(Id=own, IfMatch=etag)
    cloudfront.delete_origin_access_control(**delete_control)


def test_distribution_is_returned_with_everything_filled_in(sandbox: Sandbox) -> None:
    cloudfront = Account(sandbox).client("cloudfront")
    methods = ["GET", "HEAD", "OPTIONS"]
    allowed = {"Quantity": 3, "Items": methods, "CachedMethods": {"Quantity": 2, "Items": methods[:2]}}
    responses = [{"ErrorCode": code, "ErrorCachingMinTTL": 5} for code in (500, 403)]
    sent = small_distribution(
        "one",
        behavior={"AllowedMethods": allowed},
        CustomErrorResponses={"Quantity": 2, "Items": responses},
        CacheBehaviors={"Quantity": 0, "Items": []},
    )
    created = cloudfront.create_distribution(DistributionConfig=sent)
    read = cloudfront.get_distribution(Id=created["Distribution"]["Id"])
    config = read["Distribution"]["DistributionConfig"]
    assert created["Distribution"]["DistributionConfig"] == config
    assert cloudfront.get_distribution_config(Id=created["Distribution"]["Id"])["DistributionConfig"] == config
    assert re.fullmatch(r"E[A-Z0-9]{13}", read["ETag"])
    assert read["ETag"] == created["ETag"]
    assert config["CacheBehaviors"] == config["Aliases"] == config["OriginGroups"] == {"Quantity": 0}
    assert (config["PriceClass"], config["HttpVersion"], config["Staging"]) == ("PriceClass_All", "http2", False)
    assert config["Logging"] == {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
    assert config["Restrictions"] == {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}
    assert config["ViewerCertificate"] == {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    }
    assert config["CustomErrorResponses"]["Items"] == [
        {"ErrorCode": code, "ErrorCachingMinTTL": 5, "ResponsePagePath": "", "ResponseCode": ""} for code in (403, 500)
    ]
    (origin,) = config["Origins"]["Items"]
    assert origin["S3OriginConfig"] == {"OriginAccessIdentity": "", "OriginReadTimeout": 30}
    assert (origin["OriginPath"], origin["ConnectionAttempts"], origin["ConnectionTimeout"]) == ("", 3, 10)
    assert (origin["OriginShield"], origin["CustomHeaders"]) == ({"Enabled": False}, {"Quantity": 0})
    assert origin["OriginAccessControlId"] == ""
    behavior = config["DefaultCacheBehavior"]
    assert behavior["AllowedMethods"]["Items"] == ["HEAD", "GET", "OPTIONS"]
    assert behavior["AllowedMethods"]["CachedMethods"]["Items"] == ["HEAD", "GET"]
    assert behavior["TrustedSigners"] == behavior["TrustedKeyGroups"] == {"Enabled": False, "Quantity": 0}
    assert behavior["FunctionAssociations"] == behavior["LambdaFunctionAssociations"] == {"Quantity": 0}
    assert (behavior["GrpcConfig"], behavior["FieldLevelEncryptionId"]) == ({"Enabled": False}, "")
    assert read["Distribution"]["ActiveTrustedKeyGroups"] == {"Enabled": False, "Quantity": 0}
    (listed,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    assert (listed["HttpVersion"], listed["Origins"]) == ("HTTP2", config["Origins"])


def test_distribution_that_is_sent_back_as_returned_is_accepted_and_stays_the_same(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    cloudfront = account.client("cloudfront")
    case = distribution(account)
    account.make(case.module, **case.options)
    (listed,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    before = cloudfront.get_distribution_config(Id=listed["Id"])
    config = before["DistributionConfig"]
    after = cloudfront.update_distribution(Id=listed["Id"], IfMatch=before["ETag"], DistributionConfig=config)
    assert after["Distribution"]["DistributionConfig"] == config
    arn = config["ViewerCertificate"]["ACMCertificateArn"]
    assert config["ViewerCertificate"]["Certificate"] == arn
    assert config["ViewerCertificate"]["CertificateSource"] == "acm"
    for wrong in ({"Certificate": f"{arn}x"}, {"CertificateSource": "iam"}, {"CloudFrontDefaultCertificate": True}):
        refuses(
            "InvalidViewerCertificate",
            cloudfront.update_distribution,
            Id=listed["Id"],
            IfMatch=after["ETag"],
            DistributionConfig={**config, "ViewerCertificate": {**config["ViewerCertificate"], **wrong}},
        )


CUSTOM_ORIGIN = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
CONTRADICTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "forwarded values": ("InvalidArgument", {"behavior": {"MinTTL": 0}}),
    "neither": ("InvalidArgument", {"behavior": {"CachePolicyId": ""}}),
    "methods": (
        "InvalidArgument",
        {
            "behavior": {
                "AllowedMethods": {
                    "Quantity": 2,
                    "Items": ["GET", "HEAD"],
                    "CachedMethods": {"Quantity": 3, "Items": ["GET", "HEAD", "OPTIONS"]},
                }
            }
        },
    ),
    "no such origin": ("NoSuchOrigin", {"behavior": {"TargetOriginId": "none"}}),
    "two origins": ("InvalidArgument", {"origin": {"CustomOriginConfig": CUSTOM_ORIGIN}}),
    "quantities": ("InconsistentQuantities", {"CacheBehaviors": {"Quantity": 1, "Items": []}}),
    "a dot": ("InvalidArgument", {"Aliases": {"Quantity": 1, "Items": ["a.example."]}}),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_distribution_that_contradicts_itself_is_refused(cloudfront: Any, name: str) -> None:
    code, changed = CONTRADICTIONS[name]
    refuses(code, cloudfront.create_distribution, DistributionConfig=small_distribution(name, **changed))


def test_origin_with_access_control_and_access_identity_is_refused(sandbox: Sandbox) -> None:
    cloudfront = Account(sandbox).client("cloudfront")
    config = {
        "Name": "c",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    control = cloudfront.create_origin_access_control(OriginAccessControlConfig=config)["OriginAccessControl"]["Id"]
    identity = {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"}
    origin = {"OriginAccessControlId": control, "S3OriginConfig": identity}
    refuses(
        "IllegalOriginAccessConfiguration",
        cloudfront.create_distribution,
        DistributionConfig=small_distribution("both", origin=origin),
    )


def test_caller_reference_creates_one_distribution_and_the_refusal_names_it(sandbox: Sandbox) -> None:
    cloudfront = Account(sandbox).client("cloudfront")
    config = small_distribution("once")
    identifier = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    refused = refuses("DistributionAlreadyExists", cloudfront.create_distribution, DistributionConfig=config)
    assert refused.response["Error"]["Message"].endswith(f"Already exists: {identifier}")


def test_aliases_are_kept_in_lower_case_and_belong_to_one_distribution(sandbox: Sandbox) -> None:
    account, other = Account(sandbox), Account(sandbox)
    case = distribution(account)
    made = account.make(case.module, **{**case.options, "aliases": [case.options["aliases"][0].upper() + "."]})
    assert made["distribution"]["config"]["aliases"] == case.options["aliases"]
    again = account.make(case.module, **{**case.options, "aliases": [case.options["aliases"][0].upper()]})
    assert again["changes"] == []
    alias = small_distribution("mine", case.options["aliases"][0].upper())
    refuses("CNAMEAlreadyExists", other.client("cloudfront").create_distribution, DistributionConfig=alias)


def test_listing_is_shown_page_by_page(sandbox: Sandbox) -> None:
    cloudfront = Account(sandbox).client("cloudfront")
    made = {
        cloudfront.create_distribution(DistributionConfig=small_distribution(str(n)))["Distribution"]["Id"]
        for n in range(5)
    }
    first = cloudfront.list_distributions(MaxItems="2")["DistributionList"]
    assert (first["IsTruncated"], first["Quantity"], len(first["Items"])) == (True, 2, 2)
    pages = cloudfront.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 2})
    assert {item["Id"] for page in pages for item in page["DistributionList"]["Items"]} == made


def test_certificate_is_refused_for_a_while_after_it_is_issued(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    case = distribution(account)
    arn = case.options["config"]["viewer_certificate"]["acm_certificate_arn"]
    certificate = {"ViewerCertificate": {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}}
    cloudfront = account.client("cloudfront")
    with sandbox.delays(certificate_known_to_cloudfront=12):
        config = small_distribution("early", case.options["aliases"][0], **certificate)
        refused = refuses("InvalidViewerCertificate", cloudfront.create_distribution, DistributionConfig=config)
        assert "doesn't exist, isn't in us-east-1" in refused.response["Error"]["Message"]
        made = account.make(case.module, **case.options)
    assert made["changed"] is True
