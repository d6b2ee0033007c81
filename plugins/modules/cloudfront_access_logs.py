#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_access_logs
version_added: 1.0.0
short_description: Manage the delivery of a CloudFront distribution's access logs to S3
description:
  - Creates, updates and deletes the delivery of the access logs of a distribution to an S3 bucket, by CloudFront's
    standard logging (v2).
  - A delivery has a source and a destination in CloudWatch Logs, both with the name of O(name), and a delivery that
    connects them. All three are in us-east-1, wherever the bucket is.
  - The policy of the bucket must let C(delivery.logs.amazonaws.com) put objects. This module does not change it.
seealso:
  - name: CloudFront standard logging (v2)
    description: What it delivers, and which permissions it needs.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
  - name: CreateDelivery
    description: How a source and a destination are connected.
    link: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateDelivery.html
options:
  name:
    description: The name of the source and of the destination, 1 to 60 letters, digits, hyphens and underscores.
    type: str
    required: true
  state:
    description: Whether the logs are delivered.
    type: str
    choices: [present, absent]
    default: present
  distribution_arn:
    description: The ARN of the distribution. Required if O(state=present).
    type: str
  bucket:
    description: The name of the bucket. Required if O(state=present).
    type: str
  suffix_path:
    description:
      - Where the logs are in the bucket, below C(AWSLogs/ACCOUNT/CloudFront/). CloudFront replaces C({DistributionId}),
        C({yyyy}), C({MM}), C({dd}) and C({HH}).
    type: str
    default: "{DistributionId}/{yyyy}/{MM}/{dd}"
  output_format:
    description: The format of the logs. AWS does not change it, so a delivery of another format is replaced.
    type: str
    choices: [json, parquet, plain, w3c]
    default: w3c
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: Deliver the access logs of a distribution
  arda.image_upload.cloudfront_access_logs:
    name: shop001-dev-images
    distribution_arn: "{{ cdn.distribution.arn }}"
    bucket: shop001-dev-access-logs

- name: Deliver them no more
  arda.image_upload.cloudfront_access_logs:
    name: shop001-dev-images
    state: absent
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create log delivery shop001-dev-images"]
access_logs:
  description: The delivery. Empty if there is none.
  returned: success
  type: dict
  contains:
    distribution_arn:
      description: The distribution whose logs are delivered.
      type: str
      sample: arn:aws:cloudfront::444455556666:distribution/EDFDVBD6EXAMPLE
    bucket:
      description: The bucket that the logs are delivered to.
      type: str
      sample: shop001-dev-access-logs
    suffix_path:
      description: Where they are in the bucket.
      type: str
      sample: "{DistributionId}/{yyyy}/{MM}/{dd}"
    output_format:
      description: Their format.
      type: str
      sample: w3c
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, at_once
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import Change, Resource, run

#: CloudWatch Logs has the sources of CloudFront, which is global, in this region.
REGION = "us-east-1"
GONE = ("ResourceNotFoundException",)
#: AWS puts this before the path of a delivery that is created, and answers with both.
#: https://github.com/hashicorp/terraform-provider-aws/issues/40968
PREFIX = "AWSLogs/{account-id}/CloudFront/"
BUCKET_ARN = "arn:aws:s3:::"


