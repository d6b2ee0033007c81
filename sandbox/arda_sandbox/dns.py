"""DNS over the live zones of all accounts, following delegation as a resolver on the internet would."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from dataclasses import dataclass, field

import dnslib

from . import emulator
from .hostnames import is_s3
from .name_servers import name_servers
from .settings import HOST, ROOT_ACCOUNT

# The edge serves every distribution, and S3 over TLS.
_EDGE = {"A": HOST, "AAAA": "::1"}


@dataclass
class Answer:
    """What a resolver found: ``records`` are (name, type, ttl, value)."""

    code: str = "NOERROR"
    records: list[tuple[str, str, int, str]] = field(default_factory=list)

    def values(self, record_type: str) -> list[str]:
        return [value for _name, kind, _ttl, value in self.records if kind == record_type]


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith("." + domain)


def _delegation(zone: dict, name: str) -> dict | None:
    """The NS record set below the zone's apex that hands ``name`` on, the one nearest the apex first."""
    cuts = [
        record
        for record in zone["records"]
        if record["Type"] == "NS" and record["Name"] != zone["name"] and _within(name, record["Name"])
    ]
    return min(cuts, key=lambda record: len(record["Name"]), default=None)


def _authoritative_zone(name: str) -> dict | str:
    """The zone that answers for a name, found from the root account downwards; or the code of the failure."""
    zones = emulator.zones()
    reachable = [zone for zone in zones if zone["account"] == ROOT_ACCOUNT and _within(name, zone["name"])]
    if not reachable:
        return "NXDOMAIN"
    zone = min(reachable, key=lambda candidate: len(candidate["name"]))
    while cut := _delegation(zone, name):
        servers = {value.rstrip(".").lower() for value in cut["ResourceRecords"]}
        child = next((z for z in zones if z["name"] == cut["Name"] and set(name_servers(z["id"])) == servers), None)
        if child is None:
            return "SERVFAIL"
        zone = child
    return zone


def resolve(name: str, record_type: str, depth: int = 0) -> Answer:
    """Answer a question about ``name`` (with or without its trailing dot)."""
    name = name.lower().rstrip(".") + "."
    domains = {distribution["DomainName"] + "." for _account, distribution in emulator.distributions()}
    if name in domains or is_s3(name.rstrip(".")):
        return Answer("NOERROR", _edge_records(name, record_type))
    zone = _authoritative_zone(name)
    if isinstance(zone, str):
        return Answer(zone)
    wildcard = "*." + name.partition(".")[2]
    owners = [record for record in zone["records"] if record["Name"] == name] or [
        record for record in zone["records"] if record["Name"].replace("\\052", "*") == wildcard
    ]
    if not owners:
        below = any(record["Name"].endswith("." + name) for record in zone["records"])
        return Answer("NOERROR" if below else "NXDOMAIN")
    answer = Answer()
    for record in owners:
        target = record.get("AliasTarget")
        if target and record["Type"] == record_type:
            if target["DNSName"].lower() in domains:
                answer.records += _edge_records(name, record_type)
        elif record["Type"] == record_type:
            answer.records += [(name, record_type, int(record["TTL"]), value) for value in record["ResourceRecords"]]
        elif record["Type"] == "CNAME" and depth < 8:
            value = record["ResourceRecords"][0]
            answer.records.append((name, "CNAME", int(record["TTL"]), value))
            answer.records += resolve(value, record_type, depth + 1).records
    return answer


def _edge_records(name: str, record_type: str) -> list[tuple[str, str, int, str]]:
    return [(name, record_type, 60, _EDGE[record_type])] if record_type in _EDGE else []


def reply(data: bytes) -> bytes:
    """The wire answer to a wire question."""
    question = dnslib.DNSRecord.parse(data)
    record_type = dnslib.QTYPE[question.q.qtype]
    found = resolve(str(question.q.qname), record_type)
    answer = question.reply(ra=1, aa=0)
    answer.header.rcode = getattr(dnslib.RCODE, found.code)
    for name, kind, ttl, value in found.records:
        answer.add_answer(*dnslib.RR.fromZone(f"{name} {ttl} IN {kind} {value}"))
    return answer.pack()


class _Datagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple) -> None:
        with contextlib.suppress(dnslib.DNSError):  # no question, no answer
            self._transport.sendto(reply(data), address)  # type: ignore[attr-defined]


async def _stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            answer = reply(await reader.readexactly(length))
            writer.write(struct.pack("!H", len(answer)) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, dnslib.DNSError):
        writer.close()


async def serve(port: int) -> None:
    """Answer on UDP and TCP until cancelled."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(_Datagrams, local_addr=(HOST, port))
    server = await asyncio.start_server(_stream, HOST, port)
    try:
        await server.serve_forever()
    finally:
        transport.close()
