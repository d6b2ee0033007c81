#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: account_guard
version_added: 0.1.0
short_description: Stop unless the credentials are those of the expected AWS account
description:
  - Compares the account of the caller with the one that the inventory names, and fails with both numbers where they
    differ, so that a wrong profile never writes into a wrong account.
  - Where AWS cannot be asked at all, says which of the causes it is, with its remedy.
  - Rests on U(https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html), which any
    caller may call.
options:
  account_id:
    description: The number of the account that the credentials must belong to, twelve digits.
    type: str
    required: true
  remedy:
    description: What the operator does when the account cannot be reached, added to the message.
    type: str
    default: ""
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
"""

EXAMPLES = r"""
- name: Stop unless these are the credentials of the development account
  arda.image_upload.account_guard:
    account_id: "139852620346"
    profile: development
"""

RETURN = r"""
account_id:
  description: The account of the caller.
  returned: success
  type: str
  sample: "139852620346"
arn:
  description: The principal that the credentials belong to.
  returned: success
  type: str
  sample: arn:aws:sts::139852620346:assumed-role/Operator/alice
"""

import re

try:
    import boto3
    from botocore.exceptions import ProfileNotFound
except ImportError:
    pass  # AnsibleAWSModule reports the missing library

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws

# What went wrong, by botocore's exception or AWS's error code, in the operator's words.
CAUSES = {
    "EndpointConnectionError": "nothing answers at the AWS endpoint",
    "ConnectTimeoutError": "nothing answers at the AWS endpoint",
    "NoCredentialsError": "there are no AWS credentials",
    "PartialCredentialsError": "the AWS credentials are incomplete",
    "ProfileNotFound": "this AWS profile does not exist",
    "SSOTokenLoadError": "the AWS single sign-on session is over",
    "UnauthorizedSSOTokenError": "the AWS single sign-on session is over",
    "TokenRetrievalError": "the AWS single sign-on session is over",
    "ExpiredToken": "the AWS session is over",
    "ExpiredTokenException": "the AWS session is over",
    "InvalidClientTokenId": "AWS does not know the access key",
    "UnrecognizedClientException": "AWS does not know the access key",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
}


def cause(exception: BaseException | None) -> str:
    """The cause of a failure to reach AWS, in words."""
    code = (getattr(exception, "response", None) or {}).get("Error", {}).get("Code", "")
    known = CAUSES.get(code) or CAUSES.get(type(exception).__name__)
    return f"{known} ({exception})" if known else f"AWS could not be asked: {exception}"


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "account_id": {"type": "str", "required": True},
            "remedy": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    expected, remedy = module.params["account_id"], module.params["remedy"]
    if not re.fullmatch(r"\d{12}", expected):
        module.fail_json(msg=f"account_id must be twelve digits, not {expected!r}")
    try:
        # Asked here, because amazon.aws ends the module by itself where the profile does not exist.
        boto3.session.Session(profile_name=module.params["profile"] or None)
        identity = Aws(module).call("sts", "get_caller_identity")
    except (AnsibleAWSError, ProfileNotFound) as error:
        reason = cause(getattr(error, "exception", error))
        module.fail_json(msg=f"Account {expected} cannot be reached: {reason}. Nothing was written. {remedy}".strip())
    if identity["Account"] != expected:
        module.fail_json(
            msg=f"Wrong AWS account: expected {expected}, but the credentials belong to {identity['Account']} "
            f"({identity['Arn']}). Nothing was written. {remedy}".strip()
        )
    module.exit_json(changed=False, account_id=identity["Account"], arn=identity["Arn"])


if __name__ == "__main__":
    main()
