"""The response headers policy, and the headers that every answer of the edge has."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

Headers = list[tuple[bytes, bytes]]


def standard(cache: str) -> Headers:
    """What CloudFront adds to every answer."""
    return _encode(
        {
            "x-cache": f"{cache} from cloudfront",
            "via": "1.1 sandbox.cloudfront.net (CloudFront)",
            "x-amz-cf-pop": "SBX50-C1",
            "x-amz-cf-id": uuid.uuid4().hex,
        }
    )


def _encode(fields: Mapping[str, str]) -> Headers:
    return [(name.lower().encode(), value.encode()) for name, value in fields.items()]


def by_policy(config: dict[str, Any], origin: str | None, preflight: bool, present: set[str]) -> Headers:
    """The headers of a response headers policy; ``present`` are those that the origin already sent.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
    """
    fields: dict[str, tuple[str, bool]] = {}
    for name, value, override in _security(config.get("Security") or {}):
        fields[name] = (value, override)
    for custom in config.get("CustomHeaders") or []:
        fields[custom["Header"]] = (custom["Value"], custom["Override"])
    if cors := config.get("Cors"):
        override = bool(cors.get("OriginOverride"))
        fields = {name: field for name, field in fields.items() if name.lower() != "vary"}
        fields.update({name: (value, override) for name, value in _cors(cors, origin, preflight).items()})
    return _encode(
        {name: value for name, (value, override) in fields.items() if override or name.lower() not in present}
    )


def _security(config: dict) -> list[tuple[str, str, bool]]:
    found = []
    if option := config.get("ContentTypeOptions"):
        found.append(("X-Content-Type-Options", "nosniff", option["Override"]))
    if policy := config.get("ContentSecurityPolicy"):
        found.append(("Content-Security-Policy", policy["ContentSecurityPolicy"], policy["Override"]))
    if frame := config.get("FrameOptions"):
        found.append(("X-Frame-Options", frame["FrameOption"], frame["Override"]))
    if referrer := config.get("ReferrerPolicy"):
        found.append(("Referrer-Policy", referrer["ReferrerPolicy"], referrer["Override"]))
    if transport := config.get("StrictTransportSecurity"):
        value = f"max-age={transport['AccessControlMaxAgeSec']}"
        value += "; includeSubDomains" if transport.get("IncludeSubdomains") else ""
        value += "; preload" if transport.get("Preload") else ""
        found.append(("Strict-Transport-Security", value, transport["Override"]))
    return [(name, value, bool(override)) for name, value, override in found]


def _cors(config: dict, origin: str | None, preflight: bool) -> dict[str, str]:
    """The CORS headers for an origin that is allowed, none for another, and Vary for a request without one.

    A policy with a CORS section manages Vary itself: ``Vary: Origin`` on a request without Origin, and a Vary among
    its custom headers is lost. https://github.com/ttoss/ttoss/pull/1205 (observed; AWS's guide is silent on it)
    """
    if origin is None:
        return {"Vary": "Origin"}
    origins = config["AllowOrigins"]
    if origin not in origins and "*" not in origins:
        return {}
    fields = {"Access-Control-Allow-Origin": "*" if "*" in origins else origin}
    if "*" not in origins:
        fields["Vary"] = "Origin"
    if config.get("AllowCredentials"):
        fields["Access-Control-Allow-Credentials"] = "true"
    if config.get("ExposeHeaders"):
        fields["Access-Control-Expose-Headers"] = ",".join(config["ExposeHeaders"])
    if preflight:
        fields["Access-Control-Allow-Methods"] = ",".join(config["AllowMethods"])
        fields["Access-Control-Allow-Headers"] = ",".join(config["AllowHeaders"])
        if config.get("MaxAgeSec"):
            fields["Access-Control-Max-Age"] = str(config["MaxAgeSec"])
    return fields
