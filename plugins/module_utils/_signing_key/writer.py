# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signing key in AWS, written: every step towards the goal, made so that AWS lets it succeed once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .._aws import AwsError
from .._cloudfront.http import Viewer
from .errors import LostError, WaitingError
from .proof import objection
from .quotas import QUOTAS
from .reader import SigningKeyReader
from .steps import Step

# Errors by which AWS says that another run made this step, or changed what it rests on, a moment ago.
LOST_CODES = (
    "InvalidParameterException",
    "InvalidRequestException",
    "KeyGroupAlreadyExists",
    "NoSuchPublicKey",
    "NoSuchResource",
    "PreconditionFailed",
    "PublicKeyAlreadyExists",
    "ResourceExistsException",
    "ResourceNotFoundException",
)
#: The remedy if AWS refuses to delete a public key.
HELD = (
    "Another key group or a field-level encryption profile holds the public key. Remove the key there, then run again."
)
#: After a change of the key group, how long the status of a distribution is not relied on.
NOTICE_SECONDS = 2.0


class SigningKeyWriter:
    """Takes steps on the secret, the public keys and the key group of a reader."""

    def __init__(self, reader: SigningKeyReader, options: dict[str, Any]) -> None:
        self._reader = reader
        self._options = options

    def take(self, step: Step) -> None:
        """Take one step.

        Raises LostError if another run took it a moment ago, WaitingError if it must be tried later, and
        AnsibleAWSError if it cannot be taken.
        """
        try:
            self._take(step)
        except AwsError as error:
            reached = next((quota for quota in QUOTAS.values() if quota.code == error.code), None)
            if reached:
                raise AnsibleAWSError(
                    message=f"Cannot {step.summary}: the account has reached its limit of CloudFront "
                    f"{reached.counted}. Delete unused ones, or ask AWS for more, then run again; what is made so far "
                    "is kept."
                ) from error
            if error.code == "PublicKeyInUse":  # for a moment after it left the key group, or by another one
                raise LostError(f"{step.summary}: {error.exception}", HELD) from error
            if error.code in LOST_CODES:
                raise LostError(f"{step.summary}: {error.exception}") from error
            raise

    def _take(self, step: Step) -> None:
        secret, public_keys, key_group = self._reader.secret, self._reader.public_keys, self._reader.key_group
        options = self._options
        match step.name:
            case "create_secret":
                secret.create(options["tags"] or {}, options["kms_key_id"])
            case "restore_secret":
                secret.restore()
            case "delete_secret":
                secret.delete(options["recovery_window"])
            case "store_key":
                secret.store_key(options["key_type"], options["secret_format"])
            case "store_key_pair_id":
                secret.store_key_pair_id(step.version, step.key.key_id, options["secret_format"])
            case "promote":
                secret.promote(step.version)
            case "clear_pending" | "abandon_pending":
                secret.remove_pending_label(step.version)
            case "register_key":
                public_keys.register(secret.key(step.version))
            case "claim_key":
                public_keys.comment_on(step.key, None)
            case "mark_replaced":
                public_keys.comment_on(step.key, key_group.now())
            case "drop_key":
                public_keys.delete(step.key)
            case "create_group":
                key_group.create(step.key)
            case "join_group":
                key_group.add(step.group, step.key)
            case "leave_group":
                key_group.remove(step.group, step.key)
            case "delete_group":
                key_group.delete(step.group)
            case "await_deployment":
                self._await_deployment(step)
            case "prove":
                self._prove(step)
            case _:
                raise ValueError(f"no way to take step {step.name}")

    def _await_deployment(self, step: Step) -> None:
        """Wait until every distribution that trusts the key group is deployed, with the changed group.

        A change of a key group redeploys the distributions that trust it; edge locations follow in minutes.
        https://github.com/hashicorp/terraform-provider-aws/pull/24537
        """
        key_group = self._reader.key_group
        now, started = key_group.now(), time.monotonic()
        # CloudFront documents no time until the status shows the redeployment.
        time.sleep(max(0.0, min(NOTICE_SECONDS, step.group.modified + NOTICE_SECONDS - now)))

        def deploying() -> str:
            pending = [user for user in key_group.distributions(step.group) if user.status != "Deployed"]
            elapsed = now - step.group.modified + time.monotonic() - started
            found = ", ".join(f"{user} is {user.status}" for user in pending)
            return f"{found}, {elapsed:.0f} s after the key group changed" if pending else ""

        self._wait_while(deploying)
        self._reader.deployed.add(step.key.key_id)

    def _prove(self, step: Step) -> None:
        """Try the new key through the CDN; AWSCURRENT is still the old key meanwhile."""
        proof = self._options["proof"]
        viewer = Viewer(proof["connect_https"], ca_file=proof["ca_file"])
        private_pem = self._reader.secret.key(step.version).private_pem
        self._wait_while(lambda: objection(viewer, proof["url"], step.key.key_id, private_pem))
        self._reader.proven.add(step.version.fingerprint)

    def _wait_while(self, reason: Callable[[], str]) -> None:
        """Wait while there is a reason to, as long as the options say.

        Raises WaitingError with the last reason. What was written is kept, and a later run goes on.
        """
        deadline = time.monotonic() + (self._options["wait_timeout"] if self._options["wait"] else 0)
        while found := reason():
            if time.monotonic() + self._options["wait_delay"] > deadline:
                raise WaitingError(found)
            time.sleep(self._options["wait_delay"])
