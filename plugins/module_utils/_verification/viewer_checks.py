# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the way down: what the CDN lets viewers read, and everything that it must refuse."""

from __future__ import annotations

import hashlib
import json
import ssl
import time
import uuid
from typing import Any

from .._cloudfront.http import BY_ORIGIN, REFUSALS, Answer
from .._cloudfront.key_material import generate
from .._cloudfront.signature import canned_policy, custom_policy, encode, sign, signed_cookies, signed_url
from .context import Check, Journey, NotRun, registrar
from .upload_checks import svg

CHECKS: list[Check] = []
check = registrar(CHECKS)

TRUST = "the trusted key groups of every behavior of the distribution, and the keys in the group"
ORIGIN = "the origin access control, and AWS:SourceArn in the bucket policy"
HEADERS = "the response headers policy of the distribution"
NAMES = "the NS records on both sides, the alias records, the certificate of the distribution"


def _seen(answer: Answer) -> list[Any]:
    return [answer.status, answer.error()]


def _refused(code: str) -> list[Any]:
    return [403, REFUSALS[code]]


@check("an unsigned read is refused", TRUST)
def unsigned(journey: Journey) -> tuple[Any, Any]:
    return _refused("MissingKey"), _seen(journey.get(journey.key_of(journey.tenant)))


@check("a tenant's cookies read its images byte for byte", f"{TRUST}; {ORIGIN}")
def own_images(journey: Journey) -> tuple[Any, Any]:
    cookies = journey.cookies()
    expected, observed = {}, {}
    for key, image in journey.keys.items():
        if key.startswith(f"{journey.tenant}/"):
            answer = journey.get(key, cookies)
            digest = hashlib.sha256(answer.body).hexdigest()[:16] if answer.status == 200 else answer.error()
            name = f"{image.extension} {len(image.content)}"
            expected[name] = [200, image.content_type, hashlib.sha256(image.content).hexdigest()[:16]]
            observed[name] = [answer.status, answer.headers.get("content-type"), digest]
    return expected, observed


@check("a tenant's cookies do not open another tenant whose id begins alike", "the slash before the star in the policy")
def other_tenant(journey: Journey) -> tuple[Any, Any]:
    answer = journey.get(journey.key_of(journey.other_tenant), journey.cookies())
    return _refused("AccessDenied"), _seen(answer)


@check("cookies of another partition are refused", TRUST)
def other_partition(journey: Journey) -> tuple[Any, Any]:
    elsewhere = journey.cookies(f"https://other-{journey.host}/{journey.tenant}/*")
    return _refused("AccessDenied"), _seen(journey.get(journey.key_of(journey.tenant), elsewhere))


@check("cookies by an unknown key are refused", TRUST)
def unknown_key(journey: Journey) -> tuple[Any, Any]:
    cookies = journey.cookies(private_pem=generate("rsa-2048"), key_pair_id="KUNKNOWNKEYPAI")
    return _refused("InvalidKey"), _seen(journey.get(journey.key_of(journey.tenant), cookies))


@check("cookies by another private key are refused", TRUST)
def wrong_private_key(journey: Journey) -> tuple[Any, Any]:
    cookies = journey.cookies(private_pem=generate("rsa-2048"))
    return _refused("AccessDenied"), _seen(journey.get(journey.key_of(journey.tenant), cookies))


@check("a missing object is 403, not 404", "s3:ListBucket must not be allowed to CloudFront; custom error responses")
def missing(journey: Journey) -> tuple[Any, Any]:
    answer = journey.get(journey.new_key(journey.tenant, "jpg"), journey.cookies())
    return [403, BY_ORIGIN], _seen(answer)


@check("an uploaded SVG arrives harmless", HEADERS)
def harmless_svg(journey: Journey) -> tuple[Any, Any]:
    image = svg()
    key = journey.new_key(journey.tenant, image.extension)
    journey.put(key, image)
    answer = journey.get(key, journey.cookies())
    policy = answer.headers.get("content-security-policy", "")
    directives = [part.strip() for part in policy.split(";")]
    observed = [answer.status, answer.headers.get("x-content-type-options"), "sandbox" in directives]
    return [200, "nosniff", True], observed


