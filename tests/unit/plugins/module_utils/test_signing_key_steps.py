"""The life of a signing key as a pure function, from every state that AWS can be in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.state import (
    Group,
    PublicKey,
    Snapshot,
    Version,
    spare,
)
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.steps import (
    MAX_STEPS,
    Goal,
    Step,
    advance,
    next_step,
    plan,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = 1000.0
A, B = Version("va", "fa", "KA"), Version("vb", "fb", None)
KEY_A, KEY_B, KEY_C = PublicKey("KA", "fa"), PublicKey("KB", "fb"), PublicKey("KC", "fc")
FOREIGN = PublicKey("KX", "fx", owned=False)
PRESENT = Snapshot("present", now=NOW, group_count=1)
IN_USE = replace(PRESENT, current=A, public_keys=(KEY_A,), group=Group("G", ("KA",)))
HALF_WAY = replace(IN_USE, pending=B, public_keys=(KEY_A, KEY_B), group=Group("G", ("KA", "KB")))
PROMOTED = replace(HALF_WAY, current=replace(B, key_pair_id="KB"), pending=None, promoted=True)
OLD_A = replace(KEY_A, replaced=NOW - 100)


def steps(snapshot: Snapshot, **goal: object) -> list[str]:
    return [step.name for step, _after in plan(snapshot, Goal(**goal))]  # type: ignore[arg-type]


FIRST = ["create_secret", "store_key", "register_key", "create_group", "store_key_pair_id", "promote", "clear_pending"]
NEXT = [
    *("store_key", "register_key", "join_group", "store_key_pair_id", "await_deployment", "promote"),
    *("mark_replaced", "clear_pending"),
]
LEAVE = ["leave_group", "await_deployment", "drop_key"]
REVOKED = [*NEXT[:-1], *LEAVE, "clear_pending"]


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (Snapshot(), FIRST),
        (PRESENT, FIRST[1:]),
        (replace(PRESENT, pending=B), FIRST[2:]),
        (replace(PRESENT, pending=B, public_keys=(KEY_B,)), FIRST[3:]),
        (replace(PRESENT, pending=B, public_keys=(KEY_B,), group=Group("G", ("KB",))), FIRST[4:]),
        (
            replace(PRESENT, pending=B, public_keys=(KEY_B,), group=Group("G", ("KX",))),
            ["join_group", *NEXT[3:6], "clear_pending"],
        ),
        (
            replace(PRESENT, pending=replace(B, key_pair_id="KB"), public_keys=(KEY_B,), group=Group("G", ("KB",))),
            ["promote", "clear_pending"],
        ),
        (replace(IN_USE, public_keys=(KEY_A, FOREIGN)), []),
        # What is current and not trusted is made so again.
        (replace(IN_USE, group=Group("G", ("KX",))), ["join_group"]),
        (replace(IN_USE, public_keys=(), group=None), ["register_key", "create_group", *FIRST[4:]]),
        (replace(IN_USE, public_keys=(KEY_A, KEY_B)), ["drop_key"]),
        (HALF_WAY, NEXT[3:]),
        (PROMOTED, NEXT[6:]),
        # The id beside the private key is another one: the pair is written anew.
        (replace(IN_USE, current=replace(A, key_pair_id="KZ")), FIRST[4:]),
        (Snapshot("deleted"), ["restore_secret"]),
        # A promotion that died before it removed the staging label.
        (replace(IN_USE, promoted=True), ["clear_pending"]),
        # A key that was made by other means is taken over, and so is one that was replaced and is current again.
        (replace(IN_USE, public_keys=(replace(KEY_A, owned=False),)), ["claim_key"]),
        (replace(IN_USE, public_keys=(OLD_A,)), ["claim_key"]),
        # A key of no secret here stays trusted, whatever happens.
        (replace(IN_USE, public_keys=(KEY_A, FOREIGN), group=Group("G", ("KA", "KX"))), []),
    ],
)
def test_plan_from_each_state_ends_with_one_key(snapshot: Snapshot, expected: list[str]) -> None:
    assert steps(snapshot) == expected


def test_plan_awaits_the_deployment_of_a_key_that_signers_do_not_have_yet() -> None:
    ready = replace(HALF_WAY, pending=replace(B, key_pair_id="KB"))
    assert steps(ready)[:2] == ["await_deployment", "promote"]
    assert steps(replace(ready, deployed=frozenset({"KB"})))[0] == "promote"
    assert steps(replace(ready, deployed=frozenset({"KA"})))[0] == "await_deployment", "it is about this key"
    # No distribution can trust a group that was created for the key; the key in use is trusted everywhere.
    assert "await_deployment" not in steps(Snapshot())
    rewritten = replace(IN_USE, pending=replace(A, version_id="v2"), group=Group("G", ("KA", "KX")))
    assert steps(rewritten) == ["promote", "clear_pending"]


def test_plan_awaits_the_deployment_before_it_deletes_a_key_that_was_trusted() -> None:
    left = replace(IN_USE, public_keys=(KEY_A, replace(KEY_C, replaced=1.0)))
    assert steps(left) == LEAVE[1:]
    assert steps(replace(left, deployed=frozenset({"KC"}))) == ["drop_key"]
    assert steps(replace(left, public_keys=(KEY_A, KEY_C))) == ["drop_key"], "it was never trusted"


def test_plan_for_a_bare_pem_stores_no_key_pair_id() -> None:
    assert steps(Snapshot(), with_id=False) == [name for name in FIRST if name != "store_key_pair_id"]


@pytest.mark.parametrize(
    ("snapshot", "goal", "expected"),
    [
        (IN_USE, {}, NEXT),
        (IN_USE, {"prove": True}, [*NEXT[:5], "prove", *NEXT[5:]]),
        (IN_USE, {"retire_after": 60}, NEXT),
        (IN_USE, {"retire_after": 0}, REVOKED),
        (replace(IN_USE, promoted=True), {}, ["clear_pending", *NEXT]),
        # A key that cannot be used is replaced without being used.
        (replace(IN_USE, public_keys=(), group=None), {}, [*FIRST[1:-1], "clear_pending"]),
        # Room is made first.
        (
            replace(IN_USE, public_keys=(KEY_A, replace(KEY_C, replaced=1.0)), group=Group("G", ("KA", "KC"))),
            {"retire_after": 60},
            [*LEAVE, *NEXT],
        ),
    ],
)
def test_plan_of_a_rotation_replaces_the_key(snapshot: Snapshot, goal: dict, expected: list[str]) -> None:
    assert steps(snapshot, replace="fa", **goal) == expected


def test_plan_of_a_rotation_ends_with_the_new_key_and_the_time_of_the_old_one() -> None:
    after = plan(IN_USE, Goal(replace="fa", retire_after=60))[-1][1]
    assert after.current
    assert after.current.fingerprint != "fa"
    old = next(key for key in after.public_keys if key.fingerprint == "fa")
    assert old.replaced == NOW
    assert after.trusts(old)
    assert not next_step(after, Goal(retire_after=60))
    assert steps(replace(after, now=NOW + 59.9), retire_after=60) == []
    assert steps(replace(after, now=NOW + 60), retire_after=60) == LEAVE
    assert steps(replace(after, now=NOW + 1e9)) == []


def test_plan_for_a_first_key_has_no_proof() -> None:
    assert "prove" not in steps(Snapshot(), prove=True)
    assert steps(replace(HALF_WAY, proven=frozenset({"fb"})), prove=True) == NEXT[3:]
    assert steps(HALF_WAY, prove=True) == ["store_key_pair_id", "await_deployment", "prove", *NEXT[5:]]


def test_plan_that_abandons_a_rotation_returns_to_the_old_key() -> None:
    assert steps(HALF_WAY, abandon="fb") == ["leave_group", "abandon_pending", "drop_key"]
    assert steps(replace(HALF_WAY, group=IN_USE.group), abandon="fb") == ["abandon_pending", "drop_key"]
    assert plan(HALF_WAY, Goal(abandon="fb"))[-1][1] == IN_USE
    assert steps(PROMOTED, abandon="fb") == NEXT[6:], "what is promoted is finished"
    assert steps(replace(PRESENT, pending=B), abandon="fb") == FIRST[2:], "a first key has nothing to go back to"


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (Snapshot(), []),
        (IN_USE, ["delete_secret", "delete_group", "drop_key"]),
        (HALF_WAY, ["delete_secret", "delete_group", "drop_key", "drop_key"]),
        (replace(IN_USE, secret="deleted", current=None), ["delete_group", "drop_key"]),
        (replace(IN_USE, public_keys=(replace(KEY_A, owned=False), FOREIGN)), ["claim_key", *["delete_secret"]]),
    ],
)
def test_plan_of_a_removal_deletes_secret_group_and_own_keys(snapshot: Snapshot, expected: list[str]) -> None:
    assert steps(snapshot, state="absent")[: len(expected)] == expected
    after = plan(snapshot, Goal(state="absent"))
    end = after[-1][1] if after else snapshot
    assert end.group is None
    assert not list(spare(end))
    assert end.current is None
    assert set(end.public_keys) <= {FOREIGN}


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (Snapshot(), False),
        (IN_USE, False),
        (replace(IN_USE, promoted=True), False),
        (HALF_WAY, True),
        (PROMOTED, True),
        (replace(PROMOTED, promoted=False), False),
        (replace(IN_USE, pending=replace(A, version_id="va2")), False),
        (replace(PRESENT, pending=B), False),
    ],
)
def test_rotating_is_true_while_a_new_key_is_not_in_use_everywhere(snapshot: Snapshot, expected: bool) -> None:
    assert snapshot.rotating is expected


def test_spare_yields_keys_of_this_secret_only() -> None:
    snapshot = replace(IN_USE, public_keys=(KEY_A, KEY_B, FOREIGN))
    assert list(spare(snapshot)) == [KEY_B]
    assert list(spare(replace(snapshot, pending=B))) == []
    assert steps(replace(snapshot, group=Group("G", ("KA", "KB")))) == ["mark_replaced"]


def test_advance_over_a_removal_leaves_nothing_behind() -> None:
    after = plan(HALF_WAY, Goal("absent"))[-1][1]
    assert after == Snapshot("deleted", now=NOW, group_count=0)
    assert advance(PROMOTED, Step("delete_secret")).promoted is False
    assert plan(Snapshot(now=NOW), Goal())[-1][1].group_count == 1


@pytest.mark.parametrize(
    ("name", "given", "missing"),
    [
        ("claim_key", {}, "a key"),
        ("mark_replaced", {}, "a key"),
        ("drop_key", {}, "a key"),
        ("join_group", {}, "a key and a group"),
        ("leave_group", {"key": KEY_A}, "a group"),
        ("delete_group", {"key": KEY_A}, "a group"),
        ("prove", {"version": A}, "a key"),
        ("promote", {"key": KEY_A}, "a version"),
    ],
)
def test_step_without_what_it_needs_is_refused_by_its_name(name: str, given: dict, missing: str) -> None:
    with pytest.raises(ValueError, match=f"step {name} needs {missing}$"):
        Step(name, **given)


def test_step_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown step fly"):
        Step("fly")


def test_step_summary_names_the_key() -> None:
    assert Step("drop_key", key=KEY_B).summary == "delete public key KB"


TIMES = st.none() | st.sampled_from([0.0, NOW - 100, NOW - 60, NOW - 59, NOW])
KEYS = st.tuples(
    *(
        st.none() | st.builds(PublicKey, st.just(f"K{n}"), st.just(f"f{n}"), st.booleans(), st.just(0.0), TIMES)
        for n in "abcx"
    )
).map(lambda keys: tuple(key for key in keys if key))
VERSIONS = st.none() | st.sampled_from(
    [Version(f"v{n}", f"f{n}", key_id) for n in "abc" for key_id in (None, f"K{n}", "KZ")]
)
GROUPS = st.none() | st.sets(st.sampled_from(["Ka", "Kb", "Kc", "Kx"]), min_size=1).map(
    lambda ids: Group("G", tuple(sorted(ids)))
)
SNAPSHOTS = st.builds(
    Snapshot,
    st.just("present"),
    st.just("v"),
    VERSIONS,
    VERSIONS,
    KEYS,
    GROUPS,
    st.booleans(),
    now=st.just(NOW),
).map(lambda s: replace(s, promoted=s.promoted and s.current is not None and s.pending is None))
GOALS = st.builds(
    Goal,
    with_id=st.booleans(),
    replace=st.sampled_from(["", "fa", "fb"]),
    retire_after=st.none() | st.sampled_from([0, 60]),
    prove=st.booleans(),
    abandon=st.sampled_from(["", "fa", "fb"]),
)


def trusted(snapshot: Snapshot) -> bool:
    """The invariant: the key in AWSCURRENT is registered and in the group."""
    return snapshot.current is None or snapshot.trusts(snapshot.registered(snapshot.current))


@given(SNAPSHOTS, GOALS)
def test_next_step_from_any_state_leads_to_one_trusted_current_key(snapshot: Snapshot, goal: Goal) -> None:
    held = trusted(snapshot)
    foreign = {key for key in snapshot.public_keys if not key.owned}
    for _attempt in range(MAX_STEPS):
        step = next_step(snapshot, goal)
        if step is None:
            break
        before, snapshot = snapshot, advance(snapshot, step)
        if held:
            assert trusted(snapshot), step  # once it holds it holds at every moment
        held = held or trusted(snapshot)
        if step.name == "leave_group" and step.key and not before.pending:
            assert step.key.replaced is not None
            assert goal.retire_after is not None
            assert step.key.replaced + goal.retire_after <= snapshot.now
        if step.name in ("drop_key", "leave_group"):
            assert step.key not in foreign or step.key.owned
    assert next_step(snapshot, goal) is None
    assert snapshot.current
    assert snapshot.current.fingerprint != goal.replace
    assert snapshot.pending is None
    assert not snapshot.promoted
    assert trusted(snapshot)
    assert not snapshot.rotating
    for key in spare(snapshot):
        assert snapshot.trusts(key)
        assert key.replaced is not None
        assert goal.retire_after is None or key.replaced + goal.retire_after > snapshot.now
