"""The gate's comparison, commands and report."""

from __future__ import annotations

import json

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils import _checks as checks
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)

REQUEST = {"principal": "a.amazonaws.com", "action": "s3:PutObject", "resource": "arn:aws:s3:::b/x", "context": {}}
LETS_LOGS_IN = {
    "Effect": "Allow",
    "Principal": {"Service": "a.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::b/*",
}


@pytest.mark.parametrize(
    ("expected", "observed", "comparison", "ok"),
    [
        ("a", "a", "equals", True),
        ("a", "A", "equals", False),
        (["a", "b"], ["b", "a"], "equals", True),
        (["a"], ["a", "a"], "equals", False),
        ({"a": [1, 2]}, '{"a": [2, 1]}', "equals", True),
        ({"a": 1}, "no json", "equals", False),
        (1, "1", "equals", True),
        ("1", 1, "equals", True),
        ("true", True, "equals", True),
        (True, 1, "equals", False),
        (None, None, "equals", True),
        ([], None, "equals", False),
        (["a"], ["a", "b"], "contains", True),
        (["c"], ["a", "b"], "contains", False),
        ("a", ["a", "b"], "contains", True),
        ("logging", "x logging y", "contains", True),
        ("a", None, "contains", False),
        ("a", {"a": 1}, "contains", False),
        (None, "x", "present", True),
        (None, 0, "present", True),
        (None, "", "present", False),
        (None, None, "present", False),
        (None, [], "present", False),
        (None, {}, "present", False),
        ([None, "NoSuchThing"], None, "one_of", True),
        ([None, "NoSuchThing"], "NoSuchThing", "one_of", True),
        ([None, "NoSuchThing"], "AccessDenied", "one_of", False),
        ({"a": "x"}, '{"a": ["x"]}', "policy", True),
        ({"a": ["x"]}, {"a": "x"}, "policy", True),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, "policy", True),
        ({"a": "x"}, {"a": ["x", "y"]}, "policy", False),
        ({"a": "x"}, "NoSuchBucketPolicy", "policy", False),
        ({"Statement": [{"a": ["x"]}]}, {"Statement": {"a": "x"}}, "policy", True),
        (REQUEST, "NoSuchBucketPolicy", "allows", False),
        (REQUEST, None, "allows", False),
        (REQUEST, json.dumps({"Statement": LETS_LOGS_IN}), "allows", True),
    ],
)
def test_passes_compares_as_the_check_says(expected: object, observed: object, comparison: str, ok: bool) -> None:
    assert checks.passes(expected, observed, comparison) is ok


@given(JSON)
def test_passes_value_and_its_json_are_equal(value: object) -> None:
    assert checks.passes(value, value, "equals")
    if isinstance(value, (dict, list)):
        assert checks.passes(value, json.dumps(value), "equals")
        assert checks.passes(json.dumps(value), value, "equals")


@pytest.mark.parametrize(
    ("read", "connection", "command"),
    [
        (
            {"service": "s3", "operation": "get_bucket_versioning", "parameters": {"Bucket": "b"}, "query": "Status"},
            (None, None, None),
            "aws s3api get-bucket-versioning --bucket b --query Status --output json",
        ),
        (
            {"service": "route53", "operation": "list_hosted_zones_by_name", "parameters": {"DNSName": "a.b"}},
            ("us-east-1", "dev", None),
            "aws --profile dev --region us-east-1 route53 list-hosted-zones-by-name --dns-name a.b --output json",
        ),
        (
            {"service": "acm", "operation": "list_certificates", "region": "us-east-1", "query": "A[?B=='c'] | [0]"},
            ("eu-west-1", "", "http://127.0.0.1:4566"),
            "aws --endpoint-url http://127.0.0.1:4566 --region us-east-1 acm list-certificates "
            "--query \"A[?B=='c'] | [0]\" --output json",
        ),
        (
            {"service": "ec2", "operation": "describe_x", "parameters": {"KMSKeyId": ["a"]}},
            (None, None, None),
            "aws ec2 describe-x --kms-key-id '[\"a\"]' --output json",
        ),
    ],
)
def test_aws_command_of_a_read_is_the_cli_line(read: dict, connection: tuple, command: str) -> None:
    assert checks.aws_command(read, *connection) == command


@pytest.mark.parametrize(
    ("server", "servers", "command"),
    [
        (None, [], "dig +short NS a.example"),
        ("127.0.0.1", [], "dig +short @127.0.0.1 NS a.example"),
        ("127.0.0.1:5353", [], "dig +short @127.0.0.1 -p 5353 NS a.example"),
        (None, ["ns-1.example", "ns-2.example"], "dig +norecurse +noall +answer +authority @ns-1.example NS a.example"),
        ("127.0.0.1", ["ns-1.example"], "dig +norecurse +noall +answer +authority @ns-1.example NS a.example"),
        (
            "127.0.0.1:5353",
            ["ns-1.example"],
            "dig +norecurse +noall +answer +authority "
            "@$(dig +short @127.0.0.1 -p 5353 A ns-1.example) -p 5353 NS a.example",
        ),
    ],
)
def test_dns_command_of_a_query_is_the_dig_line(server: str | None, servers: list[str], command: str) -> None:
    question = {"name": "a.example", "type": "NS", "servers": servers}
    assert checks.dns_command(question, server) == command


@pytest.mark.parametrize(
    ("one", "other"),
    [([{"b": 1, "a": 2}, {"c": 3}], [{"c": 3}, {"a": 2, "b": 1}]), ({"b": 1, "a": [2, 1]}, {"a": [1, 2], "b": 1})],
)
def test_passes_order_makes_no_difference(one: object, other: object) -> None:
    assert checks.passes(one, other, "equals")


def result(criterion: str, ok: bool) -> dict:
    return {"criterion": criterion, "status": "passed" if ok else "failed"}


def test_failed_check_whose_prerequisite_failed_names_the_first_cause() -> None:
    results = [result("a", False), result("b", False), result("c", False), result("d", True), result("e", False)]
    checks.name_causes(results, {"b": ["a"], "c": ["b"], "d": ["a"], "e": ["d"]})
    assert [(one["status"], one.get("cause")) for one in results] == [
        ("failed", None),
        ("skipped", "a"),
        ("skipped", "a"),
        ("passed", None),
        ("failed", None),
    ]


@pytest.mark.parametrize(
    ("endpoint", "token", "shown"),
    [
        ("http://127.0.0.1:4566", "", True),
        ("http://localhost:4566", "", True),
        ("http://127.0.0.1:4566", "token of a role", False),
        ("https://sts.us-east-1.amazonaws.com", "", False),
        ("http://127.0.0.1.example.com", "", False),
        (None, "", False),
    ],
)
def test_credentials_are_printed_for_an_endpoint_of_this_machine_only(
    endpoint: str | None, token: str, shown: bool
) -> None:
    options = {"endpoint_url": endpoint, "access_key": "1", "secret_key": "s t", "session_token": token}
    expected = "AWS_ACCESS_KEY_ID=1 AWS_SECRET_ACCESS_KEY='s t' " if shown else ""
    assert checks.local_credentials(options) == expected
