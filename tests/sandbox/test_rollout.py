"""The order of the roll-out, whatever the order of the inventory, and what is selected."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from .helpers.inventory import writes
from .helpers.sample import sample
from .helpers.sandbox import BIN, ROOT, UNPROVEN, Run, Sandbox


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox) -> Sandbox:
    sandbox.deploy()
    return sandbox


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-i", "other,"), "No partition is selected"),
        (("-i", "inventories/sandbox", "-l", "localhost"), "no hosts to target"),
        (("-e", "rollout=everything"), "Expected rollout to be serial or ring or parallel, found 'everything'"),
    ],
)
def test_selection_of_nothing_is_a_failure(deployed: Sandbox, arguments: tuple[str, ...], words: str) -> None:
    before = writes(deployed)
    for playbook in ("site.yml", "playbooks/image_partition.yml", "playbooks/rotate_signing_key.yml"):
        run = deployed.play(playbook, *arguments)
        assert run.code != 0, playbook
        assert words in " ".join(run.output.split())
    assert writes(deployed) == before


def sorted_inventory(sandbox: Sandbox, tmp_path: Path, **changed: dict[str, object]) -> Path:
    """A script that lists the sandbox's hosts by name, as AWX hands them over."""
    command = [BIN / "ansible-inventory", "-i", "inventories/sandbox", "--list"]
    listed = subprocess.run(command, cwd=ROOT, env=sandbox.environment, capture_output=True, text=True, check=True)
    inventory = json.loads(listed.stdout)
    for name, variables in changed.items():
        inventory["_meta"]["hostvars"][name].update(variables)
    hosts = sorted(inventory["_meta"]["hostvars"])
    document = {"_meta": inventory["_meta"], "partitions": {"hosts": hosts}}
    (tmp_path / "aws_config.cfg").write_text((ROOT / "inventories/sandbox/aws_config.cfg").read_text())
    script = tmp_path / "inventory.py"
    script.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(document)!r})\n")
    script.chmod(0o755)
    return script


def begun(run: Run) -> list[str]:
    """The partitions in the order in which their gates spoke."""
    return list(dict.fromkeys(re.findall(r"Gate image_partition-foundation of (\w+)", run.output)))


def test_inventory_sorted_by_name_is_rolled_out_by_rings(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.deploy()
    script = sorted_inventory(
        sandbox, tmp_path, alpha001_demo={"image_partition_log_bucket": "alpha001-demo-access-logs-of-nobody"}
    )
    three = ("-l", "alpha001_prod,alpha001_demo,alpha002_dev")
    failed = sandbox.play("site.yml", "-i", str(script), "-e", "rollout_unchanged=true", *three, *UNPROVEN)
    assert failed.code != 0
    assert begun(failed) == ["alpha002_dev", "alpha001_demo"], "production is a later ring"
    assert "alpha001-prod-image-asset-bucket" not in str(sandbox.client("alpha001", "s3").list_buckets())


def test_partition_without_a_ring_is_refused_before_any_write(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    script = sorted_inventory(sandbox, tmp_path, alpha001_demo={"rollout_ring": "first"})
    run = sandbox.play("playbooks/image_partition.yml", "-i", str(script))
    assert run.code != 0
    assert "rollout_ring of alpha001_demo, found first" in " ".join(run.output.split())
    assert writes(sandbox) == []


@pytest.mark.parametrize("name", sample(sorted(path.name for path in (ROOT / "playbooks").glob("*.yml")), 6))
def test_syntax_of_a_playbook_is_checked_without_an_inventory(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    command = [BIN / "ansible-playbook", ROOT / "playbooks" / name, "-i", "localhost,", "--syntax-check"]
    environment = {key: value for key, value in sandbox.environment.items() if key != "ANSIBLE_CONFIG"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
