"""What the tests of the signing key share: accounts of their own, the module in them, and the invariant."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.arda.image_upload.plugins.module_utils.key_material import fingerprint, public_half
from ansible_collections.arda.image_upload.plugins.module_utils.signing_key_reader import read_comment
from arda_sandbox.settings import ROOT_SECRET

from .conftest import Sandbox
from .module_process import ModuleProcess

SECRET, GROUP = "life/signing-key", "life-images"
_ACCOUNTS = (f"1{number:011d}" for number in itertools.count(1))

_OUTPUTS = itertools.count(1)


@dataclass
class KeyAccount:
    """A new AWS account, empty but for what a test puts into it."""

    sandbox: Sandbox
    number: str = field(default_factory=lambda: next(_ACCOUNTS))

    def client(self, service: str) -> Any:
        return self.sandbox.client(self.number, service)

    def start(self, module: str = "cloudfront_signing_key", **options: Any) -> ModuleProcess:
        arguments = {
            "secret_name": SECRET,
            "key_group_name": GROUP,
            "region": "us-east-1",
            "endpoint_url": self.sandbox.endpoint,
            "access_key": self.number,
            "secret_key": ROOT_SECRET,
            **({"key_type": "ecdsa-p256"} if module == "cloudfront_signing_key" else {}),
            **options,
        }
        return ModuleProcess(module, arguments, self.sandbox.directory / f"module-{next(_OUTPUTS)}")

    def run(self, module: str = "cloudfront_signing_key", **options: Any) -> dict[str, Any]:
        return self.start(module, **options).result()

    def make(self, **options: Any) -> dict[str, Any]:
        """Run the module, which must succeed."""
        result = self.run(**options)
        assert result["rc"] == 0, result["output"]
        return result

    def calls(self) -> list[str]:
        """Every call of this account that the sandbox has seen."""
        return [call["operation"] for call in self.sandbox.journal() if call["account"] == self.number]

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
