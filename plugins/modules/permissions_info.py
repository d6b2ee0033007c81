#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permissions_info
version_added: 1.0.0
short_description: Compare the permissions of the caller with those that a playbook needs
description:
  - Asks IAM which of the actions of a role of the collection the caller may not call, each on the resources that the
    playbook would use. It writes nothing.
  - The comparison is left out for the root user of the account, and where the caller may not simulate its own policies;
    RV(compared) and RV(reason) say so.
  - IAM simulates identity policies, permissions boundaries and service control policies. What only the policy of a
    resource allows, such as a bucket policy, counts as missing.
seealso:
  - name: Policies of the roles
    description: The roles with their actions and conditions are in docs/iam of the collection.
    link: https://github.com/arda-cards/ansible-collection-image-upload/tree/main/docs/iam
  - name: SimulatePrincipalPolicy
    description: What IAM simulates, and what it needs.
    link: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
options:
  role:
    description: The role of the collection that has the permissions that are needed.
    type: str
    required: true
    choices: [Deployer, Reader, Verifier, Rotator, Retirer, RootDeployer, RootReader, RootRetirer]
  names:
    description:
      - The names that replace the patterns in the ARNs of the role's policy, by field. V(domain) is required for the
        roles of an infrastructure.
    type: dict
    required: true
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
"""

EXAMPLES = r"""
- name: Find out whether the caller may verify a partition
  arda.image_upload.permissions_info:
    role: Verifier
    names:
      infrastructure: Shop001
      domain: shop001.assets.example.com
      bucket: shop001-dev-image-asset-bucket
      client_role: Shop001-dev-BucketClientRole
  register: permissions
"""

RETURN = r"""
compared:
  description: Whether IAM has compared the permissions.
  returned: success
  type: bool
  sample: true
reason:
  description: Why not; the empty string where it has.
  returned: success
  type: str
  sample: ""
missing:
  description: The actions that the caller may not call, each with the resource.
  returned: success
  type: list
  elements: str
  sample: ["cloudfront:CreateDistribution on *"]
principal:
  description: The ARN of the role or user whose permissions these are.
  returned: success
  type: str
  sample: arn:aws:iam::444455556666:role/Shop001-ImageUploadVerifier
"""

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._caller import missing_permissions
from ansible_collections.arda.image_upload.plugins.module_utils._permissions_of_roles import ROLES


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "role": {"type": "str", "required": True, "choices": [role.short_name for role in ROLES][:-1]},
            "names": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    role = next(role for role in ROLES if role.short_name == module.params["role"])
    try:
        module.exit_json(changed=False, **missing_permissions(Aws(module), role, module.params["names"]))
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)


if __name__ == "__main__":
    main()
