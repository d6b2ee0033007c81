"""AWS's rules that the sandbox adds to the emulator, over the real protocols, each as the AWS API answers it."""

from __future__ import annotations

from typing import Any

import dns.message
import dns.query
import dns.rcode
import pytest

from .helpers.refusals import refuses
from .helpers.sandbox import Sandbox, wait_for


@pytest.fixture(scope="module", autouse=True)
def empty(sandbox: Sandbox) -> None:
    sandbox.reset()


# -- Route 53 and DNS


def ask(sandbox: Sandbox, name: str, kind: str, tcp: bool = False) -> tuple[str, list[str]]:
    question = dns.message.make_query(name, kind)
    port = int(sandbox.environment["ARDA_SANDBOX_DNS_PORT"])
    query = dns.query.tcp if tcp else dns.query.udp
    answer = query(question, "127.0.0.1", port=port, timeout=5)
    return dns.rcode.to_text(answer.rcode()), sorted(str(item) for rrset in answer.answer for item in rrset)


def test_zones_have_their_own_name_servers_and_references_serve_once(sandbox: Sandbox) -> None:
    route53 = sandbox.client("alpha002", "route53")
    first = route53.create_hosted_zone(Name="twin.example", CallerReference="one")
    second = route53.create_hosted_zone(Name="twin.example", CallerReference="two")
    servers = [zone["DelegationSet"]["NameServers"] for zone in (first, second)]
    assert not set(servers[0]) & set(servers[1])
    assert len(set(servers[0])) == 4
    assert route53.get_hosted_zone(Id=first["HostedZone"]["Id"])["DelegationSet"]["NameServers"] == servers[0]
    records = route53.list_resource_record_sets(HostedZoneId=first["HostedZone"]["Id"])["ResourceRecordSets"]
    (apex,) = [r for r in records if r["Type"] == "NS"]
    assert {r["Value"] for r in apex["ResourceRecords"]} == {f"{server}." for server in servers[0]}
    refuses("HostedZoneAlreadyExists", route53.create_hosted_zone, Name="twin.example", CallerReference="one")
    route53.delete_hosted_zone(Id=first["HostedZone"]["Id"])
    refuses("HostedZoneAlreadyExists", route53.create_hosted_zone, Name="twin.example", CallerReference="one")
    status = route53.get_dnssec(HostedZoneId=second["HostedZone"]["Id"])["Status"]
    assert status["ServeSignature"] == "NOT_SIGNING"


