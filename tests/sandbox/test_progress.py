"""Progress of a run on a terminal, and that it leaves no trace elsewhere."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess

from .helpers.sample import exhaustive
from .helpers.sandbox import BIN, ROOT, Sandbox

PLAN = ("playbooks/plan.yml", "-l", "alpha002_dev")


def on_terminal(sandbox: Sandbox, *arguments: str) -> str:
    """What a run writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = {**sandbox.environment, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [BIN / "ansible-playbook", *arguments], cwd=ROOT, env=environment, stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the terminal is closed
            break
        if not part:
            break
        written += part
    process.wait(timeout=60)
    os.close(ours)
    return written.decode()


def test_terminal_shows_what_a_wait_is_for_and_keeps_the_output(sandbox: Sandbox) -> None:
    sandbox.reset()
    with sandbox.delays(issue=3):
        written = on_terminal(sandbox, "playbooks/dns_foundation.yml", "-l", "alpha002_dev")
    assert re.search(r"alpha002_dev  certificate \| Wait until issued  0:0\d of 1:00: PENDING_VALIDATION", written)
    assert written.count("\x1b[1A\x1b[2K") >= 2
    assert "5 checks passed" in written
    assert re.search(r"failed=0", written)
    assert "\x1b[1A" not in written[written.index("PLAY RECAP") :]


@exhaustive
def test_pipe_and_json_callback_get_no_updated_lines(sandbox: Sandbox) -> None:
    sandbox.deploy()
    assert "\x1b" not in sandbox.play(*PLAN).output
    process = subprocess.run(
        [BIN / "ansible-playbook", *PLAN],
        cwd=ROOT,
        env={**sandbox.environment, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(process.stdout)["stats"]["alpha002_dev"]["failures"] == 0
