# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a gate: the command that a person can run by hand, the comparison, and the report."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

MAX_CELL = 42
PASSED = "ALL CHECKS PASSED"


def aws_command(read: Mapping[str, Any], region: str | None, profile: str | None, endpoint_url: str | None) -> str:
    """The AWS CLI command line of a read: the same operation, parameters and query."""
    words = ["aws"]
    for option, value in (("--profile", profile), ("--endpoint-url", endpoint_url)):
        if value:
            words += [option, value]
    if read.get("region") or region:
        words += ["--region", str(read.get("region") or region)]
    service = {"s3": "s3api"}.get(read["service"], read["service"])
    words += [service, read["operation"].replace("_", "-")]
    for name, value in (read.get("parameters") or {}).items():
        text = value if isinstance(value, str) else json.dumps(value)
        words += ["--" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower(), text]
    if read.get("query"):
        words += ["--query", read["query"]]
    return _join([*words, "--output", "json"])


def dns_command(question: Mapping[str, Any], server: str | None) -> str:
    """The dig command line of a question; ``server`` is an address with an optional ``:port``."""
    words = ["dig", "+short"]
    if server:
        address, _colon, port = server.partition(":")
        words += [f"@{address}", *(["-p", port] if port else [])]
    return _join([*words, question["type"], question["name"]])


def _join(words: Sequence[str]) -> str:
    """A command line for a shell; a JMESPath expression, full of single quotes, in double ones."""
    return " ".join(
        f'"{word}"' if "'" in word and not re.search(r'[$`"\\!]', word) else shlex.quote(word) for word in words
    )


def passes(expected: Any, observed: Any, comparison: str) -> bool:
    """Whether what was observed is what is expected; the order of a list makes no difference."""
    if comparison == "present":
        return observed not in (None, "", [], {})
    if comparison == "contains":
        return isinstance(observed, (list, str)) and all(item in observed for item in _as_list(expected))
    return _normal(expected, observed) == _normal(observed, expected)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _normal(value: Any, other: Any) -> str:
    """A comparable form: a JSON text beside a document is read, numbers and switches beside a text are written out."""
    if isinstance(value, str) and isinstance(other, (dict, list)):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, (bool, int, float)) and isinstance(other, str):
        value = json.dumps(value)
    return json.dumps(_sorted(value), sort_keys=True, default=str)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True, default=str))
    return value


def cell(value: Any) -> str:
    """A value as a cell of the report, on one line and cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = " ".join(text.split())
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 3] + "..."


def _mark(check: Mapping[str, Any]) -> str:
    return "ok" if check["ok"] else "--" if check.get("status") == "not run" else "no"


def report(title: str, checks: Sequence[Mapping[str, Any]], check_mode: bool = False) -> str:
    """The report of a gate: a table, each row followed by its command and, where it failed, its remedy."""
    header = ("ok", "criterion", "expected", "observed")
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
    not_run = [check for check in checks if check["status"] not in ("passed", "failed")]
    counts = {"tests": len(checks), "failures": len(failed), "skipped": len(not_run)}
    suite = Element("testsuite", {"name": f"{name}-{host}", **{key: str(value) for key, value in counts.items()}})
    for check in checks:
        case = SubElement(suite, "testcase", {"name": check["criterion"], "time": str(check["seconds"])})
        if check["status"] == "failed":
            message = f"expected {json.dumps(check['expected'])}, observed {json.dumps(check['observed'])}"
            SubElement(case, "failure", {"message": message}).text = f"Look first at: {check['remedy']}"
        elif check["status"] != "passed":
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
    failed = [check["criterion"] for check in checks if _mark(check) == "no"]
    not_run = [check["criterion"] for check in checks if _mark(check) == "--"]
    if not failed:
        return PASSED if not not_run else f"{PASSED} THAT WERE RUN; {len(not_run)} NOT RUN: {'; '.join(not_run)}"
    if check_mode:
        return f"CHECK MODE: {len(failed)} of {len(checks)} would have to become true: {'; '.join(failed)}"
    return f"{len(failed)} OF {len(checks)} CHECKS FAILED: {'; '.join(failed)}"
