"""cloudfront_distribution on distributions as other people made them, and while CloudFront shows late what was done."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers.accounts import Account
from .helpers.distributions import small_distribution
from .helpers.module_cases import ModuleCase, access_control, distribution, headers_policy
from .helpers.sandbox import Sandbox, wait_for


def with_certificate(case: ModuleCase, arn: str) -> dict[str, Any]:
    config = case.options["config"]
    return {
        **case.options,
        "config": {**config, "viewer_certificate": {**config["viewer_certificate"], "acm_certificate_arn": arn}},
    }


def another_certificate(account: Account) -> str:
    """The ARN of another certificate for the account's domain, which the record in DNS proves as well."""
    acm, domain = account.client("acm"), f"a{account.number}.example"
    arn = acm.request_certificate(
        DomainName=f"*.{domain}", SubjectAlternativeNames=[domain], ValidationMethod="DNS", IdempotencyToken="another"
    )["CertificateArn"]
    wait_for(lambda: acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "ISSUED")
    return arn


def created(account: Account) -> dict[str, Any]:
    cloudfront = account.client("cloudfront")
    (listed,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    return cloudfront.get_distribution_config(Id=listed["Id"])["DistributionConfig"]


def test_distribution_gets_another_certificate(sandbox: Sandbox) -> None:
    case = distribution(account := Account(sandbox))
    account.make(case.module, **case.options)
    options = with_certificate(case, another_certificate(account))
    assert account.make(case.module, **options)["changes"] == [f"update distribution {case.options['aliases'][0]}"]
    certificate = created(account)["ViewerCertificate"]
    assert certificate["Certificate"] == certificate["ACMCertificateArn"]
    assert certificate["ACMCertificateArn"] == options["config"]["viewer_certificate"]["acm_certificate_arn"]
    assert account.make(case.module, **options)["changes"] == []


def test_distribution_that_others_made_trusts_and_caches_as_declared(sandbox: Sandbox) -> None:
    case = distribution(account := Account(sandbox))
    certificate = {
        "ACMCertificateArn": another_certificate(account),
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.1_2016",
    }
    behavior = {
        "TargetOriginId": "bucket",
        "ViewerProtocolPolicy": "allow-all",
        "ForwardedValues": {"QueryString": True, "Cookies": {"Forward": "all"}},
        "MinTTL": 0,
        "TrustedSigners": {"Enabled": True, "Quantity": 2, "Items": ["self", "111122223333"]},
    }
    identity = {"OriginAccessIdentity": "origin-access-identity/cloudfront/E127EXAMPLE51Z"}
    origin = {"Id": "bucket", "DomainName": "images.s3.amazonaws.com", "S3OriginConfig": identity}
    old = small_distribution("old", case.options["aliases"][0], origin=origin, ViewerCertificate=certificate)
    account.client("cloudfront").create_distribution(DistributionConfig={**old, "DefaultCacheBehavior": behavior})
    control = account.make("cloudfront_origin_access_control", name="images")["origin_access_control"]["id"]
    config = case.options["config"]
    access = {"id": "bucket", "domain_name": "images.s3.us-east-1.amazonaws.com", "origin_access_control_id": control}
    declared = {
        **config,
        "origins": [access],
        "default_cache_behavior": {**config["default_cache_behavior"], "trusted_key_groups": []},
    }
    options = {**case.options, "config": declared}
    assert account.make(case.module, **options)["changed"] is True
    found = created(account)
    assert found["CallerReference"] == "old"
    assert found["DefaultCacheBehavior"]["TrustedSigners"] == {"Enabled": False, "Quantity": 0}
    assert "ForwardedValues" not in found["DefaultCacheBehavior"]
    assert found["Origins"]["Items"][0]["S3OriginConfig"]["OriginAccessIdentity"] == ""
    assert account.make(case.module, **options)["changes"] == []


def test_distribution_whose_lists_cloudfront_sorts_is_unchanged_at_the_second_run(sandbox: Sandbox) -> None:
    case = distribution(account := Account(sandbox))
    config = case.options["config"]
    headers = [{"header_name": name, "header_value": "x"} for name in ("X-Two", "X-One")]
    plain = {"domain_name": "images.s3.us-east-1.amazonaws.com", "s3_origin_config": {"origin_access_identity": ""}}
    functions = [
        {"event_type": event, "function_arn": "arn:aws:cloudfront::111122223333:function/x"}
        for event in ("viewer-response", "viewer-request")
    ]
    options = {
        **case.options,
        "config": {
            **config,
            "origins": [
                {**plain, "id": "bucket", "custom_headers": headers},
                {**plain, "id": "another", "domain_name": "another.s3.us-east-1.amazonaws.com"},
            ],
            "default_cache_behavior": {
                **config["default_cache_behavior"],
                "allowed_methods": {"items": ["OPTIONS", "GET", "HEAD"], "cached_methods": ["GET", "HEAD"]},
                "function_associations": functions,
            },
            "custom_error_responses": [{"error_code": code, "error_caching_min_ttl": 5} for code in (500, 404, 403)],
        },
    }
    account.make(case.module, **options)
    again = account.make(case.module, **options)
    assert again["changes"] == []


@pytest.mark.parametrize("make", [distribution, access_control, headers_policy])
def test_module_follows_what_it_creates_although_the_listing_lags_behind(sandbox: Sandbox, make: Any) -> None:
    case = make(account := Account(sandbox))
    key = case.module.removeprefix("cloudfront_")
    predicted = account.make(case.module, _ansible_check_mode=True, **case.options)
    assert predicted[key]["id"] == "(known after apply)"
    with sandbox.delays(visibility=3):
        first = account.make(case.module, **case.options)
        second = account.make(case.module, **case.options)
    assert first[key]["id"]
    assert second[key]["id"] == first[key]["id"]
    third = account.make(case.module, **case.options)
    assert (third["changes"], third[key]["id"]) == ([], first[key]["id"])
