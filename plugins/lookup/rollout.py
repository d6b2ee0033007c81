# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout
author: Arda Cards (@arda-cards)
version_added: 1.0.0
short_description: Return the selected partitions in the order of their rings
description:
  - For C(hosts) and C(serial) of a play, which name the hosts and how many of them go at once.
  - The order is that of the variable C(rollout_ring) of the hosts, whatever the order of the inventory. AWX, for
    example, sorts the hosts by name. Hosts of one ring keep the inventory's order.
  - Fails if the limit (C(-l)) selects no partition, if a partition has no ring, or if the mode is unknown. Ansible
    itself passes over a play without hosts, and ends with success.
  - Leaves out the hosts for which M(arda.image_upload.look) has found nothing to do in this run, unless the variable
    C(rollout_unchanged) is true. Returns V(!all), which matches no host, if none is left.
  - Returns the group itself where the inventory has no host in it, so that the syntax of a playbook can be checked
    without an inventory.
options:
  _terms:
    description:
      - What to return.
      - V(hosts), the names of the hosts.
      - V(batches), how many of them go at once.
      - V(foundations), the first host of each infrastructure, by the variable C(infrastructure).
    required: true
    choices: [hosts, batches, foundations]
    type: str
  group:
    description: The group of the inventory that holds the partitions.
    default: partitions
    type: str
notes:
  - Ansible knows the variables of other hosts from the second play of a run on. In the first play the order is that of
    the inventory.
  - "The variable C(rollout) chooses the batches: V(serial), one partition after another, V(ring), the partitions of a
    ring at once, or V(parallel), all at once. Without it, V(serial)."
seealso:
  - name: Controlling playbook execution
    description: Batches of a play.
    link: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_strategies.html#setting-the-batch-size-with-serial
"""

EXAMPLES = r"""
- name: Deploy ring after ring
  hosts: "{{ query('arda.image_upload.rollout', 'hosts') }}"
  serial: "{{ query('arda.image_upload.rollout', 'batches') }}"
  roles:
    - arda.image_upload.image_partition
"""

RETURN = r"""
_list:
  description: The names of hosts in the order of the roll-out, or the sizes of the batches.
  type: list
  elements: raw
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.loader import lookup_loader
from ansible.plugins.lookup import LookupBase

MODES = ("serial", "ring", "parallel")


def in_order(rings: Mapping[str, Any]) -> list[str]:
    """The names of hosts by their rings, in the order of the inventory within a ring.

    Raises AnsibleLookupError naming the hosts whose ring is no whole number.
    """
    wrong = [name for name, ring in rings.items() if not isinstance(ring, int) or isinstance(ring, bool)]
    if wrong:
        found = ", ".join(f"{name}: {rings[name]!r}" for name in wrong)
        raise AnsibleLookupError(
            f"Expected a whole number as rollout_ring of each partition, found {found}. Nothing was written. Set it "
            "in the inventory: partitions with a lower number are deployed first."
        )
    return sorted(rings, key=lambda name: rings[name])


def batches(rings: Sequence[int], mode: Any) -> list[int]:
    """How many hosts go at once, for the rings of the hosts in order.

    Raises AnsibleLookupError for an unknown mode.
    """
    if mode not in MODES:
        raise AnsibleLookupError(f"Expected rollout to be {' or '.join(MODES)}, found {mode!r}. Nothing was written.")
    if mode == "ring":
        return list(Counter(rings).values())
    return [1] if mode == "serial" else [max(len(rings), 1)]


def first_of_each(infrastructures: Mapping[str, Any]) -> list[str]:
    """The first host of each infrastructure, in the order of the hosts."""
    first: dict[Any, str] = {}
    for name, infrastructure in infrastructures.items():
        first.setdefault(infrastructure, name)
    return list(first.values())


class LookupModule(LookupBase):
    """Reads groups, limit and host variables of the run."""

    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **options: Any) -> list[Any]:
        self.set_options(var_options=variables, direct=options)
        variables = variables or {}
        group = str(self.get_option("group"))
        if not variables["groups"].get(group):  # such as where a playbook's syntax is checked without an inventory
            return [1] if terms == ["batches"] else [group]
        names = self._selected(variables, group)
        hostvars = variables.get("hostvars")
        rings = {name: hostvars[name].get("rollout_ring") if hostvars else 0 for name in names}
        ordered = self._with_something_to_do(in_order(rings), hostvars, variables)
        # For every term, so that an unknown mode is refused by the first play that asks, before a write.
        sizes = batches([rings[name] for name in ordered], variables.get("rollout", "serial"))
        if not ordered:
            return [1] if terms == ["batches"] else ["!all"]
        if terms == ["hosts"]:
            return ordered
        if terms == ["foundations"]:
            return first_of_each({name: hostvars[name].get("infrastructure") if hostvars else name for name in ordered})
        return sizes

    @staticmethod
    def _with_something_to_do(names: list[str], hostvars: Any, variables: Mapping[str, Any]) -> list[str]:
        """The hosts for which a look of this run has found something to do; all of them without a look."""
        if not hostvars or boolean(variables.get("rollout_unchanged", False), strict=False):
            return names
        look: dict[str, Any] = next((found for name in names if (found := hostvars[name].get("rollout_look"))), {})
        return [name for name in names if name not in look]

    def _selected(self, variables: Mapping[str, Any], group: str) -> list[str]:
        members = list(variables["groups"][group])
        limit = variables.get("ansible_limit") or "all"
        if "@" in limit:  # a file of names, which Ansible reads
            return members
        hostnames = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        chosen = hostnames.run([limit.replace(",", ":")], variables=variables)
        names = [name for name in members if name in set(chosen)]
        if not names:
            raise AnsibleLookupError(
                f"The limit {limit!r} selects no host of the group {group}. Nothing was done. Its hosts are "
                f"{', '.join(members)}."
            )
        return names
