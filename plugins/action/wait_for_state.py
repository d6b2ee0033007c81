# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of wait_for_state: it repeats the module and shows progress."""

from __future__ import annotations

from ansible_collections.arda.image_upload.plugins.plugin_utils._wait import WaitingAction


class ActionModule(WaitingAction):
    """Repeats the read until it shows the state."""
