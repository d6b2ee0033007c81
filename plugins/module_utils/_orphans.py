# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed and abandoned deployments have left in an account, and how it is removed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ._account import GONE, Item, used_by
from ._aws import Aws, at_once
from ._cloudformation import DEAD
from ._signing_key.comments import OWNED

#: The records that every zone has, its NS and SOA.
OWN_RECORDS = 2
#: How the names of a partition's and a foundation's resources end. Another name is somebody else's.
PATTERNS = {
    "bucket": r".+-image-asset-bucket",
    "key group": r".+-.+-images",
    "origin access control": r".+-.+-images",
    "response headers policy": r".+-.+-images",
    "role": r".+-ImagePreSigningRole",
    "secret": r".+/image-signing-key",
    "stack": r".+-image-upload-(exports|foundation)",
}
#: What else tells a resource of ours, by kind: a text in a field of AWS's answer. The name of a stack says enough.
MARKS = {
    "bucket": ("Tags", "arda.image_upload"),
    "origin access control": ("Description", "Reads "),
    "response headers policy": ("Comment", "Credentialed reads by the application"),
    "role": ("Description", "Presigns uploads of images to "),
    "secret": ("Tags", "arda.image_upload"),
}
#: The order in which resources can be removed: what another one needs comes after it.
REMOVAL_ORDER = (
    "stack",
    "key group",
    "public key",
    "secret",
    "origin access control",
    "response headers policy",
    "role",
    "certificate",
    "bucket",
    "zone",
)


def orphans(
    options: Mapping[str, Any], held: Mapping[str, list[Item]], exported: list[str]
) -> Iterator[tuple[Item, str]]:
    """What belongs to nothing that is declared and is used by nothing, each with the reason.

    Parameters:
        options: ``declared``, ``domains`` and ``root_domain`` of the module orphans.
        held: What the account holds, by kind.
        exported: The values of its exports.
    """
    used = {identifier for one in held["distribution"] for of_kind in used_by(one).values() for identifier in of_kind}
    groups = set()  # the key groups among the orphans
    for kind, pattern in PATTERNS.items():
        for item in held[kind]:
            if item.identifier in used or item.detail.get("StackStatus") == GONE:
                continue
            if not re.fullmatch(pattern, item.name) or not _marked(item, held["public key"]):
                continue
            declared = item.name in [names.get(kind) for names in options["declared"]]
            if kind == "secret" and "DeletedDate" in item.detail:
                later = ", and a deployment restores it" if declared else ""
                yield item, f"deleted; AWS keeps it for its recovery window{later}"
            elif kind == "stack" and item.detail["StackStatus"] in DEAD:
                yield item, f"is {item.detail['StackStatus']}, and exports nothing"
            elif not declared:
                groups |= {item.identifier} if kind == "key group" else set()
                yield item, "of no declared partition, and no distribution uses it"
    yield from _unused_keys(held, groups)
    yield from _certificates(options, held["certificate"])
    yield from _zones(options, held["zone"], exported)


def _marked(item: Item, keys: list[Item]) -> bool:
    """Whether a resource says that it is of a partition; a key group by all of its public keys."""
    if item.kind == "key group":
        ours = {key.identifier for key in keys if OWNED in key.detail.get("Comment", "")}
        return bool(item.detail["KeyGroupConfig"]["Items"]) and set(item.detail["KeyGroupConfig"]["Items"]) <= ours
    field, mark = MARKS.get(item.kind, ("", ""))
    return mark in str(item.detail.get(field, ""))


def with_tags(aws: Aws, buckets: list[Item]) -> list[Item]:
    """Buckets with their tags, those whose name is one of a partition's: a listing has no tags.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html
    """
    found = [bucket for bucket in buckets if re.fullmatch(PATTERNS["bucket"], bucket.name)]
    read = partial(aws.call, "s3", "get_bucket_tagging", absent=["NoSuchTagSet", "NoSuchBucket"])
    answers = at_once(partial(read, Bucket=bucket.name) for bucket in found)
    tags = [(answer or {}).get("TagSet", []) for answer in answers]
    return [replace(bucket, detail={"Tags": own}) for bucket, own in zip(found, tags, strict=True)]


