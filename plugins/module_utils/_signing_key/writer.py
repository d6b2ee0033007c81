# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signing key in AWS, written: every step towards the goal, made so that AWS lets it succeed once."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list

from .._aws import AwsError, wait_until
from .._cloudfront.http import Viewer
from .._cloudfront.key_material import generate, secret_text
from .proof import objection
from .reader import SigningKeyReader, comment
from .steps import Step

#: Makes the tokens of new versions: the same step from the same state has the same token in every run.
NAMESPACE = uuid.UUID("6b1a5f0e-52cf-4f53-9a5e-0d7a8d0a6e55")
TOKEN_GENERATIONS = 20
# Errors by which AWS says that somebody else made this step, or changed what it rests on, a moment ago.
LOST_CODES = (
    "InvalidParameterException",
    "InvalidRequestException",
    "KeyGroupAlreadyExists",
    "NoSuchPublicKey",
    "NoSuchResource",
    "PreconditionFailed",
    "PublicKeyAlreadyExists",
    "ResourceExistsException",
    "ResourceNotFoundException",
)
# Limits of one account: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
LIMITS = {
    "TooManyPublicKeys": "public keys",
    "TooManyKeyGroups": "key groups",
    "TooManyPublicKeysInKeyGroup": "public keys in a key group",
}


class Lost(Exception):
    """The step was made, or made pointless, by another run: read again."""


class Waiting(Exception):
    """The step has to be tried again later; the text says why."""


