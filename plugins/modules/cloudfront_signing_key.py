#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_signing_key
version_added: 0.1.0
short_description: The life of a CloudFront signing key, from its birth to its end
description:
  - Makes a key pair for CloudFront signed cookies and URLs, keeps its private key in Secrets Manager, registers its
    public key, and puts it into a key group that distributions can trust; rotates it without a refused viewer, retires
    or revokes the old one, takes over what was made by other means, and removes it.
  - The private key exists in memory and in Secrets Manager, nowhere else; it is never returned, logged or shown.
  - The stages of Secrets Manager order the writes. The new private key is stored as C(AWSPENDING), its public key is
    registered and joins the key group, is proven through the CDN where O(proof) is given, and only then C(AWSPENDING)
    becomes C(AWSCURRENT). At every moment the key in C(AWSCURRENT) is trusted. A run that dies anywhere is finished by
    the next one. Two runs at once end with one key.
  - A replaced public key stays trusted for O(retire_after) seconds; the time of its replacement stands in its comment.
    The first run after that stops trusting it and deletes it.
  - A secret, public key and key group that are there already, in PEM or JSON, PKCS#1 or PKCS#8, are taken over without
    a new key where private and public key belong together; that is an error with both fingerprints where they do not.
    Public keys in the group that are of no secret or of another one are left alone.
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
    description:
      - V(present) makes sure that there is a key in use, finishes what another run began, and retires what is due.
      - V(rotated) does so, and puts a new key in the place of the one that is there, once in each run. A rotation that
        another run began is the one that is asked for, and is finished.
      - V(rotated) with O(retire_after=0) revokes the old key. A new one takes its place and the old one is untrusted in
        the same run, so that every cookie and URL signed with it stops working.
      - V(absent) deletes the secret, the key group and the public keys. It is refused while a distribution trusts the
        group.
    type: str
    choices: [present, rotated, absent]
    default: present
  key_type:
    description: The kind of a key that is made. A key that is there is kept, of whatever kind.
    type: str
    choices: [rsa-2048, ecdsa-p256]
    default: rsa-2048
  secret_format:
    description:
      - With V(json) the secret holds C({"keyPairId", "privateKey"}), so that a reader can never pair one key's id with
        another key's signature. A secret that holds a bare PEM is rewritten so.
      - With V(pem) a new secret holds the private key alone.
    type: str
    choices: [json, pem]
    default: json
  kms_key_id:
    description: The KMS key that encrypts a secret that is made; AWS's own by default.
    type: str
  rotation_period:
    description: With O(state=present), a key whose public key is older than this many seconds is rotated.
    type: int
  retire_after:
    description:
      - For how many seconds a replaced key stays trusted. It must cover the time for which signers cache the private
        key, plus the longest lifetime of a cookie or URL, plus the skew of clocks.
      - Without it replaced keys stay trusted until a run names one.
    type: int
  unfinished:
    description: What to do with a new key that is not current yet, from a run that did not end.
    type: str
    choices: [finish, abandon]
    default: finish
  proof:
    description:
      - How a new key is tried before any signer uses it. A request signed with it must pass the CDN, while readers of
        the secret still get the old one.
      - It must be reachable from where the module runs. A first key is not tried, for nothing trusts it yet.
    type: dict
    suboptions:
      url:
        description:
          - An https address below a distribution that trusts the group, in a behavior that asks for a signature. No
            object needs to be there; the origin's own refusal counts as passed.
        type: str
        required: true
      connect_https:
        description: The address and port to connect to, in place of the ones that the address names.
        type: str
        default: ""
      ca_file:
        description: The CA certificates that sign the CDN's, in place of the system's.
        type: path
  wait:
    description:
      - Whether to wait until the CDN takes a new key.
      - With V(false) the module tries once and ends with RV(complete=false) where the key is not taken yet; the next
        run goes on. A task with C(until) can wait so and show its progress.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds to wait.
    type: int
    default: 900
  recovery_window:
    description:
      - With O(state=absent), for how many days the deleted secret can be restored, from 7 to 30.
      - With V(0) it is gone at once.
    type: int
    default: 30
  limits:
    description:
      - The quotas of the account, looked at before anything is made. They are CloudFront's defaults
        (U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html)) unless AWS has
        raised them.
    type: dict
    suboptions:
      public_keys:
        description: Public keys in the account.
        type: int
        default: 10
      key_groups:
        description: Key groups in the account.
        type: int
        default: 10
      keys_in_group:
        description: Public keys in one key group.
        type: int
        default: 5
