"""DNS and AWS's rules of Route 53 and ACM that the sandbox adds to the emulator, over the real protocols."""

from __future__ import annotations

import time
from typing import Any

import boto3
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from .helpers.refusals import refuses
from .helpers.sandbox import Sandbox, wait_for


@pytest.fixture(scope="module", autouse=True)
def empty(sandbox: Sandbox) -> None:
    sandbox.reset()


def query(sandbox: Sandbox, name: str, kind: str, address: str = "127.0.0.1", tcp: bool = False) -> dns.message.Message:
    """The answer of the resolver, or without recursion that of the name server with an address."""
    question = dns.message.make_query(name, kind, flags=dns.flags.RD if address == "127.0.0.1" else 0)
    port = int(sandbox.environment["ARDA_SANDBOX_DNS_PORT"])
    return (dns.query.tcp if tcp else dns.query.udp)(question, address, port=port, timeout=5)


def ask(sandbox: Sandbox, name: str, kind: str, tcp: bool = False) -> tuple[str, list[str]]:
    answer = query(sandbox, name, kind, tcp=tcp)
    return dns.rcode.to_text(answer.rcode()), sorted(str(item) for rrset in answer.answer for item in rrset)


def address(sandbox: Sandbox, server: str) -> str:
    return ask(sandbox, server, "A")[1][0]


def write(route53: Any, zone: str, action: str = "UPSERT", **record: Any) -> None:
    """Write a record; ``values`` are its values, and the TTL is 60 unless given."""
    values = [{"Value": value} for value in record.pop("values", [])]
    record = {"TTL": 60, **record, **({"ResourceRecords": values} if values else {})}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


# -- zones


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


