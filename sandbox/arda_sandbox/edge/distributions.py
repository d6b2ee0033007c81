"""The distributions as the edge serves them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from .. import emulator
from ..deployments import served
from ..distribution_xml import items, parse
from ..hostnames import covers
from .paths import matches


@dataclass(frozen=True)
class Behavior:
    """One cache behavior."""

    pattern: str
    target: str
    viewer_protocol: str
    methods: tuple[str, ...]
    key_groups: tuple[str, ...]
    restricted: bool
    cache_policy: str
    origin_request_policy: str
    headers_policy: str


@dataclass(frozen=True)
class Origin:
    """An S3 origin; ``signed`` says whether an origin access control signs the requests to it."""

    identifier: str
    bucket: str
    region: str
    prefix: str
    signed: bool


@dataclass(frozen=True)
class ErrorPage:
    """A custom error response: the viewer's status for one of the origin's, and how long it is cached at least."""

    status: int
    shown: int
    caching: float | None


@dataclass(frozen=True)
class Distribution:
    identifier: str
    account: str
    arn: str
    domain: str
    aliases: tuple[str, ...]
    certificate: str
    behaviors: tuple[Behavior, ...]  # the default one last
    origins: tuple[Origin, ...]
    error_pages: dict[int, ErrorPage]
    keys_of_groups: dict[str, dict[str, str]]
    headers_policies: dict[str, dict[str, Any]]

    def behavior(self, path: str) -> Behavior:
        """The first behavior whose pattern covers the path."""
        return next(b for b in self.behaviors if b.pattern == "*" or matches(b.pattern, path))

    def origin(self, behavior: Behavior) -> Origin | None:
        return next((origin for origin in self.origins if origin.identifier == behavior.target), None)

    def trusted_keys(self, behavior: Behavior) -> dict[str, str]:
        """The PEM public keys of the behavior's key groups, by key pair id."""
        return {key: pem for group in behavior.key_groups for key, pem in self.keys_of_groups.get(group, {}).items()}


def find(host: str) -> Distribution | None:
    """The enabled distribution that answers for a host, in whatever account, in the state that has reached the edge."""
    host = host.lower().rstrip(".")
    for account, record in emulator.distributions():
        state = served(record, time.time())
        if state is None or not state["enabled"]:
            continue
        root = parse(state["config_xml"])
        aliases = tuple(items(root, "Aliases/Items/CNAME"))
        if host == record["DomainName"] or any(covers(alias, host) for alias in aliases):
            return _read(account, record, state, root, aliases)
    return None


def _read(
    account: str, record: dict[str, Any], state: dict[str, Any], root: Element, aliases: tuple[str, ...]
) -> Distribution:
    ordered = root.findall("CacheBehaviors/Items/CacheBehavior")
    default = root.findall("DefaultCacheBehavior")
    controls = {
        control["Id"]: control["SigningBehavior"]
        for owner, control in emulator.origin_access_controls()
        if owner == account
    }
    return Distribution(
        identifier=record["Id"],
        account=account,
        arn=record["ARN"],
        domain=record["DomainName"],
        aliases=aliases,
        certificate=root.findtext("ViewerCertificate/ACMCertificateArn") or "",
        behaviors=tuple(_behavior(element) for element in [*ordered, *default]),
        origins=tuple(_origin(element, controls) for element in root.findall("Origins/Items/Origin")),
        error_pages={
            page.status: page
            for page in map(_error_page, root.findall("CustomErrorResponses/Items/CustomErrorResponse"))
        },
        keys_of_groups=state["trusted_keys"],
        headers_policies=state["headers_policies"],
    )


def _behavior(element: Element) -> Behavior:
    trusting = (element.findtext(f"{kind}/Enabled") for kind in ("TrustedKeyGroups", "TrustedSigners"))
    return Behavior(
        pattern=element.findtext("PathPattern") or "*",
        target=element.findtext("TargetOriginId") or "",
        viewer_protocol=element.findtext("ViewerProtocolPolicy") or "allow-all",
        methods=tuple(items(element, "AllowedMethods/Items/Method")) or ("GET", "HEAD"),
        key_groups=tuple(items(element, "TrustedKeyGroups/Items/KeyGroup")),
        restricted="true" in trusting,
        cache_policy=element.findtext("CachePolicyId") or "",
        origin_request_policy=element.findtext("OriginRequestPolicyId") or "",
        headers_policy=element.findtext("ResponseHeadersPolicyId") or "",
    )


def _origin(element: Element, controls: dict[str, str]) -> Origin:
    host = element.findtext("DomainName") or ""
    return Origin(
        identifier=element.findtext("Id") or "",
        bucket=host.partition(".s3.")[0],
        region=host.partition(".s3.")[2].removesuffix("amazonaws.com").rstrip(".") or "us-east-1",
        prefix=(element.findtext("OriginPath") or "").rstrip("/"),
        signed=controls.get(element.findtext("OriginAccessControlId") or "") in ("always", "no-override"),
    )


def _error_page(element: Element) -> ErrorPage:
    status = int(element.findtext("ErrorCode") or 0)
    caching = element.findtext("ErrorCachingMinTTL")
    return ErrorPage(status, int(element.findtext("ResponseCode") or status), float(caching) if caching else None)
