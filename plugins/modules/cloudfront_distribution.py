#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_distribution
version_added: 0.1.0
short_description: A CloudFront distribution, with origin access controls and trusted key groups
description:
  - Creates, updates and deletes the distribution that answers for a set of aliases. Takes every field that the
    CloudFront API knows, in snake_case, with plain lists where the API wraps them in C(Quantity) and C(Items).
  - What is declared is laid over what is there, so that a field that is not declared keeps its value.
  - A distribution that already has the first alias is taken over.
  - Rests on U(https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html).
options:
  aliases:
    description: The host names that the distribution answers for; the first one identifies it.
    type: list
    elements: str
    required: true
  state:
    description:
      - Whether the distribution is there.
      - With V(absent) it is disabled first, and deleted once that is deployed, which takes minutes.
    type: str
    choices: [present, absent]
    default: present
  config:
    description:
      - The C(DistributionConfig) of the API in snake_case, without its aliases and caller reference. Required where
        O(state=present).
    type: dict
  wait:
    description: Whether to wait until the distribution is deployed to all edge locations.
    type: bool
    default: false
  wait_timeout:
    description: How long to wait, in seconds.
    type: int
    default: 1800
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
- name: A private bucket behind signed cookies
  arda.image_upload.cloudfront_distribution:
    aliases: [images.example.com]
    config:
      enabled: true
      comment: Images of the shop
      origins:
        - id: bucket
          domain_name: dev-images.s3.us-east-1.amazonaws.com
          origin_access_control_id: E2QWRUHAPOMQZL
          s3_origin_config:
            origin_access_identity: ""
      default_cache_behavior:
        target_origin_id: bucket
        viewer_protocol_policy: redirect-to-https
        cache_policy_id: 658327ea-f89d-4fab-a63d-7e88639e58f6
        trusted_key_groups: [6f4b9a0e-1c0f-4f6e-9d0c-0a1b2c3d4e5f]
      viewer_certificate:
        acm_certificate_arn: arn:aws:acm:us-east-1:139852620346:certificate/12345678-1234-1234-1234-123456789012
        ssl_support_method: sni-only
        minimum_protocol_version: TLSv1.2_2021
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create distribution images.example.com"]
distribution:
  description: The distribution; empty where there is none.
  returned: success
  type: dict
  contains:
    id:
      description: The distribution's id; empty in check mode for one that is not there yet.
      returned: success
      type: str
      sample: EDFDVBD632BHDS5
    arn:
      description: The distribution's ARN.
      returned: success
      type: str
      sample: arn:aws:cloudfront::139852620346:distribution/EDFDVBD632BHDS5
    domain_name:
      description: CloudFront's own name of the distribution.
      returned: success
      type: str
      sample: d111111abcdef8.cloudfront.net
    status:
      description: V(InProgress) while it is being deployed, then V(Deployed).
      returned: success
      type: str
      sample: Deployed
    config:
      description: The distribution's configuration.
      returned: success
      type: dict
      sample: {"enabled": true, "aliases": ["images.example.com"]}
    tags:
      description: The distribution's tags.
      returned: success
      type: dict
      sample: {"ManagedBy": "ansible"}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError, wait_until
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.config import (
    from_aws,
    overlay,
    same,
    shape,
    to_aws,
)
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)

MAX_GENERATIONS = 100
UPDATE_ATTEMPTS = 5


