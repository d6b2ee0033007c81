# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comment of a public key: the secret that it belongs to, and since when another key replaces it."""

from __future__ import annotations

import calendar
import hashlib
import re
import time

OWNED = "Private key in Secrets Manager: "
COMMENT = re.compile(rf"^{OWNED}(?P<secret>.+?)(; replaced (?P<replaced>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ))?$")
TIME = "%Y-%m-%dT%H:%M:%SZ"
LONGEST_NAME = 60  # a comment has 128 characters at most


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
    """The name of the secret in a comment, or nothing, and the time of the replacement."""
    found = COMMENT.match(text or "")
    if not found:
        return "", None
    replaced = found["replaced"]
    return found["secret"], calendar.timegm(time.strptime(replaced, TIME)) if replaced else None
