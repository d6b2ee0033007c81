"""The commands of README and docs/: playbooks are run on the sandbox as printed; every other command has a test."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest

from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import ROOT, Sandbox, need

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Exit codes other than 0 that a command may have: there is something to do, or it asks for a confirmation.
CODES = {"plan.yml": {0, 2}, "drift.yml": {0, 2}, "adopt.yml": {0, 2}, "revoke_signing_key.yml": {2}}
#: What make test runs; make exhaustive runs all.
SAMPLE = ("playbooks/diagnose.yml", "playbooks/artifacts.yml")
#: Why a command that is no playbook is not run here: the test that runs it, or what it needs.
ELSEWHERE = {
    "git clone": "every test runs in a clone",
    "make ": "the Makefile has the target (below)",
    "ansible-galaxy collection install": "test_artifact.py installs the built collection",
    "pip install -r": "test_launchers.py installs from requirements.txt under each ansible-core",
    "ansible-playbook arda.image_upload.site -i INVENTORY": "test_artifact.py, test_launchers.py",
    "curl --cacert": "test_documented_curl_is_answered_as_described (below)",
    ". .venv/bin/activate": "test_documented_environment_has_ansible (below)",
    "podman build": "needs a container engine; test_execution_environment.py installs the context without one",
    "aws cloudformation deploy": "the sandbox's accounts get their roles from these templates (seed.py)",
}


def documented() -> Iterator[tuple[str, str]]:
    """The file and the text of each line of an indented block that is a command, without its comment."""
    for page in PAGES:
        text = page.read_text().replace("\\\n", " ")
        for line in re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE):
            command = re.sub(r"\s+#\s.*$", "", line).strip()
            if re.match(r"(ansible[\w-]*|make|aws|curl|pip|podman|git|\.) ", command):
                yield page.relative_to(ROOT).as_posix(), command


def playbooks() -> list[str]:
    """Each documented command that runs a playbook of this clone, once, in the order of the pages; retirements last."""
    found = [c for _page, c in documented() if c.startswith("ansible-playbook") and "arda.image_upload." not in c]
    here = [command.replace("-i inventories/arda ", "") for command in found]
    ordered = sorted(dict.fromkeys(here), key=lambda command: "retire.yml" in command)
    return [command for command in ordered if EXHAUSTIVE or command.split()[1] in SAMPLE]


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox) -> Sandbox:
    sandbox.deploy()
    return sandbox


@pytest.mark.parametrize("command", playbooks())
def test_documented_playbook_runs(deployed: Sandbox, command: str) -> None:
    words = shlex.split(command)[1:]
    arguments = [word.replace("plan=artifacts/", f"plan={deployed.directory}/artifacts/") for word in words]
    run = deployed.play(*arguments)
    assert run.code in CODES.get(words[0].rpartition("/")[2], {0}), run.output[-4000:]


def test_documented_curl_is_answered_as_described(deployed: Sandbox) -> None:
    need("curl", "the documented command is not tried")
    deployed.deploy()
    command = next(command for _page, command in documented() if command.startswith("curl "))
    edge = deployed.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"]
    here = command.replace("8443", edge).replace(".sandbox/ca.pem", str(deployed.directory / "ca.pem"))
    run = subprocess.run(["bash", "-c", f"{here} --silent"], capture_output=True, text=True, check=False)
    assert "<Code>MissingKey</Code>" in run.stdout, run.stderr


def test_documented_environment_has_ansible() -> None:
    script = ". .venv/bin/activate && command -v ansible-playbook"
    run = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.strip().endswith(".venv/bin/ansible-playbook"), run.stderr


def test_every_other_documented_command_is_known() -> None:
    run = set(playbooks()) if EXHAUSTIVE else None
    for page, command in documented():
        if command.startswith("ansible-playbook") and "arda.image_upload." not in command:
            assert run is None or command.replace("-i inventories/arda ", "") in run
            continue
        parts = [part.strip() for part in command.split("&&")]
        for part in parts:
            assert part.startswith(("cd ", *ELSEWHERE)), f"{page}: {part}"


def test_documented_targets_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"(?:^ {4,}|`|&& )make ([a-z-]+)", page.read_text(), re.MULTILINE):
            assert target in targets, f"{page}: make {target}"
