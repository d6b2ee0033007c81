#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_signed_url
version_added: 1.0.0
short_description: Create a signed URL for an object of a CloudFront distribution
description:
  - Creates a URL with which a viewer reads one private object, under a custom policy, with the key in Secrets Manager.
  - Anyone who has the URL can read the object; register it with C(no_log).
options:
  url:
    description: The object's URL.
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
  - name: Signed URLs with a custom policy
    description: The form of the URL.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
"""

EXAMPLES = r"""
- name: Create a link to one image, for a quarter of an hour
  arda.image_upload.cloudfront_signed_url:
    url: https://images.example.com/tenant-1/images/1.jpg
    secret_id: dev/image-signing-key
  register: signed
  no_log: true
"""

RETURN = r"""
url:
  description: The signed URL.
  returned: success
  type: str
  sample: https://images.example.com/tenant-1/images/1.jpg?Policy=eyJ...&Signature=K8x...&Key-Pair-Id=K36X4X2EO997HM
expires:
  description: When it expires, in seconds since the Unix epoch.
  returned: success
  type: int
  sample: 1800000000
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.signature import signed_url
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.signer import ARGUMENTS, current_key, policy


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={"url": {"type": "str", "required": True}, **ARGUMENTS}, supports_check_mode=True
    )
    key, key_pair_id = current_key(module)
    document, expires = policy(module, module.params["url"])
    url = signed_url(module.params["url"], document, key.private_pem, key_pair_id, module.params["hash_algorithm"])
    module.exit_json(changed=False, url=url, expires=expires)


if __name__ == "__main__":
    main()
