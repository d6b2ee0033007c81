"""The form of CloudFront's answers: its ETags, its words for a refusal, and listings page by page."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from .. import emulator
from ..deployments import new_etag
from ..distribution_xml import parse
from ..errors import aws_error
from ..http import Response
from . import Call, Proceed, rule

NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
MAX_ITEMS = 100
_ETAG = re.compile(r"E[A-Z0-9]{10,14}")
_KINDS = ("KeyGroup", "OriginAccessControl", "PublicKey", "ResponseHeadersPolicy")
_WRITES = (
    "cloudfront:CreateDistributionWithTags",
    *(f"cloudfront:{verb}{kind}" for verb in ("Create", "Update", "Delete") for kind in ("Distribution", *_KINDS)),
)

#: What CloudFront says where the emulator has other words.
MESSAGES = {
    # https://github.com/pulumi/pulumi-aws/issues/308
    "PreconditionFailed": "The request failed because it didn't meet the preconditions in one or more request-header "
    "fields.",
    # https://github.com/ministryofjustice/cloud-platform-environments/pull/22517
    "PublicKeyInUse": "The Cloudfront public key is currently associated with either Key Group or a field level "
    "encryption profile.",
}


def document(root: Element) -> bytes:
    """An XML answer of CloudFront."""
    root.set("xmlns", NAMESPACE)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root)


@rule(*_WRITES)
async def write_answer(call: Call, proceed: Proceed) -> Response:
    """An ETag of a write begins with E; a refusal has CloudFront's words.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
    """
    response = await proceed()
    if response.status >= 400:
        code = parse(response.body).findtext("Error/Code") or ""
        return aws_error("cloudfront", code, MESSAGES[code], response.status) if code in MESSAGES else response
    etag = response.header("etag")
    if not etag or _ETAG.fullmatch(etag):
        return response
    renamed = new_etag()
    emulator.rename_etag(call.account, etag, renamed)
    kept = [(name, value) for name, value in response.headers if name.lower() != b"etag"]
    return Response(response.status, [*kept, (b"ETag", renamed.encode())], response.body)


@rule(
    "cloudfront:ListDistributions",
    "cloudfront:ListOriginAccessControls",
    "cloudfront:ListResponseHeadersPolicies",
    "cloudfront:ListPublicKeys",
    "cloudfront:ListKeyGroups",
)
async def page_of_listing(call: Call, proceed: Proceed) -> Response:
    """A listing shows MaxItems of its items, 100 at most, from Marker on.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributions.html
    """
    response = await proceed()
    if response.status != 200:
        return response
    root = parse(response.body)
    listed = root.find("Items")
    found = list(listed) if listed is not None else []
    marker = call.request.query.get("Marker", [""])[0]
    size = min(int(call.request.query.get("MaxItems", [str(MAX_ITEMS)])[0]), MAX_ITEMS)
    identifiers = [item.findtext(".//Id") for item in found]
    start = identifiers.index(marker) if marker in identifiers else 0
    page = found[start : start + size]
    if listed is not None:
        listed[:] = page
        if not page:
            root.remove(listed)
    following = identifiers[start + size : start + size + 1]
    _set(root, "Quantity", str(len(page)))
    _set(root, "MaxItems", str(size))
    if root.find("Marker") is not None:
        _set(root, "Marker", marker)
        _set(root, "IsTruncated", "true" if following else "false")
    if following:
        SubElement(root, "NextMarker").text = following[0]
    for version in root.iterfind(".//HttpVersion"):  # upper case in a listing only
        version.text = (version.text or "").upper()
    return response.with_body(document(root))


def _set(root: Element, name: str, value: str) -> None:
    element = root.find(name)
    (element if element is not None else SubElement(root, name)).text = value
