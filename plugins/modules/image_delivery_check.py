#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_delivery_check
version_added: 1.0.0
short_description: Verify private image delivery end to end
description:
  - Runs end-to-end checks with temporary tenants. Assumes the presigning role, uploads images by presigned forms,
    reads them through CloudFront with signed cookies and URLs, and tries everything that must be refused.
  - A check that cannot run with the operator's permissions is reported as skipped, never as passed.
  - The test objects are removed afterwards, also after a failure. Those of a verification that was killed are removed
    and named by a later one, an hour after they were put.
seealso:
  - name: Serve private content with signed URLs and signed cookies
    description: What CloudFront checks, and what it refuses.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
  - name: Browser-based uploads using POST
    description: What S3 checks in a form.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
options:
  name:
    description: The name of the report, and of its files under O(artifacts_directory).
    type: str
    default: verify
  cdn_domain_name:
    description: The host name that viewers use.
    type: str
    required: true
  zone_name:
    description: The domain of the hosted zone that the host name is in.
    type: str
    required: true
  bucket_name:
    description: The bucket that takes the images.
    type: str
    required: true
  other_bucket_name:
    description: A bucket that the presigning role must not write to; if empty, that check is skipped.
    type: str
    default: ""
  presigning_role_arn:
    description: The role that presigns uploads.
    type: str
    required: true
  client_role_arn:
    description: The role that may assume the presigning role, and that the operator may assume.
    type: str
    required: true
  secret_id:
    description: The name or ARN of the secret with the signing key.
    type: str
    required: true
  certificate_arn:
    description: The certificate that the distribution must have; if empty, that check is skipped.
    type: str
    default: ""
  key_pair_id:
    description: The id of the signing key, where the secret is a bare PEM.
    type: str
    default: ""
  images:
    description: The images to upload; the first one is the one that most checks read.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The file.
        type: path
        required: true
      content_type:
        description: Its media type.
        type: str
        required: true
  upload_origins:
    description: The origins that may upload. If omitted, all; if empty, none.
    type: list
    elements: str
  read_origins:
    description: The origins that may read with credentials.
    type: list
    elements: str
    default: []
  connect_https:
    description: An address with its port to connect to for HTTPS instead of what DNS names.
    type: str
    default: ""
  connect_http:
    description: An address with its port to connect to for HTTP instead of what DNS names.
    type: str
    default: ""
  ca_file:
    description: The CA certificate to trust instead of the machine's own.
    type: path
    default: ""
  dns_server:
    description:
      - The DNS resolver, an address with an optional C(:port); the machine's own by default.
      - The name servers of the zones are queried directly, and the resolver only finds them.
    type: str
    default: ""
  keep_sample:
    description: Whether to leave one image in place and return a curl command that shows it.
    type: bool
    default: false
  propagation_seconds:
    description:
      - How long, in seconds, to repeat what AWS may refuse because a change has not propagated yet.
      - Assuming O(presigning_role_arn) from O(client_role_arn) is repeated for so long. A failed read of an object in a
        bucket that is younger than 15 minutes is repeated once after so long.
    type: int
    default: 60
  artifacts_directory:
    description: The directory on the controller that takes the report as JSON and JUnit XML. If empty, none is written.
    type: str
    default: ""
author:
  - Arda Cards (@arda-cards)
requirements:
  - cryptography
  - dnspython
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.verifies
"""

EXAMPLES = r"""
- name: Verify uploads and reads of images
  arda.image_upload.image_delivery_check:
    cdn_domain_name: dev.assets.example.com
    zone_name: assets.example.com
    bucket_name: dev-images
    presigning_role_arn: arn:aws:iam::111122223333:role/dev-presigner
    client_role_arn: arn:aws:iam::111122223333:role/dev-backend
    secret_id: dev/image-signing-key
    images:
      - path: files/photo.jpg
        content_type: image/jpeg
"""

RETURN = r"""
checks:
  description:
    - Every check with its expected and observed value, and its status, V(passed), V(failed) or V(skipped).
    - The observed value of a check that cannot be made is the reason.
    - A check that failed because an earlier one did is skipped too; its C(cause) is the criterion of that one.
  returned: outside check mode
  type: list
  elements: dict
  sample:
    - criterion: an unsigned read is refused
      expected: [403, "MissingKey: Missing Key-Pair-Id query parameter or cookie value"]
      observed: [403, "MissingKey: Missing Key-Pair-Id query parameter or cookie value"]
      ok: true
      status: passed
      remedy: Check the trusted key groups of every behavior of the distribution.
      seconds: 0.02
passed:
  description: Whether no check failed.
  returned: outside check mode
  type: bool
  sample: true
images:
  description: The images of up to 16384 bytes that the CDN has delivered, for a report.
  returned: success
  type: list
  elements: dict
  contains:
    content_type:
      description: The media type of the answer.
      returned: always
      type: str
      sample: image/jpeg
    bytes:
      description: The size of the image in bytes.
      returned: always
      type: int
      sample: 10115
    base64:
      description: The image in base64. The action plugin writes it to the artifacts, and leaves it out of the result.
      returned: in ordinary use of the module, not by the action plugin
      type: str
      sample: /9j/4AAQSkZJRg==
