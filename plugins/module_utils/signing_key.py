# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a CloudFront signing key, as a pure function: what is in AWS -> the next step.

A run is nothing but this function asked again and again: read AWS, take the next step, read again, until there is none.
So a run that dies anywhere is finished by the next one, check mode is the same function over ``advance``, and two runs
at once take the same steps, of which AWS lets each succeed once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

MAX_STEPS = 25
PENDING_ID = "(known after apply)"


@dataclass(frozen=True)
class Version:
    """A version of the secret that holds a key; ``fingerprint`` is its public half's."""

    version_id: str
    fingerprint: str
    key_pair_id: str | None


@dataclass(frozen=True)
class PublicKey:
    """A public key in CloudFront."""

    key_id: str
    fingerprint: str
    name: str


@dataclass(frozen=True)
class Group:
    """The key group."""

    group_id: str
    key_ids: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """What AWS holds: ``secret`` is absent, deleted or present; ``current`` and ``pending`` are keys by their stage.

    ``current_version`` is the version in AWSCURRENT, also where it holds no key yet. ``promoted`` says whether the
    label AWSPENDING is still on that version, from a promotion that is not finished.
    """

    secret: str = "absent"
    current_version: str = ""
    current: Version | None = None
    pending: Version | None = None
    public_keys: tuple[PublicKey, ...] = ()
    group: Group | None = None
    promoted: bool = False

    def registered(self, version: Version) -> PublicKey | None:
        """The public key in CloudFront that belongs to a version's private key."""
        return next((key for key in self.public_keys if key.fingerprint == version.fingerprint), None)


@dataclass(frozen=True)
class Step:
    """One write: its name, and what it is about."""

    name: str
    version: Version | None = None
    key: PublicKey | None = None
    note: str = field(default="", compare=False)

    @property
    def summary(self) -> str:
        return _SUMMARIES[self.name].format(key=self.key, version=self.version)


_SUMMARIES = {
    "create_secret": "create the secret",
    "restore_secret": "restore the deleted secret",
    "store_key": "make a key pair and store its private key as AWSPENDING",
    "register_key": "register the public key in CloudFront",
    "store_key_pair_id": "store the key pair id beside the private key",
    "create_group": "create the key group",
    "join_group": "add the public key to the key group",
    "promote": "make AWSPENDING the AWSCURRENT key",
    "clear_pending": "take the label AWSPENDING off the AWSCURRENT key",
    "drop_orphan": "delete public key {key.key_id}, which nothing uses",
}


def next_step(snapshot: Snapshot, with_id: bool, prefix: str) -> Step | None:
    """The next write towards one trusted key in AWSCURRENT; None once nothing is left to do.

    ``with_id`` says whether the secret holds the key pair id (the JSON form); ``prefix`` is what the names of the
    public keys begin with that belong to this secret.
    """
    if snapshot.secret == "absent":
        return Step("create_secret")
    if snapshot.secret == "deleted":
        return Step("restore_secret")
    if snapshot.secret == "restored":
        return None  # a plan ends here: what the secret holds is not known before it is restored
    version = snapshot.pending or snapshot.current
    if version is None:
        return Step("store_key")
    key = snapshot.registered(version)
    if key is None:
        return Step("register_key", version=version)
    # The key in AWSCURRENT must be trusted at every moment: the group comes before the promotion.
    if snapshot.group is None:
        return Step("create_group", version=version, key=key)
    if key.key_id not in snapshot.group.key_ids:
        return Step("join_group", version=version, key=key)
    if with_id and version.key_pair_id != key.key_id:
        return Step("store_key_pair_id", version=version, key=key)
    if snapshot.pending:
        return Step("promote", version=version, key=key)
    if snapshot.promoted:
        return Step("clear_pending", version=version)
    for orphan in orphans(snapshot, prefix):
        return Step("drop_orphan", key=orphan)
    return None


def orphans(snapshot: Snapshot, prefix: str) -> list[PublicKey]:
    """Public keys of this secret that no group trusts and no version of the secret holds."""
    held = {version.fingerprint for version in (snapshot.current, snapshot.pending) if version}
    trusted = snapshot.group.key_ids if snapshot.group else ()
    return [
        key
        for key in snapshot.public_keys
        if key.name.startswith(prefix) and key.key_id not in trusted and key.fingerprint not in held
    ]


def advance(snapshot: Snapshot, step: Step) -> Snapshot:
    """What AWS holds once a step is made, with made-up values for what AWS makes up."""
    if step.name == "create_secret":
        return replace(snapshot, secret="present")
    if step.name == "restore_secret":
        return replace(snapshot, secret="restored")
    if step.name == "store_key":
        return replace(snapshot, pending=Version(PENDING_ID, PENDING_ID, None))
    if step.name == "register_key" and step.version:
        key = PublicKey(PENDING_ID, step.version.fingerprint, PENDING_ID)
        return replace(snapshot, public_keys=(*snapshot.public_keys, key))
    if step.name == "create_group" and step.key:
        return replace(snapshot, group=Group(PENDING_ID, (step.key.key_id,)))
    if step.name == "join_group" and step.key and snapshot.group:
        return replace(snapshot, group=replace(snapshot.group, key_ids=(*snapshot.group.key_ids, step.key.key_id)))
    if step.name == "store_key_pair_id" and step.version and step.key:
        return replace(snapshot, pending=replace(step.version, key_pair_id=step.key.key_id))
    if step.name == "promote":
        return replace(snapshot, current=snapshot.pending, pending=None, promoted=True)
    if step.name == "clear_pending":
        return replace(snapshot, promoted=False)
    if step.name == "drop_orphan":
        return replace(snapshot, public_keys=tuple(key for key in snapshot.public_keys if key != step.key))
    raise ValueError(f"unknown step {step.name}")


def plan(snapshot: Snapshot, with_id: bool, prefix: str) -> list[Step]:
    """Every step from here to the end, as far as it can be known beforehand."""
    steps: list[Step] = []
    while (step := next_step(snapshot, with_id, prefix)) and len(steps) < MAX_STEPS:
        steps.append(step)
        snapshot = advance(snapshot, step)
    return steps
