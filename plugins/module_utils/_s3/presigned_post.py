# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser's form for one upload: the fields, and a condition of the policy for each.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Upload:
    """One upload that a form allows; ``lifetime`` is in seconds."""

    bucket: str
    key: str
    content_type: str
    content_type_prefix: str = "image/"
    fields: Mapping[str, str] = field(default_factory=dict)
    min_bytes: int = 1
    max_bytes: int = 10 * 1024 * 1024
    lifetime: int = 900


def conditions(upload: Upload) -> list[Any]:
    """The conditions of the policy: exact fields, the media type by its beginning, the size by its bounds."""
    exact = [{name: value} for name, value in upload.fields.items()]
    return [
        *exact,
        ["starts-with", "$Content-Type", upload.content_type_prefix],
        ["content-length-range", upload.min_bytes, upload.max_bytes],
    ]


def presign(s3_client: Any, upload: Upload) -> dict[str, Any]:
    """The form as ``url`` and ``fields``, signed with the client's credentials."""
    fields = {"Content-Type": upload.content_type, **upload.fields}
    return s3_client.generate_presigned_post(
        upload.bucket, upload.key, fields, conditions(upload), ExpiresIn=upload.lifetime
    )
