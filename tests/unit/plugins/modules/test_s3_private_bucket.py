"""What s3_private_bucket creates, sets and removes, and in which order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._aws import AwsError
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import Change
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import (
    ASPECTS,
    desired_aspects,
)
from ansible_collections.arda.image_upload.plugins.modules import (
    s3_private_bucket,
)
from botocore.exceptions import ClientError

from ...helpers.aws_fixtures import FixtureModule, changed


def methods(changes: list[Change]) -> list[str]:
    return [change.method for change in changes]


def test_plan_of_a_new_bucket_begins_private_and_ends_with_the_policy() -> None:
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


def test_plan_of_an_empty_aspect_removes_it_if_it_exists() -> None:
    desired = {"cors_rules": []}
    (change,) = s3_private_bucket.plan(
        "present", "b", desired, {"aspects": {"cors_rules": [{"AllowedMethods": ["GET"]}]}}
    )
    assert change.summary == "remove cors_rules of bucket b"
    assert s3_private_bucket.plan("present", "b", desired, {"aspects": {}}) == []


class RefusedPolicy(s3_private_bucket.Bucket):
    """A bucket whose policy S3 refuses a number of times."""

    def __init__(self, refusals: int, message: str, code: str = "MalformedPolicy") -> None:
        super().__init__(FixtureModule({"name": "b", "state": "present"}))
        self.refusals, self.message, self.code, self.written = refusals, message, code, 0

    def _write(self, aspect: Any, value: Any) -> None:
        self.written += 1
        if self.written <= self.refusals:
            error = {"Error": {"Code": self.code, "Message": self.message}}
            raise AwsError(message="Failed to put", exception=ClientError(error, "PutBucketPolicy"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))


POLICY = next(aspect for aspect in ASPECTS if aspect.name == "policy")


@pytest.mark.usefixtures("clock")
def test_put_of_a_policy_with_a_new_role_is_repeated_until_s3_knows_it() -> None:
    bucket = RefusedPolicy(5, "Invalid principal in policy")
    bucket.put(POLICY, {})
    assert bucket.written == 6


@pytest.mark.usefixtures("clock")
def test_put_to_a_bucket_that_was_just_created_is_repeated_until_s3_finds_it() -> None:
    bucket = RefusedPolicy(3, "The specified bucket does not exist", "NoSuchBucket")
    bucket.put(POLICY, {})
    assert bucket.written == 4


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("message", "attempts"), [("Invalid principal in policy", 32), ("Policy has no Version", 1)])
def test_put_of_a_policy_that_stays_malformed_fails_in_a_bounded_time(message: str, attempts: int) -> None:
    bucket = RefusedPolicy(1000, message)
    with pytest.raises(AwsError):
        bucket.put(POLICY, {})
    assert bucket.written == attempts


def test_predict_of_a_lifecycle_rule_without_an_id_says_that_s3_assigns_it() -> None:
    rules = [{"Status": "Enabled", "Filter": {"Prefix": ""}}]
    bucket = s3_private_bucket.Bucket(FixtureModule({"name": "b", "state": "present", "lifecycle_rules": rules}))
    assert bucket.predict(None)["aspects"]["lifecycle_rules"] == [{**rules[0], "ID": "(known after apply)"}]
    kept = {"region": "us-east-1", "aspects": {"lifecycle_rules": [{**rules[0], "ID": "one"}]}}
    assert bucket.predict(kept)["aspects"]["lifecycle_rules"] == kept["aspects"]["lifecycle_rules"]


def test_refuse_of_a_bucket_in_another_region_names_both() -> None:
    bucket = s3_private_bucket.Bucket(FixtureModule({"name": "b", "state": "present"}))
    with pytest.raises(AnsibleAWSError) as error:
        bucket.refuse({"region": "eu-west-1", "aspects": {}}, [])
    assert "is in eu-west-1, expected us-east-1" in str(error.value.message)


class LateBucket(s3_private_bucket.Bucket):
    """A bucket whose configuration is read late, or never, as it was written."""

    reads = 0

    def read(self) -> dict[str, Any] | None:
        self.reads += 1
        return {"region": "us-east-1", "aspects": self._desired(None) if self.reads >= 3 else {}}


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("tags", "reads"), [({}, 3), ({"a": "1"}, 3)])
def test_wait_of_a_bucket_reads_until_it_is_as_written(tags: dict[str, str], reads: int) -> None:
    bucket = LateBucket(FixtureModule({"name": "b", "state": "present", "tags": tags, "purge_tags": True}))
    assert bucket.plan(bucket.wait(bucket.read())) == []
    assert bucket.reads == reads


@pytest.mark.usefixtures("clock")
def test_wait_of_a_bucket_that_never_reads_as_written_ends() -> None:
    bucket = LateBucket(FixtureModule({"name": "b", "state": "present"}))
    bucket.reads = -1000
    assert bucket.wait(bucket.read()) == {"region": "us-east-1", "aspects": {}}


def bucket_of(*answers: Any, **options: Any) -> tuple[FixtureModule, s3_private_bucket.Bucket]:
    module = FixtureModule({"name": "b", "state": "absent", "force": True, **options}, *answers)
    return module, s3_private_bucket.Bucket(module)


NO_VERSION = changed("s3.ListObjectVersions.ok", {"Versions": [], "DeleteMarkers": []})


def test_deletion_by_force_deletes_every_version_and_delete_marker_first() -> None:
    module, bucket = bucket_of("s3.ListObjectVersions.ok", NO_VERSION, "s3.DeleteObjects.ok", "s3.DeleteBucket.ok")
    bucket.delete()
    names = [name for name, _parameters in module.calls]
    assert names == ["s3.ListObjectVersions", "s3.DeleteObjects", "s3.ListObjectVersions", "s3.DeleteBucket"]
    deleted = module.calls[1][1]["Delete"]["Objects"]
    assert {item["Key"] for item in deleted} == {"verification/images/one.jpg", "verification/images/two.jpg"}


def test_deletion_without_force_touches_no_object() -> None:
    module, bucket = bucket_of("s3.DeleteBucket.ok", force=False)
    bucket.delete()
    assert [name for name, _parameters in module.calls] == ["s3.DeleteBucket"]


def test_deletion_by_force_of_a_bucket_that_is_gone_ends_well() -> None:
    _module, bucket = bucket_of("s3.ListObjectVersions.NoSuchBucket", "s3.DeleteBucket.NoSuchBucket")
    bucket.delete()


def test_object_that_is_not_deleted_is_named() -> None:
    error = {"Key": "one.jpg", "Code": "AccessDenied", "Message": "Access Denied"}
    refused = changed("s3.DeleteObjects.ok", {"Errors": [error]})
    _module, bucket = bucket_of("s3.ListObjectVersions.ok", refused)
    with pytest.raises(AnsibleAWSError, match=r"1 objects of bucket b were not deleted, .* one.jpg: AccessDenied"):
        bucket.delete()
