# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of cloudfront_signing_key: it repeats the module while CloudFront deploys, with progress."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import InWorkerAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._wait import poll


class ActionModule(InWorkerAction):
    """Each attempt takes the steps that need no waiting; the last one says in the module's words what was in vain."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        options = self._task.args
        if self._task.check_mode or not boolean(options.get("wait", True), strict=False):
            return self._execute_module(task_vars=task_vars)
        results: list[dict[str, Any]] = []

        def attempt(**last: Any) -> dict[str, Any]:
            result = self._execute_module(module_args={**options, "wait": False, **last}, task_vars=task_vars)
            results.append(result)
            return {**result, "done": result.get("complete", True), "state": result.get("waiting_for", "")}

        first = attempt()
        if first["done"]:
            return results[0]  # also a failure, such as of an option's type
        following = iter([first])
        timeout = float(options.get("wait_timeout", 900))
        found = poll(
            lambda: next(following, None) or attempt(),
            f"secret {options['secret_name']}",
            timeout,
            float(options.get("wait_delay", 5)),
            str((task_vars or {}).get("inventory_hostname", "")),
        )
        if not found["done"]:
            attempt(wait=True, wait_timeout=0)
        return merged(results)


def merged(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The result of several attempts as that of one."""
    found = dict(results[-1])
    found["changes"] = [change for result in results for change in result.get("changes", [])]
    found["changed"] = any(result.get("changed") for result in results)
    if "diff" in found:
        found["diff"] = {**found["diff"], "before": results[0]["diff"]["before"]}
    warnings = [warning for result in results for warning in result.get("warnings", [])]
    if warnings:
        found["warnings"] = list(dict.fromkeys(warnings))
    return found
