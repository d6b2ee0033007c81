"""Public keys in CloudFront, for tests that need some."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def pem(key: Any) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


RSA_2048 = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
P_256 = pem(ec.generate_private_key(ec.SECP256R1()))


def new_key(cloudfront: Any, name: str, encoded: str = P_256) -> str:
    config = {"CallerReference": f"ref-{name}", "Name": name, "EncodedKey": encoded}
    return cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
