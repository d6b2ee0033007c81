"""Which tests show that a row of the study of AWS's behavior holds: tests/sandbox/aws_truth.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TESTS = Path(__file__).resolve().parents[2]
ROWS = [
    *(f"A{number}" for number in range(1, 4)),
    *(f"B{number}" for number in range(1, 13)),
    *(f"C{number}" for number in range(1, 18)),
    *(f"D{number}" for number in range(1, 12)),
]


def entries() -> dict[str, Any]:
    """Row -> tests as ``file.py::test_name``, or ``{decision: heading in docs/decisions.md}``."""
    return yaml.safe_load((TESTS / "sandbox/aws_truth.yml").read_text()) or {}


def named_tests(entry: Any) -> list[str]:
    return [item for item in (entry if isinstance(entry, list) else [entry]) if isinstance(item, str)]


def named_decisions(entry: Any) -> list[str]:
    items = entry if isinstance(entry, list) else [entry]
    return [item["decision"] for item in items if isinstance(item, dict)]


def in_order(row: str) -> tuple[str, int, str]:
    """A1 ... A3, B1 ..., and then what has a name."""
    return (row[0], int(row[1:]), "") if row[1:].isdigit() else ("Z", 0, row)


def table(results: dict[str, str]) -> list[str]:
    """A line for each row and test, with the result of the test in this run (by ``file.py::test_name``)."""
    lines = []
    for row, entry in sorted(entries().items(), key=lambda item: in_order(item[0])):
        for test in named_tests(entry):
            lines.append(f"{row:<28} {results.get(test, 'not run here'):<12} {test}")
        for heading in named_decisions(entry):
            lines.append(f"{row:<28} {'decided':<12} docs/decisions.md: {heading}")
    return lines
