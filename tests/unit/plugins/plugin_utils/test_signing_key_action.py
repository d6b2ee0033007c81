"""The controller's half of cloudfront_signing_key: several attempts, one result."""

from __future__ import annotations

from ansible_collections.arda.image_upload.plugins.action.cloudfront_signing_key import merged


def test_merged_results_are_those_of_one_run() -> None:
    first = {"changed": True, "changes": ["one"], "complete": False, "warnings": ["careful"]}
    second = {"changed": False, "changes": [], "complete": False, "warnings": ["careful"]}
    last = {"changed": True, "changes": ["two"], "complete": True}
    found = merged([first, second, last])
    assert found == {"changed": True, "changes": ["one", "two"], "complete": True, "warnings": ["careful"]}


def test_merged_diff_begins_before_the_first_attempt() -> None:
    first = {"changed": True, "changes": ["one"], "diff": {"before": {"a": 1}, "after": {"a": 2}}}
    last = {"changed": True, "changes": ["two"], "diff": {"before": {"a": 2}, "after": {"a": 3}}}
    assert merged([first, last])["diff"] == {"before": {"a": 1}, "after": {"a": 3}}


def test_merged_failure_keeps_what_was_changed() -> None:
    found = merged([{"changed": True, "changes": ["one"]}, {"failed": True, "msg": "no"}])
    assert found == {"failed": True, "msg": "no", "changed": True, "changes": ["one"]}
