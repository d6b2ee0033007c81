"""Runs of a module against an AWS that refuses, as tests/sandbox/test_aws_errors.py makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DENIED = "AccessDenied"


def refused(operation: str, code: str, *on: int, **more: Any) -> dict[str, Any]:
    """AWS answers with an error of its own, to the calls of these numbers, or to all."""
    return {"operation": operation, "kind": "error", "code": code, "on": list(on), **more}


def made_before(operation: str, code: str, *on: int, **more: Any) -> dict[str, Any]:
    """AWS has what the call wants, and says that it was there before: another run was faster."""
    return {**refused(operation, code, *on, **more), "kind": "error_after"}


@dataclass(frozen=True)
class Step:
    """One run: what AWS does to it, the options that change, and the words of its failure where it fails."""

    fault: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    fails: str = ""

    def laid_over(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options of a case with those of this step; a mapping is changed in part."""
        return {
            name: {**options[name], **value} if isinstance(value, dict) and name in options else value
            for name, value in {**options, **self.options}.items()
        }
