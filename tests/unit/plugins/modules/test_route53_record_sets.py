"""What route53_record_sets changes, and the form in which records compare."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.modules import (
    route53_record_sets,
)
from hypothesis import given
from hypothesis import strategies as st

from ...helpers.aws_fixtures import FixtureModule


@pytest.mark.parametrize(
    ("name", "expected"), [("A.b", "a.b."), ("a.b.", "a.b."), ("\\052.a", "*.a."), ("*.a.", "*.a.")]
)
def test_fqdn_of_a_name_is_the_form_that_compares(name: str, expected: str) -> None:
    assert route53_record_sets.fqdn(name) == expected


NAMES = st.sampled_from(["a.b", "A.b.", "*.b"])
RECORDS = st.one_of(
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "type": st.sampled_from(["NS", "CNAME", "TXT", "A"]),
            "values": st.lists(st.sampled_from(["n1.x", "N2.x.", "n3.x"]), min_size=1, unique=True),
            "ttl": st.sampled_from([60, 300]),
            "alias_target": st.none(),
        }
    ),
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "type": st.sampled_from(["A", "AAAA"]),
            "values": st.none(),
            "ttl": st.just(300),
            "alias_target": st.fixed_dictionaries({"zone_id": st.just("Z2"), "dns_name": st.just("D1.cloudfront.net")}),
        }
    ),
)


@given(RECORDS)
def test_to_aws_of_a_record_reads_back_as_declared(record: dict[str, Any]) -> None:
    wanted = route53_record_sets.from_options(record)
    key = f"{record['type']} {route53_record_sets.fqdn(record['name'])}"
    written = route53_record_sets.to_aws(key, wanted)
    assert len(wanted.get("values", [])) == len({value.lower().rstrip(".") for value in record["values"] or []})
    assert written["Type"] == record["type"]
    assert written["Name"] == route53_record_sets.fqdn(record["name"])
    assert route53_record_sets.from_aws(written) == wanted
    assert route53_record_sets.plan("present", {key: wanted}, {key: route53_record_sets.from_aws(written)}) == []


def test_from_aws_of_an_alias_ignores_the_dualstack_prefix() -> None:
    target = {"HostedZoneId": "Z2", "DNSName": "dualstack.d1.cloudfront.net."}
    found = route53_record_sets.from_aws({"Name": "a.", "Type": "A", "AliasTarget": target})
    assert found == {"alias_target": {"zone_id": "Z2", "dns_name": "d1.cloudfront.net."}}
    assert route53_record_sets.to_aws("A a.", found)["AliasTarget"]["EvaluateTargetHealth"] is False


@pytest.mark.parametrize(
    ("state", "desired", "actual", "expected"),
    [
        ("present", {"A a.": {"ttl": 1}}, {}, [("UPSERT", "A a.")]),
        ("present", {"A a.": {"ttl": 1}}, {"A a.": {"ttl": 2}}, [("UPSERT", "A a.")]),
        ("present", {"A a.": {"ttl": 1}}, {"A a.": {"ttl": 1}}, []),
        ("absent", {"A a.": {"ttl": 1}}, {"A a.": {"ttl": 2}}, [("DELETE", "A a.")]),
        ("absent", {"A a.": {"ttl": 1}}, {"A b.": {"ttl": 1}}, []),
    ],
)
def test_plan_difference_to_the_actual_records_is_written(
    state: str, desired: dict, actual: dict, expected: list
) -> None:
    assert route53_record_sets.plan(state, desired, actual) == expected


def test_read_goes_on_while_the_next_record_has_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of a routing policy may have more records than a page."""
    asked: list[dict[str, Any]] = []
    record = {"Name": "www.example.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    following = {"NextRecordName": "www.example.", "NextRecordType": "A", "NextRecordIdentifier": "b"}
    pages = iter(
        [
            {"ResourceRecordSets": [{**record, "Type": "TXT"}], "IsTruncated": True, **following},
            {
                "ResourceRecordSets": [record],
                "IsTruncated": True,
                "NextRecordName": "x.example.",
                "NextRecordType": "A",
            },
        ]
    )

    def call(_aws: Any, _service: str, _operation: str, **parameters: Any) -> Any:
        asked.append(parameters)
        return next(pages)

    monkeypatch.setattr(route53_record_sets.Aws, "call", call)
    options = [{"name": "www.example", "type": "A", "ttl": 60, "values": ["192.0.2.1"], "alias_target": None}]
    module = FixtureModule({"zone_id": "Z0", "state": "present", "records": options})
    assert list(route53_record_sets.RecordSets(module).read()) == ["A www.example."]
    first = {"HostedZoneId": "Z0", "StartRecordName": "www.example"}
    assert asked == [first, {**first, "StartRecordType": "A", "StartRecordIdentifier": "b"}]
