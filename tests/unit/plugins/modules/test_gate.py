"""What the gate reads, and what it makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY
from ansible_collections.arda.image_upload.plugins.modules import gate
from botocore.exceptions import ClientError

from ...helpers.aws_fixtures import FixtureModule, answer

EXPORT = "Alpha002-I-AssetsHostedZoneId"


class Module:
    """What Observer needs of AnsibleAWSModule."""

    def __init__(self, check_mode: bool = False, **params: Any) -> None:
        self.params = {"region": "us-east-1", "profile": None, "endpoint_url": None, "dns_server": None}
        self.params |= {"remedy": "", **params}
        self.check_mode = check_mode


def evaluated(module: Any, *checks: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Each check with its result, and its value."""
    module.params.setdefault("checks", list(checks))
    observer = gate.Observer(module)
    observer.read()
    return [observer.evaluate(check) for check in checks]


def check(**values: Any) -> dict[str, Any]:
    """A check as AnsibleAWSModule hands it over, with the defaults of its options."""
    read = {"service": "s3", "operation": "get_bucket_versioning", "parameters": {"Bucket": "b"}, "query": "Status"}
    options = {"criterion": "c", "key": None, "aws": {**read, "region": None}, "dns": None, "expected": "Enabled"}
    return {**options, "comparison": "equals", "remedy": None, "after": [], **values}


