"""Secrets Manager: a label is on one version at a time, and a deleted secret keeps its name."""

from __future__ import annotations

import json

from .. import emulator
from ..http import Response
from . import Call, Proceed, rule


@rule("secretsmanager:CreateSecret")
async def create_secret(call: Call, proceed: Proceed) -> Response:
    """A secret that waits for its deletion keeps its name through the recovery window.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
    """
    name = json.loads(call.request.body).get("Name", "")
    secret = emulator.secret(call.account, call.operation.region, name)
    if secret and secret.get("DeletedDate"):
        return call.refuse(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
    return await proceed()


@rule("secretsmanager:PutSecretValue")
async def put_secret_value(call: Call, proceed: Proceed) -> Response:
    """One token makes one version, and a label put on a new version leaves the version that had it.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    """
    wanted = json.loads(call.request.body)
    if stored := _stored(call, wanted):
        if stored.get("SecretString") != wanted.get("SecretString"):
            return call.refuse(
                "ResourceExistsException", "A version with this ClientRequestToken and other content already exists."
            )
        return _unchanged(call, wanted, stored)
    response = await proceed()
    if response.status == 200:
        version = json.loads(response.body)["VersionId"]
        secret = emulator.secret(call.account, call.operation.region, wanted["SecretId"]) or {}
        for label in set(wanted.get("VersionStages") or []) - {"AWSCURRENT"}:
            for other, record in secret.get("Versions", {}).items():
                if other != version and label in record["Stages"]:
                    record["Stages"].remove(label)
    return response


def _stored(call: Call, wanted: dict) -> dict | None:
    """The version that a token has already made."""
    secret = emulator.secret(call.account, call.operation.region, wanted.get("SecretId", "")) or {}
    return secret.get("Versions", {}).get(wanted.get("ClientRequestToken"))


def _unchanged(call: Call, wanted: dict, stored: dict) -> Response:
    secret = emulator.secret(call.account, call.operation.region, wanted["SecretId"]) or {}
    document = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": wanted["ClientRequestToken"]}
    body = json.dumps({**document, "VersionStages": list(stored["Stages"])}).encode()
    return Response(200, [(b"content-type", b"application/x-amz-json-1.1")], body)
