# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names the cause why partitions do not work; there is no module's half."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.arda.image_upload.plugins.module_utils._checks import FAILED
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.layers import diagnosis
from ansible_collections.arda.image_upload.plugins.plugin_utils._artifacts import write_files
from ansible_collections.arda.image_upload.plugins.plugin_utils._diagnosis_report import compared, report
from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import InWorkerAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._look import Found
from ansible_collections.arda.image_upload.plugins.plugin_utils._report import with_credentials
from ansible_collections.arda.image_upload.plugins.plugin_utils._survey import selected, survey
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import display, show, verbosity

SPEC = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "launch": {"type": "str", "required": True},
    "artifacts_directory": {"type": "path", "required": True},
}


class ActionModule(InWorkerAction):
    """Fails where a cause was found."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(SPEC)
        variables = task_vars or {}
        observed = {host: variables["hostvars"][host].get("image_partition_diagnosis", []) for host in options["hosts"]}
        surveyed = self._survey(options["directory"], observed, variables)
        causes = {}
        for host, checks in observed.items():
            if not checks:
                continue  # its observation failed, and that task has said why
            found = diagnosis([*checks, *compared(surveyed[host], options["launch"])] if host in surveyed else checks)
            with_credentials(found["checks"], variables["hostvars"][host].get("aws_session", {}).get("connection", {}))
            show(report(host, found, verbosity() > 0))
            if not self._task.check_mode:
                document = json.dumps({"host": host, **found}, indent=2, default=str)
                write_files(options["artifacts_directory"], {f"diagnosis-{host}.json": document})
            if found["cause"]:
                causes[host] = found["cause"]["criterion"]
        if not causes:
            return {"changed": False, "causes": {}}
        told = "; ".join(f"{host}: {criterion}" for host, criterion in causes.items())
        return {"changed": False, "failed": True, "causes": causes, "msg": f"A cause was found for {told}"}

    def _survey(self, directory: str, observed: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Found]:
        """What a run would do; nothing where AWS cannot be reached, or the look fails."""
        if any(c["layer"] == "credentials" and c["status"] == FAILED for own in observed.values() for c in own):
            return {}
        hosts = selected(self._loader, self._templar, variables)
        try:
            return survey(*hosts, directory, variables["hostvars"], self._loader, plan=True)
        except Exception as error:  # what was observed still counts
            display.warning(f"The resources were not compared with their declaration: {error}")
            return {}
