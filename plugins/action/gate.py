# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the gate module: its report, and the attempts while DNS does not answer yet."""

from __future__ import annotations

from typing import Any

from ansible_collections.arda.image_upload.plugins.module_utils._checks import FAILED
from ansible_collections.arda.image_upload.plugins.plugin_utils._report import ReportingAction, one_line
from ansible_collections.arda.image_upload.plugins.plugin_utils._wait import poll


class ActionModule(ReportingAction):
    """Shows, writes and judges the checks of a gate."""

    title = "Gate"

    def evaluate(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result of the last attempt. Another one is made while nothing but DNS checks fail."""
        evaluate = super().evaluate
        retries, delay = (int(self._task.args.get(name, default)) for name, default in (("retries", 0), ("delay", 15)))
        if self._task.check_mode or retries < 1:
            return evaluate(task_vars)

        def attempt() -> dict[str, Any]:
            result = evaluate(task_vars)
            failed = [check for check in result.get("checks", []) if check["status"] == FAILED]
            result["done"] = not failed or any(check["source"] != "dns" for check in failed)
            result["state"] = "; ".join(f"{check['criterion']}: {one_line(check['observed'])}" for check in failed)
            return result

        result = poll(attempt, "DNS", retries * delay, delay, task_vars["inventory_hostname"])
        return {name: value for name, value in result.items() if name not in ("done", "state", "attempts", "elapsed")}
