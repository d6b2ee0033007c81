# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public keys in CloudFront that belong to a secret, among all of the account."""

from __future__ import annotations

from .._aws import Aws
from .._cloudfront.key_material import StoredKey, fingerprint
from .comments import comment, name_in_comment, read_comment
from .state import PublicKey


class PublicKeys:
    """The account's public keys; those of one secret are told by their comment."""

    def __init__(self, aws: Aws, secret_name: str, group_name: str) -> None:
        self._aws = aws
        self._secret_name = secret_name
        self._group_name = group_name
        self._owners: dict[str, str] = {}

    def read(self) -> tuple[PublicKey, ...]:
        """Every public key of the account: all of them count for the quota."""
        found = []
        for item in self._aws.pages("cloudfront", "list_public_keys", "PublicKeyList.Items"):
            owner, replaced = read_comment(item.get("Comment", ""))
            self._owners[item["Id"]] = owner
            try:
                mark = fingerprint(item["EncodedKey"])
            except ValueError:
                mark = ""  # a key that is none cannot be ours, but it counts
            owned = owner == name_in_comment(self._secret_name)
            found.append(PublicKey(item["Id"], mark, owned, item["CreatedTime"].timestamp(), replaced))
        return tuple(found)

    def owner(self, key: PublicKey) -> str:
        """The secret that a key's comment names, or nothing."""
        return self._owners.get(key.key_id, "")

    def register(self, stored: StoredKey) -> None:
        """The caller reference is derived from the key, so that a second registration is refused."""
        reference = stored.fingerprint[:32]
        self._aws.call(
            "cloudfront",
            "create_public_key",
            PublicKeyConfig={
                "CallerReference": reference,
                "Name": f"{self._group_name}-{reference[:12]}",
                "EncodedKey": stored.public_pem,
                "Comment": comment(self._secret_name),
            },
        )

    def comment_on(self, key: PublicKey, replaced: float | None) -> None:
        """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdatePublicKey.html: only this can change."""
        answer = self._aws.call("cloudfront", "get_public_key", Id=key.key_id)
        config = answer["PublicKey"]["PublicKeyConfig"]
        self._aws.call(
            "cloudfront",
            "update_public_key",
            Id=key.key_id,
            IfMatch=answer["ETag"],
            PublicKeyConfig={**config, "Comment": comment(self._secret_name, replaced)},
        )

    def delete(self, key: PublicKey) -> None:
        answer = self._aws.call("cloudfront", "get_public_key", Id=key.key_id)
        self._aws.call("cloudfront", "delete_public_key", Id=key.key_id, IfMatch=answer["ETag"])
