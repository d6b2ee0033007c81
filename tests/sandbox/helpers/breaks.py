"""What can break a partition, from the outside in: each with the layer of the cause, and a word of the evidence."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dns import resolver

from .drifts import DRIFTS, STACK, ZONE
from .partition import BUCKET, LOGS, SECRET, Partition
from .sandbox import ROOT_SECRET, ROOT_USER

CLIENT_ROLE = "Alpha002-dev-BucketClientRole"
OPERATOR = "Alpha002-ImageUploadOperator"
ROOT_ZONE = "assets.arda.cards"


@dataclass(frozen=True)
class Break:
    """A change that breaks the partition. It may return options of ansible-playbook for the diagnosis."""

    name: str
    layer: str
    evidence: str
    change: Callable[[Partition], Any]


def connection(p: Partition, **changed: str) -> list[str]:
    """Other credentials of the account, as an extra variable."""
    own = {"access_key": "139852620346", "secret_key": ROOT_SECRET, "endpoint_url": p.sandbox.endpoint}
    options = {"region": "us-east-1", "session_token": "", "profile": "", **own, **changed}
    return [*ROOT_USER, "-e", json.dumps({"aws_connection": options})]


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def permission_lost(p: Partition) -> list[str]:
    statement = {"Effect": "Deny", "Action": "s3:PutBucketPolicy", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    p.client("iam").put_role_policy(RoleName=OPERATOR, PolicyName="Less", PolicyDocument=document)
    return ["-e", "diagnose_role=Deployer"]


def delegation_role_closed(p: Partition) -> None:
    iam = p.client("iam", "root")
    document = iam.get_role(RoleName="AllowCreatingNSRecordsRole")["Role"]["AssumeRolePolicyDocument"]
    document["Statement"] = [{**document["Statement"][0], "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}]
    iam.update_assume_role_policy(RoleName="AllowCreatingNSRecordsRole", PolicyDocument=json.dumps(document))


def zone_id(p: Partition, name: str, account: str) -> str:
    found = p.client("route53", account).list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    return next(zone["Id"] for zone in found if zone["Name"] == f"{name}.")


def zone_gone(p: Partition, name: str, account: str) -> None:
    route53, identifier = p.client("route53", account), zone_id(p, name, account)
    for record in route53.list_resource_record_sets(HostedZoneId=identifier)["ResourceRecordSets"]:
        if record["Name"] != f"{name}." or record["Type"] not in ("NS", "SOA"):
            batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
            route53.change_resource_record_sets(HostedZoneId=identifier, ChangeBatch=batch)
    route53.delete_hosted_zone(Id=identifier)


def twin(p: Partition, name: str, account: str) -> None:
    p.client("route53", account).create_hosted_zone(Name=name, CallerReference=f"twin of {name}")


def zone_made_anew(p: Partition) -> None:
    zone_gone(p, ZONE, "alpha002")
    twin(p, ZONE, "alpha002")


def caa(p: Partition, name: str, account: str) -> None:
    record = {"Name": name, "Type": "CAA", "TTL": 60, "ResourceRecords": [{"Value": '0 issue "letsencrypt.org"'}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    p.client("route53", account).change_resource_record_sets(HostedZoneId=zone_id(p, name, account), ChangeBatch=batch)


def resolver_remembers(p: Partition) -> None:
    """The delegation was not there when the resolver was asked, and is there now."""
    p.sandbox.control("delays", document={"negative_cache": 600})
    restore = p.change_record(ROOT_ZONE, "root", ZONE, "NS", [])
    asked = resolver.Resolver(configure=False)
    asked.nameservers, asked.port = ["127.0.0.1"], int(p.sandbox.environment["ARDA_SANDBOX_DNS_PORT"])
    with contextlib.suppress(resolver.NXDOMAIN, resolver.NoAnswer):
        asked.resolve(ZONE, "NS")
    restore()


def stacks_gone(*names: str, account: str = "alpha002") -> Callable[[Partition], None]:
    def change(p: Partition) -> None:
        for name in names:
            p.client("cloudformation", account).delete_stack(StackName=name)

    return change


def export_taken(p: Partition) -> None:
    """Somebody else's stack has published one of the names."""
    stacks_gone(STACK)(p)
    value = {"Value": "x", "Export": {"Name": "Alpha002-dev-API-ImageCdnDomainName"}}
    resources = {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    body = json.dumps({"Resources": resources, "Outputs": {"X": value}})
    p.client("cloudformation").create_stack(StackName="Somebody", TemplateBody=body)


def client_role_gone(p: Partition) -> None:
    iam = p.client("iam")
    for name in iam.list_role_policies(RoleName=CLIENT_ROLE)["PolicyNames"]:
        iam.delete_role_policy(RoleName=CLIENT_ROLE, PolicyName=name)
    iam.delete_role(RoleName=CLIENT_ROLE)


def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*encoding).decode()


