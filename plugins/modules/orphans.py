#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: orphans
version_added: 1.0.0
short_description: Find and remove what failed or abandoned deployments have left
description:
  - Finds the resources of an account that are of a partition or a foundation by their names, and by their tags,
    comments or domains, but belong to none that is declared, and that nothing uses.
  - Removes those that O(remove) names, in the order of their dependencies. A bucket is removed only if it is empty. A
    secret can be restored for 30 days.
  - A resource that a distribution uses is never one, nor a resource of another name.
seealso:
  - name: Deletion of a secret
    description: How long a deleted secret can be restored.
    link: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
options:
  declared:
    description: The names of what is declared in the account, for each partition by kind.
    type: list
    elements: dict
    required: true
  domains:
    description: The domains of the declared foundations of the account.
    type: list
    elements: str
    required: true
  root_domain:
    description: The domain of all assets, below which the domains of foundations are.
    type: str
    required: true
  remove:
    description: The ids of the orphans to remove, or V(all).
    type: list
    elements: str
    default: []
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: Find unused resources
  arda.image_upload.orphans:
    declared:
      - {bucket: shop001-dev-image-asset-bucket, role: shop001-dev-ImagePreSigningRole}
    domains: [shop001.assets.example.com]
    root_domain: assets.example.com
"""

RETURN = r"""
changes:
  description: The removals, in check mode the predicted ones, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["delete key group Shop001-old-images"]
orphans:
  description: What was found, in the order in which it can be removed.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of resource.
      returned: always
      type: str
      sample: key group
    name:
      description: Its name.
      returned: always
      type: str
      sample: Shop001-old-images
    id:
      description: Its id, for O(remove).
      returned: always
      type: str
      sample: 6f4b9a0e-1c0f-4f6e-9d0c-0a1b2c3d4e5f
    reason:
      description: Why it is one.
      returned: always
      type: str
      sample: of no declared partition, and no distribution uses it
    age_days:
      description: For how many days it exists, or -1 if AWS does not say.
      returned: always
      type: int
      sample: 12
    monthly_usd:
      description: What AWS's price list says for a month, in US dollars; -1 if it depends on what is stored.
      returned: always
      type: float
      sample: 0.4
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._account import Account, Item
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._orphans import (
    REMOVAL_ORDER,
    Removal,
    orphans,
    with_tags,
)

#: https://aws.amazon.com/secrets-manager/pricing/ and https://aws.amazon.com/route53/pricing/
PRICES = {"secret": 0.4, "zone": 0.5, "bucket": -1.0}


def shown(item: Item, reason: str) -> dict[str, Any]:
    """An orphan as the module returns it."""
    age = (datetime.now(UTC) - datetime.fromisoformat(item.created)).days if item.created else -1
    free = item.kind == "secret" and "DeletedDate" in item.detail
    return {
        "kind": item.kind,
        "name": item.name,
        "id": item.identifier,
        "reason": reason,
        "age_days": age,
        "monthly_usd": 0.0 if free else PRICES.get(item.kind, 0.0),
    }


def to_remove(found: list[tuple[Item, str]], chosen: list[str]) -> list[Item]:
    """The orphans that are chosen, in the order of their dependencies.

    Raises AnsibleAWSError for an id that is none of an orphan.
    """
    known = {item.identifier: item for item, _reason in found}
    unknown = [identifier for identifier in chosen if identifier not in known and identifier != "all"]
    if unknown:
        raise AnsibleAWSError(
            message=f"Expected ids of orphans in remove, found {', '.join(unknown)}. Nothing was removed. "
            f"The orphans are {', '.join(known) or 'none'}."
        )
    return [item for item in known.values() if "all" in chosen or item.identifier in chosen]


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "declared": {"type": "list", "elements": "dict", "required": True},
            "domains": {"type": "list", "elements": "str", "required": True},
            "root_domain": {"type": "str", "required": True},
            "remove": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    aws, certificates = Aws(module), Aws(module, region="us-east-1")
    options: Mapping[str, Any] = module.params
    try:
        held = Account(aws, certificates).read()
        held["bucket"] = with_tags(aws, held["bucket"])
        exported = [export["Value"] for export in aws.pages("cloudformation", "list_exports", "Exports")]
        found = sorted(orphans(options, held, exported), key=lambda one: REMOVAL_ORDER.index(one[0].kind))
        removed = to_remove(found, options["remove"])
        if not module.check_mode:
            removal = Removal(aws, certificates)
            for item in removed:
                removal.remove(item)
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    changes = [f"delete {item.kind} {item.name}" for item in removed]
    diff = {"diff": {"before": dict.fromkeys(changes, "exists"), "after": {}}} if module._diff else {}
    module.exit_json(changed=bool(removed), changes=changes, orphans=[shown(*one) for one in found], **diff)


if __name__ == "__main__":
    main()
