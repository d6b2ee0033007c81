"""The run of a signing key: steps one after another, and what it does if AWS takes one for lost or has it wait."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.errors import LostError, WaitingError
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.loop import LONGEST_PAUSE, StepLoop
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.state import Snapshot
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.steps import Goal, Step, advance, plan


@dataclass
class Aws:
    """AWS as the pure functions have it: a reader and a writer, with the errors that the next steps meet."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    errors: list[Exception | None] = field(default_factory=list)
    forever: Exception | None = None
    time: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def read(self) -> Snapshot:
        return self.snapshot

    def take(self, step: Step) -> None:
        error = self.errors.pop(0) if self.errors else self.forever
        if error:
            raise error
        self.snapshot = advance(self.snapshot, step)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds

    def loop(self, lost_seconds: float = 60) -> StepLoop:
        return StepLoop(self, self, lost_seconds, sleep=self.sleep, clock=lambda: self.time)


ALL = [step.summary for step, _after in plan(Snapshot(), Goal())]


def test_loop_without_errors_takes_what_was_planned() -> None:
    aws = Aws()
    loop = aws.loop()
    loop.run(Goal())
    assert [step.summary for step in loop.taken] == ALL
    assert loop.waiting_for == ""
    assert aws.pauses == []


def test_loop_that_loses_a_step_pauses_longer_each_time_and_goes_on() -> None:
    aws = Aws(errors=[LostError("gone")] * 5)
    loop = aws.loop()
    loop.run(Goal())
    assert [step.summary for step in loop.taken] == ALL
    assert len(aws.pauses) == 5
    for number, pause in enumerate(aws.pauses):
        assert 0.125 * 2**number <= pause <= min(0.25 * 2**number, LONGEST_PAUSE)
    assert len({round(pause / 2**number, 6) for number, pause in enumerate(aws.pauses)}) > 1, "no jitter"


def test_loop_that_loses_a_step_for_ever_ends_in_time_with_the_reason() -> None:
    aws = Aws(errors=[None], forever=LostError("PublicKeyAlreadyExists"))
    with pytest.raises(AnsibleAWSError, match=r"Another run is at work.*60 seconds: PublicKeyAlreadyExists"):
        aws.loop().run(Goal())
    assert 50 < aws.time <= 60
    assert len(aws.pauses) < 30
    assert max(aws.pauses) <= LONGEST_PAUSE


def test_loop_begins_the_time_anew_for_each_step() -> None:
    lost: list[Exception | None] = [LostError("gone")] * 4
    aws = Aws(errors=[*lost, None, *lost, None, *lost])
    aws.loop(lost_seconds=4).run(Goal())
    assert aws.time > 4


def test_loop_that_waits_ends_with_what_it_waits_for() -> None:
    aws = Aws(errors=[None, None, WaitingError("not yet")])
    loop = aws.loop()
    loop.run(Goal())
    assert [step.summary for step in loop.taken] == ALL[:2]
    assert loop.waiting_for == "not yet"


def test_loop_without_end_is_an_error() -> None:
    aws = Aws()
    aws.take = lambda step: None  # type: ignore[method-assign]
    with pytest.raises(AnsibleAWSError, match="No end after 60 steps, the last one: create the secret"):
        aws.loop().run(Goal())
