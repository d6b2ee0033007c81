#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_signing_key
version_added: 1.0.0
short_description: Manage the key that signs CloudFront cookies and URLs
description:
  - Creates a key pair, keeps its private key in Secrets Manager, registers its public key in CloudFront, and adds it to
    a key group that distributions can trust. Rotates the key without refusing a viewer, retires or revokes the old key,
    adopts a key that was created by other means, and deletes all of it.
  - The private key exists in memory and in Secrets Manager, nowhere else; it is never returned, logged or shown.
  - The staging labels of Secrets Manager order the writes. The new private key is stored as C(AWSPENDING), its public
    key is registered and joins the key group. Once every distribution that trusts the group is deployed with it, and
    the CDN accepts it (O(proof)), C(AWSPENDING) becomes C(AWSCURRENT). At every moment the key in C(AWSCURRENT) is
    trusted. The next run completes an interrupted one. Two runs at once end with one key.
  - A replaced public key stays trusted for O(retire_after) seconds. Its comment holds the time of its replacement.
    The first run after that stops trusting it and deletes it.
  - An existing secret, public key and key group, in PEM or JSON, PKCS#1 or PKCS#8, are adopted without a new key if
    private and public key belong together; it is an error with both fingerprints if they do not. Public keys in the
    group that belong to no secret or to another one are left as they are.
  - A secret that is scheduled for deletion is restored, and its key used again.
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
      - V(present) ensures that a key is in use, completes what an interrupted run began, and retires what is due.
      - V(rotated) does the same, and replaces the key, once in each run. A rotation that another run began is the one
        that is asked for, and is completed.
      - V(rotated) with O(retire_after=0) revokes the old key. The same run replaces it and removes it from the key
        group, so that every cookie and URL signed with it stops working, within minutes, as the edge locations follow.
      - V(absent) deletes the secret, the key group and the public keys. It is refused while a distribution trusts the
        group.
    type: str
    choices: [present, rotated, absent]
    default: present
  key_type:
    description: The type of a new key. An existing key of another type is kept.
    type: str
    choices: [rsa-2048, ecdsa-p256]
    default: rsa-2048
  secret_format:
    description:
      - With V(json) the secret holds C({"keyPairId", "privateKey"}), so that a reader can never pair one key's id with
        another key's signature. A secret that holds a bare PEM is rewritten so.
      - With V(pem) a new secret holds the private key only.
    type: str
    choices: [json, pem]
    default: json
  kms_key_id:
    description: The KMS key that encrypts a new secret. If omitted, the AWS managed key of Secrets Manager.
    type: str
  rotation_period:
    description: With O(state=present), a key whose public key is older than this many seconds is rotated.
    type: int
  retire_after:
    description:
      - For how many seconds a replaced key stays trusted. It must cover the time for which signers cache the private
        key, plus the longest lifetime of a cookie or URL, plus the clock skew.
      - If omitted, replaced keys stay trusted until a run sets it.
    type: int
  unfinished:
    description: What to do with a new key that is not current yet, from an interrupted run.
    type: str
    choices: [finish, abandon]
    default: finish
  proof:
    description:
      - How to try a new key before any signer uses it. A request signed with it must pass the CDN, while readers of
        the secret still get the old one.
      - The CDN must be reachable from where the module runs. A first key is not tried, for nothing trusts it yet.
    type: dict
    suboptions:
      url:
        description:
          - An https address below a distribution that trusts the group, in a behavior that requires a signature. No
            object needs to exist; the origin's own refusal counts as passed.
        type: str
        required: true
      connect_https:
        description: The address and port to connect to, instead of those in the URL.
        type: str
        default: ""
      ca_file:
        description: The CA certificates to trust for the CDN, instead of the system's.
        type: path
  wait:
    description:
      - Whether to wait for CloudFront, which takes minutes. A new key becomes C(AWSCURRENT) only when every
        distribution that trusts the key group is C(Deployed) with it, and the CDN accepts it (O(proof)). A public key
        that left the group is deleted only when they are C(Deployed) without it.
      - While the module waits, the controller shows the reason and the elapsed time.
      - With V(false) the module tries once and returns RV(complete=false) if it must wait; the next run continues.
    type: bool
    default: true
  wait_timeout:
    description: How long to wait, in seconds.
    type: int
    default: 900
  wait_delay:
    description: The longest pause between two attempts, in seconds. The first ones are shorter.
    type: int
    default: 5
  recovery_window:
    description:
      - With O(state=absent), for how many days the deleted secret can be restored, from 7 to 30.
      - With V(0) it is deleted at once.
    type: int
    default: 30
  limits:
    description:
      - The account's quotas, if AWS has raised them. A run that would exceed one is refused before the first write.
      - If omitted, CloudFront's defaults
        (U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html)).
    type: dict
    suboptions:
      public_keys:
        description: Public keys in the account.
        type: int
      key_groups:
        description: Key groups in the account.
        type: int
      keys_in_group:
        description: Public keys in one key group.
        type: int
