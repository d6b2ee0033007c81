# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the distribution, its certificate and its names, as the AWS API and DNS have them."""

from __future__ import annotations

import json
from typing import Any

from .._dns import DnsError
from .context import VerificationContext
from .run import Check
from .skipped import SkippedError
from .viewer_checks import ORIGIN

CERTIFICATE = "Compare the distribution's viewer certificate with the plan: image_partition.yml --check --diff."
DELEGATION = "Set the NS records in the parent zone to the name servers of the zone: run dns_foundation.yml."
RECORDS = "Restore the A and AAAA alias records of the host name: run image_partition.yml."


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


def delegation(context: VerificationContext) -> tuple[Any, Any]:
    """The parent's servers refer to the zone's own ones."""
    domain = context.options["zone_name"]
    parent = context.query(domain.partition(".")[2], "NS")
    return context.zone_servers, context.query(domain, "NS", parent)


def alias_records(context: VerificationContext) -> tuple[Any, Any]:
    """The zone's own servers have addresses of both kinds; they are the CDN's, and change."""
    found = {}
    for kind in ("A", "AAAA"):
        try:
            found[kind] = "an address" if context.query(context.host, kind, context.zone_servers) else "none"
        except DnsError as error:
            found[kind] = str(error)
    return {"A": "an address", "AAAA": "an address"}, found


CHECKS = [
    Check("only this distribution may read the bucket, and may not list it", ORIGIN, bucket_readers),
    Check("the distribution has the certificate of the foundation, and TLS 1.2", CERTIFICATE, own_certificate),
    Check("the certificate covers the name", CERTIFICATE, certificate_covers_name),
    Check("the parent zone delegates to the zone's name servers", DELEGATION, delegation),
    Check("the zone has the alias records of the host name", RECORDS, alias_records),
]
