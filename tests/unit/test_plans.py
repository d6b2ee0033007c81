"""What each module would do, as a pure function of what is wanted and what is there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils.bucket_configuration import canonical, desired_aspects
from ansible_collections.arda.image_upload.plugins.module_utils.cloudfront_resource import Kind, plan_config
from ansible_collections.arda.image_upload.plugins.module_utils.presigned_post import Upload, conditions
from ansible_collections.arda.image_upload.plugins.module_utils.reconcile import Change
from ansible_collections.arda.image_upload.plugins.modules import (
    account_guard,
    acm_dns_certificate,
    cloudformation_exports,
    cloudfront_distribution,
    route53_hosted_zone,
    route53_record_sets,
    s3_private_bucket,
)
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

KEEP = {"tags": None, "purge_tags": True}


def methods(changes: list[Change]) -> list[str]:
    return [change.method for change in changes]


# -- certificates


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
def test_which_certificate_is_taken_over(there: list[dict[str, Any]], chosen: str | None) -> None:
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
def test_a_certificate(options: dict, actual: dict | None, expected: list[str]) -> None:
    changes = acm_dns_certificate.plan({**KEEP, "domain_name": "a", **options}, actual)
    assert methods(changes) == expected
    assert all(change.arguments.get("arn", "x") == "x" for change in changes)


def test_the_records_of_a_wildcard_and_its_apex_are_one() -> None:
    record = {"Name": "_b.a.", "Type": "CNAME", "Value": "_c.acm."}
    other = {"Name": "_a.a.", "Type": "CNAME", "Value": "_d.acm."}
    options = [{"ResourceRecord": record}, {"ResourceRecord": dict(record)}, {"ResourceRecord": other}]
    assert acm_dns_certificate.validation_records(options) == [
        {"name": "_a.a.", "type": "CNAME", "values": ["_d.acm."], "ttl": 300},
        {"name": "_b.a.", "type": "CNAME", "values": ["_c.acm."], "ttl": 300},
    ]
    assert acm_dns_certificate.validation_records([*options, {}]) == [], "not before all are known"


# -- exports

STACK = {"id": "s", "status": "CREATE_COMPLETE", "exports": {"a": "1", "b": "2"}, "tags": {}}


@pytest.mark.parametrize(
    ("options", "actual", "expected"),
    [
        ({}, None, [("write", "create_stack")]),
        ({}, STACK, []),
        ({"exports": {"a": "1"}}, STACK, [("write", "update_stack")]),
        ({"tags": {"t": "1"}}, STACK, [("write", "update_stack")]),
        ({"tags": {}}, {**STACK, "tags": {"t": "1"}}, [("write", "update_stack")]),
        ({}, {**STACK, "status": "ROLLBACK_COMPLETE"}, [("delete", None), ("write", "create_stack")]),
        ({}, {**STACK, "status": "UPDATE_ROLLBACK_COMPLETE"}, []),
        ({"state": "absent"}, STACK, [("delete", None)]),
        ({"state": "absent"}, None, []),
    ],
)
def test_exports(options: dict, actual: dict | None, expected: list[tuple]) -> None:
    wanted = {**KEEP, "state": "present", "stack_name": "x", "exports": {"a": "1", "b": "2"}, **options}
    changes = cloudformation_exports.plan(wanted, actual)
    assert [(change.method, change.arguments.get("operation")) for change in changes] == expected


@pytest.mark.parametrize(
    ("wanted", "actual", "expected"),
    [
        ({"a": "1", "b": "2"}, STACK, []),
        ({"a": "2", "b": "2", "c": "3"}, STACK, ["a"]),
        ({}, STACK, ["a", "b"]),
        ({"a": "1"}, None, []),
    ],
)
def test_which_exports_nobody_may_import(wanted: dict, actual: dict | None, expected: list[str]) -> None:
    assert cloudformation_exports.withdrawn(wanted, actual) == expected


def test_the_template_has_one_resource_and_an_output_for_each_export() -> None:
    document = json.loads(cloudformation_exports.template("d", {"B-x": "2", "A": "1"}))
    assert list(document["Outputs"]) == ["A", "Bx"]
    assert document["Outputs"]["Bx"] == {"Value": "2", "Export": {"Name": "B-x"}}
    assert [resource["Type"] for resource in document["Resources"].values()] == [
        "AWS::CloudFormation::WaitConditionHandle"
    ]


# -- zones and records

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
def test_a_zone(options: dict, actual: dict | None, expected: list[str]) -> None:
    wanted = {**KEEP, "state": "present", "name": "a.b", "comment": None, **options}
    assert methods(route53_hosted_zone.plan(wanted, actual)) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("A.b", "a.b."), ("a.b.", "a.b."), ("\\052.a", "*.a."), ("*.a.", "*.a.")]
)
def test_a_domain_name(name: str, expected: str) -> None:
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
def test_what_is_written_reads_back_as_what_was_wanted(record: dict[str, Any]) -> None:
    wanted = route53_record_sets.from_options(record)
    key = f"{record['type']} {route53_record_sets.fqdn(record['name'])}"
    written = route53_record_sets.to_aws(key, wanted)
    assert len(wanted.get("values", [])) == len({value.lower().rstrip(".") for value in record["values"] or []})
    assert written["Type"] == record["type"]
    assert written["Name"] == route53_record_sets.fqdn(record["name"])
    assert route53_record_sets.from_aws(written) == wanted
    assert route53_record_sets.plan("present", {key: wanted}, {key: route53_record_sets.from_aws(written)}) == []


def test_an_alias_is_told_from_values_and_route_53_may_add_dualstack() -> None:
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
def test_records(state: str, desired: dict, actual: dict, expected: list) -> None:
    assert route53_record_sets.plan(state, desired, actual) == expected


# -- CloudFront

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
def test_a_distribution(options: dict, desired: dict, actual: dict | None, expected: list[str]) -> None:
    wanted = {**KEEP, "state": "present", "aliases": ["a"], **options}
    assert methods(cloudfront_distribution.plan(wanted, desired, actual)) == expected


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
def test_a_named_configuration(state: str, desired: dict, actual: dict | None, expected: list[str]) -> None:
    kind = Kind("noun", "Key", "Config", "Exists", "Missing", "thing")
    assert [c.summary.replace("thing ", "") for c in plan_config(kind, "n", state, desired, actual)] == expected


# -- buckets


def test_a_bucket_is_private_before_anything_else_and_its_policy_comes_last() -> None:
    options = {"policy": {"Statement": []}, "cors_rules": [{"AllowedMethods": ["POST"]}], "tags": {"a": "1"}}
    options["logging"] = {"target_bucket": "logs", "target_prefix": None}
    desired = desired_aspects(options)
    assert desired["logging"] == {"TargetBucket": "logs", "TargetPrefix": ""}
    changes = s3_private_bucket.plan("present", "b", desired, None)
    assert methods(changes)[0] == "create"
    named = [change.arguments["aspect"].name for change in changes[1:]]
    assert named[0] == "public_access_block"
    actual = {"aspects": json.loads(json.dumps(desired))}
    assert s3_private_bucket.plan("present", "b", desired, actual) == []
    actual["aspects"]["versioning"] = "Suspended"
    (change,) = s3_private_bucket.plan("present", "b", desired, actual)
    assert change.summary == "set versioning of bucket b"
    assert methods(s3_private_bucket.plan("absent", "b", desired, actual)) == ["delete"]
    assert s3_private_bucket.plan("absent", "b", desired, None) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"cors_rules": []}, {"cors_rules": []}),
        ({"cors_rules": None}, {}),
        ({"logging": {"target_bucket": None}}, {"logging": {}}),
        (
            {"logging": {"target_bucket": "l", "target_prefix": "p"}},
            {"logging": {"TargetBucket": "l", "TargetPrefix": "p"}},
        ),
    ],
)
def test_an_option_that_is_not_given_declares_nothing(options: dict, expected: dict) -> None:
    fixed = {"public_access_block", "ownership", "encryption", "versioning"}
    assert {k: v for k, v in desired_aspects(options).items() if k not in fixed} == expected


def test_an_empty_aspect_is_removed_and_a_missing_one_is_not_written() -> None:
    desired = {"cors_rules": []}
    (change,) = s3_private_bucket.plan(
        "present", "b", desired, {"aspects": {"cors_rules": [{"AllowedMethods": ["GET"]}]}}
    )
    assert change.summary == "remove cors_rules of bucket b"
    assert s3_private_bucket.plan("present", "b", desired, {"aspects": {}}) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=4), st.randoms(use_true_random=False))
def test_order_makes_no_difference(values: list[Any], random: Any) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert canonical(values) == canonical(shuffled)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"A": "x"}, {"A": ["x"]}, True),
        ({"A": []}, {}, True),
        ({"A": None}, None, True),
        ({"A": {"B": []}}, {}, False),
        ({"A": False}, {}, False),
        ({"A": "x"}, {"A": "y"}, False),
        ({"A": ["x", "y"]}, {"A": ["x"]}, False),
        ({"A": [{"B": 1}]}, {"A": {"B": 1}}, False),
    ],
)
def test_what_counts_as_the_same(one: Any, other: Any, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same


# -- uploads, and the guard


def test_the_conditions_of_an_upload() -> None:
    assert conditions(Upload("b", "k", "image/png", fields={"x-amz-meta-a": "1"}, min_bytes=2, max_bytes=9)) == [
        {"x-amz-meta-a": "1"},
        ["starts-with", "$Content-Type", "image/"],
        ["content-length-range", 2, 9],
    ]
    assert conditions(Upload("b", "k", "image/png"))[-1] == ["content-length-range", 1, 10485760]
    assert Upload("b", "k", "image/png").lifetime == 900


def test_the_cause_of_a_failure_in_words() -> None:
    assert account_guard.cause(None) == "AWS could not be asked: None"
    assert account_guard.cause(ValueError("x")) == "AWS could not be asked: x"
    refused = ClientError({"Error": {"Code": "ExpiredToken", "Message": "m"}}, "GetCallerIdentity")
    assert account_guard.cause(refused) == f"{account_guard.CAUSES['ExpiredToken']} ({refused})"