class SigningKeyStore(SigningKeyReader):
    """Secrets Manager's secret and CloudFront's public keys and key group, as one thing."""

    def __init__(self, module: Any) -> None:
        super().__init__(module)
        self._options = module.params

    def take(self, step: Step) -> None:
        """Make one step.

        Raises Lost where another run made it a moment ago, Waiting where it must be tried later, AnsibleAWSError where
        it cannot be made.
        """
        try:
            getattr(self, f"_{step.name}")(step)
        except AwsError as error:
            if error.code in LIMITS:
                raise AnsibleAWSError(
                    message=f"Cannot {step.summary}: the account has reached its limit of CloudFront "
                    f"{LIMITS[error.code]}. Delete unused ones, or ask AWS for more, then run again; what is made so "
                    "far is kept."
                ) from error
            if error.code in LOST_CODES:
                raise Lost(f"{step.summary}: {error.exception}") from error
            raise

    def _create_secret(self, step: Step) -> None:
        """An empty document first: Secrets Manager labels the first version AWSCURRENT, and no key may be that yet.

        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        parameters = {"KmsKeyId": self._options["kms_key_id"]} if self._options["kms_key_id"] else {}
        self._aws.call(
            "secretsmanager",
            "create_secret",
            Name=self._name,
            SecretString="{}",
            Tags=ansible_dict_to_boto3_tag_list(self._options["tags"] or {}),
            **parameters,
        )

    def _restore_secret(self, step: Step) -> None:
        self._aws.call("secretsmanager", "restore_secret", SecretId=self._name)

    def _store_key(self, step: Step) -> None:
        private_pem = generate(self._options["key_type"])
        # While no key pair id is known the document goes without it, in the bare form as it stays.
        current = self._keys.get(self._current_version)
        text = secret_text(None, private_pem, self._format, current.others if current else None)
        self._put_pending(f"key after {self._current_version}", text)

    def _store_key_pair_id(self, step: Step) -> None:
        if step.version and step.key:
            stored = self._keys[step.version.version_id]
            text = secret_text(step.key.key_id, stored.private_pem, self._format, stored.others)
            self._put_pending(f"id of {step.version.version_id} is {step.key.key_id}", text)

    @property
    def _format(self) -> str:
        return self._options["secret_format"]

    def _put_pending(self, reason: str, text: str) -> None:
        """Store a version as AWSPENDING under a token that every run in this state derives alike.

        Of two runs with two keys the second is refused, because the token's version has another value, and goes on
        with the first one's key. A token whose version was abandoned is spent; the next one is used.
        """
        for generation in range(TOKEN_GENERATIONS):
            token = str(uuid.uuid5(NAMESPACE, f"{self.secret_arn} {reason} {generation}"))
            try:
                self._aws.call(
                    "secretsmanager",
                    "put_secret_value",
                    SecretId=self._name,
                    ClientRequestToken=token,
                    SecretString=text,
                    VersionStages=["AWSPENDING"],
                )
                return
            except AwsError as error:
                if error.code != "ResourceExistsException":
                    raise
            if self._others_went_on():
                raise Lost(reason)
        raise AnsibleAWSError(message=f"Secret {self._name}: too many abandoned keys in one place")

    def _others_went_on(self) -> bool:
        """Whether another run has stored a key since this one looked, or made one current."""
        secret = self._aws.call("secretsmanager", "describe_secret", SecretId=self._name)
        versions = secret.get("VersionIdsToStages", {})
        pending = any("AWSPENDING" in labels for labels in versions.values())
        return pending or "AWSCURRENT" not in versions.get(self._current_version, [])

    def _register_key(self, step: Step) -> None:
        if step.version:
            stored = self._keys[step.version.version_id]
            reference = stored.fingerprint[:32]
            self._aws.call(
                "cloudfront",
                "create_public_key",
                PublicKeyConfig={
                    "CallerReference": reference,
                    "Name": f"{self._group_name}-{reference[:12]}",
                    "EncodedKey": stored.public_pem,
                    "Comment": comment(self._name),
                },
            )

    def _create_group(self, step: Step) -> None:
        if step.key:
            config = {"Name": self._group_name, "Items": [step.key.key_id]}
            self._aws.call("cloudfront", "create_key_group", KeyGroupConfig=config)

    def _join_group(self, step: Step) -> None:
        if step.key:
            self._change_group(add=[step.key.key_id], remove=[])

    def _leave_group(self, step: Step) -> None:
        if step.key:
            self._change_group(add=[], remove=[step.key.key_id])

    def _change_group(self, add: list[str], remove: list[str]) -> None:
        group = self._groups()["group"]
        if group is None:
            raise Lost("the key group is gone")
        answer = self._aws.call("cloudfront", "get_key_group", Id=group.group_id)
        config = answer["KeyGroup"]["KeyGroupConfig"]
        kept = [key_id for key_id in config["Items"] if key_id not in (*add, *remove)]
        if [*kept, *add] != config["Items"]:
            self._aws.call(
                "cloudfront",
                "update_key_group",
                Id=group.group_id,
                IfMatch=answer["ETag"],
                KeyGroupConfig={**config, "Items": [*kept, *add]},
            )

    def _delete_group(self, step: Step) -> None:
        group = self._groups()["group"]
        answer = group and self._aws.call("cloudfront", "get_key_group", absent=["NoSuchResource"], Id=group.group_id)
        if group and answer:
            self._aws.call("cloudfront", "delete_key_group", Id=group.group_id, IfMatch=answer["ETag"])

    def _claim_key(self, step: Step) -> None:
        self._comment_on(step, comment(self._name))

    def _mark_replaced(self, step: Step) -> None:
        self._comment_on(step, comment(self._name, self._groups()["now"]))

    def _comment_on(self, step: Step, text: str) -> None:
        """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdatePublicKey.html: only this can change."""
        if step.key:
            answer = self._aws.call("cloudfront", "get_public_key", Id=step.key.key_id)
            config = answer["PublicKey"]["PublicKeyConfig"]
            self._aws.call(
                "cloudfront",
                "update_public_key",
                Id=step.key.key_id,
                IfMatch=answer["ETag"],
                PublicKeyConfig={**config, "Comment": text},
            )

    def _prove(self, step: Step) -> None:
        """Try the new key through the CDN, until it is taken or the time is over.

        Raises Waiting with the reason; AWSCURRENT is still the old key, and a later run tries again.
        """
        proof = self._options["proof"]
        if not (step.version and step.key):
            return
        viewer = Viewer(proof["connect_https"], ca_file=proof["ca_file"])
        private_pem = self._keys[step.version.version_id].private_pem
        key_pair_id = step.key.key_id
        reasons = [""]

        def taken() -> bool:
            reasons.append(objection(viewer, proof["url"], key_pair_id, private_pem))
            return not reasons[-1]

        try:
            timeout = self._options["wait_timeout"] if self._options["wait"] else 0
            wait_until(taken, timeout, "the CDN to take the new key")
        except AwsError as error:
            raise Waiting(reasons[-1]) from error
        self._proven.add(step.version.fingerprint)

    def _promote(self, step: Step) -> None:
        if step.version:
            moved = {"MoveToVersionId": step.version.version_id}
            if self._current_version:
                moved["RemoveFromVersionId"] = self._current_version
            self._move_label("AWSCURRENT", moved)

    def _clear_pending(self, step: Step) -> None:
        if step.version:
            self._move_label("AWSPENDING", {"RemoveFromVersionId": step.version.version_id})

    def _move_label(self, label: str, versions: dict[str, str]) -> None:
        self._aws.call(
            "secretsmanager",
            "update_secret_version_stage",
            SecretId=self._name,
            VersionStage=label,
            **versions,
        )

    _abandon_pending = _clear_pending

    def _drop_key(self, step: Step) -> None:
        if step.key:
            answer = self._aws.call("cloudfront", "get_public_key", absent=["NoSuchPublicKey"], Id=step.key.key_id)
            if answer:
                self._aws.call("cloudfront", "delete_public_key", Id=step.key.key_id, IfMatch=answer["ETag"])

    def _delete_secret(self, step: Step) -> None:
        """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
        days = self._options["recovery_window"]
        window = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        self._aws.call("secretsmanager", "delete_secret", SecretId=self._name, **window)

    def tag(self, tags: dict[str, str], removed: list[str]) -> None:
        name = self._name
        if tags:
            self._aws.call("secretsmanager", "tag_resource", SecretId=name, Tags=ansible_dict_to_boto3_tag_list(tags))
        if removed:
            self._aws.call("secretsmanager", "untag_resource", SecretId=name, TagKeys=removed)
