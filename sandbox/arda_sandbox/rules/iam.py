"""IAM: a policy names principals that exist, and a new principal is known everywhere only after a while."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from .. import authorization, emulator
from ..http import Response
from . import Call, Proceed, rule


def unknown_principals(call: Call, document: Any) -> list[str]:
    """The roles and users in the Principal elements of a policy that do not exist, or not long enough.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html ("Changes that I make are not always immediately
    visible"), https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    return [arn for arn in _principals(document) if not _known(call, arn)]


def _principals(document: Any) -> Iterator[str]:
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            values = named.get("AWS", []) if isinstance(named, dict) else []
            yield from values if isinstance(values, list) else [values]


def _known(call: Call, arn: str) -> bool:
    found = re.fullmatch(r"arn:aws:iam::(\d{12}):(role|user)/.+", arn)
    if not found:
        return arn == "*" or bool(re.fullmatch(r"\d{12}|arn:aws:(iam|sts)::\w+:.+", arn))
    record = emulator.principals(found[1]).get(arn)
    return record is not None and time.time() - record.get("_created", 0) >= call.settings.delays["iam_propagation"]


def _form(call: Call) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(call.request.body.decode(), keep_blank_values=True).items()}


@rule("iam:CreateRole", "iam:UpdateAssumeRolePolicy")
async def trust_policy(call: Call, proceed: Proceed) -> Response:
    """A trust policy is JSON and names existing principals.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (MalformedPolicyDocument)
    """
    form = _form(call)
    try:
        document = json.loads(form.get("AssumeRolePolicyDocument", form.get("PolicyDocument", "")))
    except ValueError:
        return call.refuse("MalformedPolicyDocument", "This policy contains invalid Json")
    for arn in unknown_principals(call, document):
        return call.refuse("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"')
    response = await proceed()
    if call.operation.name == "CreateRole" and response.status == 200:
        for record in emulator.principals(call.account).values():
            if record.get("RoleName") == form["RoleName"]:
                record["_created"] = time.time()
    return response


@rule("iam:GetRole", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:ListRolePolicies", "iam:PutRolePolicy")
async def no_such_role(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html (NoSuchEntity), in AWS's words."""
    name = _form(call).get("RoleName", "")
    if any(record.get("RoleName") == name for record in emulator.principals(call.account).values()):
        return await proceed()
    return call.refuse("NoSuchEntity", f"The role with name {name} cannot be found.", 404)


@rule("iam:SimulatePrincipalPolicy")
async def simulated(call: Call, proceed: Proceed) -> Response:
    """Each action on each resource, with the caller's condition keys; the emulator knows the first resource only.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    response = await proceed()
    form = {name: values[0] for name, values in parse_qs(call.request.body.decode()).items()}
    role = form["PolicySourceArn"].rpartition("/")[2]
    if response.status != 200 or ":role/" not in form["PolicySourceArn"]:
        return response
    if form["PolicySourceArn"] not in emulator.principals(call.account):
        return call.refuse("NoSuchEntity", f"Policy with ARN {form['PolicySourceArn']} not found", 404)
    keys: dict[str, Any] = {}
    for number in range(1, 1 + sum(name.endswith(".ContextKeyName") for name in form)):
        entry = f"ContextEntries.member.{number}."
        values = _members(form, f"{entry}ContextKeyValues")
        keys[form[f"{entry}ContextKeyName"]] = values if form[f"{entry}ContextKeyType"].endswith("List") else values[0]
    results = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{authorization.simulate(call.account, role, action, resource, keys)}</EvalDecision>"
        "<MatchedStatements/><MissingContextValues/></member>"
        for action in _members(form, "ActionNames")
        for resource in _members(form, "ResourceArns") or ["*"]
    )
    body = (
        '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>'
        f"<IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults></SimulatePrincipalPolicyResult>"
        "</SimulatePrincipalPolicyResponse>"
    )
    return Response(200, [(b"content-type", b"text/xml")], body.encode())


def _members(form: dict[str, str], name: str) -> list[str]:
    """The items of a list in a form, in their order."""
    numbers = sorted(
        int(key.rpartition(".")[2]) for key in form if re.fullmatch(rf"{re.escape(name)}\.member\.\d+", key)
    )
    return [form[f"{name}.member.{number}"] for number in numbers]


def boundary_condition_key(iam_action: str, body: bytes) -> dict:
    """The boundary of the role that a call makes or changes.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    form = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
    if not iam_action.startswith("iam:") or "RoleName" not in form:
        return {}
    asked = form.get("PermissionsBoundary") or authorization.boundary_of(form["RoleName"])
    return {"iam:permissionsboundary": asked} if asked else {}


authorization.extend_condition_keys(boundary_condition_key)
