# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a role by iam_role_plan, and has modules of amazon.aws write what differs; there is no module's half."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.arda.image_upload.plugins.module_utils._aws import ATTEMPTS
from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import InWorkerAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._wait import poll

PLAN = "arda.image_upload.iam_role_plan"
ROLE, POLICY = "amazon.aws.iam_role", "amazon.aws.iam_policy"
#: The options of a role by the names that amazon.aws.iam_role has for them.
OPTIONS = {
    "name": "name",
    "assume_role_policy_document": "assume_role_policy_document",
    "description": "description",
    "managed_policies": "managed_policies",
    "max_session_duration": "max_session_duration",
    "permissions_boundary": "boundary",
    "tags": "tags",
    "resource_tags": "tags",
    "purge_tags": "purge_tags",
}
#: IAM's answers to a write whose effect is not visible everywhere yet, and to one that another write met.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (eventual consistency)
REPEATED = ("ConcurrentModification", "EntityAlreadyExists", "MalformedPolicyDocument", "NoSuchEntity")
#: How long a write is repeated, and the longest pause between two attempts, in seconds.
TIMEOUT, DELAY = 24, 3
#: amazon.aws repeats throttled calls, server errors and broken connections as often as the collection's own modules.
RETRIES = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": str(ATTEMPTS)}


def writes(options: Mapping[str, Any], others: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The modules that write a role, with their options; ``others`` are inline policies that are not declared."""
    # What names nothing of a role is the connection.
    connection = {name: value for name, value in options.items() if name not in (*OPTIONS, "inline_policies", "state")}
    if options.get("state") == "absent":
        yield ROLE, {**connection, "name": options["name"], "state": "absent"}
        return
    named = {OPTIONS[name]: value for name, value in options.items() if name in OPTIONS}
    yield ROLE, {**connection, "managed_policies": [], "create_instance_profile": False, **named}
    of_role = {**connection, "iam_type": "role", "iam_name": options["name"]}
    for name, document in (options.get("inline_policies") or {}).items():
        yield POLICY, {**of_role, "policy_name": name, "policy_json": document, "state": "present"}
    for name in others:
        yield POLICY, {**of_role, "policy_name": name, "state": "absent"}


class ActionModule(InWorkerAction):
    """Writes or deletes a role with its inline policies."""

    modules = (PLAN, ROLE, POLICY)
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        compared = self._execute_module(PLAN, self._task.args, task_vars=task_vars)
        if compared.get("failed") or not compared["changes"] or self._task.check_mode:
            return compared
        self._task.environment = [*(self._task.environment or []), RETRIES]
        for module, options in writes(self._task.args, compared["other_inline_policies"]):
            written = self._write(module, options, task_vars or {})
            if written.get("failed"):
                self._keep_failure(str(written.get("msg", "")), task_vars or {})
                return written
        return {**compared, "changed": True}

    def _write(self, module: str, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result of the last attempt of a module."""
        results: list[dict[str, Any]] = []

        def attempt() -> dict[str, Any]:
            results.append(self._run_module(module, options, task_vars=task_vars))
            code = results[-1].get("error", {}).get("code", "")
            return {"done": code not in REPEATED, "state": code}

        poll(attempt, f"role {self._task.args['name']}", TIMEOUT, DELAY, str(task_vars.get("inventory_hostname", "")))
        return results[-1]
