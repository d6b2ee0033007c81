# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at all partitions before the runs, and tells which of them can be left out; there is no module's half."""

from __future__ import annotations

from typing import Any

from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import InWorkerAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._look import Found
from ansible_collections.arda.image_upload.plugins.plugin_utils._plan_report import document, refusal
from ansible_collections.arda.image_upload.plugins.plugin_utils._report import show_report
from ansible_collections.arda.image_upload.plugins.plugin_utils._survey import OUTPUTS, survey, unusual
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import display, show, verbosity


class ActionModule(InWorkerAction):
    """Sets the fact ``rollout_look``: the outputs of partitions with nothing to do, by the names of their hosts."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        names = {"type": "list", "elements": "str", "required": True}
        spec = {"hosts": names, "foundations": names, "directory": {"type": "path", "required": True}}
        _result, options = self.validate_argument_spec({**spec, "plan": {"type": "path"}})
        file, hostvars = options.pop("plan"), (task_vars or {})["hostvars"]
        if reason := unusual() or ("" if self._may_run_in_worker(task_vars or {}, False) else "ordinary execution"):
            return self._without_a_look(f"No look is taken with {reason}", file)
        try:
            found = survey(**options, hostvars=hostvars, loader=self._loader, plan=bool(file))
        except Exception as error:  # whatever it is, the runs do without a look
            display.vvv(f"The look ended early: {type(error).__name__}: {error}. The runs do all of it.")
            return self._without_a_look("The look ended early; the runs do all of it", file)
        if file and (problem := refusal(file, document("plan", options["hosts"], found, hostvars))):
            return {"changed": False, "failed": True, "msg": problem}
        for host in options["hosts"]:
            self._tell(host, found[host])
        unchanged = {host: one.facts.get(OUTPUTS, {}) for host, one in found.items() if not one.reasons}
        return {"changed": False, "ansible_facts": {"rollout_look": unchanged}}

    def _without_a_look(self, reason: str, plan: str | None) -> dict[str, Any]:
        if plan:
            problem = f"The run cannot be compared with the plan {plan}: {reason}. Nothing was written."
            return {"changed": False, "failed": True, "msg": problem}
        return {"changed": False, "skipped": True, "msg": reason}

    def _tell(self, host: str, found: Found) -> None:
        """Show and write the reports of a host that the runs leave out."""
        if found.reasons:
            if verbosity():
                show(f"Look: {host} goes through the runs, for {found.reasons[0]}")
            return
        for message in found.messages:
            show(message)
        for report in found.reports:
            show_report("Gate", host, report.options, dict(report.result), self._task.check_mode)
