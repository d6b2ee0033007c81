"""What the tests of the signing key share: accounts of their own, the module in them, and the invariant."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ansible_collections.arda.image_upload.plugins.module_utils.key_material import fingerprint, public_half
from ansible_collections.arda.image_upload.plugins.module_utils.signing_key_reader import read_comment

from .accounts import Account

SECRET, GROUP = "life/signing-key", "life-images"


class KeyAccount(Account):
    """An account with one signing key, or none yet."""

    defaults: ClassVar = {
        "cloudfront_signing_key": {"secret_name": SECRET, "key_group_name": GROUP, "key_type": "ecdsa-p256"},
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
