"""cloudfront_signing_key killed right before and right after every AWS call of its life, and run again.

``make exhaustive`` tries every call, other runs a part of them.

The calls are recorded from a run that nothing disturbs, not written by hand. Right before and right after a read AWS
holds the same, so a run that goes on from there is killed at each of its reads in turn before one goes to its end.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from arda_sandbox.faults import READS

from .helpers.sample import EXHAUSTIVE, sample
from .helpers.sandbox import Sandbox, wait_for
from .helpers.signing_keys import PHASES, KeyAccount, Phase, prepared


def recorded(sandbox: Sandbox, phase: Phase) -> list[str]:
    """Every AWS call of the run, in order."""
    account = prepared(sandbox, phase)
    before = len(account.calls())
    account.make(**phase.run)
    calls = account.calls()[before:]
    phase.end(account, False)
    return calls


def killed(account: KeyAccount, phase: Phase, number: int, kind: str) -> bool:
    """Begin the run, and kill it right before or after its call of that number took effect; whether it came so far."""
    sandbox = account.sandbox
    account.faults({"operation": "*", "kind": kind, "on": [number]})
    process = account.start(**phase.run)
    wait_for(lambda: sandbox.control("faults", "GET")[0]["seen"] >= number or process.ended, pause=0.005)
    reached = not process.ended
    process.kill()
    sandbox.faults()
    return reached


def gaps(calls: list[str]) -> list[tuple[int, int]]:
    """The number of each write, and how many reads follow it until the next one; 0 stands for the beginning."""
    found = [(0, 0)]
    for number, call in enumerate(calls, 1):
        if call.split(":")[1].startswith(READS):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 0))
    return found


@pytest.mark.parametrize("name", list(PHASES) if EXHAUSTIVE else ["create", "absent"])
def test_run_killed_before_and_after_every_call_is_completed_by_the_next(
    name: str, sandbox: Sandbox, capsys: pytest.CaptureFixture
) -> None:
    phase = PHASES[name]
    calls = recorded(sandbox, phase)
    tried = 0
    for number, reads in sample(gaps(calls), every=12):
        for kind in ("hang_before", "hang_after") if number else ("hang_after",):
            account = prepared(sandbox, phase)
            old = account.state()["current"]
            tried += number > 0 and killed(account, phase, number, kind)
            for read in range(1, reads + 1) if kind == "hang_after" else ():
                tried += killed(account, phase, read, "hang_after")
            found = account.state(phase.invariant)
            rotated_already = found["current"] != old and not found["pending"]
            again = account.run(**phase.run)
            assert again["rc"] == 0, (calls[number - 1], kind, again["output"])
            phase.end(account, rotated_already)
    assert tried >= (len(calls) if EXHAUSTIVE else 1)
    with capsys.disabled():
        print(f"\n{name}: {len(calls)} AWS calls, {tried} kills", end=" ")


@pytest.mark.parametrize("name", list(PHASES) if EXHAUSTIVE else ["revoke"])
def test_run_with_throttled_failing_or_dropped_calls_succeeds(
    name: str, sandbox: Sandbox, capsys: pytest.CaptureFixture
) -> None:
    """Each operation in turn: throttled, 5xx and dropped, before and after it took effect. No run is needed twice."""
    phase = PHASES[name]
    calls = recorded(sandbox, phase)
    tried = 0
    for kind in sample(("drop_after", "throttle", "error", "error_after", "drop_before"), every=5):
        account = prepared(sandbox, phase)
        operations = sorted(set(calls))
        account.faults(*({"operation": operation, "kind": kind, "on": [1, 3]} for operation in operations))
        account.make(**phase.run)
        tried += sum(min(fault["seen"], 2) for fault in sandbox.control("faults", "GET"))
        sandbox.faults()
        phase.end(account, False)
    with capsys.disabled():
        print(f"\n{name}: {tried} faults", end=" ")


@pytest.mark.parametrize("name", sample(list(PHASES), 3))
def test_three_runs_at_once_end_with_one_key(name: str, sandbox: Sandbox) -> None:
    """They end with one key and one key group, each successful or with the message that another one is at work."""
    phase = PHASES[name]
    for _attempt in range(3 if EXHAUSTIVE else 1):
        account = prepared(sandbox, phase)
        with ThreadPoolExecutor(3) as pool:
            results = list(pool.map(lambda _number, a=account: a.run(**phase.run), range(3)))
        for result in results:
            assert result["rc"] == 0 or "Another run is at work" in result["output"], result["output"]
        found = account.state()
        if name == "rotate":  # a run that begins when another has ended rotates once more
            assert 1 <= len(found["replaced"]) <= 3
            account.assert_complete(replaced=len(found["replaced"]))
        else:
            phase.end(account, False)
