# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signing key in AWS: Secrets Manager and CloudFront read into a snapshot, and each step written."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from .aws import Aws, AwsError
from .key_material import StoredKey, fingerprint, generate, parse_secret, secret_text
from .signing_key import Group, PublicKey, Snapshot, Step, Version

#: Makes the tokens of new versions: the same step from the same state has the same token in every run.
NAMESPACE = uuid.UUID("6b1a5f0e-52cf-4f53-9a5e-0d7a8d0a6e55")
TOKEN_GENERATIONS = 20
# Errors by which AWS says that somebody else made this step, or changed what it rests on, a moment ago.
LOST_CODES = (
    "InvalidParameterException",
    "KeyGroupAlreadyExists",
    "NoSuchPublicKey",
    "NoSuchResource",
    "PreconditionFailed",
    "PublicKeyAlreadyExists",
    "ResourceExistsException",
)
# Limits of one account: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
LIMITS = {
    "TooManyPublicKeys": "10 public keys",
    "TooManyKeyGroups": "10 key groups",
    "TooManyPublicKeysInKeyGroup": "5 public keys in a key group",
}


class Lost(Exception):
    """The step was made, or made pointless, by another run: read again."""


class SigningKeyStore:
    """Secrets Manager's secret and CloudFront's public keys and key group, as one thing."""

    def __init__(self, module: Any) -> None:
        self._options = module.params
        self._aws = Aws(module)
        self._keys: dict[str, StoredKey] = {}  # by version of the secret
        self._current_version = ""
        self.secret_arn = ""
        self.tags: dict[str, str] = {}

    def read(self) -> Snapshot:
        """What AWS holds now. CloudFront before the secret: a registered key's private half was stored before it."""
        public_keys = self._public_keys()
        group = self._group()
        name = self._options["secret_name"]
        secret = self._aws.call(
            "secretsmanager", "describe_secret", absent=["ResourceNotFoundException"], SecretId=name
        )
        if secret is None:
            return Snapshot(public_keys=public_keys, group=group)
        self.secret_arn = secret["ARN"]
        self.tags = boto3_tag_list_to_ansible_dict(secret.get("Tags", []))
        if secret.get("DeletedDate"):
            return Snapshot("deleted", public_keys=public_keys, group=group)
        stages = {
            stage: version for version, labels in secret.get("VersionIdsToStages", {}).items() for stage in labels
        }
        self._current_version = stages.get("AWSCURRENT", "")
        current = self._version(self._current_version, "AWSCURRENT")
        pending = self._version(stages.get("AWSPENDING", ""), "AWSPENDING")
        promoted = pending is not None and pending == current
        return Snapshot(
            "present", self._current_version, current, None if promoted else pending, public_keys, group, promoted
        )

    def _version(self, version_id: str, stage: str) -> Version | None:
        if not version_id:
            return None
        if version_id not in self._keys:
            name = self._options["secret_name"]
            value = self._aws.call(
                "secretsmanager",
                "get_secret_value",
                absent=["ResourceNotFoundException"],
                SecretId=name,
                VersionId=version_id,
            )
            stored = parse_secret(value.get("SecretString", "{}"), f"Secret {name} ({stage})") if value else None
            if stored is None:
                return None
            self._keys[version_id] = stored
        stored = self._keys[version_id]
        return Version(version_id, stored.fingerprint, stored.key_pair_id)

    def _public_keys(self) -> tuple[PublicKey, ...]:
        found = []
        for item in self._aws.pages("cloudfront", "list_public_keys", "PublicKeyList.Items"):
            try:
                found.append(PublicKey(item["Id"], fingerprint(item["EncodedKey"]), item["Name"]))
            except ValueError:
                continue  # a key that is none cannot be ours
        return tuple(found)

    def _group(self) -> Group | None:
        found = self._raw_group()
        return Group(found["Id"], tuple(found["KeyGroupConfig"]["Items"])) if found else None

    def _raw_group(self) -> dict[str, Any] | None:
        marker: dict[str, str] = {}
        while True:
            page = self._aws.call("cloudfront", "list_key_groups", **marker)["KeyGroupList"]
            for item in page.get("Items") or []:
                if item["KeyGroup"]["KeyGroupConfig"]["Name"] == self._options["key_group_name"]:
                    return item["KeyGroup"]
            if not page.get("NextMarker"):
                return None
            marker = {"Marker": page["NextMarker"]}

    def take(self, step: Step) -> None:
        """Make one step.

        Raises Lost where another run made it a moment ago, AnsibleAWSError where it cannot be made.
        """
        try:
            getattr(self, f"_{step.name}")(step)
        except AwsError as error:
            if error.code in LIMITS:
                raise AnsibleAWSError(
                    message=f"Cannot {step.summary}: the account has reached CloudFront's limit of "
                    f"{LIMITS[error.code]}. Delete unused ones, or ask AWS for more, then run again; what is made so "
                    "far is kept."
                ) from error
            if error.code in LOST_CODES:
                raise Lost(step.summary) from error
            raise

    def _create_secret(self, step: Step) -> None:
        """An empty document first: Secrets Manager labels the first version AWSCURRENT, and no key may be that yet.

        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        parameters = {"KmsKeyId": self._options["kms_key_id"]} if self._options["kms_key_id"] else {}
        self._aws.call(
            "secretsmanager",
            "create_secret",
            Name=self._options["secret_name"],
            SecretString="{}",
            Tags=ansible_dict_to_boto3_tag_list(self._options["tags"] or {}),
            **parameters,
        )

    def _restore_secret(self, step: Step) -> None:
        self._aws.call("secretsmanager", "restore_secret", SecretId=self._options["secret_name"])

    def _store_key(self, step: Step) -> None:
        private_pem = generate(self._options["key_type"])
        # While no key pair id is known the document goes without it, in the bare form as it stays.
        self._put_pending(f"key after {self._current_version}", secret_text(None, private_pem, self._format))

    def _store_key_pair_id(self, step: Step) -> None:
        if step.version and step.key:
            stored = self._keys[step.version.version_id]
            text = secret_text(step.key.key_id, stored.private_pem, self._format)
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
                    SecretId=self._options["secret_name"],
                    ClientRequestToken=token,
                    SecretString=text,
                    VersionStages=["AWSPENDING"],
                )
                return
            except AwsError as error:
                if error.code != "ResourceExistsException":
                    raise
            if self._pending_version():
                raise Lost(reason)
        raise AnsibleAWSError(message=f"Secret {self._options['secret_name']}: too many abandoned keys in one place")

    def _pending_version(self) -> str:
        secret = self._aws.call("secretsmanager", "describe_secret", SecretId=self._options["secret_name"])
        versions = secret.get("VersionIdsToStages", {})
        return next((version for version, labels in versions.items() if "AWSPENDING" in labels), "")

    def _register_key(self, step: Step) -> None:
        if step.version:
            stored = self._keys[step.version.version_id]
            reference = stored.fingerprint[:32]
            self._aws.call(
                "cloudfront",
                "create_public_key",
                PublicKeyConfig={
                    "CallerReference": reference,
                    "Name": f"{self._options['key_group_name']}-{reference[:12]}",
                    "EncodedKey": stored.public_pem,
                    "Comment": f"Private key in Secrets Manager: {self._options['secret_name']}",
                },
            )

    def _create_group(self, step: Step) -> None:
        if step.key:
            config = {"Name": self._options["key_group_name"], "Items": [step.key.key_id]}
            self._aws.call("cloudfront", "create_key_group", KeyGroupConfig=config)

    def _join_group(self, step: Step) -> None:
        found = self._raw_group()
        if found is None or step.key is None:
            raise Lost("the key group is gone")
        answer = self._aws.call("cloudfront", "get_key_group", Id=found["Id"])
        config = answer["KeyGroup"]["KeyGroupConfig"]
        if step.key.key_id not in config["Items"]:
            self._aws.call(
                "cloudfront",
                "update_key_group",
                Id=found["Id"],
                IfMatch=answer["ETag"],
                KeyGroupConfig={**config, "Items": [*config["Items"], step.key.key_id]},
            )

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
            SecretId=self._options["secret_name"],
            VersionStage=label,
            **versions,
        )

    def _drop_orphan(self, step: Step) -> None:
        if step.key:
            answer = self._aws.call("cloudfront", "get_public_key", absent=["NoSuchPublicKey"], Id=step.key.key_id)
            if answer:
                self._aws.call("cloudfront", "delete_public_key", Id=step.key.key_id, IfMatch=answer["ETag"])

    def tag(self, tags: dict[str, str], removed: list[str]) -> None:
        name = self._options["secret_name"]
        if tags:
            self._aws.call("secretsmanager", "tag_resource", SecretId=name, Tags=ansible_dict_to_boto3_tag_list(tags))
        if removed:
            self._aws.call("secretsmanager", "untag_resource", SecretId=name, TagKeys=removed)
