"""What is tried of many like cases: some of them, or all where ``EXHAUSTIVE=1`` is set (``make exhaustive``)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

Case = TypeVar("Case")
EXHAUSTIVE = os.environ.get("EXHAUSTIVE") == "1"
#: Marks a test whose like make test runs already.
exhaustive = pytest.mark.skipif(not EXHAUSTIVE, reason="make exhaustive runs it")


def sample(cases: Sequence[Case], every: int) -> list[Case]:
    """Each case whose place is a multiple of ``every``, and the last one."""
    return (
        list(cases) if EXHAUSTIVE else [case for n, case in enumerate(cases) if n % every == 0 or n == len(cases) - 1]
    )
