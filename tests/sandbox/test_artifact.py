"""The built collection: what it holds, and that it works where nothing but it is installed."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from .helpers.sandbox import BIN, ROOT, Sandbox


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("artifact")
    subprocess.run(
        [BIN / "ansible-galaxy", "collection", "build", "--output-path", out], cwd=ROOT, check=True, capture_output=True
    )
    (path,) = out.glob("*.tar.gz")
    return path


def test_artifact_holds_what_users_need_and_nothing_else(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        names = set(archive.getnames())
    assert artifact.stat().st_size < 400_000
    wanted = {
        "LICENSE",
        "MANIFEST.json",
        "README.md",
        "meta/runtime.yml",
        "playbooks/image_partition.yml",
        "plugins/action/gate.py",
        "plugins/modules/cloudfront_signing_key.py",
        "requirements.txt",
        "docs/examples/signer.py",
        "docs/signing-key.md",
        "playbooks/rotate_signing_key.yml",
        "roles/image_partition/README.md",
        "roles/image_partition/meta/argument_specs.yml",
        "roles/image_partition/templates/summary.txt.j2",
        "roles/image_verification/files/photo-640.jpg",
        "site.yml",
    }
    assert wanted <= names, wanted - names
    refused = (
        "sandbox/",
        "tests/",
        "molecule/",
        "collections/",
        "scripts/",
        ".",
        "uv.lock",
        "pyproject.toml",
        "Makefile",
    )
    assert [name for name in names if name.startswith(refused)] == []


def test_artifact_installed_elsewhere_runs_its_playbooks(artifact: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    """Installed into an empty path, outside the clone, a playbook of it runs by its full name."""
    sandbox.reset()
    path = tmp_path / "collections"
    environment = {**sandbox.environment, "ANSIBLE_COLLECTIONS_PATH": str(path), "ANSIBLE_HOME": str(tmp_path / "home")}
    environment.pop("ANSIBLE_CONFIG")
    environment["HOME"] = str(tmp_path)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / command[0], *command[1:]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    installed = run("ansible-galaxy", "collection", "install", str(artifact), "-p", str(path), "--no-deps", "--offline")
    assert installed.returncode == 0, installed.stderr
    listed = run("ansible-doc", "-l", "arda.image_upload")
    assert len(listed.stdout.splitlines()) == len(list((ROOT / "plugins/modules").glob("*.py")))
    played = run(
        "ansible-playbook", "arda.image_upload.dns_foundation", "-i", str(ROOT / "inventories/sandbox"),
        "-l", "alpha002_dev", "-e", f"artifacts_directory={tmp_path}",
    )  # fmt: skip
    assert played.returncode == 0, played.stdout + played.stderr
    assert (tmp_path / "dns_foundation-alpha002_dev.json").exists()
    assert os.listdir(path / "ansible_collections/arda") == ["image_upload"]
