"""The emulator's IAM: how it names actions and resources, which condition keys it knows, and what it decides.

Beside emulator.py, the only place that knows the emulator's inside.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from typing import Any


def authorize_as_documented() -> None:
    """Actions and resources that the emulator names otherwise than AWS's service authorization reference.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
    """
    actions = importlib.import_module("ministack.core.iam_actions")
    action_of, resource_of = actions.extract_iam_action, actions.extract_resource_arn

    def documented_action(service: str, *request: Any) -> str | None:
        found = action_of(service, *request)
        return "cloudfront:CreateDistribution" if found == "cloudfront:CreateDistributionWithTags" else found

    def documented_resource(service: str, method: str, path: str, *request: Any) -> str:
        query = request[2]
        if service == "route53" and (change := path.partition("/change/")[2]):
            return f"arn:aws:route53:::change/{change}"
        if service == "cloudfront" and path.endswith("/tagging"):
            return query["Resource"][0] if isinstance(query["Resource"], list) else query["Resource"]
        if found := re.search(r"/(origin-access-control|response-headers-policy)/([^/]+)", path):
            return f"arn:aws:cloudfront::{request[4]}:{found[1]}/{found[2]}"
        if service == "logs" and (name := _delivery_name(request[1])):
            return f"arn:aws:logs:{request[3]}:{request[4]}:{name}"
        if service == "monitoring" and (names := _alarm_names(request[1])):
            return f"arn:aws:cloudwatch:{request[3]}:{request[4]}:alarm:{names[0]}"
        if service == "iam" and "PolicySourceArn" in query:
            return query["PolicySourceArn"][0]
        return resource_of(service, method, path, *request)

    def documented_checks(method: str, path: str, headers: dict, body: bytes, query: dict) -> list[tuple[str, str]]:
        more = []
        if method == "DELETE" and "versionId" in query:  # API_DeleteObject: s3:DeleteObject too
            more = [("s3:DeleteObject", f"arn:aws:s3:::{path.lstrip('/')}")]
        return [*checks(method, path, headers, body, query), *more]

    checks = actions.s3_additional_checks
    actions.s3_additional_checks = documented_checks  # type: ignore[attr-defined]
    actions.extract_iam_action, actions.extract_resource_arn = documented_action, documented_resource  # type: ignore[attr-defined]


def _delivery_name(body: bytes) -> str:
    """``delivery-source:NAME`` of a call about a source of logs, a destination or a delivery; else the empty string.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    """
    asked = json.loads(body or b"{}")
    if "deliverySourceName" in asked or "id" in asked:
        return f"delivery:{asked.get('id', '*')}"
    kind = "source" if "resourceArn" in asked else "destination"
    return f"delivery-{kind}:{asked['name']}" if "name" in asked else ""


def _alarm_names(body: bytes) -> list[str]:
    """The alarms that a call names in CloudWatch's JSON protocol.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    """
    asked = json.loads(body or b"{}")
    return [asked["AlarmName"]] if "AlarmName" in asked else asked.get("AlarmNames", [])


def service_may(
    policy_document: str | None,
    service: str,
    action: str,
    resource: str,
    source_arn: str,
    keys: dict[str, str] | None = None,
) -> bool:
    """Whether a resource policy lets an AWS service act for ``source_arn`` (deny before allow, as IAM evaluates)."""
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    context = evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::000000000000:service/{service}",
        principal_type="Service",
        principal_account="000000000000",
        action=action,
        resource_arn=resource,
        region="us-east-1",
        secure_transport=True,
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": source_arn.split(":")[4], **(keys or {})},
    )
    return evaluator.evaluate_resource_policy(policy_document, context, service=service).decision == "Allow"


def simulate(account: str, role: str, action: str, resource: str, keys: dict[str, Any]) -> str:
    """IAM's decision on an action of a role, with the condition ``keys`` of a request, in the simulation's words."""
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    context = evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::{account}:role/{role}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region="us-east-1",
        secure_transport=True,
        service_context={name.lower(): value for name, value in keys.items()},
    )
    policies = evaluator._gather_role_policies(role, account)
    limits = evaluator._permissions_boundary(importlib.import_module("ministack.services.iam")._roles, role, account)
    decision = evaluator.evaluate(context, policies, *limits).decision
    return {"Allow": "allowed", "Deny": "explicitDeny"}.get(decision, "implicitDeny")


def boundary_of(role: str) -> str:
    """The ARN of the permissions boundary of a role in the account of the call; empty where it has none."""
    return (importlib.import_module("ministack.services.iam")._roles.get(role) or {}).get("PermissionsBoundary") or ""


def extend_condition_keys(extra: Callable[[str, bytes], dict]) -> None:
    """Let ``extra(iam_action, body)`` add condition keys to the emulator's policy evaluation."""
    actions = importlib.import_module("ministack.core.iam_actions")
    original = actions.request_tag_context

    def extended(service: str, iam_action: str, body: bytes, params: dict) -> dict:
        return {**original(service, iam_action, body, params), **extra(iam_action, body)}

    actions.request_tag_context = extended  # type: ignore[attr-defined]
