# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of image_delivery_check: its report, and the command that shows the sample image."""

from __future__ import annotations

from typing import Any

from ansible_collections.arda.image_upload.plugins.plugin_utils._report import ReportingAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import show


class ActionModule(ReportingAction):
    """Shows, writes and judges the checks of a verification."""

    title = "Verification"

    def show_more(self, result: dict[str, Any]) -> None:
        for image in result.get("images", []):
            image.pop("base64", None)  # it is in the artifacts
        if "sample_command" in result:
            show(f"See one of the images (for an hour):\n{result['sample_command']}")
