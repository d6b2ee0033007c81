# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of a role among the variables of a host, and what is wrong with them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleError, AnsibleValueOmittedError
from ansible_collections.arda.image_upload.plugins.module_utils._inputs_of_roles import faults, mistyped

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
#: What two partitions cannot share: a role, and each of the names.
UNSHARED, NAMES = "image_partition_bucket_client_role_arn", "image_partition_names"
#: The value of a variable that is omitted.
OMITTED = object()

Template = Callable[[Any], Any]


def input_faults(
    role: str,
    role_path: str,
    variables: Mapping[str, Any],
    template: Template,
    owned: dict[str, dict[str, Any]] | None = None,
) -> list[str]:
    """What is wrong with the variables of a host that begin with the name of the role, a sentence each.

    ``owned`` keeps what each host of the inventory has for itself, for whoever checks many hosts.
    """
    specified = _options(role, role_path)
    options = [*specified, *RETURNED[role]]
    named = [name for name in variables if name.startswith(f"{role}_")]
    values = {name: _value(variables[name], template) for name in named}
    values = {name: value for name, value in values.items() if value is not OMITTED}
    found = faults(role, values, _regions(), options) + mistyped(role, specified, values)
    return found + (_shared(variables, template, {} if owned is None else owned) if role == "image_partition" else [])


def message(found: list[str], host: str) -> str:
    """The faults for people."""
    lines = "\n".join(f"  {fault}" for fault in found)
    return (
        f"{len(found)} of the inputs of {host} cannot be used:\n{lines}\n"
        "Nothing was written. Correct them in the inventory or in the extra variables (-e), then run again."
    )


@functools.cache
def _options(role: str, role_path: str) -> dict[str, Any]:
    """The options in the argument specification of a role."""
    with open(f"{role_path}/meta/argument_specs.yml") as file:
        specs = yaml.safe_load(file)["argument_specs"]
    found = {name: option for spec in specs.values() for name, option in spec["options"].items()}
    return {name: found[name] for name in sorted(found) if name.startswith(f"{role}_")}


def _value(value: Any, template: Template) -> Any:
    try:
        return template(value)
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


def _shared(variables: Mapping[str, Any], template: Template, owned: dict[str, dict[str, Any]]) -> list[str]:
    """What the partition would share with another one of the inventory."""
    host, hostvars = variables["inventory_hostname"], variables["hostvars"]
    for name in {host, *variables.get("groups", {}).get("partitions", [])} - set(owned):
        owned[name] = _owned(hostvars[name], template)
    faults = []
    for name, value in owned[host].items():
        others = [other for other, values in owned.items() if other != host and value and values.get(name) == value]
        if others:
            faults.append(
                f"{name}: expected one of this partition only, found {value}, also that of {', '.join(sorted(others))}"
            )
    return faults


def _owned(values: Mapping[str, Any], template: Template) -> dict[str, Any]:
    """What belongs to a partition alone, by its name; nothing where that host's own check finds a fault in it."""
    try:
        found = {UNSHARED: template(values.get(UNSHARED))}
        if names := template(values.get(NAMES, {})):
            account = template(values.get("image_partition_account_id"))
            found.update({f"{NAMES}.{key} in account {account}": name for key, name in dict(names).items()})
        return found
    except (AnsibleError, TypeError, ValueError):
        return {}
