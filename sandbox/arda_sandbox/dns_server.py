"""DNS over UDP and TCP: a resolver on the sandbox's DNS port, and the name servers of each zone behind it.

The four name servers of a zone have a loopback address of their own, on the port of the resolver, from the first query
for it. So a client that asks the servers of a zone, or of its parent, gets what AWS's servers answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
from collections.abc import Callable

import dnslib

from . import dns
from .settings import HOST, Settings

Ask = Callable[[str, str], dns.Answer]


class DnsServer:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._addresses: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._tasks: list[asyncio.Task] = []

    async def serve(self) -> None:
        """Answer until cancelled."""
        self._listen(HOST, self._resolve)
        try:
            await asyncio.Event().wait()
        finally:
            for task in self._tasks:
                task.cancel()

    # -- the resolver

    def _resolve(self, name: str, record_type: str) -> dns.Answer:
        found = self._server_address(dns.canonical(name), record_type)
        return found or dns.resolve_from_cache(name, record_type, self._settings.delays["negative_cache"])

    def _server_address(self, name: str, record_type: str) -> dns.Answer | None:
        """The address of a name server; its listener starts with the first question."""
        server = name.rstrip(".")
        ask: Ask
        if server in dns.PARENT_SERVERS:
            key, ask = "parent", dns.ask_parent
        elif ".awsdns-" in server:
            zones = dns.server_zones(server)
            if not zones:
                return dns.Answer("NXDOMAIN")
            key, ask = zones[0]["id"], _asking_server(server)
        else:
            return None
        if record_type != "A":
            return dns.Answer()
        if key not in self._addresses:
            number = next(self._numbers)
            address = f"127.53.{number // 250}.{number % 250 + 1}"
            self._listen(address, ask)
            self._addresses[key] = address
        return dns.Answer(records=[(name, "A", 0, self._addresses[key])])

    # -- sockets

    def _listen(self, address: str, ask: Ask) -> None:
        """Bind and listen at once, so that a question that comes before the server runs waits for it."""
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        streams = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        streams.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for one in (datagrams, streams):
            one.bind((address, self._settings.dns_port))
            one.setblocking(False)
        streams.listen()
        self._tasks.append(asyncio.get_running_loop().create_task(_serve(datagrams, streams, ask)))


def _asking_server(server: str) -> Ask:
    """The zones of a name server, as they are when it is asked."""

    def ask(name: str, record_type: str) -> dns.Answer:
        zones = [z for z in dns.server_zones(server) if dns.within(dns.canonical(name), dns.canonical(z["name"]))]
        zone = max(zones, key=lambda z: len(z["name"]), default=None)
        return dns.ask_zone(zone, name, record_type) if zone else dns.Answer("REFUSED")

    return ask


async def _serve(datagrams: socket.socket, streams: socket.socket, ask: Ask) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(ask), sock=datagrams)
    server = await asyncio.start_server(lambda reader, writer: _stream(reader, writer, ask), sock=streams)
    try:
        await server.serve_forever()
    finally:
        transport.close()


def reply(data: bytes, ask: Ask) -> bytes:
    """The wire answer to a wire question."""
    question = dnslib.DNSRecord.parse(data)
    found = ask(str(question.q.qname), dnslib.QTYPE[question.q.qtype])
    answer = question.reply(ra=1, aa=0)
    answer.header.ad = 0  # what is not signed is not authentic
    if any(record.rtype == dnslib.QTYPE.OPT for record in question.ar):
        # https://datatracker.ietf.org/doc/html/rfc6891#section-6.1.1
        answer.add_ar(dnslib.EDNS0(udp_len=1232))
    answer.header.rcode = getattr(dnslib.RCODE, found.code)
    for name, kind, ttl, value in found.records:
        answer.add_answer(*dnslib.RR.fromZone(f"{name} {ttl} IN {kind} {value}"))
    for name, kind, ttl, value in found.authority:
        answer.add_auth(*dnslib.RR.fromZone(f"{name} {ttl} IN {kind} {value}"))
    return answer.pack()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple) -> None:
        with contextlib.suppress(dnslib.DNSError):  # no question, no answer
            self._transport.sendto(reply(data, self._ask), address)  # type: ignore[attr-defined]


async def _stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ask: Ask) -> None:
    try:
        while True:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            answer = reply(await reader.readexactly(length), ask)
            writer.write(struct.pack("!H", len(answer)) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, dnslib.DNSError):
        writer.close()
