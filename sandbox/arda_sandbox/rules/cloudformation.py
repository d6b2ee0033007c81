"""CloudFormation: which exports a stack may have, change and drop, and how a refused operation is reported."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs

import yaml

from .. import emulator
from ..http import Response
from . import Call, Proceed, rule

_MALFORMED = (
    "Template format error: Output {output} is malformed. The Name field of every Export member must be specified and "
    "consist only of alphanumeric characters, colons, or hyphens."
)


def _form(call: Call) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(call.request.body.decode(), keep_blank_values=True).items()}


class _Template(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions, such as ``!Sub``, whose values do not matter here.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
    """


_Template.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def _outputs(template: str) -> dict[str, dict[str, Any]]:
    try:
        document = json.loads(template)
    except ValueError:
        document = yaml.load(template, Loader=_Template)
    return (document or {}).get("Outputs") or {}


@rule("cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:CreateChangeSet")
async def export_names(call: Call, proceed: Proceed) -> Response:
    """A template with another character in an export's name is refused at once.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
    https://github.com/aws/aws-cdk/issues/28563
    """
    for output, declared in _outputs(_form(call).get("TemplateBody", "")).items():
        name = declared.get("Export", {}).get("Name", "none")
        if isinstance(name, str) and not re.fullmatch(r"[A-Za-z0-9:-]+", name):
            return call.refuse("ValidationError", _MALFORMED.format(output=output))
    return await proceed()


@rule("cloudformation:CreateStack")
async def create_stack(call: Call, proceed: Proceed) -> Response:
    """A rolled-back stack keeps its name until it is deleted; a new one has no time of an update.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (ROLLBACK_COMPLETE)
    """
    name = _form(call).get("StackName", "")
    existing = emulator.stack(call.account, call.operation.region, name)
    if existing and existing["StackStatus"] == "ROLLBACK_COMPLETE":
        return call.refuse("AlreadyExistsException", f"Stack [{name}] already exists")
    emulator.STACK_SECONDS.set(call.settings.delays["stack"])
    response = await proceed()
    if response.status == 200 and (created := emulator.stack(call.account, call.operation.region, name)):
        created["LastUpdatedTime"] = ""
    return response


@rule("cloudformation:UpdateStack")
async def update_stack(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html"""
    found = emulator.stack(call.account, call.operation.region, _form(call).get("StackName", ""))
    if found and found["StackStatus"].endswith("_IN_PROGRESS"):
        status = found["StackStatus"]
        return call.refuse("ValidationError", f"Stack:{found['StackId']} is in {status} state and can not be updated.")
    emulator.STACK_SECONDS.set(call.settings.delays["stack"])
    return await proceed()


@rule("cloudformation:DeleteStack")
async def delete_stack(call: Call, proceed: Proceed) -> Response:
    """The call succeeds; a stack with an export in use then returns to its earlier status, with the reason.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    https://github.com/serverless/serverless/issues/2984 (events)
    """
    region = call.operation.region
    found = emulator.stack(call.account, region, _form(call).get("StackName", ""))
    if not found:
        return await proceed()
    for name, _value, importers in emulator.imported_exports(call.account, region, found["StackName"]):
        reason = f"Export {name} cannot be deleted as it is in use by {' and '.join(importers)}"
        events = (("DELETE_IN_PROGRESS", "User Initiated"), (found["StackStatus"], reason))
        emulator.add_stack_events(call.account, region, found, *events)
        found["StackStatusReason"] = reason
        return Response(200, [(b"content-type", b"text/xml")], b"<DeleteStackResponse/>")
    return await proceed()


@rule("cloudformation:DescribeStacks")
async def describe_stacks(call: Call, proceed: Proceed) -> Response:
    """AWS leaves out what a stack does not have.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html (Examples)
    """
    response = await proceed()
    absent = rb"<(StackStatusReason|LastUpdatedTime|Description|Outputs|Parameters|Capabilities)></\1>"
    return response.with_body(re.sub(absent, b"", response.body))


def refused_exports(stack_id: str, declared: dict[str, str]) -> str:
    """Why a stack may not have these exports; the stack is rolled back for it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    https://github.com/serverless/serverless/pull/3935 (the reason's event)
    """
    _arn, _aws, _service, region, account, resource = stack_id.split(":")
    for name, (_value, owner) in emulator.exports(account, region).items():
        if name in declared and owner != stack_id:
            other = owner.split("/")[1]
            return f"Export with name {name} is already exported by stack {other}. Rollback requested by user."
    for name, value, importers in emulator.imported_exports(account, region, resource.split("/")[1]):
        if declared.get(name) != value:
            verb = "updated" if name in declared else "deleted"
            return f"Export {name} cannot be {verb} as it is in use by {' and '.join(importers)}"
    return ""


emulator.judge_stack_outputs(refused_exports)
