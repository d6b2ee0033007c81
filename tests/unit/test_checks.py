"""The gate's comparison, commands and report."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils import checks
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("expected", "observed", "comparison", "ok"),
    [
        ("a", "a", "equals", True),
        ("a", "A", "equals", False),
        (["a", "b"], ["b", "a"], "equals", True),
        (["a"], ["a", "a"], "equals", False),
        ({"a": [1, 2]}, '{"a": [2, 1]}', "equals", True),
        ({"a": 1}, "no json", "equals", False),
        (1, "1", "equals", True),
        ("1", 1, "equals", True),
        ("true", True, "equals", True),
        (True, 1, "equals", False),
        (None, None, "equals", True),
        ([], None, "equals", False),
        (["a"], ["a", "b"], "contains", True),
        (["c"], ["a", "b"], "contains", False),
        ("a", ["a", "b"], "contains", True),
        ("logging", "x logging y", "contains", True),
        ("a", None, "contains", False),
        ("a", {"a": 1}, "contains", False),
        (None, "x", "present", True),
        (None, 0, "present", True),
        (None, "", "present", False),
        (None, None, "present", False),
        (None, [], "present", False),
        (None, {}, "present", False),
    ],
)
def test_passes(expected: object, observed: object, comparison: str, ok: bool) -> None:
    assert checks.passes(expected, observed, comparison) is ok


@given(JSON)
def test_everything_equals_itself_and_its_json(value: object) -> None:
    assert checks.passes(value, value, "equals")
    if isinstance(value, (dict, list)):
        assert checks.passes(value, json.dumps(value), "equals")
        assert checks.passes(json.dumps(value), value, "equals")


@pytest.mark.parametrize(
    ("read", "connection", "command"),
    [
        (
            {"service": "s3", "operation": "get_bucket_versioning", "parameters": {"Bucket": "b"}, "query": "Status"},
            (None, None, None),
            "aws s3api get-bucket-versioning --bucket b --query Status --output json",
        ),
        (
            {"service": "route53", "operation": "list_hosted_zones_by_name", "parameters": {"DNSName": "a.b"}},
            ("us-east-1", "dev", None),
            "aws --profile dev --region us-east-1 route53 list-hosted-zones-by-name --dns-name a.b --output json",
        ),
        (
            {"service": "acm", "operation": "list_certificates", "region": "us-east-1", "query": "A[?B=='c'] | [0]"},
            ("eu-west-1", "", "http://127.0.0.1:4566"),
            "aws --endpoint-url http://127.0.0.1:4566 --region us-east-1 acm list-certificates "
            "--query \"A[?B=='c'] | [0]\" --output json",
        ),
        (
            {"service": "ec2", "operation": "describe_x", "parameters": {"KMSKeyId": ["a"]}},
            (None, None, None),
            "aws ec2 describe-x --kms-key-id '[\"a\"]' --output json",
        ),
    ],
)
def test_aws_command(read: dict, connection: tuple, command: str) -> None:
    assert checks.aws_command(read, *connection) == command


@pytest.mark.parametrize(
    ("server", "command"),
    [
        (None, "dig +short NS a.example"),
        ("127.0.0.1", "dig +short @127.0.0.1 NS a.example"),
        ("127.0.0.1:5353", "dig +short @127.0.0.1 -p 5353 NS a.example"),
    ],
)
def test_dns_command(server: str | None, command: str) -> None:
    assert checks.dns_command({"name": "a.example", "type": "NS"}, server) == command


def check(name: str, ok: bool) -> dict:
    return {
        "criterion": name,
        "command": f"look at {name}",
        "expected": "x" * 100,
        "observed": ["y"],
        "ok": ok,
        "remedy": f"mend {name}",
    }


def test_a_report_that_passes_ends_with_the_verdict() -> None:
    text = checks.report("Gate g of h", [check("one", True), check("two", True)])
    assert text.splitlines()[0] == "Gate g of h"
    assert text.splitlines()[-1] == "ALL CHECKS PASSED"
    assert "mend" not in text
    assert "x" * 39 + "..." in text
    assert "x" * 40 not in text


def test_a_report_that_fails_names_the_failed_and_their_remedies() -> None:
    text = checks.report("Gate", [check("one", True), check("two", False)])
    assert text.splitlines()[-1] == "1 OF 2 CHECKS FAILED: two"
    assert "remedy: mend two" in text
    assert "mend one" not in text


def test_in_check_mode_nothing_has_failed_yet() -> None:
    text = checks.report("Gate", [check("one", False)], check_mode=True)
    assert text.splitlines()[-1] == "CHECK MODE: 1 of 1 would have to become true: one"
    assert "remedy" not in text


def test_a_cell_is_cut_where_it_is_too_long_and_not_before() -> None:
    longest = "x" * checks.MAX_CELL
    assert checks.cell(longest) == longest
    assert len(checks.cell(longest + "x")) == checks.MAX_CELL
    assert checks.cell("a\n  b") == "a b"


def test_what_was_not_run_is_neither_passed_nor_failed() -> None:
    skipped = {**check("two", False), "status": "not run", "remedy": ""}
    assert checks.verdict([check("one", True), skipped]) == "ALL CHECKS PASSED THAT WERE RUN; 1 NOT RUN: two"
    assert checks.verdict([check("one", False), skipped]) == "1 OF 2 CHECKS FAILED: one"
    assert checks.verdict([check("one", False)]) == "1 OF 1 CHECKS FAILED: one"


def test_junit_tells_the_three_outcomes_apart() -> None:
    outcomes = [
        {**check(name, name == "a"), "status": status, "seconds": 1.5}
        for name, status in (("a", "passed"), ("b", "failed"), ("c", "not run"))
    ]
    suite = ET.fromstring(checks.junit("verify", "h", outcomes))
    assert suite.attrib == {"name": "verify-h", "tests": "3", "failures": "1", "skipped": "1"}
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["skipped"]]
    assert suite[1][0].text == "Look first at: mend b"


def test_an_artifact_is_written_whole_also_into_a_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    for text in ("one", "two"):
        checks.write_artifact(folder, "report.json", text)
        assert (folder / "report.json").read_text() == f"{text}\n"
    assert [path.name for path in folder.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("one", "other"),
    [([{"b": 1, "a": 2}, {"c": 3}], [{"c": 3}, {"a": 2, "b": 1}]), ({"b": 1, "a": [2, 1]}, {"a": [1, 2], "b": 1})],
)
def test_order_makes_no_difference(one: object, other: object) -> None:
    assert checks.passes(one, other, "equals")
