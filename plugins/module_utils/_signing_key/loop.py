# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run: read AWS, take the next step, read again, until nothing is left to do now."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Protocol

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .errors import LostError, WaitingError
from .state import Snapshot
from .steps import MAX_STEPS, Goal, Step, next_step

#: The pauses before a lost step is tried again grow from FIRST_PAUSE to LONGEST_PAUSE seconds. Each is shortened at
#: random, so that two runs at once do not meet again and again.
#: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
#: For how many seconds at most one step is lost before the run ends: longer than any listing is known to lag.
LOST_SECONDS = 60.0


class Reader(Protocol):
    def read(self) -> Snapshot: ...


class Writer(Protocol):
    def take(self, step: Step) -> None: ...


class StepLoop:
    """Takes steps towards a goal; ``taken`` are those, ``waiting_for`` is why the next one has to wait."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        lost_seconds: float = LOST_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._lost_seconds, self._sleep, self._clock = lost_seconds, sleep, clock
        self.taken: list[Step] = []
        self.waiting_for = ""

    def run(self, goal: Goal) -> None:
        """Take every step that can be taken now.

        Raises AnsibleAWSError if AWS refuses a step again and again, or the steps have no end.
        """
        for _step in range(MAX_STEPS):
            if not self._take_next(goal):
                return
        raise AnsibleAWSError(message=f"No end after {MAX_STEPS} steps, the last one: {self.taken[-1].summary}")

    def _take_next(self, goal: Goal) -> bool:
        """Take the next step from what AWS holds now; False if nothing is left to do, or the step has to wait."""
        deadline, pause = self._clock() + self._lost_seconds, FIRST_PAUSE
        while True:
            step = next_step(self._reader.read(), goal)
            if step is None:
                return False
            try:
                self._writer.take(step)
            except LostError as error:
                if self._clock() + pause > deadline:
                    raise AnsibleAWSError(
                        message=f"{error.remedy} AWS refused the step for {self._lost_seconds:g} seconds: {error}"
                    ) from error
                self._sleep(random.uniform(pause / 2, pause))
                pause = min(2 * pause, LONGEST_PAUSE)
            except WaitingError as reason:
                self.waiting_for = str(reason)
                return False
            else:
                self.taken.append(step)
                return True
