# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries to DNS: through a resolver, or to the authoritative name servers themselves."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.query
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.resolver

    HAS_DNSPYTHON = True
except ImportError:
    HAS_DNSPYTHON = False

#: Seconds for one query through a resolver, and for one query to one name server.
TIMEOUT = 10
SERVER_TIMEOUT = 3


class DnsError(Exception):
    """No answer; the text names why, such as ``NXDOMAIN``."""


def resolve(name: str, record_type: str, server: str | None = None, servers: Sequence[str] = ()) -> list[str]:
    """The values of a record, sorted, names in lower case without their trailing dot.

    ``server`` is the resolver, an address with an optional ``:port``; the machine's own if empty. ``servers`` are
    authoritative name servers, names or addresses, which are asked directly: a resolver keeps the answer that a name
    does not exist for up to 15 minutes (RFC 2308). Raises DnsError if there is no answer.
    """
    if servers:
        return _ask_servers(name, record_type, servers, server)
    try:
        return _normal(_resolver(server).resolve(name, record_type))
    except dns.exception.DNSException as error:
        raise DnsError(type(error).__name__) from error


def split_port(server: str) -> tuple[str, int]:
    """The address and the port of ``address`` or ``address:port``; 53 by default."""
    address, _colon, port = server.partition(":") if server.count(":") == 1 else (server, "", "")
    return address, int(port or 53)


def _resolver(server: str | None) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not server)
    if server:
        address, resolver.port = split_port(server)
        resolver.nameservers = [address]
    resolver.lifetime = TIMEOUT
    return resolver


def _ask_servers(name: str, record_type: str, servers: Sequence[str], resolver: str | None) -> list[str]:
    """The answer of the first name server that has one."""
    failure = "NoNameservers"
    for address, port in _addresses(servers, resolver):
        query = dns.message.make_query(name, record_type, flags=0)  # without recursion
        try:
            response, _tcp = dns.query.udp_with_fallback(query, address, timeout=SERVER_TIMEOUT, port=port)
        except (dns.exception.DNSException, OSError) as error:
            failure = type(error).__name__
            continue
        if response.rcode() == dns.rcode.NXDOMAIN:
            raise DnsError("NXDOMAIN")
        if response.rcode() == dns.rcode.NOERROR:
            return _values(response, record_type)
        failure = dns.rcode.to_text(response.rcode())
    raise DnsError(failure)


def _addresses(servers: Sequence[str], resolver: str | None) -> Iterator[tuple[str, int]]:
    """The address and the port of each name server. A resolver on another port than 53 knows servers on that port."""
    port = split_port(resolver)[1] if resolver else 53
    for server in servers:
        host, own_port = split_port(server)
        try:
            ipaddress.ip_address(host)
        except ValueError:
            for kind in ("A", "AAAA"):
                try:
                    yield from ((address, port) for address in resolve(host, kind, resolver))
                except DnsError:
                    continue
        else:
            yield host, own_port


def _values(response: dns.message.Message, record_type: str) -> list[str]:
    """The values in an answer; the referral of a parent zone's server answers a query for NS."""
    found = response.resolve_chaining().answer if isinstance(response, dns.message.QueryMessage) else None
    if found is None and record_type == "NS":
        name = response.question[0].name
        found = response.get_rrset(response.authority, name, dns.rdataclass.IN, dns.rdatatype.NS)
    if found is None:
        raise DnsError("NoAnswer")
    return _normal(found)


def _normal(records: Iterable[object]) -> list[str]:
    return sorted(str(record).rstrip(".").lower() for record in records)
