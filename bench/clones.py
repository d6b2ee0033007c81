"""More partitions for the benchmark: copies of a deployed one under other names, by the AWS API.

A deployment of 200 partitions by the product would take most of the benchmark's time. What a copy lacks is deployed by
the run that is made before the measured ones.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3
from harness import ROOT

sys.path.insert(0, str(ROOT / "collections"))
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import ASPECTS


class Cloner:
    """Copies the partition of a name in an account."""

    def __init__(self, endpoint: str, secret: str, account: str, infrastructure: str, partition: str) -> None:
        self._endpoint, self._secret, self._account = endpoint, secret, account
        self._infrastructure, self._partition = infrastructure, partition
        self._clients: dict[str, Any] = {}

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                region_name="us-east-1",
                endpoint_url=self._endpoint,
                aws_access_key_id=self._account,
                aws_secret_access_key=self._secret,
            )
        return self._clients[service]

    def copy(self, name: str) -> None:
        """Make a partition of another name."""
        self._names = {
            f"{self._infrastructure}-{self._partition}": f"{self._infrastructure}-{name}",
            f"{self._infrastructure.lower()}-{self._partition}": f"{self._infrastructure.lower()}-{name}",
            f"{self._partition}.{self._infrastructure.lower()}": f"{name}.{self._infrastructure.lower()}",
        }
        prefix = f"{self._infrastructure}-{self._partition}"
        self._bucket(f"{prefix.lower()}-access-logs")
        for role in ("BucketClientRole", "ImagePreSigningRole"):
            self._role(f"{prefix}-{role}")
        self._key(prefix)
        self._delivery(f"{prefix}-images")
        self._bucket(f"{prefix.lower()}-image-asset-bucket")
        self._records(f"{self._partition}.{self._infrastructure.lower()}.assets.arda.cards.")
        self._stack(f"{prefix}-image-upload-exports")

    def _renamed(self, value: Any) -> Any:
        """A value with the names and ids of the copy in the place of those of the original."""
        text = json.dumps(value, default=str)
        for old, new in self._names.items():
            text = text.replace(old, new)
        return json.loads(text)

    def _bucket(self, name: str) -> None:
        s3 = self._client("s3")
        s3.create_bucket(Bucket=self._renamed(name), ObjectOwnership="BucketOwnerEnforced")
        for aspect in ASPECTS:
            try:
                value = aspect.value(getattr(s3, aspect.get)(Bucket=name))
            except s3.exceptions.ClientError:
                continue
            if value:
                getattr(s3, aspect.put)(Bucket=self._renamed(name), **aspect.parameters(self._renamed(value)))

    def _role(self, name: str) -> None:
        iam = self._client("iam")
        role = iam.get_role(RoleName=name)["Role"]
        told = {key: role[key] for key in ("Description", "MaxSessionDuration", "Tags") if role.get(key)}
        trust = json.dumps(role["AssumeRolePolicyDocument"])
        iam.create_role(**self._renamed({"RoleName": name, "AssumeRolePolicyDocument": trust, **told}))
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            names = {"RoleName": self._renamed(name), "PolicyName": policy}
            iam.put_role_policy(**names, PolicyDocument=json.dumps(self._renamed(document)))

    def _key(self, prefix: str) -> None:
        """The public key with its private key in the secret, and the key group."""
        cloudfront, secrets = self._client("cloudfront"), self._client("secretsmanager")
        name = f"{prefix}/image-signing-key"
        secret = secrets.get_secret_value(SecretId=name)
        described = secrets.describe_secret(SecretId=name)
        old = json.loads(secret["SecretString"])["key_pair_id"]
        config = cloudfront.get_public_key(Id=old)["PublicKey"]["PublicKeyConfig"]
        made = cloudfront.create_public_key(PublicKeyConfig=self._renamed(config))["PublicKey"]["Id"]
        self._names[old] = made
        told = {"Description": described.get("Description", ""), "Tags": described.get("Tags", [])}
        copy = secrets.create_secret(**self._renamed({"Name": name, "SecretString": secret["SecretString"], **told}))
        self._names[self._renamed(secret["ARN"])] = copy["ARN"]
        groups = cloudfront.list_key_groups()["KeyGroupList"]["Items"]
        group = next(g["KeyGroup"] for g in groups if g["KeyGroup"]["KeyGroupConfig"]["Name"] == f"{prefix}-images")
        made = cloudfront.create_key_group(KeyGroupConfig=self._renamed(group["KeyGroupConfig"]))
        self._names[group["Id"]] = made["KeyGroup"]["Id"]

    def _delivery(self, name: str) -> None:
        """The origin access control, the response headers policy and the distribution."""
        cloudfront = self._client("cloudfront")
        controls = cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]
        control = next(one for one in controls if one["Name"] == name)
        config = {key: value for key, value in control.items() if key != "Id"}
        made = cloudfront.create_origin_access_control(OriginAccessControlConfig=self._renamed(config))
        self._names[control["Id"]] = made["OriginAccessControl"]["Id"]

        policies = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
        known = [one["ResponseHeadersPolicy"] for one in policies]
        policy = next(one for one in known if one["ResponseHeadersPolicyConfig"]["Name"] == name)
        config = self._renamed(policy["ResponseHeadersPolicyConfig"])
        made = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
        self._names[policy["Id"]] = made["ResponseHeadersPolicy"]["Id"]

        host = f"{self._partition}.{self._infrastructure.lower()}.assets.arda.cards"
        listed = cloudfront.list_distributions()["DistributionList"]["Items"]
        found = next(one for one in listed if host in one["Aliases"].get("Items", []))
        config = cloudfront.get_distribution(Id=found["Id"])["Distribution"]["DistributionConfig"]
        tags = cloudfront.list_tags_for_resource(Resource=found["ARN"])["Tags"]
        made = cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags=self._renamed({"DistributionConfig": config, "Tags": tags})
        )["Distribution"]
        self._names[found["Id"]] = made["Id"]
        self._names[found["DomainName"]] = made["DomainName"]

    def _records(self, name: str) -> None:
        route53 = self._client("route53")
        zone = route53.list_hosted_zones_by_name(DNSName=name.partition(".")[2])["HostedZones"][0]["Id"]
        records = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name)["ResourceRecordSets"]
        changes = [{"Action": "CREATE", "ResourceRecordSet": one} for one in records if one["Name"] == name]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": self._renamed(changes)})

    def _stack(self, name: str) -> None:
        cloudformation = self._client("cloudformation")
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        body = cloudformation.get_template(StackName=name)["TemplateBody"]
        body = body if isinstance(body, str) else json.dumps(body)
        told = {"Tags": stack.get("Tags", []), "EnableTerminationProtection": stack["EnableTerminationProtection"]}
        cloudformation.create_stack(**self._renamed({"StackName": name, "TemplateBody": body, **told}))
