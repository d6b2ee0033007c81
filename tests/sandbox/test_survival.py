"""Each AWS call of a deployment, a change, a rotation, an adoption and a retirement, disturbed: one run converges.

``make survive`` strikes every call, ``make test`` some. The calls are those that the runs make, none is listed by hand.
Between two writes AWS holds the same, so a run that is killed or fails at a read leaves what one leaves that is killed
after the write before it; a chain of runs goes on, each from what the last one has left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import Sandbox
from .helpers.survival import JOBS, Disturbed, Job, converge

#: The longest chain of runs that are stopped.
LONGEST = 400
#: One attempt of each call fails, and botocore repeats it.
STRIKES = ("throttle", "error", "error_after", "drop_before", "drop_after")
ONCE = [(job, kind) for job in JOBS for kind in STRIKES]


Disturbing = Callable[[Job], AbstractContextManager[Disturbed]]


class States:
    """The state that each job begins with, and what an undisturbed one ends with."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._ends: dict[str, dict[str, Any]] = {}

    def begin(self, job: Job) -> None:
        copy = self._folder / job.name
        if copy.exists():
            self._sandbox.restore(copy)
            return
        job.prepare(self._sandbox)
        self._sandbox.save(copy)

    def end(self, job: Job) -> dict[str, Any]:
        """What the accounts hold after an undisturbed job."""
        if job.name not in self._ends:
            self.begin(job)
            self._sandbox.play(*job.run).succeeded()
            self._ends[job.name] = converge(self._sandbox, job)
        return self._ends[job.name]


@pytest.fixture(scope="module")
def states(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> States:
    return States(sandbox, tmp_path_factory.mktemp("states"))


@pytest.fixture
def disturbing(sandbox: Sandbox, states: States, record_property: Callable[[str, object], None]) -> Disturbing:
    """Disturb a job from its beginning; afterwards one run ends with what an undisturbed job ends with."""

    @contextmanager
    def around(job: Job) -> Iterator[Disturbed]:
        expected = states.end(job)
        states.begin(job)
        disturbed = Disturbed(sandbox, job)
        yield disturbed
        assert converge(sandbox, job) == expected
        assert disturbed.points
        record_property("disturbed calls", disturbed.points)

    return around


@exhaustive
@pytest.mark.parametrize("way", ["killed", "failed"])
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_job_that_stops_at_any_write_is_completed_by_the_next(job: Job, way: str, disturbing: Disturbing) -> None:
    """Right before a write takes effect, and right after it.

    Each run is stopped at its first write, until one has none; a job that always has some at its first, its second...
    """
    kinds = ("hang_before", "hang_after") if way == "killed" else ("error", "error_after")
    number = 1
    with disturbing(job) as disturbed:
        while all(getattr(disturbed, way)("writes", kind, number) for kind in kinds):
            assert disturbed.points < LONGEST, "the runs make no progress"
            number += 1 if job.again else 0


@pytest.mark.skipif(not EXHAUSTIVE, reason="make survive stops runs at each of their reads")
@pytest.mark.parametrize("way", ["killed", "failed"])
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_job_that_stops_at_any_read_is_completed_by_the_next(job: Job, way: str, disturbing: Disturbing) -> None:
    number, kind = 1, "hang_after" if way == "killed" else "error"
    with disturbing(job) as disturbed:
        while getattr(disturbed, way)("reads", kind, number):
            number += 1
            assert disturbed.points < LONGEST, "the runs make no progress"


@pytest.mark.parametrize(("job", "kind"), ONCE if EXHAUSTIVE else [ONCE[2]], ids=lambda one: getattr(one, "name", one))
def test_job_succeeds_although_every_call_fails_once(job: Job, kind: str, disturbing: Disturbing) -> None:
    """Throttled, answered with 5xx or dropped, before or after it took effect: no second run is needed."""
    with disturbing(job) as disturbed:
        disturbed.struck(kind).succeeded()


@pytest.mark.skipif(not EXHAUSTIVE, reason="make survive lets every write hang until its time is over")
@pytest.mark.parametrize("job", JOBS[:1], ids=lambda job: job.name)
def test_job_succeeds_although_every_write_hangs_once(job: Job, disturbing: Disturbing) -> None:
    with disturbing(job) as disturbed:
        disturbed.struck("latency", only="writes", seconds=31).succeeded()


@pytest.mark.skipif(not EXHAUSTIVE, reason="make survive does every job while AWS shows late what it has done")
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_job_succeeds_although_everything_shows_late(job: Job, sandbox: Sandbox, disturbing: Disturbing) -> None:
    late = {"visibility": 3, "iam_propagation": 5, "bucket_configuration": 3, "certificate_visible": 5}
    with disturbing(job) as disturbed, sandbox.delays(**late, validation_record=5, trust_policy=5, stack=3):
        disturbed.struck("latency", only="writes").succeeded()
