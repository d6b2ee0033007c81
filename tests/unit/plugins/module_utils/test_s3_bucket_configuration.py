"""The aspects of a bucket that options declare, and the form in which they compare."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import (
    canonical,
    desired_aspects,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"cors_rules": []}, {"cors_rules": []}),
        ({"cors_rules": None}, {}),
        ({"logging": {"target_bucket": None}}, {"logging": {}}),
        (
            {"logging": {"target_bucket": "l", "target_prefix": "p"}},
            {"logging": {"TargetBucket": "l", "TargetPrefix": "p"}},
        ),
    ],
)
def test_an_option_that_is_not_given_declares_nothing(options: dict, expected: dict) -> None:
    fixed = {"public_access_block", "ownership", "encryption", "versioning"}
    assert {k: v for k, v in desired_aspects(options).items() if k not in fixed} == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=4), st.randoms(use_true_random=False))
def test_order_makes_no_difference(values: list[Any], random: Any) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert canonical(values) == canonical(shuffled)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"A": "x"}, {"A": ["x"]}, True),
        ({"A": []}, {}, True),
        ({"A": None}, None, True),
        ({"A": {"B": []}}, {}, False),
        ({"A": False}, {}, False),
        ({"A": "x"}, {"A": "y"}, False),
        ({"A": ["x", "y"]}, {"A": ["x"]}, False),
        ({"A": [{"B": 1}]}, {"A": {"B": 1}}, False),
    ],
)
def test_what_counts_as_the_same(one: Any, other: Any, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same
