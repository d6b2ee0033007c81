"""AWS's rules for CloudFormation, S3 and IAM that the sandbox adds to the emulator, over the real protocols."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from .helpers.accounts import Account
from .helpers.refusals import refuses
from .helpers.sandbox import Sandbox, wait_for

HANDLE = {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return Account(sandbox)


@pytest.fixture
def stacks(account: Account) -> Any:
    return account.client("cloudformation")


# -- CloudFormation


def template(importing: str = "", **exports: str) -> str:
    """Exports by the key of their output; each is named ``rules-<key>``."""
    outputs: dict[str, Any] = {
        key: {"Value": value, "Export": {"Name": f"rules-{key}"}} for key, value in exports.items()
    }
    if importing:
        outputs["Imported"] = {"Value": {"Fn::ImportValue": importing}}
    return json.dumps({"Resources": HANDLE, "Outputs": outputs})


def ended(stacks: Any, name: str) -> str:
    """The stack's status once its operation has ended."""

    def status() -> str:
        return stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    wait_for(lambda: not status().endswith("_IN_PROGRESS"))
    return status()


def own_events(stacks: Any, name: str) -> list[tuple[str, str]]:
    """The status and reason of each of the stack's own events, newest first."""
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    own = [event for event in events if event["PhysicalResourceId"] == event["StackId"]]
    return [(event["ResourceStatus"], event.get("ResourceStatusReason", "")) for event in own]


def exported(stacks: Any) -> dict[str, str]:
    pages = stacks.get_paginator("list_exports").paginate()
    return {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}


@pytest.fixture
def imported(stacks: Any) -> Any:
    """A stack ``exporter`` whose export ``rules-a`` the stack ``importer`` imports."""
    stacks.create_stack(StackName="exporter", TemplateBody=template(a="one", b="two"))
    assert ended(stacks, "exporter") == "CREATE_COMPLETE"
    stacks.create_stack(StackName="importer", TemplateBody=template(importing="rules-a"))
    assert ended(stacks, "importer") == "CREATE_COMPLETE"
    assert stacks.list_imports(ExportName="rules-a")["Imports"] == ["importer"]
    return stacks


@pytest.mark.parametrize(
    ("exports", "reason"),
    [
        ({"a": "changed"}, "Export rules-a cannot be updated as it is in use by importer"),
        ({"b": "two"}, "Export rules-a cannot be deleted as it is in use by importer"),
    ],
)
def test_update_stack_of_an_imported_export_is_rolled_back_with_the_reason(
    exports: dict[str, str], reason: str, imported: Any
) -> None:
    imported.update_stack(StackName="exporter", TemplateBody=template(**exports))
    assert ended(imported, "exporter") == "UPDATE_ROLLBACK_COMPLETE"
    events = own_events(imported, "exporter")
    assert ("UPDATE_ROLLBACK_IN_PROGRESS", reason) in events
    assert not [status for status, _reason in events if status.endswith("_FAILED")]
    assert exported(imported) == {"rules-a": "one", "rules-b": "two"}


def test_delete_stack_with_an_imported_export_returns_to_the_earlier_status(imported: Any) -> None:
    imported.delete_stack(StackName="exporter")
    (stack,) = imported.describe_stacks(StackName="exporter")["Stacks"]
    reason = "Export rules-a cannot be deleted as it is in use by importer"
    assert (stack["StackStatus"], stack["StackStatusReason"]) == ("CREATE_COMPLETE", reason)
    assert own_events(imported, "exporter")[:2] == [
        ("CREATE_COMPLETE", reason),
        ("DELETE_IN_PROGRESS", "User Initiated"),
    ]


def test_create_stack_with_an_export_of_another_stack_is_rolled_back_with_the_reason(stacks: Any) -> None:
    stacks.create_stack(StackName="first", TemplateBody=template(a="one"))
    assert ended(stacks, "first") == "CREATE_COMPLETE"
    stacks.create_stack(StackName="second", TemplateBody=template(a="two"))
    assert ended(stacks, "second") == "ROLLBACK_COMPLETE"
    reason = "Export with name rules-a is already exported by stack first. Rollback requested by user."
    assert ("ROLLBACK_IN_PROGRESS", reason) in own_events(stacks, "second")
    assert exported(stacks) == {"rules-a": "one"}
    refuses("AlreadyExistsException", stacks.create_stack, StackName="second", TemplateBody=template(b="two"))


def test_update_stack_without_an_export_removes_it_from_the_listing(stacks: Any) -> None:
    stacks.create_stack(StackName="one", TemplateBody=template(a="one", b="two"))
    assert ended(stacks, "one") == "CREATE_COMPLETE"
    stacks.update_stack(StackName="one", TemplateBody=template(b="two"))
    assert ended(stacks, "one") == "UPDATE_COMPLETE"
    assert exported(stacks) == {"rules-b": "two"}


