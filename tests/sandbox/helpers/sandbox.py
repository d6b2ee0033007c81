"""A running sandbox of the tests' own, and plays run against it as an operator runs them."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from arda_sandbox.settings import ROOT_SECRET

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
ACCOUNTS = {"root": "841876193886", "alpha002": "139852620346", "alpha001": "009765408297", "kyle": "575126609604"}
# The proof by real images takes a third of a deployment, and has tests of its own.
UNPROVEN = ("--skip-tags", "verify")
# The credentials of the inventory themselves, where a role would otherwise be assumed with them.
ROOT_USER = ("-e", "aws_role_arn=", "-e", "root_role_arn=")
# A PEM header, or how RSA (PKCS#1, PKCS#8) and P-256 keys begin in base64.
PRIVATE_KEY = re.compile(r"PRIVATE KEY-----|MII[EJ][A-Za-z0-9+/]{60}|MIGHAgEAMBMGByqGSM49")


@dataclass
class Run:
    """A play that has ended."""

    code: int
    output: str

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """The figures of the play recap, by host."""
        lines = re.findall(r"^(\w+) +: (ok=.*)$", self.output, re.MULTILINE)
        return {host: {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", figures)} for host, figures in lines}

    @property
    def changed(self) -> int:
        return sum(figures["changed"] for figures in self.recap.values())

    def succeeded(self) -> Run:
        what = re.findall(r"^.*(?:FAILED: |\[ERROR\]).*$", self.output, re.MULTILINE)
        assert self.code == 0, "\n".join([*what, "", "The end of the output:", self.output[-4000:]])
        return self


@dataclass
class Sandbox:
    directory: Path
    shared: Path  # a folder of all test processes
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the sandbox's command line."""
        return subprocess.run(
            [ROOT / "sandbox/.venv/bin/python", "-m", "arda_sandbox", name],
            cwd=ROOT / "sandbox",
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def port(self) -> int:
        return int(self.environment["ARDA_SANDBOX_API_PORT"])

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def control(self, name: str, method: str = "POST", document: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.endpoint}/_sandbox/{name}", method=method, data=json.dumps(document).encode()
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def reset(self) -> None:
        self.control("reset")

    def deploy(self) -> None:
        """An empty sandbox but for Alpha002/dev: made by a play once, and a copy of that for whoever asks later."""
        copy = self.shared / "deployed"
        with (self.shared / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests in other processes want the same one
            if not copy.exists():
                self.reset()
                self.play("site.yml", "-l", "alpha002_dev", *UNPROVEN).succeeded()
                self.save(copy)
        self.restore(copy)

    def save(self, copy: Path) -> None:
        """Keep the state in a folder, for ``restore``."""
        self.control("save", document=str(copy))

    def restore(self, copy: Path) -> None:
        """Put a saved state in the place of the present one."""
        self.control("load", document=str(copy))

    def faults(self, *faults: dict[str, Any]) -> None:
        self.control("faults", document=list(faults))

    @contextmanager
    def delays(self, **seconds: float) -> Iterator[None]:
        """Other delays of AWS's slow steps for a while, by their name in the sandbox's settings."""
        before = self.control("delays", "GET")
        self.control("delays", document=seconds)
        try:
            yield
        finally:
            self.control("delays", document=before)

    def client(
        self,
        account: str,
        service: str,
        region: str = "us-east-1",
        credentials: tuple[str, str, str] | None = None,
        **more: Any,
    ) -> Any:
        """A boto3 client, as the account's root or with the credentials of a session."""
        key, secret, token = credentials or (ACCOUNTS.get(account, account), ROOT_SECRET, None)
        return boto3.client(
            service,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            **{"endpoint_url": self.endpoint, **more},
        )

    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.directory / "journal.jsonl").read_text().splitlines()]

    def play(self, *arguments: str, **environment: str) -> Run:
        """Run ansible-playbook to its end."""
        process = self.start_play(*arguments, **environment)
        output, _errors = process.communicate(timeout=600)
        return Run(process.returncode, output)

    def start_play(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start ansible-playbook in a process group of its own."""
        return subprocess.Popen(
            [BIN / "ansible-playbook", *arguments, "-e", f"artifacts_directory={self.directory / 'artifacts'}"],
            cwd=ROOT,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL to a play and every process that it has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on, TCP and UDP alike."""
    sockets = [socket.socket() for _number in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def free_settings() -> dict[str, str]:
    """The settings of a sandbox on free ports."""
    names = ("API", "EDGE_HTTPS", "EDGE_HTTP", "DNS")
    return {f"ARDA_SANDBOX_{name}_PORT": str(port) for name, port in zip(names, free_ports(4), strict=True)}


def processes(words: str, place: str = "cmdline") -> list[str]:
    """The ids of the processes that have these words in their command line, or in their environment (``environ``)."""
    found = []
    for path in Path("/proc").glob(f"[0-9]*/{place}"):
        with suppress(OSError):  # it has ended, or belongs to another user
            if words.encode() in path.read_bytes():
                found.append(path.parent.name)
    return found


def need(command: str, otherwise: str) -> None:
    """Skip the test, aloud, where a developer lacks a command; CI has installed it."""
    if not shutil.which(command):
        assert os.environ.get("CI") != "true", f"CI installs {command}"
        pytest.skip(f"{command} is not installed: {otherwise}")


def wait_for(condition: Any, seconds: float = 60, pause: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(pause)
