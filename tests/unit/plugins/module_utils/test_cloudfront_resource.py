"""What a CloudFront resource with a name and a configuration creates, updates and deletes."""

from __future__ import annotations

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.resource import Kind, plan_config


@pytest.mark.parametrize(
    ("state", "desired", "actual", "expected"),
    [
        ("present", {"Name": "n"}, None, ["create n"]),
        ("present", {"Name": "n"}, {"config": {"Name": "n", "More": 1}}, []),
        ("present", {"Name": "n", "More": 2}, {"config": {"Name": "n", "More": 1}}, ["update n"]),
        ("absent", {}, {"config": {}}, ["delete n"]),
        ("absent", {}, None, []),
    ],
)
def test_plan_config_difference_to_the_actual_one_is_written(
    state: str, desired: dict, actual: dict | None, expected: list[str]
) -> None:
    kind = Kind("noun", "Key", "Config", "Exists", "Missing", "thing")
    assert [c.summary.replace("thing ", "") for c in plan_config(kind, "n", state, desired, actual)] == expected
