"""What DNS answers about the live zones of all accounts: each zone's name servers, their parents', and a resolver.

The delegation is followed from the domains above the root account's zones, which are no zones of the sandbox: their
name servers stand for a registrar's, and delegate to each topmost zone of the root account unless told otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from . import emulator
from .hostnames import is_s3
from .name_servers import name_servers
from .persistence import memory
from .settings import HOST, ROOT_ACCOUNT

# The edge serves every distribution, and S3 over TLS.
_EDGE = {"A": HOST, "AAAA": "::1"}
#: The name servers of the domains above the root account's zones, and the SOA record that they answer with.
PARENT_SERVERS = ("ns1.parent-servers.example", "ns2.parent-servers.example")
_PARENT_SOA = f"{PARENT_SERVERS[0]}. hostmaster.parent-servers.example. 1 7200 900 1209600 86400"
_AUTHORITATIVE_TTL = 900

Record = tuple[str, str, int, str]

#: What the parent delegates otherwise than to the zone itself: its name servers by the name of the zone.
_delegated_by_parent: dict[str, list[str]] = memory()


@dataclass
class Answer:
    """What a server or a resolver answers; ``records`` and ``authority`` are (name, type, ttl, value)."""

    code: str = "NOERROR"
    records: list[Record] = field(default_factory=list)
    authority: list[Record] = field(default_factory=list)

    def values(self, record_type: str) -> list[str]:
        return [value for _name, kind, _ttl, value in self.records if kind == record_type]

    @property
    def negative(self) -> bool:
        return self.code == "NXDOMAIN" or (self.code == "NOERROR" and not self.records)


def delegate(zone: str, servers: list[str] | None) -> None:
    """Let the parent of a root account's zone delegate to other servers, to none (``[]``), or to the zone (None)."""
    if servers is None:
        _delegated_by_parent.pop(canonical(zone), None)
    else:
        _delegated_by_parent[canonical(zone)] = [server.rstrip(".").lower() for server in servers]


def delegations() -> dict[str, list[str]]:
    return {zone.rstrip("."): servers for zone, servers in _delegated_by_parent.items()}


def canonical(name: str) -> str:
    """Lower case, with the trailing dot, the wildcard unescaped."""
    return name.lower().replace("\\052", "*").rstrip(".") + "."


def within(name: str, domain: str) -> bool:
    return name == domain or name.endswith("." + domain)


def server_zones(server: str) -> list[dict]:
    """The zones that a name server is authoritative for."""
    return [zone for zone in emulator.zones() if server.rstrip(".").lower() in name_servers(zone["id"])]


# -- The servers of a zone


def ask_zone(zone: dict, name: str, record_type: str) -> Answer:
    """What the name servers of a zone answer: its records, a referral below a delegation, or its SOA record."""
    name = canonical(name)
    if not within(name, canonical(zone["name"])):
        return Answer("REFUSED")
    if cut := _delegation(zone, name):
        return Answer(authority=_listed(canonical(cut["Name"]), cut))
    wildcard = "*." + name.partition(".")[2]
    named = {canonical(record["Name"]) for record in zone["records"]}
    owner = name if name in named else wildcard
    answer = Answer()
    for record in zone["records"]:
        wanted = record_type == "ANY" or record["Type"] in (record_type, "CNAME")
        if canonical(record["Name"]) == owner and wanted:
            target = record.get("AliasTarget")
            if target:
                kind = record["Type"] if record_type == "ANY" else record_type
                answer.records += _alias(name, kind, target["DNSName"])
            else:
                answer.records += _listed(name, record)
    if owner not in named and not any(one.endswith("." + name) for one in named):
        answer.code = "NXDOMAIN"
    if answer.negative:
        soa = next(r for r in zone["records"] if r["Type"] == "SOA" and canonical(r["Name"]) == canonical(zone["name"]))
        answer.authority = _listed(canonical(zone["name"]), soa)
    return answer


def _listed(name: str, record: dict) -> list[Record]:
    return [(name, record["Type"], int(record["TTL"]), value) for value in record["ResourceRecords"]]


def _delegation(zone: dict, name: str) -> dict | None:
    """The NS record set below the zone's apex that hands ``name`` on, the one nearest the apex first."""
    apex = canonical(zone["name"])
    cuts = [
        record
        for record in zone["records"]
        if record["Type"] == "NS" and canonical(record["Name"]) != apex and within(name, canonical(record["Name"]))
    ]
    return min(cuts, key=lambda record: len(record["Name"]), default=None)


