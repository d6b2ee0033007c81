# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at all selected partitions and their foundations, in as many processes as can run."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.loader import lookup_loader
from ansible_collections.arda.image_upload.plugins.module_utils._shared_reads import shared_reads

from ._forks import in_forks, processors, shares
from ._look import Found, Look
from ._prefetch import Prefetch, Read, guesses, keep

#: The plays of the choreography, beside that of the look.
PLAYS = ("preflight", "dns_foundation", "image_partition")
#: The fact with what a partition offers to others.
OUTPUTS = "image_partition_outputs"
#: After how many new objects a look searches for garbage: nearly all that it makes stays in use until its end.
GARBAGE = 100_000


def survey(
    hosts: Sequence[str],
    foundations: Sequence[str],
    directory: str,
    hostvars: Any,
    loader: Any,
    plan: bool = False,
) -> dict[str, Found]:
    """What is found of each host, by its name. The partitions of an infrastructure are looked at by one process.

    Parameters:
        hosts: The names of the hosts, in the order of the roll-out.
        foundations: The names of those among them that stand for an infrastructure.
        directory: The directory of the plays.
        plan: Whether to keep what would happen to each resource. Where a foundation has something to do, this process
            then looks again at all hosts: what it would publish is not known to the processes of its partitions.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE)
    preflight, foundation, partition = (str(Path(directory) / f"{name}.yml") for name in PLAYS)
    groups: dict[str, list[str]] = {}
    for host in hosts:
        groups.setdefault(str(hostvars[host].get("infrastructure")), []).append(host)
    with shared_reads() as shared:
        prefetch = Prefetch(shared, guesses())
        tags = (context.CLIARGS["tags"], context.CLIARGS["skip_tags"])
        look = Look(hostvars, loader, *tags, prefetch, plan)

        def follow(some: Sequence[str]) -> tuple[dict[str, Found], dict[str, list[Read]]]:
            prefetch.hosts, prefetch.asked = list(some), {}
            for host in some:  # first, so that the reads of all their accounts are under way
                look.follow(preflight, host, hosts)
            for host in [name for name in foundations if name in some]:
                look.follow(foundation, host, foundations)
            for host in some:
                look.follow(partition, host, hosts)
            prefetch.settle()
            return {host: without_secrets(look.found[host]) for host in some}, prefetch.asked

        for path in (preflight, foundation, partition):
            look.load(path)
        # The first host stands for the root's foundation too.
        parts = in_forks(follow, shares(groups, processors(), double=hosts[0]), shared.disconnect)
        found = {host: one for part, _reads in parts for host, one in part.items()}
        changing = any(foundation in one.playbooks for one in found.values())
        if plan and changing and len(hosts) > 1:
            look.found.clear()
            found, _reads = follow(hosts)
    keep({host: reads for _found, asked in parts for host, reads in asked.items()})
    for one in found.values() if changing else ():
        one.reasons.append("the foundation that it rests on")
    return found


def selected(loader: Any, templar: Any, variables: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The selected hosts in the order of the roll-out, and those among them that stand for an infrastructure."""
    lookup = lookup_loader.get("arda.image_upload.rollout", loader=loader, templar=templar)
    hosts, foundations = (lookup.run([term], variables=variables) for term in ("hosts", "foundations"))
    return hosts, foundations


def unusual() -> str:
    """The option of the command line with which no look is taken; the empty string without one."""
    arguments = context.CLIARGS
    if list(arguments["tags"]) != ["all"]:
        return "--tags"
    if set(arguments["skip_tags"]) - {"verify"}:
        return "--skip-tags"
    return next((f"--{name.replace('_', '-')}" for name in ("start_at_task", "step") if arguments.get(name)), "")


def without_secrets(found: Found) -> Found:
    """What was found, of the facts only the outputs: the others hold the credentials of sessions."""
    kept = {name: value for name, value in found.facts.items() if name == OUTPUTS}
    return replace(found, facts=kept)