@pytest.mark.parametrize("name", ["with_underscore", "with/slash", "with.dot", ""])
def test_create_stack_with_a_malformed_export_name_is_refused(name: str, stacks: Any) -> None:
    body = json.dumps({"Resources": HANDLE, "Outputs": {"Out": {"Value": "v", "Export": {"Name": name}}}})
    error = refuses("ValidationError", stacks.create_stack, StackName="malformed", TemplateBody=body)
    assert "Output Out is malformed" in str(error)


def test_describe_stacks_of_a_new_stack_leaves_out_what_it_does_not_have(stacks: Any) -> None:
    stacks.create_stack(StackName="new", TemplateBody=json.dumps({"Resources": HANDLE}))
    assert ended(stacks, "new") == "CREATE_COMPLETE"
    (stack,) = stacks.describe_stacks(StackName="new")["Stacks"]
    assert not {"LastUpdatedTime", "StackStatusReason", "Description", "Outputs"} & set(stack)
    stacks.update_stack(StackName="new", TemplateBody=template(a="one"))
    assert ended(stacks, "new") == "UPDATE_COMPLETE"
    (stack,) = stacks.describe_stacks(StackName="new")["Stacks"]
    assert {"LastUpdatedTime", "Outputs"} <= set(stack)


def test_update_stack_during_an_operation_is_refused(sandbox: Sandbox, stacks: Any) -> None:
    with sandbox.delays(stack=2):
        stacks.create_stack(StackName="slow", TemplateBody=template(a="one"))
        error = refuses("ValidationError", stacks.update_stack, StackName="slow", TemplateBody=template(a="two"))
        assert "is in CREATE_IN_PROGRESS state and can not be updated" in str(error)
    assert ended(stacks, "slow") == "CREATE_COMPLETE"


def test_create_change_set_of_a_new_stack_leaves_it_in_review(stacks: Any) -> None:
    stacks.create_change_set(
        StackName="review", ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=template(a="one")
    )
    (stack,) = stacks.describe_stacks(StackName="review")["Stacks"]
    assert stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    refuses("AlreadyExistsException", stacks.create_stack, StackName="review", TemplateBody=template(a="one"))


# -- S3


@pytest.fixture
def bucket(account: Account) -> str:
    account.client("s3").create_bucket(Bucket=f"rules-{account.number}")
    return f"rules-{account.number}"


def logging_to(target: str) -> dict[str, Any]:
    return {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": ""}}


def test_put_bucket_logging_to_a_bucket_that_does_not_fit_is_refused(
    sandbox: Sandbox, account: Account, bucket: str
) -> None:
    s3 = account.client("s3")
    put = s3.put_bucket_logging
    missing = {"Bucket": bucket, "BucketLoggingStatus": logging_to("rules-nowhere")}
    error = refuses("InvalidTargetBucketForLogging", put, **missing)
    assert "does not exist" in str(error)
    other = Account(sandbox)
    other.client("s3").create_bucket(Bucket=f"logs-{other.number}")
    foreign = {"Bucket": bucket, "BucketLoggingStatus": logging_to(f"logs-{other.number}")}
    refuses("InvalidTargetBucketForLogging", put, **foreign)
    far = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    account.client("s3", "eu-west-1").create_bucket(Bucket=f"far-{account.number}", **far)
    elsewhere = {"Bucket": bucket, "BucketLoggingStatus": logging_to(f"far-{account.number}")}
    refuses("CrossLocationLoggingProhibitted", put, **elsewhere)
    put(Bucket=bucket, BucketLoggingStatus=logging_to(bucket))
    put(Bucket=bucket, BucketLoggingStatus={})


RULE = {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}


def test_put_bucket_lifecycle_without_a_filter_is_refused(account: Account, bucket: str) -> None:
    put = account.client("s3").put_bucket_lifecycle_configuration
    refuses("MalformedXML", put, Bucket=bucket, LifecycleConfiguration={"Rules": [{**RULE, "ID": "one"}]})


def test_put_bucket_lifecycle_without_an_id_gets_one(account: Account, bucket: str) -> None:
    s3 = account.client("s3")
    rules = [{**RULE, "Filter": {"Prefix": ""}}, {**RULE, "Filter": {"Prefix": "a"}, "ID": "mine"}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    found = [rule["ID"] for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]]
    assert found[1] == "mine"
    assert len(found[0]) > 20
    again = [rule["ID"] for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]]
    assert again == found


