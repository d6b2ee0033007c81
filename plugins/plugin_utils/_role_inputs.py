# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of a role among the variables of a host, and what is wrong with them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleError, AnsibleValueOmittedError
from ansible.module_utils.common.yaml import yaml_load
from ansible.vars.hostvars import HostVars
from ansible_collections.arda.image_upload.plugins.module_utils._inputs_of_roles import (
    EXPORTS,
    FOUNDATION,
    faults,
    mistyped,
)

try:
    from botocore.loaders import Loader
except ImportError:
    Loader = None  # account_guard reports the missing library

#: What the roles register, set or offer to others, beside their options.
RETURNED = {
    "dns_foundation": ("dns_foundation_artifacts", "dns_foundation_diagnosis", "dns_foundation_outputs"),
    "image_partition": (
        "image_partition_all_export_names",
        "image_partition_artifacts",
        "image_partition_declared",
        "image_partition_diagnosis",
        "image_partition_outputs",
    ),
    "image_verification": (),
}
#: What two partitions cannot share: a role, each of the names, and the name of an export.
UNSHARED, NAMES = "image_partition_bucket_client_role_arn", "image_partition_names"
EXPORTED, FOUNDATION_EXPORTED = "image_partition_export_names", "image_partition_foundation_exports"
#: The value of a variable that is omitted.
OMITTED = object()

Template = Callable[[Any], Any]


def input_faults(
    role: str,
    role_path: str,
    variables: Mapping[str, Any],
    template: Template,
    value_of: Template | None = None,
) -> list[str]:
    """What is wrong with the variables of a host that begin with the name of the role, a sentence each.

    ``value_of`` has the value of a variable by its name, for whoever keeps those.
    """
    specified = _options(role, role_path)
    options = [*specified, *RETURNED[role]]
    named = [name for name in variables if name.startswith(f"{role}_")]
    values = {name: _value(name, value_of or (lambda name: template(variables[name]))) for name in named}
    values = {name: value for name, value in values.items() if value is not OMITTED}
    return faults(role, values, _regions(), options) + mistyped(role, specified, values)


def shared_faults(
    variables: Mapping[str, Any], hosts: Collection[str], template: Template, owners: Owners | None = None
) -> list[str]:
    """What these hosts would share with another partition of the inventory, a sentence each.

    What ``-e`` sets is for the hosts of the play: the others have what the inventory says.
    ``owners`` keeps what each host has for itself, for whoever asks host by host.
    """
    owners = owners or Owners()
    hostvars, play_hosts = variables["hostvars"], {*hosts, *variables.get("ansible_play_hosts_all", [])}
    inventory = _without_extra(hostvars)
    for name in {*hosts, *variables.get("groups", {}).get("partitions", [])}:
        owners.add(name, hostvars if name in play_hosts else inventory, template)
    return [f"{host}: {fault}" for host in hosts for fault in owners.faults(host)]


def _without_extra(hostvars: Mapping[str, Any]) -> Mapping[str, Any]:
    """The variables of hosts without those of ``-e``."""
    if not isinstance(hostvars, HostVars):
        return hostvars
    manager = copy.copy(hostvars._variable_manager)
    manager._extra_vars = {}
    return HostVars(hostvars._inventory, manager, hostvars._loader)


def message(found: list[str], whose: str) -> str:
    """The faults for people."""
    lines = "\n".join(f"  {fault}" for fault in found)
    return (
        f"{len(found)} of the inputs of {whose} cannot be used:\n{lines}\n"
        "Nothing was written. Correct them in the inventory or in the extra variables (-e), then run again."
    )


@functools.cache
def _options(role: str, role_path: str) -> dict[str, Any]:
    """The options in the argument specification of a role."""
    with open(f"{role_path}/meta/argument_specs.yml") as file:
        specs = yaml_load(file)["argument_specs"]
    found = {name: option for spec in specs.values() for name, option in spec["options"].items()}
    return {name: found[name] for name in sorted(found) if name.startswith(f"{role}_")}


def _value(name: str, value_of: Template) -> Any:
    try:
        return value_of(name)
    except AnsibleValueOmittedError:
        return OMITTED
    except AnsibleError as error:
        return f"an expression that fails ({error})"


@functools.cache
def _regions() -> list[str]:
    """The regions of the AWS partition aws, from botocore's data: a session would read the profile of the shell."""
    partitions = Loader(include_default_search_paths=True).load_data("partitions")["partitions"] if Loader else []
    found = [region for partition in partitions if partition["id"] == "aws" for region in partition["regions"]]
    return [region for region in found if region != "aws-global"]


class Owners:
    """Which partition has what for itself alone."""

    def __init__(self) -> None:
        #: What each host has, and as which option.
        self._of_host: dict[str, dict[str, Owned]] = {}
        self._hosts: dict[Owned, list[tuple[str, str]]] = {}

    def add(self, host: str, hostvars: Mapping[str, Any], template: Template) -> None:
        """Note what a host has, once."""
        if host not in self._of_host:
            self._of_host[host] = _owned(hostvars[host], template)
            for option, owned in self._of_host[host].items():
                self._hosts.setdefault(owned, []).append((host, option))

    def faults(self, host: str) -> list[str]:
        """What others have too."""
        found = []
        for option, owned in self._of_host[host].items():
            others = [one for one in self._hosts[owned] if one != (host, option) and not _may_share(option, one[1])]
            names = sorted({other if other != host else its for other, its in others})
            if names:
                expected = "expected one of this partition only"
                found.append(f"{option}: {expected}, found {owned.value}, also that of {', '.join(names)}")
        return found


@dataclass(frozen=True)
class Owned:
    """Something that one partition has for itself: a value, and where it is the only one."""

    value: str
    scope: str


def _may_share(option: str, other: str) -> bool:
    """Whether two hosts may have the same: the partitions of an infrastructure read the same exports."""
    return option == other and option.startswith(FOUNDATION_EXPORTED)


def _owned(values: Mapping[str, Any], template: Template) -> dict[str, Owned]:
    """What belongs to a partition alone, by its option; nothing where that host's own check finds a fault in it."""

    def given(name: str, default: Any = "") -> Any:
        return template(values.get(name, default))

    try:
        account = given("image_partition_account_id")
        found = {UNSHARED: Owned(given(UNSHARED), "roles")}
        for key, name in dict(given(NAMES, {})).items():
            found[f"{NAMES}.{key} in account {account}"] = Owned(name, f"{key} in {account}")
        infrastructure, partition = given("image_partition_infrastructure"), given("image_partition_partition")
        for names, prefix, option in (
            (EXPORTS, f"{infrastructure}-{partition}", EXPORTED),
            (FOUNDATION, infrastructure, FOUNDATION_EXPORTED),
        ):
            named = infrastructure and partition  # others are no partition, or their own check finds the fault
            defaults = {key: f"{prefix}-{suffix}" for key, suffix in names.items()} if named else {}
            all_names = defaults | dict(given(option, {}))
            for key, name in all_names.items():
                scope = f"exports of {account} in {given('image_partition_region')}"
                found[f"{option}.{key}"] = Owned(name, scope)
        return {option: owned for option, owned in found.items() if owned.value and isinstance(owned.value, str)}
    except (AnsibleError, TypeError, ValueError):
        return {}
