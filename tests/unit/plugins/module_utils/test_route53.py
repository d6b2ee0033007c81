"""The records of a small zone from a name, and the order of names."""

from __future__ import annotations

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils import _route53

NAMES = [
    "example.com.",
    "\\052.example.com.",
    "a.example.com.",
    "a-b.example.com.",
    "b.a.example.com.",
    "z.example.com.",
]


@pytest.mark.parametrize("start", ["a.example.com", "A.example.com.", "*.example.com", "example.com", "zz.example.com"])
def test_records_of_a_small_zone_from_a_name_hold_all_of_that_name_and_below(start: str) -> None:
    zone = {"ResourceRecordSets": [{"Name": name, "Type": "A"} for name in NAMES], "IsTruncated": False}
    found = [record["Name"] for record in _route53.records_from(zone, start)["ResourceRecordSets"]]
    wanted = start.lower().rstrip(".") + "."
    below = [name for name in NAMES if (name.replace("\\052", "*")).endswith(wanted)]
    assert set(below) <= set(found)
    assert len(zone["ResourceRecordSets"]) == len(NAMES)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("example.com", "www.example.com"),
        ("a.example.com", "b.a.example.com"),
        ("z.example.com", "a.example.net"),
        ("a-b.example.com", "a.example.com"),  # a hyphen goes before the dot
        ("\\052.example.com.", "a.example.com."),
    ],
)
def test_names_are_sorted_as_route53_sorts_them(earlier: str, later: str) -> None:
    assert _route53.sort_key(earlier) < _route53.sort_key(later)
