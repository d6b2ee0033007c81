"""What a plan says: each field that differs, what happens to a resource, and how it is shown and compared."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.plugin_utils._look import Found, Report
from ansible_collections.arda.image_upload.plugins.plugin_utils._plan import (
    Prediction,
    action,
    count,
    differences,
    fields,
    resources,
    sentence,
)
from ansible_collections.arda.image_upload.plugins.plugin_utils._plan_report import document, refusal, table
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, [("a.b", 1, 2), ("a.c", None, 3)]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": ["x", "y"]}, {"a": ["x"]}, [("a", ["x", "y"], ["x"])]),
        ({"s": [{"Sid": "A"}, {"Sid": "B"}]}, {"s": [{"Sid": "B"}]}, [("s[A]", {"Sid": "A"}, None)]),
        ({"s": [{"Sid": "A", "x": 1}]}, {"s": [{"Sid": "A", "x": 2}]}, [("s[A].x", 1, 2)]),
        ({"s": [{"v": 1}, {"v": 2}]}, {"s": [{"v": 1}]}, [("s[1]", {"v": 2}, None)]),
        ({"s": [{"id": "a"}, {"id": "a", "x": 1}]}, {"s": [{"id": "a"}]}, [("s[a 1]", {"id": "a", "x": 1}, None)]),
        ({}, {"a": []}, [("a", None, [])]),
    ],
)
def test_fields_that_differ_are_named_by_their_paths(before: Any, after: Any, expected: list[Any]) -> None:
    assert [(field["field"], field["before"], field["after"]) for field in fields(before, after)] == expected


@given(VALUES)
def test_value_does_not_differ_from_itself(value: Any) -> None:
    assert list(fields(value, copy.deepcopy(value))) == []


@given(st.dictionaries(st.text(min_size=1, max_size=3), VALUES, max_size=4), VALUES)
def test_key_that_is_added_is_the_one_field_that_differs(value: dict[str, Any], more: Any) -> None:
    found = list(fields(value, {**value, "added by hand": more}))
    assert [field["field"] for field in found] == ([] if more is None else ["added by hand"])


@pytest.mark.parametrize(
    ("before", "after", "changes", "expected"),
    [
        ({"a": 1}, {"a": 1}, [], "none"),
        ({}, {"a": 1}, ["create bucket x"], "create"),
        ({"a": 1}, {"a": 2}, ["set a of bucket x"], "update"),
        ({"a": 1}, {}, ["delete bucket x"], "delete"),
        ({"a": 1}, {"a": 1}, ["delete stack x, which is ROLLBACK_COMPLETE", "create stack x"], "replace"),
    ],
)
def test_action_follows_from_the_views_and_the_changes(
    before: dict[str, Any], after: dict[str, Any], changes: list[str], expected: str
) -> None:
    assert action(before, after, changes) == expected


def prediction(module: str, name: str, before: Any, after: Any, *changes: str, part: str = "partition") -> Prediction:
    return Prediction(part, module, name, {"diff": {"before": before, "after": after}, "changes": list(changes)})


BUCKET = prediction("s3_private_bucket", "images", {}, {"cors_rules": []}, "create bucket images")
POLICY = prediction(
    "s3_private_bucket", "images", {}, {"policy": {"Sid": "A"}}, "create bucket images", "set policy of bucket images"
)
RECORDS = prediction(
    "route53_record_sets",
    "www.example",
    {"A www.example.": {"ttl": 60}, "NS example.": {"ttl": 60}},
    {"A www.example.": {"ttl": 300}, "NS example.": {"ttl": 60}},
    "upsert A www.example",
)
ROOT = prediction("route53_hosted_zone", "example", {"name": "example"}, {"name": "example"}, part="root")
OLD = {"id": "K1", "stage": "foreign"}
KEY = prediction("cloudfront_signing_key", "s", {"key_group": {"keys": [OLD]}}, {"key_group": {"keys": [OLD]}})


def test_two_tasks_of_a_bucket_are_one_resource() -> None:
    (row,) = resources([BUCKET, POLICY])
    assert row["action"] == "create"
    assert row["changes"] == ["create bucket images", "set policy of bucket images"]
    assert [field["field"] for field in row["fields"]] == ["cors_rules", "policy"]


def test_each_record_is_a_resource() -> None:
    rows = resources([RECORDS])
    assert [(row["name"], row["action"], row["changes"]) for row in rows] == [
        ("A www.example", "update", ["upsert A www.example"]),
        ("NS example", "none", []),
    ]


def found(*predictions: Prediction, failed: str = "", reports: tuple[Report, ...] = ()) -> dict[str, Found]:
    return {"dev": Found(failed=failed, predictions=list(predictions), reports=list(reports))}


def planned(kind: str, one: dict[str, Found]) -> dict[str, Any]:
    return document(kind, ["dev"], one, {"dev": {"infrastructure": "Shop"}})


def gate(prerequisites: bool, observed: Any) -> Report:
    check = {"criterion": "the log bucket exists", "ok": False, "expected": "logs", "observed": observed, "remedy": "r"}
    return Report({"name": "entry", "prerequisites": prerequisites}, {"checks": [check]})


@pytest.mark.parametrize(
    ("kind", "one", "result"),
    [
        ("plan", found(ROOT), "same"),
        ("plan", found(ROOT, BUCKET), "differs"),
        ("plan", found(ROOT, failed="bucket (no access)"), "error"),
        ("plan", found(ROOT, reports=(gate(True, "other"),)), "error"),
        ("plan", found(ROOT, reports=(gate(True, "(known after apply)"),)), "same"),
        ("plan", found(ROOT, reports=(gate(False, "other"),)), "same"),
        ("drift", found(ROOT, reports=(gate(False, "other"),)), "differs"),
        ("plan", found(KEY), "same"),
        ("drift", found(KEY), "differs"),
    ],
)
def test_result_of_a_document(kind: str, one: dict[str, Found], result: str) -> None:
    assert planned(kind, one)["result"] == result


def test_sections_are_root_foundation_and_partition_in_this_order() -> None:
    one = found(BUCKET, prediction("acm_dns_certificate", "*.example", {}, {}, part="foundation"), ROOT)
    titles = [section["title"] for section in planned("plan", one)["sections"]]
    assert titles == ["Root account", "Foundation Shop", "Partition dev"]


def test_table_fits_80_columns_and_shows_values_whole() -> None:
    long = "https://app.example.com " * 20
    one = found(prediction("s3_private_bucket", "images", {"c": long}, {"c": "x"}, "set c"), KEY, failed=long)
    for verbose in (False, True):
        shown = table(planned("drift", one), verbose)
        assert max(map(len, shown.splitlines())) <= 80
        assert " ".join(shown.split()).count(long.strip()) == 2
        assert "found:" in shown
        assert "declared:" in shown


@given(st.dictionaries(st.text(min_size=1, max_size=4), VALUES, max_size=3))
def test_hostile_value_stays_one_indented_piece_of_text(value: dict[str, Any]) -> None:
    hostile = {**value, "tag": "x\n  create   bucket other\x1b[31m"}
    one = found(prediction("s3_private_bucket", "images", hostile, {}, "set tags"))
    shown = table(planned("plan", one), verbose=True)
    assert "\x1b" not in shown
    assert [line for line in shown.splitlines() if line.startswith("  create")] == []


def test_document_survives_json() -> None:
    one = planned("plan", found(BUCKET, RECORDS, KEY))
    assert json.loads(json.dumps(one)) == one
    assert sentence(one["count"]) == "1 to create, 1 to update, 2 unchanged"
    assert sum(count([]).values()) == 0


def test_saved_plan_is_refused_where_the_run_differs(tmp_path: Path) -> None:
    saved, other = planned("plan", found(BUCKET)), planned("plan", found(BUCKET, RECORDS))
    assert differences(saved, saved) == []
    assert differences(saved, other) == ["Partition dev record A www.example: planned none, now update"]
    assert differences(other, saved) == ["Partition dev record A www.example: planned update, now none"]
    changed = planned("plan", found(prediction("s3_private_bucket", "images", {}, {"x": 1}, "create bucket images")))
    assert differences(saved, changed) == ["Partition dev bucket images: create of other fields"]
    file = tmp_path / "plan.json"
    for text, told in [
        (json.dumps(saved), ""),
        (json.dumps({**saved, "hosts": ["stage"]}), "the plan is for stage, the run for dev"),
        (json.dumps({**saved, "format": 0}), "Expected a plan of format 1"),
        (json.dumps({**saved, "kind": "drift"}), "Expected a plan of format 1"),
        ("[]", "found none that can be read"),
        ("{", "found none that can be read"),
        (json.dumps({**saved, "errors": [{"error": "no access."}]}), "has an error: no access."),
    ]:
        file.write_text(text)
        problem = refusal(str(file), saved)
        assert told in problem if told else problem == ""
    assert "No such file" in refusal(str(tmp_path / "other.json"), saved)


def test_file_of_a_root_task_decides_the_part() -> None:
    from ansible_collections.arda.image_upload.plugins.plugin_utils._look import part_of

    def part(path: str) -> str:
        return part_of(SimpleNamespace(get_path=lambda: path))  # type: ignore[arg-type]

    assert part("/c/roles/dns_foundation/tasks/root.yml:20") == "root"
    assert part("/c/roles/dns_foundation/tasks/zone.yml:2") == "foundation"
    assert part("/c/roles/image_partition/tasks/bucket.yml:2") == "partition"
