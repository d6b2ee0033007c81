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

from dataclasses import dataclass, field, replace

from .state import Group, PublicKey, Snapshot, Version, spare

MAX_STEPS = 60
PENDING_ID = "(known after apply)"


@dataclass(frozen=True)
class Limits:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""

    public_keys: int = 10
    key_groups: int = 10
    keys_in_group: int = 5


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
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Step:
    """One write: its name, and what it is about."""

    name: str
    version: Version | None = None
    key: PublicKey | None = None

    @property
    def summary(self) -> str:
        return _SUMMARIES[self.name].format(key=self.key, version=self.version)


_SUMMARIES = {
    "create_secret": "create the secret",
    "restore_secret": "restore the deleted secret",
    "store_key": "make a key pair and store its private key as AWSPENDING",
    "register_key": "register the public key in CloudFront",
    "claim_key": "note in the comment of public key {key.key_id} which secret it belongs to",
    "store_key_pair_id": "store the key pair id beside the private key",
    "create_group": "create the key group",
    "join_group": "add the public key to the key group",
    "prove": "prove the new key through the CDN",
    "promote": "make AWSPENDING the AWSCURRENT key",
    "clear_pending": "take the label AWSPENDING off the AWSCURRENT key",
    "mark_replaced": "note in the comment of public key {key.key_id} that it is replaced",
    "leave_group": "stop trusting public key {key.key_id}",
    "abandon_pending": "take the label AWSPENDING off the abandoned key",
    "drop_key": "delete public key {key.key_id}",
    "delete_secret": "delete the secret",
    "delete_group": "delete the key group",
}


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
        return Step("create_group", version=version, key=key)
    if not snapshot.trusts(key):
        return Step("join_group", version=version, key=key)
    if goal.with_id and version.key_pair_id != key.key_id:
        return Step("store_key_pair_id", version=version, key=key)
    if snapshot.pending is None:
        return None
    if goal.prove and snapshot.rotating and version.fingerprint not in snapshot.proven:
        return Step("prove", version=version, key=key)
    return Step("promote", version=version, key=key)


def retires(key: PublicKey, goal: Goal) -> float | None:
    """When a replaced key stops being trusted, in seconds since 1970; None where that is not decided."""
    if key.replaced is None or goal.retire_after is None:
        return None
    return key.replaced + goal.retire_after


def _retirement(snapshot: Snapshot, goal: Goal) -> Step | None:
    """Every replaced key is marked first, then leaves the group when its time is over, then goes."""
    others = list(spare(snapshot))
    trusted = [key for key in others if snapshot.trusts(key)]
    for key in trusted:
        if key.replaced is None:
            return Step("mark_replaced", key=key)
    for key in trusted:
        due = retires(key, goal)
        if due is not None and due <= snapshot.now:
            return Step("leave_group", key=key)
    for key in others:
        if not snapshot.trusts(key):
            return Step("drop_key", key=key)
    return None


def _abandonment(snapshot: Snapshot, pending: Version) -> Step:
    """The new key loses its trust before its label, by which the next run knows what it is."""
    key = snapshot.registered(pending)
    if key and snapshot.trusts(key):
        return Step("leave_group", key=key)
    return Step("abandon_pending", version=pending)


def _removal(snapshot: Snapshot) -> Step | None:
    """The secret first: while it can be read, its key is trusted."""
    if snapshot.secret == "present":
        return Step("delete_secret")
    if snapshot.group:
        return Step("delete_group")
    for key in spare(snapshot):
        return Step("drop_key", key=key)
    return None


def advance(snapshot: Snapshot, step: Step) -> Snapshot:
    """What AWS holds once a step is made, with made-up values for what AWS makes up."""
    version, key, group = step.version, step.key, snapshot.group
    if step.name == "create_secret":
        return replace(snapshot, secret="present")
    if step.name == "restore_secret":
        return replace(snapshot, secret="restored")
    if step.name == "delete_secret":
        return replace(snapshot, secret="deleted", current=None, pending=None, promoted=False)
    if step.name == "store_key":
        return replace(snapshot, pending=Version(PENDING_ID, PENDING_ID, None))
    if step.name == "register_key" and version:
        made = PublicKey(PENDING_ID, version.fingerprint, created=snapshot.now)
        return replace(snapshot, public_keys=(*snapshot.public_keys, made))
    if step.name == "create_group" and key:
        return replace(snapshot, group=Group(PENDING_ID, (key.key_id,)), group_count=snapshot.group_count + 1)
    if step.name == "join_group" and key and group:
        return replace(snapshot, group=replace(group, key_ids=(*group.key_ids, key.key_id)))
    if step.name == "leave_group" and key and group:
        return replace(snapshot, group=replace(group, key_ids=tuple(i for i in group.key_ids if i != key.key_id)))
    if step.name == "delete_group":
        return replace(snapshot, group=None, group_count=snapshot.group_count - 1)
    if step.name == "store_key_pair_id" and version and key:
        return replace(snapshot, pending=replace(version, key_pair_id=key.key_id))
    if step.name == "prove" and version:
        return replace(snapshot, proven=snapshot.proven | {version.fingerprint})
    if step.name == "promote":
        return replace(snapshot, current=snapshot.pending, pending=None, promoted=True)
    if step.name == "clear_pending":
        return replace(snapshot, promoted=False)
    if step.name == "abandon_pending":
        return replace(snapshot, pending=None)
    if step.name in ("claim_key", "mark_replaced", "drop_key") and key:
        return _with_key(snapshot, key, step.name)
    raise ValueError(f"unknown step {step.name}")


def _with_key(snapshot: Snapshot, key: PublicKey, name: str) -> Snapshot:
    after = {
        "claim_key": (replace(key, owned=True, replaced=None),),
        "mark_replaced": (replace(key, replaced=snapshot.now),),
        "drop_key": (),
    }[name]
    keys = tuple(new for old in snapshot.public_keys for new in (after if old == key else (old,)))
    return replace(snapshot, public_keys=keys)


def plan(snapshot: Snapshot, goal: Goal) -> list[tuple[Step, Snapshot]]:
    """Every step from here to the end with what AWS holds after it, as far as it can be known beforehand."""
    steps: list[tuple[Step, Snapshot]] = []
    while (step := next_step(snapshot, goal)) and len(steps) < MAX_STEPS:
        snapshot = advance(snapshot, step)
        steps.append((step, snapshot))
    return steps
