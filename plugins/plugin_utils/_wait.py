# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits that show progress: a module makes one attempt, and the controller repeats it.

A module cannot show anything while it runs; and a task with ``until`` shows each attempt as FAILED - RETRYING.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.arda.image_upload.plugins.module_utils._aws import growing

from ._in_worker import InWorkerAction
from ._run import note
from ._terminal import show

#: The first pause between two attempts, in seconds; the pauses grow to the delay of the module.
FIRST_PAUSE = 0.5
#: A state that stays the same is shown again after so many seconds.
SHOWN_EVERY = 60


def poll(
    attempt: Callable[[], dict[str, Any]],
    what: str,
    timeout: float,
    delay: float,
    host: str = "",
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """The result of the last attempt, with ``elapsed`` seconds and the number of ``attempts``.

    An attempt returns ``state``, and ``done`` if no further one is needed. The state is shown at first, when it
    changes, and once a minute. The last attempt is made when the time is over; that is no failure here. A failed
    attempt ends the wait.
    """
    started, at = clock(), time.time()
    attempts = 0
    pauses = growing(FIRST_PAUSE, delay)
    shown: tuple[str, float] | None = None
    while True:
        result = attempt()
        attempts += 1
        elapsed = clock() - started
        over = bool(result.get("failed") or result["done"] or elapsed >= timeout)
        now = {"host": host, "what": what, "state": result.get("state", ""), "timeout": timeout, "done": over}
        note("waiting", now)
        if over:
            if attempts > 1:
                state = result.get("msg") or result["state"] or "done"
                note("wait", {"host": host, "what": what, "started": at, "elapsed": round(elapsed, 1), "state": state})
            return {**result, "elapsed": int(elapsed), "attempts": attempts}
        if shown is None or result["state"] != shown[0] or elapsed - shown[1] >= SHOWN_EVERY:
            show(f"waiting for {what}: {result['state']}, {elapsed:.0f} s of {timeout:g} s")
            shown = (result["state"], elapsed)
        sleep(min(next(pauses), timeout - elapsed))


class WaitingAction(InWorkerAction):
    """Repeats a module that makes one attempt.

    The module has the option ``what``, and returns ``state``, ``done``, and its own ``timeout`` and ``delay``.
    """

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        first = self._execute_module(task_vars=task_vars)
        if first.get("failed") or self._task.check_mode:
            return first  # what the module says of its options is the first to be heard
        results = iter([first])
        return poll(
            lambda: next(results, None) or self._execute_module(task_vars=task_vars),
            self._task.args["what"],
            first["timeout"],
            first["delay"],
            str((task_vars or {}).get("inventory_hostname", "")),
        )