def test_dns_follows_the_delegation(sandbox: Sandbox) -> None:
    root, child = sandbox.client("root", "route53"), sandbox.client("alpha001", "route53")
    parent = root.create_hosted_zone(Name="dns.example", CallerReference="dns")["HostedZone"]["Id"]
    made = child.create_hosted_zone(Name="a.dns.example", CallerReference="dns")
    record = {"Name": "www.a.dns.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    change = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    child.change_resource_record_sets(HostedZoneId=made["HostedZone"]["Id"], ChangeBatch=change)

    def delegate(servers: list[str]) -> None:
        values = [{"Value": server} for server in servers]
        delegation = {"Name": "a.dns.example", "Type": "NS", "TTL": 60, "ResourceRecords": values}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": delegation}]}
        root.change_resource_record_sets(HostedZoneId=parent, ChangeBatch=batch)

    assert ask(sandbox, "www.a.dns.example", "A") == ("NXDOMAIN", [])
    delegate(["ns-9.awsdns-09.com"])
    assert ask(sandbox, "www.a.dns.example", "A") == ("SERVFAIL", [])
    delegate(made["DelegationSet"]["NameServers"])
    for tcp in (False, True):
        assert ask(sandbox, "www.a.dns.example", "A", tcp) == ("NOERROR", ["192.0.2.1"])
        assert ask(sandbox, "WWW.a.dns.example", "AAAA", tcp) == ("NOERROR", [])
        assert ask(sandbox, "none.a.dns.example", "A", tcp) == ("NXDOMAIN", [])
    wanted = sorted(f"{server}." for server in made["DelegationSet"]["NameServers"])
    assert ask(sandbox, "a.dns.example", "NS") == ("NOERROR", wanted)


def test_the_delegation_role_may_change_ns_records_of_the_assets_zone_alone(sandbox: Sandbox) -> None:
    import boto3

    zone = sandbox.client("root", "route53").create_hosted_zone(Name="assets.arda.cards", CallerReference="role")
    role = "arn:aws:iam::841876193886:role/AllowCreatingNSRecordsRole"
    session = sandbox.client("alpha001", "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    route53 = boto3.client(
        "route53", endpoint_url=sandbox.endpoint, region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"], aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )  # fmt: skip

    def change(name: str, kind: str, value: str) -> None:
        record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone["HostedZone"]["Id"], ChangeBatch=batch)

    change("x.assets.arda.cards", "NS", "ns.example.")
    refuses("AccessDenied", change, name="x.assets.arda.cards", kind="A", value="192.0.2.1")
    refuses("AccessDenied", change, name="x.io.arda.cards", kind="NS", value="ns.example.")
    refuses("AccessDenied", route53.create_hosted_zone, Name="new.example", CallerReference="no")
    refuses("AccessDenied", route53.list_hosted_zones)
    foreign = sandbox.client("123456789012", "sts")
    refuses("AccessDenied", foreign.assume_role, RoleArn=role, RoleSessionName="test")


# -- ACM


def test_a_certificate_is_pending_until_dns_proves_it(sandbox: Sandbox) -> None:
    acm, route53 = sandbox.client("root", "acm"), sandbox.client("root", "route53")
    wanted = {"DomainName": "*.acm.example", "ValidationMethod": "DNS", "SubjectAlternativeNames": ["acm.example"]}
    arn = acm.request_certificate(**wanted, IdempotencyToken="token")["CertificateArn"]
    assert acm.request_certificate(**wanted, IdempotencyToken="token")["CertificateArn"] == arn
    other = acm.request_certificate(**wanted)["CertificateArn"]
    assert other != arn

    def described(which: str) -> dict[str, Any]:
        return acm.describe_certificate(CertificateArn=which)["Certificate"]

    assert described(other)["Status"] == "PENDING_VALIDATION"
    assert "IssuedAt" not in described(other)
    assert "ResourceRecord" not in described(other)["DomainValidationOptions"][0]
    wait_for(lambda: "ResourceRecord" in described(other)["DomainValidationOptions"][0])
    records = [o["ResourceRecord"] for which in (arn, other) for o in described(which)["DomainValidationOptions"]]
    assert len({record["Value"] for record in records}) == 1  # one for both certificates, the wildcard and the apex
    zone = route53.create_hosted_zone(Name="acm.example", CallerReference="acm")["HostedZone"]["Id"]
    values = [{"Value": records[0]["Value"]}]
    record = {"Name": records[0]["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": values}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    assert described(arn)["Status"] == "PENDING_VALIDATION"
    wait_for(lambda: described(arn)["Status"] == "ISSUED")


# -- Secrets Manager


def test_a_label_is_on_one_version_and_a_deleted_secret_keeps_its_name(sandbox: Sandbox) -> None:
    secrets = sandbox.client("alpha001", "secretsmanager")
    secrets.create_secret(Name="rules", SecretString="{}")
    for value in ("one", "two"):
        secrets.put_secret_value(SecretId="rules", SecretString=value, VersionStages=["AWSPENDING"])
    assert secrets.get_secret_value(SecretId="rules", VersionStage="AWSPENDING")["SecretString"] == "two"
    labels = secrets.describe_secret(SecretId="rules")["VersionIdsToStages"].values()
    assert [label for labelled in labels for label in labelled].count("AWSPENDING") == 1
    token = {"SecretId": "rules", "ClientRequestToken": "t" * 32}
    secrets.put_secret_value(**token, SecretString="three", VersionStages=["AWSPENDING"])
    refuses("ResourceExistsException", secrets.put_secret_value, **token, SecretString="four")
    secrets.delete_secret(SecretId="rules")
    refuses("InvalidRequestException", secrets.create_secret, Name="rules", SecretString="x")
    secrets.restore_secret(SecretId="rules")
    assert secrets.get_secret_value(SecretId="rules")["SecretString"] == "{}"


# -- operations


def test_operations_that_differ_by_a_header_or_a_parameter_are_told_apart(sandbox: Sandbox) -> None:
    s3 = sandbox.client("kyle", "s3")
    s3.create_bucket(Bucket="told-apart")
    before = len(sandbox.journal())
    s3.put_object(Bucket="told-apart", Key="one", Body=b"1")
    s3.copy_object(Bucket="told-apart", Key="two", CopySource="told-apart/one")
    s3.get_object(Bucket="told-apart", Key="two")
    s3.list_objects_v2(Bucket="told-apart")
    s3.delete_object(Bucket="told-apart", Key="two")
    upload = s3.create_multipart_upload(Bucket="told-apart", Key="three")["UploadId"]
    s3.abort_multipart_upload(Bucket="told-apart", Key="three", UploadId=upload)
    assert [call["operation"].removeprefix("s3:") for call in sandbox.journal()[before:]] == [
        "PutObject",
        "CopyObject",
        "GetObject",
        "ListObjectsV2",
        "DeleteObject",
        "CreateMultipartUpload",
        "AbortMultipartUpload",
    ]


# -- faults


def test_faults_strike_the_call_that_they_name(sandbox: Sandbox) -> None:
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1}, read_timeout=2)
    import boto3

    from .helpers.sandbox import ACCOUNTS, ROOT_SECRET

    s3 = boto3.client(
        "s3", endpoint_url=sandbox.endpoint, region_name="us-east-1", config=once,
        aws_access_key_id=ACCOUNTS["kyle"], aws_secret_access_key=ROOT_SECRET,
    )  # fmt: skip
    sandbox.faults(
        {"operation": "s3:CreateBucket", "kind": "throttle", "on": [1]},
        {"operation": "s3:CreateBucket", "kind": "error_after", "on": [2]},
        {"operation": "s3:CreateBucket", "kind": "drop_after", "on": [3]},
    )
    refuses("SlowDown", s3.create_bucket, Bucket="fault-one")
    refuses("InternalFailure", s3.create_bucket, Bucket="fault-two")
    with pytest.raises(Exception, match=r"[Cc]onnection|closed|read"):
        s3.create_bucket(Bucket="fault-three")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert "fault-one" not in names
    assert {"fault-two", "fault-three"} <= set(names)
    sandbox.faults()