attributes:
  check_mode:
    support: partial
    details: What a deleted secret holds cannot be read. If it is to be restored, later steps are not predicted.
  idempotent:
    support: partial
    details:
      - O(state=present) and O(state=absent) change nothing in a second run, until a key is due to be rotated
        (O(rotation_period)) or retired (O(retire_after)).
      - O(state=rotated) replaces the key in each run.
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
seealso:
  - module: arda.image_upload.cloudfront_signing_key_info
  - name: Specify signers that can create signed URLs and signed cookies
    description: CloudFront's key groups.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
  - name: Secret versions
    description: The staging labels of Secrets Manager.
    link: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

EXAMPLES = r"""
- name: Ensure that the web back end has a key to sign cookies with
  arda.image_upload.cloudfront_signing_key:
    secret_name: dev/image-signing-key
    key_group_name: dev-images

- name: Rotate the key every 90 days; signers cache it for 8 hours, cookies live for 12
  arda.image_upload.cloudfront_signing_key:
    secret_name: dev/image-signing-key
    key_group_name: dev-images
    rotation_period: 7776000
    retire_after: 72900
    proof:
      url: https://dev.images.example.com/proof

- name: Replace the key and revoke the old one
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
  description: What was changed, or in check mode would be changed, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create the secret", "make a key pair and store its private key as AWSPENDING"]
complete:
  description: Whether no step is left that waits for the CDN.
  returned: success
  type: bool
  sample: true
waiting_for:
  description: What the next step waits for, with the elapsed time, if RV(complete=false); else empty.
  returned: success
  type: str
  sample: distribution EDFDVBD6EXAMPLE (images.example.com) is InProgress, 40 s after the key group changed
public_keys:
  description: >-
    Every public key of the secret or in the group, oldest first, with its stage and its times, as
    M(arda.image_upload.cloudfront_signing_key_info) returns them, without the age.
  returned: success
  type: list
  elements: dict
  sample: [{key_pair_id: K36X4X2EO997HM, stage: current, trusted: true, created: "2026-11-23T10:00:00Z"}]
signing_key:
  description:
    - The signing key, without its private half.
    - In check mode, what AWS is yet to assign is V((known after apply\)).
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
      sample: arn:aws:secretsmanager:us-east-1:111122223333:secret:dev/image-signing-key-a1b2c3
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
    KNOWN_AFTER_APPLY,
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.goal import goal_of, problem_of, refusal
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.loop import LOST_SECONDS, StepLoop
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.quotas import QUOTAS
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.reader import SigningKeyReader
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.report import facts, keys, stage
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.state import Snapshot
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.steps import Goal, plan
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.writer import SigningKeyWriter

TAG = "tag the secret"


def dated(found: list[dict[str, Any]], before: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Public keys without their ages. The time of what a prediction does to a key is KNOWN_AFTER_APPLY.

    ``before`` are the public keys before the prediction, None for keys that were read.
    """
    known = {key["key_pair_id"]: key for key in before or []}
    shown = []
    for key in found:
        kept = {name: value for name, value in key.items() if name != "age"}
        for time in ("created", "replaced", "retires"):
            if before is not None and kept[time] and kept[time] != known.get(key["key_pair_id"], {}).get(time):
                kept[time] = KNOWN_AFTER_APPLY
        shown.append(kept)
    return shown


