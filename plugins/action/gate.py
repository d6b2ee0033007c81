# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the gate module: the report for people, its JSON twin, and the stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.arda.image_upload.plugins.module_utils.checks import report, verdict, write_artifact

display = Display()


class ActionModule(ActionBase):
    """Evaluates the checks by the module, then prints, writes and judges."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        result = self._execute_module(task_vars=task_vars)
        if result.get("failed") or "checks" not in result:
            return result
        name, host, check_mode = (
            self._task.args["name"],
            task_vars["inventory_hostname"],
            self._task.check_mode,
        )
        checks = result["checks"]
        display.display(report(f"Gate {name} of {host}", checks, check_mode))
        directory = self._task.args.get("artifacts_directory")
        if directory and not check_mode:
            document = {"gate": name, "host": host, "passed": result["passed"], "checks": checks}
            write_artifact(Path(directory), f"{name}-{host}.json", json.dumps(document, indent=2, default=str))
        if not result["passed"] and not check_mode:
            failed = [check for check in checks if not check["ok"]]
            remedies = "; ".join(f"{check['criterion']}: {check['remedy'] or 'no remedy known'}" for check in failed)
            result.update(failed=True, msg=f"Gate {name}: {verdict(checks)}. {remedies}")
        return result
