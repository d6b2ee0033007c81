"""No private key, session secret or live cookie in what a run writes or shows, nor in what a killed one leaves."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .helpers.partition import SECRET
from .helpers.sample import exhaustive, sample
from .helpers.sandbox import PRIVATE_KEY, UNPROVEN, Sandbox, processes, wait_for
from .helpers.viewers import TIMES

ONE = ("-l", "alpha002_dev")
PLAYBOOKS = {
    "deploy": ("site.yml", *ONE),
    "rotate": ("playbooks/rotate_signing_key.yml", *ONE, *TIMES),
    "drift": ("playbooks/drift.yml", *ONE),
    "diagnose": ("playbooks/diagnose.yml", *ONE),
    "artifacts": ("playbooks/artifacts.yml", *ONE),
    "adopt": ("playbooks/adopt.yml", *ONE),
    "orphans": ("playbooks/orphans.yml",),
    "ordinary execution": ("playbooks/verify.yml", *ONE, "-e", "arda_image_upload_in_worker=false"),
    "retire": ("playbooks/retire.yml", *ONE, "-e", "image_partition_delete_bucket=alpha002-dev-image-asset-bucket"),
}
OPERATIONS = ("iam:CreateRole", "s3:PutObject", "cloudfront:CreateKeyGroup")
ENDS = [(operation, number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL) for operation in OPERATIONS]
COOKIE = re.compile(r"CloudFront-Signature=[A-Za-z0-9_~-]{60}|[?&]Signature=[A-Za-z0-9_~-]{60}")


class Witness:
    """What processes and temporary files show while a run goes on, as text by where it was seen."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.seen: dict[str, str] = {}
        self._folders = [Path(sandbox.environment[name]) for name in ("TMPDIR", "ANSIBLE_HOME")]
        self._mark = str(sandbox.directory).encode()

    def look(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                if self._mark in command or b"ansible" in command:
                    self._note(f"command line of {command[:60]!r}", command)
                    self._note(f"environment of {command[:60]!r}", (process / "environ").read_bytes())
            except OSError:
                continue
        for folder in self._folders:
            for path in folder.rglob("*"):
                try:
                    if path.is_file():
                        self._note(str(path), path.read_bytes())
                except OSError:
                    continue

    def _note(self, where: str, content: bytes) -> None:
        self.seen[f"{where} ({hash(content)})"] = content.decode(errors="replace")

    @contextmanager
    def watching(self) -> Iterator[None]:
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self.look()


def key_texts(sandbox: Sandbox) -> set[str]:
    """A line of each private key that the secret has held."""
    secrets = sandbox.client("alpha002", "secretsmanager")
    try:
        versions = secrets.list_secret_version_ids(SecretId=SECRET, IncludeDeprecated=True)["Versions"]
        values = [secrets.get_secret_value(SecretId=SECRET, VersionId=v["VersionId"])["SecretString"] for v in versions]
    except secrets.exceptions.ClientError:  # it is deleted
        return set()
    return {json.loads(value)["privateKey"].splitlines()[2] for value in values if "privateKey" in value}


def found_in(text: str, secrets: set[str]) -> list[str]:
    found = [one[:12] for one in secrets if one in text]
    return found + [m.group()[:40] for m in (PRIVATE_KEY.search(text), COOKIE.search(text)) if m]


@pytest.fixture(scope="module")
def empty(sandbox: Sandbox) -> Sandbox:
    sandbox.reset()
    return sandbox


@pytest.mark.parametrize("name", sample(list(PLAYBOOKS), 20))
def test_no_secret_shows_at_the_highest_verbosity(empty: Sandbox, tmp_path: Path, name: str) -> None:
    """In the output, a log file, the JSON callback, the fact cache, artifacts, temporary files, and other processes."""
    witness = Witness(empty)
    settings = {
        "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "facts"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json" if len(name) % 2 else "ansible.builtin.default",
    }
    before = key_texts(empty)
    with witness.watching():
        run = empty.play(*PLAYBOOKS[name], "-vvvv", **settings)
    assert run.code == 0, run.output[-3000:]
    secrets = {*empty.control("sessions", "GET"), *before, *key_texts(empty)}
    assert len(secrets) >= 2
    folders = [tmp_path, empty.directory / "artifacts"]
    texts = {str(p): p.read_text(errors="replace") for folder in folders for p in folder.rglob("*") if p.is_file()}
    texts |= {**witness.seen, "output": run.output}
    shown = {where: found for where, text in texts.items() if (found := found_in(text, secrets))}
    assert not shown


@exhaustive
@pytest.mark.parametrize(("operation", "number"), ENDS)
def test_ended_run_leaves_no_process_no_secret_and_no_lock(
    sandbox: Sandbox, operation: str, number: signal.Signals
) -> None:
    """The signal goes to ansible-playbook alone, as that of a terminal or a supervisor may."""
    sandbox.reset()
    sandbox.faults({"operation": operation, "kind": "hang_after", "on": [1]})
    process = sandbox.start_play("site.yml", *ONE)
    wait_for(lambda: sandbox.control("faults", "GET")[0]["seen"] or process.poll() is not None, 120)
    assert process.poll() is None
    process.send_signal(number)
    process.wait(timeout=30)
    wait_for(lambda: not processes(f"artifacts_directory={sandbox.directory}"), 20)
    sandbox.faults()
    secrets = set(sandbox.control("sessions", "GET")) | key_texts(sandbox)
    left = {
        str(path): found
        for name in ("TMPDIR", "ANSIBLE_HOME")
        for path in Path(sandbox.environment[name]).rglob("*")
        if path.is_file() and (found := found_in(path.read_text(errors="replace"), secrets))
    }
    assert not left
    sandbox.play("site.yml", *ONE, *UNPROVEN).succeeded()
