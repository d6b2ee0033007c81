"""CloudFront's distributions: what it refuses, its limits, and the minutes that a deployment takes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .. import emulator
from ..deployments import begin
from ..distribution_xml import items, parse
from ..hostnames import covers
from ..http import Response
from ..settings import Settings
from . import Call, Proceed, rule, transition

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MAX_KEY_GROUPS_OF_BEHAVIOR = 4
_STORED_DISTRIBUTION = re.compile(r"/distribution/([A-Z0-9]+)(/config)?$")


@rule("cloudfront:CreateDistribution", "cloudfront:CreateDistributionWithTags", "cloudfront:UpdateDistribution")
async def distribution_refers_to_what_exists(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistribution.html"""
    root = parse(call.request.body)
    config = root.find("DistributionConfig") if root.tag == "DistributionConfigWithTags" else root
    if config is None:
        return await proceed()
    stored = _STORED_DISTRIBUTION.search(call.request.path)
    own_id = stored.group(1) if stored else None
    if own_id is None and (taken := _reference_is_taken(call, config)):
        return taken
    for problem in _problems(call, config, own_id):
        return problem
    response = await proceed()
    if response.status < 300:
        identifier = own_id or parse(response.body).findtext("Id")
        for _account, distribution in emulator.distributions():
            if distribution["Id"] == identifier:
                begin(call.account, distribution, call.settings.delays)
        return response.with_body(response.body.replace(b"<Status>Deployed<", b"<Status>InProgress<"))
    return response


def _reference_is_taken(call: Call, config: Element) -> Response | None:
    """A caller reference creates one distribution; only the message says which.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html (CallerReference)
    https://github.com/aws/aws-sdk-go/issues/2213: also where the configuration is the same.
    https://github.com/aws/aws-sdk-js-v3/issues/2618
    """
    for distribution in emulator.owned(emulator.distributions(), call.account):
        if distribution["CallerReference"] == config.findtext("CallerReference"):
            return call.refuse(
                "DistributionAlreadyExists",
                "The caller reference that you are using to create a distribution is associated with another "
                f"distribution. Already exists: {distribution['Id']}",
                409,
            )
    return None


def _problems(call: Call, config: Element, own_id: str | None) -> Iterator[Response]:
    aliases = items(config, "Aliases/Items/CNAME")
    for _account, other in emulator.distributions():
        if other["Id"] != own_id and set(aliases) & set(items(parse(other["config_xml"]), "Aliases/Items/CNAME")):
            yield call.refuse(
                "CNAMEAlreadyExists",
                "One or more of the CNAMEs you provided are already associated with a different resource.",
                409,
            )
    yield from _certificate_problems(call, config, aliases)
    groups = {group["Id"] for group in emulator.owned(emulator.key_groups(), call.account)}
    for behavior in [
        config.find("DefaultCacheBehavior"),
        *config.findall("CacheBehaviors/Items/CacheBehavior"),
    ]:
        if behavior is None:
            continue
        trusted = items(behavior, "TrustedKeyGroups/Items/KeyGroup")
        if set(trusted) - groups:
            yield call.refuse("TrustedKeyGroupDoesNotExist", "The specified key group does not exist.")
        if len(trusted) > MAX_KEY_GROUPS_OF_BEHAVIOR:
            yield call.refuse("TooManyKeyGroupsAssociatedToDistribution", "Too many key groups in a behavior.")
        for kind, tag, code in (
            ("cache", "CachePolicyId", "NoSuchCachePolicy"),
            ("response_headers", "ResponseHeadersPolicyId", "NoSuchResponseHeadersPolicy"),
        ):
            policy_id = behavior.findtext(tag)
            if policy_id and not emulator.policy(kind, call.account, policy_id):
                yield call.refuse(code, "The specified policy does not exist.", 404)
    controls = {control["Id"] for control in emulator.owned(emulator.origin_access_controls(), call.account)}
    if {c for c in items(config, "Origins/Items/Origin/OriginAccessControlId") if c} - controls:
        yield call.refuse("InvalidOriginAccessControl", "The origin access control does not exist.")


def _certificate_problems(call: Call, config: Element, aliases: list[str]) -> Iterator[Response]:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""
    arn = config.findtext("ViewerCertificate/ACMCertificateArn")
    if not arn:
        if aliases:
            yield call.refuse("InvalidViewerCertificate", "To add an alternate domain name, attach a certificate.")
        return
    found = next((c for _a, c in emulator.certificates() if c["CertificateArn"] == arn), None)
    if found is None or arn.split(":")[3] != "us-east-1" or arn.split(":")[4] != call.account:
        yield call.refuse(
            "InvalidViewerCertificate",
            "The specified SSL certificate doesn't exist, isn't in us-east-1 "
            "region, isn't valid, or doesn't include a valid certificate chain.",
        )
    elif found["Status"] != "ISSUED":
        yield call.refuse("InvalidViewerCertificate", "The specified SSL certificate isn't issued yet.")
    elif not all(any(covers(name, alias) for name in found["SubjectAlternativeNames"]) for alias in aliases):
        yield call.refuse(
            "InvalidViewerCertificate",
            "The certificate that is attached to your distribution doesn't "
            "cover the alternate domain name (CNAME) that you're trying to add.",
        )


@rule("cloudfront:DeleteDistribution")
async def delete_distribution(call: Call, proceed: Proceed) -> Response:
    """A disabled distribution goes only once the disabling is deployed.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteDistribution.html
    """
    identifier = call.request.path.rsplit("/", 1)[1]
    for distribution in emulator.owned(emulator.distributions(), call.account):
        if distribution["Id"] == identifier and distribution["Status"] != "Deployed":
            return call.refuse("DistributionNotDisabled", "The distribution is not yet deployed as disabled.", 409)
    return await proceed()


@transition
def deploy(settings: Settings) -> None:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html (Status)"""
    for _account, distribution in emulator.distributions():
        if distribution["Status"] == "InProgress" and time.time() >= distribution.get("_deployed_at", 0):
            distribution["Status"] = "Deployed"
