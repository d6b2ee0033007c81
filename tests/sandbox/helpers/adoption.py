"""A partition that other means have made, under names of its own."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .distributions import small_distribution
from .inventory import exports
from .partition import HOST
from .public_keys import new_key, pem
from .sandbox import ACCOUNTS, Sandbox
from .viewers import KEY

BUCKET, GROUP, SECRET, ROLE = "alpha002-legacy-images", "legacy-readers", "legacy/alpha002/dev", "LegacyPresigner"
CLIENT = f"arn:aws:iam::{ACCOUNTS['alpha002']}:role/Alpha002-dev-BucketClientRole"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": CLIENT}, "Action": "sts:AssumeRole"}],
}
IMAGES = 20


def allow_other_names(sandbox: Sandbox) -> None:
    """What docs/iam says about names of one's own: their ARNs are added, here by a policy of the operator's role."""
    account = ACCOUNTS["alpha002"]
    resources = {
        "s3:*": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        "iam:*": [f"arn:aws:iam::{account}:role/{ROLE}"],
        "sts:AssumeRole": [f"arn:aws:iam::{account}:role/{ROLE}"],
        "secretsmanager:*": [f"arn:aws:secretsmanager:*:{account}:secret:{SECRET}*"],
        "cloudformation:*": [f"arn:aws:cloudformation:*:{account}:stack/OldImages/*"],
    }
    statements = [{"Effect": "Allow", "Action": action, "Resource": arns} for action, arns in resources.items()]
    sandbox.client("alpha002", "iam").put_role_policy(
        RoleName="Alpha002-ImageUploadOperator",
        PolicyName="NamesOfOurOwn",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )


def put_images(sandbox: Sandbox, bucket: str) -> None:
    s3 = sandbox.client("alpha002", "s3")
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"image", ContentType="image/jpeg")
    for number in range(1, IMAGES):
        s3.put_object(Bucket=bucket, Key=f"tenant/images/{number}.jpg", Body=b"image")


def legacy(sandbox: Sandbox) -> str:
    """Make a partition as a person with the AWS SDK does, under other names; returns the id of its distribution."""
    client = sandbox.client
    s3, cloudfront, iam = client("alpha002", "s3"), client("alpha002", "cloudfront"), client("alpha002", "iam")
    s3.create_bucket(Bucket=BUCKET)
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_id = new_key(cloudfront, "legacy", pem(private))
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    secret = json.dumps({"keyPairId": key_id, "privateKey": text})
    client("alpha002", "secretsmanager").create_secret(Name=SECRET, SecretString=secret)
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": GROUP, "Items": [key_id]})["KeyGroup"]["Id"]
    control = {"Name": "legacy-oac", "OriginAccessControlOriginType": "s3", "SigningBehavior": "always"}
    oac = cloudfront.create_origin_access_control(OriginAccessControlConfig={**control, "SigningProtocol": "sigv4"})[
        "OriginAccessControl"
    ]["Id"]
    certificate = exports(sandbox, "alpha002")["Alpha002-I-AssetsCertificateArn"]
    config = small_distribution(
        "legacy",
        HOST,
        origin={"Id": "old", "DomainName": f"{BUCKET}.s3.amazonaws.com", "OriginAccessControlId": oac},
        behavior={"TargetOriginId": "old", "TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": [group]}},
        ViewerCertificate={
            "ACMCertificateArn": certificate,
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2018",
        },
    )
    created = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    read = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject"}
    read |= {"Resource": f"arn:aws:s3:::{BUCKET}/*", "Condition": {"StringEquals": {"AWS:SourceArn": created["ARN"]}}}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [read]}))
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    put_images(sandbox, BUCKET)
    cloudfront.get_waiter("distribution_deployed").wait(Id=created["Id"], WaiterConfig={"Delay": 1})
    return created["Id"]