def _alias(name: str, record_type: str, target: str) -> list[Record]:
    return _edge_records(name, record_type) if canonical(target) in _distributions() else []


def _distributions() -> set[str]:
    return {canonical(distribution["DomainName"]) for _account, distribution in emulator.distributions()}


def _edge_records(name: str, record_type: str) -> list[Record]:
    return [(name, record_type, 60, _EDGE[record_type])] if record_type in _EDGE else []


# -- The servers of the domains above the root account's zones


def _topmost() -> dict[str, list[dict]]:
    """The zones of the root account that no other zone of it contains, by name; twins in the order of their age."""
    own = [zone for zone in emulator.zones() if zone["account"] == ROOT_ACCOUNT]
    names = {canonical(zone["name"]) for zone in own} | set(_delegated_by_parent)
    top = {name for name in names if not names & set(_ancestors(name))}
    return {name: [zone for zone in own if canonical(zone["name"]) == name] for name in top}


def _ancestors(name: str) -> list[str]:
    labels = name.split(".")[:-1]
    return [".".join(labels[number:]) + "." for number in range(1, len(labels))]


def ask_parent(name: str, record_type: str) -> Answer:
    """What the name servers of the domains above the root account's zones answer."""
    name = canonical(name)
    top = _topmost()
    for zone, twins in top.items():
        if within(name, zone):
            servers = _delegated_by_parent.get(zone)
            if servers is None:
                servers = name_servers(twins[0]["id"])
            if not servers:
                break
            return Answer(authority=[(zone, "NS", 172800, f"{server}.") for server in servers])
    above = any(zone != name and within(zone, name) for zone in top)
    if above and record_type == "NS":
        return Answer(records=[(name, "NS", 172800, f"{server}.") for server in PARENT_SERVERS])
    soa = (name.partition(".")[2] or ".", "SOA", _AUTHORITATIVE_TTL, _PARENT_SOA)
    return Answer("NOERROR" if above else "NXDOMAIN", authority=[soa])


# -- A resolver

#: What the resolver has in its cache: until when, and the answer. The type is empty for a name that does not exist.
_negative: dict[tuple[str, str], tuple[float, Answer]] = memory()


def resolve_from_cache(name: str, record_type: str, longest: float) -> Answer:
    """A resolver keeps the answer that something does not exist, for the lesser of the SOA's TTL and minimum.

    https://datatracker.ietf.org/doc/html/rfc2308 (section 5),
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html (900 seconds). Here for ``longest``
    seconds at most.
    """
    name = canonical(name)
    for key in ((name, ""), (name, record_type)):
        expires, answer = _negative.get(key, (0.0, Answer()))
        if time.monotonic() < expires:
            return answer
    answer = resolve(name, record_type)
    if answer.negative and answer.authority:
        _owner, _kind, ttl, soa = answer.authority[0]
        seconds = min(ttl, int(soa.split()[-1]), longest)
        key = (name, "" if answer.code == "NXDOMAIN" else record_type)
        _negative[key] = (time.monotonic() + seconds, answer)
    return answer


def resolve(name: str, record_type: str, depth: int = 0) -> Answer:
    """What a resolver finds that follows the delegation from the parents, and CNAME records."""
    name = canonical(name)
    if name in _distributions() or is_s3(name.rstrip(".")):
        return Answer("NOERROR", _edge_records(name, record_type))
    found = _follow(name, record_type)
    aliases = [value for _name, kind, _ttl, value in found.records if kind == "CNAME"]
    if aliases and record_type not in ("CNAME", "ANY") and depth < 8:
        target = resolve(aliases[-1], record_type, depth + 1)
        return Answer(target.code, found.records + target.records, target.authority)
    return found


def _follow(name: str, record_type: str) -> Answer:
    """The answer of the zone that the delegation leads to."""
    ask: Callable[[str, str], Answer] = ask_parent
    for _step in name.split("."):
        found = ask(name, record_type)
        referral = [value.rstrip(".").lower() for _n, kind, _t, value in found.authority if kind == "NS"]
        if not referral:
            return found
        cut = found.authority[0][0]
        zone = next(
            (z for z in server_zones(referral[0]) if canonical(z["name"]) == cut and _serves(z, referral)), None
        )
        if zone is None:
            return Answer("SERVFAIL")
        ask = _asking(zone)
    return Answer("SERVFAIL")


def _serves(zone: dict, servers: list[str]) -> bool:
    return set(name_servers(zone["id"])) == set(servers)


def _asking(zone: dict) -> Callable[[str, str], Answer]:
    return lambda name, record_type: ask_zone(zone, name, record_type)
