# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS calls of a module: one client per service, retries in one place, and failures that say what was tried."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    pass  # AnsibleAWSModule reports the missing library

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

#: Attempts of one call: botocore repeats throttling, 5xx and broken connections, with growing pauses.
#: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
ATTEMPTS = 8


class AwsError(AnsibleAWSError):
    """A failed AWS call. ``code`` is AWS's error code, or the empty string where AWS gave no answer."""

    @property
    def code(self) -> str:
        response = getattr(self.exception, "response", None) or {}
        return response.get("Error", {}).get("Code", "")


class Aws:
    """The AWS services as one module run sees them."""

    def __init__(self, module: Any, region: str | None = None) -> None:
        self._module = module
        self._region = {"region": region} if region else {}
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        if service not in self._clients:
            config = Config(
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                connect_timeout=10,
                read_timeout=30,
            )
            self._clients[service] = self._module.client(service, config=config, **self._region)
        return self._clients[service]

    def call(self, service: str, operation: str, absent: Iterable[str] = (), **parameters: Any) -> Any:
        """Make one call; None where AWS answers with one of the error codes in ``absent``.

        Raises AwsError for every other failure.
        """
        try:
            return getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in tuple(absent):
                return None
            raise AwsError(message=_failure(operation, parameters), exception=error) from error
        except BotoCoreError as error:
            raise AwsError(message=_failure(operation, parameters), exception=error) from error

    def pages(self, service: str, operation: str, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every item of a listing, over all its pages; ``path`` is where a page holds them (``A.Items``)."""
        pages = self.client(service).get_paginator(operation).paginate(**parameters)
        try:
            for page in pages:
                found: Any = page
                for name in path.split("."):
                    found = (found or {}).get(name)
                yield from found or []
        except (BotoCoreError, ClientError) as error:
            raise AwsError(message=_failure(operation, parameters), exception=error) from error


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
    """Ask ``probe`` until it returns something true, and return that.

    Raises AwsError naming ``what`` once ``timeout`` seconds are over.
    """
    deadline = clock() + timeout
    while True:
        found = probe()
        if found:
            return found
        if clock() + delay > deadline:
            raise AwsError(message=f"Timed out after {timeout:g} seconds waiting for {what}")
        time.sleep(delay)
