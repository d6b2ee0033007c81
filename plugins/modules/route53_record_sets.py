#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: route53_record_sets
version_added: 1.0.0
short_description: Manage Route 53 records of one zone in one atomic change
description:
  - Upserts or deletes the named records of a hosted zone in a single change batch, so that records that belong together
    (the A and AAAA aliases of one name) change together, and touches no other record.
seealso:
  - name: ChangeResourceRecordSets
    description: A batch of changes takes effect as a whole.
    link: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
options:
  zone_id:
    description:
      - The id of the zone.
      - V((known after apply\)) in check mode, for a zone that does not exist yet.
    type: str
    required: true
  state:
    description: Whether the records should exist.
    type: str
    choices: [present, absent]
    default: present
  records:
    description: The records, each of a name and type of its own.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The record's full name.
        type: str
        required: true
      type:
        description: The record's type.
        type: str
        required: true
        choices: [A, AAAA, CAA, CNAME, MX, NS, TXT]
      values:
        description: The record's values. To be present, a record needs these or O(records[].alias_target).
        type: list
        elements: str
      ttl:
        description: Seconds that a resolver may keep the values.
        type: int
        default: 300
      alias_target:
        description: The AWS resource that the name points to.
        type: dict
        suboptions:
          zone_id:
            description: The hosted zone of the target; C(Z2FDTNDATAQYW2) for every CloudFront distribution.
            type: str
            required: true
          dns_name:
            description: The target's own domain name; may be empty in check mode.
            type: str
            required: true
  wait:
    description: Whether to wait until all of Route 53's servers answer with the records.
    type: bool
    default: true
  wait_timeout:
    description: How long to wait, in seconds.
    type: int
    default: 300
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: Point a name at a distribution, for IPv4 and IPv6 at once
  arda.image_upload.route53_record_sets:
    zone_id: Z0123456789ABCDEFGHIJ
    records:
      - name: images.example.com
        type: A
        alias_target: &distribution
          zone_id: Z2FDTNDATAQYW2
          dns_name: d111111abcdef8.cloudfront.net
      - name: images.example.com
        type: AAAA
        alias_target: *distribution
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["upsert A images.example.com"]
records:
  description: The named records as they are in the zone, by type and name.
  returned: success
  type: dict
  sample: {"NS dev.example.com": {"values": ["ns-1.awsdns-00.com."], "ttl": 300}}
"""

from collections.abc import Iterator
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError, wait_until
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    KNOWN_AFTER_APPLY,
    Change,
    Resource,
    run,
)
from ansible_collections.arda.image_upload.plugins.module_utils._route53 import fqdn

DOMAIN_VALUES = ("CNAME", "NS")


def from_options(record: dict[str, Any]) -> dict[str, Any]:
    """The comparable content of a record of the module's options."""
    target = record.get("alias_target")
    if target:
        return {"alias_target": {"zone_id": target["zone_id"], "dns_name": fqdn(target["dns_name"])}}
    values = record.get("values") or []
    if record["type"] in DOMAIN_VALUES:
        values = [fqdn(value) for value in values]
    return {"values": sorted(values), "ttl": record["ttl"]}


def from_aws(record: dict[str, Any]) -> dict[str, Any]:
    """The comparable content of a record of Route 53's answer."""
    target = record.get("AliasTarget")
    if target:
        name = fqdn(target["DNSName"]).removeprefix("dualstack.")
        return {"alias_target": {"zone_id": target["HostedZoneId"], "dns_name": name}}
    values = [item["Value"] for item in record.get("ResourceRecords", [])]
    if record["Type"] in DOMAIN_VALUES:
        values = [fqdn(value) for value in values]
    return {"values": sorted(values), "ttl": record.get("TTL")}


def to_aws(key: str, content: dict[str, Any]) -> dict[str, Any]:
    """Route 53's form of a record."""
    record_type, _space, name = key.partition(" ")
    record: dict[str, Any] = {"Name": name, "Type": record_type}
    if "alias_target" in content:
        target = content["alias_target"]
        record["AliasTarget"] = {
            "HostedZoneId": target["zone_id"],
            "DNSName": target["dns_name"],
            "EvaluateTargetHealth": False,
        }
    else:
        record["TTL"] = content["ttl"]
        record["ResourceRecords"] = [{"Value": value} for value in content["values"]]
    return record


def plan(state: str, desired: dict[str, dict], actual: dict[str, dict]) -> list[tuple[str, str]]:
    """(action, key) of the records to change, in the order of the options."""
    if state == "absent":
        return [("DELETE", key) for key in desired if key in actual]
    return [("UPSERT", key) for key in desired if desired[key] != actual.get(key)]


