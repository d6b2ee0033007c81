"""Faults on demand: what any AWS call may do, made to happen.

``POST /_sandbox/faults`` takes a JSON list of faults, ``DELETE`` clears them, ``GET`` shows them with their counts. A
fault is ``{"operation": "cloudfront:CreateKeyGroup", "kind": ..., "on": [2], "account": "1398..."}``: ``operation`` may
hold ``*``; ``on`` names which matching calls fail (1 is the first), none means every call. Kinds:

throttle     400 Throttling, before it took effect      drop_before  connection closed before it took effect
error        500 InternalFailure, before                drop_after   connection closed after it took effect
error_after  500 InternalFailure, after it took effect  hang_after   no answer after it took effect
latency      answers after ``seconds``                  hang_before  no answer, and no effect

``only`` limits a fault to ``reads`` or ``writes``, ``attempt`` to one attempt of an SDK's call (1 is the first, 2 its
first repetition), which SDKs name in a header.

A call that hangs does so until the faults are replaced. An error may be any of AWS's own by ``code``, ``status`` and
``message``, such as the refusal that a run meets where another one was faster.
"""

from __future__ import annotations

import asyncio
import fnmatch
import re
from dataclasses import asdict, dataclass, field

from .errors import aws_error
from .http import Response
from .operations import Operation

BEFORE = ("throttle", "error", "drop_before", "hang_before", "latency")
#: How the names of operations begin that write nothing.
READS = ("Get", "List", "Describe", "Head", "AssumeRole", "Simulate")
AFTER = ("error_after", "drop_after", "hang_after")


@dataclass
class Fault:
    operation: str
    kind: str
    on: list[int] = field(default_factory=list)
    account: str = "*"
    seconds: float = 0.0
    code: str = ""
    status: int = 400
    message: str = ""
    only: str = ""
    attempt: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        if self.only not in ("", "reads", "writes"):
            raise ValueError(f"unknown kind of call {self.only!r}: reads or writes")
        if self.kind not in BEFORE + AFTER:
            raise ValueError(f"unknown kind of fault {self.kind!r}: one of {', '.join(BEFORE + AFTER)}")

    def matches(self, operation: Operation, account: str, attempt: int) -> bool:
        """Count a call that this fault is about, and say whether it is one that fails."""
        if not (fnmatch.fnmatch(str(operation), self.operation) and fnmatch.fnmatch(account, self.account)):
            return False
        if self.only and (self.only == "reads") != operation.name.startswith(READS):
            return False
        if self.attempt and attempt != self.attempt:
            return False
        self.seen += 1
        return not self.on or self.seen in self.on


class ConnectionDroppedError(Exception):
    """The connection must be closed without an answer."""


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._over = asyncio.Event()

    def replace(self, documents: list[dict]) -> None:
        """Take new faults; calls that hang by the old ones are let go."""
        self._faults = [Fault(**document) for document in documents]
        self._over.set()
        self._over = asyncio.Event()

    async def hang(self) -> None:
        await self._over.wait()
        raise ConnectionDroppedError

    def show(self) -> list[dict]:
        return [asdict(fault) for fault in self._faults]

    def match(self, operation: Operation, account: str, header: str) -> list[Fault]:
        """The faults of a call; ``header`` is its ``amz-sdk-request``."""
        found = re.search(r"attempt=(\d+)", header)
        attempt = int(found[1]) if found else 1
        return [fault for fault in self._faults if fault.matches(operation, account, attempt)]


def error_response(fault: Fault, service: str) -> Response:
    """The error that a fault names, else the throttling or internal error of the service, in its own protocol."""
    if fault.code:
        return aws_error(service, fault.code, fault.message, fault.status)
    code, status = ("Throttling", 400) if fault.kind == "throttle" else ("InternalFailure", 500)
    if service == "s3" and fault.kind == "throttle":
        code, status = "SlowDown", 503
    message = "Rate exceeded" if fault.kind == "throttle" else "We encountered an internal error. Please try again."
    return aws_error(service, code, message, status)
