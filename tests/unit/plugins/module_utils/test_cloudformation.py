"""The states of a stack, the reason of a failed operation, and the template of a stack that only exports."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudformation import (
    DEAD,
    STUCK,
    export_problems,
    in_progress,
    reason,
    stack_name,
    template,
)
from hypothesis import given
from hypothesis import strategies as st

from ...helpers.aws_fixtures import service_model

UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}


def test_every_status_of_a_stack_has_one_meaning() -> None:
    statuses = set(service_model("cloudformation").shape_for("StackStatus").enum)
    moving = {status for status in statuses if in_progress(status)}
    sets = [moving, set(DEAD), set(STUCK), UPDATABLE, {"DELETE_COMPLETE"}]
    assert sorted(status for one in sets for status in one) == sorted(statuses)


STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/x/1"


def event(status: str, why: str = "", own: bool = True) -> dict[str, Any]:
    named = {"StackId": STACK, "PhysicalResourceId": STACK if own else "handle", "ResourceStatus": status}
    return {**named, **({"ResourceStatusReason": why} if why else {})}


EARLIER = [  # an older operation that failed for another reason
    event("ROLLBACK_COMPLETE"),
    event("CREATE_FAILED", "older", own=False),
    event("CREATE_IN_PROGRESS", "User Initiated"),
]


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (
            [
                event("UPDATE_ROLLBACK_COMPLETE"),
                event("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
                event("UPDATE_ROLLBACK_IN_PROGRESS", "Export a cannot be updated as it is in use by y"),
                event("UPDATE_IN_PROGRESS", "User Initiated"),
            ],
            "Export a cannot be updated as it is in use by y",
        ),
        (
            [
                event("ROLLBACK_COMPLETE"),
                event("DELETE_COMPLETE", own=False),
                event("ROLLBACK_IN_PROGRESS", "Export with name a is already exported by stack y."),
                event("CREATE_COMPLETE", own=False),
                event("CREATE_IN_PROGRESS", "Resource creation Initiated", own=False),
                event("CREATE_IN_PROGRESS", "User Initiated"),
            ],
            "Export with name a is already exported by stack y.",
        ),
        (
            [
                event("ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [ExportsOnly]."),
                event("CREATE_FAILED", "Resource creation cancelled", own=False),
                event("CREATE_FAILED", "Access denied", own=False),
                event("CREATE_IN_PROGRESS", "User Initiated"),
            ],
            "Access denied",
        ),
        (
            [
                event("UPDATE_COMPLETE", "Export a cannot be deleted as it is in use by y"),
                event("DELETE_IN_PROGRESS", "User Initiated"),
            ],
            "Export a cannot be deleted as it is in use by y",
        ),
        ([event("UPDATE_COMPLETE"), event("UPDATE_IN_PROGRESS", "User Initiated")], "no reason given"),
    ],
)
def test_reason_is_that_of_the_newest_operation(newest: list[dict], expected: str) -> None:
    assert reason([*newest, *EARLIER]) == expected


def test_reason_without_events_says_so() -> None:
    assert reason([]) == "no reason given"


def test_stack_name_is_read_from_an_arn_or_is_the_name() -> None:
    assert stack_name(STACK) == stack_name("x") == "x"


def test_template_has_one_resource_and_an_output_for_each_export() -> None:
    document = json.loads(template("d", {"B-x": "2", "A": "1"}))
    assert list(document["Outputs"]) == ["A", "Bx"]
    assert document["Outputs"]["Bx"] == {"Value": "2", "Export": {"Name": "B-x"}}
    assert [resource["Type"] for resource in document["Resources"].values()] == [
        "AWS::CloudFormation::WaitConditionHandle"
    ]
    assert "Outputs" not in json.loads(template("d", {}))


@given(st.dictionaries(st.text("ab-:", min_size=1, max_size=5), st.just("v"), min_size=1, max_size=6))
def test_template_keeps_every_export_whatever_its_name(exports: dict[str, str]) -> None:
    outputs = json.loads(template("d", exports))["Outputs"]
    assert {output["Export"]["Name"] for output in outputs.values()} == set(exports)
    assert all(key.isalnum() and len(key) <= 255 for key in outputs)


@pytest.mark.parametrize(
    ("exports", "found"),
    [
        ({"a_b": "1"}, "'a_b'"),
        ({"a b": "1"}, "'a b'"),
        ({"a\n": "1"}, "letters, digits"),
        ({"": "1"}, "1 to 255"),
        ({"a" * 256: "1"}, "1 to 255"),
        ({"a": None}, "None"),
        ({"a": ["x"]}, "['x']"),
        ({"a": ""}, "found 0"),
        ({"a": "ü" * 513}, "found 1026"),
        ({f"n{number}": "1" for number in range(201)}, "found 201"),
    ],
)
def test_export_problems_of_an_export_that_cloudformation_refuses_names_it(exports: dict, found: str) -> None:
    (problem,) = export_problems(exports)
    assert found in problem


def test_export_problems_of_valid_exports_are_none() -> None:
    assert export_problems({"a": "1", "B:c-9": 5, "d" * 255: True, "e": "v" * 1024}) == []
