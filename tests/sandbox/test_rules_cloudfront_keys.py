"""CloudFront's rules for public keys and key groups, over the real protocol, as the API answers."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .helpers.accounts import Account
from .helpers.public_keys import P_256, RSA_2048, new_key, pem
from .helpers.refusals import refuses
from .helpers.sandbox import Sandbox


@pytest.fixture
def cloudfront(sandbox: Sandbox) -> Any:
    return Account(sandbox).client("cloudfront")


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
def test_create_public_key_of_another_kind_is_refused(cloudfront: Any, encoded: str) -> None:
    refuses("InvalidArgument", new_key, cloudfront=cloudfront, name="bad", encoded=encoded)


def test_keys_and_groups_beyond_a_limit_or_in_use_are_refused(sandbox: Sandbox) -> None:
    cloudfront = Account(sandbox).client("cloudfront")
    ids = [new_key(cloudfront, f"k{number}", RSA_2048 if number else P_256) for number in range(10)]
    refuses("TooManyPublicKeys", new_key, cloudfront=cloudfront, name="one more")
    again = {"CallerReference": "ref-k0", "Name": "other", "EncodedKey": P_256}
    taken = refuses("PublicKeyAlreadyExists", cloudfront.create_public_key, PublicKeyConfig=again)
    assert "is associated with another public key in your account" in taken.response["Error"]["Message"]
    answer = cloudfront.get_public_key(Id=ids[0])
    changed = {**answer["PublicKey"]["PublicKeyConfig"], "EncodedKey": RSA_2048}
    update = {"Id": ids[0], "IfMatch": answer["ETag"]}
    refuses("CannotChangeImmutablePublicKeyFields", cloudfront.update_public_key, **update, PublicKeyConfig=changed)

    create = cloudfront.create_key_group
    refuses("TooManyPublicKeysInKeyGroup", create, KeyGroupConfig={"Name": "six", "Items": ids[:6]})
    group = create(KeyGroupConfig={"Name": "five", "Items": ids[:5]})
    refuses("KeyGroupAlreadyExists", create, KeyGroupConfig={"Name": "five", "Items": ids[:1]})
    used = refuses("PublicKeyInUse", cloudfront.delete_public_key, Id=ids[0], IfMatch=answer["ETag"])
    assert "currently associated with either Key Group" in used.response["Error"]["Message"]
    smaller = {"Id": group["KeyGroup"]["Id"], "KeyGroupConfig": {"Name": "five", "Items": ids[:4]}}
    refuses("InvalidIfMatchVersion", cloudfront.update_key_group, **smaller)
    stale = refuses("PreconditionFailed", cloudfront.update_key_group, **smaller, IfMatch="stale")
    assert "didn't meet the preconditions" in stale.response["Error"]["Message"]
    for number in range(9):
        create(KeyGroupConfig={"Name": f"g{number}", "Items": ids[:1]})
    refuses("TooManyKeyGroups", create, KeyGroupConfig={"Name": "one more", "Items": ids[:1]})