def plan(options: dict[str, Any], desired: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes between the distribution that is there and the one that is declared."""
    name = options["aliases"][0]
    if options["state"] == "absent":
        return [Change("delete", f"disable and delete distribution {name}")] if actual else []
    if actual is None:
        return [Change("create", f"create distribution {name}")]
    changes = []
    if not same(overlay(actual["config"], desired), actual["config"]):
        changes.append(Change("update", f"update distribution {name}"))
    tags, removed = tag_changes(actual["tags"], options["tags"], options["purge_tags"])
    if tags or removed:
        arguments = {"arn": actual["arn"], "tags": tags, "removed": removed}
        changes.append(Change("tag", f"tag distribution {name}", arguments))
    return changes


class Distribution(Resource):
    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._check_mode = module.check_mode
        self._name = module.params["aliases"][0].lower()
        self._aws = Aws(module)
        self._shape = shape("DistributionConfig")
        declared = {**(module.params["config"] or {}), "aliases": module.params["aliases"]}
        self._desired = to_aws(self._shape, declared)

    def read(self) -> dict[str, Any] | None:
        identifier = self._find()
        return self._get(identifier) if identifier else None

    def _find(self) -> str | None:
        for item in self._aws.pages("cloudfront", "list_distributions", "DistributionList.Items"):
            if self._name in (item["Aliases"].get("Items") or []):
                return item["Id"]
        return None

    def _get(self, identifier: str) -> dict[str, Any] | None:
        answer = self._aws.call("cloudfront", "get_distribution", absent=["NoSuchDistribution"], Id=identifier)
        if answer is None:
            return None
        found = answer["Distribution"]
        tags = self._aws.call("cloudfront", "list_tags_for_resource", Resource=found["ARN"])["Tags"].get("Items", [])
        return {
            "id": identifier,
            "arn": found["ARN"],
            "domain_name": found["DomainName"],
            "status": found["Status"],
            "etag": answer["ETag"],
            "config": found["DistributionConfig"],
            "tags": boto3_tag_list_to_ansible_dict(tags),
        }

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan(self._options, self._desired, actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        unknown: dict[str, Any] = {
            "id": "",
            "arn": "",
            "domain_name": "",
            "status": "InProgress",
            "etag": "",
            "config": {},
            "tags": {},
        }
        before = actual or unknown
        tags = tags_after(before["tags"], self._options["tags"], self._options["purge_tags"])
        return {**before, "config": overlay(before["config"], self._desired), "tags": tags}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {"config": from_aws(self._shape, state["config"]), "tags": state["tags"]} if state else {}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if state and state["id"] and self._options["wait"] and not self._check_mode:
            state = self._wait_until_deployed(state["id"])
        if state is None:
            return {"distribution": {}}
        shown = {name: state[name] for name in ("id", "arn", "domain_name", "status", "tags")}
        return {"distribution": {**shown, "config": from_aws(self._shape, state["config"])}}

    def create(self) -> None:
        """Create under the first caller reference of these aliases that was never used, as for a hosted zone."""
        for generation in range(1, MAX_GENERATIONS + 1):
            config = {"Comment": "", **self._desired, "CallerReference": f"{self._name}#{generation}"}
            tags = {"Items": ansible_dict_to_boto3_tag_list(self._options["tags"] or {})}
            try:
                self._aws.call(
                    "cloudfront",
                    "create_distribution_with_tags",
                    DistributionConfigWithTags={"DistributionConfig": config, "Tags": tags},
                )
                return
            except AwsError as error:
                if error.code == "CNAMEAlreadyExists" and self._find() is None:
                    raise AnsibleAWSError(
                        message=f"{', '.join(self._options['aliases'])}: an alias belongs to one distribution in the "
                        "world, and one of these belongs to another, perhaps in another account. aws cloudfront "
                        f"list-conflicting-aliases --alias {self._name} shows which"
                    ) from error
                if error.code not in ("DistributionAlreadyExists", "CNAMEAlreadyExists"):
                    raise
            if self._find():
                self.update()  # another run made it a moment ago
                return
        raise AnsibleAWSError(
            message=f"{MAX_GENERATIONS} distributions of {self._name} were created and deleted before"
        )

    def update(self) -> None:
        """Lay the declared configuration over the newest one, again where another writer was faster."""
        for _attempt in range(UPDATE_ATTEMPTS):
            actual = self.read()
            if actual is None:
                break
            merged = overlay(actual["config"], self._desired)
            if same(merged, actual["config"]) or self._update(actual, merged):
                return
        raise AnsibleAWSError(message=f"Distribution {self._name} keeps changing under this run; run again")

    def _update(self, actual: dict[str, Any], config: dict[str, Any]) -> bool:
        try:
            self._aws.call(
                "cloudfront",
                "update_distribution",
                Id=actual["id"],
                IfMatch=actual["etag"],
                DistributionConfig=config,
            )
            return True
        except AwsError as error:
            if error.code != "PreconditionFailed":
                raise
            return False

    def tag(self, arn: str, tags: dict[str, str], removed: list[str]) -> None:
        if tags:
            self._aws.call(
                "cloudfront",
                "tag_resource",
                Resource=arn,
                Tags={"Items": ansible_dict_to_boto3_tag_list(tags)},
            )
        if removed:
            self._aws.call("cloudfront", "untag_resource", Resource=arn, TagKeys={"Items": removed})

    def delete(self) -> None:
        actual = self.read()
        if actual and actual["config"]["Enabled"]:
            self._update(actual, {**actual["config"], "Enabled": False})
        if actual:
            settled = self._wait_until_deployed(actual["id"])
            self._aws.call(
                "cloudfront",
                "delete_distribution",
                absent=["NoSuchDistribution"],
                Id=settled["id"],
                IfMatch=settled["etag"],
            )

    def _wait_until_deployed(self, identifier: str) -> dict[str, Any]:
        def deployed() -> dict[str, Any] | None:
            found = self._get(identifier)
            return found if found and found["status"] == "Deployed" else None

        return wait_until(
            deployed, self._options["wait_timeout"], f"distribution {identifier} to be deployed", delay=2.0
        )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "aliases": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "config": {"type": "dict"},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 1800},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_if=[("state", "present", ["config"])],
        supports_check_mode=True,
    )
    if not module.params["aliases"]:
        module.fail_json(msg="aliases needs at least one host name: the first one identifies the distribution")
    try:
        distribution = Distribution(module)
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    run(module, distribution)


if __name__ == "__main__":
    main()
