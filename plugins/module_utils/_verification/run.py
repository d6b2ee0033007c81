# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named checks, run one after another, and their results."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .._checks import FAILED, PASSED, SKIPPED, name_causes, plain
from .context import VerificationContext
from .skipped import SkippedError


@dataclass(frozen=True)
class Check:
    """One check: its function returns (expected, observed), and it passes where both are equal."""

    name: str
    remedy: str
    function: Callable[[VerificationContext], tuple[Any, Any]]
    reads: bool = False  # an object that this verification has just written
    after: tuple[str, ...] = ()  # the names of earlier checks whose failure makes this one fail too


#: S3 takes up to 15 minutes to propagate versioning; until then it may not find an object that was just written.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html
VERSIONING_SECONDS = 900


def run_checks(context: VerificationContext, checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Run every check, whatever the others do. In a young bucket, repeat failed reads once after a pause."""
    results = [run_check(context, check) for check in checks]
    failed = [index for index, check in enumerate(checks) if check.reads and results[index]["status"] == FAILED]
    age = context.bucket_age() if failed else None
    if age is not None and age < VERSIONING_SECONDS:
        time.sleep(context.options["propagation_seconds"])
        for index in failed:
            results[index] = run_check(context, checks[index])
            results[index]["remedy"] += (
                f" The bucket was created {int(age / 60)} minutes ago, and S3 takes up to 15 minutes to propagate "
                "versioning: repeat the verification after that."
            )
    name_causes(results, {check.name: check.after for check in checks})
    return results


def run_check(context: VerificationContext, check: Check) -> dict[str, Any]:
    """The result of one check, as the module returns it."""
    started = time.monotonic()
    expected: Any = "an answer"
    try:
        expected, observed = check.function(context)
        status = PASSED if plain(expected) == plain(observed) else FAILED
    except SkippedError as reason:
        status, observed = SKIPPED, str(reason)
    except Exception as error:  # whatever goes wrong is this check's result, and the others still run
        status, observed = FAILED, f"{type(error).__name__}: {error}"
    return {
        "criterion": check.name,
        "expected": plain(expected),
        "observed": plain(observed),
        "ok": status == PASSED,
        "status": status,
        "remedy": check.remedy,
        "seconds": round(time.monotonic() - started, 3),
    }
