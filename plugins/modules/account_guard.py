#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: account_guard
version_added: 1.0.0
short_description: Stop unless the credentials are those of the expected AWS account
description:
  - Assumes O(role_arn) first, if it is given. Its credentials are then the ones that are compared and returned.
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
  role_arn:
    description: A role to assume with the credentials of the task. None if it is empty.
    type: str
    default: ""
  role_session_name:
    description: The name of the session of the assumed role, which AWS CloudTrail shows.
    type: str
    default: arda-image-upload
seealso:
  - name: GetCallerIdentity
    description: The call that names the caller's account. Any caller may make it.
    link: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  - name: AssumeRole
    description: The call that assumes a role. Its answer names the role's account.
    link: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
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
    account_id: "111122223333"
    profile: development

- name: Assume a role in the account
  arda.image_upload.account_guard:
    account_id: "111122223333"
    role_arn: arn:aws:iam::111122223333:role/Operator
  register: session
  no_log: true
"""

RETURN = r"""
account_id:
  description: The account of the caller.
  returned: success
  type: str
  sample: "111122223333"
arn:
  description: The principal that the credentials belong to.
  returned: success
  type: str
  sample: arn:aws:sts::111122223333:assumed-role/Operator/alice
credentials:
  description:
    - The credentials of the assumed role, as the options of any AWS module. Empty if O(role_arn) is.
    - They are secret; register the result of a task with C(no_log).
  returned: success
  type: dict
  contains:
    access_key:
      description: The access key of the session.
      type: str
    secret_key:
      description: The secret key of the session.
      type: str
    session_token:
      description: The token of the session.
      type: str
    profile:
      description: The empty string, so that no profile counts beside them.
      type: str
"""

import contextlib
import os
import re
from typing import Any, NoReturn

with contextlib.suppress(ImportError):  # AnsibleAWSModule reports the missing library
    import botocore.session

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._caller import CLOCK

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
    "RefreshWithMFAUnsupportedError": "the AWS profile asks for an MFA code, which a module cannot enter",
    "MetadataRetrievalError": "the credentials of this machine's role cannot be retrieved",
    "SSOError": "the AWS single sign-on session cannot be used",
    "FileNotFoundError": "the command or file that the AWS profile names does not exist",
    "PermissionError": "a file of the AWS configuration cannot be read",
    "UnicodeDecodeError": "the AWS configuration file cannot be read",
    "JSONDecodeError": "the credential_process of the AWS profile does not print JSON",
    "InvalidRegionError": "the AWS region has no valid name",
    "NoRegionError": "no AWS region is given",
    "AccessDenied": "AWS refuses it",
    "AccessDeniedException": "AWS refuses it",
    "RequestExpired": CLOCK,
    "RequestTimeTooSkewed": CLOCK,
    "ExpiredToken": "the AWS session is over",
    "ExpiredTokenException": "the AWS session is over",
    "InvalidClientTokenId": "AWS does not know the access key",
    "UnrecognizedClientException": "AWS does not know the access key",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
}


def cause(exception: BaseException | None) -> str:
    """The cause of a failure to reach AWS, in words and on one line."""
    code = (getattr(exception, "response", None) or {}).get("Error", {}).get("Code", "")
    known = CAUSES.get(code) or CAUSES.get(type(exception).__name__)
    text = " ".join(str(exception).split()) or type(exception).__name__
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html (expired signatures)
    if code == "SignatureDoesNotMatch" and re.search("Signature (expired|not yet current)", text):
        known = CLOCK
    return f"{known} ({text})" if known else f"AWS could not be asked: {text}"


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


class Guard:
    """One session: its credentials, the role, and the comparison of the account."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._expected, self._role = module.params["account_id"], module.params["role_arn"]

    def fail(self, text: str) -> NoReturn:
        """End with the text, what was written, and the remedy."""
        self._module.fail_json(msg=f"{text}. Nothing was written by this task. {self._module.params['remedy']}".strip())
        raise SystemExit(1)

    def read_credentials(self) -> None:
        """Read the credentials of the profile or of the environment, each way of which has failures of its own."""
        profile = self._module.params["profile"] or None
        if self._module.params["access_key"]:
            return
        if asking := mfa_profile(profile):
            self.fail(
                f"Account {self._expected} cannot be reached: AWS profile {asking} asks for an MFA code, which a "
                "module cannot enter. Start a session first, such as with aws sts assume-role --serial-number, and use "
                "its credentials"
            )
        credentials = botocore.session.Session(profile=profile).get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()

    def identity(self) -> tuple[str, dict[str, str]]:
        """The ARN of the session, and the credentials of the role if one is assumed."""
        self.read_credentials()
        aws = Aws(self._module)
        if not self._role:
            return aws.call("sts", "get_caller_identity")["Arn"], {}
        name = self._module.params["role_session_name"]
        session = aws.call("sts", "assume_role", RoleArn=self._role, RoleSessionName=name)
        credentials = session["Credentials"]
        return session["AssumedRoleUser"]["Arn"], {
            "profile": "",
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "session_token": credentials["SessionToken"],
        }

    def compare(self, arn: str) -> str:
        """The account of an ARN, which must be the expected one."""
        account = arn.split(":")[4]
        if not arn.startswith("arn:aws:"):
            self.fail(
                f"Account {account} is in another partition of AWS than aws ({arn}). Use an account of the commercial "
                "regions"
            )
        if account != self._expected:
            self.fail(
                f"Wrong AWS account: expected {self._expected}, but the credentials belong to {account} ({arn})",
            )
        return account


def raise_error(error: BaseException, **_message: Any) -> NoReturn:
    """Take the place of fail_json_aws, with which amazon.aws would end the module before the account is named."""
    raise error


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "account_id": {"type": "str", "required": True},
            "remedy": {"type": "str", "default": ""},
            "role_arn": {"type": "str", "default": ""},
            "role_session_name": {"type": "str", "default": "arda-image-upload"},
        },
        supports_check_mode=True,
    )
    module.fail_json_aws = raise_error
    expected, role = module.params["account_id"], module.params["role_arn"]
    if not re.fullmatch(r"[0-9]{12}", expected):
        module.fail_json(msg=f"account_id must be twelve digits, not {expected!r}")
    guard = Guard(module)
    try:
        arn, credentials = guard.identity()
    except Exception as error:  # credentials come from files, processes and prompts, each with failures of its own
        through = f" through role {role}" if role else ""
        guard.fail(f"Account {expected} cannot be reached{through}: {cause(getattr(error, 'exception', error))}")
    account = guard.compare(arn)
    module.exit_json(changed=False, account_id=account, arn=arn, credentials=credentials)


if __name__ == "__main__":
    main()
