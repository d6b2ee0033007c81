# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of every module without one of its own: each has a file in plugins/action."""

from __future__ import annotations

from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import InWorkerAction


class ModuleAction(InWorkerAction, NormalAction):
    """Ansible's own action of a module, which runs in the worker."""
