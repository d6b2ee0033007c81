"""The diagnosis names the injected cause, alone and beside another one, and says so of a sound partition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .helpers.breaks import BREAKS, PAIRS, Break
from .helpers.inventory import writes
from .helpers.partition import Partition
from .helpers.sample import EXHAUSTIVE, exhaustive, sample
from .helpers.sandbox import ACCOUNTS, UNPROVEN, Run, Sandbox

DEV = ("-l", "alpha002_dev")
#: A write that fails in a first deployment, and the layer that is then missing.
HALF_WAY = [
    ("route53:CreateHostedZone", "zone"),
    ("acm:RequestCertificate", "certificate"),
    ("cloudfront:CreateDistributionWithTags", "distribution"),
]


@pytest.fixture
def partition(sandbox: Sandbox) -> Iterator[Partition]:
    sandbox.deploy()
    yield Partition(sandbox)
    sandbox.reset()  # a clock or a delay that a break has set would meet the next test file


def diagnosed(sandbox: Sandbox, *more: str) -> tuple[Run, dict[str, Any]]:
    file = sandbox.directory / "artifacts/diagnosis-alpha002_dev.json"
    file.unlink(missing_ok=True)
    before = writes(sandbox)
    run = sandbox.play("playbooks/diagnose.yml", *DEV, *more)
    assert writes(sandbox) == before
    assert file.exists(), run.output[-3000:]
    return run, json.loads(file.read_text())


def options_of(changed: object) -> list[str]:
    """The options that a break has returned; others return what restores the partition, or an answer."""
    return changed if isinstance(changed, list) else []


def test_sound_partition_is_said_to_be_sound_with_the_permissions_of_the_reader(partition: Partition) -> None:
    run, found = diagnosed(partition.sandbox, "-e", "aws_role_name=Reader")
    assert run.code == 0, run.output[-3000:]
    assert "alpha002_dev is sound" in run.output
    assert {check["status"] for check in found["checks"]} == {"passed"}
    assert len({check["layer"] for check in found["checks"]}) >= 24


@pytest.mark.parametrize("one", sample(BREAKS, 60), ids=lambda one: one.name)
def test_diagnosis_names_the_cause(partition: Partition, one: Break) -> None:
    run, found = diagnosed(partition.sandbox, *options_of(one.change(partition)))
    cause = found["cause"]
    assert run.code == 2, run.output[-3000:]
    assert cause, run.output[-3000:]
    assert (cause["layer"], one.evidence in json.dumps([cause["criterion"], cause["observed"]])) == (one.layer, True), (
        cause
    )
    assert cause["remedy"]
    assert found["effect"]
    assert f"Cause: it does not hold that {cause['criterion']}" in " ".join(run.output.split())


@pytest.mark.parametrize(
    "pair", PAIRS if EXHAUSTIVE else PAIRS[:1], ids=lambda pair: " and ".join(one.name for one in pair)
)
def test_diagnosis_names_the_upstream_one_of_two_causes(partition: Partition, pair: tuple[Break, Break]) -> None:
    more: list[str] = []
    for one in reversed(pair):  # what is upstream may make the other one impossible
        more += options_of(one.change(partition))
    _run, found = diagnosed(partition.sandbox, *more)
    assert found["cause"]["layer"] == pair[0].layer, found["cause"]


@pytest.mark.parametrize(("operation", "layer"), sample(HALF_WAY, 3)[:1] if not EXHAUSTIVE else HALF_WAY)
def test_run_that_fails_half_way_names_the_cause_by_itself(sandbox: Sandbox, operation: str, layer: str) -> None:
    sandbox.reset()
    fault = {"operation": operation, "kind": "error", "code": "InvalidInput", "message": "no"}
    sandbox.faults({**fault, "account": ACCOUNTS["alpha002"]})
    run = sandbox.play("site.yml", *DEV, *UNPROVEN, "-e", "diagnose=true")
    assert run.code == 2
    found = json.loads((sandbox.directory / "artifacts/diagnosis-alpha002_dev.json").read_text())
    assert found["cause"]["layer"] == layer, found["cause"]
    assert "Cause: it does not hold that" in run.output


@exhaustive
def test_failed_verification_names_the_command_of_the_diagnosis(partition: Partition) -> None:
    next(one for one in BREAKS if one.name == "distribution key groups").change(partition)
    run = partition.sandbox.play("playbooks/verify.yml", *DEV)
    assert run.code == 2
    command = "To find the cause: ansible-playbook arda.image_upload.diagnose -i inventories/sandbox -l alpha002_dev"
    assert command in " ".join(run.output.split())
