# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of the modules that compare and manage a role."""

    DOCUMENTATION = r"""
options:
  name:
    description: The name of the role.
    type: str
    required: true
  state:
    description: Whether the role should exist. It is deleted with its inline policies.
    type: str
    choices: [present, absent]
    default: present
    version_added: 1.1.0
  assume_role_policy_document:
    description: The trust policy. Required if O(state=present).
    type: dict
  inline_policies:
    description: The inline policies by their names. Every other inline policy is deleted.
    type: dict
    default: {}
  managed_policies:
    description: The ARNs of the managed policies. Every other managed policy is detached.
    type: list
    elements: str
    default: []
  permissions_boundary:
    description: The ARN of the permissions boundary of the role. If omitted, it is left as it is.
    type: str
  description:
    description: The description of the role. If omitted, it is left as it is.
    type: str
  max_session_duration:
    description: The longest session of the role, in seconds. If omitted, it is left as it is.
    type: int
"""
