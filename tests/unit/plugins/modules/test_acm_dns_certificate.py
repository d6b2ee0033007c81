"""What acm_dns_certificate takes over, requests and tags."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import Change
from ansible_collections.arda.image_upload.plugins.modules import (
    acm_dns_certificate,
)

KEEP = {"tags": None, "purge_tags": True}


def methods(changes: list[Change]) -> list[str]:
    return [change.method for change in changes]


def certificate(arn: str, status: str = "ISSUED", created: int = 1, names: tuple[str, ...] = ("a",)) -> dict[str, Any]:
    return {"arn": arn, "status": status, "created": created, "domain_names": list(names), "tags": {}}


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        ([], None),
        ([certificate("x", "FAILED"), certificate("y", "VALIDATION_TIMED_OUT"), certificate("z", "EXPIRED")], None),
        ([certificate("x", names=("a", "b"))], None),
        ([certificate("x", "PENDING_VALIDATION", 1), certificate("y", "ISSUED", 2)], "y"),
        ([certificate("x", created=2), certificate("y", created=1)], "y"),
        ([certificate("y"), certificate("x")], "x"),
    ],
)
def test_choose_of_several_certificates_returns_the_usable_one(there: list[dict[str, Any]], chosen: str | None) -> None:
    found = acm_dns_certificate.choose(there, ["a"])
    assert (found and found["arn"]) == chosen


@pytest.mark.parametrize(
    ("options", "actual", "expected"),
    [
        ({"state": "present"}, None, ["request"]),
        ({"state": "present"}, certificate("x"), []),
        ({"state": "present", "tags": {"a": "1"}}, certificate("x"), ["tag"]),
        ({"state": "present", "tags": {}}, {**certificate("x"), "tags": {"a": "1"}}, ["tag"]),
        ({"state": "absent"}, certificate("x"), ["delete"]),
        ({"state": "absent"}, None, []),
    ],
)
def test_plan_difference_to_the_actual_certificate_is_written(
    options: dict, actual: dict | None, expected: list[str]
) -> None:
    changes = acm_dns_certificate.plan({**KEEP, "domain_name": "a", **options}, actual)
    assert methods(changes) == expected
    assert all(change.arguments.get("arn", "x") == "x" for change in changes)


def test_validation_records_of_a_wildcard_and_its_apex_are_one() -> None:
    record = {"Name": "_b.a.", "Type": "CNAME", "Value": "_c.acm."}
    other = {"Name": "_a.a.", "Type": "CNAME", "Value": "_d.acm."}
    options = [{"ResourceRecord": record}, {"ResourceRecord": dict(record)}, {"ResourceRecord": other}]
    assert acm_dns_certificate.validation_records(options) == [
        {"name": "_a.a.", "type": "CNAME", "values": ["_d.acm."], "ttl": 300},
        {"name": "_b.a.", "type": "CNAME", "values": ["_c.acm."], "ttl": 300},
    ]
    assert acm_dns_certificate.validation_records([*options, {}]) == [], "not before all are known"
