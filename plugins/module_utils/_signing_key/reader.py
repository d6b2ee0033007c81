# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signing key in AWS, read: Secrets Manager and CloudFront as one snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .._aws import Aws, AwsError, at_once
from .key_group import KeyGroup
from .public_keys import PublicKeys
from .secret import Secret
from .state import PublicKey, Snapshot

# What GetSecretValue answers if another run has deleted the secret since DescribeSecret found it.
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
GONE_CODES = ("InvalidRequestException", "ResourceNotFoundException")
ATTEMPTS = 5


class SigningKeyReader:
    """Reads the secret, the public keys and the key group that a module's options name."""

    def __init__(self, module: Any) -> None:
        aws, options = Aws(module), module.params
        self.secret = Secret(aws, options["secret_name"])
        self.public_keys = PublicKeys(aws, options["secret_name"], options["key_group_name"])
        self.key_group = KeyGroup(aws, options["key_group_name"])
        self._removing = options.get("state") == "absent"
        #: What this run has seen, as a snapshot has it.
        self.proven: set[str] = set()
        self.deployed: set[str] = set()

    def read(self) -> Snapshot:
        """What AWS holds now.

        Raises AnsibleAWSError if the secret holds something that is no key, or the key of another secret.
        """
        for _attempt in range(ATTEMPTS - 1):
            try:
                return self._read()
            except AwsError as error:
                if error.code not in GONE_CODES:
                    raise
        return self._read()

    def _read(self) -> Snapshot:
        """CloudFront before the secret: a registered key's private half was stored before it."""
        keys, group = at_once([self.public_keys.read, self.key_group.read])
        found = Snapshot(proven=frozenset(self.proven), deployed=frozenset(self.deployed), public_keys=keys, **group)
        if self._removing and found.group:
            found = replace(found, users=self.key_group.distributions(found.group))
        found = replace(found, **self.secret.read())
        for version in (found.current, found.pending):
            self._refuse_another_secrets(found.registered(version))
        return found

    def _refuse_another_secrets(self, key: PublicKey | None) -> None:
        owner = self.public_keys.owner(key) if key else ""
        if key and owner and not key.owned:
            raise AnsibleAWSError(
                message=f"Public key {key.key_id} is the signing key of secret {owner} already, and secret "
                f"{self.secret.name} holds the same private key. Nothing was written. One key belongs to one secret: "
                "correct or delete one of the two, then run again."
            )
