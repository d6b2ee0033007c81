# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of the last look, made at once when an account is connected, before the modules ask for them.

A look asks one thing after another, and each answer takes a round trip to AWS. What it asked the last time is a good
guess at what it will ask now. A guess that nobody asks for is a read in vain; what is asked and was not guessed is read
then. So the file with the guesses may be old, wrong or missing: it decides when a read is made, never what is found.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._shared_reads import CONNECTION, SharedReads

from ._artifacts import own_folder, write_artifact

#: The file with the guesses.
FILE = "reads.json"
#: Reads that are made at once.
CONCURRENT = 32
#: How the threads that make them are called.
THREADS = "prefetch"
#: Parameters that name a page of a listing, which is another one the next time.
PAGES = {"Marker", "NextToken", "ContinuationToken", "StartRecordIdentifier", "NextMarker"}

#: An account with the name of the fact of its session, service, region, operation, parameters.
Read = tuple[str, str, str, str, dict[str, Any]]


class Connection:
    """What ``Aws`` needs of a module: the options of a session."""

    client = AnsibleAWSModule.client

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.params = {**dict.fromkeys(CONNECTION), "validate_certs": True, **options}

    def fail_json(self, msg: str, **_more: Any) -> None:
        raise ValueError(msg)


def _access_key(client: Any) -> str:
    """The access key that a client signs with; the empty string without credentials."""
    credentials = client._request_signer._credentials
    return credentials.access_key if credentials else ""


class Prefetch:
    """The reads of the last look of each host, and what this one asks."""

    def __init__(self, shared: SharedReads, guesses: Mapping[str, list[Read]]) -> None:
        self._guesses = guesses
        self._labels: dict[str, str] = {}  # of access keys
        self._pool: ThreadPoolExecutor | None = None
        self._made: set[str] = set()
        self.hosts: list[str] = []  # those that this process looks at
        self.host = ""
        self.asked: dict[str, list[Read]] = {}
        shared.listener = self._listen

    def connected(self, fact: str, account_id: str, options: Mapping[str, Any]) -> None:
        """Make the reads that are guessed for a session that was just compared."""
        label = f"{account_id} {fact}"
        connection = Connection(options)
        reads = [read for host in self.hosts for read in self._guesses.get(host, []) if read[0] == label]
        access_key = options.get("access_key") or _access_key(Aws(connection).client("sts"))
        self._labels[access_key] = label
        if reads and self._pool is None:
            self._pool = ThreadPoolExecutor(CONCURRENT, thread_name_prefix=THREADS)
        for read in reads:
            key = json.dumps([access_key, *read[1:]], sort_keys=True)
            if self._pool and key not in self._made:
                self._made.add(key)
                self._pool.submit(self._make, connection, read)

    def _make(self, connection: Connection, read: Read) -> None:
        _label, service, region, operation, parameters = read
        with contextlib.suppress(Exception):  # kept for whoever asks
            getattr(Aws(connection, region).client(service), operation)(**parameters)

    def _listen(self, client: Any, operation: str, parameters: Mapping[str, Any]) -> None:
        """Note a read that a module asks for."""
        label = self._labels.get(_access_key(client))
        if not label or PAGES & set(parameters) or threading.current_thread().name.startswith(THREADS):
            return
        service = client.meta.service_model.service_name
        read = (label, service, client.meta.region_name, operation, dict(parameters))
        known = self.asked.setdefault(self.host, [])
        if read not in known:
            known.append(read)

    def settle(self) -> None:
        """Wait for the reads under way, such as before this process is forked."""
        if self._pool:
            self._pool.shutdown(wait=True)
            self._pool = None


def guesses() -> dict[str, list[Read]]:
    """What each host asked in the last look, as far as that is known."""
    try:
        document = json.loads((own_folder() / FILE).read_text())
        return {host: [(*read[:4], dict(read[4])) for read in reads] for host, reads in document.items()}
    except (OSError, ValueError, TypeError, AttributeError, IndexError):
        return {}


def keep(asked: Mapping[str, list[Read]]) -> None:
    """Keep what the hosts asked, for the next look. It holds names and ids, no answers."""
    with contextlib.suppress(OSError, TypeError):
        write_artifact(own_folder(), FILE, json.dumps({**guesses(), **asked}), mode=0o600)
