# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a CloudFront signing key, as a pure function: what is in AWS, what is wanted -> the next step.

A run is nothing but this function asked again and again: read AWS, take the next step, read again, until there is none.
So a run that dies anywhere is finished by the next one, check mode is the same function over ``advance``, and two runs
at once take the same steps, of which AWS lets each succeed once.

The invariant of every step: the key in AWSCURRENT is trusted by the key group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .._reconcile import KNOWN_AFTER_APPLY
from .quotas import quota_limits
from .state import Group, PublicKey, Snapshot, Version, spare

MAX_STEPS = 60


@dataclass(frozen=True)
class Goal:
    """What is wanted.

    ``with_id``: the secret holds the key pair id too (the JSON form). ``replace`` and ``abandon``: the fingerprint of
    the key in AWSCURRENT that a new one takes the place of, and of the key in AWSPENDING that is given up, or nothing.
    ``retire_after``: seconds for which a replaced key stays trusted, None for ever. ``prove``: a new key is tried
    through the CDN first.
    """

    state: str = "present"
    with_id: bool = True
    replace: str = ""
    retire_after: float | None = None
    prove: bool = False
    abandon: str = ""
    limits: Mapping[str, int] = field(default_factory=quota_limits)


#: Every step: what it is about, and a sentence for people.
_STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "create_secret": ((), "create the secret"),
    "restore_secret": ((), "restore the deleted secret"),
    "store_key": ((), "make a key pair and store its private key as AWSPENDING"),
    "register_key": (("version",), "register the public key in CloudFront"),
    "claim_key": (("key",), "note in the comment of public key {key.key_id} which secret it belongs to"),
    "store_key_pair_id": (("version", "key"), "store the key pair id beside the private key"),
    "create_group": (("key",), "create the key group"),
    "join_group": (("key", "group"), "add the public key to the key group"),
    "await_deployment": (("key", "group"), "wait until every distribution that trusts the key group is deployed"),
    "prove": (("version", "key"), "prove the new key through the CDN"),
    "promote": (("version",), "make AWSPENDING the AWSCURRENT key"),
    "clear_pending": (("version",), "remove the staging label AWSPENDING from the AWSCURRENT key"),
    "mark_replaced": (("key",), "note in the comment of public key {key.key_id} that it is replaced"),
    "leave_group": (("key", "group"), "stop trusting public key {key.key_id}"),
    "abandon_pending": (("version",), "remove the staging label AWSPENDING from the abandoned key"),
    "drop_key": (("key",), "delete public key {key.key_id}"),
    "delete_secret": ((), "delete the secret"),
    "delete_group": (("group",), "delete the key group"),
}
_NO_VERSION, _NO_KEY, _NO_GROUP = Version("", "", None), PublicKey("", ""), Group("", ())


@dataclass(frozen=True)
class Step:
    """One step: its name, and what it is about. A step without what it needs cannot be made."""

    name: str
    version: Version = _NO_VERSION
    key: PublicKey = _NO_KEY
    group: Group = _NO_GROUP

    def __post_init__(self) -> None:
        if self.name not in _STEPS:
            raise ValueError(f"unknown step {self.name}")
        given = {"version": self.version.version_id, "key": self.key.key_id, "group": self.group.group_id}
        missing = [what for what in _STEPS[self.name][0] if not given[what]]
        if missing:
            raise ValueError(f"step {self.name} needs a {' and a '.join(missing)}")

    @property
    def writes(self) -> bool:
        """Whether the step changes something in AWS."""
        return self.name not in ("await_deployment", "prove")

    @property
    def summary(self) -> str:
        return _STEPS[self.name][1].format(key=self.key)


def next_step(snapshot: Snapshot, goal: Goal) -> Step | None:
    """The next write towards the goal; None once nothing is left to do now."""
    if step := _claim(snapshot):
        return step
    if goal.state == "absent":
        return _removal(snapshot)
    if snapshot.secret == "absent":
        return Step("create_secret")
    if snapshot.secret == "deleted":
        return Step("restore_secret")
    if snapshot.secret == "restored":
        return None  # a plan ends here: what the secret holds is not known before it is restored
    if snapshot.rotating and snapshot.pending and snapshot.pending.fingerprint == goal.abandon:
        return _abandonment(snapshot, snapshot.pending)
    version = snapshot.pending or snapshot.current
    if version is None:
        return Step("store_key")
    replacing = version.fingerprint == goal.replace
    if not replacing and (step := _use(snapshot, goal, version)):
        return step
    if step := _retirement(snapshot, goal):
        return step
    if snapshot.promoted:
        return Step("clear_pending", version=version)
    return Step("store_key") if replacing else None


def _claim(snapshot: Snapshot) -> Step | None:
    """A key of this secret whose comment does not say so, or says that it is replaced, is made its own first."""
    for version in (snapshot.current, snapshot.pending):
        key = snapshot.registered(version)
        if key and (not key.owned or key.replaced is not None):
            return Step("claim_key", key=key)
    return None


