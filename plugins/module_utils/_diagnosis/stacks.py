# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a stack that only exports: its state, why it failed, its exports, and who imports them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from .._aws import Aws, at_once
from .._cloudformation import DEAD, STUCK, in_progress, reason, stack_name
from .layers import Fact

#: What DescribeStacks and ListImports answer where there is no stack, or no import.
ABSENT = ("ValidationError",)


def stack_facts(layer: str, aws: Aws, stack: str, exports: Sequence[str], launch: str) -> Iterator[Fact]:
    """The state of the stack, and the owner of each export."""
    found = aws.call("cloudformation", "describe_stacks", absent=ABSENT, StackName=stack)
    status = found["Stacks"][0]["StackStatus"] if found else "no stack"
    broken = status in DEAD or status in STUCK or "FAILED" in status
    observed = status
    if broken:
        events = aws.call("cloudformation", "describe_stack_events", StackName=stack)["StackEvents"]
        observed = f"{status}: {reason(events)}"
    elif in_progress(status):
        observed = f"{status}: another run is at work"
    remedy = STUCK.get(status, "").format(name=stack) or f"{launch}"
    complete = found is not None and not broken and not in_progress(status)
    criterion = f"stack {stack} is complete"
    yield Fact(layer, criterion, "complete", "complete" if complete else observed, remedy)
    owners = {
        e["Name"]: stack_name(e["ExportingStackId"]) for e in aws.pages("cloudformation", "list_exports", "Exports")
    }
    wrong = {name: owners.get(name, "no export") for name in exports if owners.get(name) != stack}
    yield Fact(
        layer,
        f"the exports of stack {stack} are published",
        {},
        wrong,
        "remove the export from the stack that owns it, or choose another name in the inventory"
        if any(owner != "no export" for owner in wrong.values())
        else launch,
    )


def importers(aws: Aws, exports: Sequence[str]) -> dict[str, list[str]]:
    """The stacks that import each export, of those that are imported."""
    listed = at_once(partial(aws.call, "cloudformation", "list_imports", absent=ABSENT, ExportName=n) for n in exports)
    return {name: answer["Imports"] for name, answer in zip(exports, listed, strict=True) if answer}
