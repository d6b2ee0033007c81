"""What wait_for_state reads, and how it judges a state."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.modules.wait_for_state import judge, observe

from tests.unit.helpers.aws_fixtures import FixtureModule

OPTIONS: dict[str, Any] = {
    "aws": {"service": "sts", "operation": "get_caller_identity", "parameters": {}},
    "state_query": "Account",
    "reason_query": "Arn",
    "expected": ["ISSUED"],
    "failed": ["FAILED"],
    "absent": [],
    "timeout": 9,
    "delay": 3,
}


@pytest.mark.parametrize(
    ("state", "reached", "done"),
    [("ISSUED", True, True), ("FAILED", False, True), ("PENDING", False, False), ("", False, False)],
)
def test_judge_tells_expected_and_final_states(state: str, reached: bool, done: bool) -> None:
    result = judge(OPTIONS, state, "why")
    assert (result["reached"], result["done"]) == (reached, done)
    assert (result["timeout"], result["delay"], result["reason"]) == (9, 3, "why")


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        ({}, ("123456789012", "arn:aws:iam::123456789012:user/Alice")),
        ({"reason_query": None}, ("123456789012", "")),
        ({"state_query": "Nothing", "reason_query": "Nothing"}, ("", "")),
    ],
)
def test_observe_selects_state_and_reason(queries: dict, expected: tuple) -> None:
    module = FixtureModule({}, "sts.GetCallerIdentity.ok")
    assert observe({**OPTIONS, **queries}, Aws(module)) == expected


def test_observe_of_what_does_not_exist_yet_makes_no_request() -> None:
    module = FixtureModule({})
    read = {**OPTIONS["aws"], "parameters": {"CertificateArn": "(known after apply)"}}
    assert observe({**OPTIONS, "aws": read}, Aws(module)) == ("(known after apply)", "")
    assert module.calls == []
