# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of one look share: the clients, and the answer to each read. A look writes nothing."""

from __future__ import annotations

import json
import os
import pickle
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from ._route53 import records_from

try:
    import boto3
    from botocore import xform_name
    from botocore.client import BaseClient
except ImportError:
    pass  # AnsibleAWSModule reports the missing library

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


#: Operations that write nothing although their names begin otherwise.
NO_WRITES = ("assume_role",)


class WriteInLookError(Exception):
    """A module tried to write in a look."""


class SharedReads:
    """Clients and answers by what identifies them. Threads may share it: each read is made once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a client is created with its session
        self._clients: dict[str, Any] = {}
        self._answers: dict[str, Future[bytes]] = {}
        #: Called with the client, the operation and the parameters of each read that is asked for.
        self.listener: Callable[[Any, str, Mapping[str, Any]], None] | None = None

    def client(self, key: str, create: Callable[[], Any]) -> Any:
        """The client of a key. boto3's clients may be shared by threads, but not created by several at once."""
        with self._lock:
            if key not in self._clients:
                self._clients[key] = create()
            return self._clients[key]

    def disconnect(self) -> None:
        """Let go of the connections, in a fork: they belong to the process that has made them."""
        for client in self._clients.values():
            if hasattr(client, "close"):
                client.close()

    def read(self, key: str, operation: str, call: Callable[[], Any]) -> Any:
        """A copy of the answer of a read, or its error; the first caller makes the call.

        Raises WriteInLookError for an operation that may write.
        """
        if not READS.fullmatch(operation) and operation not in NO_WRITES:
            raise WriteInLookError(f"{operation} was called in a look, which only reads. Nothing was written.")
        with self._lock:
            answer = self._answers.get(key)
            first = answer is None
            if answer is None:
                answer = self._answers[key] = Future()
        if first:
            try:
                answer.set_result(pickle.dumps(call()))
            except BaseException as error:
                answer.set_exception(error)
        return pickle.loads(answer.result())


_current: SharedReads | None = None


def current_reads() -> SharedReads | None:
    """What is shared, None outside a look."""
    return _current


@contextmanager
def shared_reads() -> Iterator[SharedReads]:
    """Share sessions, clients and answers between the modules that run in this process, and refuse their writes.

    Every boto3 client of the process takes part, whoever has created it. A session is shared where the profile and what
    the environment says to AWS's SDKs are the same; its clients have credentials of their own.
    """
    global _current
    shared = SharedReads()
    call, create = BaseClient._make_api_call, boto3.session.Session

    def shared_call(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        name = xform_name(operation)

        def read(parameters: Mapping[str, Any]) -> Any:
            if shared.listener:
                shared.listener(client, name, parameters)
            return shared.read(read_key(client, name, parameters), name, lambda: call(client, operation, parameters))

        if name == "list_resource_record_sets" and set(parameters) == {"HostedZoneId", "StartRecordName"}:
            zone = read({"HostedZoneId": parameters["HostedZoneId"]})
            if not zone["IsTruncated"]:
                return records_from(zone, parameters["StartRecordName"])
        return read(parameters)

    def shared_session(**options: Any) -> Any:
        environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        key = json.dumps(["session", options, environment], sort_keys=True, default=str)
        return shared.client(key, lambda: create(**options))

    before, _current = _current, shared
    BaseClient._make_api_call, boto3.session.Session = shared_call, shared_session
    try:
        yield shared
    finally:
        BaseClient._make_api_call, boto3.session.Session = call, create
        _current = before


def read_key(client: Any, operation: str, parameters: Mapping[str, Any]) -> str:
    """What identifies a read: who calls which endpoint, the operation and its parameters."""
    credentials = client._request_signer._credentials
    where = [client.meta.endpoint_url, client.meta.region_name, client.meta.service_model.service_name]
    who = credentials.access_key if credentials else None
    return json.dumps([where, who, operation, parameters], sort_keys=True, default=str)


def connection_key(service: str, options: Mapping[str, Any]) -> str:
    """What identifies a client: the service, and who calls it where."""
    return json.dumps([service, [options.get(name) or None for name in CONNECTION]], default=str)
