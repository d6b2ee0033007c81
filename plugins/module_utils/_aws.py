# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS calls of a module: one client per service, retries in one place, and failures that say what was tried."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # AnsibleAWSModule reports the missing library

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ._shared_reads import READS, connection_key, current_reads

#: Attempts of one call: botocore repeats throttling, 5xx and broken connections, with growing pauses.
#: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
ATTEMPTS = 8

#: AWS's answers to a write that met another one, such as S3's 409. botocore does not repeat them.
#: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (OperationAborted)
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html (ConcurrentModification)
CONFLICTS = ("OperationAborted", "ConcurrentModification")

#: Reads that one module makes at once.
CONCURRENT = 16

#: The pauses between the attempts of a call that met another one, in seconds.
PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0)

#: The first pause of a wait, in seconds.
FIRST_PAUSE = 0.2

#: botocore counts this code as throttling. Each service that the modules call means a quota by it.
#: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
QUOTA = "LimitExceededException"


#: ListCertificates leaves out every key algorithm but the first unless they are named.
#: https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html (keyTypes)
KEY_TYPES = ["RSA_2048", "EC_prime256v1", "EC_secp384r1", "RSA_3072", "RSA_4096"]

#: The options of a module that name one read of AWS.
READ_OPTIONS: dict[str, dict[str, Any]] = {
    "service": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True},
    "parameters": {"type": "dict", "default": {}},
    "region": {"type": "str"},
}


def write_refusal(operation: str) -> str:
    """Why an operation is refused where only reads are made; the empty string for a read."""
    if READS.fullmatch(operation):
        return ""
    return f"Expected an operation that begins with get_, describe_, list_ or head_, found {operation}. Name a read."


class AwsError(AnsibleAWSError):
    """A failed AWS call. ``code`` is AWS's error code, or the empty string where AWS gave no answer."""

    @property
    def code(self) -> str:
        response = getattr(self.exception, "response", None) or {}
        return response.get("Error", {}).get("Code", "")


