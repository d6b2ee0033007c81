#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_origin_access_control
version_added: 1.0.0
short_description: Create, update and delete a CloudFront origin access control
description:
  - Creates, updates and deletes an origin access control (OAC). CloudFront signs its requests to an origin by it, so
    that a private bucket can allow reads by one distribution only.
seealso:
  - name: Restrict access to an Amazon S3 origin
    description: How CloudFront reads a private bucket.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
options:
  name:
    description: The control's name, unique in the account.
    type: str
    required: true
  state:
    description: Whether the control exists. CloudFront refuses to delete one that a distribution uses.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What the control is for. If omitted, it is not changed.
    type: str
  origin_type:
    description: The kind of origin.
    type: str
    choices: [s3, mediastore, mediapackagev2, lambda]
    default: s3
  signing_behavior:
    description: Which requests CloudFront signs.
    type: str
    choices: [always, never, no-override]
    default: always
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: Let CloudFront sign its requests to the bucket
  arda.image_upload.cloudfront_origin_access_control:
    name: dev-images
"""

RETURN = r"""
changes:
  description: One sentence for each write; in check mode, for each write that would be made.
  returned: success
  type: list
  elements: str
  sample: ["create origin access control dev-images"]
origin_access_control:
  description: The control. Empty if it does not exist.
  returned: success
  type: dict
  contains:
    id:
      description: The control's id. V((known after apply\)) in check mode if it does not exist yet.
      returned: success
      type: str
      sample: E2QWRUHAPOMQZL
    config:
      description: The control's configuration.
      returned: success
      type: dict
      sample: {"name": "dev-images", "origin_access_control_origin_type": "s3", "signing_behavior": "always",
               "signing_protocol": "sigv4", "description": ""}
"""

from collections.abc import Iterator
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.resource import Kind, NamedConfig
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import run

KIND = Kind(
    noun="origin_access_control",
    key="OriginAccessControl",
    config="OriginAccessControlConfig",
    already_exists="OriginAccessControlAlreadyExists",
    missing="NoSuchOriginAccessControl",
    in_words="origin access control",
)


def listed(aws: Aws) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id and the configuration of each control of the account."""
    for item in aws.pages("cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items"):
        yield item["Id"], {name: value for name, value in item.items() if name != "Id"}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "origin_type": {
                "type": "str",
                "choices": ["s3", "mediastore", "mediapackagev2", "lambda"],
                "default": "s3",
            },
            "signing_behavior": {
                "type": "str",
                "choices": ["always", "never", "no-override"],
                "default": "always",
            },
        },
        supports_check_mode=True,
    )
    config = {
        "description": module.params["description"],
        "origin_access_control_origin_type": module.params["origin_type"],
        "signing_behavior": module.params["signing_behavior"],
        "signing_protocol": "sigv4",
    }
    run(module, NamedConfig(module, KIND, config, listed))


if __name__ == "__main__":
    main()
