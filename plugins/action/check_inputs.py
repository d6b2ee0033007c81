# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the variables of a role as they are in the inventory; there is no module's half."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.arda.image_upload.plugins.plugin_utils._role_inputs import (
    RETURNED,
    input_faults,
    message,
    shared_faults,
)
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import is_json, verbosity


class ActionModule(ActionBase):
    """Fails with every fault of a host's variables, before any write."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        role = {"type": "str", "required": True, "choices": sorted(RETURNED)}
        _result, given = self.validate_argument_spec({"role": role, "compare": {"type": "bool", "default": False}})
        if given["compare"]:
            whose = "the selected partitions"
            found = shared_faults(variables, variables["ansible_play_hosts_all"], self._templar.template)
        else:
            whose = variables["inventory_hostname"]
            found = input_faults(given["role"], self._task._role._role_path, variables, self._templar.template)
        if not found:
            return {"changed": False, "faults": []}
        shown = {"faults": found} if is_json() or verbosity() else {}
        return {"failed": True, **shown, "msg": message(found, whose)}
