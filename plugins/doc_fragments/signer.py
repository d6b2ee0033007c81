# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of modules that sign for viewers of a CloudFront distribution."""

    DOCUMENTATION = r"""
options:
  secret_id:
    description:
      - The name or ARN of the secret with the signing key, JSON C({"keyPairId", "privateKey"}) or a bare PEM.
      - It is read by the module and stays in its memory.
    type: str
    required: true
  key_pair_id:
    description: The id of the public key in CloudFront, required if the secret is a bare PEM.
    type: str
    default: ""
  lifetime:
    description: Lifetime of the signature, in seconds.
    type: int
    default: 900
  starts:
    description: Start of validity, in seconds since the Unix epoch. If omitted, valid immediately.
    type: int
  source_ip:
    description: The IPv4 address or network for which it is valid. If omitted, valid for all.
    type: str
  hash_algorithm:
    description: The hash function of the signature.
    type: str
    choices: [SHA1, SHA256]
    default: SHA1
requirements:
  - cryptography
"""
