#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_response_headers_policy
version_added: 1.0.0
short_description: Create, update and delete a CloudFront response headers policy
description:
  - Creates, updates and deletes a response headers policy. Takes every field of the CloudFront API in snake_case, with
    plain lists where the API wraps them in C(Quantity) and C(Items).
  - A field that is not declared keeps its value.
  - CloudFront redeploys the distributions that use a policy when it changes, which takes minutes.
seealso:
  - name: ResponseHeadersPolicyConfig
    description: The fields of the configuration.
    link: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicyConfig.html
options:
  name:
    description: The policy's name, unique in the account.
    type: str
    required: true
  state:
    description: Whether the policy exists. CloudFront refuses to delete one that a distribution uses.
    type: str
    choices: [present, absent]
    default: present
  comment:
    description: What the policy is for. If omitted, it is not changed.
    type: str
  cors_config:
    description: The CORS headers. If omitted, they are not changed.
    type: dict
  security_headers_config:
    description: The security headers. If omitted, they are not changed.
    type: dict
  custom_headers_config:
    description: Further headers. If omitted, they are not changed.
    type: dict
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: Let one origin read with credentials
  arda.image_upload.cloudfront_response_headers_policy:
    name: dev-images
    cors_config:
      access_control_allow_origins: ["https://app.example.com"]
      access_control_allow_methods: [GET, HEAD]
      access_control_allow_headers: [Range]
      access_control_allow_credentials: true
      origin_override: true
    security_headers_config:
      content_type_options:
        override: true
"""

RETURN = r"""
changes:
  description: One sentence for each write; in check mode, for each write that would be made.
  returned: success
  type: list
  elements: str
  sample: ["create response headers policy dev-images"]
response_headers_policy:
  description: The policy. Empty if it does not exist.
  returned: success
  type: dict
  contains:
    id:
      description: The policy's id. V((known after apply\)) in check mode if it does not exist yet.
      returned: success
      type: str
      sample: 60669652-455b-4ae9-85a4-c4c02393f86c
    config:
      description: The policy's configuration.
      returned: success
      type: dict
      sample: {"name": "dev-images", "comment": ""}
"""

from collections.abc import Iterator
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.resource import Kind, NamedConfig
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import run

KIND = Kind(
    noun="response_headers_policy",
    key="ResponseHeadersPolicy",
    config="ResponseHeadersPolicyConfig",
    already_exists="ResponseHeadersPolicyAlreadyExists",
    missing="NoSuchResponseHeadersPolicy",
    in_words="response headers policy",
)
CONFIG = ("comment", "cors_config", "security_headers_config", "custom_headers_config")


def listed(aws: Aws) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id and the configuration of each policy of the account."""
    items = aws.pages("cloudfront", "list_response_headers_policies", "ResponseHeadersPolicyList.Items", Type="custom")
    for item in items:
        yield item["ResponseHeadersPolicy"]["Id"], item["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "comment": {"type": "str"},
            "cors_config": {"type": "dict"},
            "security_headers_config": {"type": "dict"},
            "custom_headers_config": {"type": "dict"},
        },
        supports_check_mode=True,
    )
    try:
        policy = NamedConfig(module, KIND, {name: module.params[name] for name in CONFIG}, listed)
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    run(module, policy)


if __name__ == "__main__":
    main()
