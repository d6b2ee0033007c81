#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_private_bucket
version_added: 0.1.0
short_description: A private, versioned, encrypted S3 bucket with its whole configuration
description:
  - Keeps a bucket private (all public access blocked, ACLs disabled by V(BucketOwnerEnforced)), versioned and encrypted
    with S3-managed keys, and reconciles its policy, CORS rules, lifecycle rules, access logging and tags with it.
  - An option that is not given is left alone; an empty list or dictionary removes what is there.
  - It never writes an ACL, neither on this bucket nor on the one that its access logs go to; that one must let
    C(logging.s3.amazonaws.com) write by its bucket policy.
  - Rests on U(https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html) and
    U(https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html).
options:
  name:
    description: The bucket's name, unique in the world.
    type: str
    required: true
  state:
    description: Whether the bucket is there. A bucket that holds anything is never deleted.
    type: str
    choices: [present, absent]
    default: present
  policy:
    description: The bucket policy; an empty dictionary removes it.
    type: dict
  cors_rules:
    description: The CORS rules in the form of the S3 API; an empty list removes them.
    type: list
    elements: dict
  lifecycle_rules:
    description: The lifecycle rules in the form of the S3 API; an empty list removes them.
    type: list
    elements: dict
  logging:
    description: Where the server access logs go; an empty dictionary turns them off.
    type: dict
    suboptions:
      target_bucket:
        description: The bucket that takes the logs.
        type: str
      target_prefix:
        description: What the names of the log objects begin with.
        type: str
        default: ""
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
- name: A private bucket that browsers may post to
  arda.image_upload.s3_private_bucket:
    name: dev-images
    cors_rules:
      - AllowedMethods: [POST]
        AllowedOrigins: ["https://app.example.com"]
        AllowedHeaders: ["*"]
    lifecycle_rules:
      - ID: abort-incomplete-uploads
        Status: Enabled
        Filter: {}
        AbortIncompleteMultipartUpload: {DaysAfterInitiation: 1}
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create bucket dev-images", "set cors_rules of bucket dev-images"]
bucket:
  description: The bucket; empty where there is none.
  returned: success
  type: dict
  contains:
    name:
      description: The bucket's name.
      returned: success
      type: str
      sample: dev-images
    arn:
      description: The bucket's ARN.
      returned: success
      type: str
      sample: arn:aws:s3:::dev-images
    region:
      description: The region that it is in.
      returned: success
      type: str
      sample: us-east-1
"""

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError, wait_until
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    Change,
    Resource,
    run,
    tags_after,
)
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import (
    ASPECTS,
    Aspect,
    canonical,
    desired_aspects,
)


def plan(state: str, name: str, desired: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes between the bucket that is there and the one that is wanted, aspect by aspect."""
    if state == "absent":
        return [Change("delete", f"delete bucket {name}")] if actual else []
    changes = [] if actual else [Change("create", f"create bucket {name}")]
    before = (actual or {}).get("aspects", {})
    for aspect in ASPECTS:
        if aspect.name in desired and canonical(desired[aspect.name]) != canonical(before.get(aspect.name)):
            value = desired[aspect.name]
            verb = "set" if value else "remove"
            changes.append(Change("put", f"{verb} {aspect.name} of bucket {name}", {"aspect": aspect, "value": value}))
    return changes


class Bucket(Resource):
    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._name = module.params["name"]
        self._region = module.region or "us-east-1"
        self._aws = Aws(module)

    def read(self) -> dict[str, Any] | None:
        try:
            found = self._aws.call("s3", "head_bucket", absent=["404", "NoSuchBucket"], Bucket=self._name)
        except AwsError as error:
            if error.code in ("403", "301"):
                raise AnsibleAWSError(
                    message=f"Bucket {self._name} exists, but not in this account and region: bucket names are global. "
                    "Nothing was written. Choose another name, or the credentials and region it belongs to."
                ) from error
            raise
        if found is None:
            return None
        region = found["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", self._region)
        return {"region": region, "aspects": {aspect.name: self._get(aspect) for aspect in ASPECTS}}

    def _get(self, aspect: Aspect) -> Any:
        answer = self._aws.call("s3", aspect.get, absent=aspect.absent, Bucket=self._name)
        value = aspect.value(answer) if answer else None
        if aspect.name == "tags" and value:
            return {k: v for k, v in boto3_tag_list_to_ansible_dict(value).items() if not k.startswith("aws:")}
        return value

    def _desired(self, actual: dict[str, Any] | None) -> dict[str, Any]:
        desired = desired_aspects(self._options)
        if "tags" in desired:
            before = ((actual or {}).get("aspects") or {}).get("tags") or {}
            desired["tags"] = tags_after(before, desired["tags"], self._options["purge_tags"])
        return desired

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        if actual and actual["region"] != self._region:
            raise AnsibleAWSError(
                message=f"Bucket {self._name} is in {actual['region']}, expected {self._region}. Nothing was written."
            )
        return plan(self._options["state"], self._name, self._desired(actual), actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        before = actual or {"region": self._region, "aspects": {}}
        return {**before, "aspects": {**before["aspects"], **self._desired(actual)}}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        aspects = (state or {}).get("aspects", {})
        return {name: json.loads(canonical(value)) for name, value in aspects.items() if value}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if state is None:
            return {"bucket": {}}
        return {"bucket": {"name": self._name, "arn": f"arn:aws:s3:::{self._name}", "region": state["region"]}}

    def create(self) -> None:
        parameters: dict[str, Any] = {"Bucket": self._name, "ObjectOwnership": "BucketOwnerEnforced"}
        if self._region != "us-east-1":  # which the API refuses as a location constraint
            parameters["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
        self._aws.call("s3", "create_bucket", absent=["BucketAlreadyOwnedByYou"], **parameters)
        wait_until(
            lambda: self._aws.call("s3", "head_bucket", absent=["404", "NoSuchBucket"], Bucket=self._name),
            60,
            f"bucket {self._name} to appear",
            delay=1.0,
        )

    def put(self, aspect: Aspect, value: Any) -> None:
        if value or not aspect.delete:
            if aspect.name == "tags":
                value = ansible_dict_to_boto3_tag_list(value)
            self._aws.call("s3", aspect.put, Bucket=self._name, **aspect.parameters(value))
        else:
            self._aws.call("s3", aspect.delete, Bucket=self._name)

    def delete(self) -> None:
        self._aws.call("s3", "delete_bucket", absent=["NoSuchBucket"], Bucket=self._name)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "policy": {"type": "dict"},
            "cors_rules": {"type": "list", "elements": "dict"},
            "lifecycle_rules": {"type": "list", "elements": "dict"},
            "logging": {
                "type": "dict",
                "options": {
                    "target_bucket": {"type": "str"},
                    "target_prefix": {"type": "str", "default": ""},
                },
            },
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, Bucket(module))


if __name__ == "__main__":
    main()