class Aws:
    """The AWS services as one module run sees them."""

    def __init__(self, module: Any, region: str | None = None, connection: Mapping[str, Any] | None = None) -> None:
        """``connection`` are connection options, as amazon.aws has them, that stand for those of the module."""
        self._module = module
        self._region = {"region": region} if region else {}
        self._connection = connection or {}
        self._clients: dict[str, Any] = {}
        self._creating = threading.RLock()  # boto3 cannot create clients in several threads at once

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        with self._creating:
            if service not in self._clients:
                self._clients[service] = self._shared_client(service)
            return self._clients[service]

    def _shared_client(self, service: str) -> Any:
        shared = current_reads()
        if shared is None:
            return self._create(service)
        options = {**self._module.params, **self._connection, **self._region}
        return shared.client(connection_key(service, options), lambda: self._create(service))

    def _create(self, service: str) -> Any:
        config = Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            connect_timeout=10,
            read_timeout=30,
            max_pool_connections=CONCURRENT,
        )
        client = self._module.client(service, config=config, **{**_arguments(self._connection), **self._region})
        _never_repeat_quota_errors(client)
        return client

    def call(self, service: str, operation: str, absent: Iterable[str] = (), **parameters: Any) -> Any:
        """Make one call; None where AWS answers with one of the error codes in ``absent``.

        Raises AwsError for every other failure.
        """
        try:
            return _attempt(lambda: getattr(self.client(service), operation)(**parameters), operation, parameters)
        except AwsError as error:
            if error.code in tuple(absent):
                return None
            raise

    def read_all(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """One answer of a read with the items of all its pages, as the AWS CLI shows it.

        An operation without a paginator in botocore is called once, but for CloudFront's listings: they name the next
        page by a marker (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListKeyGroups.html).
        """
        client = self.client(service)
        if not client.can_paginate(operation):
            answer = page = self.call(service, operation, **parameters)
            while marker := _listing(page).get("NextMarker"):
                page = self.call(service, operation, **{**parameters, "Marker": marker})
                _listing(answer).setdefault("Items", []).extend(_listing(page).get("Items") or [])
            return answer

        pages = client.get_paginator(operation).paginate(**parameters)
        return _attempt(pages.build_full_result, operation, parameters)

    def pages(self, service: str, operation: str, path: str, **parameters: Any) -> Iterator[Any]:
        """Every item of a listing, over all its pages; ``path`` is where the answer holds them (``A.Items``)."""
        found: Any = self.read_all(service, operation, **parameters)
        for name in path.split("."):
            found = (found or {}).get(name)
        yield from found or []


def _listing(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer of a CloudFront listing wraps: the items and a marker. Empty for any other answer."""
    return next((value for value in answer.values() if isinstance(value, dict) and "MaxItems" in value), {})


def _arguments(connection: Mapping[str, Any]) -> dict[str, Any]:
    """Connection options as AnsibleAWSModule.client takes them; one that is not given is that of no account."""
    named = {
        "region": "region",
        "endpoint": "endpoint_url",
        "profile_name": "profile",
        "aws_access_key_id": "access_key",
        "aws_secret_access_key": "secret_key",
        "aws_session_token": "session_token",
    }
    return {argument: connection.get(option) or None for argument, option in named.items()} if connection else {}


def at_once(reads: Iterable[Callable[[], Any]]) -> list[Any]:
    """The results of several reads, made at once, in the order of ``reads``.

    Raises the error of the first of them that failed, after all have ended.
    """
    with ThreadPoolExecutor(CONCURRENT) as pool:
        return [future.result() for future in [pool.submit(read) for read in reads]]


def _attempt(call: Callable[[], Any], operation: str, parameters: dict[str, Any]) -> Any:
    """The answer to ``call``, which is repeated while AWS is busy with another write of the same resource.

    A body that is no AWS answer, such as the HTML page of a proxy, is repeated too: botocore does not
    (https://github.com/boto/botocore/blob/develop/botocore/parsers.py, ResponseParserError).
    """
    pauses = iter(PAUSES)
    while True:
        try:
            return call()
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            failure = AwsError(message=_failure(operation, parameters), exception=error)
            repeatable = failure.code in CONFLICTS or isinstance(error, ResponseParserError)
            pause = next(pauses, None) if repeatable else None
            if pause is None:
                raise failure from error
            time.sleep(pause)


def _never_repeat_quota_errors(client: Any) -> None:
    """Hide QUOTA from botocore's retries: under another name while they decide, and as AWS sent it afterwards."""

    def rename(response: Any, old: str, new: str) -> None:
        error = response[1].get("Error", {}) if response else {}
        if error.get("Code") == old:
            error["Code"] = new

    hidden = f"{QUOTA} (hidden)"
    event = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
    client.meta.events.register_first(event, lambda response, **_more: rename(response, QUOTA, hidden))
    client.meta.events.register_last(event, lambda response, **_more: rename(response, hidden, QUOTA))


def _failure(operation: str, parameters: dict[str, Any]) -> str:
    """``Failed to create key group (Name=...)``: names and ids only, for other parameters may be secret."""
    shown = ", ".join(
        f"{name}={value}"
        for name, value in parameters.items()
        if isinstance(value, str) and re.fullmatch(r"(.*(Name|Id|Arn|ARN|Bucket)|Resource)", name)
    )
    return f"Failed to {operation.replace('_', ' ')}" + (f" ({shown})" if shown else "")


def wait_until(
    probe: Callable[[], Any],
    timeout: float,
    what: str,
    delay: float = 5.0,
    clock: Callable[[], float] = time.monotonic,
) -> Any:
    """Ask ``probe`` until it returns something true, and return that. The pauses grow to ``delay`` seconds.

    Raises AwsError naming ``what`` once ``timeout`` seconds are over.
    """
    deadline = clock() + timeout
    pauses = growing(FIRST_PAUSE, delay)
    while True:
        found = probe()
        if found:
            return found
        pause = next(pauses)
        if clock() + pause > deadline:
            raise AwsError(message=f"Timed out after {timeout:g} seconds waiting for {what}")
        time.sleep(pause)


def growing(first: float, longest: float) -> Iterator[float]:
    """The pauses of a wait, in seconds: each twice the one before, up to the longest."""
    pause = min(first, longest)
    while True:
        yield pause
        pause = min(2 * pause, longest)
