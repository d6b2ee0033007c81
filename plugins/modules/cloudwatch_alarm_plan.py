#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_alarm_plan
version_added: 1.0.0
short_description: Compare a CloudWatch metric alarm with its declaration
description:
  - Compares a metric alarm with what is declared, and returns the changes and their diff. It writes nothing.
  - M(amazon.aws.cloudwatch_metric_alarm) applies the changes. It shows no diff.
seealso:
  - module: amazon.aws.cloudwatch_metric_alarm
  - name: PutMetricAlarm
    description: What an alarm consists of.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
options:
  name:
    description: The name of the alarm.
    type: str
    required: true
  alarm:
    description:
      - The alarm, with options of M(amazon.aws.cloudwatch_metric_alarm) as its keys. What is omitted is not compared.
    type: dict
    required: true
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.plans
"""

EXAMPLES = r"""
- name: Compare the alarm before amazon.aws.cloudwatch_metric_alarm writes it
  arda.image_upload.cloudwatch_alarm_plan:
    name: shop001-dev-images-server-errors
    alarm:
      namespace: AWS/CloudFront
      metric_name: 5xxErrorRate
      threshold: 5
  register: compared
"""

RETURN = r"""
changes:
  description: The changes that lead to the declared alarm, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create alarm shop001-dev-images-server-errors"]
changed:
  description: Whether there are changes, in check mode only. Outside check mode V(false).
  returned: success
  type: bool
  sample: false
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import Resource, difference

#: The options of amazon.aws.cloudwatch_metric_alarm, by CloudWatch's name of them.
FIELDS = {
    "AlarmDescription": "description",
    "Namespace": "namespace",
    "MetricName": "metric_name",
    "Dimensions": "dimensions",
    "Statistic": "statistic",
    "ComparisonOperator": "comparison",
    "Threshold": "threshold",
    "Period": "period",
    "EvaluationPeriods": "evaluation_periods",
    "TreatMissingData": "treat_missing_data",
    "AlarmActions": "alarm_actions",
    "OKActions": "ok_actions",
}


def plan(name: str, declared: dict[str, Any], actual: dict[str, Any] | None) -> list[str]:
    """The changes between the alarm that exists and the declared one, a sentence each."""
    if actual is None:
        return [f"create alarm {name}"]
    differing = [option for option, value in declared.items() if actual.get(option) != value]
    return [f"set the {', '.join(differing)} of alarm {name}"] if differing else []


class Alarm(Resource):
    """A metric alarm. Nothing of it is written here."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.name = module.params["name"]
        declared = dict(module.params["alarm"])
        for option, kind in (("threshold", float), ("period", int), ("evaluation_periods", int)):
            if option in declared:
                declared[option] = kind(declared[option])
        self.declared = declared
        self._aws = Aws(module)

    def read(self) -> dict[str, Any] | None:
        found = self._aws.call("cloudwatch", "describe_alarms", AlarmNames=[self.name])["MetricAlarms"]
        if not found:
            return None
        alarm = {option: found[0].get(field) for field, option in FIELDS.items()}
        alarm["dimensions"] = {item["Name"]: item["Value"] for item in alarm["dimensions"] or []}
        return alarm

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any]:
        return {**(actual or {}), **self.declared}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={"name": {"type": "str", "required": True}, "alarm": {"type": "dict", "required": True}},
        supports_check_mode=True,
    )
    alarm = Alarm(module)
    try:
        before = alarm.read()
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    changes = plan(alarm.name, alarm.declared, before)
    after = alarm.predict(before) if changes else before
    diff = difference(module, alarm, before, after)
    module.exit_json(changed=module.check_mode and bool(changes), changes=changes, **diff)


if __name__ == "__main__":
    main()
