"""What a partition leaves that is no longer in the inventory."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .crowd import TRUST
from .public_keys import P_256

OLD = "Alpha002-old"
SECRET = f"{OLD}/image-signing-key"
TAGS = [{"Key": "ManagedBy", "Value": "arda.image_upload"}]
DOMAIN = "old.assets.arda.cards"


def abandon(client: Callable[[str], Any], bucket: str = "alpha002-old-image-asset-bucket") -> dict[str, str]:
    """Make it, with the boto3 clients of an account; returns the names by kind."""
    cloudfront, s3 = client("cloudfront"), client("s3")
    iam, secrets = client("iam"), client("secretsmanager")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})
    secrets.create_secret(Name=SECRET, SecretString="{}", Tags=TAGS)
    comment = f"Private key in Secrets Manager: {SECRET}"
    ids = []
    for name in ("trusted", "unused"):  # the first is in a key group, which is abandoned too
        config = {"CallerReference": name, "Name": f"{OLD}-{name}", "EncodedKey": P_256, "Comment": comment}
        ids.append(cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"])
    cloudfront.create_key_group(KeyGroupConfig={"Name": f"{OLD}-images", "Items": ids[:1]})
    control = {
        "Name": f"{OLD}-images",
        "Description": f"Reads {bucket}",
        "SigningProtocol": "sigv4",
    }
    control |= {"SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}
    cloudfront.create_origin_access_control(OriginAccessControlConfig=control)
    role = f"{OLD}-ImagePreSigningRole"
    trust = json.dumps(TRUST)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust, Description="Presigns uploads of images to x")
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="PutImages", PolicyDocument=policy)
    handle = {"E": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    template = {"Description": f"Image upload of {OLD}", "Resources": handle}
    stack = f"{OLD}-image-upload-exports"
    client("cloudformation").create_stack(StackName=stack, TemplateBody=json.dumps(template))
    client("acm").request_certificate(DomainName=f"*.{DOMAIN}", ValidationMethod="DNS")
    client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="old")
    return {
        "bucket": bucket,
        "secret": SECRET,
        "public key": f"{OLD}-trusted, {OLD}-unused",
        "key group": f"{OLD}-images",
        "origin access control": f"{OLD}-images",
        "role": role,
        "stack": stack,
        "certificate": f"*.{DOMAIN}",
        "zone": DOMAIN,
    }
