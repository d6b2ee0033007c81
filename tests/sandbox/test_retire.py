"""A partition that is retired is gone but for its images, whatever interrupts the run, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .helpers.inventory import inventory_of, writes
from .helpers.partition import BUCKET, HOST, SECRET
from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import UNPROVEN, Run, Sandbox

RETIRE = ("playbooks/retire.yml", "-l", "alpha002_dev")
DEPLOY = ("site.yml", *UNPROVEN)
EMPTY = (BUCKET, "image", b"an image")


@pytest.fixture(scope="module")
def both(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a sandbox with Alpha002/dev, which holds an image, and Alpha002/stage."""
    sandbox.reset()
    sandbox.play(*DEPLOY, "-l", "alpha002", "-e", "rollout=parallel").succeeded()
    bucket, key, body = EMPTY
    for _version in range(2):
        sandbox.client("alpha002", "s3").put_object(Bucket=bucket, Key=key, Body=body)
    copy = tmp_path_factory.mktemp("both") / "state"
    sandbox.save(copy)
    return copy


def retire(sandbox: Sandbox, *more: str) -> Run:
    return sandbox.play(*RETIRE, *more)


def left_of_dev(sandbox: Sandbox) -> dict[str, list[str]]:
    """What the account holds of Alpha002/dev, by kind, beside what the platform provides."""
    provided = ("Alpha002-dev-BucketClientRole", "alpha002-dev-access-logs")
    held = inventory_of(sandbox, "alpha002")
    iam = sandbox.client("alpha002", "iam")
    held["roles"] = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    zone = sandbox.client("alpha002", "route53").list_hosted_zones()["HostedZones"][0]["Id"]
    records = sandbox.client("alpha002", "route53").list_resource_record_sets(HostedZoneId=zone)
    held["records"] = [record["Name"] for record in records["ResourceRecordSets"]]
    marks = ("Alpha002-dev", "alpha002-dev", HOST)
    found = {
        kind: [n for n in names if any(m in n for m in marks) and n not in provided] for kind, names in held.items()
    }
    return {kind: names for kind, names in found.items() if names}


def secret(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.client("alpha002", "secretsmanager").describe_secret(SecretId=SECRET)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("playbooks/retire.yml",), "found no limit, which means all of them"),
        (("playbooks/retire.yml", "-l", "alpha001_prod"), "image_partition_retire_confirmed=alpha001_prod"),
        ((*RETIRE, "-e", "image_partition_delete_bucket=other-bucket"), f"bucket of a selected partition ({BUCKET})"),
        ((*RETIRE, "-e", "image_partition_secret_recovery_days=3"), "a whole number from 7 to 30"),
        ((*RETIRE, "-e", "dns_foundation_retire_root_zone=X"), "dns_foundation_retire_root_zone: expected"),
    ],
    ids=["no limit", "production", "bucket", "days", "root zone"],
)
def test_retirement_that_is_not_confirmed_writes_nothing(
    sandbox: Sandbox, arguments: tuple[str, ...], told: str
) -> None:
    sandbox.deploy()
    before = writes(sandbox)
    run = sandbox.play(*arguments)
    assert run.code != 0
    assert told in " ".join(run.output.split())
    assert writes(sandbox) == before


@exhaustive
def test_retired_partition_leaves_its_images_and_can_be_deployed_again(both: Path, sandbox: Sandbox) -> None:
    sandbox.restore(both)
    before = writes(sandbox)
    check = retire(sandbox, "--check", "--diff").succeeded()
    assert writes(sandbox) == before
    assert check.changed == 7
    run = retire(sandbox).succeeded()
    assert run.changed == check.changed
    assert f"stays: bucket {BUCKET} with its images, which S3 bills" in run.output
    assert left_of_dev(sandbox) == {"buckets": [BUCKET]}
    assert (secret(sandbox)["DeletedDate"] - secret(sandbox)["LastChangedDate"]).days in (29, 30)
    assert len(sandbox.client("alpha002", "s3").list_object_versions(Bucket=BUCKET)["Versions"]) == 2
    assert retire(sandbox).succeeded().changed == 0
    assert sandbox.play(*DEPLOY, "-l", "alpha002_stage").succeeded().changed == 0
    assert sandbox.play("playbooks/verify.yml", "-l", "alpha002_stage").succeeded().changed == 0
    # Within the recovery window of the secret, which a deployment restores.
    sandbox.play(*DEPLOY, "-l", "alpha002_dev").succeeded()
    assert "DeletedDate" not in secret(sandbox)
    assert sandbox.play(*DEPLOY, "-l", "alpha002_dev").succeeded().changed == 0


@pytest.mark.skipif(not EXHAUSTIVE, reason="make exhaustive retires foundations too")
def test_foundation_and_bucket_go_only_when_they_are_named_and_unused(both: Path, sandbox: Sandbox) -> None:
    sandbox.restore(both)
    foundation = ("-e", "dns_foundation_retire=Alpha002", "-e", "dns_foundation_retire_root_zone=assets.arda.cards")
    refused = retire(sandbox, *foundation, "-e", f"image_partition_delete_bucket={BUCKET}")
    assert refused.code != 0
    assert "FAIL  zone alpha002.assets.arda.cards holds no record of a partition" in refused.output
    assert "stage.alpha002.assets.arda.cards" in refused.output
    assert left_of_dev(sandbox) == {}
    assert inventory_of(sandbox, "alpha002")["zones"] == ["alpha002.assets.arda.cards."]
    stage = "playbooks/retire.yml", "-l", "alpha002_stage"
    early = sandbox.play(*stage, "-e", "dns_foundation_retire_root_zone=assets.arda.cards")
    assert early.code != 0
    assert "delegates to no infrastructure" in early.output
    sandbox.play(*stage, *foundation).succeeded()
    held = inventory_of(sandbox, "alpha002")
    assert {kind: names for kind, names in held.items() if kind not in ("buckets", "roles") and names} == {}
    assert "assets.arda.cards." not in inventory_of(sandbox, "root")["zones"]
    assert sandbox.play(*stage, *foundation).succeeded().changed == 0
    sandbox.play(*DEPLOY, "-l", "alpha002_stage").succeeded()


def test_export_that_is_imported_stops_the_retirement_before_its_first_write(sandbox: Sandbox) -> None:
    sandbox.deploy()
    template = (
        '{"Resources": {"W": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}, "Outputs": {"O": {"Value": '
        '{"Fn::ImportValue": "Alpha002-dev-API-ImageCdnDomainName"}}}}'
    )
    sandbox.client("alpha002", "cloudformation").create_stack(StackName="consumer", TemplateBody=template)
    before = writes(sandbox)
    for more in (["--check"], []):
        run = retire(sandbox, *more)
        assert run.code != 0
        assert "Alpha002-dev-API-ImageCdnDomainName by consumer" in run.output
    assert writes(sandbox) == before
