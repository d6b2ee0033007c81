"""The execution environment: its context is made without a network, and has all that the collection needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .helpers.sandbox import BIN, ROOT


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the environment's ansible-core needs Python 3.12")
def test_context_installs_a_collection_that_runs(tmp_path: Path) -> None:
    """From the files that ansible-builder copies into the image alone; amazon.aws comes from the clone."""
    made = subprocess.run([ROOT / "scripts/execution_environment"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    context = tmp_path / "context"
    shutil.copytree(ROOT / "build/context/_build", context)
    pins = yaml.safe_load((ROOT / "execution-environment.yml").read_text())["dependencies"]
    home = tmp_path / "environment"
    core, runner = pins["ansible_core"]["package_pip"], pins["ansible_runner"]["package_pip"]
    make = [ROOT / "scripts/environment", home, BIN / "python", core, runner, "-r", context / "requirements.txt"]
    subprocess.run(make, check=True)
    wanted = yaml.safe_load((context / "requirements.yml").read_text())["collections"]
    assert [one["name"] for one in wanted] == ["amazon.aws"]

    galaxy = [home / "bin/ansible-galaxy", "collection", "install", "--offline", "--no-deps"]
    where = tmp_path / "collections"
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(where)
    archive = context / "collection/arda-image_upload.tar.gz"
    installed = subprocess.run(
        [*galaxy, "--collections-path", where, archive], env=environment, capture_output=True, text=True, check=False
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    play = [
        home / "bin/ansible-playbook",
        "arda.image_upload.site",
        "--syntax-check",
        "-i",
        ROOT / "inventories/example",
    ]
    run = subprocess.run(play, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.strip().endswith("arda/image_upload/playbooks/site.yml")
    assert (where / "ansible_collections/arda/image_upload/meta/execution-environment.yml").is_file()
