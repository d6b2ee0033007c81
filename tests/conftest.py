"""What every test needs: the collection importable by its full name, and how a failed one is run alone."""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "collections"))
sys.path.insert(0, str(ROOT / "sandbox"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        step = "unit" if "unit" in item.path.parts else "integration"
        report.sections.append(("this test alone", f"make {step} T={item.originalname}"))
    return report
