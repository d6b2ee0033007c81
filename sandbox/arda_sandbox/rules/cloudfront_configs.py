"""CloudFront's origin access controls and response headers policies: limits, use, and redeployment."""

from __future__ import annotations

from .. import emulator
from ..deployments import redeploy, uses
from ..http import Response
from . import Call, Proceed, rule

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MAX_ORIGIN_ACCESS_CONTROLS = 100


@rule("cloudfront:CreateOriginAccessControl")
async def create_origin_access_control(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateOriginAccessControl.html"""
    if len(emulator.owned(emulator.origin_access_controls(), call.account)) >= MAX_ORIGIN_ACCESS_CONTROLS:
        return call.refuse("TooManyOriginAccessControls", "You have reached the maximum number of controls.")
    return await proceed()


@rule("cloudfront:DeleteOriginAccessControl")
async def delete_origin_access_control(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteOriginAccessControl.html"""
    control = call.request.path.rsplit("/", 1)[1]
    if any(uses(record, control) for record in emulator.owned(emulator.distributions(), call.account)):
        return call.refuse("OriginAccessControlInUse", "The origin access control is in use.", 409)
    return await proceed()


@rule("cloudfront:UpdateResponseHeadersPolicy")
async def update_response_headers_policy(call: Call, proceed: Proceed) -> Response:
    """A change of a policy redeploys the distributions that use it, each with a new ETag.

    https://github.com/hashicorp/terraform-provider-aws/pull/24537
    """
    response = await proceed()
    if response.status == 200:
        redeploy(call.account, call.request.path.split("/")[3], call.settings.delays)
    return response


@rule("cloudfront:DeleteResponseHeadersPolicy")
async def delete_response_headers_policy(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteResponseHeadersPolicy.html"""
    policy = call.request.path.rsplit("/", 1)[1]
    if any(uses(record, policy) for record in emulator.owned(emulator.distributions(), call.account)):
        return call.refuse(
            "ResponseHeadersPolicyInUse",
            "Cannot delete the response headers policy because it is attached to one or more cache behaviors.",
            409,
        )
    return await proceed()
