# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signing key in AWS, read: Secrets Manager and CloudFront as one snapshot."""

from __future__ import annotations

import calendar
import hashlib
import re
import time
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from .._aws import Aws, AwsError
from .._cloudfront.key_material import StoredKey, fingerprint, parse_secret
from .state import Group, PublicKey, Snapshot, Version

#: The comment of a public key says which secret it belongs to, and since when another one replaces it.
OWNED = "Private key in Secrets Manager: "
COMMENT = re.compile(rf"^{OWNED}(?P<secret>.+?)(; replaced (?P<replaced>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ))?$")
TIME = "%Y-%m-%dT%H:%M:%SZ"
LONGEST_NAME = 60  # a comment has 128 characters at most
# What GetSecretValue answers where another run has deleted the secret since DescribeSecret found it.
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
GONE_CODES = ("InvalidRequestException", "ResourceNotFoundException")
LOOKS = 5


def name_in_comment(secret_name: str) -> str:
    """The name of a secret as a comment has it; a long one is cut, and told apart by its digest."""
    if len(secret_name) <= LONGEST_NAME:
        return secret_name
    return f"{secret_name[: LONGEST_NAME - 9]}~{hashlib.sha256(secret_name.encode()).hexdigest()[:8]}"


def comment(secret_name: str, replaced: float | None = None) -> str:
    """The comment of a public key; ``replaced`` in seconds since 1970."""
    text = OWNED + name_in_comment(secret_name)
    return text if replaced is None else f"{text}; replaced {timestamp(replaced)}"


def timestamp(seconds: float) -> str:
    """ISO 8601 in UTC."""
    return time.strftime(TIME, time.gmtime(seconds))


def read_comment(text: str) -> tuple[str, float | None]:
    """The name of the secret that a comment names, or nothing, and the time of the replacement."""
    found = COMMENT.match(text or "")
    if not found:
        return "", None
    replaced = found["replaced"]
    return found["secret"], calendar.timegm(time.strptime(replaced, TIME)) if replaced else None


class SigningKeyReader:
    """Reads the secret, the public keys and the key group that a module's options name."""

    def __init__(self, module: Any) -> None:
        self._aws = Aws(module)
        self._name = module.params["secret_name"]
        self._group_name = module.params["key_group_name"]
        self._removing = module.params.get("state") == "absent"
        self._keys: dict[str, StoredKey] = {}  # by version of the secret
        self._owners: dict[str, str] = {}  # the secret that a public key's comment names, by the key's id
        self._proven: set[str] = set()
        self._current_version = ""
        self.secret_arn = ""
        self.tags: dict[str, str] = {}

    def read(self) -> Snapshot:
        """What AWS holds now.

        Raises AnsibleAWSError where the secret holds something that is no key, or the key of another secret.
        """
        for _look in range(LOOKS - 1):
            try:
                return self._read()
            except AwsError as error:
                if error.code not in GONE_CODES:
                    raise
        return self._read()

    def _read(self) -> Snapshot:
        """CloudFront before the secret: a registered key's private half was stored before it."""
        found = Snapshot(proven=frozenset(self._proven), public_keys=self._public_keys(), **self._groups())
        if self._removing:
            found = replace(found, users=self._users(found.group))
        secret = self._aws.call(
            "secretsmanager", "describe_secret", absent=["ResourceNotFoundException"], SecretId=self._name
        )
        if secret is None:
            return found
        self.secret_arn = secret["ARN"]
        self.tags = boto3_tag_list_to_ansible_dict(secret.get("Tags", []))
        if secret.get("DeletedDate"):
            return replace(found, secret="deleted")
        stages = {
            stage: version for version, labels in secret.get("VersionIdsToStages", {}).items() for stage in labels
        }
        self._current_version = stages.get("AWSCURRENT", "")
        current = self._version(self._current_version, "AWSCURRENT")
        pending = self._version(stages.get("AWSPENDING", ""), "AWSPENDING")
        promoted = pending is not None and pending == current
        found = replace(
            found,
            secret="present",
            current_version=self._current_version,
            current=current,
            pending=None if promoted else pending,
            promoted=promoted,
        )
        for version in (current, pending):
            self._refuse_another_secrets(found.registered(version))
        return found

    def _refuse_another_secrets(self, key: PublicKey | None) -> None:
        owner = self._owners.get(key.key_id, "") if key else ""
        if key and owner and not key.owned:
            raise AnsibleAWSError(
                message=f"Public key {key.key_id} is the signing key of secret {owner} already, and secret "
                f"{self._name} holds the same private key. Nothing was written. One key belongs to one secret: "
                "correct or delete one of the two, then run again."
            )

    def _version(self, version_id: str, stage: str) -> Version | None:
        if not version_id:
            return None
        if version_id not in self._keys:
            value = self._aws.call("secretsmanager", "get_secret_value", SecretId=self._name, VersionId=version_id)
            stored = parse_secret(value.get("SecretString", "{}"), f"Secret {self._name} ({stage})")
            if stored is None:
                return None
            self._keys[version_id] = stored
        stored = self._keys[version_id]
        return Version(version_id, stored.fingerprint, stored.key_pair_id)

    def _public_keys(self) -> tuple[PublicKey, ...]:
        found = []
        for item in self._aws.pages("cloudfront", "list_public_keys", "PublicKeyList.Items"):
            owner, replaced = read_comment(item.get("Comment", ""))
            self._owners[item["Id"]] = owner
            try:
                mark = fingerprint(item["EncodedKey"])
            except ValueError:
                mark = ""  # a key that is none cannot be ours, but it counts
            owned = owner == name_in_comment(self._name)
            found.append(PublicKey(item["Id"], mark, owned, item["CreatedTime"].timestamp(), replaced))
        return tuple(found)

    def _groups(self) -> dict[str, Any]:
        """The key group, the number of all, and AWS's time."""
        answers = [self._aws.call("cloudfront", "list_key_groups")]
        while marker := answers[-1]["KeyGroupList"].get("NextMarker"):
            answers.append(self._aws.call("cloudfront", "list_key_groups", Marker=marker))
        groups = [item["KeyGroup"] for answer in answers for item in answer["KeyGroupList"].get("Items") or []]
        named = next((g for g in groups if g["KeyGroupConfig"]["Name"] == self._group_name), None)
        date = answers[0]["ResponseMetadata"]["HTTPHeaders"].get("date")
        return {
            "group": Group(named["Id"], tuple(named["KeyGroupConfig"]["Items"])) if named else None,
            "group_count": len(groups),
            "now": parsedate_to_datetime(date).timestamp() if date else time.time(),
        }

    def _users(self, group: Group | None) -> tuple[str, ...]:
        """The distributions that trust the group, in any behavior."""
        if group is None:
            return ()
        found = []
        for item in self._aws.pages("cloudfront", "list_distributions", "DistributionList.Items"):
            behaviors = [item["DefaultCacheBehavior"], *(item.get("CacheBehaviors") or {}).get("Items", [])]
            if any(group.group_id in (b.get("TrustedKeyGroups") or {}).get("Items", []) for b in behaviors):
                names = (item.get("Aliases") or {}).get("Items") or [item["DomainName"]]
                found.append(f"distribution {item['Id']} ({', '.join(names)})")
        return tuple(found)
