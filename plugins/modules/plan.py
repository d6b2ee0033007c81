#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: plan
version_added: 1.0.0
short_description: Show what a run would change, or what has drifted
description:
  - Predicts the plays of the choreography for all selected partitions as M(arda.image_upload.look) does, and shows each
    resource with its action and the fields that differ. Writes the same as JSON, except in check mode. Makes no call
    that writes.
  - Fails if there is something to do, so that C(ansible-playbook) ends with exit code 2. If the plan cannot be made, or
    a run would stop, sets the fact C(plan_error), with which the lookup P(arda.image_upload.end_of_plan#lookup) ends
    the run with exit code 1.
  - Runs on the controller, as a task with C(run_once).
options:
  kind:
    description:
      - V(plan) shows what a run would change.
      - V(drift) shows what differs from its declaration. It also names what was added by hand and no run removes, and
        the checks of gates that fail although every resource is as declared.
    type: str
    choices: [plan, drift]
    default: plan
  directory:
    description: The directory of the plays.
    type: path
    required: true
  artifacts_directory:
    description: The directory on the controller that takes C(plan.json) or C(drift.json).
    type: path
    required: true
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - arda.image_upload.attributes.local
"""

EXAMPLES = r"""
- name: Compare every partition with its declaration
  arda.image_upload.plan:
    directory: "{{ playbook_dir }}/plays"
    artifacts_directory: artifacts
  run_once: true
"""

RETURN = r"""
ansible_facts:
  description: Why there is no plan.
  returned: if the plan could not be made
  type: dict
  contains:
    plan_error:
      description: What is wrong, and what to do.
      returned: always
      type: str
      sample: Wrong AWS account. Nothing was written.
"""
