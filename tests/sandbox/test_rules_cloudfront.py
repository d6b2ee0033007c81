"""CloudFront's rules that the sandbox adds to the emulator, over the real protocol, as the API answers."""

from __future__ import annotations

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
