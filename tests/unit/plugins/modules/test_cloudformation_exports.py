"""What cloudformation_exports writes, and which exports it withdraws."""

from __future__ import annotations

import json

import pytest
from ansible_collections.arda.image_upload.plugins.modules import (
    cloudformation_exports,
)

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
def test_exports(options: dict, actual: dict | None, expected: list[tuple]) -> None:
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
def test_which_exports_nobody_may_import(wanted: dict, actual: dict | None, expected: list[str]) -> None:
    assert cloudformation_exports.withdrawn(wanted, actual) == expected


def test_the_template_has_one_resource_and_an_output_for_each_export() -> None:
    document = json.loads(cloudformation_exports.template("d", {"B-x": "2", "A": "1"}))
    assert list(document["Outputs"]) == ["A", "Bx"]
    assert document["Outputs"]["Bx"] == {"Value": "2", "Export": {"Name": "B-x"}}
    assert [resource["Type"] for resource in document["Resources"].values()] == [
        "AWS::CloudFormation::WaitConditionHandle"
    ]
