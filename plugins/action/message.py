# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints text for the operator; there is no module's half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.arda.image_upload.plugins.plugin_utils._report import writable, write_artifact
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import show


class ActionModule(ActionBase):
    """Prints the text, in check mode too, and writes the files."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(
            {
                "text": {"type": "str", "required": True},
                "artifacts": {"type": "dict", "default": {}},
                "artifacts_directory": {"type": "path", "default": "artifacts"},
            }
        )
        show(options["text"].rstrip())
        if options["artifacts"] and not self._task.check_mode:
            folder = writable(Path(options["artifacts_directory"]).expanduser())
            for name, content in options["artifacts"].items():
                write_artifact(folder, name, str(content).rstrip())
        return {"changed": False, "text": options["text"]}
