#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: check_inputs
version_added: 1.0.0
short_description: Check the variables of a role before the first write
description:
  - Checks the variables of a host that begin with the name of the role, as they are in the inventory and in the extra
    variables, and fails with every fault. Each fault names the variable, what was expected, and what was found.
  - Refuses what AWS or a browser would refuse later, such as a domain name with a last dot, an origin with a path,
    or the ARN of a role of another account; and variables that the role does not know.
  - With O(compare), refuses what partitions cannot share instead, such as a name, a role or an export.
  - Runs on the controller, as a task of the role, and makes no call to AWS.
options:
  role:
    description: The role.
    type: str
    required: true
    choices: [dns_foundation, image_partition, image_verification]
  compare:
    description:
      - Compare the partitions of the play with all those of the inventory, which takes as long as the inventory is
        large. Use C(run_once).
    type: bool
    default: false
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - arda.image_upload.attributes.local
"""

EXAMPLES = r"""
- name: Check the inputs of the partition
  arda.image_upload.check_inputs:
    role: image_partition

- name: Compare the partitions
  arda.image_upload.check_inputs:
    role: image_partition
    compare: true
  run_once: true
"""

RETURN = r"""
faults:
  description: What is wrong, a sentence for each fault.
  returned: on success, on a failure with C(-v) or a JSON callback; the message has them all
  type: list
  elements: str
  sample:
    - "image_partition_region: expected a region of the AWS partition aws, found 'us-esat-1'"
"""
