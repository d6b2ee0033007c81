"""AWS's own answers about the delivery of access logs beside a declaration."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.modules.cloudfront_access_logs import AccessLogs

from ...helpers.aws_fixtures import FixtureModule

DECLARED = {
    "name": "Images-dev-images",
    "state": "present",
    "distribution_arn": "arn:aws:cloudfront::444455556666:distribution/EDFDVBD6EXAMPLE",
    "bucket": "images-dev-access-logs",
    "suffix_path": "{DistributionId}/{yyyy}/{MM}/{dd}",
    "output_format": "w3c",
}
THERE = ("logs.GetDeliverySource.ok", "logs.GetDeliveryDestination.ok", "logs.DescribeDeliveries.ok")
GONE = ("logs.GetDeliverySource.ResourceNotFoundException", "logs.GetDeliveryDestination.ResourceNotFoundException")


def planned(*answers: str, **options: Any) -> list[str]:
    resource = AccessLogs(FixtureModule({**DECLARED, **options}, *answers))  # type: ignore[arg-type]
    return [change.summary for change in resource.plan(resource.read())]


def test_delivery_as_declared_is_unchanged_whatever_aws_puts_before_its_path() -> None:
    assert planned(*THERE) == []


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        ({"distribution_arn": "arn:aws:cloudfront::444455556666:distribution/E2"}, ["set the source of log delivery"]),
        ({"bucket": "other"}, ["set the destination of log delivery"]),
        ({"suffix_path": "x"}, ["disconnect log delivery", "create log delivery"]),
        (
            {"output_format": "json"},
            [
                "delete log delivery",
                "set the source of log delivery",
                "set the destination of log delivery",
                "create log delivery",
            ],
        ),
        ({"state": "absent"}, ["delete log delivery"]),
    ],
)
def test_delivery_that_differs_has_the_changes(options: dict[str, Any], changes: list[str]) -> None:
    assert planned(*THERE, **options) == [f"{change} Images-dev-images" for change in changes]


def test_delivery_of_others_is_left_alone() -> None:
    """The source and the destination are gone; what is listed is of another name."""
    assert planned(*GONE, "logs.DescribeDeliveries.ok", name="other", state="absent") == []
    assert len(planned(*GONE, "logs.DescribeDeliveries.ok", name="other")) == 3
