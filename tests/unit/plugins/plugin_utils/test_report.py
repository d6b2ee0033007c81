"""The report of checks: for people, as JUnit XML, and as files."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from ansible_collections.arda.image_upload.plugins.plugin_utils import _report as report


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
    text = report.report("Gate g of h", [check("one", True), check("two", True)])
    assert text.splitlines()[0] == "Gate g of h"
    assert text.splitlines()[-1] == "ALL CHECKS PASSED"
    assert "mend" not in text
    assert "x" * 39 + "..." in text
    assert "x" * 40 not in text


def test_a_report_that_fails_names_the_failed_and_their_remedies() -> None:
    text = report.report("Gate", [check("one", True), check("two", False)])
    assert text.splitlines()[-1] == "1 OF 2 CHECKS FAILED: two"
    assert "remedy: mend two" in text
    assert "mend one" not in text


def test_in_check_mode_nothing_has_failed_yet() -> None:
    text = report.report("Gate", [check("one", False)], check_mode=True)
    assert text.splitlines()[-1] == "CHECK MODE: 1 of 1 would have to become true: one"
    assert "remedy" not in text


def test_a_cell_is_cut_where_it_is_too_long_and_not_before() -> None:
    longest = "x" * report.MAX_CELL
    assert report.cell(longest) == longest
    assert len(report.cell(longest + "x")) == report.MAX_CELL
    assert report.cell("a\n  b") == "a b"


def test_what_was_not_run_is_neither_passed_nor_failed() -> None:
    skipped = {**check("two", False), "status": "not run", "remedy": ""}
    assert report.verdict([check("one", True), skipped]) == "ALL CHECKS PASSED THAT WERE RUN; 1 NOT RUN: two"
    assert report.verdict([check("one", False), skipped]) == "1 OF 2 CHECKS FAILED: one"
    assert report.verdict([check("one", False)]) == "1 OF 1 CHECKS FAILED: one"


def test_junit_tells_the_three_outcomes_apart() -> None:
    outcomes = [
        {**check(name, name == "a"), "status": status, "seconds": 1.5}
        for name, status in (("a", "passed"), ("b", "failed"), ("c", "not run"))
    ]
    suite = ET.fromstring(report.junit("verify", "h", outcomes))
    assert suite.attrib == {"name": "verify-h", "tests": "3", "failures": "1", "skipped": "1"}
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["skipped"]]
    assert suite[1][0].text == "Look first at: mend b"


def test_an_artifact_is_written_whole_also_into_a_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    for text in ("one", "two"):
        report.write_artifact(folder, "report.json", text)
        assert (folder / "report.json").read_text() == f"{text}\n"
    assert [path.name for path in folder.iterdir()] == ["report.json"]