@check("expired cookies are refused", "the clock of this machine")
def expired(journey: Journey) -> tuple[Any, Any]:
    cookies = journey.cookies(expires=int(time.time()) - 60)
    return _refused("AccessDenied"), _seen(journey.get(journey.key_of(journey.tenant), cookies))


@check("cookies that are not yet valid are refused", "the clock of this machine")
def not_yet(journey: Journey) -> tuple[Any, Any]:
    later = int(time.time()) + 120
    cookies = journey.cookies(expires=later + 120, starts=later)
    return _refused("AccessDenied"), _seen(journey.get(journey.key_of(journey.tenant), cookies))


@check("a tampered policy is refused", TRUST)
def tampered(journey: Journey) -> tuple[Any, Any]:
    policy = custom_policy(f"https://{journey.host}/*", int(time.time()) + 3600)
    cookies = {**journey.cookies(), "CloudFront-Policy": encode(policy)}
    return _refused("AccessDenied"), _seen(journey.get(journey.key_of(journey.tenant), cookies))


@check("a signature that cannot be read is refused", TRUST)
def unreadable(journey: Journey) -> tuple[Any, Any]:
    cookies = {**journey.cookies(), "CloudFront-Signature": "!"}
    return _refused("MalformedSignature"), _seen(journey.get(journey.key_of(journey.tenant), cookies))


@check("a signed URL works, and only for its object", TRUST)
def url(journey: Journey) -> tuple[Any, Any]:
    mine, other = (journey.url(journey.key_of(tenant)) for tenant in (journey.tenant, journey.other_tenant))
    expires = int(time.time()) + 300
    signature = encode(sign(journey.signing_key.private_pem, canned_policy(mine, expires)))
    canned = f"Expires={expires}&Signature={signature}&Key-Pair-Id={journey.key_pair_id}"
    custom = signed_url(
        mine, custom_policy(mine, expires), journey.signing_key.private_pem, journey.key_pair_id, "SHA256"
    )
    answers = [journey.viewer.request("GET", address) for address in (f"{mine}?{canned}", custom, f"{other}?{canned}")]
    return [200, 200, 403], [answer.status for answer in answers]


@check("the second read is a cache hit", "the cache policy of the behavior; the objects' Cache-Control")
def cached(journey: Journey) -> tuple[Any, Any]:
    cookies, key = journey.cookies(), journey.key_of(journey.tenant)
    seen = ""
    for _attempt in range(8):  # an edge location has several caches
        seen = journey.get(key, cookies).headers.get("x-cache", "")
        if seen.startswith(("Hit", "RefreshHit")):
            break
    return "Hit from cloudfront", seen


@check("a part of an image can be read", ORIGIN)
def ranged(journey: Journey) -> tuple[Any, Any]:
    key = journey.key_of(journey.tenant)
    answer = journey.get(key, journey.cookies(), Range="bytes=0-15")
    return [206, journey.keys[key].content[:16].hex()], [answer.status, answer.body.hex()]


@check("HTTP redirects to HTTPS", "the viewer protocol policy")
def redirected(journey: Journey) -> tuple[Any, Any]:
    address = journey.url(journey.key_of(journey.tenant))
    answer = journey.viewer.request("GET", address.replace("https:", "http:"))
    return [301, address], [answer.status, answer.headers.get("location")]


@check("TLS below 1.2 is refused", "the minimum protocol version of the viewer certificate")
def old_tls(journey: Journey) -> tuple[Any, Any]:
    try:
        journey.viewer.tls(journey.host, highest=ssl.TLSVersion.TLSv1_1).close()
    except ssl.SSLError as error:
        if error.reason in ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "UNSUPPORTED_PROTOCOL"):
            raise NotRun(f"this machine's TLS library cannot offer TLS 1.1 ({error.reason})") from error
        return "refused", "refused"
    except ConnectionError:
        return "refused", "refused"
    return "refused", "accepted"


def _cors(answer: Answer) -> list[Any]:
    return [
        answer.status,
        answer.headers.get("access-control-allow-origin"),
        answer.headers.get("access-control-allow-credentials"),
    ]