class RecordSets(Resource):
    """The named records of one zone."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._aws = Aws(module)
        self._desired: dict[str, dict[str, Any]] = {}
        for record in self._options["records"]:
            self._desired[f"{record['type']} {fqdn(record['name'])}"] = from_options(record)
        self._routed: dict[str, str] = {}  # the identifier of a record that belongs to a routing policy, by its key
        self._zone_exists = self._options["zone_id"] not in ("", KNOWN_AFTER_APPLY)
        if not self._zone_exists and not module.check_mode:
            module.fail_json(msg="zone_id is empty: the hosted zone must be there before its records")

    def read(self) -> dict[str, Any]:
        """The named records as they are. A caller who may not read records, only change them, sees none.

        The role that AWS CDK creates for a delegation may not read:
        https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_route53.HostedZone.html#grantwbrdelegationgrantee
        """
        found = {}
        names = dict.fromkeys(key.partition(" ")[2] for key in self._desired) if self._zone_exists else {}
        for record in (record for name in names for record in self._records(name)):
            key = f"{record['Type']} {fqdn(record['Name'])}"
            if key in self._desired:
                found[key] = from_aws(record)
                if "SetIdentifier" in record:
                    self._routed[key] = record["SetIdentifier"]
        return found

    def _records(self, name: str) -> Iterator[dict[str, Any]]:
        """The records of a name; Route 53 lists them before those of the names that follow."""
        where = {"HostedZoneId": self._options["zone_id"], "StartRecordName": name.rstrip(".")}
        while True:
            try:
                page = self._aws.call("route53", "list_resource_record_sets", **where)
            except AwsError as error:
                if error.code != "AccessDenied":
                    raise
                return
            yield from (record for record in page["ResourceRecordSets"] if fqdn(record["Name"]) == name)
            if not page["IsTruncated"] or fqdn(page["NextRecordName"]) != name:
                return
            following = {"StartRecordType": "NextRecordType", "StartRecordIdentifier": "NextRecordIdentifier"}
            where.update({start: page[following[start]] for start in following if following[start] in page})

    def refuse(self, actual: dict[str, Any] | None, changes: list[Change]) -> None:
        """A record of a routing policy is never overwritten by a plain one."""
        for key, identifier in self._routed.items():
            raise AnsibleAWSError(
                message=f"Expected a plain record {key.rstrip('.')}, found record {identifier} of a routing policy. "
                "Nothing was written. Delete the records of the routing policy, or choose another name."
            )

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        steps = plan(self._options["state"], self._desired, actual or {})
        if not steps:
            return []
        summary = ", ".join(f"{action.lower()} {key.rstrip('.')}" for action, key in steps)
        return [Change("change", summary, {"steps": steps, "actual": actual or {}})]

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any]:
        after = dict(actual or {})
        for action, key in plan(self._options["state"], self._desired, after):
            if action == "DELETE":
                del after[key]
            else:
                after[key] = self._desired[key]
        return after

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {"records": {key.rstrip("."): content for key, content in (state or {}).items()}}

    def change(self, steps: list[tuple[str, str]], actual: dict[str, dict]) -> None:
        """Make all changes at once, or none."""
        for action, key in steps:
            if action == "UPSERT" and not (self._desired[key].get("values") or "alias_target" in self._desired[key]):
                raise AnsibleAWSError(message=f"Record {key} needs values or an alias_target")
        batch = [
            {
                "Action": action,
                "ResourceRecordSet": to_aws(key, (actual if action == "DELETE" else self._desired)[key]),
            }
            for action, key in steps
        ]
        where = {"HostedZoneId": self._options["zone_id"], "ChangeBatch": {"Changes": batch}}
        try:
            change = self._aws.call("route53", "change_resource_record_sets", **where)["ChangeInfo"]
        except AwsError as error:
            # A deletion whose answer was lost is repeated, and finds no record.
            if error.code != "InvalidChangeBatch" or not self._settled():
                raise
            return
        if self._options["wait"]:
            wait_until(
                lambda: self._in_sync(change["Id"]),
                self._options["wait_timeout"],
                f"change {change['Id']} of zone {self._options['zone_id']} to reach all name servers",
                delay=1.0,
            )

    def _settled(self) -> bool:
        """Whether nothing is left to change."""
        return not self.plan(self.read())

    def _in_sync(self, change_id: str) -> bool:
        """Whether a change has reached all name servers, as far as the caller may know."""
        try:
            return self._aws.call("route53", "get_change", Id=change_id)["ChangeInfo"]["Status"] == "INSYNC"
        except AwsError as error:
            if error.code != "AccessDenied":
                raise
            return True


def main() -> None:
    target = {"zone_id": {"type": "str", "required": True}, "dns_name": {"type": "str", "required": True}}
    record = {
        "name": {"type": "str", "required": True},
        "type": {
            "type": "str",
            "required": True,
            "choices": ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "TXT"],
        },
        "values": {"type": "list", "elements": "str"},
        "ttl": {"type": "int", "default": 300},
        "alias_target": {"type": "dict", "options": target},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "zone_id": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "records": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": record,
                "mutually_exclusive": [["values", "alias_target"]],
            },
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    run(module, RecordSets(module))


if __name__ == "__main__":
    main()
