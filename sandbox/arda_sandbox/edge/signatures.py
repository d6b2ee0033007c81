"""Signed cookies and signed URLs, enforced as CloudFront documents them. Pure: a request and keys in, a verdict out.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .wildcard import matches

#: The query parameters that carry a signature; they are not sent on to the origin.
URL_PARAMETERS = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")
_HASHES = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}
_UNSAFE = str.maketrans("-_~", "+=/")
MAX_POLICY = 4096


class RefusedError(Exception):
    """A refusal with CloudFront's code and message."""

    def __init__(self, code: str = "AccessDenied", message: str = "Access denied") -> None:
        super().__init__(message)
        self.code, self.message = code, message


MISSING_KEY = ("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
INVALID_KEY = ("InvalidKey", "Unknown Key")
MALFORMED_SIGNATURE = ("MalformedSignature", "Could not unencode Signature")
MALFORMED_POLICY = ("MalformedPolicy", "Malformed Policy")


@dataclass(frozen=True)
class Statement:
    """The one statement of a policy."""

    resource: str
    less_than: int
    greater_than: int | None = None
    network: str | None = None


def authorize(url: str, fields: Mapping[str, str], keys: Mapping[str, str], now: float, address: str) -> None:
    """Let a request pass, or raise RefusedError.

    ``url`` is the viewer's URL without the signature's parameters, ``fields`` those parameters by their URL names (from
    the URL or the cookies), ``keys`` the PEM public keys that the behavior trusts by key pair id.
    """
    if not fields.get("Key-Pair-Id"):
        raise RefusedError(*MISSING_KEY)
    public_pem = keys.get(fields["Key-Pair-Id"])
    if public_pem is None:
        raise RefusedError(*INVALID_KEY)
    algorithm = _HASHES.get(fields.get("Hash-Algorithm", "SHA1"))
    if algorithm is None or not fields.get("Signature"):
        raise RefusedError
    signature = _decode(fields["Signature"], MALFORMED_SIGNATURE)
    if fields.get("Policy"):
        signed = _decode(fields["Policy"], MALFORMED_POLICY)
        statement = parse_policy(signed)
    elif fields.get("Expires"):
        signed, statement = canned_policy(url, fields["Expires"])
    else:
        raise RefusedError
    if not verifies(public_pem, signature, signed, algorithm()):
        raise RefusedError
    if not permits(statement, url, now, address):
        raise RefusedError


def _decode(text: str, refusal: tuple[str, str]) -> bytes:
    """Base64 with ``+=/`` written ``-_~``; strict, for what cannot be read must not pass as something else."""
    if not re.fullmatch(r"[A-Za-z0-9\-_~]+", text) or len(text) > 2 * MAX_POLICY:
        raise RefusedError(*refusal)
    try:
        return base64.b64decode(text.translate(_UNSAFE), validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(*refusal) from None


def canned_policy(url: str, expires: str) -> tuple[bytes, Statement]:
    """The policy that an ``Expires`` stands for, byte for byte as the signer signed it.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
    """
    if not re.fullmatch(r"[0-9]{1,12}", expires):
        raise RefusedError(*MALFORMED_POLICY)
    document = f'{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}'
    return document.encode(), Statement(re.sub(r"([*?\\])", r"\\\1", url), int(expires))


def parse_policy(text: bytes) -> Statement:
    """The statement of a custom policy.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
    """
    try:
        document = json.loads(text)
        (statement,) = document["Statement"]
        conditions = dict(statement["Condition"])
        found = Statement(
            resource=_typed(statement["Resource"], str),
            less_than=_typed(conditions.pop("DateLessThan")["AWS:EpochTime"], int),
            greater_than=_optional(conditions.pop("DateGreaterThan", None), "AWS:EpochTime", int),
            network=_optional(conditions.pop("IpAddress", None), "AWS:SourceIp", str),
        )
        if found.network is not None:
            ipaddress.IPv4Network(found.network, strict=False)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RefusedError(*MALFORMED_POLICY) from None
    if (
        conditions
        or set(document) - {"Statement", "Version", "Id"}
        or set(statement) - {"Resource", "Condition", "Sid"}
    ):
        raise RefusedError(*MALFORMED_POLICY)
    return found


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError
    return value


def _optional(value: Any, name: str, kind: type) -> Any:
    return None if value is None else _typed(value[name], kind)


def verifies(public_pem: str, signature: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    """Whether a signature, PKCS#1 v1.5 or ECDSA, is the key's."""
    try:
        key = load_pem_public_key(public_pem.encode())
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def permits(statement: Statement, url: str, now: float, address: str) -> bool:
    """Whether a statement covers this URL, this moment and this viewer."""
    if not matches(statement.resource, url):
        return False
    if now >= statement.less_than:
        return False
    if statement.greater_than is not None and now <= statement.greater_than:
        return False
    if statement.network is None:
        return True
    try:
        return ipaddress.IPv4Address(address) in ipaddress.IPv4Network(statement.network, strict=False)
    except ValueError:
        return False
