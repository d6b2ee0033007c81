# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of reads: what the CDN lets viewers read, and everything that it must refuse."""

from __future__ import annotations

import hashlib
import ssl
import time
import uuid
from typing import Any

from .._cloudfront.http import BY_ORIGIN, REFUSALS, Answer
from .._cloudfront.key_material import generate
from .._cloudfront.signature import canned_policy, custom_policy, encode, sign, signed_cookies, signed_url
from .context import VerificationContext
from .distribution_checks import ACCESS, COVERED, ENABLED, HEADED, ORIGIN, READERS, RESOLVES, TRUSTED, UNHIDDEN
from .objects import Image
from .run import Check
from .skipped import SkippedError

TRUST = "Check the trusted key groups of every behavior of the distribution, and the keys in the group."
HEADERS = "Compare the response headers policy with the plan: image_partition.yml --check --diff."
CLOCK = "Check the clock of this machine."
# The checks that every read rests on, those of a refusal, and those of an image that arrives.
ANSWERED = (ENABLED, RESOLVES, COVERED)
REFUSED = (TRUSTED, UNHIDDEN, *ANSWERED)
OWN_IMAGES = "a tenant's cookies read its images byte for byte"
ARRIVED = (ACCESS, READERS, *ANSWERED, OWN_IMAGES)


def svg() -> Image:
    """An SVG that would run a script if a browser let it."""
    text = '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="harm"</script></svg>'
    return Image(text.encode(), "image/svg+xml", "svg")


def _observed(answer: Answer) -> list[Any]:
    return [answer.status, answer.error()]


def _refused(code: str) -> list[Any]:
    return [403, REFUSALS[code]]


def _read(context: VerificationContext, cookies: dict[str, str] | None = None, **headers: str) -> Answer:
    """Read the first tenant's first image, by default with that tenant's cookies."""
    key, _image = context.objects.first(context.tenant)
    return context.viewer.get(key, context.viewer.cookies() if cookies is None else cookies, **headers)


def unsigned_refused(context: VerificationContext) -> tuple[Any, Any]:
    return _refused("MissingKey"), _observed(_read(context, {}))


def own_images(context: VerificationContext) -> tuple[Any, Any]:
    cookies = context.viewer.cookies()
    context.objects.first(context.tenant)
    expected, observed = {}, {}
    for key, image in context.objects.of(context.tenant):
        answer = context.viewer.get(key, cookies)
        digest = hashlib.sha256(answer.body).hexdigest()[:16] if answer.status == 200 else answer.error()
        name = f"{image.extension} {len(image.content)}"
        expected[name] = [200, image.content_type, hashlib.sha256(image.content).hexdigest()[:16]]
        observed[name] = [answer.status, answer.headers.get("content-type"), digest]
        if answer.status == 200:
            context.read[key] = (answer.headers.get("content-type") or "", answer.body)
    return expected, observed


def other_tenant_refused(context: VerificationContext) -> tuple[Any, Any]:
    key, _image = context.objects.first(context.other_tenant)
    return _refused("AccessDenied"), _observed(context.viewer.get(key, context.viewer.cookies()))


def other_partition_refused(context: VerificationContext) -> tuple[Any, Any]:
    elsewhere = context.viewer.cookies(f"https://other-{context.host}/{context.tenant}/*")
    return _refused("AccessDenied"), _observed(_read(context, elsewhere))


def unknown_key_refused(context: VerificationContext) -> tuple[Any, Any]:
    cookies = context.viewer.cookies(private_pem=generate("rsa-2048"), key_pair_id="KUNKNOWNKEYPAI")
    return _refused("InvalidKey"), _observed(_read(context, cookies))


def other_private_key_refused(context: VerificationContext) -> tuple[Any, Any]:
    cookies = context.viewer.cookies(private_pem=generate("rsa-2048"))
    return _refused("AccessDenied"), _observed(_read(context, cookies))


def missing_object(context: VerificationContext) -> tuple[Any, Any]:
    key = context.objects.new_key(context.tenant, "jpg")
    return [403, BY_ORIGIN], _observed(context.viewer.get(key, context.viewer.cookies()))


def harmless_svg(context: VerificationContext) -> tuple[Any, Any]:
    image = svg()
    key = context.objects.new_key(context.tenant, image.extension)
    context.objects.put(key, image)
    answer = context.viewer.get(key, context.viewer.cookies())
    policy = answer.headers.get("content-security-policy", "")
    directives = [part.strip() for part in policy.split(";")]
    observed = [answer.status, answer.headers.get("x-content-type-options"), "sandbox" in directives]
    return [200, "nosniff", True], observed


def expired_refused(context: VerificationContext) -> tuple[Any, Any]:
    cookies = context.viewer.cookies(expires=int(time.time()) - 60)
    return _refused("AccessDenied"), _observed(_read(context, cookies))


def not_yet_valid_refused(context: VerificationContext) -> tuple[Any, Any]:
    later = int(time.time()) + 120
    cookies = context.viewer.cookies(expires=later + 120, starts=later)
    return _refused("AccessDenied"), _observed(_read(context, cookies))


def tampered_policy_refused(context: VerificationContext) -> tuple[Any, Any]:
    policy = custom_policy(f"https://{context.host}/*", int(time.time()) + 3600)
    cookies = {**context.viewer.cookies(), "CloudFront-Policy": encode(policy)}
    return _refused("AccessDenied"), _observed(_read(context, cookies))


def unreadable_signature_refused(context: VerificationContext) -> tuple[Any, Any]:
    cookies = {**context.viewer.cookies(), "CloudFront-Signature": "!"}
    return _refused("MalformedSignature"), _observed(_read(context, cookies))


