# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan or a report of drift: the document that is written, and the table that people read."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY

from ._look import Found
from ._plan import FORMAT, count, differences, plain, resources, sentence
from ._terminal import printable

PARTS = ("root", "foundation", "partition")
WIDTH = 80
#: How many differences from a saved plan a message names.
SHOWN = 5
#: How a plan and a drift call the two values of a field.
SIDES = {"plan": ("before", "after"), "drift": ("found", "declared")}


def document(kind: str, hosts: Sequence[str], found: Mapping[str, Found], hostvars: Any) -> dict[str, Any]:
    """What was found of the hosts, as it is written to a file; ``kind`` is plan or drift."""
    sections: list[dict[str, Any]] = []
    for part in PARTS:
        for host in hosts:
            own = [row for row in resources(found[host].predictions or []) if row["part"] == part]
            name = {"foundation": hostvars[host].get("infrastructure"), "partition": host}.get(part, "account")
            if own:
                sections.append({"title": f"{part.capitalize()} {name}", "resources": own})
    rows = [row for section in sections for row in section["resources"]]
    errors = [error for host in hosts for error in _errors(host, found[host])]
    same = not any(row["action"] != "none" for row in rows)
    checks = [check for host in hosts for check in _failed(host, found[host])] if kind == "drift" and same else []
    unmanaged = [row for row in rows if row["unmanaged"]] if kind == "drift" else []
    return {
        "format": FORMAT,
        "kind": kind,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "hosts": list(hosts),
        "result": "error" if errors else "same" if same and not checks and not unmanaged else "differs",
        "count": count(rows),
        "sections": sections,
        "checks": checks,
        "errors": errors,
    }


def _errors(host: str, found: Found) -> Iterator[dict[str, Any]]:
    """Why a run would stop before it is done: a task that fails, a prerequisite that no task makes true."""
    if found.failed:
        yield {"host": host, "error": found.failed}
    for report in found.reports:
        if boolean(report.options.get("prerequisites", False)):
            for check in _failing(report.result["checks"]):
                yield {"host": host, "error": f"gate {report.options['name']}: {_told(check)}"}


def _failed(host: str, found: Found) -> Iterator[dict[str, Any]]:
    """The checks of gates that fail although every resource is as declared."""
    for report in found.reports:
        if not boolean(report.options.get("prerequisites", False)):
            for check in _failing(report.result["checks"]):
                shown = {name: check[name] for name in ("criterion", "expected", "observed", "remedy")}
                yield {"host": host, "gate": report.options["name"], **shown}


def _failing(checks: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (c for c in checks if not c["ok"] and "cause" not in c and c["observed"] != KNOWN_AFTER_APPLY)


def _told(check: Mapping[str, Any]) -> str:
    remedy = f" {check['remedy']}" if check.get("remedy") else ""
    return f"{check['criterion']}: expected {plain(check['expected'])}, found {plain(check['observed'])}.{remedy}"


def refusal(file: str, found: Mapping[str, Any]) -> str:
    """Why a run does not do what a saved plan says; the empty string where it does."""
    again = "Nothing was written. Make a new plan (playbooks/plan.yml), read it, then run again."
    try:
        saved = json.loads(Path(file).expanduser().read_text())
        known = saved["format"] == FORMAT and saved["kind"] == "plan"
        told = differences(saved, found) if known else []
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        return f"Expected a plan in {file}, found none that can be read ({error}). {again}"
    if not known:
        return f"Expected a plan of format {FORMAT} in {file}, found another document. {again}"
    if saved["errors"] or found["errors"]:
        return f"The plan {file}, or the run, has an error: {(saved['errors'] or found['errors'])[0]['error']} {again}"
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return f"The run differs from the plan {file}: {'; '.join(told[:SHOWN])}{more}. {again}" if told else ""


def table(plan: Mapping[str, Any], verbose: bool) -> str:
    """The document for people: of each section the resources that differ; every one where ``verbose`` is true."""
    lines: list[str] = []
    for section in plan["sections"]:
        lines += ["", f"{section['title']}: {sentence(count(section['resources']))}"]
        for row in section["resources"]:
            unmanaged = row["unmanaged"] if plan["kind"] == "drift" else []
            if row["action"] != "none" or unmanaged or verbose:
                lines += _row(row, plan["kind"], unmanaged, verbose)
    for check in plan["checks"]:
        lines += ["", *_wrapped(f"{check['host']}, gate {check['gate']}: {_told(check)}", "", "  ")]
    for error in plan["errors"]:
        lines += ["", *_wrapped(f"{error['host']}: {error['error']}", "", "  ")]
    return "\n".join(printable(line.rstrip()) for line in lines[1:])


def _row(row: Mapping[str, Any], kind: str, unmanaged: Sequence[Mapping[str, Any]], verbose: bool) -> Iterator[str]:
    yield f"  {row['action']:<8} {row['type']} {row['name']}"
    if row["action"] == "create" and not verbose:
        return
    before, after = SIDES[kind]
    steps = row["changes"] if verbose or not row["fields"] else []
    for step in steps:
        yield from _wrapped(step, "             ", "               ")
    for field in (*row["fields"], *unmanaged):
        yield from _wrapped(field["field"], "             ", "               ")
        for name, value in ((before, field["before"]), (after, field["after"])):
            yield from _wrapped(f"{name + ':':<10}{plain(value)}", "               ", " " * 25)


def _wrapped(text: str, first: str, following: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=following, break_long_words=False, break_on_hyphens=False
    )
