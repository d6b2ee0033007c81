"""What operators may choose on site.yml, and what they may get wrong."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from .helpers.inventory import NAMES, exports, writes
from .helpers.sample import exhaustive, sample
from .helpers.sandbox import ACCOUNTS, PRIVATE_KEY, ROOT_USER, UNPROVEN, Run, Sandbox

BAD_INPUTS = [
    pytest.param(
        ["-l", "alpha002_dev", "-e", "aws_account_id=009765408297", "-e", "{aws_connection: %s}", *ROOT_USER],
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
    pytest.param(
        ["-l", "alpha002_stage", "-e", "{image_partition_export_names: {bucket_name: Same, bucket_arn: Same}}"],
        ["Nothing was written", "image_partition_export_names", "a name of its own for each key"],
        id="one name for two exports",
    ),
    pytest.param(
        ["-l", "alpha002_dev:alpha002_stage", "-e", "{image_partition_export_names: {bucket_name: Same}}"],
        ["Nothing was written", "image_partition_export_names.bucket_name", "found Same, also that of alpha002"],
        id="one export name for two partitions",
    ),
    pytest.param(
        ["-l", "alpha002_dev", "-e", "{image_partition_export_names: {bucket_name: a_b}}"],
        ["Nothing was written", "image_partition_export_names", "a_b"],
        id="ill-formed export name",
    ),
    pytest.param(
        ["-l", "alpha002_dev", "-e", "aws_region=cn-north-1"],
        ["Nothing was written", "cn-north-1", "AWS partition"],
        id="another AWS partition",
    ),
]


@pytest.mark.parametrize(("arguments", "words"), sample(BAD_INPUTS, 6))
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


def test_role_that_is_set_for_the_selected_partition_is_not_that_of_the_others(sandbox: Sandbox) -> None:
    """-e sets it for every host of the inventory."""
    sandbox.reset()
    role = f"arn:aws:iam::{ACCOUNTS['alpha002']}:role/Alpha002-dev-BucketClientRole"
    given = ("-e", f"image_partition_bucket_client_role_arn={role}")
    sandbox.play("playbooks/preflight.yml", "-l", "alpha002_dev", *given).succeeded()
    both = sandbox.play("playbooks/preflight.yml", "-l", "alpha002_dev,alpha002_stage", *given)
    assert f"found {role}, also that of alpha002_stage" in both.output


@exhaustive
def test_export_names_of_the_inventory_are_published_and_verified(sandbox: Sandbox) -> None:
    """Also on a partition that was just made: the verification reads the same names."""
    sandbox.reset()
    names = ("-e", "{image_partition_export_names: {bucket_name: Shop-Bucket}}")
    run = sandbox.play("site.yml", "-l", "alpha002_stage", *names).succeeded()
    assert "Verification verify of alpha002_stage" in run.output
    found = exports(sandbox, "alpha002")
    assert found["Shop-Bucket"] == "alpha002-stage-image-asset-bucket"
    assert "Alpha002-stage-API-ImageAssetBucketName" not in found


@exhaustive
def test_cname_at_the_name_of_the_partition_is_named_before_any_write(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha001_demo").succeeded()
    route53 = sandbox.client("alpha001", "route53")
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    record = {"Name": "demo.alpha001.assets.arda.cards", "Type": "CNAME", "TTL": 60}
    record["ResourceRecords"] = [{"Value": "d111111abcdef8.cloudfront.net"}]
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    before = writes(sandbox)
    for playbook, arguments in (("site.yml", ["--check"]), ("playbooks/image_partition.yml", [])):
        run = sandbox.play(playbook, "-l", "alpha001_demo", *arguments)
        assert (run.code == 0) == bool(arguments)
        output = " ".join(run.output.split())
        assert "the name demo.alpha001.assets.arda.cards is free for an A and an AAAA record" in output
        assert '["CNAME"]' in output
        assert "find out who uses it, delete it from zone alpha001.assets.arda.cards, run again" in output
    assert writes(sandbox) == before


def test_missing_required_variable_is_named(sandbox: Sandbox, tmp_path: Any) -> None:
    sandbox.reset()
    (tmp_path / "hosts.yml").write_text("partitions: {hosts: {alpha002_dev: {rollout_ring: 1}}}\n")
    run = sandbox.play("site.yml", "-i", str(tmp_path / "hosts.yml"), "-e", "{aws_environment: {}, aws_connection: {}}")
    assert run.code != 0
    assert "dns_foundation_infrastructure" in run.output
    assert writes(sandbox) == []


def test_missing_sandbox_or_credentials_name_their_remedy(sandbox: Sandbox, tmp_path: Any) -> None:
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


def test_profile_in_the_shell_does_not_reach_the_sandbox(sandbox: Sandbox) -> None:
    sandbox.reset()
    foreign = {"AWS_PROFILE": "nowhere", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"}
    sandbox.play("playbooks/preflight.yml", "-l", "alpha002_dev", **foreign).succeeded()


@exhaustive
def test_origins_omitted_listed_or_empty_have_their_meaning(sandbox: Sandbox, tmp_path: Any) -> None:
    """A list is those origins; an empty list the VPC endpoint alone; not defined, all origins."""
    sandbox.deploy()
    s3 = sandbox.client("alpha002", "s3")
    bucket = "alpha002-dev-image-asset-bucket"
    play = ("playbooks/image_partition.yml", "-l", "alpha002_dev", *UNPROVEN)

    def statements() -> dict[str, Any]:
        document = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        return {statement["Sid"]: statement for statement in document["Statement"]}

    sandbox.play(*play, "-e", ORIGINS).succeeded()
    (rule,) = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule["AllowedMethods"] == ["POST"]
    assert sorted(rule["AllowedOrigins"]) == ["http://localhost:3000", "https://one.example"]
    assert set(statements()) == {"TlsOnly", "DistributionReads"}

    empty = "{image_partition_application_origins: []}"
    sandbox.play(*play, "-e", empty).succeeded()
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
    sandbox.play(*play, "-i", str(undefined)).succeeded()
    (rule,) = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule["AllowedOrigins"] == ["*"]
    assert set(statements()) == {"TlsOnly", "DistributionReads"}


def sandbox_inventory(name: str) -> Any:
    from .helpers.sandbox import ROOT

    return (ROOT / "inventories/sandbox" / name).resolve()


@exhaustive
def test_certificate_of_a_partition_in_another_region_is_in_us_east_1(sandbox: Sandbox) -> None:
    sandbox.reset()
    logs = "alpha002-dev-access-logs-eu-west-1"  # server access logs stay in the region of the bucket
    s3 = sandbox.client("alpha002", "s3", "eu-west-1")
    s3.create_bucket(Bucket=logs, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    seeded = sandbox.client("alpha002", "s3").get_bucket_policy(Bucket="alpha002-dev-access-logs")["Policy"]
    s3.put_bucket_policy(Bucket=logs, Policy=seeded.replace("alpha002-dev-access-logs", logs))
    region = ("-e", "aws_region=eu-west-1", "-e", f"image_partition_log_bucket={logs}")
    sandbox.play("site.yml", "-l", "alpha002_dev", *region).succeeded()
    assert sandbox.client("alpha002", "acm").list_certificates()["CertificateSummaryList"]
    assert not sandbox.client("alpha002", "acm", "eu-west-1").list_certificates()["CertificateSummaryList"]
    exported = sandbox.client("alpha002", "cloudformation", "eu-west-1").list_exports()["Exports"]
    assert {e["Name"] for e in exported} >= {f"Alpha002-dev-API-{name}" for name in NAMES}
    location = sandbox.client("alpha002", "s3").get_bucket_location(Bucket="alpha002-dev-image-asset-bucket")
    assert location["LocationConstraint"] == "eu-west-1"


def watch_processes(process: subprocess.Popen[str], found: list[str]) -> None:
    """Search every command line and environment of this machine for a private key, for as long as a play runs."""
    while process.poll() is None:
        for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
            with contextlib.suppress(OSError):
                if PRIVATE_KEY.search(path.read_bytes().decode(errors="replace")):
                    found.append(str(path))
        time.sleep(0.02)


@exhaustive
def test_operator_with_an_assumed_role_and_full_output_sees_no_secret(sandbox: Sandbox) -> None:
    """The way of AWX: no profile, a role in the account; not the account's root, so that every policy counts.

    No private key shows meanwhile, as loud as the run is, nor stays behind.
    """
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
    process = sandbox.start_play("site.yml", "-l", "alpha002_dev", "-vvv", "--diff", *role)
    watching = threading.Thread(target=watch_processes, args=(process, seen := []))
    watching.start()
    output, _errors = process.communicate(timeout=600)
    watching.join()
    Run(process.returncode, output).succeeded()
    callers = {
        call["caller"].split(":")[5].split("/")[1]
        for call in sandbox.journal()
        if call["account"] == ACCOUNTS["alpha002"]
        and call["operation"].startswith(("cloudfront:Create", "secretsmanager:Put", "cloudformation:Create"))
    }
    assert callers == {"Operator"}

    assert seen == []
    assert not PRIVATE_KEY.search(output)
    leaks = [
        str(path)
        for folder in ("artifacts", "tmp", "ansible")
        for path in (sandbox.directory / folder).rglob("*")
        if path.is_file() and PRIVATE_KEY.search(path.read_text(errors="replace"))
    ]
    assert leaks == []
