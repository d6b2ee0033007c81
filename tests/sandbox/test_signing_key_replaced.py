"""cloudfront_signing_key over the real protocols: proving, rotating, retiring, revoking and removing."""

from __future__ import annotations

import copy
import re
import time
from typing import Any

import pytest

from .helpers.distributions import small_distribution
from .helpers.sample import exhaustive
from .helpers.sandbox import PRIVATE_KEY, Sandbox, wait_for
from .helpers.signing_keys import AWAIT, LATER, KeyAccount, refused


@pytest.fixture
def account(sandbox: Sandbox) -> KeyAccount:
    return KeyAccount(sandbox)


# -- rotating


def distribution(account: KeyAccount, group_id: str) -> dict[str, Any]:
    """A distribution that trusts a group; its answer is all that a proof needs."""
    config = small_distribution(
        "proof", behavior={"TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": [group_id]}}
    )
    return account.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]


def proof_through(account: KeyAccount, made: dict[str, Any]) -> dict[str, str]:
    return {
        "url": f"https://{made['DomainName']}/proof",
        "connect_https": f"127.0.0.1:{account.sandbox.environment['ARDA_SANDBOX_EDGE_HTTPS_PORT']}",
        "ca_file": str(account.sandbox.directory / "ca.pem"),
    }


def deployed(account: KeyAccount, made: dict[str, Any]) -> bool:
    return account.client("cloudfront").get_distribution(Id=made["Id"])["Distribution"]["Status"] == "Deployed"


def test_rotation_promotes_a_new_key_only_when_every_distribution_is_deployed(account: KeyAccount) -> None:
    """CloudFront redeploys what trusts a changed key group; other edge locations follow until it is Deployed."""
    group = account.make()["signing_key"]["key_group_id"]
    made = distribution(account, group)
    wait_for(lambda: deployed(account, made))
    old = account.state()["current"]
    name = f"{made['Id']} \\({made['DomainName']}\\)"
    with account.sandbox.delays(deploy=4):
        for options in ({}, {"proof": proof_through(account, made)}):
            waiting = account.make(state="rotated", wait=False, **options)
            assert waiting["complete"] is False
            words = rf"distribution {name} is InProgress, \d+ s after the key group changed"
            assert re.fullmatch(words, waiting["waiting_for"])
            assert account.state()["current"] == old
        failed = account.run(state="rotated", wait_timeout=0)
        assert failed["rc"] == 1
        for words in ("is InProgress", "is still the old key", "unfinished=abandon"):
            assert words in failed["msg"]
        result = account.make(state="rotated", retire_after=LATER)
        assert deployed(account, made)
    assert result["complete"] is True
    assert result["changes"].index(AWAIT) < result["changes"].index("make AWSPENDING the AWSCURRENT key")
    assert account.assert_complete(replaced=1)["current"] != old


def test_revocation_is_complete_only_when_every_distribution_is_deployed(account: KeyAccount) -> None:
    group = account.make()["signing_key"]["key_group_id"]
    made = distribution(account, group)
    wait_for(lambda: deployed(account, made))
    old = account.state()["current"]["keyPairId"]
    with account.sandbox.delays(deploy=3):
        options = {"state": "rotated", "retire_after": 0}
        account.run(**options, wait=False)
        wait_for(lambda: deployed(account, made))
        waiting = account.make(**options, wait=False)
        found = account.state()
        assert waiting["complete"] is False
        assert "is InProgress" in waiting["waiting_for"]
        assert old in found["keys"]
        assert old not in found["trusted"]
        failed = account.run(**options, wait_timeout=0)
        assert "Edge locations may accept the old key until they follow" in failed["msg"]
        account.make(**options)
        assert deployed(account, made)
    assert old not in account.assert_complete()["keys"]


@exhaustive
def test_rotation_awaits_every_distribution_among_many(account: KeyAccount) -> None:
    """On the second page of the listing, and in a behavior that is not the default one."""
    group = account.make()["signing_key"]["key_group_id"]
    cloudfront = account.client("cloudfront")
    trusted = {"Enabled": True, "Quantity": 1, "Items": [group]}
    first = distribution(account, group)
    for number in range(105):
        cloudfront.create_distribution(DistributionConfig=small_distribution(f"other{number}"))
    config = small_distribution("last")
    behavior = {**config["DefaultCacheBehavior"], "PathPattern": "images/*", "TrustedKeyGroups": trusted}
    behaviors = {"CacheBehaviors": {"Quantity": 1, "Items": [behavior]}}
    last = cloudfront.create_distribution(DistributionConfig={**config, **behaviors})["Distribution"]
    wait_for(lambda: deployed(account, first) and deployed(account, last))
    with account.sandbox.delays(deploy=30):
        waiting = account.make(state="rotated", wait=False)["waiting_for"]
    assert first["Id"] in waiting
    assert last["Id"] in waiting
    assert waiting.count("is InProgress") == 2


@pytest.mark.parametrize("key_type", ["rsa-2048", "ecdsa-p256"])
def test_rotation_proves_a_new_key_before_it_is_promoted(account: KeyAccount, key_type: str) -> None:
    first = account.make(key_type=key_type)
    made = distribution(account, first["signing_key"]["key_group_id"])
    proof = proof_through(account, made)
    changes = account.make(key_type=key_type, state="rotated", proof=proof)["changes"]
    assert changes.index("prove the new key through the CDN") < changes.index("make AWSPENDING the AWSCURRENT key")
    account.assert_complete(replaced=1)


