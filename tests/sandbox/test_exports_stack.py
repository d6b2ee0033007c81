"""The exports module where other stacks, other runs and other people are at the same exports."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from .helpers.accounts import Account
from .helpers.sandbox import Sandbox, wait_for

ONE = {"stack_name": "images", "exports": {"Images-Bucket": "one", "Images-Key": "two"}}
NOT_IMPORTED = {"operation": "cloudformation:ListImports", "kind": "error", "code": "ValidationError", "on": []}


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return Account(sandbox)


@pytest.fixture
def imported(account: Account) -> Account:
    """The stack, with an export that the stack ``consumer`` imports."""
    account.make("cloudformation_exports", **ONE)
    stacks = account.client("cloudformation")
    output = {"Value": {"Fn::ImportValue": "Images-Bucket"}}
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    body = json.dumps({"Resources": {"Handle": handle}, "Outputs": {"Out": output}})
    stacks.create_stack(StackName="consumer", TemplateBody=body)
    wait_for(lambda: stacks.describe_stacks(StackName="consumer")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
    return account


def fails(account: Account, **options: Any) -> str:
    result = account.run("cloudformation_exports", **{**ONE, **options})
    assert result["rc"], result["output"]
    return result["msg"]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("options", [{"exports": {"Images-Key": "two"}}, {"state": "absent"}])
def test_exports_with_an_importer_are_refused_before_a_write(
    check_mode: bool, options: dict[str, Any], imported: Account
) -> None:
    before = imported.writes()
    message = fails(imported, _ansible_check_mode=check_mode, **options)
    assert "Images-Bucket by consumer" in message
    assert "Nothing was written" in message
    assert imported.writes() == before


def test_exports_with_an_importer_that_comes_later_fail_with_the_rollbacks_reason(imported: Account) -> None:
    """The importer appears between the check and the write: CloudFormation itself refuses."""
    imported.faults(NOT_IMPORTED)
    message = fails(imported, exports={"Images-Bucket": "three"})
    assert "UPDATE_ROLLBACK_COMPLETE" in message
    assert "Export Images-Bucket cannot be updated as it is in use by consumer" in message
    imported.sandbox.faults()
    assert imported.make("cloudformation_exports", **ONE)["changed"] is False


def test_exports_that_cloudformation_refuses_to_delete_fail_at_once_with_the_reason(imported: Account) -> None:
    imported.faults(NOT_IMPORTED)
    started = time.monotonic()
    for _time in range(2):  # the first refusal stays in the history
        message = fails(imported, state="absent")
        assert "was not deleted" in message
        assert "Export Images-Bucket cannot be deleted as it is in use by consumer" in message
    assert time.monotonic() - started < 20
    imported.sandbox.faults()


def test_exports_of_another_stack_are_refused_before_a_write(account: Account) -> None:
    account.make("cloudformation_exports", **{**ONE, "stack_name": "other"})
    before = account.writes()
    message = fails(account)
    assert "stack/other/" in message
    assert "Nothing was written" in message
    assert account.writes() == before


def test_exports_in_a_stack_in_review_are_refused_at_once(account: Account) -> None:
    body = json.dumps({"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}})
    account.client("cloudformation").create_change_set(
        StackName="images", ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=body
    )
    started = time.monotonic()
    message = fails(account)
    assert "REVIEW_IN_PROGRESS" in message
    assert "delete-stack --stack-name images" in message
    assert time.monotonic() - started < 20
    account.make("cloudformation_exports", **ONE, state="absent")
    assert account.make("cloudformation_exports", **ONE)["changed"] is True


def test_exports_of_two_runs_at_once_are_the_same_stack(sandbox: Sandbox, account: Account) -> None:
    """One run lists the exports of the stack that the other has created since."""
    with sandbox.delays(stack=1):
        runs = [account.start("cloudformation_exports", **ONE) for _run in range(3)]
        results = [run.result() for run in runs]
    assert [result["rc"] for result in results] == [0, 0, 0], [result.get("msg") for result in results]
    assert len({result["stack_id"] for result in results}) == 1
    assert account.make("cloudformation_exports", **ONE)["changed"] is False


def test_exports_of_runs_at_once_with_the_same_change_end_as_declared(sandbox: Sandbox, account: Account) -> None:
    account.make("cloudformation_exports", **ONE)
    with sandbox.delays(stack=1):
        runs = [
            account.start("cloudformation_exports", **{**ONE, "exports": {"Images-Bucket": value}})
            for value in ("three", "three", "three")
        ]
        results = [run.result() for run in runs]
    assert [result["rc"] for result in results] == [0, 0, 0], [result.get("msg") for result in results]
    assert {result["exports"]["Images-Bucket"] for result in results} == {"three"}


def test_exports_listed_by_another_run_before_the_stack_was_read_are_its_own(account: Account) -> None:
    """The other run has created the stack after DescribeStacks and before ListExports."""
    account.make("cloudformation_exports", **ONE)
    missing = {"operation": "cloudformation:DescribeStacks", "kind": "error", "code": "ValidationError", "on": [1]}
    account.faults({**missing, "message": "Stack with id images does not exist"})
    result = account.run("cloudformation_exports", **ONE)
    account.sandbox.faults()
    assert result["rc"] == 0, result["output"]
    assert result["exports"] == ONE["exports"]


def test_exports_whose_names_differ_in_hyphens_only_are_all_there(account: Account) -> None:
    exports = {"a-b": "1", "ab": "2", "a:b": "3"}
    made = account.make("cloudformation_exports", stack_name="images", exports=exports)
    assert made["exports"] == exports


def test_exports_without_purging_keep_the_tags_of_others(account: Account) -> None:
    account.make("cloudformation_exports", **ONE, tags={"Team": "shop"})
    for options in ({"tags": {"Cost": 4711}, "purge_tags": False}, {"exports": {"Images-Bucket": "four"}}):
        account.make("cloudformation_exports", **{**ONE, **options})
        (stack,) = account.client("cloudformation").describe_stacks(StackName="images")["Stacks"]
        tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
        assert tags == {"Team": "shop", "Cost": "4711"}
