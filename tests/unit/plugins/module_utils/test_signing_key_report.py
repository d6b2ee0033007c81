"""What people are told of a signing key: its keys with their stages, and what comes next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.report import facts, keys, stage, upcoming
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.state import (
    Group,
    PublicKey,
    Snapshot,
)
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.steps import Goal, plan

from .signing_key_states import FOREIGN, HALF_WAY, IN_USE, KEY_A, KEY_B, ROTATED


@pytest.mark.parametrize(
    ("snapshot", "key", "expected"),
    [
        (IN_USE, KEY_A, "current"),
        (HALF_WAY, KEY_B, "pending"),
        (ROTATED, ROTATED.public_keys[0], "replaced"),
        (replace(ROTATED, group=Group("G", ("KB",))), KEY_A, "unused"),
        (IN_USE, FOREIGN, "foreign"),
        (IN_USE, replace(KEY_A, owned=False), "current"),
    ],
)
def test_stage_of_a_key_follows_from_secret_and_group(snapshot: Snapshot, key: PublicKey, expected: str) -> None:
    assert stage(snapshot, key) == expected


def test_keys_of_the_secret_and_the_group_are_listed_oldest_first() -> None:
    snapshot = replace(ROTATED, public_keys=(*reversed(ROTATED.public_keys), FOREIGN))
    first, second = keys(snapshot, Goal(retire_after=600))
    assert first == {
        "key_pair_id": "KA",
        "fingerprint": "fa",
        "stage": "replaced",
        "trusted": True,
        "created": "1970-01-01T00:16:40Z",
        "age": 3000,
        "replaced": "1970-01-01T00:50:00Z",
        "retires": "1970-01-01T01:00:00Z",
    }
    assert (second["key_pair_id"], second["stage"], second["replaced"], second["retires"]) == ("KB", "current", "", "")
    in_the_group = replace(snapshot, group=Group("G", ("KA", "KB", "KX")))
    assert [key["stage"] for key in keys(in_the_group, Goal())] == ["foreign", "replaced", "current"]


def test_facts_of_an_empty_account_are_empty() -> None:
    assert facts(Snapshot(), "") == {
        "key_pair_id": "",
        "fingerprint": "",
        "key_group_id": "",
        "key_group_key_ids": [],
        "secret_arn": "",
    }
    assert facts(IN_USE, "arn") == {
        "key_pair_id": "KA",
        "fingerprint": "fa",
        "key_group_id": "G",
        "key_group_key_ids": ["KA"],
        "secret_arn": "arn",
    }


@pytest.mark.parametrize("snapshot", [Snapshot(), Snapshot("deleted")])
def test_facts_of_a_plan_are_known_after_apply(snapshot: Snapshot) -> None:
    found = facts(plan(snapshot, Goal())[-1][1], "")
    expected = dict.fromkeys(("key_pair_id", "fingerprint", "key_group_id"), KNOWN_AFTER_APPLY)
    assert found == {**expected, "key_group_key_ids": [KNOWN_AFTER_APPLY], "secret_arn": KNOWN_AFTER_APPLY}


def test_upcoming_lists_due_steps_and_later_ones_with_their_time() -> None:
    assert upcoming(IN_USE, Goal(), None) == []
    assert upcoming(ROTATED, Goal(retire_after=2000), 4000) == [
        {"what": "stop trusting public key KA, and delete it", "when": "1970-01-01T01:23:20Z"},
        {"what": "replace public key KB by a new one", "when": "1970-01-01T01:40:00Z"},
    ]
    assert upcoming(ROTATED, Goal(), 100) == [
        {"what": "replace public key KB by a new one", "when": "1970-01-01T00:35:00Z"},
        {"what": "stop trusting public key KA, and delete it", "when": "when a run names retire_after"},
    ]
    assert upcoming(ROTATED, Goal(retire_after=600), None) == [
        {"what": "stop trusting public key KA", "when": "now"},
        {"what": "wait until every distribution that trusts the key group is deployed", "when": "now"},
        {"what": "delete public key KA", "when": "now"},
    ]
