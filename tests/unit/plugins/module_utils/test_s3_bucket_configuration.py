"""The aspects of a bucket that options declare, and the form in which they compare."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._policy import canonical
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import desired_aspects, same
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
def test_desired_aspects_of_an_omitted_option_declare_nothing(options: dict, expected: dict) -> None:
    fixed = {"public_access_block", "ownership", "encryption", "versioning"}
    assert {k: v for k, v in desired_aspects(options).items() if k not in fixed} == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=4), st.randoms(use_true_random=False))
def test_canonical_of_another_order_is_equal(values: list[Any], random: Any) -> None:
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
def test_canonical_tells_values_apart_but_not_their_forms(one: Any, other: Any, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same


ABORT = {"Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
EXPIRE = {"Status": "Enabled", "Filter": {"Prefix": "a"}, "Expiration": {"Days": 1}}


@pytest.mark.parametrize(
    ("desired", "actual", "expected"),
    [
        ([ABORT], [{**ABORT, "ID": "made-up"}], True),
        ([{**ABORT, "ID": "mine"}], [{**ABORT, "ID": "made-up"}], False),
        ([{**ABORT, "ID": "mine"}], [{**ABORT, "ID": "mine"}], True),
        ([ABORT], [{**EXPIRE, "ID": "made-up"}], False),
        ([ABORT, EXPIRE], [{**EXPIRE, "ID": "x"}, {**ABORT, "ID": "y"}], True),
        ([ABORT], [{**ABORT, "ID": "x"}, {**ABORT, "ID": "y"}], False),
        ([ABORT, ABORT], [{**ABORT, "ID": "x"}], False),
        ([ABORT, {**ABORT, "ID": "mine"}], [{**ABORT, "ID": "mine"}, {**ABORT, "ID": "x"}], True),
        ([], None, True),
        ([ABORT], None, False),
    ],
)
def test_same_of_lifecycle_rules_ignores_the_ids_that_s3_assigned(desired: Any, actual: Any, expected: bool) -> None:
    assert same("lifecycle_rules", desired, actual) is expected


def statement(**changed: Any) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:GetObject"}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Resource": "arn:aws:s3:::b/*", **changed}]}


@pytest.mark.parametrize(
    ("desired", "actual", "expected"),
    [
        ({"Principal": {"AWS": "111122223333"}}, {}, True),
        ({"Principal": {"AWS": 111122223333}}, {}, True),
        ({"Principal": {"AWS": ["111122223333"]}}, {}, True),
        ({"Principal": {"AWS": "444455556666"}}, {}, False),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}, True),
        ({"Principal": "*"}, {}, False),
        ({"Action": ["s3:GetObject"]}, {}, True),
        (
            {"Condition": {"Bool": {"aws:SecureTransport": False}}},
            {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            True,
        ),
        (
            {"Condition": {"NumericLessThan": {"s3:max-keys": 10}}},
            {"Condition": {"NumericLessThan": {"s3:max-keys": ["10"]}}},
            True,
        ),
        ({"Condition": {"Bool": {"aws:SecureTransport": True}}}, {}, False),
    ],
)
def test_same_of_policies_compares_the_form_that_s3_keeps(desired: dict, actual: dict, expected: bool) -> None:
    assert same("policy", statement(**desired), statement(**actual)) is expected


def test_same_of_a_policy_with_one_statement_that_is_no_list_is_equal() -> None:
    (only,) = statement()["Statement"]
    assert same("policy", {"Version": "2012-10-17", "Statement": only}, statement())
