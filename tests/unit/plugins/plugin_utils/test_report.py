"""The report of checks: for people, as JUnit XML, and as files."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from ansible_collections.arda.image_upload.plugins.plugin_utils import _report as report


def check(name: str, ok: bool) -> dict:
    return {
        "criterion": name,
        "command": f"read {name}",
        "expected": "x" * 100,
        "observed": ["y"],
        "ok": ok,
        "remedy": f"mend {name}",
    }


def test_report_all_passed_ends_with_verdict() -> None:
    text = report.report("Gate g of h", [check("one", True), check("two", True)])
    assert text.splitlines()[0] == "Gate g of h"
    assert text.splitlines()[-1] == "ALL CHECKS PASSED"
    assert "mend" not in text
    assert "x" * 39 + "..." in text
    assert "x" * 40 not in text


def test_report_failed_names_failed_checks_and_remedies() -> None:
    text = report.report("Gate", [check("one", True), check("two", False)])
    assert text.splitlines()[-1] == "1 OF 2 CHECKS FAILED: two"
    assert "remedy: mend two" in text
    assert "mend one" not in text


def test_report_check_mode_has_no_failures() -> None:
    text = report.report("Gate", [check("one", False)], check_mode=True)
    assert text.splitlines()[-1] == "CHECK MODE: 1 of 1 would have to become true: one"
    assert "remedy" not in text


def test_cell_too_long_is_cut() -> None:
    longest = "x" * report.MAX_CELL
    assert report.cell(longest) == longest
    assert len(report.cell(longest + "x")) == report.MAX_CELL
    assert report.cell("a\n  b") == "a b"


def test_verdict_skipped_is_neither_passed_nor_failed() -> None:
    skipped = {**check("two", False), "status": "skipped", "remedy": ""}
    assert report.verdict([check("one", True), skipped]) == "ALL CHECKS PASSED, 1 SKIPPED: two"
    assert report.verdict([check("one", False), skipped]) == "1 OF 2 CHECKS FAILED: one"
    assert report.verdict([check("one", False)]) == "1 OF 1 CHECKS FAILED: one"


def test_junit_of_three_statuses_distinguishes_them() -> None:
    outcomes = [
        {**check(name, name == "a"), "status": status, "seconds": 1.5}
        for name, status in (("a", "passed"), ("b", "failed"), ("c", "skipped"))
    ]
    suite = ET.fromstring(report.junit("verify", "h", outcomes))
    assert suite.attrib == {"name": "verify-h", "tests": "3", "failures": "1", "skipped": "1"}
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["skipped"]]
    assert suite[1][0].text == "mend b"


def test_write_artifact_new_folder_holds_whole_file_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    for text in ("one", "two"):
        report.write_artifact(folder, "report.json", text)
        assert (folder / "report.json").read_text() == f"{text}\n"
    assert [path.name for path in folder.iterdir()] == ["report.json"]
