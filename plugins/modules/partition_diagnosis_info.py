#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: partition_diagnosis_info
version_added: 1.1.0
short_description: Observe each layer of a partition
description:
  - Observes the permissions of the caller, the stages of the signing key and whether CloudFront trusts it, the state of
    the distribution, the stack that exports and who imports from it, and what the CDN answers to an unsigned and to a
    signed request. M(arda.image_upload.diagnose) names the cause among what fails.
  - Writes nothing. The signed request is for an object that does not exist.
seealso:
  - name: Troubleshooting signed cookies
    description: The requirements of signed cookies, and what CloudFront answers without them.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
options:
  role:
    description: The role of docs/iam whose permissions the caller should have. If empty, permissions are not compared.
    type: str
    default: Reader
  names:
    description: The names in the ARNs of that role's policies.
    type: dict
    default: {}
  host:
    description: The host name of the partition's CDN.
    type: str
    required: true
  secret_name:
    description: The name of the secret with the signing key.
    type: str
    required: true
  key_group_name:
    description: The name of the key group.
    type: str
    required: true
  stack:
    description: The stack that publishes the exports.
    type: str
    required: true
  export_names:
    description: The names of the exports.
    type: list
    elements: str
    required: true
  connect_https:
    description: An address with its port to connect to, instead of the one that DNS names.
    type: str
    default: ""
  ca_file:
    description: A file of certificate authorities to trust instead of the machine's own.
    type: path
  dns_server:
    description: The resolver to ask, an address with an optional C(:port). If empty, the machine's own.
    type: str
    default: ""
  launch:
    description: The command that repairs what Run 1 and Run 2 make, for the remedies.
    type: str
    required: true
  rotate:
    description: The command that finishes a rotation, for the remedies.
    type: str
    required: true
author:
  - Arda Cards (@arda-cards)
requirements:
  - cryptography
  - dnspython
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
"""

EXAMPLES = r"""
- name: Observe the partition
  arda.image_upload.partition_diagnosis_info:
    host: dev.shop.assets.example.com
    secret_name: Shop-dev/image-signing-key
    key_group_name: Shop-dev-images
    stack: Shop-dev-exports
    export_names: [Shop-dev-bucket]
    launch: ansible-playbook arda.image_upload.site -l shop_dev
    rotate: ansible-playbook arda.image_upload.rotate_signing_key -l shop_dev
"""

RETURN = r"""
checks:
  description: What was observed, as M(arda.image_upload.foundation_diagnosis_info) returns it.
  returned: success
  type: list
  elements: dict
  sample:
    - layer: distribution
      criterion: an enabled distribution serves dev.shop.assets.example.com
      expected: enabled
      observed: disabled
      status: failed
      ok: false
      remedy: ansible-playbook arda.image_upload.site -l shop_dev
      command: aws cloudfront list-distributions --output json
      source: aws
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import HAS_CRYPTOGRAPHY
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.layers import Fact, guarded
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.partition import Partition
from ansible_collections.arda.image_upload.plugins.module_utils._dns import HAS_DNSPYTHON


def argument_spec() -> dict[str, Any]:
    """The options of the module."""
    required = {"type": "str", "required": True}
    return {
        "role": {"type": "str", "default": "Reader"},
        "names": {"type": "dict", "default": {}},
        "host": required,
        "secret_name": {**required, "no_log": False},
        "key_group_name": {**required, "no_log": False},
        "stack": required,
        "export_names": {"type": "list", "elements": "str", "required": True},
        "connect_https": {"type": "str", "default": ""},
        "ca_file": {"type": "path"},
        "dns_server": {"type": "str", "default": ""},
        "launch": required,
        "rotate": required,
    }


def main() -> None:
    module = AnsibleAWSModule(argument_spec=argument_spec(), supports_check_mode=True)
    if not (HAS_CRYPTOGRAPHY and HAS_DNSPYTHON):
        module.fail_json(msg=missing_required_lib("cryptography and dnspython"))
    facts: list[Fact] = []
    for layer, part in Partition(module, Aws(module)).parts():
        facts += guarded(layer, f"the {layer} can be read", part)
    module.exit_json(changed=False, checks=[fact.check() for fact in facts])


if __name__ == "__main__":
    main()
