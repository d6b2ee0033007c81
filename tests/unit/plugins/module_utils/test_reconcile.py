"""The shape of every module: read, plan, then apply, or predict in check mode; and the arithmetic of tags."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)
from hypothesis import given
from hypothesis import strategies as st


class Ended(Exception):
    """The module has ended, with these results."""


class Module:
    def __init__(self, check_mode: bool, diff: bool) -> None:
        self.check_mode, self._diff = check_mode, diff

    def exit_json(self, **result: Any) -> None:
        raise Ended(result)

    def fail_json_aws_error(self, error: AnsibleAWSError) -> None:
        raise Ended({"failed": True, "msg": str(error.message)})


class Number(Resource):
    """A number in AWS that is to be another one."""

    def __init__(self, actual: int, wanted: int, fails: bool = False, extra: dict[str, Any] | None = None) -> None:
        self.number, self.wanted, self.fails, self.extra = actual, wanted, fails, extra or {}

    def read(self) -> dict[str, Any]:
        if self.fails:
            raise AnsibleAWSError(message="no answer")
        return {"number": self.number}

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        found = actual["number"] if actual else 0
        step = 1 if self.wanted > found else -1
        return [Change("add", f"add {step}", {"number": step}) for _time in range(abs(self.wanted - found))]

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any]:
        return {"number": self.wanted}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {**(state or {}), **self.extra}

    def add(self, number: int) -> None:
        self.number += number


def ended(number: Number, check_mode: bool = False, diff: bool = False) -> dict[str, Any]:
    with pytest.raises(Ended) as caught:
        run(Module(check_mode, diff), number)
    return caught.value.args[0]


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_run_and_its_prediction_say_the_same(check_mode: bool) -> None:
    number = Number(3, 5)
    result = ended(number, check_mode, diff=True)
    assert number.number == (3 if check_mode else 5)
    assert result == {
        "changed": True,
        "changes": ["add 1", "add 1"],
        "number": 5,
        "diff": {
            "before": {"number": 3},
            "after": {"number": 5},
            "before_header": "in AWS",
            "after_header": "as declared",
        },
    }


@pytest.mark.parametrize("check_mode", [False, True])
def test_nothing_to_do(check_mode: bool) -> None:
    assert ended(Number(5, 5), check_mode) == {"changed": False, "changes": [], "number": 5}


def test_a_resource_may_say_that_less_was_done_than_planned() -> None:
    assert ended(Number(3, 5, extra={"changed": False, "changes": []}))["changed"] is False


def test_a_failure_ends_the_module() -> None:
    assert ended(Number(3, 5, fails=True)) == {"failed": True, "msg": "no answer"}


@pytest.mark.parametrize("method", ["read", "plan", "predict", "result"])
def test_a_resource_must_say_how(method: str) -> None:
    with pytest.raises(NotImplementedError):
        getattr(Resource(), method)(*([] if method == "read" else [None]))
    assert Resource().view(None) == {}


@pytest.mark.parametrize(
    ("desired", "purge", "expected"),
    [
        (None, True, ({}, [])),
        ({}, True, ({}, ["a", "b"])),
        ({}, False, ({}, [])),
        ({"a": "1"}, True, ({}, ["b"])),
        ({"a": "2", "c": "3"}, False, ({"a": "2", "c": "3"}, [])),
        ({"a": "2", "c": "3"}, True, ({"a": "2", "c": "3"}, ["b"])),
    ],
)
def test_tags(desired: dict[str, str] | None, purge: bool, expected: tuple) -> None:
    assert tag_changes({"b": "1", "a": "1", "aws:cloudformation:stack-id": "s"}, desired, purge) == expected


TAGS = st.dictionaries(st.sampled_from(["a", "b", "c", "aws:x"]), st.sampled_from("12"))


@given(TAGS, st.none() | TAGS, st.booleans())
def test_what_is_after_needs_no_change(actual: dict[str, str], desired: dict[str, str] | None, purge: bool) -> None:
    after = tags_after(actual, desired, purge)
    assert tag_changes(after, desired, purge) == ({}, [])
    assert all(after[key] == value for key, value in (desired or {}).items())
    assert all(key in after for key in actual if key.startswith("aws:"))
    if not purge or desired is None:
        assert set(actual) <= set(after)
