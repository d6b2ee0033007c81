#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: route53_hosted_zone
version_added: 1.0.0
short_description: Manage a public Route 53 hosted zone
description:
  - Creates, tags and deletes a public hosted zone, and returns its name servers.
  - Route 53 lets one account hold several zones of one name. This module derives the caller reference from the name, so
    that two runs at once, or a run whose answer was lost, end with one zone, without a duplicate.
seealso:
  - name: CreateHostedZone
    description: The caller reference, which keeps a repeated call from creating a second zone.
    link: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
options:
  name:
    description: The domain name of the zone.
    type: str
    required: true
  state:
    description:
      - Whether the zone should exist.
      - Route 53 deletes only a zone that holds nothing but its own NS and SOA records.
    type: str
    choices: [present, absent]
    default: present
  comment:
    description: The zone's comment. If omitted, the comment is not changed.
    type: str
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.tags
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: A zone for the development assets
  arda.image_upload.route53_hosted_zone:
    name: dev.assets.example.com
    tags:
      ManagedBy: ansible
  register: zone
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create hosted zone dev.assets.example.com"]
zone:
  description: The zone; empty if none exists.
  returned: success
  type: dict
  contains:
    id:
      description: The zone's id, without C(/hostedzone/); empty in check mode for a zone that is not there yet.
      returned: success
      type: str
      sample: Z0123456789ABCDEFGHIJ
    name:
      description: The zone's name, without the trailing dot.
      returned: success
      type: str
      sample: dev.assets.example.com
    comment:
      description: The zone's comment.
      returned: success
      type: str
      sample: ""
    name_servers:
      description: The zone's own name servers, sorted, without the trailing dot.
      returned: success
      type: list
      elements: str
      sample: [ns-1.awsdns-00.com, ns-512.awsdns-00.net, ns-1024.awsdns-00.org, ns-1536.awsdns-00.co.uk]
    tags:
      description: The zone's tags.
      returned: success
      type: dict
      sample: {"ManagedBy": "ansible"}
"""

import time
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError, at_once
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    KNOWN_AFTER_APPLY,
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)

MAX_GENERATIONS = 100
#: How long, in seconds, a zone that another run has just created may be missing from the listing.
VISIBLE_SECONDS = 6.0


def plan(options: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes between the zone that is there and the one that is wanted."""
    name = options["name"]
    if options["state"] == "absent":
        return [Change("delete", f"delete hosted zone {name}", {"zone_id": actual["id"]})] if actual else []
    changes = []
    if actual is None:
        changes.append(Change("create", f"create hosted zone {name}"))
    elif options["comment"] not in (None, actual["comment"]):
        changes.append(Change("set_comment", f"set the comment of hosted zone {name}", {"zone_id": actual["id"]}))
    tags, removed = tag_changes(actual["tags"] if actual else {}, options["tags"], options["purge_tags"])
    if tags or removed:
        changes.append(Change("tag", f"tag hosted zone {name}", {"tags": tags, "removed": removed}))
    return changes


class HostedZone(Resource):
    """The one public hosted zone of a domain name."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = {**module.params, "name": module.params["name"].rstrip(".").lower()}
        self._name = self._options["name"]
        self._aws = Aws(module)
        self._created = ""  # the id of the zone that this run created: a listing may not show it yet

    def read(self) -> dict[str, Any] | None:
        zone_ids = [self._created] if self._created else self._zone_ids()
        if len(zone_ids) > 1:
            raise AnsibleAWSError(
                message=f"Expected one public hosted zone {self._name}, found {len(zone_ids)}: {', '.join(zone_ids)}. "
                "Delete all but the one that its parent zone delegates to, then run again."
            )
        if not zone_ids:
            return None
        resource = {"ResourceType": "hostedzone", "ResourceId": zone_ids[0]}
        found, tags = at_once(
            [
                lambda: self._aws.call("route53", "get_hosted_zone", Id=zone_ids[0]),
                lambda: self._aws.call("route53", "list_tags_for_resource", **resource),
            ]
        )
        return {
            "id": zone_ids[0],
            "name": self._name,
            "comment": found["HostedZone"].get("Config", {}).get("Comment", ""),
            "name_servers": sorted(server.rstrip(".").lower() for server in found["DelegationSet"]["NameServers"]),
            "tags": boto3_tag_list_to_ansible_dict(tags["ResourceTagSet"]["Tags"]),
        }

    def _zone_ids(self) -> list[str]:
        """The ids of the public zones of the name: names are sorted, so that the first page holds them all."""
        page = self._aws.call("route53", "list_hosted_zones_by_name", DNSName=self._name)
        return [
            zone["Id"].rpartition("/")[2]
            for zone in page["HostedZones"]
            if zone["Name"].rstrip(".").lower() == self._name and not zone["Config"]["PrivateZone"]
        ]

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan(self._options, actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        unknown = {"id": KNOWN_AFTER_APPLY, "name_servers": [KNOWN_AFTER_APPLY]}
        before = actual or {"name": self._name, "comment": "", "tags": {}, **unknown}
        comment = self._options["comment"]
        return {
            **before,
            "comment": before["comment"] if comment is None else comment,
            "tags": tags_after(before["tags"], self._options["tags"], self._options["purge_tags"]),
        }

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {name: state[name] for name in ("name", "comment", "tags")} if state else {}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {"zone": state or {}}

    def create(self) -> None:
        """Create the zone under the first caller reference of its name that was never used.

        A reference that was used belongs to a zone that another run has just created, which is then taken over, or to
        one that was deleted. https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
        """
        deadline = 0.0
        for generation in range(1, MAX_GENERATIONS + 1):
            try:
                answer = self._aws.call(
                    "route53",
                    "create_hosted_zone",
                    Name=self._name,
                    CallerReference=f"{self._name}#{generation}",
                    HostedZoneConfig={"Comment": self._options["comment"] or "", "PrivateZone": False},
                )
            except AwsError as error:
                if error.code != "HostedZoneAlreadyExists":
                    raise
                deadline = deadline or time.monotonic() + VISIBLE_SECONDS
            else:
                self._created = answer["HostedZone"]["Id"].rpartition("/")[2]
                return
            while not self._zone_ids():
                if time.monotonic() > deadline:
                    break
                time.sleep(1.0)
            else:
                return
        raise AnsibleAWSError(message=f"{MAX_GENERATIONS} zones named {self._name} were created and deleted before")

    def set_comment(self, zone_id: str) -> None:
        """Set the comment."""
        self._aws.call("route53", "update_hosted_zone_comment", Id=zone_id, Comment=self._options["comment"])

    def tag(self, tags: dict[str, str], removed: list[str]) -> None:
        """Set and remove tags."""
        zone_id = self._created or self._zone_ids()[0]
        parameters: dict[str, Any] = {"ResourceType": "hostedzone", "ResourceId": zone_id}
        if tags:
            parameters["AddTags"] = ansible_dict_to_boto3_tag_list(tags)
        if removed:
            parameters["RemoveTagKeys"] = removed
        self._aws.call("route53", "change_tags_for_resource", **parameters)

    def delete(self, zone_id: str) -> None:
        """Delete the zone. Route 53 refuses one that holds records."""
        self._aws.call("route53", "delete_hosted_zone", absent=["NoSuchHostedZone"], Id=zone_id)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "comment": {"type": "str"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, HostedZone(module))


if __name__ == "__main__":
    main()
