# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account holds of the kinds of resources that a partition has, and which CloudFormation stack owns each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ._aws import KEY_TYPES, Aws, at_once

#: The state of a stack that is gone. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
GONE = "DELETE_COMPLETE"


@dataclass(frozen=True)
class Item:
    """A resource. ``created`` is a time in ISO 8601, empty where AWS does not say; ``detail`` is AWS's own answer."""

    kind: str
    identifier: str
    name: str
    created: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


class Account:
    """The listings of an account, read at once, each one when it is first asked for."""

    def __init__(self, aws: Aws, certificates: Aws) -> None:
        self._aws = aws
        self._certificates = certificates

    def read(self) -> dict[str, list[Item]]:
        """The resources of every kind."""
        kinds = list(_LISTINGS)
        found = at_once(partial(self._list, kind) for kind in kinds)
        return dict(zip(kinds, found, strict=True))

    def _list(self, kind: str) -> list[Item]:
        service, operation, path, item, options = _LISTINGS[kind]
        aws = self._certificates if service == "acm" else self._aws
        return [item(kind, found) for found in aws.pages(service, operation, path, **options)]

    def owners(self, stacks: list[Item]) -> dict[str, str]:
        """The name of the stack that owns a resource, by the physical id of the resource."""
        living = [stack for stack in stacks if stack.detail["StackStatus"] != GONE]
        listed = at_once(partial(self._resources, stack.name) for stack in living)
        return {physical: stack.name for stack, resources in zip(living, listed, strict=True) for physical in resources}

    def _resources(self, stack: str) -> list[str]:
        found = self._aws.pages("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=stack)
        return [resource["PhysicalResourceId"] for resource in found if resource.get("PhysicalResourceId")]


def text_time(when: Any) -> str:
    """A time of boto3 in ISO 8601, the empty string for none."""
    return when.isoformat(timespec="seconds") if hasattr(when, "isoformat") else ""


def _item(identifier: str, name: str, created: str = "") -> Callable[[str, Mapping[str, Any]], Item]:
    """How an answer becomes an item: the fields that hold its id, its name and the time of its creation."""

    def make(kind: str, found: Mapping[str, Any]) -> Item:
        when = found.get(created)
        return Item(kind, str(found[identifier]), str(found[name]), text_time(when), found)

    return make


def _distribution(kind: str, found: Mapping[str, Any]) -> Item:
    names = found["Aliases"].get("Items") or [found["DomainName"]]
    return Item(kind, found["Id"], names[0], text_time(found.get("LastModifiedTime")), found)


def _key_group(kind: str, found: Mapping[str, Any]) -> Item:
    group = found["KeyGroup"]
    return Item(kind, group["Id"], group["KeyGroupConfig"]["Name"], text_time(group.get("LastModifiedTime")), group)


def _headers_policy(kind: str, found: Mapping[str, Any]) -> Item:
    policy = found["ResponseHeadersPolicy"]
    config = policy["ResponseHeadersPolicyConfig"]
    return Item(kind, policy["Id"], config["Name"], text_time(policy.get("LastModifiedTime")), config)


def _zone(kind: str, found: Mapping[str, Any]) -> Item:
    return Item(kind, found["Id"].rpartition("/")[2], found["Name"].rstrip("."), "", found)


#: service, operation, path of the items, how an item is made, options of the call
_LISTINGS: dict[str, tuple[str, str, str, Callable[[str, Mapping[str, Any]], Item], dict[str, Any]]] = {
    "bucket": ("s3", "list_buckets", "Buckets", _item("Name", "Name", "CreationDate"), {}),
    "certificate": (
        "acm",
        "list_certificates",
        "CertificateSummaryList",
        _item("CertificateArn", "DomainName", "CreatedAt"),
        {"Includes": {"keyTypes": KEY_TYPES}},
    ),
    "distribution": ("cloudfront", "list_distributions", "DistributionList.Items", _distribution, {}),
    "key group": ("cloudfront", "list_key_groups", "KeyGroupList.Items", _key_group, {}),
    "origin access control": (
        "cloudfront",
        "list_origin_access_controls",
        "OriginAccessControlList.Items",
        _item("Id", "Name"),
        {},
    ),
    "public key": ("cloudfront", "list_public_keys", "PublicKeyList.Items", _item("Id", "Name", "CreatedTime"), {}),
    "response headers policy": (
        "cloudfront",
        "list_response_headers_policies",
        "ResponseHeadersPolicyList.Items",
        _headers_policy,
        {"Type": "custom"},
    ),
    "role": ("iam", "list_roles", "Roles", _item("RoleName", "RoleName", "CreateDate"), {}),
    "secret": (
        "secretsmanager",
        "list_secrets",
        "SecretList",
        _item("ARN", "Name", "CreatedDate"),
        {"IncludePlannedDeletion": True},
    ),
    "stack": ("cloudformation", "list_stacks", "StackSummaries", _item("StackId", "StackName", "CreationTime"), {}),
    "zone": ("route53", "list_hosted_zones", "HostedZones", _zone, {}),
}


def used_by(distribution: Item) -> dict[str, set[str]]:
    """The ids of what a distribution uses, by kind."""
    detail = distribution.detail
    origins = detail["Origins"].get("Items") or []
    behaviors = [detail["DefaultCacheBehavior"], *(detail.get("CacheBehaviors", {}).get("Items") or [])]
    groups = [behavior.get("TrustedKeyGroups", {}).get("Items") or [] for behavior in behaviors]
    return {
        "bucket": {bucket_of_origin(origin["DomainName"]) for origin in origins},
        "key group": {group for trusted in groups for group in trusted},
        "origin access control": {origin.get("OriginAccessControlId", "") for origin in origins},
        "response headers policy": {behavior.get("ResponseHeadersPolicyId", "") for behavior in behaviors},
    }


def bucket_of_origin(domain_name: str) -> str:
    """The bucket of an S3 origin, the empty string for another origin.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    found = re.fullmatch(r"(.+)\.s3([.-][a-z0-9-]+)?\.amazonaws\.com", domain_name)
    return found[1] if found else ""
