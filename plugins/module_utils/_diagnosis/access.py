# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about how AWS is reached: the clock of this machine, the credentials, and their permissions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from .._aws import Aws
from .._caller import CLOCK, missing_permissions
from .._permissions_of_roles import ROLES
from .layers import Fact, unknown

AGREES = "the clock of this machine agrees with AWS"
CREDENTIALS = "the credentials are valid, and belong to the expected account"
#: How far a clock may be off, in seconds. AWS refuses signatures beyond that.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
SKEW = 300


def clock(aws: Aws, problem: str) -> Fact:
    """Compare the clock with the date of an answer; ``problem`` is why AWS gives none."""
    expected, remedy = f"within {SKEW} s", "set the clock: sudo timedatectl set-ntp true"
    if problem and CLOCK not in problem:
        return unknown("clock", AGREES, "AWS gave no answer")
    if problem:
        return Fact("clock", AGREES, expected, problem, remedy, "date -u")
    headers = aws.call("sts", "get_caller_identity")["ResponseMetadata"]["HTTPHeaders"]
    off = round(time.time() - parsedate_to_datetime(headers["date"]).timestamp()) if "date" in headers else 0
    observed = expected if abs(off) <= SKEW else f"{abs(off)} s {'ahead' if off > 0 else 'behind'}"
    return Fact("clock", AGREES, expected, observed, remedy, "date -u")


def reached(layer: str, account: str, problem: str) -> Fact:
    """Whether a session of an account could be made; ``problem`` is what account_guard said."""
    criterion = CREDENTIALS if layer == "credentials" else f"account {account} is reached as the {layer}"
    expected = f"account {account}"
    remedy = "see what was observed, and sign in again: aws sts get-caller-identity shows who you are"
    return Fact(layer, criterion, expected, problem or expected, remedy, "aws sts get-caller-identity")


def permissions(aws: Aws, options: Mapping[str, Any]) -> Fact:
    """Compare the permissions of the caller with those of a role of docs/iam."""
    role_name, names = options["role"], options["names"]
    criterion = f"the caller has the permissions of the role {role_name}"
    role = next(role for role in ROLES if role.short_name == role_name)
    found = missing_permissions(aws, role, dict(names))
    if not found["compared"]:
        return unknown("permissions", criterion, found["reason"])
    stack = f"{names['infrastructure']}-image-upload-roles"
    remedy = (
        f"let the policies of {found['principal']} allow them; docs/iam has the policies: aws cloudformation deploy "
        f"--template-file docs/iam/infrastructure-account.yml --stack-name {stack} --capabilities CAPABILITY_NAMED_IAM"
    )
    return Fact("permissions", criterion, [], found["missing"], remedy)
