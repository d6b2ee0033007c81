"""CloudFront's rules that the sandbox adds to the emulator, over the real protocol, as the API answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront import signature
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.http import REFUSALS, Viewer
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import generate, public_half
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .helpers.accounts import Account
from .helpers.distributions import small_distribution
from .helpers.module_cases import distribution
from .helpers.sandbox import Sandbox, wait_for


@pytest.fixture(scope="module", autouse=True)
def empty(sandbox: Sandbox) -> None:
    sandbox.reset()


@pytest.fixture
def cloudfront(sandbox: Sandbox) -> Any:
    return sandbox.client("alpha002", "cloudfront")


def refuses(code: str, call: Callable, **parameters: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value


def pem(key: Any) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


RSA_2048 = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
P_256 = pem(ec.generate_private_key(ec.SECP256R1()))


def new_key(cloudfront: Any, name: str, encoded: str = P_256) -> str:
    config = {"CallerReference": f"ref-{name}", "Name": name, "EncodedKey": encoded}
    return cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]


@pytest.mark.parametrize(
    "encoded",
    [
        "no key",
        pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        pem(rsa.generate_private_key(public_exponent=65537, key_size=4096)),
        pem(ec.generate_private_key(ec.SECP384R1())),
        RSA_2048.replace("PUBLIC", "RSA PUBLIC"),
    ],
    ids=["text", "rsa 1024", "rsa 4096", "p-384", "pkcs1"],
)
def test_cloudfront_takes_rsa_2048_and_p_256_alone(cloudfront: Any, encoded: str) -> None:
    refuses("InvalidArgument", new_key, cloudfront=cloudfront, name="bad", encoded=encoded)


def test_public_keys_and_key_groups(sandbox: Sandbox) -> None:
    cloudfront = sandbox.client("kyle", "cloudfront")
    ids = [new_key(cloudfront, f"k{number}", RSA_2048 if number else P_256) for number in range(10)]
    refuses("TooManyPublicKeys", new_key, cloudfront=cloudfront, name="one more")
    again = {"CallerReference": "ref-k0", "Name": "other", "EncodedKey": P_256}
    refuses("PublicKeyAlreadyExists", cloudfront.create_public_key, PublicKeyConfig=again)
    answer = cloudfront.get_public_key(Id=ids[0])
    changed = {**answer["PublicKey"]["PublicKeyConfig"], "EncodedKey": RSA_2048}
    update = {"Id": ids[0], "IfMatch": answer["ETag"]}
    refuses("CannotChangeImmutablePublicKeyFields", cloudfront.update_public_key, **update, PublicKeyConfig=changed)

    create = cloudfront.create_key_group
    refuses("TooManyPublicKeysInKeyGroup", create, KeyGroupConfig={"Name": "six", "Items": ids[:6]})
    group = create(KeyGroupConfig={"Name": "five", "Items": ids[:5]})
    refuses("KeyGroupAlreadyExists", create, KeyGroupConfig={"Name": "five", "Items": ids[:1]})
    refuses("PublicKeyInUse", cloudfront.delete_public_key, Id=ids[0], IfMatch=answer["ETag"])
    smaller = {"Id": group["KeyGroup"]["Id"], "KeyGroupConfig": {"Name": "five", "Items": ids[:4]}}
    refuses("InvalidIfMatchVersion", cloudfront.update_key_group, **smaller)
    refuses("PreconditionFailed", cloudfront.update_key_group, **smaller, IfMatch="stale")
    for number in range(9):
        create(KeyGroupConfig={"Name": f"g{number}", "Items": ids[:1]})
    refuses("TooManyKeyGroups", create, KeyGroupConfig={"Name": "one more", "Items": ids[:1]})


def test_a_distribution_names_only_what_exists(sandbox: Sandbox, cloudfront: Any) -> None:
    create = cloudfront.create_distribution
    groups = {"behavior": {"TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": ["none"]}}}
    refuses("TrustedKeyGroupDoesNotExist", create, DistributionConfig=small_distribution("1", **groups))
    access = {"origin": {"OriginAccessControlId": "none"}}
    refuses("InvalidOriginAccessControl", create, DistributionConfig=small_distribution("2", **access))
    policy = {"behavior": {"CachePolicyId": "none"}}
    refuses("NoSuchCachePolicy", create, DistributionConfig=small_distribution("3", **policy))
    refuses("InvalidViewerCertificate", create, DistributionConfig=small_distribution("4", "a.example"))
    acm = sandbox.client("alpha002", "acm")
    arn = acm.request_certificate(DomainName="*.example", ValidationMethod="DNS")["CertificateArn"]
    certificate = {"ViewerCertificate": {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}}
    refuses("InvalidViewerCertificate", create, DistributionConfig=small_distribution("5", "a.example", **certificate))


def test_the_life_of_a_distribution(sandbox: Sandbox, cloudfront: Any) -> None:
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


# -- Redeployment and the edge


def new_distribution(account: Account, **changed: Any) -> tuple[str, str]:
    """The id and the domain name of a deployed distribution."""
    cloudfront = account.client("cloudfront")
    made = cloudfront.create_distribution(DistributionConfig=small_distribution("one", **changed))["Distribution"]
    wait_for(lambda: cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] == "Deployed")
    return made["Id"], made["DomainName"]


def trusting(group: str) -> dict[str, Any]:
    return {"TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": [group]}}


def change_key_group(cloudfront: Any, group: str, keys: list[str]) -> None:
    answer = cloudfront.get_key_group(Id=group)
    config = {**answer["KeyGroup"]["KeyGroupConfig"], "Items": keys}
    cloudfront.update_key_group(Id=group, IfMatch=answer["ETag"], KeyGroupConfig=config)


def change_headers_policy(cloudfront: Any, policy: str) -> None:
    answer = cloudfront.get_response_headers_policy(Id=policy)
    config = {**answer["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"], "Comment": "changed"}
    cloudfront.update_response_headers_policy(Id=policy, IfMatch=answer["ETag"], ResponseHeadersPolicyConfig=config)


def new_headers_policy(cloudfront: Any) -> str:
    override = {"ContentTypeOptions": {"Override": True}}
    config = {"Name": "policy", "SecurityHeadersConfig": override}
    made = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    return made["ResponseHeadersPolicy"]["Id"]


@pytest.mark.parametrize("kind", ["key group", "response headers policy"])
def test_distribution_that_uses_what_changes_is_redeployed(sandbox: Sandbox, kind: str) -> None:
    account = Account(sandbox)
    cloudfront = account.client("cloudfront")
    if kind == "key group":
        keys = [new_key(cloudfront, name) for name in ("one", "two")]
        used = cloudfront.create_key_group(KeyGroupConfig={"Name": "g", "Items": keys[:1]})["KeyGroup"]["Id"]
        behavior = trusting(used)
    else:
        used = new_headers_policy(cloudfront)
        behavior = {"ResponseHeadersPolicyId": used}
    using, _domain = new_distribution(account, behavior=behavior)
    other = cloudfront.create_distribution(DistributionConfig=small_distribution("two"))["Distribution"]["Id"]
    before = {one: cloudfront.get_distribution(Id=one) for one in (using, other)}
    with sandbox.delays(deploy=1):
        if kind == "key group":
            change_key_group(cloudfront, used, keys)
        else:
            change_headers_policy(cloudfront, used)
        after = {one: cloudfront.get_distribution(Id=one) for one in (using, other)}
    assert after[using]["Distribution"]["Status"] == "InProgress"
    assert after[using]["ETag"] != before[using]["ETag"]
    assert after[other]["ETag"] == before[other]["ETag"]
    stale = {"Id": using, "IfMatch": before[using]["ETag"]}
    config = before[using]["Distribution"]["DistributionConfig"]
    refuses("PreconditionFailed", cloudfront.update_distribution, **stale, DistributionConfig=config)
    wait_for(lambda: cloudfront.get_distribution(Id=using)["Distribution"]["Status"] == "Deployed")


def test_response_headers_policy_in_use_is_not_deleted(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    cloudfront = account.client("cloudfront")
    policy = new_headers_policy(cloudfront)
    new_distribution(account, behavior={"ResponseHeadersPolicyId": policy})
    etag = cloudfront.get_response_headers_policy(Id=policy)["ETag"]
    refuses("ResponseHeadersPolicyInUse", cloudfront.delete_response_headers_policy, Id=policy, IfMatch=etag)


def test_edge_serves_the_previous_state_until_the_change_has_reached_it(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    cloudfront = account.client("cloudfront")
    private = [generate("ecdsa-p256") for _number in range(2)]
    keys = [new_key(cloudfront, f"k{number}", public_half(pem)) for number, pem in enumerate(private)]
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": "g", "Items": keys[:1]})["KeyGroup"]["Id"]
    identifier, domain = new_distribution(account, behavior=trusting(group))
    edge = {name: f"127.0.0.1:{sandbox.environment[f'ARDA_SANDBOX_EDGE_{name}_PORT']}" for name in ("HTTPS", "HTTP")}
    viewer = Viewer(edge["HTTPS"], edge["HTTP"], str(sandbox.directory / "ca.pem"))

    def refusal(number: int) -> str:
        """By what the edge refuses a request that a key signs: nothing is in the bucket, so the origin at best."""
        policy = signature.custom_policy(f"https://{domain}/*", int(time.time()) + 60)
        fields = signature.signed_cookies(policy, private[number], keys[number])
        return viewer.request("GET", f"https://{domain}/x", {"Cookie": signature.cookie_header(fields)}).error()

    assert refusal(0) not in REFUSALS.values()
    with sandbox.delays(deploy=3, edge_lag=1.5):
        change_key_group(cloudfront, group, keys[1:])
        assert refusal(0) not in REFUSALS.values()
        assert refusal(1) == REFUSALS["InvalidKey"]
        wait_for(lambda: refusal(1) not in REFUSALS.values(), 3)
        assert refusal(0) == REFUSALS["InvalidKey"]
        assert cloudfront.get_distribution(Id=identifier)["Distribution"]["Status"] == "InProgress"


# -- The form of answers


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
