#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: diagnose
version_added: 1.1.0
short_description: Diagnose why partitions do not work
description:
  - Orders what M(arda.image_upload.foundation_diagnosis_info) and M(arda.image_upload.partition_diagnosis_info) have
    observed, and a comparison of every resource with its declaration, from the outside in. Names one cause for each
    host, with its evidence, the remedy, and what does not work because of it. What follows from it is no failure.
  - Shows the diagnosis, and outside check mode writes it to C(diagnosis-HOST.json). Makes no call that writes.
  - Fails if a cause was found.
  - Runs on the controller, as a task with C(run_once).
options:
  hosts:
    description: The names of the hosts. What was observed of each is its fact C(image_partition_diagnosis).
    type: list
    elements: str
    required: true
  directory:
    description: The directory of the plays.
    type: path
    required: true
  launch:
    description: The command that repairs what Run 1 and Run 2 make, for the remedies.
    type: str
    required: true
  artifacts_directory:
    description: The directory on the controller that takes the diagnoses.
    type: path
    required: true
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - arda.image_upload.attributes.local
"""

EXAMPLES = r"""
- name: Name the cause
  arda.image_upload.diagnose:
    hosts: [shop_dev]
    directory: "{{ playbook_dir }}/plays"
    launch: ansible-playbook arda.image_upload.site -l shop_dev
    artifacts_directory: artifacts
  run_once: true
"""

RETURN = r"""
causes:
  description: The criterion of the cause by host, for the hosts that have one.
  returned: success
  type: dict
  sample: {shop_dev: the parent domain delegates assets.example.com to its zone}
"""
