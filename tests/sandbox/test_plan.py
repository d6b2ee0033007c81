"""The plan is what a run then does, and a drift names exactly what was changed by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from .helpers.drifts import DRIFTS, Drift
from .helpers.inventory import writes
from .helpers.partition import SECRET, Partition
from .helpers.public_keys import new_key
from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import ROOT_USER, UNPROVEN, Run, Sandbox, wait_for

DEV = ("-l", "alpha002_dev")
#: Every change alone, and each with another one.
STATES = [*((one,) for one in DRIFTS), *zip(DRIFTS[::3], DRIFTS[1::3][::-1], strict=False)]


def made(sandbox: Sandbox, kind: str, *more: str, **environment: str) -> tuple[Run, dict[str, Any]]:
    """Run the playbook of a plan or of a drift; returns the run, and what it has written."""
    file = sandbox.directory / f"artifacts/{kind}.json"
    file.unlink(missing_ok=True)
    run = sandbox.play(f"playbooks/{kind}.yml", *DEV, *more, **environment)
    return run, json.loads(file.read_text()) if file.exists() else {}


def rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for section in document["sections"] for row in section["resources"] if row["action"] != "none"]


def done(sandbox: Sandbox) -> list[str]:
    """Deploy the partition; returns the changes that its tasks report."""
    run = sandbox.play("site.yml", *DEV, *UNPROVEN, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
    assert run.code == 0, run.output[-3000:]
    results = [
        result
        for play in json.loads(run.output[run.output.index("{") :])["plays"]
        for task in play["tasks"]
        for result in task["hosts"].values()
    ]
    changes = [change for result in results if result.get("changed") for change in result.get("changes", [])]
    return sorted({part for change in changes for part in change.split(", ")})


@pytest.fixture(scope="module")
def partition(sandbox: Sandbox) -> Partition:
    sandbox.deploy()
    return Partition(sandbox)


@exhaustive
def test_plan_of_an_empty_account_is_applied_once(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    before = writes(sandbox)
    run, plan = made(sandbox, "plan")
    assert run.code == 2, run.output[-2000:]
    assert writes(sandbox) == before
    assert plan["count"] == {"create": 16, "update": 0, "replace": 0, "delete": 0, "none": 0}
    assert "  create   bucket alpha002-dev-image-asset-bucket" in run.output
    assert "Plan: 16 to create." in run.output
    saved = tmp_path / "plan.json"
    saved.write_text(json.dumps(plan))
    other = sandbox.play("site.yml", "-l", "alpha002_stage", *UNPROVEN, "-e", f"plan={saved}")
    assert other.code == 2
    assert "the plan is for alpha002_dev, the run for alpha002_stage" in other.output
    assert writes(sandbox) == before
    sandbox.play("site.yml", *DEV, *UNPROVEN, "-e", f"plan={saved}").succeeded()
    written = writes(sandbox)
    again = sandbox.play("site.yml", *DEV, *UNPROVEN, "-e", f"plan={saved}")
    assert again.code == 2
    assert "planned create, now none" in again.output
    for more in (["-e", "plan=/nowhere/plan.json"], ["-e", f"plan={saved}", "--tags", "verify"]):
        refused = sandbox.play("site.yml", *DEV, *more)
        assert refused.code == 2, refused.output[-2000:]
        assert "Nothing was written." in refused.output
    assert writes(sandbox) == written
    run, plan = made(sandbox, "plan")
    assert (run.code, plan["result"]) == (0, "same"), run.output[-2000:]


@pytest.mark.parametrize(
    "state", STATES if EXHAUSTIVE else STATES[:1], ids=lambda state: " and ".join(one.name for one in state)
)
def test_drift_names_the_fields_and_the_run_does_what_is_planned(
    partition: Partition, state: tuple[Drift, ...]
) -> None:
    sandbox = partition.sandbox
    for one in state:
        one.change(partition)
    before = writes(sandbox)
    run, drift = made(sandbox, "drift")
    assert writes(sandbox) == before
    did = done(sandbox)  # before the comparisons, so that the next state begins with a partition as declared
    found = {
        (row["type"], re.sub("^CNAME _.*", "CNAME", row["name"])): {field["field"] for field in row["fields"]}
        for row in rows(drift)
    }
    expected: dict[tuple[str, str], set[str]] = {}
    for one in state:
        for resource, fields in one.fields.items():
            expected[resource] = expected.get(resource, set()) | fields
    updated = {key: fields for key, fields in found.items() if key not in [gone for one in state for gone in one.gone]}
    assert updated == expected
    assert set(found) - set(expected) == {gone for one in state for gone in one.gone}
    assert run.code == (2 if found else 0), run.output[-2000:]
    planned = sorted({change for row in rows(drift) for change in row["changes"]})
    assert did == planned
    assert made(sandbox, "drift")[0].code == 0


def test_drift_names_what_no_run_removes(partition: Partition) -> None:
    """A public key of another owner that the key group trusts."""
    cloudfront = partition.client("cloudfront")
    groups = cloudfront.list_key_groups()["KeyGroupList"]["Items"]
    group = cloudfront.get_key_group(Id=groups[0]["KeyGroup"]["Id"])
    config = group["KeyGroup"]["KeyGroupConfig"]
    foreign = new_key(cloudfront, "by-hand")
    config["Items"].append(foreign)
    update = {"Id": groups[0]["KeyGroup"]["Id"], "KeyGroupConfig": config}
    cloudfront.update_key_group(IfMatch=group["ETag"], **update)
    run, drift = made(partition.sandbox, "drift")
    assert run.code == 2
    (row,) = [row for section in drift["sections"] for row in section["resources"] if row["unmanaged"]]
    assert (row["type"], row["name"]) == ("signing key", SECRET)
    assert row["unmanaged"][0]["field"] == f"key_group.keys[{foreign}]"
    assert f"key_group.keys[{foreign}]" in run.output
    config["Items"].remove(foreign)
    etag = cloudfront.get_key_group(Id=update["Id"])["ETag"]
    cloudfront.update_key_group(IfMatch=etag, **{**update, "KeyGroupConfig": config})
    wait_for(lambda: made(partition.sandbox, "drift")[0].code == 0)  # CloudFront deploys the change of the group


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["-e", "aws_account_id='111122223333'", *ROOT_USER], "AllowCreatingNSRecordsRole name the caller"),
        (["-e", "image_partition_key_type=rsa-1"], "image_partition_key_type: expected rsa-2048 or ecdsa-p256"),
        (["-e", "image_partition_log_bucket=no-such-bucket"], "no-such-bucket"),
        (["--tags", "verify"], "A plan cannot be made with --tags"),
        (["-e", "rollout_ring=first"], "Expected a whole number as rollout_ring"),
    ],
    ids=lambda value: "".join(value[:2]) if isinstance(value, list) else "",
)
def test_plan_that_cannot_be_made_ends_with_exit_code_1(partition: Partition, more: list[str], told: str) -> None:
    run, _plan = made(partition.sandbox, "plan", *more)
    assert run.code == 1, run.output[-2000:]
    assert told in " ".join(run.output.split())
