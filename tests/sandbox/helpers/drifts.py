"""Changes by hand of the partition Alpha002/dev, each with the resources and fields that it makes differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .partition import BUCKET, HOST, ROLE, SECRET, Partition

NAME = "Alpha002-dev-images"
STACK = "Alpha002-dev-image-upload-exports"
ZONE = "alpha002.assets.arda.cards"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
Fields = dict[tuple[str, str], set[str]]


@dataclass(frozen=True)
class Drift:
    """A change by hand. Fields are those of resources that exist; a resource that is gone has none."""

    name: str
    change: Callable[[Partition], object]
    fields: Fields
    gone: tuple[tuple[str, str], ...] = ()


def of_the_distribution(name: str, path: str, change: Callable[[dict[str, Any]], Any]) -> Drift:
    fields = {("distribution", HOST): {f"config.{path}"}}
    return Drift(f"distribution {name}", lambda p: p.change_distribution(change), fields)


def behavior(config: dict[str, Any]) -> dict[str, Any]:
    return config["DefaultCacheBehavior"]


def trust_signer(config: dict[str, Any]) -> None:
    behavior(config)["TrustedSigners"] = {"Enabled": True, "Quantity": 1, "Items": ["self"]}


def of_the_bucket(name: str, fields: set[str], change: Callable[[Any], Any]) -> Drift:
    return Drift(f"bucket {name}", lambda p: change(p.client("s3")), {("bucket", BUCKET): fields})


def cors(s3: Any) -> None:
    rules = s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"]
    rules.append({"AllowedMethods": ["GET"], "AllowedOrigins": ["https://evil.example"]})
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": rules})


def log_prefix(s3: Any) -> None:
    logging = s3.get_bucket_logging(Bucket=BUCKET)["LoggingEnabled"]
    s3.put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus={"LoggingEnabled": {**logging, "TargetPrefix": "x/"}})


def public(s3: Any) -> None:
    block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={**block, "BlockPublicPolicy": False})


def bucket_tags(s3: Any) -> None:
    tags = s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [*tags, {"Key": "owner", "Value": "me"}]})


def expire(s3: Any) -> None:
    rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    rules.append({"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}})
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": rules})


def statement(p: Partition) -> object:
    more = {"Sid": "More", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::139852620346:root"}}
    more |= {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    return p.change_policy(lambda statements: statements.append(more))


def of_the_role(name: str, fields: set[str], change: Callable[[Any], Any]) -> Drift:
    return Drift(f"role {name}", lambda p: change(p.client("iam")), {("role", ROLE): fields})


def trust(iam: Any) -> None:
    document = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    document["Statement"][0]["Principal"] = {"AWS": "139852620346"}
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(document))


def inline(name: str) -> Callable[[Any], None]:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return lambda iam: iam.put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=document)


def of_a_record(kind: str, change: Callable[[Partition], object]) -> Drift:
    return Drift(f"record {kind}", change, {}, (("record", f"{kind} {HOST}"),))


def alias_elsewhere(p: Partition) -> None:
    route53 = p.client("route53")
    zone = route53.list_hosted_zones_by_name(DNSName=ZONE)["HostedZones"][0]["Id"]
    target = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d111.cloudfront.net", "EvaluateTargetHealth": False}
    record = {"Name": HOST, "Type": "A", "AliasTarget": target}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def tag_distribution(p: Partition) -> None:
    cloudfront = p.client("cloudfront")
    arn = cloudfront.get_distribution(Id=p.distribution_id)["Distribution"]["ARN"]
    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "owner", "Value": "me"}]})


def tag_secret(p: Partition) -> None:
    p.client("secretsmanager").tag_resource(SecretId=SECRET, Tags=[{"Key": "owner", "Value": "me"}])


def access_control(p: Partition) -> None:
    cloudfront = p.client("cloudfront")
    items = cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]
    found = next(item for item in items if item["Name"] == NAME)
    answer = cloudfront.get_origin_access_control(Id=found["Id"])
    config = {**answer["OriginAccessControl"]["OriginAccessControlConfig"], "SigningBehavior": "never"}
    cloudfront.update_origin_access_control(Id=found["Id"], IfMatch=answer["ETag"], OriginAccessControlConfig=config)


def headers_policy(p: Partition) -> None:
    cloudfront = p.client("cloudfront")
    items = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
    found = next(item["ResponseHeadersPolicy"] for item in items)
    answer = cloudfront.get_response_headers_policy(Id=found["Id"])
    config = answer["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
    config["CorsConfig"]["AccessControlAllowOrigins"]["Items"] = ["https://evil.example"]
    cloudfront.update_response_headers_policy(
        Id=found["Id"], IfMatch=answer["ETag"], ResponseHeadersPolicyConfig=config
    )


def delegation(p: Partition) -> object:
    return p.change_record("assets.arda.cards", "root", ZONE, "NS", ["ns-0.awsdns-00.com."])


def zone_tag(p: Partition) -> None:
    route53 = p.client("route53")
    zone = route53.list_hosted_zones_by_name(DNSName=ZONE)["HostedZones"][0]["Id"].rpartition("/")[2]
    route53.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=zone, AddTags=[{"Key": "owner", "Value": "me"}]
    )


def certificate_tag(p: Partition) -> None:
    acm = p.client("acm")
    arn = acm.list_certificates()["CertificateSummaryList"][0]["CertificateArn"]
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "owner", "Value": "me"}])


def stack_gone(name: str) -> Callable[[Partition], object]:
    return lambda p: p.client("cloudformation").delete_stack(StackName=name)


def role_gone(p: Partition) -> None:
    iam = p.client("iam")
    iam.delete_role_policy(RoleName=ROLE, PolicyName="PutImages")
    iam.delete_role(RoleName=ROLE)


DISTRIBUTION = [
    of_the_distribution("comment", "comment", lambda c: c.update(Comment="by hand")),
    Drift(
        "distribution price class, which is not declared",
        lambda p: p.change_distribution(lambda c: c.update(PriceClass="PriceClass_100")),
        {},
    ),
    of_the_distribution("disabled", "enabled", lambda c: c.update(Enabled=False)),
    of_the_distribution("http version", "http_version", lambda c: c.update(HttpVersion="http1.1")),
    of_the_distribution("ipv6", "is_ipv6_enabled", lambda c: c.update(IsIPV6Enabled=False)),
    of_the_distribution(
        "alias", "aliases", lambda c: c.update(Aliases={"Quantity": 2, "Items": [HOST, f"more.{ZONE}"]})
    ),
    of_the_distribution(
        "viewer protocol",
        "default_cache_behavior.viewer_protocol_policy",
        lambda c: behavior(c).update(ViewerProtocolPolicy="allow-all"),
    ),
    of_the_distribution("compression", "default_cache_behavior.compress", lambda c: behavior(c).update(Compress=False)),
    of_the_distribution("signer", "default_cache_behavior.trusted_signers", trust_signer),
    of_the_distribution(
        "key groups",
        "default_cache_behavior.trusted_key_groups",
        lambda c: behavior(c).update(TrustedKeyGroups={"Enabled": False, "Quantity": 0}),
    ),
    of_the_distribution(
        "tls",
        "viewer_certificate.minimum_protocol_version",
        lambda c: c["ViewerCertificate"].update(MinimumProtocolVersion="TLSv1.1_2016"),
    ),
    of_the_distribution(
        "origin access control",
        "origins[bucket].origin_access_control_id",
        lambda c: c["Origins"]["Items"][0].update(OriginAccessControlId=""),
    ),
    Drift("distribution tag", tag_distribution, {("distribution", HOST): {"tags.owner"}}),
]
BUCKETS = [
    of_the_bucket(
        "versioning",
        {"versioning"},
        lambda s3: s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}),
    ),
    of_the_bucket("cors rule", {"cors_rules[1]"}, cors),
    of_the_bucket("no cors", {"cors_rules"}, lambda s3: s3.delete_bucket_cors(Bucket=BUCKET)),
    of_the_bucket("log prefix", {"logging.TargetPrefix"}, log_prefix),
    of_the_bucket("no logging", {"logging"}, lambda s3: s3.put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus={})),
    of_the_bucket("public", {"public_access_block.BlockPublicPolicy"}, public),
    of_the_bucket("tag", {"tags.owner"}, bucket_tags),
    of_the_bucket("expiry", {"lifecycle_rules[expire]"}, expire),
    of_the_bucket("no lifecycle", {"lifecycle_rules"}, lambda s3: s3.delete_bucket_lifecycle(Bucket=BUCKET)),
    of_the_bucket("no policy", {"policy"}, lambda s3: s3.delete_bucket_policy(Bucket=BUCKET)),
    Drift("bucket statement", statement, {("bucket", BUCKET): {"policy.Statement[More]"}}),
    Drift(
        "bucket statement gone",
        lambda p: p.change_policy(lambda statements: statements.pop(0)),
        {("bucket", BUCKET): {"policy.Statement[TlsOnly]"}},
    ),
]
ROLES = [
    of_the_role(
        "managed policy",
        {"managed_policies"},
        lambda iam: iam.attach_role_policy(RoleName=ROLE, PolicyArn=ADMINISTRATOR),
    ),
    of_the_role("other policy", {"inline_policies.More"}, inline("More")),
    of_the_role(
        "policy",
        {"inline_policies.PutImages.Statement[PutImages]", "inline_policies.PutImages.Statement[0]"},
        inline("PutImages"),
    ),
    of_the_role("trust", {"trust_policy.Statement[0].Principal.AWS"}, trust),
    of_the_role("tag", {"tags.owner"}, lambda iam: iam.tag_role(RoleName=ROLE, Tags=[{"Key": "owner", "Value": "me"}])),
    of_the_role(
        "description",
        {"description"},
        lambda iam: iam.update_role(RoleName=ROLE, Description="x", MaxSessionDuration=3600),
    ),
    of_the_role(
        "session", {"max_session_duration"}, lambda iam: iam.update_role(RoleName=ROLE, MaxSessionDuration=7200)
    ),
]


def validation_record_gone(p: Partition) -> None:
    route53 = p.client("route53")
    zone = route53.list_hosted_zones_by_name(DNSName=ZONE)["HostedZones"][0]["Id"]
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    record = next(record for record in records if record["Type"] == "CNAME")
    batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


OTHERS = [
    Drift("secret tag", tag_secret, {("signing key", SECRET): {"tags.owner"}}),
    Drift("access control", access_control, {("origin access control", NAME): {"signing_behavior"}}),
    Drift(
        "headers policy",
        headers_policy,
        {("response headers policy", NAME): {"cors_config.access_control_allow_origins"}},
    ),
    Drift("alias record", alias_elsewhere, {("record", f"A {HOST}"): {"alias_target.dns_name"}}),
    Drift("delegation", delegation, {("record", f"NS {ZONE}"): {"values"}}),
    Drift("zone tag", zone_tag, {("hosted zone", ZONE): {"tags.owner"}}),
    Drift("certificate tag", certificate_tag, {("certificate", f"*.{ZONE}"): {"tags.owner"}}),
]
GONE = [
    of_a_record("A", lambda p: p.change_record(ZONE, "alpha002", HOST, "A", [])),
    of_a_record("AAAA", lambda p: p.change_record(ZONE, "alpha002", HOST, "AAAA", [])),
    Drift("exports gone", stack_gone(STACK), {}, (("stack", STACK),)),
    Drift(
        "foundation exports gone",
        stack_gone("Alpha002-image-upload-foundation"),
        {},
        (("stack", "Alpha002-image-upload-foundation"),),
    ),
    Drift("role gone", role_gone, {}, (("role", ROLE),)),
    Drift(
        "root export gone",
        lambda p: p.client("cloudformation", "root").delete_stack(StackName="arda-assets-zone"),
        {},
        (("stack", "arda-assets-zone"),),
    ),
    Drift(
        "validation record gone",
        validation_record_gone,
        {},
        (("record", "CNAME"),),
    ),
]


DRIFTS = [*DISTRIBUTION, *BUCKETS, *ROLES, *OTHERS, *GONE]
