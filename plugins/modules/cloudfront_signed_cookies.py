#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_signed_cookies
version_added: 1.0.0
short_description: Create signed cookies for a CloudFront distribution
description:
  - Creates the cookies with which a viewer reads private objects, under a custom policy, with the key in Secrets
    Manager.
  - Anyone who has the cookies can read what they cover; register them with C(no_log).
options:
  resource:
    description:
      - The URL that the cookies cover; C(*) and C(?) are wildcards.
      - Without the slash before the star, C(https://host/tenant*) covers every tenant whose id begins the same.
    type: str
    required: true
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
  - arda.image_upload.signer
seealso:
  - name: Signed cookies with a custom policy
    description: The form of the cookies.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
"""

EXAMPLES = r"""
- name: Create cookies for the images of one tenant
  arda.image_upload.cloudfront_signed_cookies:
    resource: https://images.example.com/tenant-1/*
    secret_id: dev/image-signing-key
    lifetime: 600
  register: signed
  no_log: true
"""

RETURN = r"""
cookies:
  description: The cookies by name.
  returned: success
  type: dict
  sample: {"CloudFront-Policy": "eyJ...", "CloudFront-Signature": "K8x...", "CloudFront-Key-Pair-Id": "K36X4X2EO997HM"}
cookie_header:
  description: The cookies as the value of a request's Cookie header.
  returned: success
  type: str
  sample: CloudFront-Policy=eyJ...; CloudFront-Signature=K8x...; CloudFront-Key-Pair-Id=K36X4X2EO997HM
expires:
  description: When they expire, in seconds since the Unix epoch.
  returned: success
  type: int
  sample: 1800000000
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.signature import (
    cookie_header,
    signed_cookies,
)
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.signer import ARGUMENTS, current_key, policy


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={"resource": {"type": "str", "required": True}, **ARGUMENTS}, supports_check_mode=True
    )
    key, key_pair_id = current_key(module)
    document, expires = policy(module, module.params["resource"])
    cookies = signed_cookies(document, key.private_pem, key_pair_id, module.params["hash_algorithm"])
    module.exit_json(changed=False, cookies=cookies, cookie_header=cookie_header(cookies), expires=expires)


if __name__ == "__main__":
    main()
