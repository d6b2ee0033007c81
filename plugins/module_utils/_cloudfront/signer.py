# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share that sign for viewers: their options, and the key from Secrets Manager."""

from __future__ import annotations

import time
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .._aws import Aws
from .key_material import HAS_CRYPTOGRAPHY, StoredKey, stored_key
from .signature import HASH_ALGORITHMS, custom_policy

ARGUMENTS: dict[str, dict[str, Any]] = {
    "secret_id": {"type": "str", "required": True, "no_log": False},
    "key_pair_id": {"type": "str", "default": "", "no_log": False},
    "lifetime": {"type": "int", "default": 900},
    "starts": {"type": "int"},
    "source_ip": {"type": "str"},
    "hash_algorithm": {"type": "str", "choices": list(HASH_ALGORITHMS), "default": "SHA1"},
}


def current_key(module: Any) -> tuple[StoredKey, str]:
    """The key in AWSCURRENT, and its key pair id. Ends the module where there is none."""
    if not HAS_CRYPTOGRAPHY:
        module.fail_json(msg=missing_required_lib("cryptography"))
    secret_id = module.params["secret_id"]
    try:
        value = Aws(module).call("secretsmanager", "get_secret_value", SecretId=secret_id)
        found = stored_key(value, f"Secret {secret_id}")
        if found is None:
            raise AnsibleAWSError(message=f"Secret {secret_id} holds no signing key yet: make it first")
        key = found
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    key_pair_id = key.key_pair_id or module.params["key_pair_id"]
    if not key_pair_id:
        module.fail_json(msg=f"Secret {secret_id} is a bare PEM: key_pair_id must name its public key in CloudFront")
    return key, key_pair_id


def policy(module: Any, resource: str) -> tuple[bytes, int]:
    """The policy over a resource that the options describe, and when it expires, in seconds since 1970."""
    expires = int(time.time()) + module.params["lifetime"]
    return custom_policy(resource, expires, module.params["starts"], module.params["source_ip"]), expires
