"""STS: a trust policy that was just changed takes some time to reach it."""

from __future__ import annotations

import time
from urllib.parse import parse_qs

from .. import emulator
from ..http import Response
from ..persistence import memory
from . import Call, Proceed, rule

_CHANGED: dict[tuple[str, str], float] = memory()  # when, by account and name of the role


def _parameter(call: Call, name: str) -> str:
    return parse_qs(call.request.body.decode()).get(name, [""])[0]


@rule("iam:CreateRole", "iam:UpdateAssumeRolePolicy")
async def note_trust_policy(call: Call, proceed: Proceed) -> Response:
    response = await proceed()
    if response.status == 200:
        _CHANGED[call.account, _parameter(call, "RoleName")] = time.time()
    return response


@rule("sts:AssumeRole")
async def trust_policy_propagates(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency"""
    arn = _parameter(call, "RoleArn")
    account, name = (arn.split(":") + [""] * 5)[4], arn.rpartition("/")[2]
    if time.time() - _CHANGED.get((account, name), 0) < call.settings.delays["trust_policy"]:
        caller = emulator.caller_arn(call.operation.access_key)
        text = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        return call.refuse("AccessDenied", text, 403)
    return await proceed()
