"""The fixtures of AWS's answers: each in AWS's form, with its source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import botocore.model
import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError

from .helpers.aws_fixtures import FIXTURES, FixtureModule, answer, service_model
from .helpers.handled_answers import missing, wanted

NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
EXAMPLE_ACCOUNTS = {"111122223333", "123456789012", "444455556666", "777788889999"}
SCALARS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "character": str,
    "blob": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
}


def objections(shape: botocore.model.Shape, value: Any, path: str = "response") -> Iterator[str]:
    """Where a value is not of a shape of the API's model."""
    if isinstance(shape, botocore.model.StructureShape):
        if not isinstance(value, dict):
            yield f"{path}: expected an object, found {value!r}"
            return
        for name, item in value.items():
            if name not in shape.members:
                yield f"{path}.{name}: no member of {shape.name}"
            else:
                yield from objections(shape.members[name], item, f"{path}.{name}")
    elif isinstance(shape, botocore.model.ListShape):
        if not isinstance(value, list):
            yield f"{path}: expected a list, found {value!r}"
            return
        for index, item in enumerate(value):
            yield from objections(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, botocore.model.MapShape):
        for name, item in value.items():
            yield from objections(shape.value, item, f"{path}.{name}")
    elif shape.type_name == "timestamp":
        try:
            datetime.fromisoformat(value)
        except (TypeError, ValueError):
            yield f"{path}: expected an ISO 8601 time, found {value!r}"
    elif not isinstance(value, SCALARS[shape.type_name]) or (isinstance(value, bool) != (shape.type_name == "boolean")):
        yield f"{path}: expected {shape.type_name}, found {value!r}"


@pytest.mark.parametrize("name", NAMES)
def test_fixture_has_a_source_and_example_accounts_only(name: str) -> None:
    text = (FIXTURES / f"{name}.json").read_text()
    document = json.loads(text)
    assert document["source"].startswith("https://")
    found = set(re.findall(r"(?<![0-9a-fA-F-])\d{12}(?![0-9a-fA-F])", text))
    assert found <= EXAMPLE_ACCOUNTS, f"no account of AWS's examples: {found - EXAMPLE_ACCOUNTS}"
    assert "PRIVATE KEY" not in text


@pytest.mark.parametrize("name", [name for name in NAMES if re.search(r"\.ok(-[a-z0-9-]+)?$", name)])
def test_fixture_of_a_success_is_of_the_output_shape(name: str) -> None:
    found = answer(name)
    assert set(found.document) <= {"source", "status", "response", "note"}
    assert 200 <= found.document["status"] < 300
    response = {key: value for key, value in found.document["response"].items() if key != "ResponseMetadata"}
    shape = service_model(found.service).operation_model(found.operation).output_shape
    assert shape or not response, f"{found.operation} answers with nothing"
    problems = list(objections(shape, response)) if shape else []
    assert not problems, "\n".join(problems)
    assert found.parsed


@pytest.mark.parametrize("name", [name for name in NAMES if not re.search(r"\.ok(-[a-z0-9-]+)?$", name)])
def test_fixture_of_an_error_has_a_code_of_the_operation(name: str) -> None:
    found = answer(name)
    document = found.document
    assert set(document) <= {"source", "status", "code", "message", "note"}
    assert re.fullmatch(re.escape(document["code"]) + r"(-[a-z0-9-]+)?", found.result)
    assert isinstance(document["message"], str)
    shapes = service_model(found.service).operation_model(found.operation).error_shapes
    listed = {(s.metadata.get("error") or {}).get("code") or s.name: s.metadata.get("error") or {} for s in shapes}
    if document["code"] not in listed:
        assert document.get("note"), f"{document['code']} is no error of {found.operation} in the API's model: say why"
    status = listed.get(document["code"], {}).get("httpStatusCode")
    assert status in (None, document["status"]), f"the API's model says {status}"


def test_every_answer_that_the_product_handles_has_a_fixture() -> None:
    """The pairs of operation and answer are derived from the plugins and the gates of the roles."""
    assert len(wanted()) > 150
    assert missing() == []


def test_objections_to_a_wrong_value_are_found() -> None:
    shape = service_model("cloudfront").operation_model("GetDistribution").output_shape
    distribution = {"Id": 1, "Sttatus": "Deployed", "LastModifiedTime": "yesterday", "AliasICPRecordals": "none"}
    assert len(list(objections(shape, {"Distribution": distribution}))) == 4
    assert "Id: expected string" in "".join(objections(shape, {"Distribution": {"Id": True}}))


def test_module_of_fixtures_gets_their_answers_in_turn() -> None:
    aws = Aws(FixtureModule({}, "sts.GetCallerIdentity.ok"))
    assert aws.call("sts", "get_caller_identity")["Account"] == "123456789012"
    refused = "cloudfront.GetKeyGroup.NoSuchResource"
    module = FixtureModule({}, refused)
    assert Aws(module).call("cloudfront", "get_key_group", absent=["NoSuchResource"], Id="K") is None
    with pytest.raises(AwsError) as error:
        Aws(module).call("cloudfront", "get_key_group", Id="K")
    assert error.value.code == "NoSuchResource"
    assert module.calls == [("cloudfront.GetKeyGroup", {"Id": "K"})] * 2
    with pytest.raises(AssertionError, match=r"cloudfront\.ListKeyGroups"):
        Aws(module).call("cloudfront", "list_key_groups")
