#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adoption_info
version_added: 1.0.0
short_description: Find the resources of a partition that was created by other means
description:
  - Finds the resources that serve a partition's host name in an account, whatever made them, such as a CDK stack, the
    console or Terraform. Returns the names with which the role C(image_partition) takes them over, the CloudFormation
    stack that owns each, and what speaks against it. It writes nothing.
  - The distribution is the one that has the alias. It leads to the bucket, the key group, the origin access control and
    the response headers policy. The presigning role is found by its trust policy, the secret by its name or tags.
seealso:
  - name: Deletion policies
    description: What CloudFormation does to a resource whose stack is deleted.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
options:
  host:
    description: The host name of the partition's CDN.
    type: str
    required: true
  marks:
    description:
      - Text that the name or the tags of the secret hold, all of it, whatever its case, such as the names of the
        infrastructure and of the partition.
    type: list
    elements: str
    required: true
  client_role_arn:
    description: The role that may assume the presigning role.
    type: str
    required: true
  names:
    description: The names that the role would use without an adoption, by the keys of C(image_partition_names).
    type: dict
    required: true
  export_names:
    description: The names of the exports.
    type: list
    elements: str
    required: true
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
"""

EXAMPLES = r"""
- name: Find what serves the host name
  arda.image_upload.adoption_info:
    host: images.example.com
    marks: [shop, dev]
    client_role_arn: arn:aws:iam::111122223333:role/shop-dev
    names:
      bucket: shop-dev-images
      key_group: shop-dev-images
    export_names: [shop-dev-bucket]
"""

RETURN = r"""
candidates:
  description: The resources that were found.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The key in C(image_partition_names), or V(distribution).
      returned: always
      type: str
      sample: bucket
    name:
      description: The name of the resource.
      returned: always
      type: str
      sample: old-images
    reason:
      description: Why it is a candidate.
      returned: always
      type: str
      sample: the origin of distribution EDFDVBD632BHDS5
    stack:
      description: The CloudFormation stack that owns it; empty if there is none.
      returned: always
      type: str
      sample: OldImages
names:
  description: The names that differ from O(names), for C(image_partition_names).
  returned: success
  type: dict
  sample: {"bucket": "old-images"}
problems:
  description: What must be decided or changed first, a sentence each.
  returned: success
  type: list
  elements: str
  sample: []
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._account import Account, Item, used_by
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._cloudformation import stack_name

#: What a distribution has of its own that the declared configuration replaces.
REPLACED = {
    "ForwardedValues": "cache settings of its own (ForwardedValues)",
    "TrustedSigners": "the signers of an account (TrustedSigners): cookies and URLs that they sign are refused",
}


@dataclass(frozen=True)
class Candidate:
    """A resource to take over, and why."""

    kind: str
    item: Item
    reason: str


def candidates(options: Mapping[str, Any], held: Mapping[str, list[Item]]) -> list[Candidate]:
    """The resources that belong to the partition; several of a kind where that is not decided."""
    found = []
    for distribution in held["distribution"]:
        if options["host"] in (distribution.detail["Aliases"].get("Items") or []):
            found.append(Candidate("distribution", distribution, f"has the alias {options['host']}"))
            found += _behind(distribution, held)
    for role in held["role"]:
        if options["client_role_arn"] in str(role.detail.get("AssumeRolePolicyDocument")):
            found.append(Candidate("presigning_role", role, f"trusts {options['client_role_arn']}"))
    for secret in held["secret"]:
        text = f"{secret.name} {secret.detail.get('Tags', '')}".lower()
        if all(mark.lower() in text for mark in options["marks"]) and "DeletedDate" not in secret.detail:
            found.append(Candidate("secret", secret, f"names {' and '.join(options['marks'])}"))
    return found


def _behind(distribution: Item, held: Mapping[str, list[Item]]) -> Iterator[Candidate]:
    """What a distribution uses."""
    for kind, identifiers in used_by(distribution).items():
        for item in held[kind]:
            if item.identifier in identifiers:
                reason = f"the {kind} of distribution {distribution.identifier}"
                yield Candidate(kind.replace(" ", "_"), item, reason)


def chosen(options: Mapping[str, Any], found: list[Candidate]) -> tuple[dict[str, str], list[str]]:
    """The names that differ from the declared ones, and the kinds of which there are several, a sentence each."""
    names, problems = {}, []
    for kind, declared in options["names"].items():
        of_kind = list(dict.fromkeys(one.item.name for one in found if one.kind == kind))
        if declared in of_kind or not of_kind:
            continue
        if len(of_kind) == 1:
            names[kind] = of_kind[0]
        else:
            several = f"{len(of_kind)} candidates for {kind}: {', '.join(of_kind)}"
            problems.append(f"{several}. Choose one in image_partition_names.")
    return names, problems


def objections(
    options: Mapping[str, Any], found: list[Candidate], owners: Mapping[str, str], exports: list[dict[str, Any]]
) -> Iterator[str]:
    """What must be decided or changed before the partition is taken over, a sentence each."""
    for one in found:
        if one.kind == "distribution":
            yield from _replaced(one.item)
    stacks = sorted({owners[one.item.identifier] for one in found if one.item.identifier in owners})
    for stack in stacks:
        yield (
            f"Stack {stack} owns resources of the partition and would undo or delete what is changed here. Update it "
            "with DeletionPolicy: Retain on each of its resources, then delete it."
        )
    for export in exports:
        owner = stack_name(export["ExportingStackId"])
        if export["Name"] in options["export_names"] and owner != options["names"].get("exports_stack"):
            yield f"Export {export['Name']} belongs to stack {owner}. Remove it, or set image_partition_export_names."


def _replaced(distribution: Item) -> Iterator[str]:
    behavior = distribution.detail["DefaultCacheBehavior"]
    for field, words in REPLACED.items():
        value = behavior.get(field)
        if value and value.get("Enabled", True):
            yield f"Distribution {distribution.identifier} has {words}. The declared configuration replaces that."
    for origin in distribution.detail["Origins"].get("Items") or []:
        if (origin.get("S3OriginConfig") or {}).get("OriginAccessIdentity"):
            yield (
                f"Distribution {distribution.identifier} reads its origin by an origin access identity. The declared "
                "configuration replaces it by the origin access control."
            )


def result(module: AnsibleAWSModule) -> dict[str, Any]:
    """The module's return values."""
    options, aws = module.params, Aws(module)
    account = Account(aws, Aws(module, region="us-east-1"))
    held = account.read()
    owners = account.owners(held["stack"])
    found = candidates(options, held)
    names, problems = chosen(options, found)
    exports = list(aws.pages("cloudformation", "list_exports", "Exports"))
    return {
        "candidates": [
            {
                "kind": one.kind,
                "name": one.item.name,
                "id": one.item.identifier,
                "reason": one.reason,
                "stack": owners.get(one.item.identifier, ""),
            }
            for one in found
        ],
        "names": names,
        "problems": problems + list(objections(options, found, owners, exports)),
    }


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "host": {"type": "str", "required": True},
            "marks": {"type": "list", "elements": "str", "required": True},
            "client_role_arn": {"type": "str", "required": True},
            "names": {"type": "dict", "required": True},
            "export_names": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, **result(module))
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)


if __name__ == "__main__":
    main()
