"""Odd values in the inventory, all in one run: each is named with its variable, before any write."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .helpers.inventory import writes
from .helpers.sample import exhaustive, sample
from .helpers.sandbox import BIN, ROOT, Sandbox

#: A variable of an inventory, an odd value, and the role's variable that the message names.
ALL: list[tuple[str, Any, str]] = [
    ("partition", None, "image_partition_partition"),
    ("partition", "dev\n", "image_partition_partition"),
    ("partition", ["dev"], "image_partition_partition"),
    ("infrastructure", None, "infrastructure"),
    ("infrastructure", "../x", "infrastructure"),
    ("aws_account_id", 9765408297, "account_id"),
    ("aws_account_id", "13985262034x", "account_id"),
    ("aws_region", "us-esat-1", "image_partition_region"),
    ("aws_region", "cn-north-1", "image_partition_region"),
    ("assets_domain", "assets.arda.cards.", "domain"),
    ("assets_domain", "Assets.Arda.Cards", "domain"),
    ("root_account_id", "1", "dns_foundation_root_account_id"),
    ("delegation_role_arn", "arn:aws:iam::139852620346:role/x", "dns_foundation_delegation_role_arn"),
    ("image_partition_bucket_client_role_arn", "*", "image_partition_bucket_client_role_arn"),
    ("image_partition_verifier_role_arn", "*", "image_partition_verifier_role_arn"),
    ("image_partition_verifier_role_arn", "arn:aws:iam::009765408297:role/x", "image_partition_verifier_role_arn"),
    ("image_partition_application_origins", "", "image_partition_application_origins"),
    ("image_partition_application_origins", None, "image_partition_application_origins"),
    (
        "image_partition_application_origins",
        "https://a.example,https://b.example",
        "image_partition_application_origins",
    ),
    (
        "image_partition_application_origins",
        ["https://Dev.Alpha002.App.Arda.cards"],
        "image_partition_application_origins",
    ),
    ("image_partition_read_origins", ["*"], "image_partition_read_origins"),
    ("image_partition_clock_skew_seconds", -1000000, "image_partition_clock_skew_seconds"),
    ("image_partition_longest_grant_seconds", None, "image_partition_longest_grant_seconds"),
    ("image_partition_key_rotation_seconds", 0, "image_partition_key_rotation_seconds"),
    ("image_partition_poll_retries", 0, "image_partition_poll_retries"),
    ("image_partition_limits", {"public_keys": -5}, "image_partition_limits"),
    ("image_partition_export_names", {"nope": "x"}, "nope"),
    ("image_partition_export_names", {"bucket_name": "x'y"}, "image_partition_export_names"),
    ("image_partition_tags", {"aws:x": "1"}, "image_partition_tags"),
    ("image_partition_tags", None, "image_partition_tags"),
    ("image_partition_log_bukket", "a", "did you mean image_partition_log_bucket"),
    ("image_partition_dns_server", "127.0.0.1:notaport", "image_partition_dns_server"),
    ("image_partition_ca_file", "/nonexistent", "image_partition_ca_file"),
    ("image_verification_propagation_seconds", "a minute", "image_verification_propagation_seconds"),
    ("image_verification_connect_https", "127.0.0.1", "image_verification_connect_https"),
    ("image_verification_other_bucket", "Logs", "image_verification_other_bucket"),
    ("image_verification_client_role_arn", "arn:aws:iam::009765408297:role/x", "image_verification_client_role_arn"),
    ("image_verification_keep_samples", True, "did you mean image_verification_keep_sample"),
    ("dns_foundation_certificate_region", "eu-west-1", "dns_foundation_certificate_region"),
    ("dns_foundation_tags", {str(number): "x" for number in range(11)}, "dns_foundation_tags"),
]
#: Each with a host of its own, which compares what it has with all others.
ODD = sample(ALL, 4)


@pytest.fixture
def inventory(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A script that lists a copy of Alpha002/dev for each odd value."""
    command = [BIN / "ansible-inventory", "-i", "inventories/sandbox", "--list"]
    listed = subprocess.run(command, cwd=ROOT, env=sandbox.environment, capture_output=True, text=True, check=True)
    dev = json.loads(listed.stdout)["_meta"]["hostvars"]["alpha002_dev"]
    hostvars = {f"odd_{number}": {**dev, name: value} for number, (name, value, _named) in enumerate(ODD)}
    document = {"_meta": {"hostvars": hostvars}, "partitions": {"hosts": list(hostvars)}}
    (tmp_path / "aws_config.cfg").write_text((ROOT / "inventories/sandbox/aws_config.cfg").read_text())
    script = tmp_path / "inventory.py"
    script.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(document)!r})\n")
    script.chmod(0o755)
    return script


PLAY = """
- hosts: partitions
  gather_facts: false
  ignore_errors: true
  tasks:
    - {import_role: {name: arda.image_upload.dns_foundation, tasks_from: inputs, rolespec_validate: false}}
    - {import_role: {name: arda.image_upload.image_verification, tasks_from: inputs, rolespec_validate: false}}
    - {import_role: {name: arda.image_upload.image_partition, tasks_from: inputs, rolespec_validate: false}}
"""
FATAL = re.compile(r"^fatal: \[(\w+)\]: (.*?)(?=^fatal: |^PLAY |^TASK |\Z)", re.MULTILINE | re.DOTALL)


def test_odd_values_are_named_with_their_variable(sandbox: Sandbox, inventory: Path) -> None:
    """The checks of preflight.yml, in a play that goes on where one fails."""
    play = inventory.with_name("inputs.yml")
    play.write_text(PLAY)
    run = sandbox.play(str(play), "-i", str(inventory), "-f", "20")
    messages: dict[str, str] = {}
    for host, text in FATAL.findall(run.output):
        messages[host] = f"{messages.get(host, '')} {' '.join(text.split())}"
    silent = [odd for number, odd in enumerate(ODD) if odd[2] not in messages.get(f"odd_{number}", "")]
    assert silent == []


@exhaustive
def test_odd_value_stops_the_site_before_any_write(sandbox: Sandbox, inventory: Path) -> None:
    sandbox.reset()
    run = sandbox.play("site.yml", "-i", str(inventory), "-f", "20")
    assert run.code != 0
    assert writes(sandbox) == []


def test_role_of_another_partition_is_refused(sandbox: Sandbox) -> None:
    taken = "arn:aws:iam::139852620346:role/Alpha002-stage-BucketClientRole"
    run = sandbox.play(
        "playbooks/preflight.yml", "-l", "alpha002_dev", "-e", f"image_partition_bucket_client_role_arn={taken}"
    )
    assert run.code != 0
    assert "expected one of this partition only" in " ".join(run.output.split())
