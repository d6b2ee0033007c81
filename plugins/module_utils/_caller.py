# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The caller: its permissions, as IAM simulates them, and what a wrong clock is called."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from ._aws import Aws, at_once
from ._permissions import Role, requests

#: What is wrong where AWS refuses a signature for its time.
CLOCK = "the clock of this machine is wrong; compare it with a time server"
#: Answers to a caller who may not simulate, or whose role has a path that its session does not show.
NOT_SIMULATED = ("AccessDenied", "NoSuchEntity")


def principal(arn: str) -> str:
    """The ARN of the role or user of a caller; the empty string for the root user and federated users.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    if found := re.fullmatch(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+", arn):
        return f"arn:aws:iam::{found[1]}:role/{found[2]}"
    return arn if re.fullmatch(r"arn:aws:iam::\d{12}:(user|role)/.+", arn) else ""


def refused(results: list[dict[str, Any]]) -> list[str]:
    """The actions that IAM would not allow, each with its resource."""
    return [
        f"{result['EvalActionName']} on {result['EvalResourceName']}"
        for result in results
        if result["EvalDecision"] != "allowed"
    ]


def missing_permissions(aws: Aws, role: Role, names: dict[str, str]) -> dict[str, Any]:
    """What the caller may not call of the actions of a role.

    Returns ``compared``, whether IAM has simulated them, ``reason``, why not, ``principal`` and ``missing``.
    """
    identity = aws.call("sts", "get_caller_identity")
    source = principal(identity["Arn"])
    if not source:
        return {
            "compared": False,
            "reason": f"{identity['Arn']} has no policies of its own",
            "principal": "",
            "missing": [],
        }
    simulate = partial(aws.call, "iam", "simulate_principal_policy", absent=NOT_SIMULATED, PolicySourceArn=source)
    names = {**names, "account": identity["Account"]}
    answers = at_once(partial(simulate, **request) for request in requests(role, names))
    if None in answers:
        reason = f"IAM does not simulate the policies of {source} for its own sessions: iam:SimulatePrincipalPolicy"
        return {"compared": False, "reason": reason, "principal": source, "missing": []}
    results = [result for answer in answers for result in answer["EvaluationResults"]]
    return {"compared": True, "reason": "", "principal": source, "missing": sorted(refused(results))}
