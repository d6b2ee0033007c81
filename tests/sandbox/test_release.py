"""A release: its files are made from a clean clone whose version is in the changelog, and nothing else is released."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .helpers.sandbox import BIN, ROOT

VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def release(clone: Path, version: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(clone.parent), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, clone / "scripts/release.py", version]
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def test_release_has_the_collection_its_bill_of_materials_and_their_checksums(clone: Path) -> None:
    run = release(clone, VERSION)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "nothing is published" in run.stdout
    folder = clone / "build/release" / VERSION
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {f"arda-image_upload-{VERSION}.tar.gz", f"arda-image_upload-{VERSION}.cdx.json"}
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    bill = json.loads((folder / f"arda-image_upload-{VERSION}.cdx.json").read_text())
    assert bill["metadata"]["component"]["version"] == VERSION
    named = {component["name"]: component["version"] for component in bill["components"]}
    assert {"aws", "boto3", "botocore", "cryptography", "dnspython", "urllib3"} <= set(named)
    assert "pytest" not in named


def dirty(clone: Path) -> None:
    (clone / "README.md").write_text("changed")


def tag_elsewhere(clone: Path) -> None:
    subprocess.run(["git", "tag", f"v{VERSION}", "HEAD~1"], cwd=clone, check=True)


@pytest.mark.parametrize(
    ("version", "before", "told"),
    [
        ("", lambda _clone: None, "Expected a semantic version"),
        ("1.0", lambda _clone: None, "Expected a semantic version"),
        ("9.9.9", lambda _clone: None, f"Expected version 9.9.9 in galaxy.yml, found {VERSION}"),
        (VERSION, dirty, "Expected a clean clone"),
        (VERSION, tag_elsewhere, f"Expected tag v{VERSION} at this commit"),
    ],
    ids=["no version", "no semantic version", "another version", "changes", "tag elsewhere"],
)
def test_release_that_is_not_ready_says_what_to_do(
    clone: Path, version: str, before: Callable[[Path], None], told: str
) -> None:
    before(clone)
    run = release(clone, version)
    assert run.returncode != 0
    assert told in run.stdout
    assert not (clone / "build").exists()
