"""What operators see, at 80 columns: docs/transcripts has it, and UPDATE_TRANSCRIPTS=1 writes it anew."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable

import pytest
from arda_sandbox.settings import ROOT_SECRET

from .helpers.partition import BUCKET, ROLE
from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import ACCOUNTS, ROOT, Run, Sandbox

FOLDER = ROOT / "docs/transcripts"
#: An operator without a role, whose reports have commands with credentials.
TERMINAL = {"COLUMNS": "80", "ARDA_SANDBOX_ROLE": ""}
#: What differs from run to run, and what stands for it.
VOLATILE = {
    r"\bZ[A-Z0-9]{12,20}\b": "Z0123456789ABCDEFGHIJ",
    r"\bK[A-Z0-9]{13}\b": "K0123456789ABC",
    r"\bE[A-Z0-9]{13}\b": "E0123456789ABC",
    r"\bns-\d+\.awsdns-\d+\.": "ns-0.awsdns-00.",
    r"127\.0\.0\.1:\d+": "127.0.0.1:4566",
    r"\b[1-9]\d* s of": "5 s of",
    r"/\S+/artifacts/": "artifacts/",
    # Where in its file a task is: the line, and the lines around it, which change with the file.
    r"(Origin: \S+?):\d+:\d+\n\n(?:\d+.*\n)+ +\^ column \d+\n": r"\1\n",
    # The artifact ships no account of anyone.
    ACCOUNTS["alpha002"]: "111122223333",
    ACCOUNTS["root"]: "444455556666",
    ACCOUNTS["kyle"]: "777788889999",
}
#: Lines that may be longer: values and commands, which are never cut, and what Ansible itself prints.
LONGER = re.compile(r" {8}|    msg: |\[ERROR\]|Origin: |\w+ +: ok=|  ansible-playbook |  would: ")


def transcript(command: list[str], run: Run) -> str:
    output = run.output.rstrip().replace(str(ROOT), "/home/you/image-upload")
    text = f"$ ansible-playbook {shlex.join(command)}\n{output}\n"
    for pattern, stands in VOLATILE.items():
        text = re.sub(pattern, stands, text)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


def site(*more: str) -> Callable[[Sandbox], tuple[list[str], Run]]:
    def play(sandbox: Sandbox) -> tuple[list[str], Run]:
        command = ["site.yml", "-l", "alpha002_dev", *more]
        return command, sandbox.play(*command, **TERMINAL)

    return play


def first_deployment(sandbox: Sandbox) -> tuple[list[str], Run]:
    sandbox.reset()
    with sandbox.delays(issue=3, deploy=3):
        return site()(sandbox)


def nothing_to_do(sandbox: Sandbox) -> tuple[list[str], Run]:
    sandbox.deploy()
    return site()(sandbox)


def check_mode(sandbox: Sandbox) -> tuple[list[str], Run]:
    sandbox.reset()
    return site("--check")(sandbox)


def failed_gate(sandbox: Sandbox) -> tuple[list[str], Run]:
    sandbox.deploy()
    sandbox.client("alpha002", "s3").delete_bucket_policy(Bucket="alpha002-dev-access-logs")
    return site()(sandbox)


def drift(sandbox: Sandbox) -> tuple[list[str], Run]:
    sandbox.deploy()
    s3, iam = (sandbox.client("alpha002", service) for service in ("s3", "iam"))
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    command = ["playbooks/drift.yml", "-l", "alpha002_dev"]
    return command, sandbox.play(*command, **TERMINAL)


def wait(sandbox: Sandbox) -> tuple[list[str], Run]:
    sandbox.reset()
    command = ["playbooks/dns_foundation.yml", "-l", "alpha002_dev"]
    with sandbox.delays(issue=3):
        return command, sandbox.play(*command, **TERMINAL)


def wrong_account(sandbox: Sandbox) -> tuple[list[str], Run]:
    sandbox.reset()
    other = {"region": "us-east-1", "access_key": ACCOUNTS["kyle"], "secret_key": ROOT_SECRET, "profile": ""}
    connection = json.dumps({"aws_connection": {**other, "endpoint_url": sandbox.endpoint, "session_token": ""}})
    _command, run = site("-e", connection)(sandbox)
    return ["site.yml", "-l", "alpha002_dev", "-e", "@other_credentials.yml"], run


#: By the name of the file; whether the run succeeds, and whether make test makes it.
TRANSCRIPTS = {
    "first_deployment": (first_deployment, True, False),
    "nothing_to_do": (nothing_to_do, True, True),
    "check_mode": (check_mode, True, False),
    "failed_gate": (failed_gate, False, True),
    "drift": (drift, False, False),
    "wait": (wait, True, False),
    "wrong_account": (wrong_account, False, True),
}


@pytest.mark.parametrize("name", [name for name, (_run, _ok, sample) in TRANSCRIPTS.items() if sample or EXHAUSTIVE])
def test_transcript_is_what_operators_see(sandbox: Sandbox, name: str) -> None:
    play, succeeds, _sample = TRANSCRIPTS[name]
    command, run = play(sandbox)
    assert (run.code == 0) == succeeds, run.output
    text, file = transcript(command, run), FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_TRANSCRIPTS") == "1":
        file.write_text(text)
    assert text == file.read_text(), "UPDATE_TRANSCRIPTS=1 make exhaustive T=transcript writes it anew"


def test_transcripts_fit_a_terminal() -> None:
    """80 columns, but for values that are never cut; two screens for a first deployment, one for nothing to do."""
    lines = {name: (FOLDER / f"{name}.txt").read_text().splitlines() for name in TRANSCRIPTS}
    assert len(lines["first_deployment"][1:]) <= 80
    assert len(lines["nothing_to_do"][1:]) <= 40
    longer = [line for text in lines.values() for line in text if len(line) > 80 and not LONGER.match(line)]
    assert longer == []
