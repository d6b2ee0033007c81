"""A function in a fork of the process: its exit code, its output, and nothing of it left behind."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import run_in_fork

ROOT = Path(__file__).resolve().parents[4]


def write_and_exit(code: object, size: int = 0) -> None:
    print("o" * size, end="")
    sys.stderr.write("e" * size)
    sys.exit(code)  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (None, 0), (3, 3), ("text", 1)])
def test_run_in_fork_exit_returns_its_code(code: object, expected: int) -> None:
    assert run_in_fork(lambda: write_and_exit(code))[0] == expected


def test_run_in_fork_output_larger_than_a_pipe_is_complete() -> None:
    size = 1_000_000
    assert run_in_fork(lambda: write_and_exit(0, size)) == (0, "o" * size, "e" * size)


def test_run_in_fork_exception_is_on_standard_error() -> None:
    code, out, error = run_in_fork(lambda: {}["absent"])
    assert (code, out) == (1, "")
    assert "KeyError" in error


def test_run_in_fork_signal_returns_its_number_negative() -> None:
    assert run_in_fork(lambda: os.kill(os.getpid(), signal.SIGKILL))[0] == -signal.SIGKILL


def test_run_in_fork_environment_of_the_parent_is_unchanged() -> None:
    before = dict(os.environ)
    run_in_fork(lambda: os.environ.update(ADDED="1"))
    assert dict(os.environ) == before


def test_run_in_fork_descriptors_are_closed() -> None:
    before = set(os.listdir("/proc/self/fd"))
    run_in_fork(lambda: None)
    assert set(os.listdir("/proc/self/fd")) == before


def test_every_module_has_an_action_plugin() -> None:
    names = [{path.name for path in (ROOT / "plugins" / kind).glob("*.py")} for kind in ("modules", "action")]
    assert names[0] == names[1]


@pytest.mark.parametrize("name", ["gate", "iam_role_plan", "wait_for_state"])
def test_what_the_forks_need_is_loaded_with_the_action_plugin(name: str) -> None:
    plugins = "ansible_collections.arda.image_upload.plugins"
    code = f"import sys; import {plugins}.action.{name}; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "collections", capture_output=True, check=True)
    # Ansible numbers its own plugins.
    loaded = {re.sub(r"_\d+$", "", module) for module in printed.stdout.decode().split()}
    ansible = {f"ansible.plugins.{kind}.core" for kind in ("filter", "test")}
    assert {f"{plugins}.modules.{name}", "boto3.s3.inject", *ansible} <= loaded


def test_fork_dumps_no_core_which_would_hold_a_private_key() -> None:
    _code, printed, _error = run_in_fork(lambda: print(resource.getrlimit(resource.RLIMIT_CORE)[0]))
    assert printed == "0\n"


def test_fork_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """The parent is killed, which nothing can catch; what it has forked would otherwise go on."""
    noted = tmp_path / "pid"

    def work() -> None:
        noted.write_text(str(os.getpid()))
        time.sleep(60)

    parent = os.fork()
    if parent == 0:
        run_in_fork(work)
    deadline = time.monotonic() + 10
    while not (noted.exists() and noted.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    child = Path("/proc") / noted.read_text() / "stat"
    while child.exists() and ") Z " not in child.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not child.exists() or ") Z " in child.read_text()