def test_listed_zones_by_name_are_sorted_by_their_labels_in_pages(sandbox: Sandbox) -> None:
    account = "200000000001"
    route53 = sandbox.client(account, "route53")
    names = ["b.example", "a.b.example", "z.a.example", "example"]
    vpc = sandbox.client(account, "ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    for number, name in enumerate([*names, "B.example"]):
        route53.create_hosted_zone(Name=name, CallerReference=str(number))
    private = {"VPC": {"VPCRegion": "us-east-1", "VPCId": vpc}, "HostedZoneConfig": {"PrivateZone": True}}
    route53.create_hosted_zone(Name="b.example", CallerReference="private", **private)

    found, position = [], {}
    while True:
        page = route53.list_hosted_zones_by_name(MaxItems="2", **position)
        assert len(page["HostedZones"]) <= 2
        found += page["HostedZones"]
        if not page["IsTruncated"]:
            break
        position = {"DNSName": page["NextDNSName"], "HostedZoneId": page["NextHostedZoneId"]}
    expected = ["example.", "z.a.example.", "b.example.", "b.example.", "b.example.", "a.b.example."]
    assert [zone["Name"] for zone in found] == expected
    assert sum(zone["Config"]["PrivateZone"] for zone in found) == 1
    assert "Comment" not in found[0]["Config"]
    first = route53.list_hosted_zones_by_name(DNSName="b.example.")["HostedZones"]
    assert [zone["Name"] for zone in first] == ["b.example.", "b.example.", "b.example.", "a.b.example."]


def test_changes_that_a_zone_may_not_hold_are_refused(sandbox: Sandbox) -> None:
    route53 = sandbox.client("alpha002", "route53")
    zone = route53.create_hosted_zone(Name="records.example", CallerReference="records")["HostedZone"]["Id"]
    a = {"Type": "A", "values": ["192.0.2.1"]}
    cname = {"Type": "CNAME", "values": ["target.example"]}

    def refused(words: str, **record: Any) -> None:
        error = refuses("InvalidChangeBatch", write, route53=route53, zone=zone, **record)
        assert words in str(error)

    refused("not permitted in zone records.example.", Name="other.example", **a)
    refused("not permitted at apex", Name="records.example", **cname)
    write(route53, zone, Name="www.records.example", **cname)
    refused("a conflicting RRSet of type CNAME", Name="WWW.records.example.", **a)
    write(route53, zone, Name="a.records.example", **a)
    refused("conflicts with other records", Name="a.records.example", **cname)
    refused("other RRSets exist", Name="a.records.example", SetIdentifier="one", Weight=1, **a)
    write(route53, zone, Name="*.Records.example", **a)
    listed = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert "\\052.records.example." in {record["Name"] for record in listed}
    # Both in one batch: the record in the way goes, the other one comes.
    delete = {"Name": "www.records.example", "Type": "CNAME", "TTL": 60}
    change = {"Name": "www.records.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    changes = [
        {"Action": "DELETE", "ResourceRecordSet": {**delete, "ResourceRecords": [{"Value": "target.example"}]}},
        {"Action": "CREATE", "ResourceRecordSet": change},
    ]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


# -- DNS


def test_resolver_follows_the_delegation(sandbox: Sandbox) -> None:
    root, child = sandbox.client("root", "route53"), sandbox.client("alpha001", "route53")
    parent = root.create_hosted_zone(Name="dns.example", CallerReference="dns")["HostedZone"]["Id"]
    made = child.create_hosted_zone(Name="a.dns.example", CallerReference="dns")
    write(child, made["HostedZone"]["Id"], Name="www.a.dns.example", Type="A", values=["192.0.2.1"])

    def delegate(servers: list[str]) -> None:
        write(root, parent, Name="a.dns.example", Type="NS", values=servers)

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


def test_name_servers_answer_for_their_own_zone_only(sandbox: Sandbox) -> None:
    route53 = sandbox.client("root", "route53")
    parent = route53.create_hosted_zone(Name="own.example", CallerReference="own")
    child = route53.create_hosted_zone(Name="c.own.example", CallerReference="own-child")
    write(route53, parent["HostedZone"]["Id"], Name="c.own.example", Type="NS", values=["ns-9.awsdns-09.com."])
    at_parent = address(sandbox, parent["DelegationSet"]["NameServers"][0])
    at_child = address(sandbox, child["DelegationSet"]["NameServers"][3])
    assert at_parent != at_child

    referral = query(sandbox, "c.own.example", "NS", at_parent)
    assert referral.answer == []
    assert [str(item) for item in referral.authority[0]] == ["ns-9.awsdns-09.com."]
    own = query(sandbox, "c.own.example", "NS", at_child, tcp=True)
    assert {str(item) for item in own.answer[0]} == {f"{name}." for name in child["DelegationSet"]["NameServers"]}
    for kind, name, code in (("A", "c.own.example", "NOERROR"), ("A", "none.c.own.example", "NXDOMAIN")):
        negative = query(sandbox, name, kind, at_child)
        assert dns.rcode.to_text(negative.rcode()) == code
        assert negative.authority[0].ttl == 900
        assert str(negative.authority[0][0]).endswith("1 7200 900 1209600 86400")
    assert query(sandbox, "other.example", "A", at_child).rcode() == dns.rcode.REFUSED
    assert ask(sandbox, "ns-1.awsdns-99.com", "A") == ("NXDOMAIN", [])


def test_parent_delegates_unless_told_otherwise(sandbox: Sandbox) -> None:
    zone = sandbox.client("root", "route53").create_hosted_zone(Name="top.parent.example", CallerReference="parent")
    servers = sorted(f"{name}." for name in zone["DelegationSet"]["NameServers"])
    parents = ask(sandbox, "parent.example", "NS")[1]
    at_parent = address(sandbox, parents[0])

    def delegated() -> list[str]:
        answer = query(sandbox, "top.parent.example", "NS", at_parent)
        return sorted(str(item) for rrset in answer.authority if rrset.rdtype == dns.rdatatype.NS for item in rrset)

    assert (delegated(), ask(sandbox, "top.parent.example", "NS")) == (servers, ("NOERROR", servers))
    sandbox.control("parent", document={"top.parent.example": []})
    assert (delegated(), ask(sandbox, "top.parent.example", "NS")) == ([], ("NXDOMAIN", []))
    sandbox.control("parent", document={"top.parent.example": ["ns-9.awsdns-09.com"]})
    assert delegated() == ["ns-9.awsdns-09.com."]
    assert ask(sandbox, "top.parent.example", "NS") == ("SERVFAIL", [])
    sandbox.control("parent", document={"top.parent.example": None})
    assert (delegated(), ask(sandbox, "top.parent.example", "NS")) == (servers, ("NOERROR", servers))


def test_resolver_keeps_that_a_name_does_not_exist(sandbox: Sandbox) -> None:
    route53 = sandbox.client("root", "route53")
    zone = route53.create_hosted_zone(Name="kept.example", CallerReference="kept")
    sandbox.control("delays", document={"negative_cache": 900})
    assert ask(sandbox, "www.kept.example", "A") == ("NXDOMAIN", [])
    assert ask(sandbox, "kept.example", "TXT") == ("NOERROR", [])
    for name, kind, value in (("www.kept.example", "A", "192.0.2.1"), ("kept.example", "TXT", '"text"')):
        write(route53, zone["HostedZone"]["Id"], Name=name, Type=kind, values=[value])
        assert ask(sandbox, name, kind)[1] == []
        at_zone = address(sandbox, zone["DelegationSet"]["NameServers"][0])
        assert str(query(sandbox, name, kind, at_zone).answer[0][0]) == value
    sandbox.reset()
    sandbox.control("delays", document={"negative_cache": 0.2})
    assert ask(sandbox, "short.example", "A") == ("NXDOMAIN", [])
    zone = route53.create_hosted_zone(Name="short.example", CallerReference="short")
    write(route53, zone["HostedZone"]["Id"], Name="short.example", Type="A", values=["192.0.2.1"])
    assert ask(sandbox, "short.example", "A") == ("NXDOMAIN", [])
    wait_for(lambda: ask(sandbox, "short.example", "A") == ("NOERROR", ["192.0.2.1"]), seconds=5)
    sandbox.control("delays", "DELETE")


@pytest.mark.parametrize("name", ["AllowCreatingNSRecordsRole", "CdkZoneDelegationRole"])
def test_delegation_role_may_change_ns_records_only(sandbox: Sandbox, name: str) -> None:
    root = sandbox.client("root", "route53")
    zone = root.create_hosted_zone(Name="assets.arda.cards", CallerReference=name)["HostedZone"]["Id"]
    role = f"arn:aws:iam::841876193886:role/{name}"
    session = sandbox.client("alpha001", "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    route53 = boto3.client(
        "route53", endpoint_url=sandbox.endpoint, region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"], aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )  # fmt: skip
    use = {"route53": route53, "zone": zone}
    write(**use, Name="x.assets.arda.cards", Type="NS", values=["ns.example."])
    assert route53.list_hosted_zones_by_name()["HostedZones"]
    refuses("AccessDenied", write, **use, Name="x.assets.arda.cards", Type="A", values=["192.0.2.1"])
    refuses("AccessDenied", route53.create_hosted_zone, Name="new.example", CallerReference="no")
    refuses("AccessDenied", route53.list_hosted_zones)
    foreign = sandbox.client("123456789012", "sts")
    refuses("AccessDenied", foreign.assume_role, RoleArn=role, RoleSessionName="test")
    if name == "AllowCreatingNSRecordsRole":
        platform = root.list_hosted_zones_by_name(DNSName="io.arda.cards")["HostedZones"][0]["Id"]
        elsewhere = {"route53": route53, "zone": platform}
        refuses("AccessDenied", write, **elsewhere, Name="x.io.arda.cards", Type="NS", values=["ns.example."])
        assert route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    else:
        refuses("AccessDenied", route53.list_resource_record_sets, HostedZoneId=zone)
        refuses("AccessDenied", route53.get_change, Id="C1")


# -- ACM


def described(acm: Any, arn: str) -> dict[str, Any]:
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]


def prove(route53: Any, zone: str, acm: Any, arn: str) -> None:
    """Publish the validation records of a certificate."""
    wait_for(lambda: "ResourceRecord" in described(acm, arn)["DomainValidationOptions"][0])
    for option in described(acm, arn)["DomainValidationOptions"]:
        record = option["ResourceRecord"]
        write(route53, zone, Name=record["Name"], Type="CNAME", values=[record["Value"]])


def test_certificate_is_pending_until_dns_proves_it(sandbox: Sandbox) -> None:
    acm, route53 = sandbox.client("root", "acm"), sandbox.client("root", "route53")
    wanted = {"DomainName": "*.acm.example", "ValidationMethod": "DNS", "SubjectAlternativeNames": ["acm.example"]}
    arn = acm.request_certificate(**wanted, IdempotencyToken="token")["CertificateArn"]
    assert acm.request_certificate(**wanted, IdempotencyToken="token")["CertificateArn"] == arn
    other = acm.request_certificate(**wanted)["CertificateArn"]
    assert other != arn
    assert described(acm, other)["Status"] == "PENDING_VALIDATION"
    assert "IssuedAt" not in described(acm, other)
    assert "ResourceRecord" not in described(acm, other)["DomainValidationOptions"][0]
    wait_for(lambda: "ResourceRecord" in described(acm, other)["DomainValidationOptions"][0])
    records = [o["ResourceRecord"] for one in (arn, other) for o in described(acm, one)["DomainValidationOptions"]]
    assert len({record["Value"] for record in records}) == 1  # one for both certificates, the wildcard and the apex
    zone = route53.create_hosted_zone(Name="acm.example", CallerReference="acm")["HostedZone"]["Id"]
    prove(route53, zone, acm, arn)
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"
    wait_for(lambda: described(acm, arn)["Status"] == "ISSUED")


@pytest.mark.parametrize(
    ("name", "records", "status"),
    [
        ("*.caa1.example", ['0 issue "letsencrypt.org"'], "FAILED"),
        ("*.caa2.example", ['0 issue "amazon.com"', '0 issuewild ";"'], "FAILED"),
        ("www.caa3.example", ['0 issue ";"'], "FAILED"),
        ("www.caa4.example", ['0 issue "letsencrypt.org"', '0 issue "amazonaws.com"'], "ISSUED"),
        ("*.caa5.example", ['0 iodef "mailto:a@b.example"'], "ISSUED"),
    ],
)
def test_certificate_that_a_caa_record_forbids_fails(
    sandbox: Sandbox, name: str, records: list[str], status: str
) -> None:
    acm, route53 = sandbox.client("root", "acm"), sandbox.client("root", "route53")
    domain = ".".join(name.split(".")[-2:])
    zone = route53.create_hosted_zone(Name=domain, CallerReference=domain)["HostedZone"]["Id"]
    write(route53, zone, Name=domain, Type="CAA", values=records)
    arn = acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
    prove(route53, zone, acm, arn)
    wait_for(lambda: described(acm, arn)["Status"] != "PENDING_VALIDATION")
    found = described(acm, arn)
    assert (found["Status"], found.get("FailureReason")) == (status, "CAA_ERROR" if status == "FAILED" else None)


def test_certificate_of_a_doubted_domain_fails_at_once(sandbox: Sandbox) -> None:
    acm = sandbox.client("root", "acm")
    arn = acm.request_certificate(DomainName="*.images.example.com", ValidationMethod="DNS")["CertificateArn"]
    found = described(acm, arn)
    assert (found["Status"], found["FailureReason"]) == ("FAILED", "ADDITIONAL_VERIFICATION_REQUIRED")


@pytest.mark.parametrize("name", ["trailing.example.", "under_score.example", "a.*.example", "example"])
def test_certificate_name_in_another_form_is_refused(sandbox: Sandbox, name: str) -> None:
    acm = sandbox.client("root", "acm")
    refuses("ValidationException", acm.request_certificate, DomainName=name, ValidationMethod="DNS")
    other = {"DomainName": "a.example", "SubjectAlternativeNames": ["a.example", name]}
    refuses("ValidationException", acm.request_certificate, **other, ValidationMethod="DNS")


def test_new_certificate_is_not_found_for_a_while(sandbox: Sandbox) -> None:
    acm = sandbox.client("root", "acm")
    sandbox.control("delays", document={"certificate_visible": 0.4})
    arn = acm.request_certificate(DomainName="late.example", ValidationMethod="DNS")["CertificateArn"]
    refuses("ResourceNotFoundException", acm.describe_certificate, CertificateArn=arn)
    time.sleep(0.5)
    assert described(acm, arn)["CertificateArn"] == arn
    sandbox.control("delays", "DELETE")


def test_listed_certificates_have_rsa_keys_unless_others_are_named(sandbox: Sandbox) -> None:
    acm = sandbox.client("200000000002", "acm")
    keys = ["RSA_2048", "EC_prime256v1", "RSA_4096"]
    for key in keys:
        acm.request_certificate(DomainName=f"{key[:2].lower()}.example", ValidationMethod="DNS", KeyAlgorithm=key)
    (summary,) = acm.list_certificates()["CertificateSummaryList"]
    assert summary["KeyAlgorithm"] == "RSA-2048"
    assert summary["SubjectAlternativeNameSummaries"] == ["rs.example"]
    assert (summary["InUse"], summary["Type"], summary["Status"]) == (False, "AMAZON_ISSUED", "PENDING_VALIDATION")
    pages = acm.get_paginator("list_certificates").paginate(
        Includes={"keyTypes": keys}, PaginationConfig={"PageSize": 2}
    )
    found = [item for page in pages for item in page["CertificateSummaryList"]]
    assert sorted(item["KeyAlgorithm"] for item in found) == ["EC-prime256v1", "RSA-2048", "RSA-4096"]
    assert {described(acm, item["CertificateArn"])["KeyAlgorithm"] for item in found} == {
        item["KeyAlgorithm"] for item in found
    }
