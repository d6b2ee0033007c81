# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the distribution, its certificate and its names, as the AWS API and DNS have them."""

from __future__ import annotations

import json
from typing import Any

from .context import VerificationContext
from .run import Check
from .skipped import SkippedError
from .viewer_checks import ORIGIN

CERTIFICATE = "Compare the distribution's viewer certificate with the plan: image_partition.yml --check --diff."
NAMES = (
    "Check the NS records on both sides of the delegation, and the alias records: dns_foundation.yml --check --diff."
)


def _distribution(context: VerificationContext) -> dict[str, Any]:
    """The distribution that answers for the host name, as the control plane has it."""
    items = context.aws.pages("cloudfront", "list_distributions", "DistributionList.Items")
    return next((item for item in items if context.host in (item["Aliases"].get("Items") or [])), {})


def bucket_readers(context: VerificationContext) -> tuple[Any, Any]:
    document = json.loads(context.aws.call("s3", "get_bucket_policy", Bucket=context.bucket)["Policy"])
    allowed = [
        [statement["Action"], statement.get("Principal"), statement.get("Condition")]
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
    ]
    source = {"StringEquals": {"AWS:SourceArn": _distribution(context).get("ARN")}}
    return [["s3:GetObject", {"Service": "cloudfront.amazonaws.com"}, source]], allowed


def own_certificate(context: VerificationContext) -> tuple[Any, Any]:
    if not context.options["certificate_arn"]:
        raise SkippedError("no certificate is named (certificate_arn)")
    found = _distribution(context).get("ViewerCertificate", {})
    expected = [context.options["certificate_arn"], "TLSv1.2_2021"]
    return expected, [found.get("ACMCertificateArn"), found.get("MinimumProtocolVersion")]


def certificate_covers_name(context: VerificationContext) -> tuple[Any, Any]:
    with context.http.tls(context.host) as connection:
        return True, connection.version() in ("TLSv1.2", "TLSv1.3")


def names(context: VerificationContext) -> tuple[Any, Any]:
    domain = context.options["zone_name"]
    zones = context.aws.call("route53", "list_hosted_zones_by_name", DNSName=domain)["HostedZones"]
    own = [zone["Id"] for zone in zones if zone["Name"].rstrip(".") == domain]
    servers: list[str] = []
    if own:
        found = context.aws.call("route53", "get_hosted_zone", Id=own[0])
        servers = sorted(server.rstrip(".").lower() for server in found["DelegationSet"]["NameServers"])
    expected = {"NS": servers, "A": True, "AAAA": True}
    return expected, {
        "NS": context.ask_dns(domain, "NS"),
        **{kind: isinstance(context.ask_dns(context.host, kind), list) for kind in ("A", "AAAA")},
    }


CHECKS = [
    Check("only this distribution may read the bucket, and may not list it", ORIGIN, bucket_readers),
    Check("the distribution has the certificate of the foundation, and TLS 1.2", CERTIFICATE, own_certificate),
    Check("the certificate covers the name", CERTIFICATE, certificate_covers_name),
    Check("DNS leads to the distribution, from both sides of the delegation", NAMES, names),
]
