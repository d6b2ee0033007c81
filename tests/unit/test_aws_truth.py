"""The table of AWS's behaviors: each row of the study names tests that are there, or a decision."""

from __future__ import annotations

import ast
import functools
import re

import pytest

from tests.sandbox.helpers.aws_truth import ROWS, TESTS, entries, named_decisions, named_tests, table

ENTRIES = entries()


@functools.cache
def functions(name: str) -> set[str]:
    """The tests of a file, which is named alone or by its path in tests/."""
    found = [path for path in TESTS.rglob("test_*.py") if path.as_posix().endswith(f"/{name}")]
    assert len(found) == 1, f"{name} is not one file: {found}"
    (path,) = found
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ENTRIES)
def test_row_names_tests_and_decisions_that_exist(row: str) -> None:
    assert row in ROWS or re.fullmatch(r"S-[a-z0-9-]+", row)
    tests, decisions = named_tests(ENTRIES[row]), named_decisions(ENTRIES[row])
    assert tests or decisions
    for test in tests:
        file, _colons, name = test.partition("::")
        assert name.partition("[")[0] in functions(file), f"there is no {test}"
    headings = re.findall(r"^## (.+)$", (TESTS.parent / "docs/decisions.md").read_text(), re.MULTILINE)
    for decision in decisions:
        assert decision in headings, f"docs/decisions.md has no heading {decision!r}"


def test_every_row_of_the_study_has_an_entry() -> None:
    assert [row for row in ROWS if row not in ENTRIES] == []


def test_table_shows_each_test_with_its_result() -> None:
    lines = table({test: "passed" for entry in ENTRIES.values() for test in named_tests(entry)})
    assert len(lines) >= len(ENTRIES)
    assert all(re.search(r" (passed|decided) ", line) for line in lines)
