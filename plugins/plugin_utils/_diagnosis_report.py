# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diagnosis: what a comparison with the declaration adds to it, and how people read it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.arda.image_upload.plugins.module_utils._checks import FAILED, PASSED
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.layers import Fact, unknown
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY

from ._look import Found
from ._plan import plain, resources
from ._report import mark, one_line
from ._terminal import printable

WIDTH = 80
#: How many fields of a resource are shown as evidence.
SHOWN = 5
#: The layer of a resource, by its type and, where there is one in several, the part of the choreography.
LAYERS = {
    ("hosted zone", "root"): "root zone",
    ("stack", "root"): "root stack",
    ("hosted zone", "foundation"): "zone",
    ("certificate", "foundation"): "certificate",
    ("stack", "foundation"): "foundation exports",
    ("bucket", "partition"): "bucket",
    ("role", "partition"): "presigning role",
    ("signing key", "partition"): "signing key",
    ("origin access control", "partition"): "access control",
    ("response headers policy", "partition"): "headers policy",
    ("distribution", "partition"): "distribution",
    ("record", "partition"): "alias records",
    ("stack", "partition"): "exports",
    ("log delivery", "partition"): "monitoring",
    ("alarm", "partition"): "monitoring",
}
#: The layer of a failed prerequisite, by the service that is read.
PREREQUISITES = {"acm": "certificate", "route53": "alias records"}
#: Fields that keep nothing from working.
HARMLESS = ("tags.", "comment", "config.comment", "description")


def compared(found: Found, launch: str) -> Iterator[dict[str, Any]]:
    """The checks of a comparison: each resource, the prerequisites, and where a run would stop."""
    for row in resources(found.predictions or []):
        yield _resource(row, launch).check()
    for report in found.reports:
        checks = zip(report.options["checks"], report.result["checks"], strict=True)
        for asked, check in checks:
            if check["ok"] or "cause" in check or check["observed"] == KNOWN_AFTER_APPLY:
                continue
            entry = report.options["name"] == "image_partition-entry"
            service = (asked.get("aws") or {}).get("service", "")
            layer = PREREQUISITES.get(service, "platform") if entry else "run"
            kept = {name: check[name] for name in ("criterion", "expected", "observed", "remedy", "command", "source")}
            yield Fact(layer, **kept, status=FAILED).check()
    if found.failed:
        yield Fact("run", "a run can be predicted to its end", "the end", f"stops at: {found.failed}", launch).check()


def _layer(row: Mapping[str, Any]) -> str:
    if row["type"] == "record" and row["part"] == "foundation":
        return "delegation" if row["name"].startswith("NS ") else "validation record"
    return LAYERS[row["type"], row["part"]]


def _resource(row: Mapping[str, Any], launch: str) -> Fact:
    """Whether a resource is as declared.

    What keeps nothing from working does not count, nor what is declared by the id of a resource that is missing.
    """
    criterion, layer = f"{row['type']} {row['name']} is as declared", _layer(row)
    fields = [field for field in row["fields"] if not field["field"].startswith(HARMLESS)]
    known = [field for field in fields if KNOWN_AFTER_APPLY not in str(field["after"])]
    if KNOWN_AFTER_APPLY in row["name"] or (row["action"] == "update" and fields and not known):
        return unknown(layer, criterion, "it is declared by the id of what is missing")
    if row["action"] == "none" or (row["action"] == "update" and row["fields"] and not fields):
        observed = "as declared" + (", but for tags and comments" if row["fields"] else "")
        return Fact(layer, criterion, "as declared", observed, status=PASSED)
    told = [f"{field['field']}: {plain(field['before'])}, declared {plain(field['after'])}" for field in known[:SHOWN]]
    if row["action"] == "create":
        told = ["missing: no run has got so far, or it was deleted"]
    return Fact(layer, criterion, "as declared", "; ".join(told or row["changes"]), launch, status=FAILED)


def report(host: str, found: Mapping[str, Any], verbose: bool = False) -> str:
    """The layers from the outside in, then the cause, its evidence, the remedy, and what follows.

    A layer without a failure is one line, unless ``verbose``.
    """
    lines = [f"Diagnosis of {host}, from the outside in"]
    for layer, group in itertools.groupby(found["checks"], key=lambda check: check["layer"]):
        checks = list(group)
        if verbose or not all(check["ok"] for check in checks):
            lines += [f"  {layer}", *(line for check in checks for line in _fact(check, verbose))]
        else:
            lines.append(f"  PASS  {layer}")
    cause = found["cause"]
    if cause is None:
        return "\n".join([*map(printable, lines), "", f"{host} is sound: nothing that was observed fails."])
    lines += ["", *_wrapped(f"Cause: it does not hold that {cause['criterion']}", "")]
    lines += _labelled("expected", plain(cause["expected"]))
    lines += _labelled("found", plain(cause["observed"]))
    if cause.get("command"):
        lines.append(f"  {'evidence':<9} {one_line(cause['command'])}")  # uncut, for a shell
    lines += _labelled("remedy", cause["remedy"])
    lines += _labelled("effect", found["effect"])
    if found["others"]:
        lines += _labelled("then", f"diagnose again: {'; '.join(found['others'])}")
    return "\n".join(map(printable, lines))


def _fact(check: Mapping[str, Any], verbose: bool) -> Iterator[str]:
    yield from _wrapped(f"{mark(check)}  {check['criterion']}", "    ")
    if check.get("cause"):
        yield from _wrapped(f"follows from: {check['cause']}", " " * 10)
    elif verbose or not check["ok"]:
        yield from _wrapped(f"found {plain(check['observed'])}", " " * 10)
    if verbose and check.get("command"):
        yield " " * 10 + one_line(check["command"])


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _labelled(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"  {label:<9} ",
        subsequent_indent=" " * 12,
        break_long_words=False,
        break_on_hyphens=False,
    )
