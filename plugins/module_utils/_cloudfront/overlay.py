# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declared CloudFront configuration laid over the actual one, and whether two configurations mean the same.

CloudFront's update operations replace a configuration as a whole, so an update sends the actual one with the declared
fields over it. Some fields exclude one another, and some lists together decide who may read: declaring one of these
drops the actual value of the others, which CloudFront would refuse, or go on trusting.
"""

from __future__ import annotations

import json
from typing import Any

#: By what an element of a list is found in the other list.
_IDENTITIES = ("Id", "PathPattern", "ErrorCode", "Header", "HeaderName", "EventType")

#: Declaring the key drops these fields of the same structure, unless they are declared too.
#: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html
#: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html
#: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicyXSSProtection.html
_EXCLUDES = {
    "CachePolicyId": ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"),
    "ForwardedValues": ("CachePolicyId", "OriginRequestPolicyId"),
    "S3OriginConfig": ("CustomOriginConfig", "VpcOriginConfig"),
    "CustomOriginConfig": ("S3OriginConfig", "VpcOriginConfig"),
    "VpcOriginConfig": ("S3OriginConfig", "CustomOriginConfig"),
    "ModeBlock": ("ReportUri",),
    "ReportUri": ("ModeBlock",),
}

#: Two lists of who may read. Who declares one of them declares who may read.
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
_READERS = {"TrustedKeyGroups": "TrustedSigners", "TrustedSigners": "TrustedKeyGroups"}
_NOBODY = {"Enabled": False, "Quantity": 0}

#: A field that is declared to be off drops what only counts when it is on.
_OFF = {"Enabled": ("OriginShieldRegion", "SamplingRate"), "Protection": ("ModeBlock", "ReportUri")}

_CERTIFICATE_SOURCES = ("ACMCertificateArn", "IAMCertificateId", "CloudFrontDefaultCertificate")


def overlay(actual: Any, desired: Any) -> Any:
    """The configuration to send.

    Parameters:
        actual: The configuration in AWS, None where there is none.
        desired: The declared part, in the API's form.

    Returns: ``actual`` with ``desired`` over it. A declared list replaces the actual one; its elements keep the
    undeclared fields of the element of the same identity. What a declared field excludes is left out.
    """
    if isinstance(actual, dict) and isinstance(desired, dict):
        if any(desired.get(source) for source in _CERTIFICATE_SOURCES):
            return _viewer_certificate(actual, desired)
        merged = {**actual, **{key: overlay(actual.get(key), value) for key, value in desired.items()}}
        if "Items" in desired and not desired["Items"]:
            merged.pop("Items", None)
        _drop_excluded(merged, desired)
        return merged
    if isinstance(desired, list) and isinstance(actual, list):
        known = {_identity(item): item for item in actual if _identity(item)}
        return [overlay(known.get(_identity(item)), item) if _identity(item) else item for item in desired]
    return desired


def _viewer_certificate(actual: dict[str, Any], desired: dict[str, Any]) -> dict[str, Any]:
    """The declared certificate as a whole, unless it is the actual one.

    AWS fills in ``Certificate`` and ``CertificateSource``, and refuses ones of another certificate in an update.
    https://github.com/dlapiduz/certbot-s3front/issues/12
    """
    declared = {key: value for key, value in desired.items() if (key, value) != ("CloudFrontDefaultCertificate", False)}
    return dict(actual) if all(actual.get(key) == value for key, value in declared.items()) else dict(desired)


def _drop_excluded(merged: dict[str, Any], desired: dict[str, Any]) -> None:
    for key, others in _EXCLUDES.items():
        if desired.get(key):
            for other in others:
                if other not in desired:
                    merged.pop(other, None)
    for key, other in _READERS.items():
        if key in desired and other not in desired and other in merged:
            merged[other] = dict(_NOBODY)
    _drop_other_access(merged, desired)
    for switch, others in _OFF.items():
        if desired.get(switch) is False:
            for other in others:
                if other not in desired:
                    merged.pop(other, None)
    if "Items" in desired and "CachedMethods" in merged and "CachedMethods" not in desired:
        cached = [method for method in merged["CachedMethods"].get("Items", []) if method in desired["Items"]]
        merged["CachedMethods"] = {"Quantity": len(cached), "Items": cached}


def _drop_other_access(origin: dict[str, Any], desired: dict[str, Any]) -> None:
    """An origin access control and an origin access identity exclude one another.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    identity = (desired.get("S3OriginConfig") or {}).get("OriginAccessIdentity")
    bucket = origin.get("S3OriginConfig")
    if desired.get("OriginAccessControlId") and not identity and bucket and bucket.get("OriginAccessIdentity"):
        origin["S3OriginConfig"] = {**bucket, "OriginAccessIdentity": ""}
    if identity and "OriginAccessControlId" not in desired and origin.get("OriginAccessControlId"):
        origin["OriginAccessControlId"] = ""


def _identity(item: Any) -> Any:
    if not isinstance(item, dict):
        return None
    return next((item[name] for name in _IDENTITIES if name in item), None)


def same(one: Any, other: Any) -> bool:
    """Whether two configurations mean the same, in whatever order CloudFront returns their lists.

    The order of cache behaviors, and of an origin group's members, has a meaning.
    """
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items() if not (key == "Items" and not item)}
    if isinstance(value, list):
        items = [_canonical(item) for item in value]
        if all(isinstance(item, (str, int)) for item in items):
            return sorted(items, key=str)
        if all(_identity(item) is not None and "PathPattern" not in item for item in items):
            return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
        return items
    return value
