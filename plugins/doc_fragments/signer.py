# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the modules share that sign for viewers of a CloudFront distribution."""

    DOCUMENTATION = r"""
options:
  secret_id:
    description:
      - The name or ARN of the secret with the signing key, JSON C({"keyPairId", "privateKey"}) or a bare PEM.
      - It is read by the module and stays in its memory.
    type: str
    required: true
  key_pair_id:
    description: The id of the signing key, needed where the secret is a bare PEM.
    type: str
    default: ""
  lifetime:
    description: How long the signature opens what it names, in seconds from now.
    type: int
    default: 900
  starts:
    description: From when on it does so, in seconds since 1970; at once where it is not given.
    type: int
  source_ip:
    description: The IPv4 address or network that it does so for; all where it is not given.
    type: str
  hash_algorithm:
    description: The hash that is signed.
    type: str
    choices: [SHA1, SHA256]
    default: SHA1
requirements:
  - cryptography
"""
