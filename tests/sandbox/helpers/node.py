"""Programs of tests/clients, which run on Node.js with packages that npm installs once for all tests."""

from __future__ import annotations

import fcntl
import os
import subprocess

from .sandbox import ROOT, need

CLIENTS = ROOT / "tests/clients"
#: Pictures of pages, which CI keeps.
PICTURES = ROOT / "build/pictures"


def node(program: str, *arguments: str, **environment: str) -> str:
    """The standard output of a program."""
    _install()
    run = subprocess.run(
        ["node", program, *arguments],
        cwd=CLIENTS,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def build() -> None:
    """Compile the TypeScript of docs/examples."""
    _install()
    subprocess.run(["npm", "run", "build", "--silent"], cwd=CLIENTS, check=True, timeout=120)


def _install() -> None:
    need("npm", "the programs of tests/clients are not tried")
    lock, installed = CLIENTS / "package-lock.json", CLIENTS / "node_modules/.package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # tests in other processes want the same packages
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=CLIENTS, check=True, timeout=300)
