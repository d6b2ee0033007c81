# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is doing now, by host: on a terminal lines that are updated in place, elsewhere a line a minute."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from ansible.utils.display import Display

from ._run import noted
from ._terminal import printable, show, stdout_callback

#: A step is shown once it has taken so many seconds.
SHOWN_AFTER = 1.0
UPDATED_EVERY = 0.5
LINES = 10
#: On no terminal, a step that takes longer is named once in so many seconds.
NAMED_EVERY = 60
#: How long AWS usually takes, where a wait may last LONG seconds or more; on the sandbox none does.
USUAL = {"ISSUED": ", usually 1 to 5 min", "Deployed": ", usually 3 to 10 min"}
LONG = 300
ERASE = "\x1b[2K"
UP = "\x1b[1A"


@dataclass
class Steps:
    """The steps that hosts are at."""

    current: dict[str, tuple[str, float]] = field(default_factory=dict)

    def begin(self, host: str, step: str, now: float) -> None:
        self.current[host] = (step, now)

    def end(self, host: str) -> None:
        self.current.pop(host, None)

    def lines(self, now: float, waits: Mapping[str, Mapping[str, Any]], width: int) -> list[str]:
        """A line for each host that has been at a step for a while, at most LINES, none wider than the terminal."""
        found = []
        for host, (step, since) in sorted(self.current.items()):
            if now - since >= SHOWN_AFTER:
                found.append(line(host, step, now - since, waits.get(host)))
        if len(found) > LINES:
            found = [*found[: LINES - 1], f"and {len(found) - LINES + 1} more"]
        return [text if len(text) < width else f"{text[: width - 4]}..." for text in found]


def line(host: str, step: str, elapsed: float, wait: Mapping[str, Any] | None = None) -> str:
    """One host: its step, the time that it has taken, and what is waited for with the time that this may take."""
    told = f"{host}  {step}  {clock(elapsed)}"
    if wait:
        usual = USUAL.get(wait["what"], "") if wait["timeout"] >= LONG else ""
        told += f" of {clock(wait['timeout'])}{usual}: {wait['state']}"
    return printable(told)


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Terminal:
    """The standard output of a terminal with lines at its end that are updated in place.

    It takes the place of ``sys.stdout``: whatever is written goes above these lines. The lock is that of Ansible's
    display, which ansible-core holds while it writes to the standard output and while it forks a worker: with a lock of
    our own, a thread that draws and one that writes would each wait for the other.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = 0
        self._whole = True  # whether what was written ends with a whole line
        self._lock = Display()._lock
        # No thread is in the middle of a write when a process is forked, whose locks it would wait for.
        os.register_at_fork(before=self._lock.acquire, after_in_parent=self._lock.release, after_in_child=self._forget)

    def _forget(self) -> None:
        """In a worker: the lines are its parent's."""
        self._shown = 0
        self._lock.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._lock:
            self._erase()
            if text:
                self._whole = text.endswith("\n")
            return self._stream.write(text)

    def draw(self, lines: list[str]) -> None:
        with self._lock:
            self._erase()
            if lines and self._whole:
                self._stream.write("\n".join(lines) + "\n")
                self._shown = len(lines)
            self._stream.flush()

    def _erase(self) -> None:
        if self._shown:
            self._stream.write((UP + ERASE) * self._shown + "\r")
            self._shown = 0


class Progress:
    """Shows the steps of a run while it lasts."""

    def __init__(self, steps: Steps, clock: Callable[[], float] = time.monotonic) -> None:
        self._steps = steps
        self._clock = clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._terminal = Terminal(sys.stdout) if can_update(sys.stdout) else None
        self._named: dict[str, tuple[str, int]] = {}

    def start(self) -> None:
        if self._terminal:
            sys.stdout = self._terminal
        self._thread.start()
        atexit.register(self.stop)  # an interrupted run has no other end

    def stop(self) -> None:
        if self._ended.is_set():
            return
        self._ended.set()
        self._thread.join()
        if self._terminal:
            self._terminal.draw([])
            sys.stdout = self._terminal._stream

    def _run(self) -> None:
        while not self._ended.wait(UPDATED_EVERY):
            with contextlib.suppress(RuntimeError, OSError, ValueError):  # a step ends meanwhile, or the terminal does
                self.update()

    def update(self) -> None:
        """Show what is going on now."""
        now = self._clock()
        waits = {wait["host"]: wait for wait in noted("waiting")}
        active = {host: wait for host, wait in waits.items() if not wait["done"]}
        if self._terminal:
            width = shutil.get_terminal_size().columns
            self._terminal.draw(self._steps.lines(now, active, width))
            return
        for host, (step, since) in list(self._steps.current.items()):
            minutes = int(now - since) // NAMED_EVERY
            if minutes and host not in active and self._named.get(host) != (step, minutes):
                self._named[host] = (step, minutes)  # a wait names itself
                show(line(host, step, now - since))


def can_update(stream: TextIO) -> bool:
    """Whether lines can be updated in place: on a terminal that moves its cursor, and is not read by ansible-runner."""
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "") and stdout_callback() != "awx_display"
