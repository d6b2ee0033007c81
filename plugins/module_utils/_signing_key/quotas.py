# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudFront's quotas for signing keys, in one place.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """CloudFront's default, what it counts, and the error code with which AWS refuses to exceed it."""

    default: int
    counted: str
    code: str


#: By the name of the module's option.
QUOTAS = {
    "public_keys": Quota(10, "public keys in an account", "TooManyPublicKeys"),
    "key_groups": Quota(10, "key groups in an account", "TooManyKeyGroups"),
    "keys_in_group": Quota(5, "public keys in a key group", "TooManyPublicKeysInKeyGroup"),
}


def quota_limits(raised: Mapping[str, int | None] | None = None) -> dict[str, int]:
    """The limit of each quota: as AWS has raised it, else CloudFront's default."""
    given = {name: value for name, value in (raised or {}).items() if value is not None}
    return {name: given.get(name, quota.default) for name, quota in QUOTAS.items()}
