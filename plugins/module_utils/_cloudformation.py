# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CloudFormation stack's states, the reason of a failed operation, and the template of a stack that only exports."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (stack status codes)
#: A stack in one of these can only be deleted.
DEAD = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")
#: What the operator does about a stack that can neither be updated nor recreated by a run.
STUCK = {
    "REVIEW_IN_PROGRESS": "It has no resources, only a change set that nobody has executed. Execute the change set, or "
    "delete the stack: aws cloudformation delete-stack --stack-name {name}",
    "UPDATE_FAILED": "Roll it back: aws cloudformation rollback-stack --stack-name {name}",
    "UPDATE_ROLLBACK_FAILED": "Finish its rollback (ContinueUpdateRollback): "
    "aws cloudformation continue-update-rollback --stack-name {name}",
    "IMPORT_ROLLBACK_FAILED": "Repair its import in the CloudFormation console.",
}
#: The one resource of a stack that only exports. It costs nothing.
EXPORTS_ONLY = "AWS::CloudFormation::WaitConditionHandle"
#: The first event of an operation.
STARTS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS")


def in_progress(status: str) -> bool:
    """Whether CloudFormation itself moves the stack on. An unexecuted change set waits for a person."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def stack_name(stack_id: str) -> str:
    """The name in a stack's ARN."""
    return stack_id.split("/")[1] if "/" in stack_id else stack_id


def reason(events: Iterable[Mapping[str, Any]]) -> str:
    """Why the newest operation failed, from the stack's events, newest first.

    A failed resource has an event whose status ends in _FAILED. A refused export has none: the stack's own rollback
    event names it, or after a refused deletion the event that returns the stack to its earlier status.
    https://github.com/serverless/serverless/issues/2984
    """
    operation = []
    for event in events:
        own = event.get("PhysicalResourceId") == event["StackId"]
        if own and event["ResourceStatus"] in STARTS:
            break
        operation.append((event, own))
    told = [(event, own) for event, own in reversed(operation) if event.get("ResourceStatusReason")]
    failed = [event for event, _own in told if event["ResourceStatus"].endswith("_FAILED")]
    own_events = [event for event, own in told if own]
    return (failed or own_events or [{"ResourceStatusReason": "no reason given"}])[0]["ResourceStatusReason"]


def template(description: str, exports: Mapping[str, str]) -> str:
    """The template of a stack that only exports."""
    keys = {name: re.sub(r"[^A-Za-z0-9]", "", name) for name in exports}
    outputs = {}
    for name, value in sorted(exports.items()):
        key = keys[name]
        if list(keys.values()).count(key) > 1 or not key:  # names that differ in hyphens and colons only
            key = f"{key[:240]}{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        outputs[key] = {"Value": value, "Export": {"Name": name}}
    document: dict[str, Any] = {
        "Description": description,
        "Resources": {"ExportsOnly": {"Type": EXPORTS_ONLY}},
    }
    return json.dumps({**document, "Outputs": outputs} if outputs else document)


def export_problems(exports: Mapping[str, Any]) -> list[str]:
    """What CloudFormation would refuse about the exports, a sentence each.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    problems = []
    for name, value in exports.items():
        if not re.fullmatch(r"[A-Za-z0-9:-]{1,255}", name):
            problems.append(f"export name {name!r} must be 1 to 255 letters, digits, colons and hyphens")
        if not isinstance(value, (str, int, float)):
            problems.append(f"export {name} must have a text as its value, found {value!r}")
        elif not 1 <= len(str(value).encode()) <= 1024:
            problems.append(f"the value of export {name} must have 1 to 1024 bytes, found {len(str(value).encode())}")
    if len(exports) > 200:
        problems.append(f"a stack has at most 200 outputs, found {len(exports)} exports")
    return problems
