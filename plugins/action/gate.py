# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the gate module: its report."""

from __future__ import annotations

from ansible_collections.arda.image_upload.plugins.plugin_utils._report import ReportingAction


class ActionModule(ReportingAction):
    """Shows, writes and judges the checks of a gate."""

    title = "Gate"
