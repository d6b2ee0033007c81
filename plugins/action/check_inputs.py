# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the variables of a role as they are in the inventory; there is no module's half."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleError, AnsibleValueOmittedError
from ansible.plugins.action import ActionBase
from ansible_collections.arda.image_upload.plugins.module_utils._inputs_of_roles import faults, mistyped
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import is_json, verbosity

try:
    from botocore.loaders import Loader
except ImportError:
    Loader = None  # account_guard reports the missing library

#: What the roles register, set or offer to others, beside their options.
RETURNED = {
    "dns_foundation": (),
    "image_partition": ("image_partition_outputs", "image_partition_all_export_names"),
    "image_verification": (),
}
#: The value of a variable that is omitted.
OMITTED = object()
#: What two partitions cannot share.
UNSHARED = "image_partition_bucket_client_role_arn"


class ActionModule(ActionBase):
    """Fails with every fault of a host's variables, before any write."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        roles = sorted(RETURNED)
        _result, given = self.validate_argument_spec({"role": {"type": "str", "required": True, "choices": roles}})
        role = given["role"]
        specified = self._options(role)
        options = [*specified, *RETURNED[role]]
        values = {name: self._value(name, variables) for name in self._named(role, variables)}
        values = {name: value for name, value in values.items() if value is not OMITTED}
        found = faults(role, values, self._regions(), options) + mistyped(role, specified, values)
        if role == "image_partition":
            found += self._shared(variables)
        if not found:
            return {"changed": False, "faults": []}
        lines = "\n".join(f"  {fault}" for fault in found)
        return {
            "failed": True,
            **({"faults": found} if is_json() or verbosity() else {}),
            "msg": f"{len(found)} of the inputs of {variables['inventory_hostname']} cannot be used:\n{lines}\n"
            "Nothing was written. Correct them in the inventory or in the extra variables (-e), then run again.",
        }

    def _options(self, role: str) -> dict[str, Any]:
        """The options in the argument specification of the role that the task belongs to."""
        path = f"{self._task._role._role_path}/meta/argument_specs.yml"
        with open(path) as file:
            specs = yaml.safe_load(file)["argument_specs"]
        found = {name: option for spec in specs.values() for name, option in spec["options"].items()}
        return {name: found[name] for name in sorted(found) if name.startswith(f"{role}_")}

    @staticmethod
    def _named(role: str, variables: Mapping[str, Any]) -> Iterable[str]:
        return (name for name in variables if name.startswith(f"{role}_"))

    def _value(self, name: str, variables: Mapping[str, Any]) -> Any:
        try:
            return self._templar.template(variables[name])
        except AnsibleValueOmittedError:
            return OMITTED
        except AnsibleError as error:
            return f"an expression that fails ({error})"

    @staticmethod
    def _regions() -> list[str]:
        """The regions of the AWS partition aws, from botocore's data: a session would read the profile of the shell."""
        partitions = Loader(include_default_search_paths=True).load_data("partitions")["partitions"] if Loader else []
        found = [region for partition in partitions if partition["id"] == "aws" for region in partition["regions"]]
        return [region for region in found if region != "aws-global"]

    def _shared(self, variables: Mapping[str, Any]) -> list[str]:
        """What the partition would share with another one of the inventory."""
        owners: dict[str, Any] = {}
        for host in variables.get("groups", {}).get("partitions", []):
            try:
                owners[host] = self._templar.template(variables["hostvars"][host].get(UNSHARED))
            except AnsibleError:
                continue  # that host's own check says what is wrong with it
        own = owners.get(variables["inventory_hostname"])
        others = [host for host, value in owners.items() if value == own and host != variables["inventory_hostname"]]
        if not own or not others:
            return []
        return [f"{UNSHARED}: expected a role of this partition only, found {own}, also that of {', '.join(others)}"]
