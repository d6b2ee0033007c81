"""Make a signing key as a person with the AWS SDK does: a bare PEM in PKCS#1, and comments that say nothing."""

from __future__ import annotations

import sys

import boto3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def main(secret_name: str, group_name: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    cloudfront = boto3.client("cloudfront")
    config = {"CallerReference": "by-hand", "Name": "by-hand", "EncodedKey": public.decode()}
    key_id = cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
    cloudfront.create_key_group(KeyGroupConfig={"Name": group_name, "Items": [key_id]})
    boto3.client("secretsmanager").create_secret(Name=secret_name, SecretString=private.decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