def _use(snapshot: Snapshot, goal: Goal, version: Version) -> Step | None:
    """Towards one key that is registered, trusted, stored with its id, proven and current, in this order."""
    key = snapshot.registered(version)
    if key is None:
        return Step("register_key", version=version)
    if snapshot.group is None:
        return Step("create_group", key=key)
    if not snapshot.trusts(key):
        return Step("join_group", key=key, group=snapshot.group)
    if goal.with_id and version.key_pair_id != key.key_id:
        return Step("store_key_pair_id", version=version, key=key)
    if snapshot.pending is None:
        return None
    if _signers_change(snapshot, version) and key.key_id not in snapshot.deployed:
        return Step("await_deployment", key=key, group=snapshot.group)
    if goal.prove and snapshot.rotating and version.fingerprint not in snapshot.proven:
        return Step("prove", version=version, key=key)
    return Step("promote", version=version)


def _signers_change(snapshot: Snapshot, version: Version) -> bool:
    """Whether a promotion gives signers a key that joined a key group that may be in use."""
    same = snapshot.current is not None and snapshot.current.fingerprint == version.fingerprint
    return not same and snapshot.group is not None and len(snapshot.group.key_ids) > 1


def retires(key: PublicKey, goal: Goal) -> float | None:
    """When a replaced key stops being trusted, in seconds since 1970; None where that is not decided."""
    if key.replaced is None or goal.retire_after is None:
        return None
    return key.replaced + goal.retire_after


def _retirement(snapshot: Snapshot, goal: Goal) -> Step | None:
    """Each replaced key is marked, leaves the group when its time is over, and is deleted once that is deployed."""
    others = list(spare(snapshot))
    trusted = [key for key in others if snapshot.trusts(key)]
    for key in trusted:
        if key.replaced is None:
            return Step("mark_replaced", key=key)
    for key in trusted:
        due = retires(key, goal)
        if snapshot.group and due is not None and due <= snapshot.now:
            return Step("leave_group", key=key, group=snapshot.group)
    for key in others:
        if not snapshot.trusts(key):
            if snapshot.group and key.replaced is not None and key.key_id not in snapshot.deployed:
                return Step("await_deployment", key=key, group=snapshot.group)
            return Step("drop_key", key=key)
    return None


def _abandonment(snapshot: Snapshot, pending: Version) -> Step:
    """The new key loses its trust before its label, by which the next run knows what it is."""
    key = snapshot.registered(pending)
    if key and snapshot.group and snapshot.trusts(key):
        return Step("leave_group", key=key, group=snapshot.group)
    return Step("abandon_pending", version=pending)


def _removal(snapshot: Snapshot) -> Step | None:
    """The secret first: while it can be read, its key is trusted."""
    if snapshot.secret == "present":
        return Step("delete_secret")
    if snapshot.group:
        return Step("delete_group", group=snapshot.group)
    for key in spare(snapshot):
        return Step("drop_key", key=key)
    return None


def advance(snapshot: Snapshot, step: Step) -> Snapshot:
    """What AWS holds once a step is made, with KNOWN_AFTER_APPLY for what AWS assigns."""
    version, key = step.version, step.key
    match step.name:
        case "create_secret":
            return replace(snapshot, secret="present")
        case "restore_secret":
            return replace(snapshot, secret="restored")
        case "delete_secret":
            return replace(snapshot, secret="deleted", current=None, pending=None, promoted=False)
        case "store_key":
            return replace(snapshot, pending=Version(KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY, None))
        case "store_key_pair_id":
            return replace(snapshot, pending=replace(version, key_pair_id=key.key_id))
        case "await_deployment":
            return replace(snapshot, deployed=snapshot.deployed | {key.key_id})
        case "prove":
            return replace(snapshot, proven=snapshot.proven | {version.fingerprint})
        case "promote":
            return replace(snapshot, current=snapshot.pending, pending=None, promoted=True)
        case "clear_pending":
            return replace(snapshot, promoted=False)
        case "abandon_pending":
            return replace(snapshot, pending=None)
        case "create_group" | "join_group" | "leave_group" | "delete_group":
            return _with_group(snapshot, step)
    return _with_key(snapshot, step)


def _with_group(snapshot: Snapshot, step: Step) -> Snapshot:
    if step.name == "create_group":
        made = Group(KNOWN_AFTER_APPLY, (step.key.key_id,))
        return replace(snapshot, group=made, group_count=snapshot.group_count + 1)
    if step.name == "delete_group":
        return replace(snapshot, group=None, group_count=snapshot.group_count - 1)
    kept = tuple(key_id for key_id in step.group.key_ids if key_id != step.key.key_id)
    joined = (*kept, step.key.key_id) if step.name == "join_group" else kept
    return replace(snapshot, group=replace(step.group, key_ids=joined))


def _with_key(snapshot: Snapshot, step: Step) -> Snapshot:
    if step.name == "register_key":
        made = PublicKey(KNOWN_AFTER_APPLY, step.version.fingerprint, created=snapshot.now)
        return replace(snapshot, public_keys=(*snapshot.public_keys, made))
    after = {
        "claim_key": (replace(step.key, owned=True, replaced=None),),
        "mark_replaced": (replace(step.key, replaced=snapshot.now),),
        "drop_key": (),
    }[step.name]
    keys = tuple(new for old in snapshot.public_keys for new in (after if old == step.key else (old,)))
    return replace(snapshot, public_keys=keys)


def plan(snapshot: Snapshot, goal: Goal) -> list[tuple[Step, Snapshot]]:
    """Every step from here to the end with what AWS holds after it, as far as it can be known beforehand."""
    steps: list[tuple[Step, Snapshot]] = []
    while (step := next_step(snapshot, goal)) and len(steps) < MAX_STEPS:
        snapshot = advance(snapshot, step)
        steps.append((step, snapshot))
    return steps
