#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_presigned_post
version_added: 1.0.0
short_description: Create a presigned form for one upload by a browser
description:
  - Returns the URL and the fields of a form with which a browser uploads one object to a private bucket. Each field
    becomes an exact condition of the form's policy.
  - Anybody who has the form can upload with it; register it with C(no_log).
options:
  bucket:
    description: The bucket.
    type: str
    required: true
  key:
    description: The object's exact key.
    type: str
    required: true
  content_type:
    description: The object's media type.
    type: str
    required: true
  content_type_prefix:
    description: The prefix that the media type must have.
    type: str
    default: image/
  fields:
    description:
      - Further fields, such as C(x-amz-meta-...), each an exact condition.
      - Numbers and booleans are sent as text.
    type: dict
    default: {}
  min_bytes:
    description: The smallest size of the object, in bytes.
    type: int
    default: 1
  max_bytes:
    description: The largest size of the object, in bytes.
    type: int
    default: 10485760
  lifetime:
    description: Lifetime of the form, in seconds.
    type: int
    default: 900
seealso:
  - name: Creating a POST policy
    description: The conditions of a form's policy.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
"""

EXAMPLES = r"""
- name: Create a form for one image of one tenant, as the presigning role
  arda.image_upload.s3_presigned_post:
    bucket: dev-images
    key: tenant-1/images/5f2c9d1e.jpg
    content_type: image/jpeg
    fields:
      x-amz-server-side-encryption: AES256
      x-amz-meta-tenant-id: tenant-1
  register: form
  no_log: true
"""

RETURN = r"""
url:
  description: The URL that the form is posted to.
  returned: success
  type: str
  sample: https://dev-images.s3.us-east-1.amazonaws.com/
fields:
  description: The fields of the form; the file comes after them.
  returned: success
  type: dict
  sample: {"key": "tenant-1/images/5f2c9d1e.jpg", "Content-Type": "image/jpeg", "policy": "eyJ...",
           "x-amz-signature": "3f0c..."}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._s3.presigned_post import Upload, presign


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "key": {"type": "str", "required": True, "no_log": False},
            "content_type": {"type": "str", "required": True},
            "content_type_prefix": {"type": "str", "default": "image/"},
            "fields": {"type": "dict", "default": {}},
            "min_bytes": {"type": "int", "default": 1},
            "max_bytes": {"type": "int", "default": 10485760},
            "lifetime": {"type": "int", "default": 900},
        },
        supports_check_mode=True,
    )
    fields = {name: str(value) for name, value in module.params["fields"].items()}
    options = {name: module.params[name] for name in Upload.__dataclass_fields__}
    upload = Upload(**{**options, "fields": fields})
    form = presign(Aws(module).client("s3"), upload)
    module.exit_json(changed=False, url=form["url"], fields=form["fields"])


if __name__ == "__main__":
    main()
