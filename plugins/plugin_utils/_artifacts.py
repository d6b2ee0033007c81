# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a run writes for people and machines: what it has found as JSON, and a report of that as HTML."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible import constants

from ._html_report import page
from ._run import described, note, noted
from ._terminal import display

REPORT = "report.html"


def write_files(directory: str, files: Mapping[str, str], report: bool = True) -> Path:
    """Write files by their names; returns the folder that was written to.

    The report of the run is written anew where ``report`` says so, and at the end of the run.
    """
    folder = writable(Path(directory).expanduser())
    for name, text in files.items():
        write_artifact(folder, name, text)
        note("file", name)
    note("report", [str(folder), report])
    if report:
        _write_report(folder)
    return folder


def _write_report(folder: Path) -> None:
    with _locked(folder):
        run = described()
        write_artifact(folder, "run.json", json.dumps(run, indent=2, default=str))
        write_artifact(folder, REPORT, page(run, _documents(folder, run["files"])))


@atexit.register
def _write_last_report() -> None:
    """At the end of the run: the report of what was written since the last one.

    Ansible imports this file before it forks its workers, which end without it.
    """
    with contextlib.suppress(OSError, ValueError):
        for folder, written in dict(noted("report")).items():
            if not written:
                _write_report(Path(folder))


def write_failure(directory: str, host: str, task: str, error: str) -> None:
    """Write why a run stopped at a host."""
    document = {"host": host, "task": task, "error": error}
    write_files(directory, {f"stopped-{host}.json": json.dumps(document, indent=2)})


def _documents(folder: Path, names: list[str]) -> dict[str, Any]:
    """The JSON files of a run; one that somebody removed meanwhile is left out."""
    found = {}
    for name in names:
        if name.endswith(".json") and (folder / name).exists():
            found[name] = json.loads((folder / name).read_text())
    return found


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time: the last one to write the report has seen the files of all."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def own_folder() -> Path:
    """The collection's folder in Ansible's home."""
    return Path(constants.config.get_config_value("ANSIBLE_HOME")) / "image_upload"


def write_artifact(directory: Path, name: str, text: str, mode: int = 0o666) -> None:
    """Write a file whole or not at all, also where two runs write it; ``mode`` is its mode before the umask."""
    directory.mkdir(parents=True, exist_ok=True)
    partial = directory / f".{name}.{os.getpid()}"
    partial.touch(mode=mode)
    partial.write_text(text + "\n")
    partial.replace(directory / name)


def writable(directory: Path) -> Path:
    """The directory, or one in Ansible's home where nothing can be written to it, such as in a read-only project."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if os.access(directory, os.W_OK):
            return directory
        reason = "it is read-only"
    except OSError as error:
        reason = str(error)
    other = own_folder() / "artifacts"
    display.warning(f"Reports cannot be written to {directory} ({reason}). They are in {other}.")
    other.mkdir(parents=True, exist_ok=True)
    return other