def signed_urls(context: VerificationContext) -> tuple[Any, Any]:
    viewer = context.viewer
    mine, other = (viewer.url(context.objects.first(name)[0]) for name in (context.tenant, context.other_tenant))
    expires = int(time.time()) + 300
    signature = encode(sign(viewer.signing_key.private_pem, canned_policy(mine, expires)))
    canned = f"Expires={expires}&Signature={signature}&Key-Pair-Id={viewer.key_pair_id}"
    policy = custom_policy(mine, expires)
    custom = signed_url(mine, policy, viewer.signing_key.private_pem, viewer.key_pair_id, "SHA256")
    answers = [context.http.request("GET", address) for address in (f"{mine}?{canned}", custom, f"{other}?{canned}")]
    return [200, 200, 403], [answer.status for answer in answers]


def cached(context: VerificationContext) -> tuple[Any, Any]:
    x_cache = ""
    for _attempt in range(8):  # an edge location has several caches
        x_cache = _read(context).headers.get("x-cache", "")
        if x_cache.startswith(("Hit", "RefreshHit")):
            break
    return "Hit from cloudfront", x_cache


def partial_read(context: VerificationContext) -> tuple[Any, Any]:
    _key, image = context.objects.first(context.tenant)
    answer = _read(context, Range="bytes=0-15")
    return [206, image.content[:16].hex()], [answer.status, answer.body.hex()]


def redirected(context: VerificationContext) -> tuple[Any, Any]:
    address = context.viewer.url(context.objects.first(context.tenant)[0])
    answer = context.http.request("GET", address.replace("https:", "http:"))
    return [301, address], [answer.status, answer.headers.get("location")]


def old_tls_refused(context: VerificationContext) -> tuple[Any, Any]:
    try:
        context.http.tls(context.host, highest=ssl.TLSVersion.TLSv1_1).close()
    except ssl.SSLError as error:
        if error.reason in ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "UNSUPPORTED_PROTOCOL"):
            raise SkippedError(f"this machine's TLS library cannot offer TLS 1.1 ({error.reason})") from error
        return "refused", "refused"
    except ConnectionError:
        return "refused", "refused"
    return "refused", "accepted"


def credentialed_reads(context: VerificationContext) -> tuple[Any, Any]:
    foreign = f"https://{uuid.uuid4().hex}.example"
    origins = [*context.options["read_origins"], foreign]
    expected = {origin: [200, origin, "true"] if origin != foreign else [200, None, None] for origin in origins}
    names = ("access-control-allow-origin", "access-control-allow-credentials")
    answers = {origin: _read(context, Origin=origin) for origin in origins}
    return expected, {origin: [a.status, *(a.headers.get(name) for name in names)] for origin, a in answers.items()}


def sha256_cookies(context: VerificationContext) -> tuple[Any, Any]:
    viewer = context.viewer
    policy = custom_policy(f"https://{context.host}/{context.tenant}/*", int(time.time()) + 300)
    cookies = signed_cookies(policy, viewer.signing_key.private_pem, viewer.key_pair_id, "SHA256")
    return 200, _read(context, cookies).status


CHECKS = [
    Check("an unsigned read is refused", TRUST, unsigned_refused, after=REFUSED),
    Check(OWN_IMAGES, f"{TRUST} {ORIGIN}", own_images, reads=True, after=(ACCESS, READERS, *ANSWERED)),
    Check(
        "a tenant's cookies do not open another tenant whose id begins alike",
        "Keep the slash before the star in the policy's resource.",
        other_tenant_refused,
        after=REFUSED,
    ),
    Check("cookies of another partition are refused", TRUST, other_partition_refused, after=REFUSED),
    Check("cookies by an unknown key are refused", TRUST, unknown_key_refused, after=REFUSED),
    Check("cookies by another private key are refused", TRUST, other_private_key_refused, after=REFUSED),
    Check(
        "a missing object is 403, not 404",
        "Do not allow s3:ListBucket to CloudFront, and remove the distribution's custom error responses.",
        missing_object,
        after=(UNHIDDEN, *ARRIVED),
    ),
    Check("an uploaded SVG arrives harmless", HEADERS, harmless_svg, reads=True, after=(HEADED, *ARRIVED)),
    Check("expired cookies are refused", CLOCK, expired_refused, after=REFUSED),
    Check("cookies that are not yet valid are refused", CLOCK, not_yet_valid_refused, after=REFUSED),
    Check("a tampered policy is refused", TRUST, tampered_policy_refused, after=REFUSED),
    Check("a signature that cannot be read is refused", TRUST, unreadable_signature_refused, after=REFUSED),
    Check(
        "a signed URL works, and only for its object",
        TRUST,
        signed_urls,
        reads=True,
        after=(TRUSTED, UNHIDDEN, *ARRIVED),
    ),
    Check(
        "the second read is a cache hit",
        "Check the cache policy of the behavior, and Cache-Control of the objects.",
        cached,
        reads=True,
        after=ARRIVED,
    ),
    Check("a part of an image can be read", ORIGIN, partial_read, reads=True, after=ARRIVED),
    Check(
        "HTTP redirects to HTTPS", "Set the viewer protocol policy to redirect-to-https.", redirected, after=ANSWERED
    ),
    Check(
        "TLS below 1.2 is refused",
        "Set the minimum protocol version of the viewer certificate.",
        old_tls_refused,
        after=ANSWERED,
    ),
    Check(
        "the application may read with credentials, another origin may not",
        HEADERS,
        credentialed_reads,
        reads=True,
        after=(HEADED, *ARRIVED),
    ),
    Check("cookies by the current key work under SHA-256 too", TRUST, sha256_cookies, reads=True, after=ARRIVED),
]
