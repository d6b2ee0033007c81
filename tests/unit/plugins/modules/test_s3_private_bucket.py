"""What s3_private_bucket creates, sets and removes, and in which order."""

from __future__ import annotations

import json

from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import Change
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import (
    desired_aspects,
)
from ansible_collections.arda.image_upload.plugins.modules import (
    s3_private_bucket,
)


def methods(changes: list[Change]) -> list[str]:
    return [change.method for change in changes]


def test_a_bucket_is_private_before_anything_else_and_its_policy_comes_last() -> None:
    options = {"policy": {"Statement": []}, "cors_rules": [{"AllowedMethods": ["POST"]}], "tags": {"a": "1"}}
    options["logging"] = {"target_bucket": "logs", "target_prefix": None}
    desired = desired_aspects(options)
    assert desired["logging"] == {"TargetBucket": "logs", "TargetPrefix": ""}
    changes = s3_private_bucket.plan("present", "b", desired, None)
    assert methods(changes)[0] == "create"
    named = [change.arguments["aspect"].name for change in changes[1:]]
    assert named[0] == "public_access_block"
    actual = {"aspects": json.loads(json.dumps(desired))}
    assert s3_private_bucket.plan("present", "b", desired, actual) == []
    actual["aspects"]["versioning"] = "Suspended"
    (change,) = s3_private_bucket.plan("present", "b", desired, actual)
    assert change.summary == "set versioning of bucket b"
    assert methods(s3_private_bucket.plan("absent", "b", desired, actual)) == ["delete"]
    assert s3_private_bucket.plan("absent", "b", desired, None) == []


def test_an_empty_aspect_is_removed_and_a_missing_one_is_not_written() -> None:
    desired = {"cors_rules": []}
    (change,) = s3_private_bucket.plan(
        "present", "b", desired, {"aspects": {"cors_rules": [{"AllowedMethods": ["GET"]}]}}
    )
    assert change.summary == "remove cors_rules of bucket b"
    assert s3_private_bucket.plan("present", "b", desired, {"aspects": {}}) == []
