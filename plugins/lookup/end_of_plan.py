# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: end_of_plan
author: Arda Cards (@arda-cards)
version_added: 1.0.0
short_description: End the run with exit code 1 if a plan could not be made
description:
  - For C(hosts) of the play after M(arda.image_upload.plan). C(ansible-playbook) ends with exit code 2 for a failed
    task, which means a plan with changes.
  - Prints the fact C(plan_error) of the hosts, and ends C(ansible-playbook) with exit code 1.
  - Returns V(!all), which matches no host, without such a fact.
options:
  _terms:
    description: Nothing.
    required: false
"""

EXAMPLES = r"""
- name: End with exit code 1 if the plan could not be made
  hosts: "{{ query('arda.image_upload.end_of_plan') }}"
  tasks: []
"""

RETURN = r"""
_list:
  description: A pattern that matches no host.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display


class LookupModule(LookupBase):
    """Reads the facts of the hosts. ``hosts`` of a play is evaluated in the process of ansible-playbook itself."""

    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
        self.set_options(var_options=variables, direct=options)
        hostvars = (variables or {}).get("hostvars") or {}
        errors = [hostvars[host]["plan_error"] for host in hostvars if "plan_error" in hostvars[host]]
        for error in errors[:1]:
            Display().error(str(error), wrap_text=False)
            raise SystemExit(1)
        return ["!all"]
