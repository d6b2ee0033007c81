# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection settings of a session whose account was compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: verified_connection
version_added: 1.0.0
short_description: Return the connection of a session whose account was compared
description:
  - Returns the connection settings of a fact that the role P(arda.image_upload.aws_session#role) has set.
  - Fails if there is no such fact, or if it is one of another account. So a task that is started without the session
    (C(--start-at-task), C(--skip-tags)) makes no AWS call.
positional: account_id
options:
  _input:
    description: The fact, or an empty dictionary if it is not set.
    type: dict
    required: true
  account_id:
    description: The account that the session must belong to, twelve digits.
    type: str
    required: true
author:
  - Arda Cards (@arda-cards)
"""

EXAMPLES = r"""
- name: Use the session in every AWS task of a play
  hosts: partitions
  module_defaults:
    group/arda.image_upload.aws: >-
      {{ aws_session | default({}) | arda.image_upload.verified_connection('111122223333') }}
  roles:
    - arda.image_upload.aws_session
"""

RETURN = r"""
_value:
  description: The connection settings, as the options of any AWS module.
  type: dict
"""


def verified_connection(session: Mapping[str, Any], account_id: str) -> Mapping[str, Any]:
    """The connection of a session; an error if there is none in the account."""
    found = session.get("account_id") if isinstance(session, Mapping) else None
    if found is not None and found == account_id and isinstance(session.get("connection"), Mapping):
        return session["connection"]
    state = f"the session belongs to account {found}" if found else "the account was not compared in this run"
    raise AnsibleFilterError(
        f"Not connected to AWS account {account_id}: {state}. Nothing was written by this task. Run the playbook from "
        "its start: --start-at-task, --step and --skip-tags must not leave out the role arda.image_upload.aws_session "
        "(tag always)."
    )


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"verified_connection": verified_connection}
