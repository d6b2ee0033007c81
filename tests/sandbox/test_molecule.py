"""The molecule scenarios, each on the sandbox of the scenarios' own."""

from __future__ import annotations

import subprocess

import pytest

from .helpers.sandbox import ROOT

SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_molecule_scenario_passes(scenario: str) -> None:
    run = subprocess.run([ROOT / "scripts/molecule", scenario], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-8000:]
