"""What was just created, and is not in the listings yet; read by its id it is there at once."""

from __future__ import annotations

import json
import re
import time
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from ..http import Response
from ..persistence import memory
from . import Call, Proceed, rule

_CREATED: dict[str, float] = memory()  # when, by id or ARN
_ID = re.compile(rb"<Id>(?:/hostedzone/)?([A-Z0-9a-f-]+)</Id>")
_ARN = re.compile(rb'"CertificateArn": *"([^"]+)"')


@rule(
    "acm:RequestCertificate",
    "cloudfront:CreateDistribution",
    "cloudfront:CreateDistributionWithTags",
    "cloudfront:CreateKeyGroup",
    "cloudfront:CreateOriginAccessControl",
    "cloudfront:CreatePublicKey",
    "cloudfront:CreateResponseHeadersPolicy",
    "route53:CreateHostedZone",
)
async def note_creation(call: Call, proceed: Proceed) -> Response:
    """The first answer counts: an idempotent call that is repeated creates nothing.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html: "there is a delay of several
    seconds before you can retrieve information about it".
    """
    response = await proceed()
    if response.status in (200, 201) and (found := _ID.search(response.body) or _ARN.search(response.body)):
        _CREATED.setdefault(found[1].decode(), time.time())
    return response


def _hidden(call: Call, identifier: str) -> bool:
    return time.time() - _CREATED.get(identifier, 0) < call.settings.delays["visibility"]


@rule(
    "cloudfront:ListDistributions",
    "cloudfront:ListKeyGroups",
    "cloudfront:ListOriginAccessControls",
    "cloudfront:ListPublicKeys",
    "cloudfront:ListResponseHeadersPolicies",
    "route53:ListHostedZones",
    "route53:ListHostedZonesByName",
)
async def list_xml(call: Call, proceed: Proceed) -> Response:
    """AWS documents no delay for CloudFront and Route 53; nothing may depend on there being none."""
    response = await proceed()
    if response.status != 200 or not call.settings.delays["visibility"]:
        return response
    root = fromstring(response.body)
    for holder in list(root.iter()):
        for item in [child for child in holder if _is_item(child)]:
            if _hidden(call, (item.findtext(".//{*}Id") or "").removeprefix("/hostedzone/")):
                holder.remove(item)
    quantity, items = root.find("{*}Quantity"), root.find("{*}Items")
    if quantity is not None and items is not None:
        quantity.text = str(len(items))
    ElementTree.register_namespace("", root.tag.partition("}")[0].removeprefix("{"))
    return response.with_body(b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root))


def _is_item(element: ElementTree.Element) -> bool:
    name = element.tag.rpartition("}")[2]
    return name.endswith("Summary") or name == "HostedZone"


@rule("acm:ListCertificates")
async def list_certificates(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html"""
    response = await proceed()
    if response.status != 200:
        return response
    document = json.loads(response.body)
    document["CertificateSummaryList"] = [
        summary for summary in document["CertificateSummaryList"] if not _hidden(call, summary["CertificateArn"])
    ]
    return response.with_body(json.dumps(document).encode())
