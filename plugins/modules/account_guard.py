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
  - Compares the account of the caller with the expected one, and fails with both numbers if they differ, so that a
    wrong profile never writes into a wrong account.
  - If AWS cannot be asked, the message names the cause and the remedy.
  - Accepts accounts of the partition C(aws) only, not of China or GovCloud (US).
options:
  account_id:
    description: The expected account, twelve digits.
    type: str
    required: true
  remedy:
    description: What the operator does if the account cannot be reached. Added to the message.
    type: str
    default: ""
seealso:
  - name: GetCallerIdentity
    description: The call that names the caller's account. Any caller may make it.
    link: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
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

import contextlib
import os
import re

with contextlib.suppress(ImportError):  # AnsibleAWSModule reports the missing library
    import botocore.session

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws

#: The cause of a failure, by botocore's exception or AWS's error code.
CAUSES = {
    "EndpointConnectionError": "nothing answers at the AWS endpoint",
    "ConnectTimeoutError": "nothing answers at the AWS endpoint",
    "NoCredentialsError": "there are no AWS credentials",
    "CredentialRetrievalError": "the AWS credentials cannot be retrieved",
    "ConfigParseError": "the AWS configuration file cannot be read",
    "ConfigNotFound": "the AWS configuration file cannot be read",
    "InfiniteLoopConfigError": "the AWS profile is its own source",
    "InvalidConfigError": "the AWS profile is incomplete",
    "EOFError": "the AWS profile asks for an MFA code, which a module cannot enter",
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


def mfa_profile(profile: str | None) -> str:
    """The profile that would ask for an MFA code, among the named one and its sources; empty if there is none.

    botocore asks on the terminal, where a module would wait without an end.
    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html#cli-configure-role-mfa
    """
    session = botocore.session.Session(profile=profile)
    session.get_scoped_config()  # raises ProfileNotFound
    if not profile and "AWS_ACCESS_KEY_ID" in os.environ:  # which go before the default profile
        return ""
    profiles = session.full_config.get("profiles", {})
    current, seen = profile or session.profile or "default", set()
    while current in profiles and current not in seen:
        seen.add(current)
        if {"role_arn", "mfa_serial"} <= set(profiles[current]):
            return current
        current = profiles[current].get("source_profile", "")
    return ""


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
    profile, static = module.params["profile"] or None, module.params["access_key"]
    try:
        # Read here, because amazon.aws ends the module itself if the profile does not exist.
        if not static and (asking := mfa_profile(profile)):
            module.fail_json(
                msg=f"Account {expected} cannot be reached: AWS profile {asking} asks for an MFA code, which a module "
                "cannot enter. Nothing was written. Start a session first, such as with aws sts assume-role "
                f"--serial-number, and use its credentials. {remedy}".strip()
            )
        identity = Aws(module).call("sts", "get_caller_identity")
    except Exception as error:  # credentials come from files, processes and prompts, each with failures of its own
        reason = cause(getattr(error, "exception", error))
        module.fail_json(msg=f"Account {expected} cannot be reached: {reason}. Nothing was written. {remedy}".strip())
    if not identity["Arn"].startswith("arn:aws:"):
        module.fail_json(
            msg=f"Account {identity['Account']} is in another partition of AWS than aws ({identity['Arn']}). Nothing "
            f"was written. Use an account of the commercial regions. {remedy}".strip()
        )
    if identity["Account"] != expected:
        module.fail_json(
            msg=f"Wrong AWS account: expected {expected}, but the credentials belong to {identity['Account']} "
            f"({identity['Arn']}). Nothing was written. {remedy}".strip()
        )
    module.exit_json(changed=False, account_id=identity["Account"], arn=identity["Arn"])


if __name__ == "__main__":
    main()
