# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The aspects of an S3 bucket's configuration, each with the calls that read, write and remove it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._policy import canonical, same_policy

PRIVATE = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
ENCRYPTED = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
OWNED = [{"ObjectOwnership": "BucketOwnerEnforced"}]


@dataclass(frozen=True)
class Aspect:
    """One part of the configuration; ``value`` and ``parameters`` go between it and the S3 API's form."""

    name: str
    get: str
    put: str
    value: Callable[[dict[str, Any]], Any]
    parameters: Callable[[Any], dict[str, Any]]
    absent: tuple[str, ...] = ()
    delete: str = ""


def _encryption(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Which algorithm is the default: AWS adds switches of its own to the rule."""
    return [
        {"ApplyServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"]}
        for rule in answer["ServerSideEncryptionConfiguration"]["Rules"]
    ]


# In the order in which they are written: private before anything else, the policy last.
ASPECTS = (
    Aspect(
        "public_access_block",
        "get_public_access_block",
        "put_public_access_block",
        lambda answer: answer["PublicAccessBlockConfiguration"],
        lambda value: {"PublicAccessBlockConfiguration": value},
        ("NoSuchPublicAccessBlockConfiguration",),
    ),
    Aspect(
        "ownership",
        "get_bucket_ownership_controls",
        "put_bucket_ownership_controls",
        lambda answer: answer["OwnershipControls"]["Rules"],
        lambda value: {"OwnershipControls": {"Rules": value}},
        ("OwnershipControlsNotFoundError",),
    ),
    Aspect(
        "encryption",
        "get_bucket_encryption",
        "put_bucket_encryption",
        _encryption,
        lambda value: {"ServerSideEncryptionConfiguration": {"Rules": value}},
        ("ServerSideEncryptionConfigurationNotFoundError",),
    ),
    Aspect(
        "versioning",
        "get_bucket_versioning",
        "put_bucket_versioning",
        lambda answer: answer.get("Status"),
        lambda value: {"VersioningConfiguration": {"Status": value}},
    ),
    Aspect(
        "logging",
        "get_bucket_logging",
        "put_bucket_logging",
        lambda answer: (
            {name: answer["LoggingEnabled"].get(name, "") for name in ("TargetBucket", "TargetPrefix")}
            if "LoggingEnabled" in answer
            else None
        ),
        lambda value: {"BucketLoggingStatus": {"LoggingEnabled": value} if value else {}},
    ),
    Aspect(
        "lifecycle_rules",
        "get_bucket_lifecycle_configuration",
        "put_bucket_lifecycle_configuration",
        lambda answer: answer["Rules"],
        lambda value: {"LifecycleConfiguration": {"Rules": value}},
        ("NoSuchLifecycleConfiguration",),
        "delete_bucket_lifecycle",
    ),
    Aspect(
        "cors_rules",
        "get_bucket_cors",
        "put_bucket_cors",
        lambda answer: answer["CORSRules"],
        lambda value: {"CORSConfiguration": {"CORSRules": value}},
        ("NoSuchCORSConfiguration",),
        "delete_bucket_cors",
    ),
    Aspect(
        "tags",
        "get_bucket_tagging",
        "put_bucket_tagging",
        lambda answer: answer["TagSet"],
        lambda value: {"Tagging": {"TagSet": value}},
        ("NoSuchTagSet",),
        "delete_bucket_tagging",
    ),
    Aspect(
        "policy",
        "get_bucket_policy",
        "put_bucket_policy",
        lambda answer: json.loads(answer["Policy"]),
        lambda value: {"Policy": json.dumps(value)},
        ("NoSuchBucketPolicy",),
        "delete_bucket_policy",
    ),
)


def desired_aspects(options: dict[str, Any]) -> dict[str, Any]:
    """The value of each aspect that the module's options declare; an option that is not given declares none."""
    desired: dict[str, Any] = {
        "public_access_block": PRIVATE,
        "ownership": OWNED,
        "encryption": ENCRYPTED,
        "versioning": "Enabled",
    }
    for name in ("policy", "cors_rules", "lifecycle_rules", "tags"):
        if options.get(name) is not None:
            desired[name] = options[name]
    logging = options.get("logging")
    if logging is not None:
        target = logging.get("target_bucket")
        prefix = logging.get("target_prefix") or ""
        desired["logging"] = {"TargetBucket": target, "TargetPrefix": prefix} if target else {}
    return desired


def same(name: str, desired: Any, actual: Any) -> bool:
    """Whether an aspect in AWS is what is declared, in the form that S3 keeps."""
    if name == "lifecycle_rules":
        actual = without_made_up_ids(desired, actual)
    if name == "policy":
        return same_policy(desired, actual)
    return canonical(desired) == canonical(actual)


def without_made_up_ids(desired: list[dict[str, Any]] | None, actual: list[dict[str, Any]] | None) -> Any:
    """The rules in AWS, each without the ID that S3 assigned because its declaration has none.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
    """
    nameless = [canonical(rule) for rule in desired or [] if not rule.get("ID")]
    named = [rule["ID"] for rule in desired or [] if rule.get("ID")]
    found = []
    for rule in actual or []:
        bare = {key: value for key, value in rule.items() if key != "ID"}
        matches = canonical(bare) in nameless and rule.get("ID") not in named
        if matches:
            nameless.remove(canonical(bare))
        found.append(bare if matches else rule)
    return found
