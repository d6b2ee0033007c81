"""Which of several failures is the cause, and what follows from it."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.layers import (
    LAYERS,
    ORDER,
    Fact,
    diagnosis,
    rests_on,
    unknown,
)
from hypothesis import given
from hypothesis import strategies as st


def fact(layer: str, holds: bool = True) -> dict:
    return Fact(layer, f"the {layer} is sound", "sound", "sound" if holds else "broken", f"mend the {layer}").check()


def test_every_layer_stands_after_what_it_rests_on() -> None:
    for layer in LAYERS:
        assert all(ORDER.index(other) < ORDER.index(layer.name) for other in layer.after), layer
        assert layer.effect


def test_sound_partition_has_no_cause() -> None:
    found = diagnosis([fact(name) for name in ORDER] + [unknown("permissions", "compared", "root user").check()])
    assert (found["cause"], found["effect"], found["others"]) == (None, "", [])
    assert [check["layer"] for check in found["checks"]] == sorted([*ORDER, "permissions"], key=ORDER.index)


@pytest.mark.parametrize(
    ("first", "second", "follows"),
    [
        ("clock", "edge", True),
        ("delegation", "certificate", True),
        ("CAA", "validation record", False),
        ("certificate", "foundation exports", True),
        ("bucket", "presigning role", False),
        ("signing key", "distribution", True),
        ("permissions", "bucket", True),
    ],
)
def test_cause_is_the_outer_one_and_the_other_follows_if_it_rests_on_it(first: str, second: str, follows: bool) -> None:
    found = diagnosis([fact(second, False), fact(first, False)])
    assert found["cause"]["layer"] == first
    assert (found["others"] == []) == follows
    (other,) = [check for check in found["checks"] if check["layer"] == second]
    assert (other.get("cause") == found["cause"]["criterion"]) == follows


@given(st.sets(st.sampled_from(ORDER), min_size=1), st.randoms())
def test_diagnosis_of_any_failures_in_any_order_is_one_cause(broken: set[str], shuffled: object) -> None:
    checks = [fact(name, name not in broken) for name in ORDER]
    shuffled.shuffle(checks)  # type: ignore[attr-defined]
    found = diagnosis(checks)
    assert found["cause"]["layer"] == min(broken, key=ORDER.index)
    followed = {check["layer"] for check in found["checks"] if check.get("cause")}
    left = {check["layer"] for check in found["checks"] if check["status"] == "failed"}
    assert followed | left == broken
    assert all(found["cause"]["layer"] in rests_on(layer) for layer in followed)
    assert not any(found["cause"]["layer"] in rests_on(layer) for layer in left - {found["cause"]["layer"]})


def test_every_pair_of_layers_that_depend_is_a_chain_without_a_circle() -> None:
    for one, other in itertools.permutations(ORDER, 2):
        assert not (one in rests_on(other) and other in rests_on(one))
