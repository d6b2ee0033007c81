"""CloudFront's public keys and key groups: which keys it takes, its limits, and redeployment."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .. import emulator
from ..deployments import redeploy
from ..distribution_xml import items, parse
from ..http import Response
from . import Call, Proceed, rule

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MAX_PUBLIC_KEYS = 10
MAX_KEY_GROUPS = 10
MAX_KEYS_IN_GROUP = 5


def supported_key(encoded: str) -> bool:
    """Whether CloudFront takes a public key: PEM SubjectPublicKeyInfo, RSA 2048 or ECDSA P-256.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
    """
    try:
        key = load_pem_public_key(encoded.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size == 2048 and "BEGIN PUBLIC KEY" in encoded
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


@rule("cloudfront:CreatePublicKey")
async def create_public_key(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreatePublicKey.html"""
    wanted = parse(call.request.body)
    if not supported_key(wanted.findtext("EncodedKey") or ""):
        return call.refuse("InvalidArgument", "Your request contains invalid public key.")
    own = emulator.owned(emulator.public_keys(), call.account)
    for field, in_words in (("CallerReference", "caller reference"), ("Name", "name")):
        if any(key["Config"][field] == wanted.findtext(field) for key in own):
            # https://github.com/medplum/medplum/issues/5272
            return call.refuse(
                "PublicKeyAlreadyExists",
                f"The {in_words} that you are using to create a CloudFront public key is associated with another "
                "public key in your account.",
                409,
            )
    if len(own) >= MAX_PUBLIC_KEYS:
        return call.refuse("TooManyPublicKeys", "You have reached the maximum number of public keys.")
    return await proceed()


@rule("cloudfront:CreateKeyGroup", "cloudfront:UpdateKeyGroup")
async def key_group_limits(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyGroup.html"""
    keys = items(parse(call.request.body), "Items/PublicKey")
    if len(keys) > MAX_KEYS_IN_GROUP:
        return call.refuse("TooManyPublicKeysInKeyGroup", "The number of public keys exceeds the limit.")
    if len(keys) != len(set(keys)):
        return call.refuse("InvalidArgument", "A public key appears twice in the key group.")
    if (
        call.operation.name == "CreateKeyGroup"
        and len(emulator.owned(emulator.key_groups(), call.account)) >= MAX_KEY_GROUPS
    ):
        return call.refuse("TooManyKeyGroups", "You have reached the maximum number of key groups.")
    return await proceed()


@rule("cloudfront:UpdateKeyGroup")
async def update_key_group(call: Call, proceed: Proceed) -> Response:
    """A change of a key group redeploys the distributions that trust it, each with a new ETag.

    https://github.com/hashicorp/terraform-provider-aws/issues/24033
    https://github.com/hashicorp/terraform-provider-aws/pull/24537
    """
    response = await proceed()
    if response.status == 200:
        redeploy(call.account, call.request.path.split("/")[3], call.settings.delays)
    return response
