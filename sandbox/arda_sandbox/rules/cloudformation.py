"""CloudFormation: an export that another stack imports neither changes nor goes."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import yaml

from .. import emulator
from ..http import Response
from . import Call, Proceed, rule


@rule("cloudformation:UpdateStack", "cloudformation:DeleteStack")
async def exports_in_use(call: Call, proceed: Proceed) -> Response:
    """AWS refuses a deletion at once, and rolls an update back; here both are refused at once, with AWS's words.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    """
    form = {name: values[0] for name, values in parse_qs(call.request.body.decode()).items()}
    for name, value, importers in emulator.imported_exports(call.account, call.operation.region, form["StackName"]):
        if call.operation.name == "DeleteStack":
            return call.refuse(
                "ValidationError", f"Export {name} cannot be deleted as it is in use by {', '.join(importers)}"
            )
        if _declared(form.get("TemplateBody", "")).get(name) != value:
            return call.refuse(
                "ValidationError", f"Cannot update export {name} as it is in use by {', '.join(importers)}"
            )
    return await proceed()


def _declared(template: str) -> dict[str, object]:
    """The exports of a template with plain values, by name."""
    try:
        document = json.loads(template)
    except ValueError:
        document = yaml.safe_load(template)
    outputs = (document or {}).get("Outputs", {}).values()
    return {output["Export"]["Name"]: output["Value"] for output in outputs if "Export" in output}
