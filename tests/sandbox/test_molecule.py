"""The molecule scenarios, each on the sandbox of the scenarios' own."""

from __future__ import annotations

import subprocess

import pytest

from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import ROOT

#: The quickest one. The others do what test_adoption, test_choreography and test_rotation do; ``make molecule`` runs
#: them all.
SAMPLE = ("dns_foundation",)
ALL = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))


@pytest.mark.parametrize("scenario", ALL if EXHAUSTIVE else SAMPLE)
def test_molecule_scenario_passes(scenario: str) -> None:
    run = subprocess.run([ROOT / "scripts/molecule", scenario], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-8000:]
