# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people are told of a signing key: every public key with its stage, and what happens next and when."""

from __future__ import annotations

from typing import Any

from .._reconcile import KNOWN_AFTER_APPLY
from .comments import timestamp
from .state import PublicKey, Snapshot
from .steps import Goal, plan, retires


def stage(snapshot: Snapshot, key: PublicKey) -> str:
    """current, pending, replaced, unused (of this secret, neither held nor trusted) or foreign (of none of ours)."""
    for name, version in (("current", snapshot.current), ("pending", snapshot.pending)):
        if version and version.fingerprint == key.fingerprint:
            return name
    if not key.owned:
        return "foreign"
    return "replaced" if snapshot.trusts(key) else "unused"


def keys(snapshot: Snapshot, goal: Goal) -> list[dict[str, Any]]:
    """Every public key of the secret or the group, oldest first."""
    found = []
    for key in sorted(snapshot.public_keys, key=lambda key: key.created):
        role = stage(snapshot, key)
        if role == "foreign" and not snapshot.trusts(key):
            continue
        due = retires(key, goal)
        found.append(
            {
                "key_pair_id": key.key_id,
                "fingerprint": key.fingerprint,
                "stage": role,
                "trusted": snapshot.trusts(key),
                "created": timestamp(key.created),
                "age": int(snapshot.now - key.created),
                "replaced": timestamp(key.replaced) if key.replaced is not None else "",
                "retires": timestamp(due) if due is not None else "",
            }
        )
    return found


def facts(snapshot: Snapshot, secret_arn: str) -> dict[str, Any]:
    """The signing key as modules return it; what AWS is yet to assign is KNOWN_AFTER_APPLY."""
    key, group = snapshot.registered(snapshot.current), snapshot.group
    # What a deleted secret holds can be read only once it is restored.
    unread = KNOWN_AFTER_APPLY if snapshot.secret == "restored" else ""
    return {
        "key_pair_id": key.key_id if key else unread,
        "fingerprint": key.fingerprint if key else unread,
        "key_group_id": group.group_id if group else unread,
        "key_group_key_ids": list(group.key_ids) if group else [unread] if unread else [],
        "secret_arn": secret_arn or (KNOWN_AFTER_APPLY if snapshot.secret in ("present", "restored") else ""),
    }


def upcoming(snapshot: Snapshot, goal: Goal, rotation_period: float | None) -> list[dict[str, str]]:
    """What the next runs do: the steps of a run now, then what waits for its time."""
    steps = plan(snapshot, goal)
    found = [{"what": step.summary, "when": "now"} for step, _after in steps]
    after = steps[-1][1] if steps else snapshot
    later = []
    for key in after.public_keys:
        if stage(after, key) == "replaced":
            due = retires(key, goal)
            what = f"stop trusting public key {key.key_id}, and delete it"
            later.append((due, what))
    current = after.registered(after.current)
    if current and rotation_period:
        later.append((current.created + rotation_period, f"replace public key {current.key_id} by a new one"))
    for due, what in sorted(later, key=lambda item: item[0] or float("inf")):
        when = timestamp(due) if due is not None else "when a run names retire_after"
        found.append({"what": what, "when": when})
    return found
