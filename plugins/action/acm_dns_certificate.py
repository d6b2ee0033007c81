# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name in the worker."""

from __future__ import annotations

from ansible_collections.arda.image_upload.plugins.plugin_utils._module_action import ModuleAction


class ActionModule(ModuleAction):
    """Ansible's own action of the module."""