class SigningKey(Resource):
    """The plan is what a run takes as steps if nobody else writes; the run itself decides on each step anew."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._module = module
        self._options = module.params
        self._reader = SigningKeyReader(module)
        lost_seconds = min(LOST_SECONDS, self._options["wait_timeout"])
        self._loop = StepLoop(self._reader, SigningKeyWriter(self._reader, self._options), lost_seconds)
        self._goal: Goal | None = None
        self._before: list[dict[str, Any]] | None = None  # in check mode, the public keys before the prediction
        self._tagged: list[str] = []

    def read(self) -> dict[str, Any]:
        snapshot = self._reader.read()
        if self._goal is None:  # what is to be replaced is what AWS holds when the run begins
            self._goal = goal_of(self._options, snapshot)
            if self._module.check_mode:
                self._before = keys(snapshot, self._goal)
        secret = self._reader.secret
        return {"goal": self._goal, "snapshot": snapshot, "secret_arn": secret.arn, "tags": secret.tags}

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        if actual is None:
            return []
        goal, snapshot = actual["goal"], actual["snapshot"]
        changes = [Change("take_step", step.summary, {"step": step}) for step, _after in plan(snapshot, goal)]
        tags, removed = tag_changes(actual["tags"], self._options["tags"], self._options["purge_tags"])
        if (tags or removed) and snapshot.secret in ("present", "deleted") and goal.state != "absent":
            changes.append(Change("tag", TAG, {"tags": tags, "removed": removed}))
        return changes

    def refuse(self, actual: dict[str, Any] | None, changes: list[Change]) -> None:
        """A refusal counts if two reads agree on it: the first may have been between two writes of another run."""
        if actual is None:
            return
        goal: Goal = actual["goal"]
        problem = refusal(actual["snapshot"], goal)
        while problem:
            before, problem = problem, refusal(self._reader.read(), goal)
            if problem == before:
                raise AnsibleAWSError(
                    message=f"Secret {self._options['secret_name']} with key group {self._options['key_group_name']}: "
                    f"{problem} Nothing was written."
                )
        if goal.retire_after == 0 and any(
            change.method == "take_step" and change.arguments["step"].name == "leave_group" for change in changes
        ):
            self._module.warn(
                "Every cookie and URL that is signed with a replaced key stops working in this run, within minutes, as "
                "CloudFront's edge locations follow. Signers that cache the private key sign what is refused until "
                "they read the secret again."
            )

    def apply(self, changes: list[Change]) -> None:
        """Take steps from what AWS holds, whatever was planned, and tag the secret as planned."""
        if any(change.method == "take_step" for change in changes):
            self._loop.run(self._goal or Goal())
        for change in changes:
            if change.method == "tag":
                self._reader.secret.tag(**change.arguments)
                self._tagged.append(change.summary)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if actual is None:
            return None
        steps = plan(actual["snapshot"], actual["goal"])
        snapshot = steps[-1][1] if steps else actual["snapshot"]
        tags = tags_after(actual["tags"], self._options["tags"], self._options["purge_tags"])
        return {**actual, "snapshot": snapshot, "tags": tags}

    def wait(self, state: dict[str, Any] | None) -> dict[str, Any] | None:
        """The steps do the waiting; here it ends with an error if it was in vain."""
        if self._loop.waiting_for and self._options["wait"] and state is not None:
            secret = self._options["secret_name"]
            way_on = (
                f"AWSCURRENT of secret {secret} is still the old key, and viewers notice nothing. Run again to finish "
                "the rotation, or with unfinished=abandon to give the new key up."
                if state["snapshot"].pending
                else f"Secret {secret} holds the new key, and the key group does not hold the old one. Edge locations "
                "may accept the old key until they follow. Run again to finish."
            )
            seconds = self._options["wait_timeout"]
            raise AnsibleAWSError(message=f"Not done after {seconds} seconds: {self._loop.waiting_for}. {way_on}")
        return state

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if not state or state["snapshot"].secret in ("absent", "deleted"):
            return {}
        snapshot: Snapshot = state["snapshot"]
        if snapshot.secret == "present" and snapshot.current is None:
            return {}
        return {
            "secret": self._options["secret_name"],
            "key_pair_id": snapshot.current.key_pair_id if snapshot.current else KNOWN_AFTER_APPLY,
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
        # Outside check mode what was done counts, which another run at once makes more or less than was planned.
        taken = self._loop.taken
        changed = bool(self._tagged) or any(step.writes for step in taken)
        done = {"changed": changed, "changes": [*(step.summary for step in taken), *self._tagged]}
        return {
            **({} if self._module.check_mode else done),
            "complete": not self._loop.waiting_for,
            "waiting_for": self._loop.waiting_for,
            "signing_key": facts(found["snapshot"], found["secret_arn"]),
            "public_keys": dated(keys(found["snapshot"], self._goal or Goal()), self._before),
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
            "wait_delay": {"type": "int", "default": 5},
            "recovery_window": {"type": "int", "default": 30},
            "limits": {
                "type": "dict",
                "options": {name: {"type": "int", "no_log": False} for name in QUOTAS},
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