def policy(bucket: str, principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    return json.dumps({"Version": "2012-10-17", "Statement": {**statement, "Resource": f"arn:aws:s3:::{bucket}/*"}})


@pytest.mark.parametrize("text", ["", "no json", "[]", '"text"'])
def test_put_bucket_policy_that_is_no_document_is_refused(text: str, account: Account, bucket: str) -> None:
    refuses("MalformedPolicy", account.client("s3").put_bucket_policy, Bucket=bucket, Policy=text or " ")


def test_put_bucket_policy_names_existing_principals_and_its_own_bucket(account: Account, bucket: str) -> None:
    s3, iam = account.client("s3"), account.client("iam")
    arn = f"arn:aws:iam::{account.number}:role/reader"
    error = refuses("MalformedPolicy", s3.put_bucket_policy, Bucket=bucket, Policy=policy(bucket, {"AWS": arn}))
    assert "Invalid principal in policy" in str(error)
    refuses("MalformedPolicy", s3.put_bucket_policy, Bucket=bucket, Policy=policy("other", {"AWS": account.number}))
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(account.number))
    for principal in (arn, account.number, [arn, f"arn:aws:iam::{account.number}:root"]):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, {"AWS": principal}))


def test_get_bucket_encryption_after_a_put_says_whether_the_bucket_key_is_enabled(
    account: Account, bucket: str
) -> None:
    s3 = account.client("s3")
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    (found,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert found["BucketKeyEnabled"] is False


def test_get_bucket_tagging_after_a_change_is_the_previous_for_a_while(
    sandbox: Sandbox, account: Account, bucket: str
) -> None:
    s3 = account.client("s3")

    def tags() -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}

    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    with sandbox.delays(bucket_configuration=1.5):
        wait_for(lambda: tags() == {"a": "1"})
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "2"}]})
        assert tags() == {"a": "1"}
        wait_for(lambda: tags() == {"a": "2"})


def test_put_bucket_tagging_right_after_another_change_is_refused(
    sandbox: Sandbox, account: Account, bucket: str
) -> None:
    s3 = account.client("s3")
    with sandbox.delays(bucket_conflict=1):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        refuses("OperationAborted", s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": []})
        time.sleep(1)
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": []})


def test_bucket_module_under_conflicting_changes_writes_every_aspect(sandbox: Sandbox, account: Account) -> None:
    options: dict[str, Any] = {"name": f"conflict-{account.number}", "tags": {"a": "1"}}
    with sandbox.delays(bucket_conflict=0.3):
        made = account.make("s3_private_bucket", **options)
    assert len(made["changes"]) == 6
    refusals = [call for call in sandbox.journal() if call["account"] == account.number and call["status"] == 409]
    assert refusals
    assert account.make("s3_private_bucket", **options)["changed"] is False


def test_bucket_module_under_late_configuration_ends_with_what_it_wrote(sandbox: Sandbox, account: Account) -> None:
    options: dict[str, Any] = {"name": f"late-{account.number}", "tags": {"a": "1"}, "_ansible_diff": True}
    account.make("s3_private_bucket", **options)
    with sandbox.delays(bucket_configuration=2):
        made = account.make("s3_private_bucket", **{**options, "tags": {"a": "2"}})
        assert made["diff"]["after"]["tags"] == {"a": "2"}
        assert account.make("s3_private_bucket", **{**options, "tags": {"a": "2"}})["changed"] is False


# -- IAM


def trust(principal: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_create_role_that_trusts_an_unknown_principal_is_refused(account: Account) -> None:
    iam = account.client("iam")
    arn = f"arn:aws:iam::{account.number}:role/client"
    create = {"RoleName": "presigning", "AssumeRolePolicyDocument": trust(arn)}
    error = refuses("MalformedPolicyDocument", iam.create_role, **create)
    assert f'Invalid principal in policy: "AWS":"{arn}"' in str(error)
    refuses("MalformedPolicyDocument", iam.create_role, RoleName="presigning", AssumeRolePolicyDocument="no json")
    iam.create_role(RoleName="client", AssumeRolePolicyDocument=trust(account.number))
    iam.create_role(**create)
    refuses(
        "MalformedPolicyDocument", iam.update_assume_role_policy, RoleName="client", PolicyDocument=trust(arn + "2")
    )


def test_new_role_is_no_principal_for_a_while(sandbox: Sandbox, account: Account) -> None:
    iam = account.client("iam")
    with sandbox.delays(iam_propagation=1):
        iam.create_role(RoleName="client", AssumeRolePolicyDocument=trust(account.number))
        arn = f"arn:aws:iam::{account.number}:role/client"
        create = {"RoleName": "presigning", "AssumeRolePolicyDocument": trust(arn)}
        refuses("MalformedPolicyDocument", iam.create_role, **create)
        time.sleep(1)
        iam.create_role(**create)


def test_get_role_that_does_not_exist_is_refused_in_the_words_of_iam(account: Account) -> None:
    error = refuses("NoSuchEntity", account.client("iam").get_role, RoleName="nobody")
    assert "The role with name nobody cannot be found." in str(error)
