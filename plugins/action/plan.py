# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what a run would change, or what has drifted; there is no module's half."""

from __future__ import annotations

import json
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.arda.image_upload.plugins.plugin_utils._artifacts import write_files
from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import InWorkerAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._plan import sentence
from ansible_collections.arda.image_upload.plugins.plugin_utils._plan_report import document, table
from ansible_collections.arda.image_upload.plugins.plugin_utils._survey import selected, survey, unusual
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import show, verbosity

SPEC = {
    "kind": {"type": "str", "choices": ["plan", "drift"], "default": "plan"},
    "directory": {"type": "path", "required": True},
    "artifacts_directory": {"type": "path", "required": True},
}
#: The fact with which a later play ends the run.
ERROR = "plan_error"


class ActionModule(InWorkerAction):
    """Fails where there is something to do: ansible-playbook then ends with exit code 2."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(SPEC)
        kind = options["kind"]
        try:
            plan = self._plan(kind, options["directory"], task_vars or {})
        except Exception as error:  # whatever it is, there is no plan
            return self._error(f"The {kind} could not be made: {error}")
        show(table(plan, verbosity() > 0))
        found = f"{kind.capitalize()}: {sentence(plan['count'])}."
        if not self._task.check_mode:
            file = {f"{kind}.json": json.dumps(plan, indent=2, default=str)}
            folder = write_files(options["artifacts_directory"], file)
            found = f"{found} As JSON: {folder / kind}.json."
        if plan["errors"]:
            return self._error(f"{found} It is not complete: see above")
        if plan["result"] == "differs":
            what = "there is something to do" if kind == "plan" else "something differs from its declaration"
            return {"changed": False, "failed": True, "msg": f"{found} Exit code 2: {what}"}
        show(found)
        return {"changed": False}

    def _plan(self, kind: str, directory: str, task_vars: dict[str, Any]) -> dict[str, Any]:
        if reason := unusual() or ("" if self._may_run_in_worker(task_vars, False) else "ordinary execution"):
            raise AnsibleError(f"A {kind} cannot be made with {reason}. Nothing was written. Leave that out.")
        hostvars = task_vars["hostvars"]
        hosts, foundations = selected(self._loader, self._templar, task_vars)
        if not set(hosts) <= set(hostvars):
            raise AnsibleError("The inventory has no host in the group partitions. Nothing was written. Name one (-i).")
        found = survey(hosts, foundations, directory, hostvars, self._loader, plan=True)
        return document(kind, hosts, found, hostvars)

    def _error(self, message: str) -> dict[str, Any]:
        """Not a failed task, for which ansible-playbook would end with the exit code of a change."""
        return {"changed": False, "msg": message, "ansible_facts": {ERROR: message}}
