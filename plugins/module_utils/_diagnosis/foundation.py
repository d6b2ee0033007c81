# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about the DNS foundation: the zones, who delegates to them, the certificate and the exports of Run 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._aws import KEY_TYPES, Aws
from .._checks import aws_command, dns_command
from .._dns import DnsError, resolve
from .layers import Fact, unknown
from .stacks import stack_facts

#: The authorities of which a CAA record must name one for ACM to issue.
#: https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
AUTHORITIES = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")
NO_SUCH_NAME = ("NXDOMAIN", "NoAnswer")
#: What to do about a certificate, by its status.
#: https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-failed.html
CERTIFICATE = {
    "PENDING_VALIDATION": "ACM looks for the validation record in public DNS again and again: wait some minutes",
    "FAILED": "mend what FailureReason names, then run again, which requests another certificate",
    "VALIDATION_TIMED_OUT": "the validation record was not in DNS within 72 hours: run again, which requests another",
    "EXPIRED": "its renewal failed: run again, which requests another certificate",
}


class Foundation:
    """The facts of one infrastructure's foundation."""

    def __init__(
        self, options: Mapping[str, Any], aws: Aws, certificates: Aws, root: Aws | None, delegated: Aws | None
    ) -> None:
        self._options = options
        self._aws = aws
        self._certificates = certificates
        self._root = root
        self._delegated = delegated
        self._resolver = options["dns_server"] or None
        #: The name servers of the two zones, once they are read.
        self._root_servers: list[str] = []
        self._servers: list[str] = []
        self._command = [options.get(name) for name in ("region", "profile", "endpoint_url")]

    def parts(self) -> list[tuple[str, Callable[[], Iterable[Fact]]]]:
        """The layers, and what observes each, from the outside in. A later one uses what an earlier one has found."""
        return [
            ("root zone", self._root_zone),
            ("parent", self._parent),
            ("root stack", self._root_stack),
            ("zone", self._zone),
            ("delegation", self._delegation),
            ("resolver", self._resolver_facts),
            ("CAA", self._caa),
            ("certificate", self._certificate),
            ("foundation exports", self._exports),
        ]

    def _root_zone(self) -> Iterator[Fact]:
        domain = self._options["root_domain"]
        self._root_servers = yield from self._zone_of("root zone", self._delegated or self._root, domain)

    def _zone(self) -> Iterator[Fact]:
        self._servers = yield from self._zone_of("zone", self._aws, self._options["domain"])

    def _root_stack(self) -> Iterator[Fact]:
        if self._root:
            export = self._options["root_export"]
            yield from stack_facts("root stack", self._root, export, [export], self._options["launch"])

    def _exports(self) -> Iterator[Fact]:
        names = list(self._options["export_names"].values())
        stack = self._options["stack"]
        yield from stack_facts("foundation exports", self._aws, stack, names, self._options["launch"])

    def _zone_of(self, layer: str, aws: Aws | None, domain: str) -> Any:
        """Facts of a hosted zone; returns its name servers, none where there is not exactly one zone."""
        criterion = f"there is one public hosted zone {domain}"
        if aws is None:
            yield unknown(layer, criterion, "no connection to its account")
            return []
        read = {"service": "route53", "operation": "list_hosted_zones_by_name", "parameters": {"DNSName": domain}}
        found = aws.call("route53", "list_hosted_zones_by_name", DNSName=domain)["HostedZones"]
        zones = [
            z["Id"].rpartition("/")[2] for z in found if z["Name"] == f"{domain}." and not z["Config"]["PrivateZone"]
        ]
        remedy = self._options["launch"] if not zones else self._twins(aws, domain, zones)
        own = {"command": aws_command(read, *self._command), "source": "aws"} if aws is self._aws else {}
        yield Fact(layer, criterion, 1, len(zones), remedy, **own)
        return self._name_servers(aws, zones[0], domain) if len(zones) == 1 else []

    def _name_servers(self, aws: Aws, zone: str, domain: str) -> list[str]:
        """The name servers of a zone, by its own NS record: the delegation role may not get the zone itself."""
        where = {"HostedZoneId": zone, "StartRecordName": domain, "StartRecordType": "NS", "MaxItems": "1"}
        records = aws.call("route53", "list_resource_record_sets", **where)["ResourceRecordSets"]
        values = [one["Value"] for record in records[:1] for one in record["ResourceRecords"]]
        return sorted(value.rstrip(".").lower() for value in values)

    def _twins(self, aws: Aws, domain: str, zones: list[str]) -> str:
        servers = {zone: ", ".join(self._name_servers(aws, zone, domain)) for zone in zones}
        told = "; ".join(f"{zone} ({names})" for zone, names in servers.items())
        return (
            f"keep the zone that its parent delegates to, and delete the others with their records: {told}. "
            "aws route53 delete-hosted-zone --id ID"
        )

    def _asked(self, name: str, kind: str, servers: list[str] | None = None) -> Any:
        """The values of a record, or how DNS failed; from the resolver if none of the servers can be reached."""
        try:
            return resolve(name, kind, self._resolver, servers or [])
        except DnsError as error:
            return str(error) if not servers or str(error) in NO_SUCH_NAME else self._asked(name, kind)

    def _dns(self, name: str, kind: str, servers: list[str] | None = None) -> str:
        return dns_command({"name": name, "type": kind, "servers": servers}, self._resolver)

    def _parent_servers(self, domain: str) -> list[str]:
        """The name servers of the nearest domain above that has some."""
        above = domain.partition(".")[2]
        while above:
            found = self._asked(above, "NS")
            if isinstance(found, list):
                return found
            above = above.partition(".")[2]
        return []

    def _parent(self) -> Iterator[Fact]:
        domain, servers = self._options["root_domain"], self._root_servers
        if not servers:
            return
        above = self._parent_servers(domain)
        found = self._asked(domain, "NS", above)
        remedy = f"at the parent of {domain}, set its NS record to {', '.join(servers)}"
        yield Fact(
            "parent",
            f"the parent domain delegates {domain} to its zone",
            servers,
            "no NS record" if found in NO_SUCH_NAME else found,
            remedy,
            self._dns(domain, "NS", above),
        )

    def _delegation(self) -> Iterator[Fact]:
        domain, root = self._options["domain"], self._options["root_domain"]
        if not (self._root_servers and self._servers):
            return
        found = self._asked(domain, "NS", self._root_servers)
        yield Fact(
            "delegation",
            f"the zone {root} delegates {domain} to its zone",
            self._servers,
            "no NS record" if found in NO_SUCH_NAME else found,
            self._options["launch"],
            self._dns(domain, "NS", self._root_servers),
        )

    def _resolver_facts(self) -> Iterator[Fact]:
        domain = self._options["domain"]
        if not self._servers:
            return
        yield Fact(
            "resolver",
            f"the resolver finds the name servers of {domain}",
            self._servers,
            self._asked(domain, "NS"),
            "a resolver keeps an earlier answer, that a name does not exist for up to 15 minutes: wait, or ask another "
            "resolver: -e dns_foundation_dns_server=1.1.1.1",
            self._dns(domain, "NS"),
        )

    def _caa(self) -> Iterator[Fact]:
        """The CAA records nearest the domain; those for wildcards go first (RFC 8659, sections 3 and 4.3)."""
        name, expected = self._options["domain"], "no CAA record, or one of Amazon's"
        found = self._asked(name, "CAA")
        while name and not isinstance(found, list):
            name = name.partition(".")[2]
            found = self._asked(name, "CAA") if name else []
        pairs = [re.match(r'\d+ (\w+) "([^";]*)', value) for value in found]
        issuers = [(one[1], one[2].strip()) for one in pairs if one]
        wild = [issuer for tag, issuer in issuers if tag == "issuewild"]
        named = wild or [issuer for tag, issuer in issuers if tag == "issue"]
        allowed = not (wild or named) or bool(set(named) & set(AUTHORITIES))
        yield Fact(
            "CAA",
            "CAA records let Amazon issue the certificate",
            expected,
            expected if allowed else f"{name} names {', '.join(named)}",
            f"add the record '{name} CAA 0 issuewild \"amazon.com\"', then {self._options['launch']}",
            self._dns(name or self._options["domain"], "CAA"),
        )

    def _certificate(self) -> Iterator[Fact]:
        """Facts of the certificate that is issued, else of the newest one, and of its validation record."""
        region, wildcard = self._options["certificate_region"], f"*.{self._options['domain']}"
        acm = self._certificates
        listed = acm.pages("acm", "list_certificates", "CertificateSummaryList", Includes={"keyTypes": KEY_TYPES})
        own = [item for item in listed if item["DomainName"] == wildcard]
        criterion = f"the certificate {wildcard} is issued"
        if not own:
            yield Fact("certificate", criterion, "ISSUED", "no certificate", self._options["launch"])
            return
        newest = max(own, key=lambda item: (item["Status"] == "ISSUED", item["CreatedAt"]))
        found = acm.call("acm", "describe_certificate", CertificateArn=newest["CertificateArn"])["Certificate"]
        for option in found["DomainValidationOptions"][:1]:
            if self._servers and option.get("ResourceRecord"):
                yield self._validation(option["ResourceRecord"])
        status = found["Status"]
        parameters = {"CertificateArn": newest["CertificateArn"]}
        read = {"service": "acm", "operation": "describe_certificate", "parameters": parameters, "region": region}
        read["query"] = "Certificate.[Status, FailureReason]"
        reason = f": {found['FailureReason']}" if found.get("FailureReason") else ""
        remedy = f"{CERTIFICATE.get(status, 'read its details')}; {self._options['launch']}"
        yield Fact(
            "certificate", criterion, "ISSUED", f"{status}{reason}", remedy, aws_command(read, *self._command), "aws"
        )

    def _validation(self, record: Mapping[str, str]) -> Fact:
        name, value = (record[key].rstrip(".").lower() for key in ("Name", "Value"))
        found = self._asked(name, "CNAME", self._servers)
        return Fact(
            "validation record",
            "the zone has the validation record of the certificate",
            [value],
            "no CNAME record" if found in NO_SUCH_NAME else found,
            self._options["launch"],
            self._dns(name, "CNAME", self._servers),
        )
