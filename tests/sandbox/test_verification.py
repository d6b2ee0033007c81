"""verify on a deployed partition: all checks pass on a sound one, and the right check fails for each defect."""

from __future__ import annotations

import json
import shlex
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .helpers.partition import BUCKET, HOST, ROLE, SECRET, Partition
from .helpers.sample import exhaustive, sample
from .helpers.sandbox import ROOT, Sandbox, need, wait_for


@pytest.fixture(scope="module")
def partition(sandbox: Sandbox) -> Partition:
    sandbox.deploy()
    return Partition(sandbox)


def verify(partition: Partition) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run verify: its exit code, and the checks by name from its JSON report."""
    run = partition.sandbox.play("playbooks/verify.yml", "-l", "alpha002_dev")
    report = partition.sandbox.directory / "artifacts/verify-alpha002_dev.json"
    checks = json.loads(report.read_text())["checks"]
    report.unlink()
    return run.code, {check["criterion"]: check for check in checks}


def test_verify_sound_partition_passes_and_removes_its_objects(partition: Partition) -> None:
    route53 = partition.client("route53")
    zone = route53.create_hosted_zone(
        Name="alpha002.assets.arda.cards",
        CallerReference="private twin",
        HostedZoneConfig={"PrivateZone": True},
        VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-0123456789abcdef0"},
    )["HostedZone"]
    code, checks = verify(partition)
    route53.delete_hosted_zone(Id=zone["Id"])
    assert code == 0
    assert {check["status"] for check in checks.values()} == {"passed"}
    assert len(checks) >= 45
    assert "Versions" not in partition.client("s3").list_object_versions(Bucket=BUCKET)
    suite = ET.parse(partition.sandbox.directory / "artifacts/verify-alpha002_dev.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == (str(len(checks)), "0")


@exhaustive
def test_verify_operator_without_client_role_skips_upload_checks(partition: Partition) -> None:
    run = partition.sandbox.play(
        "playbooks/verify.yml", "-l", "alpha002_dev",
        "-e", "image_verification_client_role_arn=arn:aws:iam::139852620346:role/nobody",
    )  # fmt: skip
    assert run.code == 0, run.output[-3000:]
    assert "SKIP  the presigning role can be assumed from the client role" in run.output
    report = json.loads((partition.sandbox.directory / "artifacts/verify-alpha002_dev.json").read_text())
    statuses = {check["criterion"]: check["status"] for check in report["checks"]}
    assert statuses["the presigning role can be assumed from the client role"] == "skipped"
    assert statuses["a presigned form uploads every format, in every size"] == "skipped"
    assert statuses["a tenant's cookies read its images byte for byte"] == "passed"


def test_verify_trust_policy_that_propagates_is_waited_for(partition: Partition) -> None:
    trust_widened(partition)()  # written twice, and as it was
    before = len(partition.sandbox.journal())
    with partition.sandbox.delays(trust_policy=30):
        waiting = partition.sandbox.start_play(
            "playbooks/verify.yml", "-l", "alpha002_dev", "-e", "image_verification_propagation_seconds=120"
        )
        wait_for(lambda: refusals(partition, before) >= 2)
    output, _errors = waiting.communicate(timeout=300)
    assert waiting.returncode == 0, output[-3000:]
    assert "SKIP " not in output


def refusals(partition: Partition, before: int) -> int:
    calls = partition.sandbox.journal()[before:]
    return sum(call["operation"] == "sts:AssumeRole" and call["status"] == 403 for call in calls)


@exhaustive
def test_verify_versioning_that_propagates_is_named_in_the_remedy(partition: Partition) -> None:
    with partition.sandbox.delays(versioning=9999):
        code, checks = verify(partition)
    failed = {name for name, check in checks.items() if check["status"] == "failed"}
    assert code != 0
    assert READS in failed
    assert all("S3 takes up to 15 minutes to propagate versioning" in checks[name]["remedy"] for name in failed)


def test_verify_check_mode_is_skipped_without_verdict(partition: Partition) -> None:
    before = len(partition.sandbox.journal())
    run = partition.sandbox.play("playbooks/verify.yml", "-l", "alpha002_dev", "--check").succeeded()
    assert "Verification verify" not in run.output
    assert "Verification verify" not in run.output
    operations = {call["operation"] for call in partition.sandbox.journal()[before:]}
    assert operations <= {"sts:AssumeRole", "cloudformation:ListExports"}


@exhaustive
def test_verify_keep_sample_prints_command_that_shows_image(partition: Partition, tmp_path: Path) -> None:
    need("curl", "the printed command is not tried")
    for _once_and_again in range(2):
        run = partition.sandbox.play(
            "playbooks/verify.yml", "-l", "alpha002_dev", "-e", "image_verification_keep_sample=true"
        )
        assert run.code == 0, run.output[-3000:]
        command = next(line for line in run.output.splitlines() if line.startswith("curl "))
        subprocess.run(shlex.split(command), cwd=tmp_path, check=True, timeout=30)
        sample = ROOT / "roles/image_verification/files/photo-640.jpg"
        assert (tmp_path / "image.jpg").read_bytes() == sample.read_bytes()
    s3 = partition.client("s3")
    (kept,) = s3.list_object_versions(Bucket=BUCKET)["Versions"]  # the second run found it
    s3.delete_object(Bucket=BUCKET, Key=kept["Key"], VersionId=kept["VersionId"])


@exhaustive
def test_verify_objects_that_stay_are_named_although_the_task_changed_nothing(partition: Partition) -> None:
    """The callback that shows changes alone hides a warning together with its task."""
    denied = {"kind": "error", "code": "AccessDenied", "status": 403}
    partition.sandbox.faults({"operation": "s3:ListObjectVersions", **denied})
    run = partition.sandbox.play("playbooks/verify.yml", "-l", "alpha002_dev").succeeded()
    partition.sandbox.faults()
    assert run.output.count("Test objects stay in bucket") == 1, run.output
    s3 = partition.client("s3")
    for version in s3.list_object_versions(Bucket=BUCKET)["Versions"]:
        s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])


# -- the breaks: each changes one thing and returns what restores it


def key_group_detached(p: Partition) -> Callable[[], None]:
    return p.change_distribution(
        lambda c: c["DefaultCacheBehavior"].update(TrustedKeyGroups={"Enabled": False, "Quantity": 0})
    )


def open_behavior_added(p: Partition) -> Callable[[], None]:
    def change(config: dict[str, Any]) -> None:
        behavior = {**config["DefaultCacheBehavior"], "PathPattern": "*.jpg"}
        behavior["TrustedKeyGroups"] = {"Enabled": False, "Quantity": 0}
        config["CacheBehaviors"] = {"Quantity": 1, "Items": [behavior]}

    return p.change_distribution(change)


def access_control_removed(p: Partition) -> Callable[[], None]:
    return p.change_distribution(lambda c: c["Origins"]["Items"][0].update(OriginAccessControlId=""))


def distribution_disabled(p: Partition) -> Callable[[], None]:
    return p.change_distribution(lambda c: c.update(Enabled=False))


def plain_http_allowed(p: Partition) -> Callable[[], None]:
    return p.change_distribution(lambda c: c["DefaultCacheBehavior"].update(ViewerProtocolPolicy="allow-all"))


def headers_policy_removed(p: Partition) -> Callable[[], None]:
    return p.change_distribution(lambda c: c["DefaultCacheBehavior"].pop("ResponseHeadersPolicyId"))


def refusal_hidden(p: Partition) -> Callable[[], None]:
    item = {"ErrorCode": 403, "ResponseCode": "404", "ResponsePagePath": "/none", "ErrorCachingMinTTL": 0}
    return p.change_distribution(lambda c: c.update(CustomErrorResponses={"Quantity": 1, "Items": [item]}))


def certificate_swapped(p: Partition) -> Callable[[], None]:
    acm = p.client("acm")
    arn = acm.request_certificate(DomainName=HOST, ValidationMethod="DNS")["CertificateArn"]
    wait_for(lambda: "ResourceRecord" in acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"][0])  # fmt: skip  # noqa: E501
    record = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"]
    zone = p.client("route53").list_hosted_zones_by_name(DNSName="alpha002.assets.arda.cards")["HostedZones"][0]
    change = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": change}]}
    p.client("route53").change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch=batch)
    wait_for(lambda: acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "ISSUED")
    return p.change_distribution(lambda c: c["ViewerCertificate"].update(ACMCertificateArn=arn, Certificate=arn))


def policy_without_source_arn(p: Partition) -> Callable[[], None]:
    return p.change_policy(lambda statements: [s.pop("Condition") for s in statements if s["Effect"] == "Allow"])


def tls_only_removed(p: Partition) -> Callable[[], None]:
    return p.change_policy(lambda statements: statements.pop(0))


def listing_allowed(p: Partition) -> Callable[[], None]:
    def change(statements: list[dict[str, Any]]) -> None:
        read = next(s for s in statements if s["Effect"] == "Allow")
        statements.append({**read, "Sid": "List", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"})

    return p.change_policy(change)


def bucket_made_public(p: Partition) -> Callable[[], None]:
    s3 = p.client("s3")
    block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=BUCKET)
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    restore = p.change_policy(lambda statements: statements.append(public))

    def undo() -> None:
        restore()
        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=block)

    return undo


def cors_removed(p: Partition) -> Callable[[], None]:
    s3 = p.client("s3")
    rules = s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"]
    s3.delete_bucket_cors(Bucket=BUCKET)
    return lambda: s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": rules})


def versioning_off(p: Partition) -> Callable[[], None]:
    s3 = p.client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    return lambda: s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def trust_widened(p: Partition) -> Callable[[], None]:
    iam = p.client("iam")
    before = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    wide = json.loads(json.dumps(before))
    wide["Statement"][0]["Principal"] = {"AWS": "arn:aws:iam::139852620346:root"}
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(wide))
    return lambda: iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(before))


def trust_lost(p: Partition) -> Callable[[], None]:
    iam = p.client("iam")
    before = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    other = json.loads(json.dumps(before))
    other["Statement"][0]["Principal"] = {"AWS": "arn:aws:iam::139852620346:role/Alpha002-stage-BucketClientRole"}
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(other))
    return lambda: iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(before))


def role_widened(p: Partition) -> Callable[[], None]:
    iam = p.client("iam")
    resource = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    more = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": resource}]}
    iam.put_role_policy(RoleName=ROLE, PolicyName="More", PolicyDocument=json.dumps(more))
    return lambda: iam.delete_role_policy(RoleName=ROLE, PolicyName="More")


def name_servers_wrong(p: Partition) -> Callable[[], None]:
    return p.change_record(
        "assets.arda.cards", "root", "alpha002.assets.arda.cards", "NS", ["ns-0.awsdns-00.com.", "ns-1.awsdns-00.net."]
    )


def alias_removed(p: Partition) -> Callable[[], None]:
    return p.change_record("alpha002.assets.arda.cards", "alpha002", HOST, "AAAA", [])


def key_replaced_by_hand(p: Partition) -> Callable[[], None]:
    secrets = p.client("secretsmanager")
    before = secrets.get_secret_value(SecretId=SECRET)["SecretString"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    document = {**json.loads(before), "privateKey": key.private_bytes(*encoding).decode()}
    secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(document))
    return lambda: secrets.put_secret_value(SecretId=SECRET, SecretString=before)


READS = "a tenant's cookies read its images byte for byte"
TRUSTED = "every behavior trusts key groups, and no account"
READERS = "only this distribution may read the bucket, and may not list it"
MAY_NOT = "the presigning role may not "
BREAKS = [
    (key_group_detached, {TRUSTED}),
    (open_behavior_added, {TRUSTED}),
    (access_control_removed, {"every origin is read through an origin access control"}),
    (distribution_disabled, {"the distribution of the host name is enabled"}),
    (plain_http_allowed, {"HTTP redirects to HTTPS"}),
    (headers_policy_removed, {"the default behavior adds response headers"}),
    (refusal_hidden, {"no error response of the distribution hides a refusal"}),
    (certificate_swapped, {"the distribution has the certificate of the foundation, and TLS 1.2"}),
    (policy_without_source_arn, {READERS}),
    (listing_allowed, {READERS}),
    (tls_only_removed, {"S3 refuses plain HTTP"}),
    (bucket_made_public, {READERS}),
    (cors_removed, {"browsers may upload from the declared origins only"}),
    (versioning_off, {"an uploaded object is encrypted, versioned and has its metadata"}),
    (trust_lost, {"the presigning role can be assumed from the client role"}),
    (trust_widened, {"the presigning role cannot be assumed by the operator directly"}),
    (
        role_widened,
        {
            f"{MAY_NOT}{what}"
            for what in ("list the bucket", "read an object", "delete an object", "write outside images/")
        },
    ),
    (name_servers_wrong, {"the parent zone delegates to the zone's name servers"}),
    (alias_removed, {"the zone has the alias records of the host name"}),
    (key_replaced_by_hand, {READS}),
]


@pytest.mark.parametrize(
    ("break_it", "expected"), [pytest.param(*one, id=one[0].__name__) for one in sample(BREAKS, 20)]
)
def test_verify_broken_partition_fails_the_right_checks(
    partition: Partition, break_it: Callable, expected: set[str]
) -> None:
    """Each break fails these checks and no others; what follows from them is skipped, with one of them as its cause."""
    restore = break_it(partition)
    try:
        code, checks = verify(partition)
    finally:
        restore()
    assert code != 0
    failed = {name for name, check in checks.items() if check["status"] == "failed"}
    assert failed == expected, {n: c["observed"] for n, c in checks.items() if not c["ok"]}
    assert all(checks[name]["remedy"] for name in failed)
    assert {check["cause"] for check in checks.values() if "cause" in check} <= failed
