"""site.yml on the sandbox, as an operator runs it: what it makes, what it leaves alone, and where it stops."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNTS, PRIVATE_KEY, Run, Sandbox

PARTITIONS = {
    "alpha002_dev": ("alpha002", "Alpha002-dev"),
    "alpha002_stage": ("alpha002", "Alpha002-stage"),
    "alpha001_demo": ("alpha001", "Alpha001-demo"),
    "alpha001_prod": ("alpha001", "Alpha001-prod"),
    "sandboxkyle002_kyle": ("kyle", "SandboxKyle002-kyle"),
}
NAMES = (
    "ImageAssetBucketName",
    "ImageAssetBucketArn",
    "ImagePreSigningRoleArn",
    "ImageCdnDomainName",
    "ImageSigningKeyPairId",
    "ImageSigningKeySecretArn",
)
READS = ("Get", "List", "Describe", "Head", "AssumeRole")


def exports(sandbox: Sandbox, account: str) -> dict[str, str]:
    listed = sandbox.client(account, "cloudformation").list_exports()["Exports"]
    return {export["Name"]: export["Value"] for export in listed}


def inventory_of(sandbox: Sandbox, account: str) -> dict[str, list[str]]:
    """What an account holds, by kind."""
    cloudfront = sandbox.client(account, "cloudfront")
    acm = sandbox.client(account, "acm")
    return {
        "zones": [z["Name"] for z in sandbox.client(account, "route53").list_hosted_zones()["HostedZones"]],
        "buckets": [b["Name"] for b in sandbox.client(account, "s3").list_buckets()["Buckets"]],
        "roles": [r["RoleName"] for r in sandbox.client(account, "iam").list_roles()["Roles"]],
        "secrets": [s["Name"] for s in sandbox.client(account, "secretsmanager").list_secrets()["SecretList"]],
        "certificates": [c["DomainName"] for c in acm.list_certificates()["CertificateSummaryList"]],
        "keys": [k["Name"] for k in cloudfront.list_public_keys()["PublicKeyList"].get("Items", [])],
        "groups": [
            g["KeyGroup"]["KeyGroupConfig"]["Name"]
            for g in cloudfront.list_key_groups()["KeyGroupList"].get("Items", [])
        ],
        "distributions": [
            d["Aliases"]["Items"][0] for d in cloudfront.list_distributions()["DistributionList"].get("Items", [])
        ],
        "stacks": [
            s["StackName"]
            for s in sandbox.client(account, "cloudformation").list_stacks()["StackSummaries"]
            if s["StackStatus"] != "DELETE_COMPLETE"
        ],
    }


def writes(sandbox: Sandbox, *accounts: str) -> list[str]:
    """The writes in the journal, of some accounts or of all."""
    numbers = [ACCOUNTS[account] for account in accounts]
    return [
        call["operation"]
        for call in sandbox.journal()
        if not call["operation"].split(":")[1].startswith(READS) and (not accounts or call["account"] in numbers)
    ]


#: The proof by real images takes a third of a deployment, and has tests of its own.
UNPROVEN = ("--skip-tags", "verify")


def test_all_five_partitions_and_then_no_change(sandbox: Sandbox) -> None:
    sandbox.reset()
    first = sandbox.play("site.yml").succeeded()
    assert set(first.recap) == set(PARTITIONS)

    for account in ("alpha002", "alpha001", "kyle"):
        found = exports(sandbox, account)
        owned = [prefix for owner, prefix in PARTITIONS.values() if owner == account]
        infrastructure = owned[0].split("-")[0]
        wanted = {f"{prefix}-API-{name}" for prefix in owned for name in NAMES}
        assert set(found) == wanted | {
            f"{infrastructure}-I-AssetsHostedZoneId",
            f"{infrastructure}-I-AssetsCertificateArn",
        }
        assert all(found.values())
        held = inventory_of(sandbox, account)
        assert held["zones"] == [f"{infrastructure.lower()}.assets.arda.cards."]
        assert held["certificates"] == [f"*.{infrastructure.lower()}.assets.arda.cards"]
        assert sorted(held["groups"]) == sorted(f"{prefix}-images" for prefix in owned)
        assert len(held["keys"]) == len(held["distributions"]) == len(held["secrets"]) == len(owned)
    assert "arda-assets-zone" in exports(sandbox, "root")

    assert sandbox.command("stop").returncode == sandbox.command("start").returncode == 0
    second = sandbox.play("site.yml", "-e", "rollout=parallel", *UNPROVEN).succeeded()
    assert second.changed == 0
    for host in PARTITIONS:
        gate = json.loads((sandbox.directory / f"artifacts/image_partition-{host}.json").read_text())
        assert gate["passed"]
        assert all(check["ok"] and check["command"] for check in gate["checks"])
    reports = first.output.count("ALL CHECKS PASSED")
    assert reports == 1 + 2 * 3 + 4 * 5, "the root's, two of each foundation, four of each partition"

    # An operator without the root account's credentials goes on from the zone that is there.
    without = sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_stage", "-e", "{root_connection: {}}")
    assert "No credentials of the root account" in without.succeeded().output
    assert without.changed == 0


def test_a_failed_partition_stops_the_later_ones(sandbox: Sandbox) -> None:
    sandbox.reset()
    s3 = sandbox.client("alpha002", "s3")
    s3.delete_bucket_policy(Bucket="alpha002-dev-access-logs")
    run = sandbox.play("site.yml", "-l", "alpha002")
    assert run.code != 0
    assert "logging.s3.amazonaws.com" in run.output
    assert "alpha002-stage-image-asset-bucket" not in inventory_of(sandbox, "alpha002")["buckets"]
    assert inventory_of(sandbox, "alpha002")["distributions"] == []


def test_one_partition_touches_nothing_else(sandbox: Sandbox) -> None:
    sandbox.reset()
    before = {account: inventory_of(sandbox, account) for account in ("alpha001", "kyle")}
    sandbox.play("site.yml", "-l", "alpha002_dev", *UNPROVEN).succeeded()
    assert {account: inventory_of(sandbox, account) for account in ("alpha001", "kyle")} == before
    assert writes(sandbox, "alpha001", "kyle") == []
    assert inventory_of(sandbox, "alpha002")["distributions"] == ["dev.alpha002.assets.arda.cards"]

    # The delegation was written through the assumed role, never with root credentials.
    changes = [c for c in sandbox.journal() if c["operation"] == "route53:ChangeResourceRecordSets"]
    in_root = {c["caller"] for c in changes if c["account"] == ACCOUNTS["root"]}
    assert in_root == {"arn:aws:sts::841876193886:assumed-role/AllowCreatingNSRecordsRole/Alpha002-delegation"}


def test_check_mode_on_an_empty_account_writes_nothing_and_shows_every_change(sandbox: Sandbox) -> None:
    sandbox.reset()
    predicted = sandbox.play("site.yml", "-l", "alpha002_dev", "--check", "--diff").succeeded()
    assert writes(sandbox) == []
    assert not (sandbox.directory / "artifacts/image_partition-alpha002_dev.json.partial").exists()
    made = sandbox.play("site.yml", "-l", "alpha002_dev", *UNPROVEN).succeeded()

    def sentences(output: str, verb: str) -> list[str]:
        return [line.split(f"{verb}: ")[1] for line in output.splitlines() if f" {verb}: " in line]

    assert sentences(predicted.output, "would") == sentences(made.output, "did") != []
    assert "+    versioning: Enabled" in predicted.output
    again = sandbox.play("site.yml", "-l", "alpha002_dev", "--check", "--diff").succeeded()
    assert again.changed == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ["-l", "alpha002_dev", "-e", "aws_account_id=009765408297", "-e", "{aws_connection: %s}"],
            ["009765408297", "139852620346", "Nothing was written"],
            id="wrong account",
        ),
        pytest.param(
            ["-l", "alpha002_dev", "-e", "image_partition_log_bucket="],
            ["alpha002_dev", "log_bucket"],
            id="empty variable",
        ),
        pytest.param(["-l", "alpha002_typo"], ["alpha002_typo"], id="unknown host"),
        pytest.param(["-l", "alpha002_dev:alpha002_typo"], ["alpha002_typo"], id="unknown host beside a known one"),
        pytest.param(
            ["-l", "alpha002_dev", "-e", "{image_partition_application_origins: ['https://a.example/path']}"],
            ["Nothing was written", "scheme://host"],
            id="broken origin",
        ),
    ],
)
def test_bad_input_stops_before_any_write(sandbox: Sandbox, arguments: list[str], words: list[str]) -> None:
    sandbox.reset()
    connection = json.dumps(
        {"access_key": ACCOUNTS["alpha002"], "secret_key": "{{ sandbox_secret_key }}", "region": "us-east-1"}
        | {"endpoint_url": sandbox.endpoint, "profile": "", "session_token": ""}
    )
    run = sandbox.play("site.yml", *[a.replace("%s", connection) for a in arguments])
    assert run.code != 0
    for word in words:
        assert word in run.output.replace("\n", " "), run.output[-3000:]
    assert writes(sandbox) == []


def test_a_missing_required_variable_is_named(sandbox: Sandbox, tmp_path: Any) -> None:
    sandbox.reset()
    (tmp_path / "hosts.yml").write_text("partitions: {hosts: {alpha002_dev: {}}}\n")
    run = sandbox.play("site.yml", "-i", str(tmp_path / "hosts.yml"), "-e", "{aws_environment: {}, aws_connection: {}}")
    assert run.code != 0
    assert "dns_foundation_infrastructure" in run.output
    assert writes(sandbox) == []


def test_no_sandbox_and_no_credentials_name_their_remedy(sandbox: Sandbox, tmp_path: Any) -> None:
    nowhere = sandbox.play("site.yml", "-l", "alpha002_dev", ARDA_SANDBOX_API_PORT="1")
    assert nowhere.code != 0
    assert "nothing answers" in nowhere.output
    assert "make sandbox" in nowhere.output
    empty = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    real = sandbox.play("site.yml", "-i", "inventories/arda", "-l", "alpha002_dev", **empty)
    assert real.code != 0
    assert "alpha002" in real.output
    assert "aws sso login" in real.output.replace("\n", " ")


ORIGINS = "{image_partition_application_origins: ['https://one.example', 'http://localhost:3000']}"


def test_an_operator_who_assumes_a_role(sandbox: Sandbox) -> None:
    """The way of AWX: no profile, a role in the account; not the account's root, so that every policy counts."""
    sandbox.reset()
    iam = sandbox.client("alpha002", "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::139852620346:root"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    version = {"Version": "2012-10-17"}
    iam.create_role(RoleName="Operator", AssumeRolePolicyDocument=json.dumps({**version, "Statement": [trust]}))
    iam.put_role_policy(
        RoleName="Operator", PolicyName="All", PolicyDocument=json.dumps({**version, "Statement": [allow]})
    )
    role = ("-e", "aws_role_arn=arn:aws:iam::139852620346:role/Operator")
    sandbox.play("site.yml", "-l", "alpha002_dev", *role).succeeded()
    assert sandbox.play("site.yml", "-l", "alpha002_dev", *role, *UNPROVEN).succeeded().changed == 0
    callers = {
        call["caller"].split(":")[5].split("/")[1]
        for call in sandbox.journal()
        if call["account"] == ACCOUNTS["alpha002"]
        and call["operation"].startswith(("cloudfront:Create", "secretsmanager:Put", "cloudformation:Create"))
    }
    assert callers == {"Operator"}


def test_a_profile_in_the_shell_does_not_reach_the_sandbox(sandbox: Sandbox) -> None:
    sandbox.reset()
    foreign = {"AWS_PROFILE": "nowhere", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"}
    sandbox.play("playbooks/preflight.yml", "-l", "alpha002_dev", **foreign).succeeded()


def test_the_three_meanings_of_the_origins(sandbox: Sandbox, tmp_path: Any) -> None:
    """A list is those origins; an empty list the VPC endpoint alone; not defined, all origins."""
    sandbox.reset()
    s3 = sandbox.client("alpha002", "s3")
    bucket = "alpha002-dev-image-asset-bucket"

    def statements() -> dict[str, Any]:
        document = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        return {statement["Sid"]: statement for statement in document["Statement"]}

    sandbox.play("site.yml", "-l", "alpha002_dev", "-e", ORIGINS, *UNPROVEN).succeeded()
    (rule,) = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule["AllowedMethods"] == ["POST"]
    assert sorted(rule["AllowedOrigins"]) == ["http://localhost:3000", "https://one.example"]
    assert set(statements()) == {"TlsOnly", "DistributionReads"}

    empty = "{image_partition_application_origins: []}"
    sandbox.play("playbooks/image_partition.yml", "-l", "alpha002_dev", "-e", empty).succeeded()
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=bucket)
    endpoint = sandbox.client("alpha002", "ec2").describe_vpc_endpoints()["VpcEndpoints"][0]["VpcEndpointId"]
    uploads = statements()["UploadsFromTheEndpointOnly"]
    assert (uploads["Effect"], uploads["Action"]) == ("Deny", "s3:PutObject")
    assert uploads["Condition"] == {"StringNotEquals": {"aws:SourceVpce": endpoint}}

    undefined = tmp_path / "inventory"
    undefined.mkdir()
    (undefined / "hosts.yml").symlink_to(sandbox_inventory("hosts.yml"))
    (undefined / "aws_config.cfg").symlink_to(sandbox_inventory("aws_config.cfg"))
    variables = undefined / "group_vars"
    (variables / "all").mkdir(parents=True)
    (variables / "alpha002").symlink_to(sandbox_inventory("group_vars/alpha002"))
    for name in ("ansible.yml", "connection.yml"):
        (variables / "all" / name).symlink_to(sandbox_inventory(f"group_vars/all/{name}"))
    platform = sandbox_inventory("group_vars/all/platform.yml").read_text()
    head, _origins, tail = platform.partition("image_partition_application_origins:\n")
    (variables / "all/platform.yml").write_text(head + tail.split("\n", 1)[1])
    inventory = ["-i", str(undefined), "-l", "alpha002_dev", "playbooks/image_partition.yml"]
    sandbox.play(*inventory, *UNPROVEN).succeeded()
    (rule,) = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule["AllowedOrigins"] == ["*"]
    assert set(statements()) == {"TlsOnly", "DistributionReads"}


def sandbox_inventory(name: str) -> Any:
    from .conftest import ROOT

    return (ROOT / "inventories/sandbox" / name).resolve()


def test_another_region_keeps_the_certificate_in_us_east_1(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.play("site.yml", "-l", "alpha002_dev", "-e", "aws_region=eu-west-1").succeeded()
    assert sandbox.client("alpha002", "acm").list_certificates()["CertificateSummaryList"]
    assert not sandbox.client("alpha002", "acm", "eu-west-1").list_certificates()["CertificateSummaryList"]
    exported = sandbox.client("alpha002", "cloudformation", "eu-west-1").list_exports()["Exports"]
    assert {e["Name"] for e in exported} >= {f"Alpha002-dev-API-{name}" for name in NAMES}
    location = sandbox.client("alpha002", "s3").get_bucket_location(Bucket="alpha002-dev-image-asset-bucket")
    assert location["LocationConstraint"] == "eu-west-1"


def watch_processes(process: subprocess.Popen[str], found: list[str]) -> None:
    """Look at every command line and environment of this machine for a private key, for as long as a play runs."""
    while process.poll() is None:
        for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
            with contextlib.suppress(OSError):
                if PRIVATE_KEY.search(path.read_bytes().decode(errors="replace")):
                    found.append(str(path))
        time.sleep(0.02)


def test_no_private_key_in_any_output(sandbox: Sandbox) -> None:
    sandbox.reset()
    process = sandbox.start_play("site.yml", "-l", "alpha002_dev", "-vvv", "--diff")
    seen = threading.Thread(target=watch_processes, args=(process, found := []))
    seen.start()
    output, _errors = process.communicate(timeout=600)
    seen.join()
    assert found == []
    run = Run(process.returncode, output).succeeded()
    assert not PRIVATE_KEY.search(run.output)
    leaks = [
        str(path)
        for folder in ("artifacts", "tmp", "ansible")
        for path in (sandbox.directory / folder).rglob("*")
        if path.is_file() and PRIVATE_KEY.search(path.read_text(errors="replace"))
    ]
    assert leaks == []
