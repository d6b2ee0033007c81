"""AWS's rules that the sandbox adds to the emulator, over the real protocols, each as the AWS API answers it."""

from __future__ import annotations

import pytest

from .helpers.refusals import refuses
from .helpers.sandbox import Sandbox


@pytest.fixture(scope="module", autouse=True)
def empty(sandbox: Sandbox) -> None:
    sandbox.reset()


# -- Secrets Manager


def test_staging_label_is_on_one_version_and_deleted_secret_keeps_its_name(sandbox: Sandbox) -> None:
    secrets = sandbox.client("alpha001", "secretsmanager")
    secrets.create_secret(Name="rules", SecretString="{}")
    for value in ("one", "two"):
        secrets.put_secret_value(SecretId="rules", SecretString=value, VersionStages=["AWSPENDING"])
    assert secrets.get_secret_value(SecretId="rules", VersionStage="AWSPENDING")["SecretString"] == "two"
    labels = secrets.describe_secret(SecretId="rules")["VersionIdsToStages"].values()
    assert [label for labelled in labels for label in labelled].count("AWSPENDING") == 1
    token = {"SecretId": "rules", "ClientRequestToken": "t" * 32}
    secrets.put_secret_value(**token, SecretString="three", VersionStages=["AWSPENDING"])
    refuses("ResourceExistsException", secrets.put_secret_value, **token, SecretString="four")
    secrets.delete_secret(SecretId="rules")
    refuses("InvalidRequestException", secrets.create_secret, Name="rules", SecretString="x")
    secrets.restore_secret(SecretId="rules")
    assert secrets.get_secret_value(SecretId="rules")["SecretString"] == "{}"


# -- operations


def test_operations_that_differ_by_header_or_parameter_are_identified(sandbox: Sandbox) -> None:
    s3 = sandbox.client("kyle", "s3")
    s3.create_bucket(Bucket="told-apart")
    before = len(sandbox.journal())
    s3.put_object(Bucket="told-apart", Key="one", Body=b"1")
    s3.copy_object(Bucket="told-apart", Key="two", CopySource="told-apart/one")
    s3.get_object(Bucket="told-apart", Key="two")
    s3.list_objects_v2(Bucket="told-apart")
    s3.delete_object(Bucket="told-apart", Key="two")
    upload = s3.create_multipart_upload(Bucket="told-apart", Key="three")["UploadId"]
    s3.abort_multipart_upload(Bucket="told-apart", Key="three", UploadId=upload)
    assert [call["operation"].removeprefix("s3:") for call in sandbox.journal()[before:]] == [
        "PutObject",
        "CopyObject",
        "GetObject",
        "ListObjectsV2",
        "DeleteObject",
        "CreateMultipartUpload",
        "AbortMultipartUpload",
    ]


# -- faults


def test_fault_of_a_call_is_injected_into_that_call(sandbox: Sandbox) -> None:
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1}, read_timeout=2)
    import boto3

    from .helpers.sandbox import ACCOUNTS, ROOT_SECRET

    s3 = boto3.client(
        "s3", endpoint_url=sandbox.endpoint, region_name="us-east-1", config=once,
        aws_access_key_id=ACCOUNTS["kyle"], aws_secret_access_key=ROOT_SECRET,
    )  # fmt: skip
    sandbox.faults(
        {"operation": "s3:CreateBucket", "kind": "throttle", "on": [1]},
        {"operation": "s3:CreateBucket", "kind": "error_after", "on": [2]},
        {"operation": "s3:CreateBucket", "kind": "drop_after", "on": [3]},
    )
    refuses("SlowDown", s3.create_bucket, Bucket="fault-one")
    refuses("InternalFailure", s3.create_bucket, Bucket="fault-two")
    with pytest.raises(Exception, match=r"[Cc]onnection|closed|read"):
        s3.create_bucket(Bucket="fault-three")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert "fault-one" not in names
    assert {"fault-two", "fault-three"} <= set(names)
    sandbox.faults()
