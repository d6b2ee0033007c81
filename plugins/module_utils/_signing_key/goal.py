# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module's options want of a signing key, and why it may be refused before anything is made."""

from __future__ import annotations

from typing import Any

from .quotas import QUOTAS, quota_limits
from .state import Snapshot
from .steps import Goal, plan


def goal_of(options: dict[str, Any], snapshot: Snapshot) -> Goal:
    """What the options want of the key that is there; a rotation that is under way is the one that is asked for."""
    current, pending = snapshot.current, snapshot.pending
    abandoned = pending.fingerprint if pending and snapshot.rotating and options["unfinished"] == "abandon" else ""
    replaced = ""
    if current and (abandoned or not snapshot.rotating):
        key = snapshot.registered(current)
        period = options["rotation_period"]
        due = options["state"] == "present" and period and key and snapshot.now - key.created >= period
        replaced = current.fingerprint if options["state"] == "rotated" or due else ""
    return Goal(
        state=options["state"],
        with_id=options["secret_format"] == "json",
        replace=replaced,
        retire_after=options["retire_after"],
        prove=options["proof"] is not None,
        abandon=abandoned,
        limits=quota_limits(options["limits"]),
    )


def problem_of(options: dict[str, Any]) -> str:
    """What is wrong with the options, beyond their types."""
    if options["recovery_window"] and not 7 <= options["recovery_window"] <= 30:
        return f"recovery_window must be 0 or from 7 to 30 days, not {options['recovery_window']}"
    if (options["retire_after"] or 0) < 0:
        return f"retire_after must be 0 seconds or more, not {options['retire_after']}"
    if options["rotation_period"] is not None and options["rotation_period"] <= 0:
        return f"rotation_period must be more than 0 seconds, not {options['rotation_period']}"
    if options["proof"] and not options["proof"]["url"].startswith("https://"):
        return f"proof.url must begin with https://, not {options['proof']['url']}"
    return ""


def refusal(snapshot: Snapshot, goal: Goal) -> str:
    """Why the goal cannot be reached from here, before anything is made; the empty string where it can."""
    if goal.state == "absent":
        users = ", ".join(str(user) for user in snapshot.users)
        return f"The key group is trusted by {users}. Delete or change that first." if users else ""
    if problem := _mismatch(snapshot, goal):
        return problem
    start = _sizes(snapshot)
    for _step, after in plan(snapshot, goal):
        for what, size in _sizes(after).items():
            limit = goal.limits[what]
            if start[what] < size > limit:
                return (
                    f"CloudFront's limit of {limit} {QUOTAS[what].counted} would be passed. Delete what is not used, "
                    "let a replaced key retire, or raise the quota at AWS and name it in the option limits."
                )
    return ""


def _sizes(snapshot: Snapshot) -> dict[str, int]:
    """How much of each limit is used."""
    return {
        "public_keys": len(snapshot.public_keys),
        "key_groups": snapshot.group_count,
        "keys_in_group": len(snapshot.group.key_ids) if snapshot.group else 0,
    }


def _mismatch(snapshot: Snapshot, goal: Goal) -> str:
    """The private key in AWSCURRENT is of another pair than the public key that stands for it."""
    current = snapshot.current
    finishing = snapshot.pending and snapshot.rotating and not goal.abandon
    if current is None or current.fingerprint == goal.replace or finishing:
        return ""  # nothing is there yet, or it is being replaced
    way_on = "Store the private key that belongs to it, or set state=rotated, which replaces both by a new pair."
    named = next((key for key in snapshot.public_keys if key.key_id == current.key_pair_id), None)
    if named and named.fingerprint != current.fingerprint:
        return (
            f"The private key in the secret has the fingerprint {current.fingerprint}, but public key {named.key_id}, "
            f"which the secret names, has {named.fingerprint}. {way_on}"
        )
    if snapshot.registered(current) is None and snapshot.group and snapshot.group.key_ids:
        trusted = [f"{k.key_id} ({k.fingerprint})" for k in snapshot.public_keys if k.key_id in snapshot.group.key_ids]
        return (
            f"The private key in the secret has the fingerprint {current.fingerprint}, but the key group trusts "
            f"{', '.join(trusted)}. {way_on}"
        )
    return ""
