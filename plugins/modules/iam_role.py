#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_role
version_added: 1.1.0
short_description: Manage an IAM role with all of its policies
description:
  - Compares an IAM role, its trust policy, its inline policies and its managed policies with what is declared.
  - Where something differs, M(amazon.aws.iam_role) and M(amazon.aws.iam_policy) write it. They show no diff, predict
    nothing of a role that does not exist yet, and do not change inline policies that they do not name.
  - A write is repeated while IAM answers with an error that a second read resolves, such as for a principal of the
    trust policy that was created a moment ago.
seealso:
  - module: arda.image_upload.iam_role_plan
  - module: amazon.aws.iam_role
  - module: amazon.aws.iam_policy
  - name: IAM roles
    description: What a trust policy and permissions policies are.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.iam_role
  - arda.image_upload.tags
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: Create a role with one inline policy and no other
  arda.image_upload.iam_role:
    name: images-presigning
    assume_role_policy_document: "{{ trust_policy }}"
    inline_policies:
      PutImages: "{{ put_images }}"

- name: Delete it
  arda.image_upload.iam_role:
    name: images-presigning
    state: absent
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create role images-presigning", "put policy PutImages of role images-presigning"]
other_inline_policies:
  description: The names of the inline policies that were found and are not declared.
  returned: success
  type: list
  elements: str
  sample: []
"""
