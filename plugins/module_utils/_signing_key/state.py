# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a signing key: what AWS holds, as values without behavior of AWS's.

The reader makes a snapshot of AWS; ``steps`` decides on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """A version of the secret that holds a key; ``fingerprint`` is its public half's."""

    version_id: str
    fingerprint: str
    key_pair_id: str | None


@dataclass(frozen=True)
class PublicKey:
    """A public key in CloudFront. Times are seconds since 1970.

    ``owned`` says that its comment names this secret; ``replaced`` is the time, also in its comment, since when another
    key is the current one.
    """

    key_id: str
    fingerprint: str
    owned: bool = True
    created: float = 0.0
    replaced: float | None = None


@dataclass(frozen=True)
class Group:
    """The key group; ``modified`` is its last change, in seconds since 1970."""

    group_id: str
    key_ids: tuple[str, ...]
    modified: float = 0.0


@dataclass(frozen=True)
class Distribution:
    """A distribution that trusts the group; ``names`` are its aliases, or its domain name."""

    distribution_id: str
    names: tuple[str, ...]
    status: str

    def __str__(self) -> str:
        return f"distribution {self.distribution_id} ({', '.join(self.names)})"


@dataclass(frozen=True)
class Snapshot:
    """What AWS holds: ``secret`` is absent, deleted or present; ``current`` and ``pending`` are keys by their stage.

    ``current_version`` is the version in AWSCURRENT, also where it holds no key yet. ``promoted`` says whether the
    label AWSPENDING is still on that version, from a promotion that is not finished. ``proven`` are the fingerprints
    that this run has seen accepted; ``deployed`` are the ids of the public keys whose joining or leaving the group this
    run has seen deployed; ``group_count`` counts all key groups of the account; ``users`` are the distributions that
    trust the group; ``now`` is AWS's time.
    """

    secret: str = "absent"
    current_version: str = ""
    current: Version | None = None
    pending: Version | None = None
    public_keys: tuple[PublicKey, ...] = ()
    group: Group | None = None
    promoted: bool = False
    proven: frozenset[str] = frozenset()
    deployed: frozenset[str] = frozenset()
    group_count: int = 0
    users: tuple[Distribution, ...] = ()
    now: float = 0.0

    def registered(self, version: Version | None) -> PublicKey | None:
        """The public key in CloudFront that belongs to a version's private key."""
        return next((key for key in self.public_keys if version and key.fingerprint == version.fingerprint), None)

    def trusts(self, key: PublicKey | None) -> bool:
        return bool(key and self.group and key.key_id in self.group.key_ids)

    @property
    def rotating(self) -> bool:
        """Whether a rotation is under way: a new key waits, or the last promotion is not finished."""
        if self.current is None:
            return False
        if self.pending:
            return self.pending.fingerprint != self.current.fingerprint
        return self.promoted and any(spare(self))


def spare(snapshot: Snapshot) -> Iterator[PublicKey]:
    """The public keys of this secret that neither AWSCURRENT nor AWSPENDING holds."""
    held = {version.fingerprint for version in (snapshot.current, snapshot.pending) if version}
    return (key for key in snapshot.public_keys if key.owned and key.fingerprint not in held)
