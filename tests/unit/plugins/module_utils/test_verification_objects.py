"""Which test objects are removed: the verification's own, and those of one that was killed and must have ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._verification.objects import VerificationObjects

from tests.unit.helpers.aws_fixtures import FixtureModule, changed


@pytest.mark.parametrize(
    ("tenant", "minutes", "removed", "named"),
    [
        ("verify-own", 0, True, []),
        ("verify-ended", 61, True, ["verify-ended"]),
        ("verify-under-way", 59, False, []),
        ("verify-sample", 10_000, False, []),
    ],
)
def test_objects_of_ended_verifications_are_removed(tenant: str, minutes: int, removed: bool, named: list[str]) -> None:
    when = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    values = {"Versions.0.Key": f"{tenant}/images/a.jpg", "Versions.0.LastModified": when, "DeleteMarkers": []}
    listing = changed("s3.ListObjectVersions.ok", values)
    module = FixtureModule({}, listing, *(["s3.DeleteObject.ok"] if removed else []), listing)
    objects = VerificationObjects(Aws(module), "images", ("verify-own", "verify-ownb"))
    assert objects.clean_up() == named
    deleted = [parameters["Key"] for name, parameters in module.calls if name == "s3.DeleteObject"]
    assert deleted == ([f"{tenant}/images/a.jpg"] if removed else [])
