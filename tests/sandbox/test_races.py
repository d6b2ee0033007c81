"""Two runs at once: no twins, no lost update; both succeed, or one says that another one is at work.

``make survive`` repeats each race 20 times, ``make test`` runs it once.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .helpers.inventory import exports, inventory_of
from .helpers.sample import exhaustive
from .helpers.sandbox import ACCOUNTS, UNPROVEN, Run, Sandbox
from .helpers.viewers import TIMES

TIMES_EACH = 20
DEV = ("site.yml", "-l", "alpha002_dev", *UNPROVEN)
STAGE = ("site.yml", "-l", "alpha002_stage", *UNPROVEN)
DEMO = ("site.yml", "-l", "alpha001_demo", *UNPROVEN)
ROTATE = ("playbooks/rotate_signing_key.yml", "-l", "alpha002_dev", *UNPROVEN, *TIMES)
RETIRE = ("playbooks/retire.yml", "-l", "alpha002_dev")
#: What is there before, the two runs, and the run that must then find everything in order.
RACES = {
    "site twice from nothing": ("nothing", DEV, DEV, DEV),
    "two partitions of an infrastructure from nothing": ("nothing", DEV, STAGE, DEV),
    "two slices that share the root zone": ("nothing", DEV, DEMO, DEV),
    "site beside a rotation": ("deployed", DEV, ROTATE, DEV),
    "two rotations": ("deployed", ROTATE, ROTATE, DEV),
    "site beside a retirement": ("deployed", DEV, RETIRE, DEV),
    "two retirements": ("deployed", RETIRE, RETIRE, RETIRE),
}


def told(run: Run) -> bool:
    """Whether a run succeeded, or said that another one is at work."""
    return run.code == 0 or "another run is at work" in " ".join(run.output.split()).lower()


def twins(sandbox: Sandbox) -> dict[str, list[str]]:
    """What exists twice, by account and kind."""
    found = {}
    for account in ACCOUNTS:
        held = inventory_of(sandbox, account)
        held.pop("keys")  # a rotation has two for a time
        for kind, names in held.items():
            if several := [name for name, count in Counter(names).items() if count > 1]:
                found[f"{account} {kind}"] = several
    return found


@exhaustive
@pytest.mark.parametrize("name", RACES)
def test_two_runs_at_once_leave_no_twin(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    before, first, second, after = RACES[name]
    for turn in range(TIMES_EACH):
        sandbox.reset() if before == "nothing" else sandbox.deploy()
        with sandbox.delays(validation_record=2), ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda arguments: sandbox.play(*arguments), (first, second)))
        for run in runs:
            assert told(run), f"turn {turn}: {run.output[-4000:]}"
        assert any(run.code == 0 for run in runs)
        assert not twins(sandbox)
        sandbox.play(*after).succeeded()
        assert not twins(sandbox)
        if after is not RETIRE:
            assert sandbox.play(*after, *TIMES).succeeded().changed == 0 or "rotation" in name
            held = inventory_of(sandbox, "alpha002")
            assert "Alpha002-dev-images" in held["groups"]
            assert all(exports(sandbox, "alpha002").values())
