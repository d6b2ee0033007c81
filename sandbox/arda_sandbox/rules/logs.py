"""CloudWatch Logs: what delivers a distribution's access logs, and the bucket that lets it."""

from __future__ import annotations

import json

from .. import authorization, emulator
from ..http import Response
from . import Call, Proceed, rule

DELIVERS = "delivery.logs.amazonaws.com"


@rule("logs:CreateDelivery")
async def bucket_lets_logs_in(call: Call, proceed: Proceed) -> Response:
    """The policy of the bucket lets CloudWatch Logs put objects below AWSLogs/ACCOUNT.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-vended-logs-permissions-V2.html
    """
    asked = json.loads(call.request.body)
    bucket = emulator.delivery_bucket(asked["deliveryDestinationArn"])
    source = f"arn:aws:logs:us-east-1:{call.account}:delivery-source:{asked['deliverySourceName']}"
    key = f"arn:aws:s3:::{bucket}/AWSLogs/{call.account}/CloudFront/log"
    if bucket and not authorization.service_may(
        emulator.bucket_policy(bucket),
        DELIVERS,
        "s3:PutObject",
        key,
        source,
        {"s3:x-amz-acl": "bucket-owner-full-control"},
    ):
        text = f"The policy of bucket {bucket} does not allow {DELIVERS} to put objects"
        return call.refuse("AccessDeniedException", text)
    known = [record["id"] for record in emulator.log_deliveries(call.account)]
    response = await proceed()
    for record in emulator.log_deliveries(call.account):
        if record["id"] not in known:
            _add_prefix(record)
    return response


def _add_prefix(delivery: dict) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/issues/40968 (observed on AWS)"""
    configuration = delivery.setdefault("s3DeliveryConfiguration", {})
    configuration["suffixPath"] = "AWSLogs/{account-id}/CloudFront/" + configuration.get("suffixPath", "")


@rule("logs:DeleteDeliverySource", "logs:DeleteDeliveryDestination")
async def connected(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliverySource.html (Conflict)"""
    name = json.loads(call.request.body)["name"]
    kind = "deliverySourceName" if call.operation.name == "DeleteDeliverySource" else "deliveryDestinationArn"
    if any(one[kind].rpartition(":")[2] == name for one in emulator.log_deliveries(call.account)):
        return call.refuse("ConflictException", f"{name} is connected by a delivery")
    return await proceed()
