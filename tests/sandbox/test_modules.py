"""Each module that manages something, from its first run to its last, in an account of its own.

Check mode says beforehand what the run does, a second run does nothing, and what is removed is gone. The signing key
has tests of its own.
"""

from __future__ import annotations

from typing import Any

import pytest

from .helpers.accounts import Account
from .helpers.module_cases import MODULE_CASES, distribution
from .helpers.sandbox import Sandbox


def holds(whole: Any, part: Any) -> bool:
    """Whether all of a part is in the whole, which may have more, by AWS's defaults."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], value) for name, value in part.items())
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return len(whole) == len(part) and all(holds(*pair) for pair in zip(whole, part, strict=True))
    return whole == part


@pytest.mark.parametrize("name", MODULE_CASES)
def test_from_the_first_run_to_the_last(name: str, sandbox: Sandbox) -> None:
    account = Account(sandbox)
    case = MODULE_CASES[name](account)
    changed = {**case.options, **case.changed}
    for options in (case.options, changed, {**changed, "state": "absent"}):
        before = account.writes()
        foreseen = account.make(case.module, _ansible_check_mode=True, _ansible_diff=True, **options)
        assert account.writes() == before
        done = account.make(case.module, _ansible_diff=True, **options)
        assert foreseen["changes"] == done["changes"] != []
        assert foreseen["diff"]["before"] == done["diff"]["before"]
        assert holds(done["diff"]["after"], foreseen["diff"]["after"])
        assert done["changed"] is True
        again = account.make(case.module, _ansible_diff=True, **options)
        assert again["changes"] == []
        assert again["changed"] is False
        assert again["diff"]["before"] == again["diff"]["after"] == done["diff"]["after"]
    assert not done["diff"]["after"]


def test_a_distribution_is_waited_for_until_it_is_deployed(sandbox: Sandbox) -> None:
    case = distribution(account := Account(sandbox))
    made = account.make(case.module, **case.options, wait=True)
    assert (made["changed"], made["distribution"]["status"]) == (True, "Deployed")
