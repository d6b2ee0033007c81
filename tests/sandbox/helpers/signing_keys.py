"""What the tests of the signing key share: accounts of their own, the module in them, and the invariant."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import fingerprint, public_half
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.comments import read_comment

from .accounts import Account
from .sandbox import PRIVATE_KEY, Sandbox

SECRET, GROUP = "life/signing-key", "life-images"
AWAIT = "wait until every distribution that trusts the key group is deployed"


class KeyAccount(Account):
    """An account with one signing key, or none yet."""

    defaults: ClassVar = {
        "cloudfront_signing_key": {
            **{"secret_name": SECRET, "key_group_name": GROUP},
            **{"key_type": "ecdsa-p256", "wait_delay": 1},
        },
        "cloudfront_signing_key_info": {"secret_name": SECRET, "key_group_name": GROUP},
    }

    def state(self, invariant: bool = True) -> dict[str, Any]:
        """What AWS holds of the key. The invariant is asserted wherever this is asked, unless it cannot hold yet."""
        cloudfront, secrets = self.client("cloudfront"), self.client("secretsmanager")
        keys = {item["Id"]: item for item in cloudfront.list_public_keys()["PublicKeyList"].get("Items", [])}
        groups = [item["KeyGroup"] for item in cloudfront.list_key_groups()["KeyGroupList"].get("Items", [])]
        trusted = sorted(key_id for group in groups for key_id in group["KeyGroupConfig"]["Items"])
        found = {"keys": sorted(keys), "groups": len(groups), "trusted": trusted, "current": {}, "pending": False}
        found["replaced"] = sorted(i for i, key in keys.items() if read_comment(key.get("Comment", ""))[1] is not None)
        try:
            stages = secrets.describe_secret(SecretId=SECRET)["VersionIdsToStages"]
            found["current"] = json.loads(secrets.get_secret_value(SecretId=SECRET)["SecretString"])
        except (secrets.exceptions.ResourceNotFoundException, secrets.exceptions.InvalidRequestException):
            return found
        found["pending"] = any("AWSPENDING" in labels for labels in stages.values())
        if invariant and "privateKey" in found["current"]:
            key_id = found["current"]["keyPairId"]
            assert fingerprint(keys[key_id]["EncodedKey"]) == fingerprint(public_half(found["current"]["privateKey"]))
            assert key_id in trusted, "the key in AWSCURRENT is trusted, at every moment"
        return found

    def assert_complete(self, replaced: int = 0) -> dict[str, Any]:
        """One current key, so many replaced ones that are still trusted, and nothing else."""
        found = self.state()
        assert found["groups"] == 1, found
        assert not found["pending"], found
        assert found["keys"] == found["trusted"], found
        assert len(found["replaced"]) == replaced, found
        assert found["keys"] == sorted([found["current"]["keyPairId"], *found["replaced"]]), found
        return found


LATER = 36000


def one_key(account: KeyAccount, _rotated_already: bool) -> None:
    account.assert_complete()


def one_key_and_the_replaced(account: KeyAccount, rotated_already: bool) -> None:
    """A run that was killed after its last write had rotated; the one after it was asked to rotate once more."""
    account.assert_complete(replaced=2 if rotated_already else 1)


def nothing(account: KeyAccount, _rotated_already: bool) -> None:
    found = account.state()
    assert not found["keys"], found
    assert not found["groups"], found
    assert not found["current"], found


@dataclass(frozen=True)
class Phase:
    """A part of a key's life: the runs before it, the run itself, and what must be there at its end."""

    before: tuple[dict[str, Any], ...]
    run: dict[str, Any]
    end: Callable[[KeyAccount, bool], None]
    invariant: bool = True  # a restored secret is AWSCURRENT before its public key can be known


ROTATED = {"state": "rotated", "retire_after": LATER}
PHASES = {
    "create": Phase((), {}, one_key),
    "rotate": Phase(({},), ROTATED, one_key_and_the_replaced),
    "retire": Phase(({}, ROTATED), {"retire_after": 0}, one_key),
    "revoke": Phase(({},), {"state": "rotated", "retire_after": 0}, one_key),
    "restore": Phase(({}, {"state": "absent"}), {}, one_key, invariant=False),
    "absent": Phase(({}, ROTATED), {"state": "absent"}, nothing),
}


def prepared(sandbox: Sandbox, phase: Phase) -> KeyAccount:
    account = KeyAccount(sandbox)
    for options in phase.before:
        account.make(**options)
    return account


def refused(account: KeyAccount, *words: str, **options: Any) -> None:
    """The run fails with these words, before any write, and shows no private key."""
    before = account.writes()
    result = account.run(**options)
    assert result["rc"] == 1, result["output"]
    for word in (*words, "Nothing was written"):
        assert word in result["msg"], result["msg"]
    assert account.writes() == before
    assert not PRIVATE_KEY.search(result["output"])