def _unused_keys(held: Mapping[str, list[Item]], orphaned: set[str]) -> Iterator[tuple[Item, str]]:
    """Public keys whose comment says that they are of a signing key, in no key group that stays."""
    staying = [group for group in held["key group"] if group.identifier not in orphaned]
    trusted = {key for group in staying for key in group.detail["KeyGroupConfig"]["Items"]}
    for key in held["public key"]:
        if OWNED in key.detail.get("Comment", "") and key.identifier not in trusted:
            yield key, "of a signing key, and in no key group that is used"


def _certificates(options: Mapping[str, Any], certificates: list[Item]) -> Iterator[tuple[Item, str]]:
    """Unused certificates of a foundation: of none that is declared, or beside the one that is issued."""
    domains = options["domains"]
    ours = [item for item in certificates if item.name.endswith(f".{options['root_domain']}") and item.name[:2] == "*."]
    issued = {item.name for item in ours if item.detail.get("Status") == "ISSUED"}
    kept: set[str] = set()
    for item in sorted(ours, key=lambda one: one.created):
        status = item.detail.get("Status", "")
        if item.detail.get("InUse"):
            kept.add(item.name)
        elif item.name[2:] not in domains:
            yield item, "of no declared foundation, and nothing uses it"
        elif (
            status in ("ISSUED", "PENDING_VALIDATION")
            and item.name not in kept
            and (status == "ISSUED" or item.name not in issued)
        ):
            kept.add(item.name)
        else:
            yield item, f"is {status or 'unused'}, beside the certificate of the foundation"


def _zones(options: Mapping[str, Any], zones: list[Item], exported: list[str]) -> Iterator[tuple[Item, str]]:
    """Public zones without records of their own: twins of a declared one, or of no declared foundation."""
    for zone in zones:
        public = not zone.detail.get("Config", {}).get("PrivateZone")
        empty = zone.detail.get("ResourceRecordSetCount", 0) <= OWN_RECORDS
        if not public or not empty or zone.identifier in exported:
            continue
        if zone.name in options["domains"] and [other.name for other in zones].count(zone.name) > 1:
            yield zone, "an empty twin of the zone that is exported"
        elif zone.name.endswith(f".{options['root_domain']}") and zone.name not in options["domains"]:
            yield zone, "empty, and of no declared foundation"


class Removal:
    """Deletes single resources. AWS refuses what is in use, and a bucket that holds objects."""

    def __init__(self, aws: Aws, certificates: Aws) -> None:
        self._aws = aws
        self._certificates = certificates

    def remove(self, item: Item) -> None:
        """Delete a resource; one that is gone already is no error."""
        if item.kind in _VERSIONED:
            self._versioned(item)
        elif item.kind == "role":
            self._role(item.name)
        elif item.kind == "secret":
            if "DeletedDate" not in item.detail:
                self._aws.call("secretsmanager", "delete_secret", SecretId=item.identifier, RecoveryWindowInDays=30)
        elif item.kind == "certificate":
            self._certificates.call(
                "acm", "delete_certificate", absent=["ResourceNotFoundException"], CertificateArn=item.identifier
            )
        elif item.kind == "bucket":
            self._aws.call("s3", "delete_bucket", absent=["NoSuchBucket"], Bucket=item.name)
        elif item.kind == "zone":
            self._aws.call("route53", "delete_hosted_zone", absent=["NoSuchHostedZone"], Id=item.identifier)
        else:
            self._aws.call("cloudformation", "delete_stack", StackName=item.identifier)

    def _versioned(self, item: Item) -> None:
        noun, missing = _VERSIONED[item.kind]
        found = self._aws.call("cloudfront", f"get_{noun}", absent=[missing], Id=item.identifier)
        if found:
            self._aws.call("cloudfront", f"delete_{noun}", absent=[missing], Id=item.identifier, IfMatch=found["ETag"])

    def _role(self, name: str) -> None:
        for policy in self._aws.pages("iam", "list_role_policies", "PolicyNames", RoleName=name):
            self._aws.call("iam", "delete_role_policy", RoleName=name, PolicyName=policy)
        for policy in self._aws.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
            self._aws.call("iam", "detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
        self._aws.call("iam", "delete_role", absent=["NoSuchEntity"], RoleName=name)


#: What CloudFront deletes by its version only: the noun of its operations, and the error where it is gone.
_VERSIONED = {
    "key group": ("key_group", "NoSuchResource"),
    "public key": ("public_key", "NoSuchPublicKey"),
    "origin access control": ("origin_access_control", "NoSuchOriginAccessControl"),
    "response headers policy": ("response_headers_policy", "NoSuchResponseHeadersPolicy"),
}
