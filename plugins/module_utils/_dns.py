# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to DNS, to the machine's own server or to a named one."""

from __future__ import annotations

try:
    import dns.exception
    import dns.resolver

    HAS_DNSPYTHON = True
except ImportError:
    HAS_DNSPYTHON = False

TIMEOUT = 10


class DnsFailure(Exception):
    """No answer; the text names why, such as ``NXDOMAIN``."""


def resolve(name: str, record_type: str, server: str | None = None) -> list[str]:
    """The values of a record, sorted, names without their trailing dot.

    ``server`` is an address with an optional ``:port``. Raises DnsFailure where there is no answer.
    """
    resolver = dns.resolver.Resolver(configure=not server)
    if server:
        address, _colon, port = server.partition(":")
        resolver.nameservers = [address]
        resolver.port = int(port or 53)
    resolver.lifetime = TIMEOUT
    try:
        answer = resolver.resolve(name, record_type)
    except dns.exception.DNSException as error:
        raise DnsFailure(type(error).__name__) from error
    return sorted(str(record).rstrip(".").lower() for record in answer)
