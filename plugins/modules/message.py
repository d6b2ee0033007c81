#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: message
version_added: 1.0.0
short_description: Print text for the operator
description:
  - Prints text as it is, also where the callback hides tasks that change nothing (C(display_ok_hosts=false)). With a
    callback that prints JSON it goes to the standard error.
  - Can write files beside it, such as the same for machines. Then it updates the report of the run, C(report.html). In
    check mode no file is written.
  - Runs on the controller; has a corresponding action plugin and makes no connection.
options:
  text:
    description: The text. If omitted, nothing is printed.
    type: str
    default: ""
  artifacts:
    description: The contents of the files by their names. If empty, only the report is updated.
    type: dict
  artifacts_directory:
    description: The directory on the controller that takes the files. It is created if it does not exist.
    type: path
    default: artifacts
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - arda.image_upload.attributes.local
"""

EXAMPLES = r"""
- name: Say what comes next
  arda.image_upload.message:
    text: Enter the name servers at the parent domain.
"""

RETURN = r"""
text:
  description: The text.
  returned: success
  type: str
  sample: Enter the name servers at the parent domain.
"""
