# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of every module whose resource has tags."""

    DOCUMENTATION = r"""
options:
  tags:
    description:
      - The resource's tags. If omitted, the tags are not changed.
      - AWS keeps text. A number or a boolean is sent as text, as the modules of amazon.aws do, so that V(true) in YAML
        becomes the tag value V(True). Quote the value to send something else.
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description:
      - Whether to remove tags that O(tags) does not name. Without effect if O(tags) is omitted.
      - Tags whose keys begin with V(aws:) belong to AWS and stay.
    type: bool
    default: true
"""
