"""Route 53: name servers of a zone's own, caller references that are never reused, and what a change batch may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from .. import authorization, emulator
from ..http import Response
from ..name_servers import name_servers
from . import Call, Proceed, rule

_NS = "{https://route53.amazonaws.com/doc/2013-04-01/}"
_NAME_SERVER = re.compile(rb"<NameServer>ns-\d\.awsdns-\d\.[a-z.]+</NameServer>")
_ZONE_ID = re.compile(rb"<Id>/hostedzone/(Z[A-Z0-9]+)</Id>")
_NAME = re.compile(rb"(<(?:[a-z0-9]+:)?(?:Name|DNSName)>)([^<]+)(<)")
_PAGE = 100


def _with_lower_names(call: Call) -> None:
    """Route 53 keeps names in lower case.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    """
    call.request.body = _NAME.sub(lambda found: found[1] + found[2].lower() + found[3], call.request.body)


def _with_own_name_servers(response: Response) -> Response:
    """An answer about a zone with its own servers, and without the comment that nobody gave."""
    response = response.with_body(re.sub(rb"<Comment ?/>", b"", response.body))
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
    _with_lower_names(call)
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


@rule("route53:ListHostedZones")
async def list_hosted_zones(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html"""
    response = await proceed()
    return response.with_body(re.sub(rb"<Comment ?/>", b"", response.body))


@rule("route53:ListHostedZonesByName")
async def list_hosted_zones_by_name(call: Call, proceed: Proceed) -> Response:
    """Names are sorted by their labels from the last one; a page of at most 100 zones names where the next begins.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
    """
    response = await proceed()
    if response.status != 200:
        return response
    given = {name: values[0] for name, values in call.request.query.items()}
    first = (_labels(given.get("dnsname", "").rstrip(".") + "."), given.get("hostedzoneid", ""))
    own = [zone for zone in emulator.zones(private=True) if zone["account"] == call.account]
    rest = sorted(
        (_labels(zone["name"]), zone["id"], zone) for zone in own if (_labels(zone["name"]), zone["id"]) >= first
    )
    size = min(int(given.get("maxitems", _PAGE)), _PAGE)
    following = [zone for _name, _id, zone in rest[size : size + 1]]
    answered = "".join(f"<{tag}>{escape(given[key])}</{tag}>" for tag, key in _ANSWERED if given.get(key))
    position = "".join(
        f"<NextDNSName>{zone['name']}</NextDNSName><NextHostedZoneId>{zone['id']}</NextHostedZoneId>"
        for zone in following
    )
    body = (
        '<?xml version="1.0"?>\n<ListHostedZonesByNameResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
        f"<HostedZones>{''.join(_zone_xml(zone) for _name, _id, zone in rest[:size])}</HostedZones>{answered}"
        f"<IsTruncated>{str(bool(following)).lower()}</IsTruncated>{position}<MaxItems>{size}</MaxItems>"
        "</ListHostedZonesByNameResponse>"
    )
    return response.with_body(body.encode())


_ANSWERED = (("DNSName", "dnsname"), ("HostedZoneId", "hostedzoneid"))


def _labels(name: str) -> list[str]:
    return list(reversed(name.lower().rstrip(".").split("."))) if name.strip(".") else []


def _zone_xml(zone: dict) -> str:
    comment = f"<Comment>{escape(zone['comment'])}</Comment>" if zone.get("comment") else ""
    private = str(bool(zone.get("private"))).lower()
    return (
        f"<HostedZone><Id>/hostedzone/{zone['id']}</Id><Name>{escape(zone['name'])}</Name>"
        f"<CallerReference>{escape(zone['caller_reference'])}</CallerReference>"
        f"<Config>{comment}<PrivateZone>{private}</PrivateZone></Config>"
        f"<ResourceRecordSetCount>{len(zone['records'])}</ResourceRecordSetCount></HostedZone>"
    )


@rule("route53:ListResourceRecordSets")
async def list_resource_record_sets(call: Call, proceed: Proceed) -> Response:
    """The asterisk of a wildcard is answered as its octal code.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    """
    response = await proceed()
    return response.with_body(response.body.replace(b"<Name>*.", b"<Name>\\052."))


@rule("route53:ChangeResourceRecordSets")
async def change_resource_record_sets(call: Call, proceed: Proceed) -> Response:
    """A batch is refused as a whole, with every reason, if one of its records may not be in the zone.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html,
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
    """
    _with_lower_names(call)
    zone_id = call.request.path.rstrip("/").split("/")[-2]
    zone = next((z for z in emulator.zones(private=True) if (z["account"], z["id"]) == (call.account, zone_id)), None)
    if zone and (reasons := list(_objections(zone, fromstring(call.request.body)))):
        return call.refuse("InvalidChangeBatch", f"[{', '.join(reasons)}]")
    return await proceed()


def _objections(zone: dict, batch: Element) -> Iterator[str]:
    """Why the records of a change batch may not be in a zone, in Route 53's words."""
    changes = [
        (
            change.findtext(f"{_NS}Action"),
            (change.findtext(f".//{_NS}Name") or "").replace("\\052", "*").rstrip(".") + ".",
            change.findtext(f".//{_NS}Type") or "",
            change.findtext(f".//{_NS}SetIdentifier") or "",
        )
        for change in batch.iter(f"{_NS}Change")
    ]
    after = {(r["Name"].replace("\\052", "*"), r["Type"], r.get("SetIdentifier", "")) for r in zone["records"]}
    after -= {(name, kind, own) for action, name, kind, own in changes if action == "DELETE"}
    after |= {(name, kind, own) for action, name, kind, own in changes if action != "DELETE"}
    for action, name, kind, own in changes:
        if action == "DELETE":
            continue
        beside = {other for same, other, _own in after if same == name}
        if name != zone["name"] and not name.endswith("." + zone["name"]):
            yield f"RRSet with DNS name {name} is not permitted in zone {zone['name']}"
        elif kind == "CNAME" and name == zone["name"]:
            yield f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone['name']}"
        elif kind == "CNAME" and beside != {"CNAME"}:
            yield (
                f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records "
                f"with the same DNS name in zone {zone['name']}"
            )
        elif kind != "CNAME" and "CNAME" in beside:
            yield (
                f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type "
                f"CNAME with the same DNS name already exists in zone {zone['name']}"
            )
        elif any((same, other) == (name, kind) and bool(set_id) != bool(own) for same, other, set_id in after):
            reason = "cannot be created as other RRSets exist with the same name and type"
            yield f"RRSet with DNS name {name}, type {kind} {reason}"


@rule("route53:DeleteHostedZone")
async def delete_hosted_zone(call: Call, proceed: Proceed) -> Response:
    """The caller reference of a deleted zone stays used.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
    """
    zone_id = call.request.path.rsplit("/", 1)[1]
    zone = next((zone for zone in emulator.zones(private=True) if zone["id"] == zone_id), None)
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


authorization.extend_condition_keys(record_condition_keys)
