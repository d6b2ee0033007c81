#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_signing_key_info
version_added: 1.0.0
short_description: List the public keys of a CloudFront signing key, and what happens to them next
description:
  - Reads the secret, the public keys and the key group that M(arda.image_upload.cloudfront_signing_key) manages.
    Returns each key with its stage and age, and what the next runs do and when.
  - Nothing is written, and no private key is returned.
options:
  secret_name:
    description: The name of the secret that holds the private key.
    type: str
    required: true
  key_group_name:
    description: The name of the key group.
    type: str
    required: true
  rotation_period:
    description: After how many seconds a key is rotated, to predict when.
    type: int
  retire_after:
    description: For how many seconds a replaced key stays trusted, to predict until when.
    type: int
author:
  - Arda Cards (@arda-cards)
requirements:
  - cryptography
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
seealso:
  - module: arda.image_upload.cloudfront_signing_key
  - name: Specify signers that can create signed URLs and signed cookies
    description: CloudFront's key groups.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
"""

EXAMPLES = r"""
- name: List the keys of the group, and what comes next
  arda.image_upload.cloudfront_signing_key_info:
    secret_name: dev/image-signing-key
    key_group_name: dev-images
    rotation_period: 7776000
    retire_after: 72900
"""

RETURN = r"""
public_keys:
  description: Every public key of the secret or in the group, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    key_pair_id:
      description: The id of the public key.
      returned: success
      type: str
      sample: K36X4X2EO997HM
    fingerprint:
      description: The SHA-256 of the public key in DER form.
      returned: success
      type: str
      sample: 3f0c1e1d1f6f3c0f1e1d1f6f3c0f1e1d1f6f3c0f1e1d1f6f3c0f1e1d1f6f3c0f
    stage:
      description:
        - V(current) is the one that signers read, V(pending) the next one, V(replaced) an old one that is still
          trusted, V(unused) one that the next run deletes, V(foreign) one in the group that belongs to no secret here.
      returned: success
      type: str
      sample: current
    trusted:
      description: Whether the key is in the key group.
      returned: success
      type: bool
      sample: true
    created:
      description: When the public key was registered, ISO 8601 in UTC.
      returned: success
      type: str
      sample: "2026-11-23T10:00:00Z"
    age:
      description: For how many seconds the public key has been registered.
      returned: success
      type: int
      sample: 86400
    replaced:
      description: When another key took its place, ISO 8601 in UTC; empty where none has.
      returned: success
      type: str
      sample: ""
    retires:
      description: When it stops being trusted, ISO 8601 in UTC; empty where that is not decided.
      returned: success
      type: str
      sample: ""
next:
  description: What the next runs do, in order.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: What is done.
      returned: success
      type: str
      sample: replace public key K36X4X2EO997HM by a new one
    when:
      description: V(now) for what a run would do at once, else the earliest time, ISO 8601 in UTC.
      returned: success
      type: str
      sample: "2027-02-21T10:00:00Z"
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import HAS_CRYPTOGRAPHY
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.reader import SigningKeyReader
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.report import keys, upcoming
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.steps import Goal


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "secret_name": {"type": "str", "required": True, "no_log": False},
            "key_group_name": {"type": "str", "required": True, "no_log": False},
            "rotation_period": {"type": "int"},
            "retire_after": {"type": "int"},
        },
        supports_check_mode=True,
    )
    if not HAS_CRYPTOGRAPHY:
        module.fail_json(msg=missing_required_lib("cryptography"))
    reader = SigningKeyReader(module)
    try:
        snapshot = reader.read()
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    goal = Goal(retire_after=module.params["retire_after"])
    module.exit_json(
        changed=False,
        public_keys=keys(snapshot, goal),
        next=upcoming(snapshot, goal, module.params["rotation_period"]),
    )


if __name__ == "__main__":
    main()
