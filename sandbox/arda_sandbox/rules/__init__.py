"""AWS's documented rules that the emulator lacks, one small function each.

A rule stands around one operation: it answers itself, or lets the call proceed and amends what it did or answers. Each
names the page of AWS's documentation that it follows.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..errors import aws_error
from ..http import Request, Response
from ..operations import Operation
from ..settings import Settings


@dataclass(frozen=True)
class Call:
    """One AWS call on its way through the rules."""

    operation: Operation
    request: Request
    account: str
    settings: Settings

    def refuse(self, code: str, message: str, status: int = 400) -> Response:
        return aws_error(self.operation.service, code, message, status)


Proceed = Callable[[], Awaitable[Response]]
Rule = Callable[[Call, Proceed], Awaitable[Response]]

_RULES: dict[str, list[Rule]] = {}
_TRANSITIONS: list[Callable[[Settings], None]] = []


def rule(*operations: str) -> Callable[[Rule], Rule]:
    """Register a rule around operations named ``service:Operation``."""

    def register(function: Rule) -> Rule:
        for operation in operations:
            _RULES.setdefault(operation, []).append(function)
        return function

    return register


def transition(function: Callable[[Settings], None]) -> Callable[[Settings], None]:
    """Register a state transition that takes time: a pending certificate, a deploying distribution."""
    _TRANSITIONS.append(function)
    return function


def advance(settings: Settings) -> None:
    """Make every state transition whose time has come."""
    for function in _TRANSITIONS:
        function(settings)


async def chain(call: Call, proceed: Proceed) -> Response:
    """Put a call through the rules of its operation, the first registered outermost, to the emulator."""
    if call.operation.service in ("acm", "cloudfront"):
        advance(call.settings)
    step = proceed
    for function in reversed(_RULES.get(str(call.operation), [])):
        step = _bind(function, call, step)
    return await step()


def _bind(function: Rule, call: Call, proceed: Proceed) -> Proceed:
    return lambda: function(call, proceed)


def load() -> None:
    """Import the rules of every service; ``visibility`` stands around the others' listings."""
    for service in (
        "visibility",
        "acm",
        "cloudformation",
        "cloudfront",
        "cloudfront_configs",
        "cloudfront_distributions",
        "cloudfront_keys",
        "iam",
        "logs",
        "route53",
        "s3",
        "secretsmanager",
        "sts",
    ):
        importlib.import_module(f"{__name__}.{service}")
