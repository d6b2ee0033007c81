"""cloudfront_signing_key over the real protocols: taking over, looking ahead, proving, rotating and retiring."""

from __future__ import annotations

import copy
import json
import re
import time
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import (
    fingerprint,
    generate,
    public_half,
)
from cryptography.hazmat.primitives import serialization

from .helpers.distributions import small_distribution
from .helpers.sandbox import PRIVATE_KEY, Sandbox, wait_for
from .helpers.signing_keys import AWAIT, GROUP, LATER, PHASES, SECRET, KeyAccount, prepared


@pytest.fixture
def account(sandbox: Sandbox) -> KeyAccount:
    return KeyAccount(sandbox)


def refused(account: KeyAccount, *words: str, **options: Any) -> None:
    """The run fails with these words, before any write, and shows no private key."""
    before = account.writes()
    result = account.run(**options)
    assert result["rc"] == 1, result["output"]
    for word in (*words, "Nothing was written"):
        assert word in result["msg"], result["msg"]
    assert account.writes() == before
    assert not PRIVATE_KEY.search(result["output"])


def pkcs1(private_pem: str) -> str:
    key = serialization.load_pem_private_key(private_pem.encode(), password=None)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def by_hand(account: KeyAccount, text: str, *public: str) -> list[str]:
    """A secret, public keys and a key group as CDK or a person makes them; the ids of the keys."""
    cloudfront = account.client("cloudfront")
    account.client("secretsmanager").create_secret(Name=SECRET, SecretString=text)
    ids = []
    for number, encoded in enumerate(public):
        config = {"CallerReference": f"by hand {number}", "Name": f"hand{number}", "EncodedKey": encoded}
        ids.append(cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"])
    if ids:
        cloudfront.create_key_group(KeyGroupConfig={"Name": GROUP, "Items": ids})
    return ids


# -- adopting


@pytest.mark.parametrize("secret_format", ["json", "pem"])
@pytest.mark.parametrize("form", [str, pkcs1], ids=["PKCS#8", "PKCS#1"])
def test_signing_key_created_by_other_means_is_adopted(account: KeyAccount, form: Any, secret_format: str) -> None:
    private = form(generate("rsa-2048"))
    (key_id,) = by_hand(account, private, public_half(private))
    taken = account.make(secret_format=secret_format)
    assert taken["signing_key"]["key_pair_id"] == key_id
    assert taken["signing_key"]["key_group_key_ids"] == [key_id]
    assert "make a key pair" not in str(taken["changes"])
    stored = account.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]
    assert stored == (json.dumps({"keyPairId": key_id, "privateKey": private}) if secret_format == "json" else private)
    assert account.make(secret_format=secret_format)["changed"] is False
    # From now on it is a key like any other: it retires when its time is over.
    account.make(secret_format=secret_format, state="rotated", retire_after=0)
    ids = [item["Id"] for item in account.client("cloudfront").list_public_keys()["PublicKeyList"]["Items"]]
    assert len(ids) == 1
    assert ids != [key_id]


def test_signing_key_in_json_is_adopted_unchanged(account: KeyAccount) -> None:
    private = generate("ecdsa-p256")
    key_id = by_hand(account, "{}", public_half(private))[0]
    text = json.dumps({"privateKey": private, "keyPairId": key_id, "note": "of the web team"})
    account.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=text)
    assert account.make()["changes"] == [f"note in the comment of public key {key_id} which secret it belongs to"]
    assert account.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"] == text
    account.assert_complete()
    account.make(state="rotated", retire_after=0)
    assert account.assert_complete()["current"]["note"] == "of the web team", "what is not ours is kept"


def test_signing_key_unknown_to_cloudfront_is_registered(account: KeyAccount) -> None:
    private = generate("rsa-2048")
    by_hand(account, private)
    assert not PRIVATE_KEY.search(account.make()["output"])
    assert account.assert_complete()["current"]["privateKey"] == private


def test_signing_key_pair_that_does_not_match_is_refused_with_both_fingerprints(account: KeyAccount) -> None:
    mine, other = generate("ecdsa-p256"), generate("ecdsa-p256")
    marks = [fingerprint(public_half(private)) for private in (mine, other)]
    (key_id,) = by_hand(account, mine, public_half(other))
    refused(account, *marks, key_id, "state=rotated")
    text = json.dumps({"privateKey": mine, "keyPairId": key_id})
    account.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=text)
    refused(account, *marks, key_id, "which the secret names")
    refused(account, *marks, _ansible_check_mode=True)
    # The way on that the message names: a new pair. The key that is not ours stays trusted.
    account.make(state="rotated")
    found = account.state()
    assert len(found["keys"]) == 2
    assert key_id in found["trusted"]


def test_signing_key_of_another_secret_is_refused(account: KeyAccount) -> None:
    account.make()
    text = json.dumps(account.state()["current"])
    account.client("secretsmanager").create_secret(Name="another", SecretString=text)
    refused(account, "is the signing key of secret life/signing-key already", "secret another", secret_name="another")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no key at all", "neither a PEM private key nor JSON"),
        ("[1]", "neither a PEM private key nor JSON"),
        ('{"privateKey": "x"}', "is not an unencrypted PEM private key"),
        ('{"private_key": "x"}', "JSON without the field privateKey"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END", "is not an unencrypted PEM private key"),
    ],
)
def test_signing_key_in_a_broken_secret_is_an_error_that_shows_nothing_of_it(
    account: KeyAccount, text: str, words: str
) -> None:
    by_hand(account, text)
    refused(account, words, SECRET)
    assert "AAAA" not in account.run()["output"]


