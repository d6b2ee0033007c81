# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of ansible-playbook was asked for, the files that it has written, and its waits.

Workers are processes of their own. They share these facts through a file in the folder that Ansible makes for a run and
removes at its end.
"""

from __future__ import annotations

import json
import platform
import re
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.release import __version__ as ansible_core

FILE = "image_upload.jsonl"
#: Ansible imports this before it forks its workers, so it is the same in each of them.
STARTED = datetime.now(UTC)
COLLECTIONS = ("arda.image_upload", "amazon.aws")
PACKAGES = ("boto3", "botocore", "cryptography", "dnspython")


def note(kind: str, fact: Any) -> None:
    """Keep a fact of this run: a ``file`` that was written, a ``wait``, what it is ``waiting`` for, a ``report``."""
    with (Path(constants.DEFAULT_LOCAL_TMP) / FILE).open("a") as notes:
        notes.write(json.dumps([kind, fact], default=str) + "\n")  # one write, so lines of two workers do not mix


def noted(kind: str) -> list[Any]:
    """The facts of a kind, oldest first."""
    try:
        lines = (Path(constants.DEFAULT_LOCAL_TMP) / FILE).read_text().splitlines()
    except FileNotFoundError:
        return []
    return [fact for found, fact in map(json.loads, lines) if found == kind]


def described() -> dict[str, Any]:
    """The run as it is written to run.json."""
    return {
        "command": command(context.CLIARGS),
        "check": bool(context.CLIARGS.get("check")),
        "started": STARTED.isoformat(timespec="seconds"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": list(dict.fromkeys(noted("file"))),
        "waits": noted("wait"),
        "versions": versions(),
    }


def command(options: Mapping[str, Any]) -> str:
    """The command line, without the values of extra variables, which may be secrets."""
    words = ["ansible-playbook"]
    for source in options.get("inventory") or ():
        words += ["-i", source]
    words += options.get("args") or ()
    if options.get("subset"):
        words += ["-l", options["subset"]]
    for name in ("tags", "skip_tags"):
        if (values := options.get(name)) and list(values) != ["all"]:
            words += [f"--{name.replace('_', '-')}", ",".join(values)]
    words += [f"--{name}" for name in ("check", "diff") if options.get(name)]
    for variable in options.get("extra_vars") or ():
        name = str(variable).partition("=")[0]
        words += ["-e", f"{name}=..." if name.isidentifier() else "..."]
    return shlex.join(words)


def versions() -> dict[str, str]:
    """The versions of the collections and of what they run on, by name."""
    found = {name: collection_version(name) for name in COLLECTIONS}
    found |= {"ansible-core": ansible_core, "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def collection_version(name: str) -> str:
    """The version of an installed collection (MANIFEST.json), or of a clone (galaxy.yml)."""
    try:
        folder = Path(import_module(f"ansible_collections.{name}").__path__[0])
        if (manifest := folder / "MANIFEST.json").exists():
            return str(json.loads(manifest.read_text())["collection_info"]["version"])
        found = re.search(r"^version: *(\S+)", (folder / "galaxy.yml").read_text(), re.MULTILINE)
        return f"{found[1]} (clone)" if found else "unknown"
    except (ImportError, OSError, ValueError, LookupError):
        return "unknown"
