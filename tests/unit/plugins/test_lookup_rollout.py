"""The order of partitions by their rings, and the batches."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible_collections.arda.image_upload.plugins.lookup.rollout import batches, first_of_each, in_order
from hypothesis import given
from hypothesis import strategies as st


@given(st.dictionaries(st.text(min_size=1), st.integers(-5, 5)))
def test_in_order_keeps_every_host_and_the_order_within_a_ring(rings: dict[str, int]) -> None:
    ordered = in_order(rings)
    assert sorted(ordered) == sorted(rings)
    places = {name: place for place, name in enumerate(rings)}
    assert [(rings[n], places[n]) for n in ordered] == sorted((rings[n], places[n]) for n in ordered)


@pytest.mark.parametrize("ring", [None, "1", 1.5, True, [1]])
def test_in_order_of_a_ring_that_is_no_whole_number_names_the_host(ring: Any) -> None:
    with pytest.raises(AnsibleLookupError, match=r"found prod: .*Nothing was written"):
        in_order({"dev": 1, "prod": ring})


def test_first_of_each_infrastructure_keeps_the_order_of_the_roll_out() -> None:
    assert first_of_each({"b_dev": "B", "b_stage": "B", "a_demo": "A", "a_prod": "A"}) == ["b_dev", "a_demo"]


@given(st.lists(st.integers(0, 3), min_size=1).map(sorted))
def test_batches_hold_every_host_and_no_batch_of_a_ring_another_ring(rings: list[int]) -> None:
    for mode in ("serial", "ring", "parallel"):
        assert sum(batches(rings, mode)) in (len(rings), 1)
    sizes, taken = batches(rings, "ring"), 0
    for size in sizes:
        assert len(set(rings[taken : taken + size])) == 1
        taken += size
    assert len(sizes) == len(set(rings))


@pytest.mark.parametrize("mode", ["", None, "all", "Serial", 1])
def test_batches_of_an_unknown_mode_are_refused(mode: Any) -> None:
    with pytest.raises(AnsibleLookupError, match="Expected rollout to be serial or ring or parallel"):
        batches([1], mode)
