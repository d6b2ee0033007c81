"""cloudfront_signing_key over the real protocols: adopting, restoring, quotas and check mode."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import (
    fingerprint,
    generate,
    public_half,
)
from cryptography.hazmat.primitives import serialization

from .helpers.sample import EXHAUSTIVE, exhaustive, sample
from .helpers.sandbox import PRIVATE_KEY, Sandbox, wait_for
from .helpers.signing_keys import GROUP, LATER, PHASES, SECRET, KeyAccount, prepared, refused


@pytest.fixture
def account(sandbox: Sandbox) -> KeyAccount:
    return KeyAccount(sandbox)


def pkcs1(private_pem: str) -> str:
    key = serialization.load_pem_private_key(private_pem.encode(), password=None)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def by_hand(account: KeyAccount, value: str | bytes, *public: str) -> list[str]:
    """A secret, public keys and a key group as CDK or a person makes them; the ids of the keys."""
    cloudfront = account.client("cloudfront")
    form = "SecretString" if isinstance(value, str) else "SecretBinary"
    account.client("secretsmanager").create_secret(Name=SECRET, **{form: value})
    ids = []
    for number, encoded in enumerate(public):
        config = {"CallerReference": f"by hand {number}", "Name": f"hand{number}", "EncodedKey": encoded}
        ids.append(cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"])
    if ids:
        cloudfront.create_key_group(KeyGroupConfig={"Name": GROUP, "Items": ids})
    return ids


# -- adopting


@pytest.mark.parametrize("secret_format", ["json", "pem"] if EXHAUSTIVE else ["json"])
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


def test_signing_key_stored_as_binary_is_adopted(account: KeyAccount) -> None:
    private = generate("rsa-2048")
    (key_id,) = by_hand(account, private.encode(), public_half(private))
    assert account.make()["signing_key"]["key_pair_id"] == key_id
    stored = account.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]
    assert json.loads(stored) == {"keyPairId": key_id, "privateKey": private}
    assert account.make()["changed"] is False


def test_signing_key_in_binary_that_is_no_text_is_refused_before_any_write(account: KeyAccount) -> None:
    by_hand(account, b"\x30\x82\x04\xa4\xff")
    refused(account, "holds binary data")


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


@exhaustive
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


@pytest.mark.parametrize("name", sample(list(PHASES), 2))
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
