"""How a change reaches the edge: redeployment, and edge locations that serve the previous state for a while."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront import signature
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.http import REFUSALS, Viewer
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import generate, public_half

from .helpers.accounts import Account
from .helpers.distributions import small_distribution
from .helpers.public_keys import new_key
from .helpers.refusals import refuses
from .helpers.sandbox import Sandbox, wait_for


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


def viewer_of(sandbox: Sandbox) -> Viewer:
    edge = {name: f"127.0.0.1:{sandbox.environment[f'ARDA_SANDBOX_EDGE_{name}_PORT']}" for name in ("HTTPS", "HTTP")}
    return Viewer(edge["HTTPS"], edge["HTTP"], str(sandbox.directory / "ca.pem"))


def test_edge_serves_the_previous_state_until_the_change_has_reached_it(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    cloudfront = account.client("cloudfront")
    private = [generate("ecdsa-p256") for _number in range(2)]
    keys = [new_key(cloudfront, f"k{number}", public_half(pem)) for number, pem in enumerate(private)]
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": "g", "Items": keys[:1]})["KeyGroup"]["Id"]
    identifier, domain = new_distribution(account, behavior=trusting(group))
    viewer = viewer_of(sandbox)

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


def test_edge_serves_a_new_distribution_and_its_update_when_they_have_reached_it(sandbox: Sandbox) -> None:
    cloudfront, viewer = Account(sandbox).client("cloudfront"), viewer_of(sandbox)
    with sandbox.delays(deploy=3, edge_lag=1.5):
        made = cloudfront.create_distribution(DistributionConfig=small_distribution("new"))
        domain, identifier = made["Distribution"]["DomainName"], made["Distribution"]["Id"]

        def refusal() -> str:
            return viewer.request("GET", f"http://{domain}/x").error()

        assert refusal() == REFUSALS["AccessDenied"]  # CloudFront's: it knows no such distribution
        wait_for(lambda: refusal() != REFUSALS["AccessDenied"], 3)
        config = cloudfront.get_distribution_config(Id=identifier)
        off = {**config["DistributionConfig"], "Enabled": False}
        cloudfront.update_distribution(Id=identifier, IfMatch=config["ETag"], DistributionConfig=off)
        assert refusal() != REFUSALS["AccessDenied"]
        wait_for(lambda: refusal() == REFUSALS["AccessDenied"], 3)


def test_edge_refuses_an_unsigned_request_where_signers_are_trusted(sandbox: Sandbox) -> None:
    signers = {"TrustedSigners": {"Enabled": True, "Quantity": 1, "Items": ["self"]}}
    _identifier, domain = new_distribution(Account(sandbox), behavior=signers)
    assert viewer_of(sandbox).request("GET", f"http://{domain}/x").error() == REFUSALS["MissingKey"]


def test_edge_follows_at_the_latest_when_the_distribution_is_deployed(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    with sandbox.delays(deploy=0.5, edge_lag=60):
        _identifier, domain = new_distribution(account)
        assert viewer_of(sandbox).request("GET", f"http://{domain}/x").error() != REFUSALS["AccessDenied"]


def test_headers_policy_of_the_edge_is_the_one_that_has_reached_it(sandbox: Sandbox) -> None:
    account = Account(sandbox)
    cloudfront, viewer = account.client("cloudfront"), viewer_of(sandbox)
    policy = new_headers_policy(cloudfront)
    _identifier, domain = new_distribution(account, behavior={"ResponseHeadersPolicyId": policy})

    def header() -> str | None:
        return viewer.request("GET", f"http://{domain}/x").headers.get("x-frame-options")

    answer = cloudfront.get_response_headers_policy(Id=policy)
    config = answer["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
    frames = {"FrameOptions": {"Override": True, "FrameOption": "DENY"}}
    assert header() is None
    with sandbox.delays(deploy=3, edge_lag=1.5):
        cloudfront.update_response_headers_policy(
            Id=policy,
            IfMatch=answer["ETag"],
            ResponseHeadersPolicyConfig={**config, "SecurityHeadersConfig": frames},
        )
        assert header() is None
        wait_for(lambda: header() == "DENY", 3)
