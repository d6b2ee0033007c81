# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What a module supports. A module whose support is partial overrides it with details."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Predicts the changes without making them, even in an empty account.
  diff_mode:
    support: full
    description: Shows the state in AWS before and after.
  idempotent:
    support: full
    description: A second run with the same options changes nothing.
  action_group:
    support: full
    description: Takes its connection from C(module_defaults) of the group.
    membership: [arda.image_upload.aws]
"""

    # For modules that only read.
    READS = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Only reads, in check mode as well.
  diff_mode:
    support: N/A
    description: Changes nothing.
  idempotent:
    support: full
    description: Only reads.
  action_group:
    support: full
    description: Takes its connection from C(module_defaults) of the group.
    membership: [arda.image_upload.aws]
"""

    # For modules that compare, and leave the writes to others.
    PLANS = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Writes nothing, in check mode as well, where it reports the changes as changed.
  diff_mode:
    support: full
    description: Shows the state in AWS before and after the changes.
  idempotent:
    support: full
    description: Only reads.
  action_group:
    support: full
    description: Takes its connection from C(module_defaults) of the group.
    membership: [arda.image_upload.aws]
"""

    # For modules that test what exists, and leave nothing behind.
    VERIFIES = r"""
options: {}
attributes:
  check_mode:
    support: partial
    description: Predicts the result without changes.
    details: Makes no request in check mode. The task is reported as skipped, without a verdict.
  diff_mode:
    support: N/A
    description: Changes nothing permanently.
  idempotent:
    support: full
    description: Leaves nothing behind.
  action_group:
    support: full
    description: Takes its connection from C(module_defaults) of the group.
    membership: [arda.image_upload.aws]
"""

    # For what runs on the controller alone, without a connection from module_defaults.
    LOCAL = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Changes nothing in AWS, in check mode as well.
  diff_mode:
    support: N/A
    description: Changes nothing.
  idempotent:
    support: full
    description: Changes nothing.
"""