sample_command:
  description: A curl command that shows the image that was left in place; it opens that tenant for an hour.
  returned: when O(keep_sample=true), and the operator may put one
  type: str
  sample: >-
    curl -o image.jpg -H 'Cookie: CloudFront-Policy=...' https://dev.assets.example.com/verify-0/images/0.jpg
"""

import base64
import shlex
import time
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._checks import FAILED
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import HAS_CRYPTOGRAPHY
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.signature import cookie_header
from ansible_collections.arda.image_upload.plugins.module_utils._dns import HAS_DNSPYTHON
from ansible_collections.arda.image_upload.plugins.module_utils._verification import (
    distribution_checks,
    upload_checks,
    viewer_checks,
)
from ansible_collections.arda.image_upload.plugins.module_utils._verification.context import VerificationContext
from ansible_collections.arda.image_upload.plugins.module_utils._verification.objects import SAMPLE_TENANT
from ansible_collections.arda.image_upload.plugins.module_utils._verification.run import run_checks
from ansible_collections.arda.image_upload.plugins.module_utils._verification.skipped import SkippedError

CHECKS = [*distribution_checks.CHECKS, *upload_checks.CHECKS, *viewer_checks.CHECKS]
SAMPLE_SECONDS = 3600
#: The size in bytes up to which an image that was read is returned.
LARGEST_THUMBNAIL = 16_384


def leave_sample(context: VerificationContext) -> str:
    """Put the sample image unless it exists, and return a curl command that shows it while its cookies live.

    Raises SkippedError where the operator may not put one.
    """
    image = context.images[0]
    key = f"{SAMPLE_TENANT}/images/00000000-0000-4000-8000-000000000000.{image.extension}"
    if context.aws.call("s3", "head_object", absent=["404", "NoSuchKey"], Bucket=context.bucket, Key=key) is None:
        context.objects.put(key, image)
    resource = f"https://{context.host}/{SAMPLE_TENANT}/*"
    cookies = cookie_header(context.viewer.cookies(resource, expires=int(time.time()) + SAMPLE_SECONDS))
    words = ["curl", "--silent", "--show-error", "--output", f"image.{image.extension}"]
    if context.options["ca_file"]:
        words += ["--cacert", context.options["ca_file"]]
    if context.options["connect_https"]:
        words += ["--connect-to", f"::{context.options['connect_https']}"]
    return shlex.join([*words, "--header", f"Cookie: {cookies}", context.viewer.url(key)])


def verify(module: AnsibleAWSModule, context: VerificationContext) -> dict[str, Any]:
    """Run every check and return the module's result."""
    context.prepare()
    checks = run_checks(context, CHECKS)
    result: dict[str, Any] = {
        "checks": checks,
        "passed": all(check["status"] != FAILED for check in checks),
        "images": [
            {"content_type": media_type, "bytes": len(content), "base64": base64.b64encode(content).decode()}
            for media_type, content in dict.fromkeys(context.read.values())
            if len(content) <= LARGEST_THUMBNAIL
        ],
    }
    if module.params["keep_sample"]:
        try:
            result["sample_command"] = leave_sample(context)
        except SkippedError as reason:
            module.warn(f"No sample image is left: {reason}")
    return result


def clean_up(module: AnsibleAWSModule, context: VerificationContext) -> None:
    """Remove the test objects; where AWS refuses, name the ones that stay."""
    try:
        if left := context.objects.clean_up():
            module.warn(f"Removed test objects of ended verifications from bucket {context.bucket}: {', '.join(left)}")
    except AnsibleAWSError as error:
        module.warn(
            f"Test objects stay in bucket {context.bucket} under {context.tenant}/ and {context.other_tenant}/; delete "
            f"them by hand. {error.message}: {error.exception}"
        )


def main() -> None:
    image = {"path": {"type": "path", "required": True}, "content_type": {"type": "str", "required": True}}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "default": "verify"},
            "cdn_domain_name": {"type": "str", "required": True},
            "zone_name": {"type": "str", "required": True},
            "bucket_name": {"type": "str", "required": True},
            "other_bucket_name": {"type": "str", "default": ""},
            "presigning_role_arn": {"type": "str", "required": True},
            "client_role_arn": {"type": "str", "required": True},
            "secret_id": {"type": "str", "required": True, "no_log": False},
            "certificate_arn": {"type": "str", "default": ""},
            "key_pair_id": {"type": "str", "default": "", "no_log": False},
            "images": {"type": "list", "elements": "dict", "required": True, "options": image},
            "upload_origins": {"type": "list", "elements": "str"},
            "read_origins": {"type": "list", "elements": "str", "default": []},
            "connect_https": {"type": "str", "default": ""},
            "connect_http": {"type": "str", "default": ""},
            "ca_file": {"type": "path", "default": ""},
            "dns_server": {"type": "str", "default": ""},
            "propagation_seconds": {"type": "int", "default": 60},
            "keep_sample": {"type": "bool", "default": False},
            "artifacts_directory": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    if not (HAS_CRYPTOGRAPHY and HAS_DNSPYTHON):
        module.fail_json(msg=missing_required_lib("cryptography and dnspython"))
    if module.check_mode:
        module.exit_json(changed=False, skipped=True, msg="Not verified: the checks upload test objects")

    context = VerificationContext(module)
    try:
        result = verify(module, context)
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    finally:
        clean_up(module, context)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
