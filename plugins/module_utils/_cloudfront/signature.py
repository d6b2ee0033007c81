# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudFront's signed cookies and URLs, made from a private key in memory.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

try:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
except ImportError:
    pass  # the modules report the missing library

_SAFE = str.maketrans("+=/", "-_~")
HASH_ALGORITHMS = ("SHA1", "SHA256")


def encode(data: bytes) -> str:
    """Base64 as CloudFront reads it in a URL or cookie: ``+=/`` written ``-_~``."""
    return base64.b64encode(data).decode().translate(_SAFE)


def custom_policy(resource: str, expires: int, starts: int | None = None, source_ip: str | None = None) -> bytes:
    """A custom policy: one statement over ``resource`` (``*`` and ``?`` are wildcards).

    ``expires`` and ``starts`` are seconds since 1970; ``source_ip`` is an IPv4 address or network.
    """
    condition: dict[str, Any] = {"DateLessThan": {"AWS:EpochTime": expires}}
    if starts is not None:
        condition["DateGreaterThan"] = {"AWS:EpochTime": starts}
    if source_ip is not None:
        condition["IpAddress"] = {"AWS:SourceIp": source_ip}
    document = {"Statement": [{"Resource": resource, "Condition": condition}]}
    return json.dumps(document, separators=(",", ":")).encode()


def canned_policy(url: str, expires: int) -> bytes:
    """The policy that a canned ``Expires`` stands for; CloudFront makes it again byte for byte."""
    return custom_policy(url, expires)


def sign(private_pem: str, data: bytes, hash_algorithm: str = "SHA1") -> bytes:
    """The signature of a policy: PKCS#1 v1.5 by an RSA key, ECDSA by an elliptic one.

    Raises ValueError where the key is neither.
    """
    digest = hashes.SHA256() if hash_algorithm == "SHA256" else hashes.SHA1()
    key = load_pem_private_key(private_pem.encode(), password=None)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(digest))
    raise ValueError("CloudFront signs with RSA and ECDSA keys alone")


def _fields(policy: bytes, private_pem: str, key_pair_id: str, hash_algorithm: str) -> dict[str, str]:
    fields = {
        "Policy": encode(policy),
        "Signature": encode(sign(private_pem, policy, hash_algorithm)),
        "Key-Pair-Id": key_pair_id,
    }
    if hash_algorithm != "SHA1":
        fields["Hash-Algorithm"] = hash_algorithm
    return fields


def signed_cookies(policy: bytes, private_pem: str, key_pair_id: str, hash_algorithm: str = "SHA1") -> dict[str, str]:
    """The cookies that open what ``policy`` names."""
    fields = _fields(policy, private_pem, key_pair_id, hash_algorithm)
    return {f"CloudFront-{name}": value for name, value in fields.items()}


def signed_url(url: str, policy: bytes, private_pem: str, key_pair_id: str, hash_algorithm: str = "SHA1") -> str:
    """A URL that opens what ``policy`` names."""
    fields = _fields(policy, private_pem, key_pair_id, hash_algorithm)
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields, safe='~')}"


def cookie_header(cookies: Mapping[str, str]) -> str:
    """The value of a request's Cookie header."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
