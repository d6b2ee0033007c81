"""The shape of every module: read, plan, then apply, or predict in check mode; and the arithmetic of tags."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
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
    def __init__(self, check_mode: bool, diff: bool, tags: dict[str, Any] | None = None) -> None:
        self.check_mode, self._diff, self.params = check_mode, diff, {"tags": tags}

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


def ended(
    number: Number, check_mode: bool = False, diff: bool = False, tags: dict[str, Any] | None = None
) -> dict[str, Any]:
    with pytest.raises(Ended) as caught:
        run(Module(check_mode, diff, tags), number)
    return caught.value.args[0]


@pytest.mark.parametrize("check_mode", [False, True])
def test_run_in_check_mode_returns_what_a_run_returns(check_mode: bool) -> None:
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
def test_run_without_changes_returns_unchanged(check_mode: bool) -> None:
    assert ended(Number(5, 5), check_mode) == {"changed": False, "changes": [], "number": 5}


def test_run_with_changed_in_the_result_returns_the_results_own() -> None:
    assert ended(Number(3, 5, extra={"changed": False, "changes": []}))["changed"] is False


def test_run_with_a_failing_read_ends_the_module() -> None:
    assert ended(Number(3, 5, fails=True)) == {"failed": True, "msg": "no answer"}


@pytest.mark.parametrize("method", ["read", "plan", "predict", "result"])
def test_resource_without_the_method_raises_not_implemented(method: str) -> None:
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
def test_tag_changes_returns_what_to_set_and_remove(
    desired: dict[str, str] | None, purge: bool, expected: tuple
) -> None:
    assert tag_changes({"b": "1", "a": "1", "aws:cloudformation:stack-id": "s"}, desired, purge) == expected


TAGS = st.dictionaries(st.sampled_from(["a", "b", "c", "aws:x"]), st.sampled_from("12"))


@given(TAGS, st.none() | TAGS, st.booleans())
def test_tags_after_needs_no_further_change(
    actual: dict[str, str], desired: dict[str, str] | None, purge: bool
) -> None:
    after = tags_after(actual, desired, purge)
    assert tag_changes(after, desired, purge) == ({}, [])
    assert all(after[key] == value for key, value in (desired or {}).items())
    assert all(key in after for key in actual if key.startswith("aws:"))
    if not purge or desired is None:
        assert set(actual) <= set(after)


@pytest.mark.parametrize(
    ("value", "kept"), [(4711, "4711"), (True, "True"), (False, "False"), (1.5, "1.5"), ("", ""), ("x", "x")]
)
def test_tag_changes_with_a_value_that_is_no_text_compares_the_text_that_aws_keeps(value: Any, kept: str) -> None:
    assert ansible_dict_to_boto3_tag_list({"k": value}) == [{"Key": "k", "Value": kept}]
    assert tag_changes({"k": kept}, {"k": value}, True) == ({}, [])
    assert tag_changes({}, {"k": value}, True) == ({"k": kept}, [])
    assert tags_after({"k": "other"}, {"k": value}, False) == {"k": kept}


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"k": None}, "None"),
        ({"k": ["x"]}, "['x']"),
        ({"k": {"a": "b"}}, "{'a': 'b'}"),
        ({"": "x"}, "0 characters"),
        ({"k" * 129: "x"}, "129 characters"),
        ({"k": "v" * 257}, "257 characters"),
        ({"aws:x": "1"}, "belong to AWS"),
        ({"AWS:x": "1"}, "belong to AWS"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_run_with_a_tag_that_no_service_keeps_fails_before_the_read(tags: dict, found: str, check_mode: bool) -> None:
    result = ended(Number(3, 5, fails=True), check_mode, tags=tags)
    assert result["failed"]
    assert found in result["msg"]
    assert "Nothing was written" in result["msg"]


@pytest.mark.parametrize("tags", [None, {}, {"k": "v" * 256, "k" * 128: "", "n": 5, "b": True}])
def test_run_with_tags_that_every_service_keeps_proceeds(tags: dict | None) -> None:
    assert ended(Number(5, 5), tags=tags)["changed"] is False
