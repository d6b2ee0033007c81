# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that is divided among the processors of this machine."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn


def shares(groups: Mapping[str, Sequence[str]], count: int, double: str = "") -> list[list[str]]:
    """The names of all groups in at most ``count`` shares of about the same size.

    A group stays together where it is not larger than a share: its names have something in common. The work for the
    name ``double`` is about that for two.
    """
    largest = max(1, -(-sum(map(len, groups.values())) // count))
    pieces = [names[at : at + largest] for names in groups.values() for at in range(0, len(names), largest)]
    found: list[list[str]] = [[] for _number in range(count)]
    for piece in sorted(pieces, key=len, reverse=True):
        min(found, key=lambda share: len(share) + (double in share)).extend(piece)
    return [share for share in found if share]


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_forks(work: Callable[[list[str]], Any], divided: list[list[str]], begin: Callable[[], None]) -> list[Any]:
    """The results of ``work`` for each share: for the first one in this process, for each other one in a fork of it.

    ``begin`` is called in each fork. The results, or the error of one, come back as pickles.
    """
    forks = [_start(work, share, begin) for share in divided[1:]]
    results = [work(share) for share in divided[:1]]
    for pid, reading in forks:
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        os.waitpid(pid, 0)
        result = pickle.loads(data)
        if isinstance(result, Exception):
            raise result
        results.append(result)
    return results


def _start(work: Callable[[list[str]], Any], share: list[str], begin: Callable[[], None]) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _run(work, share, begin, writing)
    os.close(writing)
    return pid, reading


def _run(work: Callable[[list[str]], Any], share: list[str], begin: Callable[[], None], writing: int) -> NoReturn:
    try:
        try:
            begin()
            data = pickle.dumps(work(share))
        except Exception as error:
            data = pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)
    finally:
        os._exit(0)
