# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing keys as values: made, read and compared in memory. Nothing here shows a private key in an error."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    HAS_CRYPTOGRAPHY = True
except ImportError:
    HAS_CRYPTOGRAPHY = False

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

KEY_TYPES = ("rsa-2048", "ecdsa-p256")


@dataclass(frozen=True)
class StoredKey:
    """What one version of the secret holds; ``others`` are fields that are not ours. Its repr shows no secret value."""

    key_pair_id: str | None
    fingerprint: str
    public_pem: str
    private_pem: str = field(repr=False)
    others: dict[str, Any] = field(default_factory=dict, repr=False)


def generate(key_type: str) -> str:
    """A new private key, PEM PKCS#8, of a kind that CloudFront takes.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
    """
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if key_type == "rsa-2048":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def fingerprint(public_pem: str) -> str:
    """The SHA-256 of a public key's DER form, in hexadecimal; the same however its PEM is wrapped.

    Raises ValueError where it is no public key.
    """
    try:
        key = serialization.load_pem_public_key(public_pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a PEM public key") from None
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def public_half(private_pem: str) -> str:
    """The public key of a private one, PEM SubjectPublicKeyInfo with its trailing newline, as CloudFront keeps it.

    Raises ValueError where it is no private key.
    """
    try:
        key = serialization.load_pem_private_key(
            private_pem.encode(), password=None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not an unencrypted PEM private key") from None
    if isinstance(key, rsa.RSAPrivateKey) and not consistent(key.private_numbers()):
        raise ValueError("damaged: its numbers do not belong together")
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def consistent(numbers: rsa.RSAPrivateNumbers) -> bool:
    """Whether the numbers of an RSA key belong together: the check of cryptography, without its tests of primality.

    Those take a thousand times as long. Damage that leaves the modulus ``p * q`` does not change the primes.
    https://www.rfc-editor.org/rfc/rfc8017#section-3.2
    """
    public, p, q, d = numbers.public_numbers, numbers.p, numbers.q, numbers.d
    return (
        p > 1
        and q > 1
        and p * q == public.n
        and d * public.e % (p - 1) == 1
        and d * public.e % (q - 1) == 1
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        and numbers.iqmp * q % p == 1
    )


def stored_key(answer: Mapping[str, Any], where: str) -> StoredKey | None:
    """The key in an answer of GetSecretValue, None where the secret holds no key yet.

    A value that was stored as binary, such as by ``--secret-binary``, is read as text.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html

    Raises AnsibleAWSError naming ``where``, and nothing of the value, where it is no key.
    """
    try:
        text = answer["SecretString"] if "SecretString" in answer else answer["SecretBinary"].decode()
    except UnicodeDecodeError:
        raise AnsibleAWSError(
            message=f"{where} holds binary data, expected text: a PEM private key, or JSON. Nothing was written. "
            "Convert a DER key to PEM (openssl pkey -inform DER), store that as text, then run again."
        ) from None
    return parse_secret(text, where)


def parse_secret(text: str, where: str) -> StoredKey | None:
    """The key in a secret's value, JSON or bare PEM, PKCS#1 or PKCS#8; None where the value holds no key yet.

    Raises AnsibleAWSError naming ``where``, and nothing of the value, where it is neither.
    """
    key_pair_id, private_pem, others = None, text, {}
    if not text.lstrip().startswith("-----BEGIN"):
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise AnsibleAWSError(
                message=f'{where} holds neither a PEM private key nor JSON {{"keyPairId", "privateKey"}}. '
                "Nothing was written. Correct or delete the secret, then run again."
            )
        if document == {}:
            return None
        if "privateKey" not in document:
            raise AnsibleAWSError(
                message=f"{where} holds JSON without the field privateKey. Nothing was written. Store the private key "
                "under that name, or as a bare PEM, or name another secret, then run again."
            )
        key_pair_id, private_pem = document.get("keyPairId") or None, str(document["privateKey"])
        others = {name: value for name, value in document.items() if name not in ("keyPairId", "privateKey")}
    try:
        public_pem = public_half(private_pem)
    except ValueError as error:
        raise AnsibleAWSError(
            message=f"The privateKey in {where} is {error}. Nothing was written. Correct or delete the secret, then "
            "run again."
        ) from None
    return StoredKey(key_pair_id, fingerprint(public_pem), public_pem, private_pem, others)


def secret_text(
    key_pair_id: str | None, private_pem: str, secret_format: str, others: dict[str, Any] | None = None
) -> str:
    """The value of the secret: key pair id and private key together with what else it held, or the bare PEM."""
    if secret_format == "pem":
        return private_pem
    document = {"keyPairId": key_pair_id} if key_pair_id else {}
    return json.dumps({**document, "privateKey": private_pem, **(others or {})})