def test_signing_key_in_a_deleted_secret_is_restored(account: KeyAccount) -> None:
    account.make()
    before = account.state()
    account.client("secretsmanager").delete_secret(SecretId=SECRET)
    assert account.make()["changes"] == ["restore the deleted secret"]
    assert account.state() == before


@pytest.mark.parametrize("how", [{}, {"ForceDeleteWithoutRecovery": True}], ids=["scheduled", "at once"])
def test_secret_deleted_while_it_is_read_is_removed_without_an_error(account: KeyAccount, how: dict[str, Any]) -> None:
    """Another run deletes it between DescribeSecret and GetSecretValue."""
    account.make()
    account.faults({"operation": "secretsmanager:GetSecretValue", "kind": "latency", "seconds": 1.0, "on": [1]})
    removing = account.start(state="absent")
    wait_for(lambda: account.sandbox.control("faults", "GET")[0]["seen"])
    account.client("secretsmanager").delete_secret(SecretId=SECRET, **how)
    result = removing.result()
    account.sandbox.faults()
    assert result["rc"] == 0, result["output"]
    found = account.state()
    assert (found["keys"], found["groups"], found["current"]) == ([], 0, {})


# -- refusing


def crowd(account: KeyAccount, count: int) -> None:
    for number in range(count):
        encoded = public_half(generate("ecdsa-p256"))
        config = {"CallerReference": f"r{number}", "Name": f"other{number}", "EncodedKey": encoded}
        account.client("cloudfront").create_public_key(PublicKeyConfig=config)


def test_quota_of_public_keys_reached_is_refused_before_the_first_write(account: KeyAccount) -> None:
    crowd(account, 10)
    refused(account, "limit of 10 public keys in an account")
    refused(account, "limit of 10 public keys in an account", _ansible_check_mode=True)
    one = account.client("cloudfront").list_public_keys()["PublicKeyList"]["Items"][0]["Id"]
    etag = account.client("cloudfront").get_public_key(Id=one)["ETag"]
    account.client("cloudfront").delete_public_key(Id=one, IfMatch=etag)
    account.make()
    refused(account, "limit of 10 public keys", state="rotated")


def test_quota_raised_in_the_options_is_believed_until_aws_refuses(account: KeyAccount) -> None:
    crowd(account, 10)
    result = account.run(limits={"public_keys": 20})
    assert result["rc"] == 1
    assert "the account has reached its limit of CloudFront public keys" in result["msg"]
    assert not account.state()["groups"]


def test_quota_of_keys_in_a_group_reached_is_refused_before_the_first_write(account: KeyAccount) -> None:
    account.make()
    for _rotation in range(4):
        account.make(state="rotated", retire_after=LATER)
    account.assert_complete(replaced=4)
    refused(account, "limit of 5 public keys in a key group", state="rotated", retire_after=LATER)
    account.make(state="rotated", retire_after=0)  # revoking makes room first
    account.assert_complete()


@pytest.mark.parametrize(
    ("options", "words"),
    [({"retire_after": -1}, "retire_after must be"), ({"proof": {"url": "http://x"}}, "proof.url must begin with")],
)
def test_options_out_of_bounds_are_refused_without_a_call(
    account: KeyAccount, options: dict[str, Any], words: str
) -> None:
    refused(account, words, **options)
    assert account.calls() == []


# -- predicting


def stripped(result: dict[str, Any]) -> Any:
    """A result without what AWS makes up."""
    text = json.dumps([result["changed"], result["changes"], result["diff"]])
    return re.sub(r"\bK[A-Z0-9]{12,}\b|\(known after apply\)", "K", text)


@pytest.mark.parametrize("name", PHASES)
def test_check_mode_predicts_changes_and_diff_of_the_run(name: str, sandbox: Sandbox) -> None:
    account = prepared(sandbox, PHASES[name])
    before = account.writes()
    options = {**PHASES[name].run, "tags": {"Purpose": "test"}, "_ansible_diff": True}
    predicted = account.make(_ansible_check_mode=True, **options)
    assert account.writes() == before
    made = account.make(**options)
    if name == "restore":  # what a deleted secret holds cannot be known beforehand
        assert predicted["changes"] == [made["changes"][0], made["changes"][-1]]
    else:
        assert stripped(predicted) == stripped(made)
    assert predicted["changed"] is made["changed"] is True


def test_tags_of_the_secret_are_changed_and_purged(account: KeyAccount) -> None:
    account.make(tags={"a": "1", "b": "2"})
    assert account.make(tags={"a": "1", "b": "2"})["changed"] is False
    assert account.make(tags={"a": "3"})["changes"] == ["tag the secret"]
    assert account.client("secretsmanager").describe_secret(SecretId=SECRET)["Tags"] == [{"Key": "a", "Value": "3"}]


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

    told = account.make(module="cloudfront_signing_key_info", retire_after=3, rotation_period=LATER)
    assert [key["stage"] for key in told["public_keys"]] == ["replaced", "current"]
    assert [item["what"] for item in told["next"]] == [
        f"stop trusting public key {old}, and delete it",
        f"replace public key {found['current']['keyPairId']} by a new one",
    ]
    assert told["next"][0]["when"] == told["public_keys"][0]["retires"]
    assert not PRIVATE_KEY.search(told["output"])

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
