"""Measures the product side by side with the floor, on a sandbox of its own: make bench. RUNS=5 is the number of runs.

Prints a table, and writes artifacts/bench.md and artifacts/bench.json. A figure is the median of the runs; wall and
processor time are those of the whole process with its children.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "sandbox"))
from arda_sandbox.settings import ROOT_SECRET

RUNS = int(os.environ.get("RUNS", "5"))
LATENCY = 0.1  # seconds, of each AWS call
PARTITIONS = (
    "139852620346:Alpha002:dev",
    "139852620346:Alpha002:stage",
    "009765408297:Alpha001:demo",
    "009765408297:Alpha001:prod",
    "575126609604:SandboxKyle002:kyle",
)
PORTS = {"API": "24666", "DNS": "25453", "EDGE_HTTPS": "28543", "EDGE_HTTP": "28180"}


@dataclass
class Row:
    name: str
    wall: float
    processor: float
    calls: int


class Sandbox:
    """A sandbox of the benchmark's own, without delays."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.endpoint = f"http://127.0.0.1:{PORTS['API']}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **{f"ARDA_SANDBOX_{name}_PORT": port for name, port in PORTS.items()},
            "ARDA_SANDBOX_DIR": str(directory),
            "ARDA_SANDBOX_ISSUE_SECONDS": "0",
            "ARDA_SANDBOX_DEPLOY_SECONDS": "0",
            "ARDA_SANDBOX_VALIDATION_RECORD_SECONDS": "0",
            "ANSIBLE_HOME": str(directory / "ansible"),
        }

    def command(self, name: str) -> None:
        program = [str(ROOT / "sandbox/.venv/bin/python"), "-m", "arda_sandbox", name]
        subprocess.run(program, cwd=ROOT / "sandbox", env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def control(self, name: str, document: object) -> None:
        body = json.dumps(document).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{name}", method="POST", data=body)
        urllib.request.urlopen(request, timeout=30).read()

    def calls(self) -> int:
        return sum(1 for _line in (self.directory / "journal.jsonl").open())


def measure(sandbox: Sandbox, name: str, command: list[str], before: Callable[[], object] | None = None) -> Row:
    """The median of some runs of a command, which must succeed."""
    figures = []
    for _run in range(RUNS):
        if before:
            before()
        calls, used, started = sandbox.calls(), resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=sandbox.environment, capture_output=True, text=True, check=False)
        wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            sys.exit(f"make bench: FAILED, {name}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
        figures.append((wall, processor, sandbox.calls() - calls))
        print(f"  {name}: {wall:.2f} s", file=sys.stderr, flush=True)
    wall, processor, calls = (statistics.median(column) for column in zip(*figures, strict=True))
    return Row(name, wall, processor, int(calls))


def rows(sandbox: Sandbox) -> list[Row]:
    playbook = str(Path(sys.executable).parent / "ansible-playbook")
    site = [playbook, "site.yml", "-e", f"artifacts_directory={sandbox.directory}/artifacts"]
    floor = [sys.executable, "bench/floor.py", sandbox.endpoint, ROOT_SECRET, *PARTITIONS]
    parallel = ["-e", "rollout=parallel", "--skip-tags", "verify"]
    found = [
        measure(sandbox, "first deployment of five", [*site, *parallel], lambda: sandbox.control("reset", None)),
        measure(sandbox, "no-op of five", [*site, *parallel]),
        measure(sandbox, "no-op of one", [*site, "-l", "alpha002_dev"]),
        measure(sandbox, "plan of five (--check --diff)", [*site, *parallel, "--check", "--diff"]),
        measure(sandbox, "floor of five", floor),
    ]
    sandbox.control("faults", [{"operation": "*", "kind": "latency", "seconds": LATENCY}])
    late = f"{LATENCY * 1000:.0f} ms a call"
    found += [
        measure(sandbox, f"no-op of five, {late}", [*site, *parallel]),
        measure(sandbox, f"no-op of one, {late}", [*site, "-l", "alpha002_dev"]),
        measure(sandbox, f"floor of five, {late}", floor),
    ]
    return found


def table(found: list[Row]) -> str:
    lines = ["| | wall | processor | AWS calls |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {r.name} | {r.wall:.2f} s | {r.processor:.2f} s | {r.calls} |" for r in found)])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder))
        sandbox.command("start")
        try:
            found = rows(sandbox)
        finally:
            sandbox.command("stop")
    artifacts = ROOT / "artifacts"
    artifacts.mkdir(exist_ok=True)
    (artifacts / "bench.md").write_text(table(found) + "\n")
    (artifacts / "bench.json").write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")
    print(table(found))
    by_name = {row.name: row for row in found}
    ratio = by_name["no-op of five"].wall / by_name["floor of five"].wall
    print(f"\nThe no-op of five takes {ratio:.1f} times the floor; medians of {RUNS} runs.")
    print("make bench: SUCCESS, the table is in artifacts/bench.md, the figures in artifacts/bench.json")


if __name__ == "__main__":
    main()
