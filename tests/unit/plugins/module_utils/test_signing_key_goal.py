"""What options want of a signing key, why they may be refused, and what people are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.goal import goal_of, problem_of, refusal
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.quotas import quota_limits
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.state import (
    Group,
    PublicKey,
    Snapshot,
    Version,
)
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.steps import Goal
from hypothesis import given
from hypothesis import strategies as st

from .signing_key_states import FOREIGN, HALF_WAY, IN_USE, KEY_A, A

OPTIONS = {
    "state": "present",
    "secret_format": "json",
    "rotation_period": None,
    "retire_after": None,
    "unfinished": "finish",
    "proof": None,
    "limits": None,
    "recovery_window": 30,
}


@pytest.mark.parametrize(
    ("options", "snapshot", "replaced", "abandoned"),
    [
        ({}, IN_USE, "", ""),
        ({"state": "rotated"}, IN_USE, "fa", ""),
        ({"state": "rotated"}, Snapshot(), "", ""),
        ({"state": "rotated"}, HALF_WAY, "", ""),  # the rotation that is under way is the one that is asked for
        ({"state": "rotated", "unfinished": "abandon"}, HALF_WAY, "fa", "fb"),
        ({"unfinished": "abandon"}, HALF_WAY, "", "fb"),
        ({"unfinished": "abandon"}, IN_USE, "", ""),
        ({"unfinished": "abandon"}, replace(IN_USE, pending=replace(A, version_id="v2")), "", ""),
        ({"rotation_period": 3000}, IN_USE, "fa", ""),
        ({"rotation_period": 3001}, IN_USE, "", ""),
        ({"rotation_period": 3000}, HALF_WAY, "", ""),
        ({"rotation_period": 3000}, replace(IN_USE, public_keys=()), "", ""),
        ({"rotation_period": 1, "state": "absent"}, IN_USE, "", ""),
    ],
)
def test_goal_of_options_names_replaced_and_abandoned_key(
    options: dict, snapshot: Snapshot, replaced: str, abandoned: str
) -> None:
    goal = goal_of({**OPTIONS, **options}, snapshot)
    assert (goal.replace, goal.abandon) == (replaced, abandoned)


def test_goal_of_options_takes_format_times_proof_and_limits() -> None:
    goal = goal_of({**OPTIONS, "secret_format": "pem", "retire_after": 5, "proof": {"url": "https://a"}}, IN_USE)
    assert goal == Goal("present", with_id=False, retire_after=5, prove=True)
    limits = {"public_keys": 1, "key_groups": 2, "keys_in_group": 3}
    assert goal_of({**OPTIONS, "limits": limits, "state": "absent"}, IN_USE) == Goal("absent", limits=limits)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ""),
        ({"recovery_window": 0}, ""),
        ({"recovery_window": 7}, ""),
        ({"recovery_window": 6}, "recovery_window must be 0 or from 7 to 30 days, not 6"),
        ({"recovery_window": 31}, "not 31"),
        ({"recovery_window": -1}, "not -1"),
        ({"retire_after": 0}, ""),
        ({"retire_after": -1}, "retire_after must be 0 seconds or more, not -1"),
        ({"rotation_period": 1}, ""),
        ({"rotation_period": 0}, "rotation_period must be more than 0 seconds, not 0"),
        ({"proof": {"url": "https://a"}}, ""),
        ({"proof": {"url": "http://a"}}, "proof.url must begin with https://, not http://a"),
    ],
)
def test_problem_of_options_out_of_bounds_names_option_and_value(options: dict, words: str) -> None:
    found = problem_of({**OPTIONS, **options})
    assert words in found
    assert bool(found) == bool(words)


def crowded(keys: int, groups: int = 1) -> Snapshot:
    """An account with ``keys`` public keys and ``groups`` key groups, a key of ours in use among them."""
    others = tuple(PublicKey(f"KO{number}", f"other{number}", owned=False) for number in range(keys - 1))
    return replace(IN_USE, public_keys=(KEY_A, *others), group_count=groups)


@pytest.mark.parametrize(
    ("snapshot", "goal", "words"),
    [
        (IN_USE, Goal(), []),
        (IN_USE, Goal("absent"), []),
        (replace(IN_USE, users=("distribution E1 (a.b)",)), Goal("absent"), ["trusted by distribution E1 (a.b)"]),
        (replace(IN_USE, users=("distribution E1 (a.b)",)), Goal(), []),
        # Limits: only what this plan makes more of counts.
        (crowded(9), Goal(replace="fa"), []),
        (crowded(10), Goal(replace="fa"), ["10 public keys in an account"]),
        (crowded(10), Goal(replace="fa", limits=quota_limits({"public_keys": 11})), []),
        (crowded(12), Goal(), []),
        (crowded(10), Goal(replace="fa", retire_after=0), ["10 public keys in an account"]),
        (replace(Snapshot(), group_count=10), Goal(), ["10 key groups in an account"]),
        (replace(Snapshot(), group_count=9), Goal(), []),
        (
            replace(IN_USE, group=Group("G", ("KA", "1", "2", "3", "4"))),
            Goal(replace="fa"),
            ["5 public keys in a key group"],
        ),
        (replace(IN_USE, group=Group("G", ("KA", "1", "2", "3"))), Goal(replace="fa"), []),
        # Pairs that do not belong together, with both fingerprints.
        (
            replace(IN_USE, current=Version("v", "other", "KA")),
            Goal(),
            ["fingerprint other", "public key KA, which the secret names, has fa", "state=rotated"],
        ),
        (replace(IN_USE, current=Version("v", "other", "KA")), Goal(replace="other"), []),
        (Snapshot(), Goal(limits=quota_limits({"keys_in_group": 0})), ["0 public keys in a key group"]),
        (Snapshot(), Goal(limits=quota_limits({"keys_in_group": 1})), []),
        (replace(crowded(12), group=Group("G", ())), Goal(), []),
        (crowded(12), Goal(replace="fa", retire_after=0, limits=quota_limits({"public_keys": 13})), []),
        (
            replace(IN_USE, current=Version("v", "other", None), public_keys=(KEY_A, FOREIGN)),
            Goal(),
            ["fingerprint other", "trusts KA (fa)."],
        ),
        (replace(IN_USE, current=Version("v", "other", None), group=Group("G", ())), Goal(), []),
        (replace(IN_USE, current=Version("v", "other", None), group=None), Goal(), []),
        (replace(HALF_WAY, current=Version("v", "other", "KA")), Goal(), []),
        (replace(HALF_WAY, current=Version("v", "other", "KA")), Goal(abandon="fb"), ["fingerprint other"]),
    ],
)
def test_refusal_of_a_goal_that_cannot_be_reached_says_why(snapshot: Snapshot, goal: Goal, words: list[str]) -> None:
    found = refusal(snapshot, goal)
    assert bool(found) == bool(words), found
    assert all(word in found for word in words), found


@given(st.integers(1, 12), st.integers(1, 12))
def test_refusal_of_a_rotation_begins_at_the_limit(keys: int, limit: int) -> None:
    found = refusal(crowded(keys), Goal(replace="fa", limits=quota_limits({"public_keys": limit})))
    assert bool(found) == (keys + 1 > limit)
