# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of checks: for people, as JSON and as JUnit XML, and the base of the action plugins that write them.

Only the controller's half of a module calls this.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ._in_worker import InWorkerAction
from ._terminal import display

MAX_CELL = 42
PASSED = "ALL CHECKS PASSED"


def cell(value: Any) -> str:
    """A value as a cell of the report, on one line and cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = " ".join(text.split())
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 3] + "..."


def _mark(check: Mapping[str, Any]) -> str:
    if check["ok"]:
        return "PASS"
    return "SKIP" if check.get("status") == "skipped" else "FAIL"


def report(title: str, checks: Sequence[Mapping[str, Any]], check_mode: bool = False) -> str:
    """The report of a gate: a table, each row followed by its command and, where it failed, its remedy."""
    header = ("result", "criterion", "expected", "observed")
    rows = [(_mark(check), check["criterion"], cell(check["expected"]), cell(check["observed"])) for check in checks]
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(4)]

    def line(row: Sequence[str]) -> str:
        return "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()

    lines = [title, line(header), line(["-" * width for width in widths])]
    for check, row in zip(checks, rows, strict=True):
        lines.append(line(row))
        if check.get("command"):
            lines.append(f"      $ {check['command']}")
        if not check["ok"] and check.get("remedy") and not check_mode:
            lines.append(f"      remedy: {check['remedy']}")
    return "\n".join([*lines, verdict(checks, check_mode)])


def junit(name: str, host: str, checks: Sequence[Mapping[str, Any]]) -> str:
    """The checks as JUnit XML, for whatever shows test results."""
    failed = [check for check in checks if check["status"] == "failed"]
    skipped = [check for check in checks if check["status"] == "skipped"]
    counts = {"tests": len(checks), "failures": len(failed), "skipped": len(skipped)}
    suite = Element("testsuite", {"name": f"{name}-{host}", **{key: str(value) for key, value in counts.items()}})
    for check in checks:
        case = SubElement(suite, "testcase", {"name": check["criterion"], "time": str(check["seconds"])})
        if check["status"] == "failed":
            message = f"expected {json.dumps(check['expected'])}, observed {json.dumps(check['observed'])}"
            SubElement(case, "failure", {"message": message}).text = check["remedy"]
        elif check["status"] == "skipped":
            SubElement(case, "skipped", {"message": str(check["observed"])})
    return tostring(suite, encoding="unicode")


def write_artifact(directory: Path, name: str, text: str) -> None:
    """Write a file whole or not at all, also where two runs write it."""
    directory.mkdir(parents=True, exist_ok=True)
    partial = directory / f".{name}.{os.getpid()}"
    partial.write_text(text + "\n")
    partial.replace(directory / name)


def verdict(checks: Sequence[Mapping[str, Any]], check_mode: bool = False) -> str:
    """The last line of a report."""
    failed = [check["criterion"] for check in checks if _mark(check) == "FAIL"]
    skipped = [check["criterion"] for check in checks if _mark(check) == "SKIP"]
    if not failed:
        return f"{PASSED}, {len(skipped)} SKIPPED: {'; '.join(skipped)}" if skipped else PASSED
    if check_mode:
        return f"CHECK MODE: {len(failed)} of {len(checks)} would have to become true: {'; '.join(failed)}"
    return f"{len(failed)} OF {len(checks)} CHECKS FAILED: {'; '.join(failed)}"


class ReportingAction(InWorkerAction):
    """Runs a module that returns checks, shows and writes their report, and fails the task if a check failed.

    In check mode the report is shown, nothing is written, and a failed check does not fail the task.
    """

    #: What the report is called, before the name of the gate or verification.
    title = ""
    #: Whether the checks are written as JUnit XML too.
    writes_junit = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        result = self.evaluate(task_vars)
        checks = result.get("checks")
        if result.get("failed") or not checks:
            return result
        name, host = self._task.args.get("name", "verify"), task_vars["inventory_hostname"]
        check_mode = self._task.check_mode
        display.display(report(f"{self.title} {name} of {host}", checks, check_mode))
        self.show_more(result)
        directory = self._task.args.get("artifacts_directory")
        if directory and not check_mode:
            self._write(Path(directory), name, host, result)
        if not result["passed"] and not check_mode:
            failed = [check for check in checks if _mark(check) == "FAIL"]
            remedies = "; ".join(f"{check['criterion']}: {check['remedy'] or 'no remedy known'}" for check in failed)
            result.update(failed=True, msg=f"{self.title} {name}: {verdict(checks)}. {remedies}")
        return result

    def evaluate(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result of the module."""
        return self._execute_module(task_vars=task_vars)

    def show_more(self, result: dict[str, Any]) -> None:
        """Show what else the result holds for people."""

    def _write(self, directory: Path, name: str, host: str, result: dict[str, Any]) -> None:
        document = {"name": name, "host": host, "passed": result["passed"], "checks": result["checks"]}
        write_artifact(directory, f"{name}-{host}.json", json.dumps(document, indent=2, default=str))
        if self.writes_junit:
            write_artifact(directory, f"{name}-{host}.xml", junit(name, host, result["checks"]))
