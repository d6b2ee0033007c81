#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_signing_key
version_added: 0.1.0
short_description: A CloudFront signing key, from the private key in Secrets Manager to the trusted key group
description:
  - Makes a key pair for CloudFront signed cookies and URLs, keeps its private key in Secrets Manager, registers its
    public key, and puts it into a key group that distributions can trust.
  - The private key exists in memory and in Secrets Manager, nowhere else; it is never returned, logged or shown.
  - The stages of Secrets Manager order the writes. The new private key is stored as C(AWSPENDING), its public key is
    registered and joins the key group, and only then C(AWSPENDING) becomes C(AWSCURRENT). A run that dies anywhere is
    finished by the next one, without a second key. Two runs at once end with one key.
  - A secret that is scheduled for deletion is restored, and the key in it taken into use again.
  - Rests on
    U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html) and
    U(https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html).
options:
  secret_name:
    description: The name of the secret that holds the private key.
    type: str
    required: true
  key_group_name:
    description: The name of the key group, unique in the account; the names of the public keys begin with it.
    type: str
    required: true
  state:
    description: Whether the signing key is there.
    type: str
    choices: [present]
    default: present
  key_type:
    description: The kind of a key that is made. A key that is there is kept, of whatever kind.
    type: str
    choices: [rsa-2048, ecdsa-p256]
    default: rsa-2048
  secret_format:
    description:
      - With V(json) the secret holds C({"keyPairId", "privateKey"}), so that a reader can never pair one key's id with
        another key's signature.
      - With V(pem) it holds the private key alone.
    type: str
    choices: [json, pem]
    default: json
  kms_key_id:
    description: The KMS key that encrypts a secret that is made; AWS's own by default.
    type: str
author:
  - Arda Cards (@arda-cards)
requirements:
  - cryptography
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - amazon.aws.tags
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: The key that the web back end signs cookies with
  arda.image_upload.cloudfront_signing_key:
    secret_name: dev/image-signing-key
    key_group_name: dev-images
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create the secret", "make a key pair and store its private key as AWSPENDING"]
signing_key:
  description: The signing key, without its private half.
  returned: success
  type: dict
  contains:
    key_pair_id:
      description: The id of the public key, which signed cookies and URLs name.
      returned: success
      type: str
      sample: K36X4X2EO997HM
    fingerprint:
      description: The SHA-256 of the public key in DER form.
      returned: success
      type: str
      sample: 3f0c1e1d1f6f3c0f1e1d1f6f3c0f1e1d1f6f3c0f1e1d1f6f3c0f1e1d1f6f3c0f
    key_group_id:
      description: The id of the key group, for the behaviors of a distribution.
      returned: success
      type: str
      sample: 6f4b9a0e-1c0f-4f6e-9d0c-0a1b2c3d4e5f
    key_group_key_ids:
      description: The ids of every public key that the group trusts.
      returned: success
      type: list
      elements: str
      sample: [K36X4X2EO997HM]
    secret_arn:
      description: The ARN of the secret.
      returned: success
      type: str
      sample: arn:aws:secretsmanager:us-east-1:139852620346:secret:dev/image-signing-key-a1b2c3
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils.key_material import (
    HAS_CRYPTOGRAPHY,
    KEY_TYPES,
)
from ansible_collections.arda.image_upload.plugins.module_utils.reconcile import (
    Change,
    Resource,
    run,
    tag_changes,
)
from ansible_collections.arda.image_upload.plugins.module_utils.signing_key import (
    MAX_STEPS,
    PENDING_ID,
    Snapshot,
    advance,
    next_step,
    plan,
)
from ansible_collections.arda.image_upload.plugins.module_utils.signing_key_store import Lost, SigningKeyStore


class SigningKey(Resource):
    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._store = SigningKeyStore(module)
        self._rule = {
            "with_id": self._options["secret_format"] == "json",
            "prefix": f"{self._options['key_group_name']}-",
        }

    def read(self) -> dict[str, Any]:
        snapshot = self._store.read()
        return {"snapshot": snapshot, "secret_arn": self._store.secret_arn, "tags": self._store.tags}

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        if actual is None:
            return []
        steps = plan(actual["snapshot"], **self._rule)
        changes = [Change("take_step", step.summary) for step in steps]
        if changes:
            changes[-1] = Change("take_remaining_steps", changes[-1].summary)
        tags, removed = tag_changes(actual["tags"], self._options["tags"], self._options["purge_tags"])
        if (tags or removed) and actual["snapshot"].secret == "present":
            changes.append(Change("tag", "tag the secret", {"tags": tags, "removed": removed}))
        return changes

    def take_step(self) -> bool:
        """Take the next step from what AWS holds now; False where nothing is left to do."""
        for _attempt in range(MAX_STEPS):
            step = next_step(self._store.read(), **self._rule)
            if step is None:
                return False
            try:
                self._store.take(step)
                return True
            except Lost:
                continue  # another run made this step a moment ago: look again
        raise AnsibleAWSError(
            message=f"Another run is at work on signing key {self._options['secret_name']}. Wait, then run again."
        )

    def take_remaining_steps(self) -> None:
        """Go on to the end, also where another run, or what a restored secret holds, made more steps of it."""
        for _attempt in range(MAX_STEPS):
            if not self.take_step():
                return

    def tag(self, tags: dict[str, str], removed: list[str]) -> None:
        self._store.tag(tags, removed)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any]:
        state = actual or {"snapshot": Snapshot(), "secret_arn": "", "tags": {}}
        snapshot = state["snapshot"]
        for step in plan(snapshot, **self._rule):
            snapshot = advance(snapshot, step)
        return {**state, "snapshot": snapshot, "tags": {**state["tags"], **(self._options["tags"] or {})}}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if not state or state["snapshot"].current is None:
            return {}
        snapshot = state["snapshot"]
        return {
            "secret": self._options["secret_name"],
            "key_pair_id": snapshot.current.key_pair_id,
            "key_group": {
                "name": self._options["key_group_name"],
                "key_ids": list(snapshot.group.key_ids) if snapshot.group else [],
            },
            "tags": state["tags"],
        }

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        snapshot = state["snapshot"] if state else Snapshot()
        key = snapshot.registered(snapshot.current) if snapshot.current else None
        group = snapshot.group

        def known(value: str) -> str:
            return "" if value == PENDING_ID else value

        return {
            "signing_key": {
                "key_pair_id": known(key.key_id) if key else "",
                "fingerprint": known(key.fingerprint) if key else "",
                "key_group_id": known(group.group_id) if group else "",
                "key_group_key_ids": [known(key_id) for key_id in group.key_ids] if group else [],
                "secret_arn": state["secret_arn"] if state else "",
            }
        }


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "secret_name": {"type": "str", "required": True, "no_log": False},
            "key_group_name": {"type": "str", "required": True, "no_log": False},
            "state": {"type": "str", "choices": ["present"], "default": "present"},
            "key_type": {"type": "str", "choices": list(KEY_TYPES), "default": "rsa-2048"},
            "secret_format": {"type": "str", "choices": ["json", "pem"], "default": "json", "no_log": False},
            "kms_key_id": {"type": "str", "no_log": False},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    if not HAS_CRYPTOGRAPHY:
        module.fail_json(msg=missing_required_lib("cryptography"))
    run(module, SigningKey(module))


if __name__ == "__main__":
    main()