author:
  - Arda Cards (@arda-cards)
requirements:
  - cryptography
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.tags
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: The key that the web back end signs cookies with
  arda.image_upload.cloudfront_signing_key:
    secret_name: dev/image-signing-key
    key_group_name: dev-images

- name: A new one every 90 days; signers cache it for 8 hours, cookies live for 12
  arda.image_upload.cloudfront_signing_key:
    secret_name: dev/image-signing-key
    key_group_name: dev-images
    rotation_period: 7776000
    retire_after: 72900
    proof:
      url: https://dev.images.example.com/proof

- name: A new one at once, and the old one revoked
  arda.image_upload.cloudfront_signing_key:
    secret_name: dev/image-signing-key
    key_group_name: dev-images
    state: rotated
    retire_after: 0
    proof:
      url: https://dev.images.example.com/proof
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create the secret", "make a key pair and store its private key as AWSPENDING"]
complete:
  description: Whether nothing is left that waits for the CDN.
  returned: success
  type: bool
  sample: true
waiting_for:
  description: What the CDN answered to the new key, where RV(complete=false).
  returned: success
  type: str
  sample: ""
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
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import (
    HAS_CRYPTOGRAPHY,
    KEY_TYPES,
)
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.goal import goal_of, problem_of, refusal
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.report import facts, stage
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.state import Snapshot
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.steps import (
    MAX_STEPS,
    Goal,
    Step,
    next_step,
    plan,
)
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.writer import (
    Lost,
    SigningKeyStore,
    Waiting,
)

TAG = "tag the secret"