class Reads:
    """Answers in the place of AWS, with a note of each call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

        def read_all(_aws: Any, service: str, operation: str, **parameters: Any) -> Any:
            self.calls.append((operation, parameters))
            if isinstance(answer, Exception):
                raise gate.AwsError(message="m", exception=answer)
            return answer

        monkeypatch.setattr(gate.Aws, "read_all", read_all)


DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "m"}}, "GetBucketVersioning")


def test_checks_with_the_same_call_share_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = Reads(monkeypatch, {"Status": "Enabled", "MFADelete": "Disabled"})
    first = check()
    second = check(aws={**first["aws"], "query": "MFADelete"}, expected="Disabled")
    other = check(aws={**first["aws"], "parameters": {"Bucket": "c"}})
    assert [result["ok"] for result, _value in evaluated(Module(), first, second, other)] == [True, True, True]
    assert sorted(reads.calls, key=str) == [
        ("get_bucket_versioning", {"Bucket": "b"}),
        ("get_bucket_versioning", {"Bucket": "c"}),
    ]


def test_listing_is_read_to_its_last_page() -> None:
    module = FixtureModule(
        {"region": "us-east-1", "profile": None, "endpoint_url": None, "dns_server": None, "remedy": ""},
        "cloudformation.ListExports.ok-first-page",
        "cloudformation.ListExports.ok",
    )
    read = {"service": "cloudformation", "operation": "list_exports", "parameters": {}, "region": None}
    query = "Exports[?Name=='Alpha002-I-AssetsHostedZoneId'].Value | [0]"
    [(result, value)] = evaluated(module, check(aws={**read, "query": query}, comparison="present"))
    assert (result["ok"], value) == (True, "Z0123456789ABCDEFGHIJ")
    assert [name for name, _parameters in module.calls] == ["cloudformation.ListExports"] * 2


def test_cloudfront_listing_without_a_paginator_is_read_to_its_last_page() -> None:
    module = FixtureModule(
        {"region": "us-east-1", "profile": None, "endpoint_url": None, "dns_server": None, "remedy": ""},
        "cloudfront.ListKeyGroups.ok-first-page",
        "cloudfront.ListKeyGroups.ok",
    )
    read = {"service": "cloudfront", "operation": "list_key_groups", "parameters": {}, "region": None}
    query = "KeyGroupList.Items[].KeyGroup.KeyGroupConfig.Name"
    [(_result, value)] = evaluated(module, check(aws={**read, "query": query}, comparison="present"))
    assert value == ["made-by-hand", "dev-images", "made-by-hand"]
    marker = answer("cloudfront.ListKeyGroups.ok-first-page").document["response"]["KeyGroupList"]["NextMarker"]
    assert [parameters for _name, parameters in module.calls] == [{}, {"Marker": marker}]


@pytest.mark.parametrize(("own", "remedy"), [(None, "run again"), ("", ""), ("ask the platform", "ask the platform")])
def test_check_without_remedy_has_that_of_the_gate(
    monkeypatch: pytest.MonkeyPatch, own: str | None, remedy: str
) -> None:
    Reads(monkeypatch, {})
    assert evaluated(Module(remedy="run again"), check(remedy=own))[0][0]["remedy"] == remedy


@pytest.mark.parametrize(
    ("expected", "comparison", "ok"),
    [
        ("AccessDenied", "equals", True),
        ([None, "AccessDenied"], "one_of", True),
        ("Enabled", "equals", False),
        (None, "present", False),
        ("Access", "contains", False),
    ],
)
def test_error_is_expected_or_fails(monkeypatch: pytest.MonkeyPatch, expected: Any, comparison: str, ok: bool) -> None:
    Reads(monkeypatch, DENIED)
    [(result, value)] = evaluated(Module(), check(expected=expected, comparison=comparison))
    assert (result["observed"], result["ok"], value) == ("AccessDenied", ok, None)


@pytest.mark.parametrize(
    "unknown",
    [
        {"aws": {**check()["aws"], "parameters": {"Bucket": KNOWN_AFTER_APPLY}}},
        {"aws": None, "dns": {"name": "a.example", "type": "A", "servers": [KNOWN_AFTER_APPLY]}},
    ],
    ids=["aws", "dns"],
)
def test_check_of_something_not_created_yet_makes_no_request(
    monkeypatch: pytest.MonkeyPatch, unknown: dict[str, Any]
) -> None:
    reads = Reads(monkeypatch, {"Status": "Enabled"})
    monkeypatch.setattr(gate, "resolve", lambda *_arguments: pytest.fail("a DNS query"))
    [(result, value)] = evaluated(Module(check_mode=True), check(**unknown, expected=KNOWN_AFTER_APPLY))
    assert (result["ok"], result["observed"], value) == (False, KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY)
    assert reads.calls == []


@pytest.mark.parametrize(("check_mode", "value"), [(True, KNOWN_AFTER_APPLY), (False, None)])
def test_value_that_does_not_exist_yet_is_known_after_apply_in_check_mode(
    monkeypatch: pytest.MonkeyPatch, check_mode: bool, value: Any
) -> None:
    Reads(monkeypatch, {"Exports": []})
    assert evaluated(Module(check_mode=check_mode), check(comparison="present"))[0][1] == value


def test_present_check_shows_any_value_as_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    Reads(monkeypatch, {"Status": "Enabled"})
    assert evaluated(Module(), check(comparison="present"))[0][0]["expected"] == "(any value)"


def test_dns_check_asks_the_named_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(gate, "resolve", lambda *arguments: asked.append(arguments) or ["192.0.2.1"])
    question = {"name": "a.example", "type": "A", "servers": ["ns-1.example"]}
    named = check(aws=None, dns=question, comparison="present")
    assert evaluated(Module(dns_server="127.0.0.1:5353"), named)[0][0]["ok"]
    assert asked == [("a.example", "A", "127.0.0.1:5353", ["ns-1.example"])]


def test_dns_check_beside_a_value_that_does_not_exist_yet_queries_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "resolve", lambda *_arguments: pytest.fail("a name was queried"))
    named = check(aws=None, dns={"name": "a.example", "type": "A", "servers": []}, comparison="present")
    module = Module(dns_server="", checks=[named, check(aws=None, dns={"name": KNOWN_AFTER_APPLY})])
    assert evaluated(module, named)[0][0]["observed"] == KNOWN_AFTER_APPLY


@pytest.mark.parametrize(
    ("code", "other", "causes"),
    [
        ("NoSuchBucket", "b", {"one": [], "two": ["one"]}),
        ("NoSuchBucket", "another", {"one": [], "two": []}),
        ("AccessDenied", "b", {"one": [], "two": []}),
        ("UnauthorizedOperation", "b", {"one": [], "two": []}),
    ],
)
def test_checks_of_one_resource_that_is_not_there_have_one_cause(
    monkeypatch: pytest.MonkeyPatch, code: str, other: str, causes: dict[str, list[str]]
) -> None:
    Reads(monkeypatch, ClientError({"Error": {"Code": code, "Message": "m"}}, "GetBucketVersioning"))
    first = check(criterion="one")
    read = {**first["aws"], "operation": "get_bucket_encryption", "parameters": {"Bucket": other}}
    observer = gate.Observer(Module(checks=[first, check(criterion="two", aws=read)]))
    observer.read()
    assert observer.causes() == causes


def test_check_that_rests_on_an_unknown_or_later_one_is_refused() -> None:
    assert gate.unknown_criteria([check(criterion="a"), check(criterion="b", after=["a"])]) == ""
    assert "found c" in gate.unknown_criteria([check(criterion="a", after=["c"]), check(criterion="c")])
