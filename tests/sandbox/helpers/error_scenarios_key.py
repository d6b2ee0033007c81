"""What AWS answers to the modules of the signing key."""

from __future__ import annotations

from .error_scenarios import DENIED, Step, made_before, refused

QUICK = {"wait_timeout": 1}
SCENARIOS: dict[str, list[Step]] = {
    "signing_key": [
        Step(refused("secretsmanager:CreateSecret", DENIED), fails="Failed to create secret"),
        Step(refused("secretsmanager:PutSecretValue", DENIED), fails="Failed to put secret value"),
        Step(refused("secretsmanager:PutSecretValue", "ResourceExistsException"), fails="too many abandoned keys"),
        Step(refused("cloudfront:CreatePublicKey", "TooManyPublicKeys"), fails="limit of CloudFront public keys"),
        Step(refused("cloudfront:CreatePublicKey", "PublicKeyAlreadyExists"), QUICK, "Another run is at work"),
        Step(refused("cloudfront:CreatePublicKey", "PublicKeyAlreadyExists", 1)),
        Step(refused("secretsmanager:GetSecretValue", "InvalidRequestException", 1)),
        Step(refused("secretsmanager:GetSecretValue", "InvalidRequestException"), fails="Failed to get secret value"),
        Step(refused("secretsmanager:GetSecretValue", "DecryptionFailure"), fails="Failed to get secret value"),
        Step(refused("secretsmanager:PutSecretValue", "ResourceExistsException", 1), {"state": "rotated"}),
        Step(made_before("secretsmanager:PutSecretValue", "ResourceExistsException", 1), {"state": "rotated"}),
        Step(
            None,
            {"state": "rotated", "wait": False}
            | {"proof": {"url": "https://nowhere.example/", "connect_https": "127.0.0.1:1"}},
        ),
        Step(),  # it finishes the rotation
        Step(refused("cloudfront:DeletePublicKey", "PublicKeyInUse", 1, status=409), {"retire_after": 0}),
        Step(None, {"state": "rotated"}),
        Step(
            refused("cloudfront:DeletePublicKey", "PublicKeyInUse", status=409),
            {"retire_after": 0, **QUICK},
            "Another key group or a field-level encryption profile holds the public key",
        ),
        Step(refused("cloudfront:ListDistributions", DENIED), {"state": "rotated"}, "Failed to list distributions"),
        Step(refused("cloudfront:GetKeyGroup", "NoSuchResource", 1, status=404), {"state": "absent"}),
        Step(),
        Step(refused("cloudfront:GetPublicKey", "NoSuchPublicKey", 1, status=404), {"state": "absent"}),
    ],
    "key_info": [Step(refused("cloudfront:ListPublicKeys", DENIED), fails="Failed to list public keys")],
    "signed_url": [Step(None, fails="Failed to get secret value")],
}
