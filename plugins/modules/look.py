#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: look
version_added: 1.0.0
short_description: Find the partitions that have something to do
description:
  - Predicts the plays of the choreography for all hosts at once, in one process that reads each AWS resource once,
    and sets the fact C(rollout_look). The lookup P(arda.image_upload.rollout#lookup) then leaves out the hosts for
    which there is nothing to do.
  - A host is left out only if each input is valid, no task would change anything, and every gate passes. The reports of
    its gates are shown and written as in the runs. If a foundation has something to do, no host is left out.
  - Makes no call that writes; the reports are written outside check mode only. Where a task cannot be predicted here,
    or the look fails, no host is left out.
  - No look is taken with C(--tags), C(--skip-tags) of another tag than V(verify), C(--start-at-task) and C(--step), nor
    where modules do not run in the worker, such as with C(arda_image_upload_in_worker=false).
  - Runs on the controller, as a task with C(run_once).
options:
  hosts:
    description: The names of the hosts to look at, in the order of the roll-out.
    type: list
    elements: str
    required: true
  foundations:
    description: The names of those that represent an infrastructure.
    type: list
    elements: str
    required: true
  directory:
    description: The directory of the plays.
    type: path
    required: true
  plan:
    description:
      - A plan that C(playbooks/plan.yml) has written. The task fails unless the run would do exactly what it says.
    type: path
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - arda.image_upload.attributes.local
"""

EXAMPLES = r"""
- name: Look at every partition at once
  arda.image_upload.look:
    hosts: "{{ query('arda.image_upload.rollout', 'hosts') }}"
    foundations: "{{ query('arda.image_upload.rollout', 'foundations') }}"
    directory: "{{ playbook_dir }}"
  run_once: true
"""

RETURN = r"""
ansible_facts:
  description: What was found.
  returned: unless the look was not taken, or ended early
  type: dict
  contains:
    rollout_look:
      description: By the names of the hosts for which there is nothing to do, the outputs of their partitions.
      returned: always
      type: dict
      sample:
        shop001_dev: {"bucket_name": "shop001-dev-image-asset-bucket"}
"""
