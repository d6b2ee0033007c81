"""The name servers of a hosted zone."""

from __future__ import annotations

import hashlib

_TOP_LEVEL_DOMAINS = ("com", "net", "org", "co.uk")


def name_servers(zone_id: str) -> list[str]:
    """The four name servers of a zone, without the trailing dot, as in a delegation set.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_DelegationSet.html
    """
    digest = hashlib.sha256(zone_id.encode()).digest()
    return [
        f"ns-{512 * number + int.from_bytes(digest[2 * number : 2 * number + 2]) % 512}"
        f".awsdns-{digest[8 + number] % 64:02d}.{domain}"
        for number, domain in enumerate(_TOP_LEVEL_DOMAINS)
    ]
