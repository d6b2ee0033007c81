"""More partitions for the benchmark: copies of a deployed one under other names, by the AWS API.

A deployment of 200 partitions by the product would take most of the benchmark's time. The measured runs fail if they
would change a copy.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

from harness import ROOT, Sandbox

sys.path.insert(0, str(ROOT / "collections"))
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import (
    fingerprint,
    generate,
    public_half,
    secret_text,
)
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import ASPECTS

ASSETS = "assets.arda.cards"
USED = ("acm", "cloudformation", "cloudfront", "iam", "route53", "s3", "secretsmanager")


@dataclass(frozen=True)
class Partition:
    """A partition by its account and its names."""

    account: str
    infrastructure: str
    partition: str


class Cloner:
    """Copies a partition into an infrastructure, whose foundation exists, in an account of its own."""

    def __init__(self, sandbox: Sandbox, original: Partition, account: str, infrastructure: str) -> None:
        self._original, self._account, self._infrastructure = original, account, infrastructure
        numbers = (original.account, account)
        self._from, self._to = ({service: sandbox.client(number, service) for service in USED} for number in numbers)
        self._shared = {**self._foundation(), original.account: account}  # in this order: an ARN has the number

    def _foundation(self) -> dict[str, str]:
        """The ids of the original's zone and certificate, and those that stand for them."""
        pairs = []
        for clients, infrastructure in ((self._from, self._original.infrastructure), (self._to, self._infrastructure)):
            domain = f"{infrastructure.lower()}.{ASSETS}"
            zones = clients["route53"].list_hosted_zones_by_name(DNSName=domain)["HostedZones"]
            certificates = clients["acm"].list_certificates()["CertificateSummaryList"]
            arn = next(one["CertificateArn"] for one in certificates if one["DomainName"] == f"*.{domain}")
            pairs.append((zones[0]["Id"], arn))
        return dict(zip(*pairs, strict=True))

    def copy(self, name: str) -> None:
        """Make a partition of a name."""
        old, new = self._original.infrastructure, self._infrastructure
        partition = self._original.partition
        self._names = {
            f"{old}-{partition}": f"{new}-{name}",
            f"{old.lower()}-{partition}": f"{new.lower()}-{name}",
            f"{partition}.{old.lower()}": f"{name}.{new.lower()}",
            f'"Value": "{partition}"': f'"Value": "{name}"',  # of the tag Partition
            f'"Value": "{old}"': f'"Value": "{new}"',
            **self._shared,
        }
        prefix = f"{old}-{partition}"
        self._bucket(f"{prefix.lower()}-access-logs")
        for role in ("BucketClientRole", "ImagePreSigningRole"):
            self._role(f"{prefix}-{role}")
        self._key(prefix)
        self._delivery(f"{prefix}-images")
        self._bucket(f"{prefix.lower()}-image-asset-bucket")
        self._records(f"{partition}.{old.lower()}.{ASSETS}.")
        self._stack(f"{prefix}-image-upload-exports")

    def _renamed(self, value: Any) -> Any:
        """A value with the names and ids of the copy in the place of those of the original."""
        text = json.dumps(value, default=str)
        for old, new in self._names.items():
            text = text.replace(old, new)
        return json.loads(text)

    def _bucket(self, name: str) -> None:
        found, made = self._from["s3"], self._to["s3"]
        made.create_bucket(Bucket=self._renamed(name), ObjectOwnership="BucketOwnerEnforced")
        for aspect in ASPECTS:
            try:
                value = aspect.value(getattr(found, aspect.get)(Bucket=name))
            except found.exceptions.ClientError:
                continue
            if value:
                getattr(made, aspect.put)(Bucket=self._renamed(name), **aspect.parameters(self._renamed(value)))

    def _role(self, name: str) -> None:
        found, made = self._from["iam"], self._to["iam"]
        role = found.get_role(RoleName=name)["Role"]
        told = {key: role[key] for key in ("Description", "MaxSessionDuration", "Tags") if role.get(key)}
        trust = json.dumps(role["AssumeRolePolicyDocument"])
        made.create_role(**self._renamed({"RoleName": name, "AssumeRolePolicyDocument": trust, **told}))
        for policy in found.list_role_policies(RoleName=name)["PolicyNames"]:
            document = found.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            names = {"RoleName": self._renamed(name), "PolicyName": policy}
            made.put_role_policy(**names, PolicyDocument=json.dumps(self._renamed(document)))

    def _key(self, prefix: str) -> None:
        """The public key with its private key in the secret, and the key group."""
        found, target = self._from["cloudfront"], self._to["cloudfront"]
        groups = [item["KeyGroup"] for item in found.list_key_groups()["KeyGroupList"]["Items"]]
        group = next(one for one in groups if one["KeyGroupConfig"]["Name"] == f"{prefix}-images")
        (old,) = group["KeyGroupConfig"]["Items"]
        config = self._renamed(found.get_public_key(Id=old)["PublicKey"]["PublicKeyConfig"])
        private = generate("ecdsa-p256")
        public = public_half(private)
        new = {"CallerReference": fingerprint(public), "EncodedKey": public, "Name": self._renamed(prefix)}
        made = target.create_public_key(PublicKeyConfig={**config, **new})["PublicKey"]["Id"]
        self._names[old] = made
        copied = target.create_key_group(KeyGroupConfig=self._renamed(group["KeyGroupConfig"]))
        self._names[group["Id"]] = copied["KeyGroup"]["Id"]

        name = f"{prefix}/image-signing-key"
        secret = self._from["secretsmanager"].get_secret_value(SecretId=name)
        described = self._from["secretsmanager"].describe_secret(SecretId=name)
        told = {"Description": described.get("Description", ""), "Tags": described.get("Tags", [])}
        text = secret_text(made, private, "json")
        copy = self._to["secretsmanager"].create_secret(**self._renamed({"Name": name, **told}), SecretString=text)
        self._names[self._renamed(secret["ARN"])] = copy["ARN"]

    def _delivery(self, name: str) -> None:
        """The origin access control, the response headers policy and the distribution."""
        there, here = self._from["cloudfront"], self._to["cloudfront"]
        controls = there.list_origin_access_controls()["OriginAccessControlList"]["Items"]
        control = next(one for one in controls if one["Name"] == name)
        config = {key: value for key, value in control.items() if key != "Id"}
        made = here.create_origin_access_control(OriginAccessControlConfig=self._renamed(config))
        self._names[control["Id"]] = made["OriginAccessControl"]["Id"]

        policies = there.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
        known = [one["ResponseHeadersPolicy"] for one in policies]
        policy = next(one for one in known if one["ResponseHeadersPolicyConfig"]["Name"] == name)
        config = self._renamed(policy["ResponseHeadersPolicyConfig"])
        made = here.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
        self._names[policy["Id"]] = made["ResponseHeadersPolicy"]["Id"]

        host = f"{self._original.partition}.{self._original.infrastructure.lower()}.{ASSETS}"
        listed = there.list_distributions()["DistributionList"]["Items"]
        found = next(one for one in listed if host in one["Aliases"].get("Items", []))
        config = there.get_distribution(Id=found["Id"])["Distribution"]["DistributionConfig"]
        config["CallerReference"] = self._renamed(name)
        tags = there.list_tags_for_resource(Resource=found["ARN"])["Tags"]
        made = here.create_distribution_with_tags(
            DistributionConfigWithTags=self._renamed({"DistributionConfig": config, "Tags": tags})
        )["Distribution"]
        self._names[found["Id"]] = made["Id"]
        self._names[found["DomainName"]] = made["DomainName"]

    def _records(self, name: str) -> None:
        found = self._from["route53"]
        zone = found.list_hosted_zones_by_name(DNSName=name.partition(".")[2])["HostedZones"][0]["Id"]
        records = found.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name)["ResourceRecordSets"]
        changes = [{"Action": "CREATE", "ResourceRecordSet": one} for one in records if one["Name"] == name]
        batch = {"Changes": self._renamed(changes)}
        self._to["route53"].change_resource_record_sets(HostedZoneId=self._renamed(zone), ChangeBatch=batch)

    def _stack(self, name: str) -> None:
        found = self._from["cloudformation"]
        stack = found.describe_stacks(StackName=name)["Stacks"][0]
        body = found.get_template(StackName=name)["TemplateBody"]
        body = body if isinstance(body, str) else json.dumps(body)
        told = {"Tags": stack.get("Tags", []), "EnableTerminationProtection": stack["EnableTerminationProtection"]}
        self._to["cloudformation"].create_stack(**self._renamed({"StackName": name, "TemplateBody": body, **told}))
