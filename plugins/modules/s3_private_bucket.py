#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_private_bucket
version_added: 1.0.0
short_description: Manage a private, versioned, encrypted S3 bucket and its configuration
description:
  - Creates a bucket that is private (all public access blocked, ACLs disabled by V(BucketOwnerEnforced)), versioned and
    encrypted with S3-managed keys, and manages its policy, CORS rules, lifecycle rules, access logging and tags.
  - An omitted option is not changed; an empty list or dictionary removes the setting.
  - Never writes an ACL. The policy of the log bucket must allow C(logging.s3.amazonaws.com) to put objects.
  - A policy that names an IAM role created moments ago is retried for a minute.
options:
  name:
    description: The bucket's name, globally unique.
    type: str
    required: true
  state:
    description: Whether the bucket exists. A bucket that is not empty is deleted with O(force=true) only.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), delete every version of every object first. They cannot be restored.
    type: bool
    default: false
  policy:
    description: The bucket policy; an empty dictionary removes it.
    type: dict
  cors_rules:
    description: The CORS rules in the form of the S3 API; an empty list removes them.
    type: list
    elements: dict
  lifecycle_rules:
    description:
      - The lifecycle rules in the form of the S3 API; an empty list removes them. Each rule needs a C(Filter).
      - S3 assigns an C(ID) to a rule without one.
    type: list
    elements: dict
  logging:
    description: The target of the server access logs; an empty dictionary turns them off.
    type: dict
    suboptions:
      target_bucket:
        description: The log bucket. It must exist in the same account and region.
        type: str
      target_prefix:
        description: The prefix of the log objects' names.
        type: str
        default: ""
seealso:
  - name: Security best practices for Amazon S3
    description: Why a bucket is private, encrypted and without ACLs.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
  - name: Enabling Amazon S3 server access logging
    description: What the log bucket must allow.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
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
- name: Create a private bucket that browsers may post to
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
  description: The changes, in check mode the predicted ones, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create bucket dev-images", "set cors_rules of bucket dev-images"]
bucket:
  description: The bucket; empty if it does not exist.
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
      description: The bucket's region.
      returned: success
      type: str
      sample: us-east-1
"""

import json
import time
from functools import partial
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError, at_once, wait_until
from ansible_collections.arda.image_upload.plugins.module_utils._policy import canonical, policy_view
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    KNOWN_AFTER_APPLY,
    Change,
    Resource,
    run,
    tags_after,
)
from ansible_collections.arda.image_upload.plugins.module_utils._s3.bucket_configuration import (
    ASPECTS,
    Aspect,
    desired_aspects,
    same,
)

#: What PutBucketLogging says about the log bucket. The second code is spelled so.
#: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
LOG_BUCKET_CODES = ("InvalidTargetBucketForLogging", "CrossLocationLoggingProhibitted")

#: What S3 may answer for a bucket that was just created, here or by another run.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html (ConsistencyModel)
NOT_YET = "NoSuchBucket"

#: How long a new IAM role may be unknown to S3, in seconds.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (changes are not always immediately visible)
PRINCIPAL_SECONDS = 60.0

#: How long to wait for a read to show what was written, in seconds.
VISIBLE_SECONDS = 20.0


def plan(state: str, name: str, desired: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes between the bucket in AWS and the one that is wanted, aspect by aspect."""
    if state == "absent":
        return [Change("delete", f"delete bucket {name}")] if actual else []
    changes = [] if actual else [Change("create", f"create bucket {name}")]
    before = (actual or {}).get("aspects", {})
    for aspect in ASPECTS:
        if aspect.name in desired and not same(aspect.name, desired[aspect.name], before.get(aspect.name)):
            value = desired[aspect.name]
            verb = "set" if value else "remove"
            changes.append(Change("put", f"{verb} {aspect.name} of bucket {name}", {"aspect": aspect, "value": value}))
    return changes


