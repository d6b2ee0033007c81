"""Route 53: name servers of a zone's own, caller references that are never reused, and the record condition keys."""

from __future__ import annotations

import re

from defusedxml.ElementTree import fromstring

from .. import emulator
from ..http import Response
from ..name_servers import name_servers
from . import Call, Proceed, rule

_NS = "{https://route53.amazonaws.com/doc/2013-04-01/}"
_NAME_SERVER = re.compile(rb"<NameServer>ns-\d\.awsdns-\d\.[a-z.]+</NameServer>")
_ZONE_ID = re.compile(rb"<Id>/hostedzone/(Z[A-Z0-9]+)</Id>")


def _with_own_name_servers(response: Response) -> Response:
    found = _ZONE_ID.search(response.body)
    if not found:
        return response
    own = iter(name_servers(found.group(1).decode()))
    return response.with_body(
        _NAME_SERVER.sub(lambda _: f"<NameServer>{next(own)}</NameServer>".encode(), response.body)
    )


@rule("route53:CreateHostedZone")
async def create_hosted_zone(call: Call, proceed: Proceed) -> Response:
    """A caller reference serves once, also after its zone is gone; a new zone gets four name servers of its own.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
    """
    root = fromstring(call.request.body)
    reference = root.findtext(f"{_NS}CallerReference") or ""
    if emulator.zone_by_caller_reference(call.account, reference):
        return call.refuse(
            "HostedZoneAlreadyExists",
            f"A hosted zone has already been created with the specified caller reference: {reference}.",
            409,
        )
    response = await proceed()
    if found := _ZONE_ID.search(response.body):
        zone_id = found.group(1).decode()
        emulator.replace_default_name_servers(zone_id, name_servers(zone_id))
    return _with_own_name_servers(response)


@rule("route53:GetHostedZone")
async def get_hosted_zone(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html"""
    return _with_own_name_servers(await proceed())


@rule("route53:DeleteHostedZone")
async def delete_hosted_zone(call: Call, proceed: Proceed) -> Response:
    """The caller reference of a deleted zone stays used.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
    """
    zone_id = call.request.path.rsplit("/", 1)[1]
    zone = next((zone for zone in emulator.zones() if zone["id"] == zone_id), None)
    response = await proceed()
    if zone and response.status == 200:
        emulator.keep_caller_reference(call.account, zone["caller_reference"], zone_id)
    return response


@rule("route53:GetDNSSEC")
async def get_dnssec(call: Call, proceed: Proceed) -> Response:
    """A zone that nobody signed says so; ``amazon.aws.route53_zone`` asks.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetDNSSEC.html
    """
    body = (
        b'<?xml version="1.0"?><GetDNSSECResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Status>'
        b"<ServeSignature>NOT_SIGNING</ServeSignature></Status><KeySigningKeys/></GetDNSSECResponse>"
    )
    return Response(200, [(b"content-type", b"text/xml")], body)


def record_condition_keys(iam_action: str, body: bytes) -> dict:
    """The condition keys by which a policy narrows ChangeResourceRecordSets.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
    """
    if iam_action != "route53:ChangeResourceRecordSets":
        return {}
    try:
        changes = list(fromstring(body).iter(f"{_NS}Change"))
    except Exception:  # a malformed body is the emulator's to refuse
        return {}
    records = [change.find(f"{_NS}ResourceRecordSet") for change in changes]
    return {
        "route53:changeresourcerecordsetsactions": [change.findtext(f"{_NS}Action") for change in changes],
        "route53:changeresourcerecordsetsrecordtypes": [record.findtext(f"{_NS}Type") for record in records],
        "route53:changeresourcerecordsetsnormalizedrecordnames": [
            (record.findtext(f"{_NS}Name") or "").rstrip(".").lower() for record in records
        ],
    }


emulator.extend_condition_keys(record_condition_keys)
