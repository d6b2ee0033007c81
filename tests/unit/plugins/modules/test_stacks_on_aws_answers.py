"""The bucket, the exports and the account guard on answers in AWS's own form: a second run changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._cloudformation import reason
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import ASPECTS
from ansible_collections.arda.image_upload.plugins.modules import cloudformation_exports, s3_private_bucket

from ...helpers.aws_fixtures import Answer, FixtureModule, answer, changed

NAME = "alpha002-dev-image-asset-bucket"
ARN = f"arn:aws:s3:::{NAME}"
TAGS = {"Infrastructure": "Alpha002", "Partition": "dev", "ManagedBy": "arda.image_upload"}
RULE = {"Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
BUCKET = {
    "name": NAME,
    "state": "present",
    "tags": TAGS,
    "purge_tags": True,
    "logging": {"target_bucket": "alpha002-dev-access-logs", "target_prefix": f"{NAME}/"},
    "lifecycle_rules": [{"ID": "abort-incomplete-uploads", **RULE}],
    "cors_rules": [
        {
            "AllowedMethods": ["POST"],
            "AllowedOrigins": ["https://dev.alpha002.app.example.com"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3000,
        }
    ],
    "policy": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DistributionReads",
                "Effect": "Allow",
                "Principal": {"Service": ["cloudfront.amazonaws.com"]},
                "Action": "s3:GetObject",
                "Resource": f"{ARN}/*",
                "Condition": {
                    "StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE"}
                },
            },
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"{ARN}/*", ARN],
                "Condition": {"Bool": {"aws:SecureTransport": False}},
            },
        ],
    },
}
READS = (
    "s3.HeadBucket.ok",
    "s3.GetPublicAccessBlock.ok",
    "s3.GetBucketOwnershipControls.ok",
    "s3.GetBucketEncryption.ok",
    "s3.GetBucketVersioning.ok",
    "s3.GetBucketLogging.ok",
    "s3.GetBucketLifecycleConfiguration.ok",
    "s3.GetBucketCors.ok",
    "s3.GetBucketTagging.ok",
    "s3.GetBucketPolicy.ok",
)
MISSING = (
    "s3.GetPublicAccessBlock.NoSuchPublicAccessBlockConfiguration",
    "s3.GetBucketOwnershipControls.OwnershipControlsNotFoundError",
    "s3.GetBucketEncryption.ServerSideEncryptionConfigurationNotFoundError",
    "s3.GetBucketLogging.ok-off",
    "s3.GetBucketLifecycleConfiguration.NoSuchLifecycleConfiguration",
    "s3.GetBucketCors.NoSuchCORSConfiguration",
    "s3.GetBucketTagging.NoSuchTagSet",
    "s3.GetBucketPolicy.NoSuchBucketPolicy",
)


def answers(*other: str) -> list[str]:
    """The reads of a bucket, some answered in another way."""
    operations = {name.rsplit(".", 1)[0] for name in other}
    return [*(name for name in READS if name.rsplit(".", 1)[0] not in operations), *other]


def bucket(*other: str, **options: Any) -> s3_private_bucket.Bucket:
    return s3_private_bucket.Bucket(FixtureModule({**BUCKET, **options}, *answers(*other)))


@pytest.mark.parametrize(
    ("options", "other"),
    [
        ({}, ()),
        ({"lifecycle_rules": [RULE]}, ("s3.GetBucketLifecycleConfiguration.ok-assigned-id",)),
        ({"tags": None, "policy": None, "cors_rules": None}, ()),
        ({"logging": {"target_bucket": None}}, ("s3.GetBucketLogging.ok-off",)),
    ],
)
def test_bucket_read_from_aws_answers_needs_no_change(options: dict[str, Any], other: tuple[str, ...]) -> None:
    own = bucket(*other, **options)
    actual = own.read()
    assert own.plan(actual) == []
    assert own.predict(actual) == actual
    assert own.result(actual) == {"bucket": {"name": NAME, "arn": ARN, "region": "us-east-1"}}


@pytest.mark.parametrize("name", MISSING)
def test_bucket_without_one_aspect_is_given_this_one_only(name: str) -> None:
    own = bucket(name)
    (change,) = own.plan(own.read())
    assert change.method == "put"
    assert answer(name).operation in "".join(part.title() for part in change.arguments["aspect"].get.split("_"))


def test_bucket_that_does_not_exist_is_created_with_every_aspect() -> None:
    own = s3_private_bucket.Bucket(FixtureModule(BUCKET, "s3.HeadBucket.404"))
    changes = own.plan(own.read())
    assert [change.method for change in changes] == ["create"] + ["put"] * len(ASPECTS)


@pytest.mark.parametrize("name", ["s3.HeadBucket.403", "s3.HeadBucket.301"])
def test_bucket_of_somebody_else_ends_with_the_way_on(name: str) -> None:
    with pytest.raises(AnsibleAWSError, match="bucket names are global"):
        s3_private_bucket.Bucket(FixtureModule(BUCKET, name)).read()


@pytest.mark.parametrize(
    "name", ["s3.PutBucketLogging.InvalidTargetBucketForLogging", "s3.PutBucketLogging.CrossLocationLoggingProhibitted"]
)
def test_bucket_whose_log_bucket_s3_refuses_ends_with_the_way_on(name: str) -> None:
    own = s3_private_bucket.Bucket(FixtureModule(BUCKET, name))
    aspect = next(aspect for aspect in ASPECTS if aspect.name == "logging")
    with pytest.raises(AnsibleAWSError, match="Correct target_bucket"):
        own.put(aspect, {"TargetBucket": "logs", "TargetPrefix": ""})


def test_bucket_writes_are_of_the_form_that_the_api_takes() -> None:
    writes = [f"s3.{''.join(part.title() for part in aspect.put.split('_'))}.ok" for aspect in ASPECTS]

    module = FixtureModule(BUCKET, "s3.HeadBucket.404", "s3.HeadBucket.ok", "s3.CreateBucket.ok", *writes)
    own = s3_private_bucket.Bucket(module)
    for change in own.plan(own.read()):
        getattr(own, change.method)(**change.arguments)
    assert len(module.calls) == 3 + len(ASPECTS)


VALUES = {
    "ImageAssetBucketName": NAME,
    "ImageAssetBucketArn": ARN,
    "ImagePreSigningRoleArn": "arn:aws:iam::111122223333:role/Alpha002-dev-ImagePreSigningRole",
    "ImageCdnDomainName": "dev.alpha002.assets.example.com",
    "ImageSigningKeyPairId": "K2JCJMDEHXQW5F",
    "ImageSigningKeySecretArn": (
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:Alpha002-dev/image-signing-key-a1b2c3"
    ),
}
EXPORTS = {
    "stack_name": "Alpha002-dev-image-upload-exports",
    "exports": {f"Alpha002-dev-API-{name}": value for name, value in VALUES.items()},
    "description": "Image upload of Alpha002-dev",
    "state": "present",
    "wait_timeout": 5,
    "tags": TAGS,
    "purge_tags": True,
}


def exports(*names: str | Answer, **options: Any) -> cloudformation_exports.Exports:
    return cloudformation_exports.Exports(FixtureModule({**EXPORTS, **options}, *names))


def test_exports_read_from_aws_answers_need_no_change() -> None:
    own = exports("cloudformation.DescribeStacks.ok")
    actual = own.read()
    assert own.plan(actual) == []
    assert own.predict(actual) == own.wait(actual) == actual


def test_exports_without_a_stack_create_it_and_nobody_owns_them() -> None:
    own = exports(
        "cloudformation.DescribeStacks.ValidationError",
        "cloudformation.DescribeStacks.ok",
        "cloudformation.ListExports.ok",
        "cloudformation.CreateStack.ok",
    )
    actual = own.read()
    (change,) = own.plan(actual)
    own.refuse(actual, [change])
    own.write(**change.arguments)
    assert own.wait(own.read())["exports"] == EXPORTS["exports"]


@pytest.mark.parametrize(
    "name",
    [
        "cloudformation.CreateStack.AlreadyExistsException",
        "cloudformation.UpdateStack.ValidationError",
        "cloudformation.UpdateStack.ValidationError-in-progress",
    ],
)
def test_exports_that_another_run_writes_are_followed(name: str) -> None:
    own = exports("cloudformation.DescribeStacks.ok", name)
    operation = "create_stack" if "CreateStack" in name else "update_stack"
    own.write(operation, tags=None)
    assert own.wait(own.read())["exports"] == EXPORTS["exports"]


@pytest.mark.parametrize("imported", [True, False])
def test_exports_with_a_changed_value_are_refused_if_imported(imported: bool) -> None:
    answered = "cloudformation.ListImports.ok" if imported else "cloudformation.ListImports.ValidationError"
    changes = {**EXPORTS["exports"], "Alpha002-dev-API-ImageAssetBucketName": "another"}
    listed = ("cloudformation.ListExports.ok", "cloudformation.ListStackResources.ok")
    own = exports("cloudformation.DescribeStacks.ok", answered, *listed, exports=changes)
    actual = own.read()
    plan = own.plan(actual)
    if imported:
        with pytest.raises(AnsibleAWSError, match=r"Name by Alpha002-dev-operations.*Nothing was written"):
            own.refuse(actual, plan)
    else:
        own.refuse(actual, plan)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_stack_that_holds_more_than_exports_is_refused(state: str) -> None:
    handle = answer("cloudformation.ListStackResources.ok").document["response"]["StackResourceSummaries"][0]
    bucket = {**handle, "LogicalResourceId": "Images", "ResourceType": "AWS::S3::Bucket"}
    gone = {**bucket, "LogicalResourceId": "Old", "ResourceStatus": "DELETE_COMPLETE"}
    listed = changed("cloudformation.ListStackResources.ok", {"StackResourceSummaries": [handle, gone, bucket]})
    own = exports("cloudformation.DescribeStacks.ok", listed, exports={"Alpha002-dev-API-Other": "x"}, state=state)
    actual = own.read()
    with pytest.raises(AnsibleAWSError, match=r"would be deleted: Images \(AWS::S3::Bucket\)\. Nothing was written"):
        own.refuse(actual, own.plan(actual))


def test_exports_in_review_are_refused() -> None:
    own = exports("cloudformation.DescribeStacks.ok-review")
    actual = own.read()
    with pytest.raises(AnsibleAWSError, match="REVIEW_IN_PROGRESS"):
        own.refuse(actual, own.plan(actual))


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("cloudformation.DescribeStackEvents.ok", "updated"),
        ("cloudformation.DescribeStackEvents.ok-refused-deletion", "deleted"),
    ],
)
def test_reason_in_aws_answers_is_that_of_the_refused_export(name: str, verb: str) -> None:
    events = answer(name).parsed["StackEvents"]
    assert reason(events) == (
        f"Export Alpha002-dev-API-ImageAssetBucketName cannot be {verb} as it is in use by Alpha002-dev-operations"
    )


def test_exports_that_are_rolled_back_end_with_the_reason() -> None:
    rolled_back = changed("cloudformation.DescribeStacks.ok", {"Stacks.0.StackStatus": "UPDATE_ROLLBACK_COMPLETE"})
    own = exports(rolled_back, "cloudformation.DescribeStackEvents.ok", exports={"Alpha002-dev-API-Other": "1"})
    with pytest.raises(AnsibleAWSError, match=r"UPDATE_ROLLBACK_COMPLETE.*in use by Alpha002-dev-operations"):
        own.wait(own.read())