def plan(options: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The changes between the delivery that exists and the declared one, in the order in which AWS takes them."""
    name = options["name"]
    if options["state"] == "absent":
        return [Change("delete", f"delete log delivery {name}", {"delivery": actual["delivery"]})] if actual else []
    before = actual or dict.fromkeys(("distribution_arn", "bucket", "suffix_path", "output_format", "delivery"))
    changes = []
    if before["output_format"] not in (None, options["output_format"]):
        changes.append(Change("delete", f"delete log delivery {name}", {"delivery": before["delivery"]}))
        before = dict.fromkeys(before)
    elif before["delivery"] and before["suffix_path"] != options["suffix_path"]:
        changes.append(Change("disconnect", f"disconnect log delivery {name}", {"delivery": before["delivery"]}))
        before = {**before, "delivery": None}
    if before["distribution_arn"] != options["distribution_arn"]:
        changes.append(Change("put_source", f"set the source of log delivery {name}"))
    if before["bucket"] != options["bucket"]:
        changes.append(Change("put_destination", f"set the destination of log delivery {name}"))
    if before["delivery"] is None:
        changes.append(Change("create", f"create log delivery {name}"))
    return changes


class AccessLogs(Resource):
    """The source, the destination and the delivery of a name."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._name = module.params["name"]
        self._aws = Aws(module, REGION)

    def read(self) -> dict[str, Any] | None:
        source, destination, deliveries = at_once(
            [
                lambda: self._aws.call("logs", "get_delivery_source", absent=GONE, name=self._name),
                lambda: self._aws.call("logs", "get_delivery_destination", absent=GONE, name=self._name),
                lambda: list(self._aws.pages("logs", "describe_deliveries", "deliveries")),
            ]
        )
        found = [one for one in deliveries if one["deliverySourceName"] == self._name]
        if not (source or destination or found):
            return None
        target = destination["deliveryDestination"] if destination else {}
        configuration = target.get("deliveryDestinationConfiguration", {})
        path = found[0].get("s3DeliveryConfiguration", {}).get("suffixPath", "").removeprefix(PREFIX) if found else None
        return {
            "distribution_arn": source["deliverySource"]["resourceArns"][0] if source else None,
            "bucket": configuration.get("destinationResourceArn", "").removeprefix(BUCKET_ARN) or None,
            "output_format": target.get("outputFormat"),
            "suffix_path": path,
            "delivery": found[0]["id"] if found else None,
        }

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan(self._options, actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        return {name: self._options[name] for name in ("distribution_arn", "bucket", "suffix_path", "output_format")}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return self.result(state)["access_logs"]

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        shown = {name: value for name, value in (state or {}).items() if name != "delivery"}
        return {"access_logs": shown}

    def put_source(self) -> None:
        """Name the distribution as the source of logs."""
        self._aws.call(
            "logs",
            "put_delivery_source",
            name=self._name,
            resourceArn=self._options["distribution_arn"],
            logType="ACCESS_LOGS",
        )

    def put_destination(self) -> None:
        """Name the bucket as the destination of logs."""
        self._aws.call(
            "logs",
            "put_delivery_destination",
            name=self._name,
            outputFormat=self._options["output_format"],
            deliveryDestinationConfiguration={"destinationResourceArn": f"{BUCKET_ARN}{self._options['bucket']}"},
        )

    def create(self) -> None:
        """Connect the two. Another run may have done so."""
        target = self._aws.call("logs", "get_delivery_destination", name=self._name)["deliveryDestination"]
        self._aws.call(
            "logs",
            "create_delivery",
            absent=["ConflictException"],
            deliverySourceName=self._name,
            deliveryDestinationArn=target["arn"],
            s3DeliveryConfiguration={"suffixPath": self._options["suffix_path"]},
        )

    def disconnect(self, delivery: str) -> None:
        """Delete the delivery, and keep its source and destination."""
        self._aws.call("logs", "delete_delivery", absent=GONE, id=delivery)

    def delete(self, delivery: str | None) -> None:
        """Delete the delivery first: AWS refuses to delete a source or a destination that one connects."""
        if delivery:
            self.disconnect(delivery)
        self._aws.call("logs", "delete_delivery_source", absent=GONE, name=self._name)
        self._aws.call("logs", "delete_delivery_destination", absent=GONE, name=self._name)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "distribution_arn": {"type": "str"},
            "bucket": {"type": "str"},
            "suffix_path": {"type": "str", "default": "{DistributionId}/{yyyy}/{MM}/{dd}"},
            "output_format": {"type": "str", "choices": ["json", "parquet", "plain", "w3c"], "default": "w3c"},
        },
        required_if=[("state", "present", ("distribution_arn", "bucket"))],
        supports_check_mode=True,
    )
    run(module, AccessLogs(module))


if __name__ == "__main__":
    main()
