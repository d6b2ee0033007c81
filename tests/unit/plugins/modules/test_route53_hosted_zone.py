"""What route53_hosted_zone creates, changes and deletes."""

from __future__ import annotations

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import Change
from ansible_collections.arda.image_upload.plugins.modules import (
    route53_hosted_zone,
)

KEEP = {"tags": None, "purge_tags": True}


def methods(changes: list[Change]) -> list[str]:
    return [change.method for change in changes]


ZONE = {"id": "Z", "comment": "c", "tags": {"a": "1"}}


@pytest.mark.parametrize(
    ("options", "actual", "expected"),
    [
        ({}, None, ["create"]),
        ({"tags": {"a": "1"}}, None, ["create", "tag"]),
        ({}, ZONE, []),
        ({"comment": "c"}, ZONE, []),
        ({"comment": ""}, ZONE, ["set_comment"]),
        ({"comment": "d", "tags": {}}, ZONE, ["set_comment", "tag"]),
        ({"tags": {}, "purge_tags": False}, ZONE, []),
        ({"state": "absent"}, ZONE, ["delete"]),
        ({"state": "absent"}, None, []),
    ],
)
def test_plan_difference_to_the_actual_zone_is_written(options: dict, actual: dict | None, expected: list[str]) -> None:
    wanted = {**KEEP, "state": "present", "name": "a.b", "comment": None, **options}
    assert methods(route53_hosted_zone.plan(wanted, actual)) == expected
