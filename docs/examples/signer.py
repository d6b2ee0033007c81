"""Signed cookies for CloudFront that survive every rotation of the signing key.

Two rules make it so. The key pair id and the private key come from one read of the secret, so that they always belong
together. And a copy of them is not used for longer than the operators count on (image_partition_signer_cache_seconds).
"""

import base64
import json
import time

import boto3
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

MAX_AGE = 8 * 3600  # seconds, at most image_partition_signer_cache_seconds


class CookieSigner:
    def __init__(self, secret_id, client=None, max_age=MAX_AGE):
        self._secret_id = secret_id
        self._client = client or boto3.client("secretsmanager")
        self._max_age = max_age
        self._read_at = None

    def cookies(self, host, tenant, lifetime):
        """Cookies that open a tenant's images for so many seconds, image_partition_longest_grant_seconds at most."""
        key_pair_id, private_key = self._key()
        expires = int(time.time()) + lifetime
        statement = {
            "Resource": f"https://{host}/{tenant}/*",
            "Condition": {"DateLessThan": {"AWS:EpochTime": expires}},
        }
        policy = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
        if isinstance(private_key, ec.EllipticCurvePrivateKey):
            signature = private_key.sign(policy, ec.ECDSA(hashes.SHA1()))
        else:
            signature = private_key.sign(policy, padding.PKCS1v15(), hashes.SHA1())
        return {
            "CloudFront-Policy": _encode(policy),
            "CloudFront-Signature": _encode(signature),
            "CloudFront-Key-Pair-Id": key_pair_id,
        }

    def _key(self):
        if self._read_at is None or time.monotonic() - self._read_at > self._max_age:
            document = json.loads(self._client.get_secret_value(SecretId=self._secret_id)["SecretString"])
            private_key = serialization.load_pem_private_key(document["privateKey"].encode(), password=None)
            self._pair = document["keyPairId"], private_key
            self._read_at = time.monotonic()
        return self._pair


def set_cookie_headers(cookies, domain, tenant, lifetime):
    """The values of the Set-Cookie headers; ``domain`` is what the back end's and the CDN's host names have in common.

    The path keeps the cookies of two tenants apart, and from every other host of the domain whose paths differ.
    """
    attributes = f"Domain={domain}; Path=/{tenant}/; Max-Age={lifetime}; Secure; HttpOnly; SameSite=Lax"
    return [f"{name}={value}; {attributes}" for name, value in cookies.items()]


def _encode(data):
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))
