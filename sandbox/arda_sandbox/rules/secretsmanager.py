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
    """A label put on a new version leaves the version that had it.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    """
    response = await proceed()
    if response.status == 200:
        wanted = json.loads(call.request.body)
        version = json.loads(response.body)["VersionId"]
        secret = emulator.secret(call.account, call.operation.region, wanted["SecretId"]) or {}
        for label in set(wanted.get("VersionStages") or []) - {"AWSCURRENT"}:
            for other, record in secret.get("Versions", {}).items():
                if other != version and label in record["Stages"]:
                    record["Stages"].remove(label)
    return response
