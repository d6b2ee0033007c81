"""CloudWatch's own answer beside a declaration."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.modules.cloudwatch_alarm_plan import Alarm, plan

from ...helpers.aws_fixtures import FixtureModule, changed

NAME = "Images-dev-images-server-errors"
DECLARED = {
    "description": "Viewers are answered 5xx",
    "namespace": "AWS/CloudFront",
    "metric_name": "5xxErrorRate",
    "dimensions": {"DistributionId": "EDFDVBD6EXAMPLE", "Region": "Global"},
    "statistic": "Average",
    "comparison": "GreaterThanThreshold",
    "threshold": "5",
    "period": 300,
    "evaluation_periods": 3,
    "treat_missing_data": "notBreaching",
    "alarm_actions": ["arn:aws:sns:us-east-1:444455556666:operations"],
    "ok_actions": [],
}


def planned(answer: Any, **more: Any) -> list[str]:
    alarm = Alarm(FixtureModule({"name": NAME, "alarm": {**DECLARED, **more}}, answer))  # type: ignore[arg-type]
    return plan(alarm.name, alarm.declared, alarm.read())


def test_alarm_as_declared_has_no_change() -> None:
    assert planned("cloudwatch.DescribeAlarms.ok") == []


def test_alarm_that_does_not_exist_is_created() -> None:
    assert planned(changed("cloudwatch.DescribeAlarms.ok", {"MetricAlarms": []})) == [f"create alarm {NAME}"]


@pytest.mark.parametrize(
    ("more", "differs"),
    [
        ({"threshold": 2}, "threshold"),
        ({"dimensions": {"DistributionId": "E2", "Region": "Global"}}, "dimensions"),
        ({"alarm_actions": [], "period": 60}, "period, alarm_actions"),
    ],
)
def test_alarm_that_differs_is_set(more: dict[str, Any], differs: str) -> None:
    assert planned("cloudwatch.DescribeAlarms.ok", **more) == [f"set the {differs} of alarm {NAME}"]
