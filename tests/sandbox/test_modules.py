"""Each module that manages something, from its first run to its last, in an account of its own.

Check mode predicts what the run does and what a read shows after it, and a second run changes nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY

from .helpers.accounts import Account
from .helpers.module_cases import ALL_CASES, distribution
from .helpers.sandbox import Sandbox

#: States that AWS leaves by itself, with the one that follows.
PASSING = {"InProgress": "Deployed", "PENDING_VALIDATION": "ISSUED"}
#: What a run returns beside the state of its resource.
OF_THE_RUN = {"changed", "changes", "diff", "invocation", "output", "rc", "warnings", "deprecations"}


def differences(predicted: Any, found: Any, path: str = "") -> list[str]:
    """Where a prediction is not what was found. AWS may add fields by its defaults."""
    if predicted == KNOWN_AFTER_APPLY:
        return [] if found and found != KNOWN_AFTER_APPLY else [f"{path}: predicted a value, found {found!r}"]
    if isinstance(predicted, dict) and isinstance(found, dict):
        missing = [f"{path}.{name}: predicted, not found" for name in predicted if name not in found]
        common = [name for name in predicted if name in found]
        return missing + [d for n in common for d in differences(predicted[n], found[n], f"{path}.{n}")]
    if isinstance(predicted, list) and isinstance(found, list):
        if predicted == [KNOWN_AFTER_APPLY] and found:
            return []
        if len(predicted) == len(found):
            pairs = enumerate(zip(predicted, found, strict=True))
            return [d for number, pair in pairs for d in differences(*pair, f"{path}.{number}")]
    if found in (predicted, PASSING.get(str(predicted))):
        return []
    return [f"{path}: predicted {predicted!r}, found {found!r}"]


def returned(result: dict[str, Any]) -> dict[str, Any]:
    """What a run returned about its resource."""
    return {name: value for name, value in result.items() if name not in OF_THE_RUN}


def fields(result: dict[str, Any]) -> dict[str, list[str]]:
    """The names of what a run returned about its resource."""
    return {name: sorted(value) if isinstance(value, dict) else [] for name, value in returned(result).items()}


@pytest.mark.parametrize("name", ALL_CASES)
def test_module_in_check_mode_predicts_what_a_read_shows_after_the_run(name: str, sandbox: Sandbox) -> None:
    account = Account(sandbox)
    case = ALL_CASES[name](account)
    problems = []
    for what, options in case.runs().items():
        before = account.writes()
        predicted = account.make(case.module, _ansible_check_mode=True, _ansible_diff=True, **options)
        assert account.writes() == before, f"{what}: check mode wrote"
        done = account.make(case.module, _ansible_diff=True, **options)
        read = account.make(case.module, _ansible_check_mode=True, _ansible_diff=True, **options)
        assert (read["changes"], read["changed"]) == ([], False), f"{what}: a second run changes {read['changes']}"
        assert predicted["changes"] == done["changes"], what
        assert predicted["diff"]["before"] == done["diff"]["before"], what
        assert done["diff"]["after"] == read["diff"]["before"] == read["diff"]["after"], what
        assert done["changed"] or what not in ("create", "change", "remove"), f"{what}: nothing changed"
        assert fields(predicted) == fields(read), what
        problems += [f"{what}: diff{d}" for d in differences(predicted["diff"]["after"], read["diff"]["after"])]
        problems += [f"{what}: result{d}" for d in differences(returned(predicted), returned(read))]
    assert not problems, "\n".join(problems)
    assert not read["diff"]["after"]


def test_distribution_with_wait_returns_when_it_is_deployed(sandbox: Sandbox) -> None:
    case = distribution(account := Account(sandbox))
    made = account.make(case.module, **case.options, wait=True)
    assert (made["changed"], made["distribution"]["status"]) == (True, "Deployed")
