# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test objects of one verification, by tenant, and their removal."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._aws import Aws, AwsError
from .skipped import SkippedError

#: How the tenants of verifications begin, and the one whose image stays.
TENANT = "verify-"
SAMPLE_TENANT = "verify-sample"
#: After how many seconds the verification that has put an object has ended, however slow.
ENDED_SECONDS = 3600


@dataclass(frozen=True)
class Image:
    content: bytes
    content_type: str
    extension: str

    @classmethod
    def read(cls, path: str, content_type: str) -> Image:
        return cls(Path(path).read_bytes(), content_type, Path(path).suffix[1:])


class VerificationObjects:
    """What one verification puts into the bucket: by key, and the image that each key holds."""

    def __init__(self, aws: Aws, bucket: str, tenants: tuple[str, ...]) -> None:
        self._aws = aws
        self._bucket = bucket
        self._tenants = tenants
        self._images: dict[str, Image] = {}

    def new_key(self, tenant: str, extension: str) -> str:
        return f"{tenant}/images/{uuid.uuid4()}.{extension}"

    def put(self, key: str, image: Image) -> None:
        """Put an object with the operator's own credentials.

        Raises SkippedError where the operator may not.
        """
        try:
            self._aws.call(
                "s3",
                "put_object",
                Bucket=self._bucket,
                Key=key,
                Body=image.content,
                ContentType=image.content_type,
                ServerSideEncryption="AES256",
            )
        except AwsError as error:
            if error.code != "AccessDenied":
                raise
            raise SkippedError("the operator may not put a test object from here") from error

    def remember(self, key: str, image: Image) -> None:
        """Keep what a key holds, for the checks that read it."""
        self._images[key] = image

    def of(self, tenant: str) -> Iterator[tuple[str, Image]]:
        """The keys and images of a tenant."""
        yield from ((key, image) for key, image in self._images.items() if key.startswith(f"{tenant}/"))

    def first(self, tenant: str) -> tuple[str, Image]:
        """The key and image that a tenant got first.

        Raises SkippedError where the tenant has none.
        """
        found = next(self.of(tenant), None)
        if found is None:
            raise SkippedError("there is no test object: the operator may not put one from here")
        return found

    def clean_up(self) -> list[str]:
        """Remove every version of what this verification has put, and of what ended ones have left.

        Returns the tenants of the ended ones: a verification that was killed could not remove its objects.
        """
        where: dict[str, Any] = {"Bucket": self._bucket, "Prefix": TENANT}
        left = set()
        for kind in ("Versions", "DeleteMarkers"):
            for item in list(self._aws.pages("s3", "list_object_versions", kind, **where)):
                tenant = item["Key"].partition("/")[0]
                own = tenant in self._tenants
                if own or (tenant != SAMPLE_TENANT and time.time() - item["LastModified"].timestamp() > ENDED_SECONDS):
                    version = {"Key": item["Key"], "VersionId": item["VersionId"]}
                    self._aws.call("s3", "delete_object", Bucket=self._bucket, **version)
                    left |= set() if own else {tenant}
        return sorted(left)