class Bucket(Resource):
    """A private bucket with the declared configuration."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._name = module.params["name"]
        self._region = module.region or "us-east-1"
        self._aws = Aws(module)

    def read(self) -> dict[str, Any] | None:
        try:
            region = self._region_of(self._name)
        except AwsError as error:
            if error.code in ("403", "301"):
                raise AnsibleAWSError(
                    message=f"Bucket {self._name} exists, but not in this account and region: bucket names are global. "
                    "Nothing was written. Choose another name, or the credentials and region it belongs to."
                ) from error
            raise
        if region is None:
            return None
        values = at_once(partial(self._get, aspect) for aspect in ASPECTS)
        return {
            "region": region,
            "aspects": {aspect.name: value for aspect, value in zip(ASPECTS, values, strict=True)},
        }

    def _region_of(self, bucket: str) -> str | None:
        """The region of a bucket of this account, None where there is no bucket of the name."""
        found = self._aws.call("s3", "head_bucket", absent=["404", "NoSuchBucket"], Bucket=bucket)
        if found is None:
            return None
        return found["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", self._region)

    def _get(self, aspect: Aspect) -> Any:
        answer = self._aws.call("s3", aspect.get, absent=[*aspect.absent, NOT_YET], Bucket=self._name)
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
        return plan(self._options["state"], self._name, self._desired(actual), actual)

    def refuse(self, actual: dict[str, Any] | None, changes: list[Change]) -> None:
        """Refuse a bucket of another region, and a log bucket that S3 would refuse after the first write."""
        if actual and actual["region"] != self._region:
            raise AnsibleAWSError(
                message=f"Bucket {self._name} is in {actual['region']}, expected {self._region}. Nothing was written."
            )
        for change in changes:
            if change.method == "put" and change.arguments["aspect"].name == "logging" and change.arguments["value"]:
                self._refuse_log_bucket(change.arguments["value"]["TargetBucket"])

    def _refuse_log_bucket(self, target: str) -> None:
        if target == self._name:
            return
        try:
            region = self._region_of(target)
        except AwsError as error:
            # Of another account, or not ours to list: PutBucketLogging knows. HeadBucket has no other reason.
            if error.code in ("403", "301"):
                return
            raise
        if region != self._region:
            found = f"it is in {region}" if region else "there is no bucket of this name"
            raise AnsibleAWSError(
                message=f"Bucket {self._name} in {self._region} cannot log to bucket {target}: {found}. Nothing was "
                "written. Create the log bucket in the same account and region, or choose another target_bucket."
            )

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        before = actual or {"region": self._region, "aspects": {}}
        desired = self._desired(actual)
        changed = {name: value for name, value in desired.items() if not same(name, value, before["aspects"].get(name))}
        if "lifecycle_rules" in changed:  # S3 assigns an ID to a rule without one
            changed["lifecycle_rules"] = [{"ID": KNOWN_AFTER_APPLY, **rule} for rule in changed["lifecycle_rules"]]
        return {**before, "aspects": {**before["aspects"], **changed}}

    def wait(self, state: dict[str, Any] | None) -> dict[str, Any] | None:
        """The bucket once a read shows what was written, so that what follows reads it too. A later read may be older.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html (bucket configurations are eventually
        consistent)
        """
        started = time.monotonic()
        while self.plan(state) and time.monotonic() - started < VISIBLE_SECONDS:
            time.sleep(1.0)
            state = self.read()
        return state

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        aspects = (state or {}).get("aspects", {})
        return {
            name: policy_view(value) if name == "policy" else json.loads(canonical(value))
            for name, value in aspects.items()
            if value
        }

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if state is None:
            return {"bucket": {}}
        return {"bucket": {"name": self._name, "arn": f"arn:aws:s3:::{self._name}", "region": state["region"]}}

    def create(self) -> None:
        """Create the bucket, without ACLs from the beginning, and wait until S3 finds it."""
        parameters: dict[str, Any] = {"Bucket": self._name, "ObjectOwnership": "BucketOwnerEnforced"}
        if self._region != "us-east-1":  # which the API refuses as a location constraint
            parameters["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
        try:
            self._aws.call("s3", "create_bucket", absent=["BucketAlreadyOwnedByYou"], **parameters)
        except AwsError as error:
            if error.code != "OperationAborted":
                raise
            raise AnsibleAWSError(
                message=f"S3 still removes an earlier bucket {self._name} ({error.exception}). Nothing was written. "
                "Run again later: a deleted bucket's name is free again within about an hour.",
                exception=error.exception,
            ) from error
        wait_until(
            lambda: self._region_of(self._name),
            60,
            f"bucket {self._name} to appear",
            delay=1.0,
        )

    def put(self, aspect: Aspect, value: Any) -> None:
        """Write or remove one aspect. Waits for a bucket, or the principal of a policy, that was just created."""
        started = time.monotonic()
        while True:
            try:
                self._write(aspect, value)
                return
            except AwsError as error:
                if error.code in LOG_BUCKET_CODES:
                    target = value["TargetBucket"]
                    raise AnsibleAWSError(
                        message=f"S3 refuses {target} as the log bucket of {self._name}: {error.exception}. The log "
                        "bucket must exist in the same account and region. Correct target_bucket and run again.",
                        exception=error.exception,
                    ) from error
                unknown = error.code == "MalformedPolicy" and "principal" in str(error.exception).lower()
                if not (unknown or error.code == NOT_YET) or time.monotonic() - started > PRINCIPAL_SECONDS:
                    raise
            time.sleep(2.0)

    def _write(self, aspect: Aspect, value: Any) -> None:
        if value or not aspect.delete:
            if aspect.name == "tags":
                value = ansible_dict_to_boto3_tag_list(value)
            self._aws.call("s3", aspect.put, Bucket=self._name, **aspect.parameters(value))
        else:
            self._aws.call("s3", aspect.delete, Bucket=self._name)

    def delete(self) -> None:
        """Delete the bucket, with ``force`` its objects first. S3 refuses a bucket that holds any."""
        if self._options["force"]:
            self._delete_objects()
        self._aws.call("s3", "delete_bucket", absent=["NoSuchBucket"], Bucket=self._name)

    def _delete_objects(self) -> None:
        """Delete every version and delete marker, a page of the listing at a time.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html (at most 1000 keys)
        """
        while page := self._aws.call("s3", "list_object_versions", absent=[NOT_YET], Bucket=self._name):
            found = [
                {"Key": item["Key"], "VersionId": item["VersionId"]}
                for kind in ("Versions", "DeleteMarkers")
                for item in page.get(kind, [])
            ]
            if not found:
                return
            delete = {"Objects": found, "Quiet": True}
            errors = self._aws.call("s3", "delete_objects", Bucket=self._name, Delete=delete).get("Errors", [])
            if errors:
                first = errors[0]
                raise AnsibleAWSError(
                    message=f"{len(errors)} objects of bucket {self._name} were not deleted, the first of them "
                    f"{first['Key']}: {first['Code']} {first.get('Message', '')}. Correct that, and run again."
                )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "force": {"type": "bool", "default": False},
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
