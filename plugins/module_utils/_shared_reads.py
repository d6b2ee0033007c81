# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of one plan share: the clients, and the answer to each read. A plan writes nothing."""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

#: How the names of the operations begin that write nothing.
READS = re.compile(r"(get|describe|list|head)_[a-z0-9_]+")

#: The options of a module that choose the account and the endpoint.
CONNECTION = (
    "region",
    "profile",
    "access_key",
    "secret_key",
    "session_token",
    "endpoint_url",
    "aws_ca_bundle",
    "validate_certs",
)


class WriteInPlanError(Exception):
    """A module tried to write while a plan is made."""


class SharedReads:
    """Clients and answers by what identifies them. Threads may share it: each read is made once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._answers: dict[str, Future[Any]] = {}

    def client(self, key: str, create: Callable[[], Any]) -> Any:
        """The client of a key. boto3's clients may be shared by threads, but not created by several at once."""
        with self._lock:
            if key not in self._clients:
                self._clients[key] = create()
            return self._clients[key]

    def read(self, key: str, operation: str, call: Callable[[], Any]) -> Any:
        """A copy of the answer of a read, or its error; the first caller makes the call.

        Raises WriteInPlanError for an operation that may write.
        """
        if not READS.fullmatch(operation) and operation != "assume_role":
            raise WriteInPlanError(
                f"{operation} was called while a plan is made, which only reads. Nothing was written."
            )
        with self._lock:
            answer = self._answers.get(key)
            first = answer is None
            if answer is None:
                answer = self._answers[key] = Future()
        if first:
            try:
                answer.set_result(call())
            except BaseException as error:
                answer.set_exception(error)
        return copy.deepcopy(answer.result())


_current: SharedReads | None = None


def current_reads() -> SharedReads | None:
    """What is shared, None where no plan is made."""
    return _current


@contextmanager
def shared_reads() -> Iterator[SharedReads]:
    """Share clients and answers between the modules that run in this process, and refuse their writes."""
    global _current
    before, _current = _current, SharedReads()
    try:
        yield _current
    finally:
        _current = before


def connection_key(options: Mapping[str, Any], service: str, region: str | None) -> str:
    """What identifies a client: the service, and who calls it where."""
    return json.dumps([service, region, [options.get(name) for name in CONNECTION]], default=str)
