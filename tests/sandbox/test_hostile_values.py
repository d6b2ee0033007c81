"""Jinja, shell and terminal text in what comes back from AWS is data: in reports, printed commands, JSON and JUnit."""

from __future__ import annotations

import json
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from .helpers.inventory import writes
from .helpers.partition import BUCKET, HOST, ROLE, SECRET, Partition
from .helpers.sample import exhaustive, sample
from .helpers.sandbox import Sandbox

ONE = ("-l", "alpha002_dev")
READERS = {
    "plan": 2,
    "drift": 2,
    "diagnose": 2,
    "artifacts": 0,
    "adopt": 2,
    "orphans": 0,
    "verify": 0,
}


def hostile(mark: Path) -> str:
    """Text that leaves a file if a template, a shell or YAML evaluates it, and that would clear a terminal."""
    return (
        f"{{{{ lookup('ansible.builtin.pipe', 'touch {mark}') }}}}{{% set x = 1 %}} $(touch {mark}) `touch {mark}` "
        f"'; touch {mark} #\n\x1b[2J\x1b]0;title\x07 <script>alert(1)</script> \u202e"
    )


@pytest.fixture(scope="module")
def poisoned(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Partition, Path]:
    """A partition with hostile text wherever AWS takes free text."""
    sandbox.deploy()
    partition = Partition(sandbox)
    mark = tmp_path_factory.mktemp("hostile") / "evaluated"
    text = hostile(mark)
    partition.change_distribution(lambda config: config.update(Comment=text[:128]))
    statement = {
        "Sid": "More",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/{text}",
    }
    partition.change_policy(lambda statements: statements.append(statement))
    iam = partition.client("iam")
    iam.update_role(RoleName=ROLE, Description=re.sub(r"[^ -~]", "", text)[:900], MaxSessionDuration=3600)
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": text}], "Version": "2012-10-17"}
    iam.put_role_policy(RoleName=ROLE, PolicyName="More", PolicyDocument=json.dumps(policy))
    partition.client("s3").put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "a", "Value": text[:200]}]})
    partition.client("secretsmanager").tag_resource(SecretId=SECRET, Tags=[{"Key": "b", "Value": text[:200]}])
    route53 = partition.client("route53")
    zone = next(z["Id"] for z in route53.list_hosted_zones()["HostedZones"])
    route53.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=zone.rpartition("/")[2], AddTags=[{"Key": "c", "Value": text[:200]}]
    )
    orphan = partition.client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "Alpha002-gone-images",
            "Description": text[:256],
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        }
    )
    assert orphan
    document = json.dumps({"keyPairId": text, "privateKey": text})
    partition.client("secretsmanager").create_secret(
        Name="Alpha002-dev/hostile", SecretString=document, Description=text[:500]
    )
    return partition, mark


@pytest.mark.parametrize("name", sample(list(READERS), 4))
def test_hostile_text_is_shown_and_written_as_data(poisoned: tuple[Partition, Path], name: str, tmp_path: Path) -> None:
    partition, mark = poisoned
    sandbox, before = partition.sandbox, writes(partition.sandbox)
    limit = () if name == "orphans" else ONE
    run = sandbox.play(f"playbooks/{name}.yml", *limit, "-v")
    assert run.code == READERS[name], run.output[-3000:]
    assert not mark.exists(), "it was evaluated"
    assert not re.search(r"\x1b|\x07|\u202e", run.output), "it reached the terminal"
    if name != "verify":
        assert writes(sandbox) == before
    for artifact in (sandbox.directory / "artifacts").glob("*.json"):
        json.loads(artifact.read_text())
    for suite in (sandbox.directory / "artifacts").glob("*.xml"):
        ET.parse(suite)
    for line in run.output.splitlines():
        command = line.strip().removeprefix("command").strip()
        if command.startswith(("aws ", "dig ", "AWS_ACCESS_KEY_ID=")):
            assert str(mark) not in " ".join(w for w in re.split(r"'[^']*'", command)), "a shell would evaluate it"
            shlex.split(command)


@exhaustive
def test_run_that_mends_a_hostile_partition_evaluates_nothing(poisoned: tuple[Partition, Path]) -> None:
    partition, mark = poisoned
    run = partition.sandbox.play("site.yml", *ONE, "--skip-tags", "verify", "--diff", "-v").succeeded()
    assert run.changed
    assert not mark.exists()
    assert HOST in run.output
