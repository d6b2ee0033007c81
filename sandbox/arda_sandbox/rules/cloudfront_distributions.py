"""CloudFront's distributions: how they are written, shown, deployed and deleted."""

from __future__ import annotations

import re
import time
from xml.etree.ElementTree import Element, SubElement, tostring

from .. import emulator
from ..deployments import begin
from ..distribution_defaults import complete
from ..distribution_xml import items, parse
from ..http import Response
from ..settings import Settings
from . import Call, Proceed, rule, transition
from .cloudfront import document
from .cloudfront_refusals import problems

_STORED_DISTRIBUTION = re.compile(r"/distribution/([A-Z0-9]+)(/config)?$")


@rule("cloudfront:CreateDistribution", "cloudfront:CreateDistributionWithTags", "cloudfront:UpdateDistribution")
async def write_distribution(call: Call, proceed: Proceed) -> Response:
    """CloudFront checks a configuration, fills it in, and deploys it.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistribution.html
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
    """
    root = parse(call.request.body)
    config = root.find("DistributionConfig") if root.tag == "DistributionConfigWithTags" else root
    if config is None:
        return await proceed()
    stored = _STORED_DISTRIBUTION.search(call.request.path)
    own_id = stored.group(1) if stored else None
    if own_id is None and (taken := _reference_is_taken(call, config)):
        return taken
    for problem in problems(call, config, own_id):
        return problem
    response = await proceed()
    if response.status >= 300:
        return response
    identifier = own_id or parse(response.body).findtext("Id")
    record = next(found for _account, found in emulator.distributions() if found["Id"] == identifier)
    filled_in = parse(record["config_xml"])
    complete(filled_in)
    record["config_xml"] = tostring(filled_in, encoding="unicode")
    begin(call.account, record, call.settings.delays)
    answer = parse(response.body)
    answer.find("Status").text = record["Status"]  # type: ignore[union-attr]
    answer.remove(answer.find("DistributionConfig"))  # type: ignore[arg-type]
    answer.append(filled_in)
    return response.with_body(document(answer))


@rule(
    "cloudfront:CreateDistribution",
    "cloudfront:CreateDistributionWithTags",
    "cloudfront:UpdateDistribution",
    "cloudfront:GetDistribution",
)
async def active_signers(call: Call, proceed: Proceed) -> Response:
    """A distribution is shown with whose signatures it accepts.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html
    """
    response = await proceed()
    if response.status >= 300:
        return response
    root = parse(response.body)
    groups = set(items(root, ".//TrustedKeyGroups/Items/KeyGroup"))
    signers = SubElement(root, "ActiveTrustedSigners")
    SubElement(signers, "Enabled").text = "false"
    SubElement(signers, "Quantity").text = "0"
    active = SubElement(root, "ActiveTrustedKeyGroups")
    SubElement(active, "Enabled").text = "true" if groups else "false"
    SubElement(active, "Quantity").text = str(len(groups))
    listed = SubElement(active, "Items") if groups else active
    for group in emulator.owned(emulator.key_groups(), call.account):
        if group["Id"] in groups:
            shown = SubElement(listed, "KeyGroup")
            SubElement(shown, "KeyGroupId").text = group["Id"]
            pairs = SubElement(shown, "KeyPairIds")
            SubElement(pairs, "Quantity").text = str(len(group["Config"]["Items"]))
            keys = SubElement(pairs, "Items")
            for key in group["Config"]["Items"]:
                SubElement(keys, "KeyPairId").text = key
    return response.with_body(document(root))


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
