"""The HTML report of runs, in a browser: it is readable everywhere, needs no network, and says what has happened."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .helpers.node import PICTURES, node
from .helpers.sample import exhaustive
from .helpers.sandbox import Sandbox, need


@pytest.fixture(scope="module", autouse=True)
def _clients() -> None:
    need("chromium", "no browser shows the report")


def opened(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """What a browser shows of the report of the last run; pictures of it are kept by that name."""
    folder = PICTURES / name
    folder.mkdir(parents=True, exist_ok=True)
    report = sandbox.directory / "artifacts/report.html"
    return json.loads(node("report.mjs", report.as_uri(), str(folder)))


def assert_sound(found: dict[str, Any]) -> None:
    assert found["complaints"] == []
    for look in ("light", "dark", "phone"):
        assert found[look] == {"faults": [], "overflows": False}, look
    assert found["paper"]["bytes"] > 10_000
    assert found["scripts"] == 1
    assert all(link.startswith("data:") for link in found["links"])
    assert found["copied"] in ("Copied", "Selected")


@exhaustive
def test_report_of_a_deployment_shows_gates_exports_keys_and_images(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.play("site.yml", "-l", "alpha002_dev", "-e", "rollout_unchanged=true").succeeded()
    found = opened(sandbox, "deployment")
    assert_sound(found)
    assert "PASS: every check that was made passed" in found["text"]
    assert "site.yml" in found["text"]
    assert "verify: " in found["text"]
    assert "current" in found["text"]
    assert found["images"]
    assert all(found["images"])


@exhaustive
def test_report_of_a_failed_gate_and_its_diagnosis_begins_with_them(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.client("alpha002", "s3").delete_bucket_policy(Bucket="alpha002-dev-access-logs")
    assert sandbox.play("site.yml", "-l", "alpha002_dev", "-e", "diagnose=true").code != 0
    found = opened(sandbox, "failure")
    assert_sound(found)
    assert found["text"].index("FAIL") < found["text"].index("Diagnosis of alpha002_dev")
    assert "Stopped at alpha002_dev" in found["text"]


def test_report_of_a_plan_shows_what_is_to_be_changed(sandbox: Sandbox) -> None:
    sandbox.reset()
    assert sandbox.play("playbooks/plan.yml", "-l", "alpha002_dev").code == 2
    found = opened(sandbox, "plan")
    assert_sound(found)
    assert "Something is to be changed" in found["text"]
    assert "hosted zone assets.arda.cards" in found["text"]


def test_report_of_a_run_that_stops_before_its_first_check_is_of_that_run(sandbox: Sandbox) -> None:
    other = ("-e", "aws_account_id=111122223333")
    assert sandbox.play("site.yml", "-l", "alpha002_dev", *other).code != 0
    text = (sandbox.directory / "artifacts/report.html").read_text()
    assert "No result" in text
    assert "aws_account_id=..." in text
