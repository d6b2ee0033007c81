"""The report of checks: for people, and as JUnit XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from ansible_collections.arda.image_upload.plugins.plugin_utils import _report as report


def check(name: str, ok: bool) -> dict:
    return {
        "criterion": name,
        "command": f"read {name}",
        "expected": "x" * 100,
        "observed": ["y"],
        "ok": ok,
        "status": "passed" if ok else "failed",
        "remedy": f"mend {name}",
    }


def test_report_of_passed_checks_is_one_line() -> None:
    assert report.report("Gate g of h", [check("one", True), check("two", True)]) == "Gate g of h: 2 checks passed"


def test_report_of_passed_checks_shows_them_and_their_commands_where_more_is_asked_for() -> None:
    text = report.report("Gate g of h", [check("one", True)], verbose=True)
    assert text.splitlines()[1:] == ["  PASS  one", '        observed  ["y"]', "        command   read one"]


def test_report_of_failed_checks_shows_everything_of_them_uncut() -> None:
    text = report.report("Gate", [check("one", True), check("two", False)])
    assert text.splitlines() == [
        "Gate: 1 of 2 checks FAILED",
        "  FAIL  two",
        f"        expected  {'x' * 100}",
        '        observed  ["y"]',
        "        command   read two",
        "        remedy    mend two",
    ]


def test_report_in_check_mode_has_no_failures() -> None:
    unmet = [check("one", False)]
    assert report.report("Gate", unmet, check_mode=True) == "Gate: 1 of 1 checks not true yet"
    assert "  -     one" in report.report("Gate", unmet, check_mode=True, verbose=True)


def test_report_of_a_skipped_check_says_why() -> None:
    skipped = {**check("two", False), "status": "skipped", "observed": "no permission"}
    text = report.report("Verification", [check("one", True), skipped])
    assert text.splitlines() == [
        "Verification: 1 check passed, 1 skipped",
        "  SKIP  two",
        "        observed  no permission",
    ]
    assert report.verdict([check("one", False), skipped]) == "1 of 2 checks FAILED, 1 skipped"


def test_value_over_several_lines_is_shown_on_one() -> None:
    assert report.one_line("a\n  b") == "a b"
    assert report.one_line({"a": [1]}) == '{"a": [1]}'


def test_junit_of_three_statuses_distinguishes_them() -> None:
    outcomes = [
        {**check(name, name == "a"), "status": status, "seconds": 1.5}
        for name, status in (("a", "passed"), ("b", "failed"), ("c", "skipped"))
    ]
    suite = ET.fromstring(report.junit("verify", "h", outcomes))
    assert suite.attrib == {"name": "verify-h", "tests": "3", "failures": "1", "skipped": "1"}
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["skipped"]]
    assert suite[1][0].text == "mend b"


def test_report_shows_a_cause_before_what_follows_from_it() -> None:
    follows = {**check("one", False), "status": "skipped", "cause": "two"}
    text = report.report("Verification", [follows, check("two", False)])
    assert [line for line in text.splitlines() if "SKIP" in line or "FAIL" in line or "cause" in line] == [
        "Verification: 1 of 2 checks FAILED, 1 skipped",
        "  FAIL  two",
        "  SKIP  one",
        "        cause     two",
    ]


def test_report_in_check_mode_shows_prerequisites_that_fail() -> None:
    unmet = [check("one", False), {**check("two", False), "observed": "(known after apply)"}]
    text = report.report("Gate", unmet, check_mode=True, prerequisites=True)
    assert "  -     one" in text
    assert "        remedy    mend one" in text
    assert "two" not in text
