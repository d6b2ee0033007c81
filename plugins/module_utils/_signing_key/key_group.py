# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key group: the public keys that distributions trust."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

from .._aws import Aws
from .errors import LostError
from .state import Distribution, Group, PublicKey


class KeyGroup:
    """The key group of one name."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws = aws
        self._name = name

    def read(self) -> dict[str, Any]:
        """The key group, the number of all, and AWS's time, as fields of a snapshot."""
        # botocore has no paginator for this operation.
        answers = [self._aws.call("cloudfront", "list_key_groups")]
        while marker := answers[-1]["KeyGroupList"].get("NextMarker"):
            answers.append(self._aws.call("cloudfront", "list_key_groups", Marker=marker))
        groups = [item["KeyGroup"] for answer in answers for item in answer["KeyGroupList"].get("Items") or []]
        named = next((g for g in groups if g["KeyGroupConfig"]["Name"] == self._name), None)
        date = answers[0]["ResponseMetadata"]["HTTPHeaders"].get("date")
        return {
            "group": _group(named) if named else None,
            "group_count": len(groups),
            "now": parsedate_to_datetime(date).timestamp() if date else time.time(),
        }

    def now(self) -> float:
        """AWS's time, in seconds since 1970."""
        return self.read()["now"]

    def distributions(self, group: Group) -> tuple[Distribution, ...]:
        """The distributions that trust the group, in any behavior."""
        found = []
        for item in self._aws.pages("cloudfront", "list_distributions", "DistributionList.Items"):
            behaviors = [item["DefaultCacheBehavior"], *(item.get("CacheBehaviors") or {}).get("Items", [])]
            if any(group.group_id in (b.get("TrustedKeyGroups") or {}).get("Items", []) for b in behaviors):
                names = (item.get("Aliases") or {}).get("Items") or [item["DomainName"]]
                found.append(Distribution(item["Id"], tuple(names), item["Status"]))
        return tuple(found)

    def create(self, key: PublicKey) -> None:
        self._aws.call("cloudfront", "create_key_group", KeyGroupConfig={"Name": self._name, "Items": [key.key_id]})

    def add(self, group: Group, key: PublicKey) -> None:
        """Raises LostError if the group holds the key already."""
        config, etag = self._current(group)
        if key.key_id in config["Items"]:
            raise LostError(f"the key group holds public key {key.key_id} already")
        self._update(group, {**config, "Items": [*config["Items"], key.key_id]}, etag)

    def remove(self, group: Group, key: PublicKey) -> None:
        """Raises LostError if the group does not hold the key."""
        config, etag = self._current(group)
        if key.key_id not in config["Items"]:
            raise LostError(f"the key group does not hold public key {key.key_id}")
        self._update(group, {**config, "Items": [item for item in config["Items"] if item != key.key_id]}, etag)

    def delete(self, group: Group) -> None:
        _config, etag = self._current(group)
        self._aws.call("cloudfront", "delete_key_group", Id=group.group_id, IfMatch=etag)

    def _current(self, group: Group) -> tuple[dict[str, Any], str]:
        """The configuration of the group, and its ETag."""
        answer = self._aws.call("cloudfront", "get_key_group", Id=group.group_id)
        return answer["KeyGroup"]["KeyGroupConfig"], answer["ETag"]

    def _update(self, group: Group, config: dict[str, Any], etag: str) -> None:
        self._aws.call("cloudfront", "update_key_group", Id=group.group_id, IfMatch=etag, KeyGroupConfig=config)


def _group(answer: dict[str, Any]) -> Group:
    return Group(answer["Id"], tuple(answer["KeyGroupConfig"]["Items"]), answer["LastModifiedTime"].timestamp())
