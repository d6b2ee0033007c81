"""What cloudformation_exports writes, and which exports it withdraws."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._cloudformation import STUCK
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY
from ansible_collections.arda.image_upload.plugins.modules import (
    cloudformation_exports,
)

from ...helpers.aws_fixtures import FixtureModule

KEEP = {"tags": None, "purge_tags": True}


STACK = {"id": "s", "status": "CREATE_COMPLETE", "exports": {"a": "1", "b": "2"}, "tags": {}}


@pytest.mark.parametrize(
    ("options", "actual", "expected"),
    [
        ({}, None, [("write", "create_stack")]),
        ({}, STACK, []),
        ({"exports": {"a": "1"}}, STACK, [("write", "update_stack")]),
        ({"tags": {"t": "1"}}, STACK, [("write", "update_stack")]),
        ({"tags": {}}, {**STACK, "tags": {"t": "1"}}, [("write", "update_stack")]),
        ({}, {**STACK, "status": "ROLLBACK_COMPLETE"}, [("delete", None), ("write", "create_stack")]),
        ({}, {**STACK, "status": "UPDATE_ROLLBACK_COMPLETE"}, []),
        ({"state": "absent"}, STACK, [("delete", None)]),
        ({"state": "absent"}, None, []),
    ],
)
def test_plan_returns_the_writes_to_the_declared_stack(
    options: dict, actual: dict | None, expected: list[tuple]
) -> None:
    wanted = {**KEEP, "state": "present", "stack_name": "x", "exports": {"a": "1", "b": "2"}, **options}
    changes = cloudformation_exports.plan(wanted, actual)
    assert [(change.method, change.arguments.get("operation")) for change in changes] == expected


@pytest.mark.parametrize(
    ("wanted", "actual", "expected"),
    [
        ({"a": "1", "b": "2"}, STACK, []),
        ({"a": "2", "b": "2", "c": "3"}, STACK, ["a"]),
        ({}, STACK, ["a", "b"]),
        ({"a": "1"}, None, []),
    ],
)
def test_withdrawn_returns_the_changed_and_removed_exports(
    wanted: dict, actual: dict | None, expected: list[str]
) -> None:
    assert cloudformation_exports.withdrawn(wanted, actual) == expected


@pytest.mark.parametrize(
    ("tags", "purge", "actual", "sent"),
    [
        (None, True, {"a": "1"}, None),
        ({}, True, {"a": "1"}, {}),
        ({}, False, {"a": "1"}, {"a": "1"}),
        ({"b": 2}, False, {"a": "1", "aws:x": "y"}, {"a": "1", "b": "2"}),
        ({"b": True}, True, {"a": "1"}, {"b": "True"}),
    ],
)
def test_plan_sends_the_tags_that_it_predicts(tags: dict | None, purge: bool, actual: dict, sent: dict | None) -> None:
    options = {"stack_name": "x", "state": "present", "exports": {"a": "2"}, "tags": tags, "purge_tags": purge}
    (change,) = cloudformation_exports.plan(options, {**STACK, "tags": actual})
    assert change.arguments["tags"] == sent


def module(check_mode: bool = False, **options: Any) -> FixtureModule:
    defaults = {"stack_name": "x", "state": "present", "exports": {"a": "1"}, "tags": None, "purge_tags": True}
    return FixtureModule({**defaults, "wait_timeout": 1, "description": "", **options}, check_mode=check_mode)


@pytest.mark.parametrize("status", sorted(STUCK))
def test_refuse_of_a_stuck_stack_names_the_way_on(status: str) -> None:
    exports = cloudformation_exports.Exports(module())
    stuck = {**STACK, "status": status}
    with pytest.raises(AnsibleAWSError) as error:
        exports.refuse(stuck, exports.plan(stuck))
    assert status in str(error.value.message)
    assert "Nothing was written" in str(error.value.message)
    assert ("stack-name x" in str(error.value.message)) or status == "IMPORT_ROLLBACK_FAILED"


@pytest.mark.parametrize("check_mode", [False, True])
def test_refuse_of_exports_that_cloudformation_refuses_names_each(check_mode: bool) -> None:
    exports = cloudformation_exports.Exports(module(check_mode, exports={"a_b": "1", "c": None}))
    with pytest.raises(AnsibleAWSError) as error:
        exports.refuse(None, [])
    assert "'a_b'" in str(error.value.message)
    assert "export c " in str(error.value.message)


def test_refuse_of_a_predicted_value_allows_it_in_check_mode_only() -> None:
    predicted = {"a": KNOWN_AFTER_APPLY}
    cloudformation_exports.Exports(module(True, exports=predicted)).refuse(None, [])
    with pytest.raises(AnsibleAWSError, match="prediction of check mode"):
        cloudformation_exports.Exports(module(exports=predicted)).refuse(None, [])


def test_predict_of_a_dead_stack_is_of_the_stack_that_replaces_it() -> None:
    exports = cloudformation_exports.Exports(module())
    dead = {**STACK, "status": "ROLLBACK_COMPLETE", "tags": {"old": "1"}}
    assert exports.result(exports.predict(dead)) == {"exports": {"a": "1"}, "stack_id": KNOWN_AFTER_APPLY}
    assert exports.predict(dead)["tags"] == {}
