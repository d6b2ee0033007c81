"""The commands that gates print, run in a shell as they stand: the AWS CLI and dig see what the gate saw."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

import pytest

from .helpers.sample import sample
from .helpers.sandbox import ROOT, Sandbox, need

GATES = ("image_partition", "image_partition-entry", "image_partition-foundation", "verify-entry")


@pytest.fixture(scope="module")
def checks(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The checks of every gate of a deployed partition."""
    sandbox.deploy()
    # As the root user, whose key a command names; no credential of a role is printed. So not
    # dns_foundation-entry, which is read through the delegation role.
    sandbox.play("site.yml", "-l", "alpha002_dev", ARDA_SANDBOX_ROLE="").succeeded()
    foundation = ("dns_foundation", "dns_foundation-root")
    reports = [sandbox.directory / f"artifacts/{name}-alpha002_dev.json" for name in (*foundation, *GATES)]
    return [check for report in reports for check in json.loads(report.read_text())["checks"]]


def printed(sandbox: Sandbox, check: dict[str, Any]) -> str:
    """What the command of a check prints in a new shell without credentials."""
    environment = {"PATH": sandbox.environment["PATH"], "HOME": "/nonexistent"}
    run = subprocess.run(
        ["bash", "-c", check["command"]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return run.stdout + run.stderr


def test_printed_aws_commands_show_what_the_gate_observed(sandbox: Sandbox, checks: list[dict[str, Any]]) -> None:
    commands = {check["command"]: check for check in checks if check["source"] == "aws"}
    # One command for each operation: a start of the AWS CLI takes a second.
    chosen = {tuple(shlex.split(command)[7:9]): check for command, check in commands.items()}
    assert len(chosen) >= 15
    printings = {
        check["command"]: (check["observed"], printed(sandbox, check)) for check in sample(list(chosen.values()), 3)
    }
    assert {command: pair for command, pair in printings.items() if not same(*pair)} == {}


def same(observed: Any, text: str) -> bool:
    """Whether the AWS CLI printed what was observed, a value or the code of an error."""
    try:
        return json.loads(text) == observed
    except ValueError:
        return isinstance(observed, str) and f"({observed})" in text


def test_printed_dig_commands_show_what_the_gate_observed(sandbox: Sandbox, checks: list[dict[str, Any]]) -> None:
    need("dig", "the printed command is not tried")
    for check in checks:
        if check["source"] == "dns":
            lines = printed(sandbox, check).split()
            assert all(any(value in line for line in lines) for value in check["observed"]), check["command"]