def key_by_hand(p: Partition, *stages: str) -> None:
    """Another private key in the secret, under these stages."""
    secrets = p.client("secretsmanager")
    document = json.loads(secrets.get_secret_value(SecretId=SECRET)["SecretString"])
    secrets.put_secret_value(
        SecretId=SECRET,
        SecretString=json.dumps({**document, "privateKey": private_key()}),
        VersionStages=list(stages),
    )


def key_out_of_group(p: Partition) -> None:
    cloudfront = p.client("cloudfront")
    (group,) = cloudfront.list_key_groups()["KeyGroupList"]["Items"]
    answer = cloudfront.get_key_group(Id=group["KeyGroup"]["Id"])
    config = answer["KeyGroup"]["KeyGroupConfig"]
    other = p.client("cloudfront").create_public_key(
        PublicKeyConfig={"CallerReference": "other", "Name": "other", "EncodedKey": public_of(private_key())}
    )["PublicKey"]["Id"]
    update = {**config, "Items": [other]}
    cloudfront.update_key_group(Id=group["KeyGroup"]["Id"], IfMatch=answer["ETag"], KeyGroupConfig=update)


def public_of(private: str) -> str:
    key = serialization.load_pem_private_key(private.encode(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def deploying(p: Partition) -> None:
    p.sandbox.control("delays", document={"deploy": 600})
    p.change_distribution(lambda config: config.update(Comment="by hand"))


def blocked(p: Partition) -> None:
    item = {"ErrorCode": 403, "ResponseCode": "200", "ResponsePagePath": "/none", "ErrorCachingMinTTL": 0}
    p.change_distribution(lambda c: c.update(CustomErrorResponses={"Quantity": 1, "Items": [item]}))


def drift(name: str, layer: str, evidence: str) -> Break:
    """One of the changes by hand that a drift names."""
    return Break(name, layer, evidence, next(one.change for one in DRIFTS if one.name == name))


WRONG_SERVERS = ["ns-0.awsdns-00.com.", "ns-1.awsdns-00.net."]
#: From the outside in: the cause of two breaks is the first of them.
BREAKS = [
    Break("clock", "clock", "clock of this machine", lambda p: p.sandbox.control("clock", document=1200)),
    Break("clock ahead", "clock", "clock of this machine", lambda p: p.sandbox.control("clock", document=-1200)),
    Break("unknown key", "credentials", "access key", lambda p: connection(p, access_key="AKIAIOSFODNN7EXAMPLE")),
    Break("wrong secret", "credentials", "does not belong", lambda p: connection(p, secret_key="no-such-secret-key")),
    Break("other account", "credentials", "Wrong AWS account", lambda p: connection(p, access_key="009765408297")),
    Break(
        "no such role",
        "credentials",
        "AWS refuses it",
        lambda p: ["-e", "aws_role_arn=arn:aws:iam::139852620346:role/nobody"],
    ),
    Break(
        "no such profile",
        "credentials",
        "profile does not exist",
        lambda p: connection(p, access_key="", secret_key="", profile="nobody"),
    ),
    Break(
        "nothing listens",
        "credentials",
        "nothing answers",
        lambda p: connection(p, endpoint_url=f"http://127.0.0.1:{closed_port()}"),
    ),
    Break("permission", "permissions", "s3:PutBucketPolicy", permission_lost),
    Break("delegation role", "delegation role", "AccessDenied", delegation_role_closed),
    Break("root zone gone", "root zone", "0", lambda p: zone_gone(p, ROOT_ZONE, "root")),
    Break("root zone twice", "root zone", "2", lambda p: twin(p, ROOT_ZONE, "root")),
    Break("root stack gone", "root stack", "no stack", stacks_gone("arda-assets-zone", account="root")),
    Break(
        "parent without NS",
        "parent",
        "no NS record",
        lambda p: p.sandbox.control("parent", document={ROOT_ZONE: []}),
    ),
    Break(
        "parent with other NS",
        "parent",
        "ns-0.awsdns-00.com",
        lambda p: p.sandbox.control("parent", document={ROOT_ZONE: WRONG_SERVERS}),
    ),
    Break("zone gone", "zone", "0", lambda p: zone_gone(p, ZONE, "alpha002")),
    Break("zone twice", "zone", "2", lambda p: twin(p, ZONE, "alpha002")),
    Break("zone made anew", "delegation", "awsdns", zone_made_anew),
    Break(
        "delegation gone", "delegation", "no NS record", lambda p: p.change_record(ROOT_ZONE, "root", ZONE, "NS", [])
    ),
    Break(
        "delegation wrong",
        "delegation",
        "ns-0.awsdns-00.com",
        lambda p: p.change_record(ROOT_ZONE, "root", ZONE, "NS", WRONG_SERVERS),
    ),
    Break("negative cache", "resolver", "NXDOMAIN", resolver_remembers),
    Break("CAA in the zone", "CAA", "letsencrypt.org", lambda p: caa(p, ZONE, "alpha002")),
    Break("CAA in the root zone", "CAA", "letsencrypt.org", lambda p: caa(p, ROOT_ZONE, "root")),
    drift("validation record gone", "validation record", "no CNAME record"),
    drift("foundation exports gone", "foundation exports", "no stack"),
    Break("client role gone", "platform", "NoSuchEntity", client_role_gone),
    Break(
        "log bucket closed",
        "platform",
        "NoSuchBucketPolicy",
        lambda p: p.client("s3").delete_bucket_policy(Bucket=LOGS),
    ),
    Break("log bucket gone", "platform", "NoSuchBucket", lambda p: p.client("s3").delete_bucket(Bucket=LOGS)),
    Break("bucket gone", "bucket", "missing", lambda p: p.client("s3").delete_bucket(Bucket=BUCKET)),
    drift("bucket no policy", "bucket", "policy"),
    drift("bucket statement gone", "bucket", "TlsOnly"),
    drift("bucket statement", "bucket", "More"),
    drift("bucket versioning", "bucket", "versioning"),
    drift("bucket no cors", "bucket", "cors_rules"),
    drift("bucket public", "bucket", "BlockPublicPolicy"),
    drift("bucket no logging", "bucket", "logging"),
    drift("role gone", "presigning role", "missing"),
    drift("role trust", "presigning role", "trust_policy"),
    drift("role policy", "presigning role", "PutImages"),
    drift("role managed policy", "presigning role", "managed_policies"),
    Break(
        "secret deleted",
        "signing key",
        "deleted",
        lambda p: p.client("secretsmanager").delete_secret(SecretId=SECRET),
    ),
    Break("key by hand", "signing key", "not registered", lambda p: key_by_hand(p, "AWSCURRENT")),
    Break("key out of group", "signing key", "does not trust", key_out_of_group),
    Break("rotation half done", "signing key", "AWSPENDING", lambda p: key_by_hand(p, "AWSPENDING")),
    drift("access control", "access control", "signing_behavior"),
    drift("headers policy", "headers policy", "cors_config"),
    drift("distribution disabled", "distribution", "enabled"),
    drift("distribution key groups", "distribution", "trusted_key_groups"),
    drift("distribution signer", "distribution", "trusted_signers"),
    drift("distribution origin access control", "distribution", "origin_access_control_id"),
    drift("distribution tls", "distribution", "minimum_protocol_version"),
    Break("errors hidden", "distribution", "custom_error_responses", blocked),
    drift("record A", "alias records", "missing"),
    drift("alias record", "alias records", "alias_target"),
    drift("exports gone", "exports", "no stack"),
    Break("export of somebody", "exports", "no stack", export_taken),
    Break("deploying", "edge", "InProgress", deploying),
]
#: Two breaks at once, of which the first is upstream; the credentials alone would hide what they cannot read.
PAIRS = list(zip(BREAKS[8:48:2], BREAKS[-20:], strict=False))
