# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret that holds the private key: its versions, their staging labels, and the keys in them."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from .._aws import Aws, AwsError
from .._cloudfront.key_material import StoredKey, generate, secret_text, stored_key
from .errors import LostError
from .state import Version

#: Derives the tokens of new versions: the same step from the same state has the same token in every run.
NAMESPACE = uuid.UUID("6b1a5f0e-52cf-4f53-9a5e-0d7a8d0a6e55")
TOKEN_GENERATIONS = 20


class Secret:
    """One secret, and the private keys that this run has read from it, by version."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws = aws
        self.name = name
        self._keys: dict[str, StoredKey] = {}
        self._current_version = ""
        self.arn = ""
        self.tags: dict[str, str] = {}

    def read(self) -> dict[str, Any]:
        """What AWS holds now, as fields of a snapshot.

        Raises AnsibleAWSError if a version holds something that is no key.
        """
        secret = self._aws.call(
            "secretsmanager", "describe_secret", absent=["ResourceNotFoundException"], SecretId=self.name
        )
        if secret is None:
            return {}
        self.arn = secret["ARN"]
        self.tags = boto3_tag_list_to_ansible_dict(secret.get("Tags", []))
        if secret.get("DeletedDate"):
            return {"secret": "deleted"}
        stages = {
            stage: version for version, labels in secret.get("VersionIdsToStages", {}).items() for stage in labels
        }
        self._current_version = stages.get("AWSCURRENT", "")
        current = self._version(self._current_version, "AWSCURRENT")
        pending = self._version(stages.get("AWSPENDING", ""), "AWSPENDING")
        promoted = pending is not None and pending == current
        return {
            "secret": "present",
            "current_version": self._current_version,
            "current": current,
            "pending": None if promoted else pending,
            "promoted": promoted,
        }

    def _version(self, version_id: str, stage: str) -> Version | None:
        if not version_id:
            return None
        if version_id not in self._keys:
            value = self._aws.call("secretsmanager", "get_secret_value", SecretId=self.name, VersionId=version_id)
            stored = stored_key(value, f"Secret {self.name} ({stage})")
            if stored is None:
                return None
            self._keys[version_id] = stored
        stored = self._keys[version_id]
        return Version(version_id, stored.fingerprint, stored.key_pair_id)

    def key(self, version: Version) -> StoredKey:
        """The private key of a version that was read."""
        return self._keys[version.version_id]

    def create(self, tags: dict[str, str], kms_key_id: str | None) -> None:
        """An empty document first: Secrets Manager labels the first version AWSCURRENT, and no key may be that yet.

        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        self._aws.call(
            "secretsmanager",
            "create_secret",
            Name=self.name,
            SecretString="{}",
            Tags=ansible_dict_to_boto3_tag_list(tags),
            **({"KmsKeyId": kms_key_id} if kms_key_id else {}),
        )

    def restore(self) -> None:
        self._aws.call("secretsmanager", "restore_secret", SecretId=self.name)

    def delete(self, recovery_window: int) -> None:
        """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
        window = {"RecoveryWindowInDays": recovery_window} if recovery_window else {"ForceDeleteWithoutRecovery": True}
        self._aws.call("secretsmanager", "delete_secret", SecretId=self.name, **window)

    def store_key(self, key_type: str, secret_format: str) -> None:
        """Store a new private key as AWSPENDING; while no key pair id is known the document goes without it."""
        current = self._keys.get(self._current_version)
        text = secret_text(None, generate(key_type), secret_format, current.others if current else None)
        self._put_pending(f"key after {self._current_version}", text)

    def store_key_pair_id(self, version: Version, key_pair_id: str, secret_format: str) -> None:
        """Store a version's private key anew with the id of its public key beside it."""
        stored = self.key(version)
        text = secret_text(key_pair_id, stored.private_pem, secret_format, stored.others)
        self._put_pending(f"id of {version.version_id} is {key_pair_id}", text)

    def _put_pending(self, reason: str, text: str) -> None:
        """Store a version as AWSPENDING under a token that every run in this state derives alike.

        Of two runs with two keys the second is refused, because the token's version has another value, and goes on
        with the first one's key. A token whose version was abandoned is spent; the next one is used.
        """
        for generation in range(TOKEN_GENERATIONS):
            token = str(uuid.uuid5(NAMESPACE, f"{self.arn} {reason} {generation}"))
            try:
                self._aws.call(
                    "secretsmanager",
                    "put_secret_value",
                    SecretId=self.name,
                    ClientRequestToken=token,
                    SecretString=text,
                    VersionStages=["AWSPENDING"],
                )
                return
            except AwsError as error:
                if error.code != "ResourceExistsException":
                    raise
            if self._others_went_on():
                raise LostError(reason)
        raise AnsibleAWSError(message=f"Secret {self.name}: too many abandoned keys in one place")

    def _others_went_on(self) -> bool:
        """Whether another run has stored a key since this one read the secret, or made one current."""
        secret = self._aws.call("secretsmanager", "describe_secret", SecretId=self.name)
        versions = secret.get("VersionIdsToStages", {})
        pending = any("AWSPENDING" in labels for labels in versions.values())
        return pending or "AWSCURRENT" not in versions.get(self._current_version, [])

    def promote(self, version: Version) -> None:
        moved = {"RemoveFromVersionId": self._current_version} if self._current_version else {}
        self._move_label("AWSCURRENT", MoveToVersionId=version.version_id, **moved)

    def remove_pending_label(self, version: Version) -> None:
        self._move_label("AWSPENDING", RemoveFromVersionId=version.version_id)

    def _move_label(self, label: str, **versions: str) -> None:
        self._aws.call(
            "secretsmanager", "update_secret_version_stage", SecretId=self.name, VersionStage=label, **versions
        )

    def tag(self, tags: dict[str, str], removed: list[str]) -> None:
        if tags:
            changed = ansible_dict_to_boto3_tag_list(tags)
            self._aws.call("secretsmanager", "tag_resource", SecretId=self.name, Tags=changed)
        if removed:
            self._aws.call("secretsmanager", "untag_resource", SecretId=self.name, TagKeys=removed)
