"""The job templates of awx/, launched as AWX launches them: by ansible-runner, with the role of their credential."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ..unit.helpers.awx import answers, objects, role_of
from .helpers.inventory import inventory_of
from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import BIN, ROOT, Sandbox

TEMPLATES = {one["name"].partition(" | ")[2]: one for one in objects()["controller_templates"]}
#: What the launches say beside the defaults of the surveys.
SAID = {"Revoke": {"image_partition_revoke_confirmed": "true"}}
#: Deploy in slices has a test of its own.
LAUNCHED = [name for name in TEMPLATES if name != "Deploy in slices"]
SAMPLE = ["Revoke"]


def launch(sandbox: Sandbox, folder: Path, template: dict[str, Any], limit: str, **said: str) -> list[dict[str, Any]]:
    """Run a job template to its end; its events, as the controller reads them. Fails unless the job succeeds."""
    (folder / "env").mkdir(parents=True)
    variables = {
        "aws_role_name": role_of(template["credentials"][0]),
        "artifacts_directory": str(folder / "reports"),
        **answers(template.get("survey_spec", {})),
        **said,
    }
    (folder / "env/extravars").write_text(json.dumps(variables))
    (folder / "env/envvars").write_text(json.dumps({"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections")}))
    command = [BIN / "ansible-runner", "run", folder, "--project-dir", ROOT, "--ident", "job", "--json", "--quiet"]
    command += ["--inventory", ROOT / "inventories/sandbox", "--limit", limit, "-p", template["playbook"]]
    environment = {name: value for name, value in sandbox.environment.items() if name != "ANSIBLE_CONFIG"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    events = [json.loads(path.read_text()) for path in (folder / "artifacts/job/job_events").glob("*.json")]
    assert run.returncode == 0, "\n".join(event["stdout"] for event in events if "fatal" in event["stdout"])
    return events


@pytest.mark.parametrize("name", LAUNCHED if EXHAUSTIVE else SAMPLE)
def test_launch_of_a_job_template_succeeds_with_the_role_of_its_credential(
    sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    sandbox.reset() if name == "Deploy" else sandbox.deploy()
    known = len(sandbox.journal())
    events = launch(sandbox, tmp_path, TEMPLATES[name], "alpha002_dev", **SAID.get(name, {}))
    assert {event["event"] for event in events} >= {"playbook_on_start", "playbook_on_stats"}
    role = role_of(TEMPLATES[name]["credentials"][0])
    callers = {call["caller"].split("/")[1] for call in sandbox.journal()[known:] if "ImageUpload" in call["caller"]}
    assert callers <= {f"Alpha002-ImageUpload{role}", f"ImageUploadRoot{role}"}
    assert callers


@pytest.mark.skipif(not EXHAUSTIVE, reason="make exhaustive deploys five partitions in slices")
def test_slices_at_once_make_no_twin_of_the_foundation_that_they_share(sandbox: Sandbox, tmp_path: Path) -> None:
    """Slices of a job see a share of the hosts each, and run at once: here both have a partition of Alpha002."""
    sandbox.reset()
    template = TEMPLATES["Deploy in slices"]
    assert template["job_slice_count"] == 2
    shares = ("alpha002_dev:alpha001_prod", "alpha002_stage:alpha001_demo")
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(launch, sandbox, tmp_path / str(number), template, share) for number, share in enumerate(shares)
        ]
        for job in jobs:
            job.result()
    for account in ("alpha002", "alpha001"):
        held = inventory_of(sandbox, account)
        assert len(held["zones"]) == len(held["certificates"]) == 1
        assert len(held["distributions"]) == len(held["secrets"]) == 2
    assert inventory_of(sandbox, "root")["zones"].count("assets.arda.cards.") == 1
