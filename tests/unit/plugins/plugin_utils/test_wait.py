"""Waits that show progress: how often an attempt is made, what is printed, and what ends a wait."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.plugin_utils import _wait


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def polled(
    monkeypatch: pytest.MonkeyPatch, states: list[dict[str, Any]], timeout: float = 50, delay: float = 20
) -> tuple[dict[str, Any], list[str]]:
    lines: list[str] = []
    monkeypatch.setattr(_wait, "show", lines.append)
    time, attempts = Time(), iter(states)
    return _wait.poll(lambda: next(attempts), "it", timeout, delay, "h", time.clock, time.sleep), lines


PENDING = {"state": "PENDING", "done": False}
DONE = {"state": "ISSUED", "done": True}


def test_poll_until_done_prints_the_state_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    result, lines = polled(monkeypatch, [PENDING, PENDING, DONE])
    assert result == {**DONE, "elapsed": 1, "attempts": 3}
    assert lines == ["waiting for it: PENDING, 0 s of 50 s"]
    assert not any("FAILED" in line for line in lines)


def test_poll_whose_time_is_over_makes_a_last_attempt_and_does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    result, lines = polled(monkeypatch, [PENDING] * 9)
    assert result == {**PENDING, "elapsed": 50, "attempts": 8}
    assert len(lines) == 1


def test_poll_prints_each_change_and_what_stays_the_same_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"state": "DEPLOYING", "done": False}
    _result, lines = polled(monkeypatch, [PENDING, PENDING, *[other] * 10, DONE], timeout=500)
    assert lines == [
        "waiting for it: PENDING, 0 s of 500 s",
        "waiting for it: DEPLOYING, 2 s of 500 s",
        "waiting for it: DEPLOYING, 72 s of 500 s",
        "waiting for it: DEPLOYING, 132 s of 500 s",
    ]


def test_pauses_grow_to_the_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(Time, "sleep", lambda self, seconds: (pauses.append(seconds), setattr(self, "now", 0)))
    polled(monkeypatch, [*[PENDING] * 7, DONE], delay=5)
    assert pauses == [0.5, 1, 2, 4, 5, 5, 5]


@pytest.mark.parametrize("first", [DONE, {"failed": True, "msg": "denied"}])
def test_poll_with_a_final_first_attempt_prints_nothing(monkeypatch: pytest.MonkeyPatch, first: dict) -> None:
    result, lines = polled(monkeypatch, [first])
    assert result == {**first, "elapsed": 0, "attempts": 1}
    assert lines == []
