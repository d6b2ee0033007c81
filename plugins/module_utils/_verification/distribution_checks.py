# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the distribution, its certificate and its names, as the AWS API and DNS have them.

They are the first ones, because what they find is the cause of most refused reads.
"""

from __future__ import annotations

import json
from typing import Any

from .._dns import DnsError
from .context import VerificationContext
from .run import Check
from .skipped import SkippedError

PLAN = "Compare the distribution with the plan: image_partition.yml --check --diff."
ORIGIN = "Check the distribution's origin access control, and AWS:SourceArn in the bucket policy."
CERTIFICATE = "Compare the distribution's viewer certificate with the plan: image_partition.yml --check --diff."
DELEGATION = "Set the NS records in the parent zone to the name servers of the zone: run dns_foundation.yml."
RECORDS = "Restore the A and AAAA alias records of the host name: run image_partition.yml."

# The names of checks that others rest on.
ENABLED = "the distribution of the host name is enabled"
TRUSTED = "every behavior trusts key groups, and no account"
HEADED = "the default behavior adds response headers"
UNHIDDEN = "no error response of the distribution hides a refusal"
ACCESS = "every origin is read through an origin access control"
READERS = "only this distribution may read the bucket, and may not list it"
COVERED = "the certificate covers the name"
RESOLVES = "the zone has the alias records of the host name"


def _behaviors(distribution: dict[str, Any]) -> list[dict[str, Any]]:
    found = [distribution["DefaultCacheBehavior"]] if distribution else []
    return found + (distribution.get("CacheBehaviors", {}).get("Items") or [])


def enabled(context: VerificationContext) -> tuple[Any, Any]:
    return True, context.distribution.get("Enabled", "no distribution has this host name")


def trusted(context: VerificationContext) -> tuple[Any, Any]:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html"""
    found = [
        [behavior["TrustedKeyGroups"]["Enabled"], behavior["TrustedSigners"]["Enabled"]]
        for behavior in _behaviors(context.distribution)
    ]
    return [[True, False]] * max(len(found), 1), found


def headed(context: VerificationContext) -> tuple[Any, Any]:
    return True, any(behavior.get("ResponseHeadersPolicyId") for behavior in _behaviors(context.distribution)[:1])


def unhidden(context: VerificationContext) -> tuple[Any, Any]:
    found = context.distribution.get("CustomErrorResponses", {}).get("Items") or []
    return [], [item["ErrorCode"] for item in found]


def access(context: VerificationContext) -> tuple[Any, Any]:
    origins = context.distribution.get("Origins", {}).get("Items") or []
    return [True] * max(len(origins), 1), [bool(origin.get("OriginAccessControlId")) for origin in origins]


def bucket_readers(context: VerificationContext) -> tuple[Any, Any]:
    document = json.loads(context.aws.call("s3", "get_bucket_policy", Bucket=context.bucket)["Policy"])
    allowed = [
        [statement["Action"], statement.get("Principal"), statement.get("Condition")]
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
    ]
    source = {"StringEquals": {"AWS:SourceArn": context.distribution.get("ARN")}}
    return [["s3:GetObject", {"Service": "cloudfront.amazonaws.com"}, source]], allowed


def own_certificate(context: VerificationContext) -> tuple[Any, Any]:
    if not context.options["certificate_arn"]:
        raise SkippedError("no certificate is named (certificate_arn)")
    found = context.distribution.get("ViewerCertificate", {})
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
    Check(ENABLED, PLAN, enabled),
    Check(TRUSTED, PLAN, trusted, after=(ENABLED,)),
    Check(HEADED, PLAN, headed, after=(ENABLED,)),
    Check(UNHIDDEN, PLAN, unhidden),
    Check(ACCESS, PLAN, access, after=(ENABLED,)),
    Check(READERS, ORIGIN, bucket_readers, after=(ENABLED,)),
    Check(
        "the distribution has the certificate of the foundation, and TLS 1.2",
        CERTIFICATE,
        own_certificate,
        after=(ENABLED,),
    ),
    Check("the parent zone delegates to the zone's name servers", DELEGATION, delegation),
    Check(RESOLVES, RECORDS, alias_records),
    Check(COVERED, CERTIFICATE, certificate_covers_name, after=(ENABLED, RESOLVES)),
]