def test_rotation_with_a_key_that_the_cdn_refuses_keeps_the_old_one_current(account: KeyAccount) -> None:
    group = account.make()["signing_key"]["key_group_id"]
    made = distribution(account, group)
    proof = proof_through(account, made)
    before = account.state()["current"]
    # Another behavior comes first and trusts nobody: the address needs no signature, so nothing would be proven.
    open_behavior = copy.deepcopy(made["DistributionConfig"]["DefaultCacheBehavior"])
    open_behavior.update(PathPattern="proof", TrustedKeyGroups={"Enabled": False, "Quantity": 0})
    open_behavior["AllowedMethods"] = {"Quantity": 2, "Items": ["GET", "HEAD"]}
    cloudfront = account.client("cloudfront")
    current = cloudfront.get_distribution_config(Id=made["Id"])
    config = {**current["DistributionConfig"], "CacheBehaviors": {"Quantity": 1, "Items": [open_behavior]}}
    cloudfront.update_distribution(Id=made["Id"], IfMatch=current["ETag"], DistributionConfig=config)

    failed = account.run(state="rotated", proof=proof, wait_timeout=1)
    assert failed["rc"] == 1
    for words in ("does not ask for a signature", "is still the old key", "unfinished=abandon"):
        assert words in failed["msg"]
    assert account.state()["current"] == before
    waiting = account.make(state="rotated", proof=proof, wait=False)
    assert waiting["complete"] is False
    assert waiting["changed"] is False
    assert "does not ask for a signature" in waiting["waiting_for"]

    closed = {**current["DistributionConfig"], "CacheBehaviors": {"Quantity": 0}}
    etag = cloudfront.get_distribution_config(Id=made["Id"])["ETag"]
    cloudfront.update_distribution(Id=made["Id"], IfMatch=etag, DistributionConfig=closed)
    finished = account.make(proof=proof)  # state present finishes what rotated began, and makes no second key
    assert finished["complete"] is True
    assert account.assert_complete(replaced=1)["current"] != before


def test_rotation_without_an_answer_to_the_proof_can_be_abandoned(account: KeyAccount) -> None:
    account.make()
    proof = {"url": "https://none.example/", "connect_https": "127.0.0.1:9"}
    failed = account.run(state="rotated", proof=proof, wait_timeout=1)
    assert "does not answer" in failed["msg"]
    # Given up: the old key, and nothing else.
    before = account.state()
    assert len(before["keys"]) == 2
    given_up = account.make(unfinished="abandon")
    assert given_up["changes"][-1].startswith("delete public key")
    assert account.assert_complete()["current"] == before["current"]
    assert account.make(unfinished="abandon")["changed"] is False
    # And with a rotation that begins anew.
    account.run(state="rotated", proof=proof, wait_timeout=1)
    account.make(state="rotated", unfinished="abandon", retire_after=LATER)
    assert account.assert_complete(replaced=1)["current"] != before["current"]


def test_rotation_by_age_replaces_an_old_key_and_retires_it_when_due(account: KeyAccount) -> None:
    account.make()
    old = account.state()["current"]["keyPairId"]
    assert account.make(rotation_period=LATER)["changed"] is False
    time.sleep(2)
    account.make(rotation_period=1, retire_after=3)
    found = account.assert_complete(replaced=1)
    assert found["replaced"] == [old]

    info = account.make(module="cloudfront_signing_key_info", retire_after=3, rotation_period=LATER)
    assert [key["stage"] for key in info["public_keys"]] == ["replaced", "current"]
    assert [item["what"] for item in info["next"]] == [
        f"stop trusting public key {old}, and delete it",
        f"replace public key {found['current']['keyPairId']} by a new one",
    ]
    assert info["next"][0]["when"] == info["public_keys"][0]["retires"]
    assert not PRIVATE_KEY.search(info["output"])

    assert account.make(retire_after=3)["changed"] is False
    time.sleep(3.5)
    assert account.make()["changed"] is False, "without a time nothing retires"
    assert account.make(retire_after=3)["changes"] == [
        f"stop trusting public key {old}",
        AWAIT,
        f"delete public key {old}",
    ]
    account.assert_complete()


def test_retirement_of_a_key_that_is_still_in_use_is_repeated(account: KeyAccount) -> None:
    account.make()
    account.make(state="rotated")
    refusal = {"operation": "cloudfront:DeletePublicKey", "kind": "error", "code": "PublicKeyInUse", "status": 409}
    account.faults({**refusal, "on": [1, 2, 3]})
    account.make(retire_after=0)
    account.sandbox.faults()
    account.assert_complete()
    assert account.calls().count("cloudfront:DeletePublicKey") == 4


def test_signing_key_in_a_listing_that_lags_is_created_once(account: KeyAccount) -> None:
    """A public key and a key group that are not listed yet are neither created again nor asked for without a pause."""
    with account.sandbox.delays(visibility=2):
        account.make()
        account.make(state="rotated", retire_after=LATER)
    account.assert_complete(replaced=1)
    assert account.calls().count("cloudfront:ListPublicKeys") < 60


def test_revocation_warns_of_what_stops_working(account: KeyAccount) -> None:
    account.make()
    for check in (True, False):
        result = account.make(state="rotated", retire_after=0, _ansible_check_mode=check)
        assert "Every cookie and URL that is signed with a replaced key stops working" in str(result["warnings"])
    account.assert_complete()


def test_removal_of_a_key_group_in_use_is_refused(account: KeyAccount) -> None:
    made = distribution(account, account.make()["signing_key"]["key_group_id"])
    refused(account, f"trusted by distribution {made['Id']} ({made['DomainName']})", state="absent")
    account.assert_complete()
