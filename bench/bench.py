"""Measures the product beside the floor and AWS CDK, on sandboxes of its own: make bench. RUNS=5 is the number of runs.

Prints a table, and writes artifacts/bench.md, bench.json and bench.svg. A figure is the median of the runs; wall and
processor time are those of the whole process with its children. The rows of AWS CDK need npm.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import cdk
import scale
from harness import PARTITIONS, ROOT, ROOT_SECRET, RUNS, Row, Sandbox

LATENCY = 0.1  # seconds, of each AWS call
PLOT = ROOT / ".cache/plot"  # the environment of plot.py


def product(sandbox: Sandbox) -> list[Row]:
    """Deployments, no-ops and plans of the product, and the floor, without and with latency."""
    playbook = str(Path(sys.executable).parent / "ansible-playbook")
    site = [playbook, "site.yml", "-e", f"artifacts_directory={sandbox.directory}/artifacts"]
    five = [*site, "-e", "rollout=parallel", "--skip-tags", "verify"]
    one = [*site, "-l", "alpha002_dev"]
    floor = [sys.executable, "bench/floor.py", sandbox.endpoint, ROOT_SECRET, *PARTITIONS]
    found = [
        sandbox.measure("first deployment of five", five, sandbox.reset),
        sandbox.measure("no-op of five", five),
        sandbox.measure("no-op of one", one),
        sandbox.measure("plan of five (--check --diff)", [*five, "--check", "--diff"]),
        sandbox.measure("floor of five", floor),
    ]
    sandbox.latency(LATENCY)
    late = f"{LATENCY * 1000:.0f} ms a call"
    found += [
        sandbox.measure(f"no-op of five, {late}", five),
        sandbox.measure(f"no-op of one, {late}", one),
        sandbox.measure(f"floor of five, {late}", floor),
    ]
    sandbox.latency(0)
    return [*found, *scale.rows(sandbox, five)]


def table(found: list[Row]) -> str:
    lines = ["| | wall | processor | memory | AWS calls |", "|---|---|---|---|---|"]
    for row in found:
        figures = f"{row.wall:.2f} s | {row.processor:.2f} s | {row.memory:.0f} MiB | {row.calls}"
        lines.append(f"| {row.name} | {figures} |")
    return "\n".join(lines)


def ratios(found: list[Row]) -> str:
    """The figures that are promised, as ratios within this run."""
    wall = {row.name: row.wall for row in found}
    late = f"{LATENCY * 1000:.0f} ms a call"
    pairs = [
        ("no-op of five", "floor of five"),
        ("no-op of one", "floor of five"),
        (f"no-op of five, {late}", f"floor of five, {late}"),
        ("no-op of five", "AWS CDK, no-op of five"),
        ("plan of five (--check --diff)", "AWS CDK, diff of five"),
        ("first deployment of five", "AWS CDK, first deployment of five"),
    ]
    lines = [f"{wall[one] / wall[other]:5.2f} times: {one} / {other}" for one, other in pairs if other in wall]
    calls = {row.name: row.calls for row in found}
    lines.append(
        f"{calls['no-op of five'] / calls['floor of five']:5.2f} times the AWS calls: no-op of five / floor of five"
    )
    small, large = scale.SIZES
    for job in ("no-op", "preflight"):
        ratio = wall[f"{job} of {large} partitions"] / large / (wall[f"{job} of {small} partitions"] / small)
        lines.append(f"{ratio:5.2f} times: {job} of a partition of {large} / of {small}")
    return "\n".join(lines)


def main() -> None:
    # First: a package index that cannot be reached stops the benchmark before it measures anything.
    subprocess.run([ROOT / "scripts/environment", PLOT, sys.executable, "matplotlib==3.10.*"], check=True)
    found = []
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "product", 24660) as sandbox:
        found += product(sandbox)
    if shutil.which("npm"):
        with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "cdk", 24670) as sandbox:
            found += cdk.rows(sandbox)
    else:
        print("AWS CDK is not measured: npm is not installed", file=sys.stderr)
    artifacts = ROOT / "artifacts"
    artifacts.mkdir(exist_ok=True)
    (artifacts / "bench.md").write_text(f"{table(found)}\n\n{ratios(found)}\n")
    (artifacts / "bench.json").write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")
    plot = [PLOT / "bin/python", ROOT / "bench/plot.py", artifacts / "bench.json", artifacts / "bench.svg"]
    subprocess.run(plot, check=True)
    print(f"{table(found)}\n\n{ratios(found)}\n\nMedians of {RUNS} runs.")
    print("make bench: SUCCESS, the table, the figures and a plot are in artifacts/bench.md, .json and .svg")


if __name__ == "__main__":
    main()
