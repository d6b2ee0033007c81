"""The first roll-out, before the parent domain delegates the root zone."""

from __future__ import annotations

from .helpers.accounts import Account
from .helpers.sample import exhaustive
from .helpers.sandbox import Sandbox


def test_first_rollout_without_delegation_stops_with_the_name_servers(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.control("parent", document={"assets.arda.cards": []})
    stopped = sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_dev")
    assert stopped.code != 0
    zone = sandbox.client("root", "route53").list_hosted_zones_by_name(DNSName="assets.arda.cards")["HostedZones"][0]
    servers = sandbox.client("root", "route53").get_hosted_zone(Id=zone["Id"])["DelegationSet"]["NameServers"]
    assert all(server in stopped.output for server in servers)
    assert "enter these name servers as the NS record of assets.arda.cards" in " ".join(stopped.output.split())
    assert not sandbox.client("alpha002", "acm").list_certificates()["CertificateSummaryList"]
    sandbox.control("parent", document={"assets.arda.cards": None})
    finished = sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_dev").succeeded()
    assert "FAILED" not in finished.output


@exhaustive
def test_first_rollout_after_check_mode_passes_although_the_resolver_keeps_what_is_missing(sandbox: Sandbox) -> None:
    sandbox.reset()
    with sandbox.delays(negative_cache=900):
        sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_dev", "--check").succeeded()
        sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_dev").succeeded()


def test_private_zone_of_the_same_name_is_left_aside(sandbox: Sandbox) -> None:
    sandbox.reset()
    for account in ("root", "alpha002"):
        client = sandbox.client(account, "route53")
        vpc = sandbox.client(account, "ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        name = "assets.arda.cards" if account == "root" else "alpha002.assets.arda.cards"
        client.create_hosted_zone(
            Name=name, CallerReference="private", VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
            HostedZoneConfig={"PrivateZone": True},
        )  # fmt: skip
    sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_dev").succeeded()


def test_certificate_that_a_caa_record_forbids_ends_the_wait_with_the_reason(sandbox: Sandbox) -> None:
    sandbox.reset()
    route53 = sandbox.client("root", "route53")
    zone = route53.create_hosted_zone(Name="assets.arda.cards", CallerReference="by hand")["HostedZone"]["Id"]
    record = {"Name": "assets.arda.cards", "Type": "CAA", "TTL": 300}
    record["ResourceRecords"] = [{"Value": '0 issue "letsencrypt.org"'}]
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    stopped = sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_dev")
    assert stopped.code != 0
    assert "CAA_ERROR" in stopped.output
    certificates = sandbox.client("alpha002", "acm").list_certificates()["CertificateSummaryList"]
    assert [item["Status"] for item in certificates] == ["FAILED"], "no other one is requested"


def test_certificate_of_a_doubted_domain_fails_at_once_with_what_to_do(sandbox: Sandbox) -> None:
    failed = Account(sandbox).run("acm_dns_certificate", domain_name="*.images.example.com")
    assert failed["rc"] == 1
    assert "ADDITIONAL_VERIFICATION_REQUIRED" in failed["msg"]
    assert "Support" in failed["msg"]