class SigningKey(Resource):
    def __init__(self, module: AnsibleAWSModule) -> None:
        self._module = module
        self._options = module.params
        self._store = SigningKeyStore(module)
        self._goal: Goal | None = None
        self._planned: list[str] = []
        self._taken: list[str] = []
        self._waiting = ""

    def read(self) -> dict[str, Any]:
        snapshot = self._store.read()
        if self._goal is None:  # what is to be replaced is what is there when the run begins
            self._goal = goal_of(self._options, snapshot)
        return {"snapshot": snapshot, "secret_arn": self._store.secret_arn, "tags": self._store.tags}

    @property
    def goal(self) -> Goal:
        return self._goal or Goal()

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        if actual is None:
            return []
        snapshot = self._unless_refused(actual["snapshot"])
        steps = [step for step, _after in plan(snapshot, self.goal)]
        self._say_what_stops_working(steps)
        changes = [Change("take_step", step.summary) for step in steps]
        if changes:
            changes[-1] = Change("take_remaining_steps", changes[-1].summary)
        tags, removed = tag_changes(actual["tags"], self._options["tags"], self._options["purge_tags"])
        if (tags or removed) and snapshot.secret == "present" and self.goal.state != "absent":
            changes.append(Change("tag", TAG, {"tags": tags, "removed": removed}))
        self._planned = [change.summary for change in changes]
        return changes

    def _unless_refused(self, snapshot: Snapshot) -> Snapshot:
        """Refused is what two looks find alike: the first may have been between two writes of another run."""
        problem = refusal(snapshot, self.goal)
        if not problem:
            return snapshot
        again = self._store.read()
        if refusal(again, self.goal) != problem:
            return self._unless_refused(again)
        raise AnsibleAWSError(
            message=f"Secret {self._options['secret_name']} with key group {self._options['key_group_name']}: "
            f"{problem} Nothing was written."
        )

    def _say_what_stops_working(self, steps: list[Step]) -> None:
        if self.goal.retire_after == 0 and any(step.name == "leave_group" for step in steps):
            self._module.warn(
                "Every cookie and URL that is signed with a replaced key stops working in this run. Signers that cache "
                "the private key make refused ones until they read the secret again."
            )

    def take_step(self) -> bool:
        """Take the next step from what AWS holds now; False where nothing is left to do, or a step has to wait."""
        lost = ""
        for _attempt in range(MAX_STEPS):
            step = None if self._waiting else next_step(self._store.read(), self.goal)
            if step is None:
                return False
            try:
                self._store.take(step)
                self._taken.append(step.summary)
                return True
            except Lost as reason:
                lost = str(reason)  # another run made this step a moment ago: look again
            except Waiting as reason:
                self._wait(str(reason))
                return False
        raise AnsibleAWSError(
            message=f"Another run is at work on secret {self._options['secret_name']} or key group "
            f"{self._options['key_group_name']}; run again when it has ended. At the last step AWS refused to {lost}"
        )

    def _wait(self, reason: str) -> None:
        if self._options["wait"]:
            raise AnsibleAWSError(
                message=f"The CDN does not take the new key: {reason}. AWSCURRENT of secret "
                f"{self._options['secret_name']} is still the old key, and viewers notice nothing. Run again to finish "
                "the rotation, or with unfinished=abandon to give the new key up."
            )
        self._waiting = reason

    def take_remaining_steps(self) -> None:
        """The plan is what was seen at first; whatever AWS needs beyond it follows here."""
        for _step in range(MAX_STEPS):
            if not self.take_step():
                return
        raise AnsibleAWSError(message=f"Secret {self._options['secret_name']}: no end after {MAX_STEPS} steps")

    def tag(self, tags: dict[str, str], removed: list[str]) -> None:
        self._store.tag(tags, removed)
        self._taken.append(TAG)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        state = actual or {"snapshot": Snapshot(), "secret_arn": "", "tags": {}}
        steps = plan(state["snapshot"], self.goal)
        snapshot = steps[-1][1] if steps else state["snapshot"]
        self._taken = self._planned
        tags = tags_after(state["tags"], self._options["tags"], self._options["purge_tags"])
        return {**state, "snapshot": snapshot, "tags": tags}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if not state or state["snapshot"].current is None:
            return {}
        snapshot = state["snapshot"]
        return {
            "secret": self._options["secret_name"],
            "key_pair_id": snapshot.current.key_pair_id,
            "key_group": {
                "name": self._options["key_group_name"],
                "keys": [
                    {"id": key.key_id, "stage": stage(snapshot, key)}
                    for key in snapshot.public_keys
                    if snapshot.trusts(key)
                ],
            },
            "tags": state["tags"],
        }

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        found = state or {"snapshot": Snapshot(), "secret_arn": ""}
        return {
            "changed": bool(self._taken),
            "changes": self._taken,
            "complete": not self._waiting,
            "waiting_for": self._waiting,
            "signing_key": facts(found["snapshot"], found["secret_arn"]),
        }


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "secret_name": {"type": "str", "required": True, "no_log": False},
            "key_group_name": {"type": "str", "required": True, "no_log": False},
            "state": {"type": "str", "choices": ["present", "rotated", "absent"], "default": "present"},
            "key_type": {"type": "str", "choices": list(KEY_TYPES), "default": "rsa-2048"},
            "secret_format": {"type": "str", "choices": ["json", "pem"], "default": "json", "no_log": False},
            "kms_key_id": {"type": "str", "no_log": False},
            "rotation_period": {"type": "int"},
            "retire_after": {"type": "int"},
            "unfinished": {"type": "str", "choices": ["finish", "abandon"], "default": "finish"},
            "proof": {
                "type": "dict",
                "options": {
                    "url": {"type": "str", "required": True},
                    "connect_https": {"type": "str", "default": ""},
                    "ca_file": {"type": "path"},
                },
            },
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 900},
            "recovery_window": {"type": "int", "default": 30},
            "limits": {
                "type": "dict",
                "options": {
                    "public_keys": {"type": "int", "default": 10, "no_log": False},
                    "key_groups": {"type": "int", "default": 10, "no_log": False},
                    "keys_in_group": {"type": "int", "default": 5, "no_log": False},
                },
            },
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    if not HAS_CRYPTOGRAPHY:
        module.fail_json(msg=missing_required_lib("cryptography"))
    if problem := problem_of(module.params):
        module.fail_json(msg=f"{problem}. Nothing was written.")
    run(module, SigningKey(module))


if __name__ == "__main__":
    main()
