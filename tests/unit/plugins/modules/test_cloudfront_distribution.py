"""What cloudfront_distribution creates, updates, tags and deletes."""

from __future__ import annotations

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import Change
from ansible_collections.arda.image_upload.plugins.modules import (
    cloudfront_distribution,
)

KEEP = {"tags": None, "purge_tags": True}


def methods(changes: list[Change]) -> list[str]:
    return [change.method for change in changes]


THERE = {"arn": "x", "config": {"Comment": "c", "Enabled": True}, "tags": {"a": "1"}}


@pytest.mark.parametrize(
    ("options", "desired", "actual", "expected"),
    [
        ({}, {"Comment": "c"}, None, ["create"]),
        ({}, {"Comment": "c"}, THERE, []),
        ({}, {"Comment": "d"}, THERE, ["update"]),
        ({"tags": {}}, {}, THERE, ["tag"]),
        ({"tags": {"b": "1"}}, {"Enabled": False}, THERE, ["update", "tag"]),
        ({"state": "absent"}, {}, THERE, ["delete"]),
        ({"state": "absent"}, {}, None, []),
    ],
)
def test_plan_difference_to_the_actual_distribution_is_written(
    options: dict, desired: dict, actual: dict | None, expected: list[str]
) -> None:
    wanted = {**KEEP, "state": "present", "aliases": ["a"], **options}
    assert methods(cloudfront_distribution.plan(wanted, desired, actual)) == expected
