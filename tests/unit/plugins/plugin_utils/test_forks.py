"""Work in forks: how it is divided, and what comes back."""

from __future__ import annotations

import os

import pytest
from ansible_collections.arda.image_upload.plugins.plugin_utils._forks import in_forks, shares
from hypothesis import given
from hypothesis import strategies as st

SIZES = st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=5)


@given(SIZES, st.integers(1, 8))
def test_shares_hold_every_name_once_and_are_about_the_same_size(sizes: dict[str, int], count: int) -> None:
    groups = {group: [f"{group}/{number}" for number in range(size)] for group, size in sizes.items()}
    found = shares(groups, count)
    assert len(found) <= count
    assert sorted(name for share in found for name in share) == sorted(
        name for names in groups.values() for name in names
    )
    if found:
        fair = -(-sum(map(len, found)) // count)
        assert max(map(len, found)) <= 2 * fair


def test_group_that_fits_a_share_stays_together() -> None:
    assert sorted(shares({"a": ["a1"], "b": ["b1", "b2"], "c": ["c1"]}, 2)) == [["a1", "c1"], ["b1", "b2"]]


def test_share_of_the_name_with_double_work_gets_less() -> None:
    groups = {"a": ["a1", "a2"], "b": ["b1", "b2"], "c": ["c1"]}
    assert shares(groups, 2, double="a1") == [["a1", "a2"], ["b1", "b2", "c1"]]
    assert shares(groups, 2, double="b1") == [["a1", "a2", "c1"], ["b1", "b2"]]


def test_results_come_back_from_other_processes() -> None:
    begun: list[int] = []
    results = in_forks(lambda share: (share, os.getpid()), [["a"], ["b"], ["c", "d"]], lambda: begun.append(1))
    assert [share for share, _pid in results] == [["a"], ["b"], ["c", "d"]]
    assert len({pid for _share, pid in results}) == 3
    assert results[0][1] == os.getpid()
    assert begun == [], "it is called in the forks"


def test_error_of_a_fork_is_raised() -> None:
    def work(share: list[str]) -> None:
        if share == ["b"]:
            raise KeyError("gone")

    with pytest.raises(RuntimeError, match="KeyError: 'gone'"):
        in_forks(work, [["a"], ["b"]], lambda: None)
