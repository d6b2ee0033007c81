"""A sandbox of the benchmark's own, and the time, processor time, memory and AWS calls of a command on it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "sandbox"))
from arda_sandbox import settings

ROOT_ACCOUNT, ROOT_SECRET = settings.ROOT_ACCOUNT, settings.ROOT_SECRET

RUNS = int(os.environ.get("RUNS", "5"))
LOOK_EVERY = 0.2  # seconds between two looks at the memory of a command
PARTITIONS = (
    "139852620346:Alpha002:dev",
    "139852620346:Alpha002:stage",
    "009765408297:Alpha001:demo",
    "009765408297:Alpha001:prod",
    "575126609604:SandboxKyle002:kyle",
)


@dataclass
class Row:
    """The medians of the runs of a command."""

    name: str
    wall: float
    processor: float
    memory: float  # the most that the command and its children hold at once, in MiB
    calls: int


class Sandbox:
    """A sandbox without delays, on ports of its own."""

    def __init__(self, directory: Path, first_port: int) -> None:
        self.directory = directory
        self.endpoint = f"http://127.0.0.1:{first_port}"
        names = ("API", "DNS", "EDGE_HTTPS", "EDGE_HTTP")
        delays = ("ISSUE", "DEPLOY", "VALIDATION_RECORD")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **{f"ARDA_SANDBOX_{name}_PORT": str(first_port + number) for number, name in enumerate(names)},
            **{f"ARDA_SANDBOX_{name}_SECONDS": "0" for name in delays},
            "ARDA_SANDBOX_DIR": str(directory),
            "ANSIBLE_HOME": str(directory / "ansible"),
        }

    def __enter__(self) -> Sandbox:
        self._command("start")
        return self

    def __exit__(self, *_error: object) -> None:
        self._command("stop")

    def _command(self, name: str) -> None:
        program = [str(ROOT / "sandbox/.venv/bin/python"), "-m", "arda_sandbox", name]
        subprocess.run(program, cwd=ROOT / "sandbox", env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def control(self, name: str, document: object = None) -> None:
        body = json.dumps(document).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{name}", method="POST", data=body)
        urllib.request.urlopen(request, timeout=30).read()

    def client(self, account: str, service: str) -> Any:
        """A boto3 client that acts as an account's root."""
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id=account,
            aws_secret_access_key=ROOT_SECRET,
        )

    def reset(self) -> None:
        self.control("reset")

    def latency(self, seconds: float) -> None:
        """Let each AWS call take so much longer."""
        self.control("faults", [{"operation": "*", "kind": "latency", "seconds": seconds}] if seconds else [])

    def calls(self) -> int:
        with (self.directory / "journal.jsonl").open() as journal:
            return sum(1 for _line in journal)

    def measure(
        self,
        name: str,
        command: list[str],
        before: Callable[[], object] | None = None,
        runs: int = RUNS,
        changes: bool = True,
        **more: str,
    ) -> Row:
        """The medians of the runs of a command, which must succeed; ``before`` is called before each, unmeasured.

        Without ``changes`` a run that reports a change has failed.
        """
        figures = []
        for _run in range(runs):
            if before:
                before()
            calls, used, started = self.calls(), resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            with tempfile.TemporaryFile("w+") as output:
                process = subprocess.Popen(
                    command, cwd=ROOT, env={**self.environment, **more}, stdout=output, stderr=subprocess.STDOUT
                )
                memory = most_memory(process)
                wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
                output.seek(0)
                printed = output.read()
            if process.returncode != 0 or (not changes and re.search(r"changed=[1-9]", printed)):
                sys.exit(f"make bench: FAILED, {name}:\n{printed[-3000:]}")
            processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
            figures.append((wall, processor, memory, self.calls() - calls))
            print(f"  {name}: {wall:.2f} s, {memory:.0f} MiB", file=sys.stderr, flush=True)
        wall, processor, memory, count = (statistics.median(column) for column in zip(*figures, strict=True))
        return Row(name, wall, processor, memory, int(count))


def most_memory(process: subprocess.Popen) -> float:
    """Wait for a process; the most that it and its children held at once, in MiB, as often as that is looked at.

    What forks share is counted once: https://docs.kernel.org/filesystems/proc.html (Pss).
    """
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(_memory, _family(process.pid))))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY)
    return most


def _family(pid: int) -> list[int]:
    """A process and all that came from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _memory(pid: int) -> float:
    try:
        found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
