# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints text for the operator; there is no module's half."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.arda.image_upload.plugins.plugin_utils._artifacts import write_files
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import show


class ActionModule(ActionBase):
    """Prints the text, in check mode too, and writes the files."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(
            {
                "text": {"type": "str", "default": ""},
                "artifacts": {"type": "dict"},
                "artifacts_directory": {"type": "path", "default": "artifacts"},
            }
        )
        if options["text"]:
            show(options["text"].rstrip())
        if options["artifacts"] is not None and not self._task.check_mode:
            files = {name: str(content).rstrip() for name, content in options["artifacts"].items()}
            write_files(options["artifacts_directory"], files)
        return {"changed": False, "text": options["text"]}
