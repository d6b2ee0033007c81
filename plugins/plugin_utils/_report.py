# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of checks: for people, as JSON and as JUnit XML, and the base of the action plugins that write them.

Only the controller's half of a module calls this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.arda.image_upload.plugins.module_utils._checks import FAILED, SKIPPED, local_credentials
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY

from ._artifacts import write_files
from ._in_worker import InWorkerAction, show_warnings
from ._terminal import is_json, printable, show, verbosity

LABELS = ("expected", "observed", "command", "remedy")


def one_line(value: Any) -> str:
    """A value on one line, uncut."""
    return " ".join((value if isinstance(value, str) else json.dumps(value, default=str)).split())


def mark(check: Mapping[str, Any]) -> str:
    """PASS, FAIL, or SKIP for a check that could not be made."""
    if check["ok"]:
        return "PASS"
    return "SKIP" if check["status"] == SKIPPED else "FAIL"


def _details(check: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """The lines below a check."""
    return [f"        {label:<9} {one_line(check[label])}" for label in labels if check.get(label) not in (None, "")]


def verdict(checks: Sequence[Mapping[str, Any]], check_mode: bool = False) -> str:
    """How many of the checks passed, in a few words."""
    marks = [mark(check) for check in checks]
    failed, skipped = marks.count("FAIL"), marks.count("SKIP")
    rest = f", {skipped} skipped" if skipped else ""
    if not failed:
        passed = marks.count("PASS")
        return f"{passed} check{'' if passed == 1 else 's'} passed{rest}"
    if check_mode:
        return f"{failed} of {len(checks)} checks not true yet{rest}"
    return f"{failed} of {len(checks)} checks FAILED{rest}"


def report(
    title: str,
    checks: Sequence[Mapping[str, Any]],
    check_mode: bool = False,
    verbose: bool = False,
    prerequisites: bool = False,
) -> str:
    """The report of a gate: one line where every check passed; each check that did not, with what to do.

    ``verbose`` shows the passed checks and their commands too. In check mode a check that fails is shown where it is a
    prerequisite, which no later task makes true.
    """
    lines = [f"{title}: {verdict(checks, check_mode)}"]
    for check in sorted(checks, key=lambda check: "cause" in check):  # causes before what follows from them
        outcome = mark(check)
        if outcome == "PASS" and verbose:
            lines += [f"  PASS  {check['criterion']}", *_details(check, ("observed", "command"))]
        elif outcome == "SKIP":
            lines += [
                f"  SKIP  {check['criterion']}",
                *_details(check, ("cause",) if "cause" in check else ("observed",)),
            ]
        elif outcome == "FAIL" and not check_mode:
            lines += [f"  FAIL  {check['criterion']}", *_details(check, LABELS)]
        elif outcome == "FAIL" and prerequisites and check["observed"] != KNOWN_AFTER_APPLY:
            lines += [f"  -     {check['criterion']}", *_details(check, LABELS)]
        elif outcome == "FAIL" and verbose:
            lines += [f"  -     {check['criterion']}", *_details(check, ("expected", "observed"))]
    return "\n".join(lines)


def junit(name: str, host: str, checks: Sequence[Mapping[str, Any]]) -> str:
    """The checks as JUnit XML, for whatever shows test results."""
    failed = [check for check in checks if check["status"] == FAILED]
    skipped = [check for check in checks if check["status"] == SKIPPED]
    counts = {"tests": len(checks), "failures": len(failed), "skipped": len(skipped)}
    suite = Element("testsuite", {"name": f"{name}-{host}", **{key: str(value) for key, value in counts.items()}})
    for check in checks:
        case = SubElement(suite, "testcase", {"name": printable(check["criterion"]), "time": str(check["seconds"])})
        if check["status"] == FAILED:
            message = f"expected {json.dumps(check['expected'])}, observed {json.dumps(check['observed'])}"
            SubElement(case, "failure", {"message": printable(message)}).text = printable(check["remedy"])
        elif check["status"] == SKIPPED:
            reason = f"follows from: {check['cause']}" if "cause" in check else str(check["observed"])
            SubElement(case, "skipped", {"message": printable(reason)})
    return tostring(suite, encoding="unicode")


def with_credentials(checks: Sequence[dict[str, Any]], connection: Mapping[str, Any]) -> None:
    """Put what a shell needs to reach a sandbox before the commands that read AWS with a connection."""
    for check in checks:
        if check.get("source") == "aws" and check.get("command"):
            check["command"] = local_credentials(connection) + check["command"]


def show_report(title: str, host: str, options: Mapping[str, Any], result: dict[str, Any], check_mode: bool) -> None:
    """Show the report of a result with checks, and outside check mode write it too.

    ``options`` are those of the module: the name of the report, where it goes, and the connection.
    """
    with_credentials(result["checks"], options)
    name = options.get("name", "verify")
    prerequisites = boolean(options.get("prerequisites", False))
    show(report(f"{title} {name} of {host}", result["checks"], check_mode, verbosity() > 0, prerequisites))
    directory = options.get("artifacts_directory")
    if directory and not check_mode:
        write_files(directory, artifacts_of(name, host, result), report=not result["passed"])


def artifacts_of(name: str, host: str, result: Mapping[str, Any]) -> dict[str, str]:
    """The files of a result with checks, by their names."""
    document = {"name": name, "host": host, "passed": result["passed"], "checks": result["checks"]}
    if "images" in result:
        document["images"] = result["images"]
    found = {f"{name}-{host}.json": json.dumps(document, indent=2, default=str)}
    if all("seconds" in check for check in result["checks"]):  # a verification, which is a test run
        found[f"{name}-{host}.xml"] = junit(name, host, result["checks"])
    return found


class ReportingAction(InWorkerAction):
    """Runs a module that returns checks, shows and writes their report, and fails the task if a check failed.

    In check mode the report is shown, nothing is written, and a failed check does not fail the task.
    """

    #: What the report is called, before the name of the gate or verification.
    title = ""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        result = self.evaluate(task_vars)
        checks = result.get("checks")
        if result.get("failed") or not checks:
            return result
        host, check_mode = task_vars["inventory_hostname"], self._task.check_mode
        show_report(self.title, host, self._task.args, result, check_mode)
        self.show_more(result)
        show_warnings()
        if not result["passed"] and not check_mode:
            name = self._task.args.get("name", "verify")
            result.update(failed=True, msg=f"{self.title} {name} of {host}: {verdict(checks)}, see above")
            if verbosity() < 1 and not is_json():
                for shown in ("checks", "observed", "passed"):
                    result.pop(shown, None)
        return result

    def evaluate(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result of the module."""
        return self._execute_module(task_vars=task_vars)

    def show_more(self, result: dict[str, Any]) -> None:
        """Show what else the result holds for people."""