@check("the application may read with credentials, another origin may not", HEADERS)
def cors(journey: Journey) -> tuple[Any, Any]:
    foreign = f"https://{uuid.uuid4().hex}.example"
    origins = [*journey.options["read_origins"], foreign]
    expected = {o: [200, o, "true"] if o != foreign else [200, None, None] for o in origins}
    key, cookies = journey.key_of(journey.tenant), journey.cookies()
    return expected, {origin: _cors(journey.get(key, cookies, Origin=origin)) for origin in origins}


@check("a preflight is answered for the application alone", HEADERS)
def preflight(journey: Journey) -> tuple[Any, Any]:
    """By a signed URL: a browser sends no cookies with a preflight."""
    foreign = f"https://{uuid.uuid4().hex}.example"
    address = journey.url(journey.key_of(journey.tenant))
    policy = custom_policy(address, int(time.time()) + 300)
    signed = signed_url(address, policy, journey.signing_key.private_pem, journey.key_pair_id)
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}

    def answer(origin: str) -> list[Any]:
        found = journey.viewer.request("OPTIONS", signed, {"Origin": origin, **asked})
        return [found.status, found.headers.get("access-control-allow-origin")]

    origins = [*journey.options["read_origins"], foreign]
    return {o: [200, o if o != foreign else None] for o in origins}, {o: answer(o) for o in origins}


@check("cookies by the current key work under SHA-256 too", TRUST)
def sha256(journey: Journey) -> tuple[Any, Any]:
    policy = custom_policy(f"https://{journey.host}/{journey.tenant}/*", int(time.time()) + 300)
    cookies = signed_cookies(policy, journey.signing_key.private_pem, journey.key_pair_id, "SHA256")
    return 200, journey.get(journey.key_of(journey.tenant), cookies).status


def _distribution(journey: Journey) -> dict[str, Any]:
    """The distribution that answers for the host name, as the control plane has it."""
    items = journey.aws.pages("cloudfront", "list_distributions", "DistributionList.Items")
    return next((item for item in items if journey.host in (item["Aliases"].get("Items") or [])), {})


@check("this distribution alone may read the bucket, and may not list it", ORIGIN)
def bucket_readers(journey: Journey) -> tuple[Any, Any]:
    document = json.loads(journey.aws.call("s3", "get_bucket_policy", Bucket=journey.bucket)["Policy"])
    allowed = [
        [statement["Action"], statement.get("Principal"), statement.get("Condition")]
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
    ]
    source = {"StringEquals": {"AWS:SourceArn": _distribution(journey).get("ARN")}}
    return [["s3:GetObject", {"Service": "cloudfront.amazonaws.com"}, source]], allowed


@check("the distribution has the certificate of the foundation, and TLS 1.2", NAMES)
def own_certificate(journey: Journey) -> tuple[Any, Any]:
    if not journey.options["certificate_arn"]:
        raise NotRun("no certificate is named (certificate_arn)")
    found = _distribution(journey).get("ViewerCertificate", {})
    expected = [journey.options["certificate_arn"], "TLSv1.2_2021"]
    return expected, [found.get("ACMCertificateArn"), found.get("MinimumProtocolVersion")]


@check("the certificate covers the name", NAMES)
def certificate(journey: Journey) -> tuple[Any, Any]:
    with journey.viewer.tls(journey.host) as connection:
        return True, connection.version() in ("TLSv1.2", "TLSv1.3")


@check("DNS leads to the distribution, from both sides of the delegation", NAMES)
def names(journey: Journey) -> tuple[Any, Any]:
    domain = journey.options["zone_name"]
    zones = journey.aws.call("route53", "list_hosted_zones_by_name", DNSName=domain)["HostedZones"]
    own = [zone["Id"] for zone in zones if zone["Name"].rstrip(".") == domain]
    servers: list[str] = []
    if own:
        found = journey.aws.call("route53", "get_hosted_zone", Id=own[0])
        servers = sorted(server.rstrip(".").lower() for server in found["DelegationSet"]["NameServers"])
    expected = {"NS": servers, "A": True, "AAAA": True}
    return expected, {
        "NS": journey.ask_dns(domain, "NS"),
        **{kind: isinstance(journey.ask_dns(journey.host, kind), list) for kind in ("A", "AAAA")},
    }
