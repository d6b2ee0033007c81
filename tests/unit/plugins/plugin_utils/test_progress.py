"""What a run shows of itself while it lasts: a line for each host, above which the output goes on."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from ansible.utils.display import Display, _synchronize_textiowrapper
from ansible_collections.arda.image_upload.plugins.plugin_utils import _progress as progress
from hypothesis import given
from hypothesis import strategies as st

WAIT = {"host": "a", "what": "ISSUED", "state": "PENDING_VALIDATION", "timeout": 1800, "done": False}


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        (None, "a  make it  1:05"),
        (WAIT, "a  make it  1:05 of 30:00, usually 1 to 5 min: PENDING_VALIDATION"),
        ({**WAIT, "timeout": 60}, "a  make it  1:05 of 1:00: PENDING_VALIDATION"),
        ({**WAIT, "what": "DNS", "state": "\x1b[2J"}, "a  make it  1:05 of 30:00: \\x1b[2J"),
    ],
)
def test_line_names_host_step_elapsed_time_and_what_is_waited_for(wait: dict[str, Any] | None, expected: str) -> None:
    assert progress.line("a", "make it", 65, wait) == expected


def test_lines_are_of_steps_that_last_and_fit_the_terminal() -> None:
    steps = progress.Steps()
    steps.begin("new", "step", 99.5)
    for number in range(12):
        steps.begin(f"host{number:02d}", "a step with a long name", 90.0)
    found = steps.lines(100.0, {}, 24)
    assert len(found) == progress.LINES
    assert found[-1] == "and 3 more"
    assert all(len(text) < 24 for text in found)
    assert not any("new" in text for text in found)
    steps.end("host00")
    assert not any("host00" in text for text in steps.lines(100.0, {}, 80))


def screen(written: str) -> list[str]:
    """The lines that a terminal shows in the end."""
    lines, row = [""], 0
    while written:
        if written.startswith(progress.UP):
            row, written = row - 1, written[len(progress.UP) :]
        elif written.startswith(progress.ERASE):
            lines[row], written = "", written[len(progress.ERASE) :]
        elif written[0] == "\n":
            row, written = row + 1, written[1:]
            if row == len(lines):
                lines.append("")
        elif written[0] == "\r":
            written = written[1:]
        else:
            lines[row], written = lines[row] + written[0], written[1:]
    return lines


TEXTS = st.text(st.sampled_from("ab\n"), max_size=6)


@given(st.lists(st.one_of(TEXTS, st.lists(st.just("status"), max_size=3))))
def test_terminal_shows_all_output_whatever_is_drawn_between(steps: list[str | list[str]]) -> None:
    stream = io.StringIO()
    terminal = progress.Terminal(stream)
    for step in steps:
        terminal.draw(step) if isinstance(step, list) else terminal.write(step)
    terminal.draw([])
    output = "".join(step for step in steps if isinstance(step, str))
    shown = screen(stream.getvalue())
    assert "\n".join(shown).rstrip("\n") == output.rstrip("\n")


def test_terminal_passes_on_what_else_a_stream_does() -> None:
    assert progress.Terminal(io.StringIO()).isatty() is False


def test_writer_that_holds_the_lock_of_ansible_does_not_wait_for_a_thread_that_draws() -> None:
    """ansible-core locks each write to the standard output with its display's lock, and forks with it held."""
    lock = Display()._lock
    stream = io.TextIOWrapper(io.BytesIO(), write_through=True)
    _synchronize_textiowrapper(stream, lock)
    terminal = progress.Terminal(stream)
    drawing = threading.Thread(target=terminal.draw, args=(["status"],), daemon=True)

    def write() -> None:
        with lock:
            drawing.start()
            drawing.join(0.2)
            terminal.write("output\n")

    writing = threading.Thread(target=write, daemon=True)
    writing.start()
    writing.join(5)
    assert not writing.is_alive()
    drawing.join(5)
    assert not drawing.is_alive()
    assert b"output" in stream.buffer.getvalue()  # type: ignore[attr-defined]


def test_progress_without_a_terminal_names_a_long_step_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(progress, "show", lines.append)
    monkeypatch.setattr(progress, "noted", lambda _kind: [{**WAIT, "host": "b"}])
    monkeypatch.setattr(progress.sys, "stdout", io.StringIO())
    steps, now = progress.Steps(), [0.0]
    shown = progress.Progress(steps, lambda: now[0])
    steps.begin("a", "make it", 0.0)
    steps.begin("b", "wait", 0.0)
    for now[0] in (30.0, 61.0, 90.0, 121.0):
        shown.update()
    assert lines == ["a  make it  1:01", "a  make it  2:01"]


@pytest.mark.parametrize(
    ("term", "tty", "callback", "expected"),
    [
        ("xterm", True, "default", True),
        ("dumb", True, "default", False),
        ("xterm", False, "default", False),
        ("xterm", True, "awx_display", False),
    ],
)
def test_lines_are_updated_on_a_terminal_that_can_do_so(
    monkeypatch: pytest.MonkeyPatch, term: str, tty: bool, callback: str, expected: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(progress, "stdout_callback", lambda: callback)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: tty)
    assert progress.can_update(stream) is expected
