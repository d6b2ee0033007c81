"""The state on disk: each service's records in a file of its own, written whole or not at all after every write.

So a sandbox that is killed goes on from the last call that it has answered. ministack writes its state at a clean stop
alone, and takes a file that it cannot read for an empty one.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from .settings import Settings

#: The file that is there while the state is replaced: with it, the next start makes the state anew.
UNFINISHED = "seeding"
#: Operations of S3 on objects, which ministack writes to disk by itself.
OF_OBJECTS = ("Object", "Upload", "Part")


class StateError(Exception):
    """The state cannot be written or used; the text says why, and what to do."""


def lock(settings: Settings) -> IO[str]:
    """Take the directory for this process, as long as the file that is returned stays open.

    Raises StateError if another sandbox has it.
    """
    file = (settings.directory / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StateError(
            f"Another sandbox uses {settings.directory}. Stop it (make sandbox-stop), or name another ARDA_SANDBOX_DIR."
        ) from error
    return file


def set_aside_if_unreadable(settings: Settings) -> str:
    """Move the state away if a file of it cannot be read; returns what was done, the empty string for nothing."""
    for file in sorted(settings.state.glob("*.json")):
        try:
            json.loads(file.read_bytes())
        except (ValueError, OSError) as error:
            aside = settings.directory / f"state-set-aside-{time.strftime('%Y%m%d-%H%M%S')}"
            settings.state.rename(aside)
            return (
                f"The state in {file} cannot be read ({error}). The whole state is now in {aside}; the sandbox starts "
                "with an empty one."
            )
    return ""


#: How ministack calls the state of a service, where that is not the name of the service.
STATE_OF = {"logs": "cloudwatch_logs"}


def records(services: Iterable[str] | None = None) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    """What ministack keeps of some services, or of all, in its own format: the name, a document, and its encoder."""
    app, persistence = (importlib.import_module(f"ministack.{name}") for name in ("app", "core.persistence"))
    wanted = None if services is None else {STATE_OF.get(name, name) for name in services}
    for name, state in app._build_persistence_save_dict().items():
        payload = state() if wanted is None or name in wanted else None
        if payload is not None:
            document = {"__ministack_format__": persistence._state_format_version(name), "payload": payload}
            yield name, document, persistence._json_default


_memories: list[dict[Any, Any]] = []


def memory() -> dict[Any, Any]:
    """A dictionary for what a rule remembers of the state; it is emptied with the state."""
    _memories.append({})
    return _memories[-1]


def wipe_state() -> None:
    importlib.import_module("ministack.app")._reset_all_state()
    for one in _memories:
        one.clear()


def load_state() -> None:
    """Read the files of the state, as ministack does when it starts."""
    importlib.import_module("ministack.services.s3")._load_persisted_data()
    importlib.import_module("ministack.app")._load_persisted_state()


def end_interrupted_stacks() -> None:
    """Give an end to the operations of stacks that a kill has interrupted, as if they had failed."""
    service = importlib.import_module("ministack.services.cloudformation")
    for record in list(service._stacks._data.values()):
        status = record["StackStatus"]
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            ends = {"CREATE": "ROLLBACK_COMPLETE", "ROLLBACK": "ROLLBACK_COMPLETE", "DELETE": "DELETE_FAILED"}
            record["StackStatus"] = ends.get(status.split("_")[0], "UPDATE_ROLLBACK_COMPLETE")


class StateFiles:
    """Writes the records of services that have changed."""

    def __init__(self, settings: Settings) -> None:
        self._state: Path = settings.state
        self._written: dict[str, str] = {}

    def after(self, service: str, operation: str) -> None:
        """Write what a call of a service may have changed. Raises StateError if that cannot be written."""
        if service == "s3" and any(word in operation for word in OF_OBJECTS):
            return
        self.write(None if service == "cloudformation" else [service])

    def write(self, services: Iterable[str] | None = None) -> None:
        """Write the records of some services, or of all. Raises StateError if that is not possible."""
        for name, document, encode in records(services):
            text = json.dumps(document, default=encode)
            mark = hashlib.sha256(text.encode()).hexdigest()
            if self._written.get(name) != mark:
                self._replace(self._state / f"{name}.json", text)
                self._written[name] = mark

    def save(self, folder: Path) -> None:
        """Copy the state to a folder that does not exist. Raises StateError if that is not possible."""
        self.write()
        try:
            shutil.copytree(self._state, folder)
        except (OSError, shutil.Error) as error:
            raise StateError(f"The sandbox cannot copy its state to {folder} ({error}).") from error

    def load(self, folder: Path) -> None:
        """Put a saved state in the place of the present one. Raises StateError if that is not possible."""
        if not folder.is_dir():
            raise StateError(f"Expected a folder with a saved state, found {folder}. Name one that was saved.")
        unfinished = self._state / UNFINISHED
        unfinished.touch()
        wipe_state()
        shutil.copytree(folder, self._state, dirs_exist_ok=True)
        load_state()
        self._written.clear()
        self.write()
        unfinished.unlink()

    @staticmethod
    def _replace(file: Path, text: str) -> None:
        partial = file.with_suffix(".json.tmp")
        try:
            partial.write_text(text)
            os.replace(partial, file)
        except OSError as error:
            raise StateError(
                f"The sandbox cannot write its state to {file} ({error.strerror}). The file is as it was before this "
                "call. Make room, then repeat the call."
            ) from error
