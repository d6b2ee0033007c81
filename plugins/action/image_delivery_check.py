# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of image_delivery_check: the report for people, its JSON and JUnit twins, and the stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.arda.image_upload.plugins.module_utils.checks import junit, report, verdict, write_artifact

display = Display()


class ActionModule(ActionBase):
    """Walks the real path by the module, then prints, writes and judges."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        result = self._execute_module(task_vars=task_vars)
        checks = result.get("checks")
        if result.get("failed") or not checks:
            return result
        name, host = self._task.args.get("name", "verify"), task_vars["inventory_hostname"]
        display.display(report(f"Verification {name} of {host}", checks))
        if "sample_command" in result:
            display.display(f"See one of the images (for an hour):\n{result['sample_command']}")
        if directory := self._task.args.get("artifacts_directory"):
            document = {"name": name, "host": host, "passed": result["passed"], "checks": checks}
            write_artifact(Path(directory), f"{name}-{host}.json", json.dumps(document, indent=2))
            write_artifact(Path(directory), f"{name}-{host}.xml", junit(name, host, checks))
        if not result["passed"]:
            failed = [check for check in checks if check["status"] == "failed"]
            look_at = "; ".join(f"{check['criterion']}: look first at {check['remedy']}" for check in failed)
            result.update(failed=True, msg=f"Verification {name}: {verdict(checks)}. {look_at}")
        return result
