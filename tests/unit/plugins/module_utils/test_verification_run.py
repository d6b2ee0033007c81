"""The checks of a verification: their results, and the repetition of failed reads in a young bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._verification import run
from ansible_collections.arda.image_upload.plugins.module_utils._verification.run import Check, run_checks
from ansible_collections.arda.image_upload.plugins.module_utils._verification.skipped import SkippedError


class Context:
    """As much of a verification as the runner asks of it."""

    options: ClassVar = {"propagation_seconds": 7}

    def __init__(self, age: float | None) -> None:
        self._age = age

    def bucket_age(self) -> float | None:
        return self._age


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(run.time, "sleep", found.append)
    return found


def statuses(age: float | None, *checks: Check) -> list[str]:
    return [result["status"] for result in run_checks(Context(age), checks)]  # type: ignore[arg-type]


def answers(*observed: Any) -> Iterator[tuple[int, Any]]:
    return iter([(200, one) for one in observed])


def check(*observed: Any, reads: bool = True) -> Check:
    """A check that expects 200, and observes these values in turn."""
    found = answers(*observed)
    return Check("reads", "Read again.", lambda _context: next(found), reads)


def test_run_checks_exception_fails_that_check_only(pauses: list[float]) -> None:
    def broken(_context: Any) -> tuple[Any, Any]:
        raise OSError("no route")

    def skipped(_context: Any) -> tuple[Any, Any]:
        raise SkippedError("not here")

    first, second, third = run_checks(
        Context(None),  # type: ignore[arg-type]
        [Check("a", "Mend.", broken), Check("b", "Mend.", skipped), check(200)],
    )
    assert (first["status"], first["observed"], first["ok"]) == ("failed", "OSError: no route", False)
    assert (second["status"], second["observed"], second["ok"]) == ("skipped", "not here", False)
    assert (third["status"], third["ok"]) == ("passed", True)
    assert pauses == []


def test_run_checks_failed_read_in_young_bucket_is_repeated_once(pauses: list[float]) -> None:
    assert statuses(60, check(403, 200), check(200)) == ["passed", "passed"]
    assert pauses == [7]


def test_run_checks_read_that_fails_twice_names_age_of_bucket(pauses: list[float]) -> None:
    (result,) = run_checks(Context(130), [check(403, 403)])  # type: ignore[arg-type]
    assert result["status"] == "failed"
    assert "created 2 minutes ago" in result["remedy"]
    assert "15 minutes" in result["remedy"]


@pytest.mark.parametrize("age", [None, 900.0])
def test_run_checks_failed_read_in_older_or_unknown_bucket_is_not_repeated(
    age: float | None, pauses: list[float]
) -> None:
    assert statuses(age, check(403, 200)) == ["failed"]
    assert pauses == []


def test_run_checks_failed_refusal_in_young_bucket_is_not_repeated(pauses: list[float]) -> None:
    assert statuses(60, check(204, 200, reads=False)) == ["failed"]
    assert pauses == []
