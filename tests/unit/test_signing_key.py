"""The life of a signing key as a pure function, from every state that AWS can be in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils.signing_key import (
    Group,
    PublicKey,
    Snapshot,
    Step,
    Version,
    advance,
    next_step,
    orphans,
    plan,
)
from hypothesis import given
from hypothesis import strategies as st

A = Version("va", "fa", "KA")
B = Version("vb", "fb", None)
KEY_A, KEY_B = PublicKey("KA", "fa", "g-fa"), PublicKey("KB", "fb", "g-fb")
FOREIGN = PublicKey("KX", "fx", "other")


def steps(snapshot: Snapshot, with_id: bool = True) -> list[str]:
    return [step.name for step in plan(snapshot, with_id, "g-")]


FIRST = ["create_secret", "store_key", "register_key", "create_group", "store_key_pair_id", "promote", "clear_pending"]


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (Snapshot(), FIRST),
        (Snapshot("present"), FIRST[1:]),
        (Snapshot("present", pending=B), FIRST[2:]),
        (Snapshot("present", pending=B, public_keys=(KEY_B,)), FIRST[3:]),
        (Snapshot("present", pending=B, public_keys=(KEY_B,), group=Group("G", ("KB",))), FIRST[4:]),
        (Snapshot("present", pending=B, public_keys=(KEY_B,), group=Group("G", ("KX",))), ["join_group", *FIRST[4:]]),
        (
            Snapshot("present", pending=replace(B, key_pair_id="KB"), public_keys=(KEY_B,), group=Group("G", ("KB",))),
            ["promote", "clear_pending"],
        ),
        (Snapshot("present", current=A, public_keys=(KEY_A, FOREIGN), group=Group("G", ("KA",))), []),
        # What is current and not trusted is made so again.
        (Snapshot("present", current=A, public_keys=(KEY_A,), group=Group("G", ("KX",))), ["join_group"]),
        (Snapshot("present", current=A, public_keys=(), group=None), ["register_key", "create_group", *FIRST[4:]]),
        (Snapshot("present", current=A, public_keys=(KEY_A, KEY_B), group=Group("G", ("KA",))), ["drop_orphan"]),
        (
            Snapshot("present", current=A, pending=B, public_keys=(KEY_A, KEY_B), group=Group("G", ("KA", "KB"))),
            FIRST[4:],
        ),
        # The id beside the private key is another one: the pair is written anew.
        (
            Snapshot("present", current=replace(A, key_pair_id="KZ"), public_keys=(KEY_A,), group=Group("G", ("KA",))),
            FIRST[4:],
        ),
        (Snapshot("deleted"), ["restore_secret"]),
        # A promotion that died before it took the label off.
        (
            Snapshot("present", current=A, public_keys=(KEY_A,), group=Group("G", ("KA",)), promoted=True),
            ["clear_pending"],
        ),
    ],
)
def test_the_way_from_here(snapshot: Snapshot, expected: list[str]) -> None:
    assert steps(snapshot) == expected


def test_a_bare_pem_needs_no_id() -> None:
    assert steps(Snapshot(), with_id=False) == [name for name in FIRST if name != "store_key_pair_id"]


def test_only_keys_of_this_secret_are_orphans() -> None:
    snapshot = Snapshot("present", current=A, public_keys=(KEY_A, KEY_B, FOREIGN), group=Group("G", ("KA",)))
    assert orphans(snapshot, "g-") == [KEY_B]
    assert orphans(replace(snapshot, group=None), "g-") == [KEY_B]
    assert orphans(replace(snapshot, group=Group("G", ("KB",))), "g-") == []
    assert orphans(replace(snapshot, pending=B), "g-") == []


def test_an_unknown_step_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="unknown step fly"):
        advance(Snapshot(), Step("fly"))


def test_a_step_speaks() -> None:
    assert Step("drop_orphan", key=KEY_B).summary == "delete public key KB, which nothing uses"


KEYS = st.sets(st.sampled_from([KEY_A, KEY_B, FOREIGN])).map(tuple)
VERSIONS = st.none() | st.sampled_from([A, B, replace(A, key_pair_id=None), replace(B, key_pair_id="KB")])
GROUPS = st.none() | st.sets(st.sampled_from(["KA", "KB", "KX"]), min_size=1).map(lambda ids: Group("G", tuple(ids)))
SNAPSHOTS = st.builds(Snapshot, st.sampled_from(["absent", "present"]), st.just("v"), VERSIONS, VERSIONS, KEYS, GROUPS)


def trusted(snapshot: Snapshot) -> bool:
    """The invariant: the key in AWSCURRENT is registered and in the group."""
    if snapshot.current is None:
        return True
    key = snapshot.registered(snapshot.current)
    return bool(key and snapshot.group and key.key_id in snapshot.group.key_ids)


@given(SNAPSHOTS, st.booleans())
def test_every_state_ends_with_one_trusted_current_key(snapshot: Snapshot, with_id: bool) -> None:
    held = trusted(snapshot)
    for _attempt in range(25):
        step = next_step(snapshot, with_id, "g-")
        if step is None:
            break
        snapshot = advance(snapshot, step)
        if held:
            assert trusted(snapshot), step  # once it holds it holds at every moment
        held = held or trusted(snapshot)
    assert next_step(snapshot, with_id, "g-") is None
    assert snapshot.current
    assert snapshot.pending is None
    assert not snapshot.promoted
    assert trusted(snapshot)
    assert orphans(snapshot, "g-") == []
