"""AWS's recorded or documented answers, and a module whose AWS calls get them.

tests/unit/fixtures/README.md has the form.
"""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import botocore.model
import botocore.session
from botocore.awsrequest import AWSResponse

FIXTURES = Path(__file__).parents[1] / "fixtures/aws"
_LOADER = botocore.session.get_session().get_component("data_loader")
_MODELS: dict[str, botocore.model.ServiceModel] = {}


def service_model(service: str) -> botocore.model.ServiceModel:
    if service not in _MODELS:
        _MODELS[service] = botocore.model.ServiceModel(_LOADER.load_service_model(service, "service-2"), service)
    return _MODELS[service]


@dataclass(frozen=True)
class Answer:
    """One answer; ``document`` is what the fixture's file holds."""

    service: str
    operation: str
    result: str  # ok, or AWS's error code
    document: dict[str, Any] = field(hash=False)

    @property
    def parsed(self) -> dict[str, Any]:
        """The answer as botocore returns it."""
        metadata = {"HTTPStatusCode": self.document["status"], "HTTPHeaders": {}, "RetryAttempts": 0}
        if "code" in self.document:
            error = {"Code": self.document["code"], "Message": self.document["message"]}
            return {"Error": error, "ResponseMetadata": metadata}
        response = dict(self.document["response"])
        metadata |= response.pop("ResponseMetadata", {})
        shape = service_model(self.service).operation_model(self.operation).output_shape
        return {**(_from_json(shape, response) if shape else {}), "ResponseMetadata": metadata}


def _from_json(shape: botocore.model.Shape, value: Any) -> Any:
    if isinstance(shape, botocore.model.StructureShape):
        return {name: _from_json(shape.members[name], item) for name, item in value.items()}
    if isinstance(shape, botocore.model.ListShape):
        return [_from_json(shape.member, item) for item in value]
    if isinstance(shape, botocore.model.MapShape):
        return {name: _from_json(shape.value, item) for name, item in value.items()}
    if shape.type_name == "timestamp":
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if shape.type_name == "blob" else copy.deepcopy(value)


def answer(name: str) -> Answer:
    """The fixture of a name such as ``cloudfront.GetDistribution.ok``."""
    service, operation, result = name.split(".", 2)
    return Answer(service, operation, result, json.loads((FIXTURES / f"{name}.json").read_text()))


def changed(name: str, values: dict[str, Any]) -> Answer:
    """A fixture with other values; a key is the path of one, such as ``Distribution.Status`` or ``Keys.0.Id``."""
    found = answer(name)
    document = copy.deepcopy(found.document)
    for path, value in values.items():
        holder: Any = document["response"]
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in parents:
            holder = holder[part]
        holder[last] = value
    return Answer(found.service, found.operation, found.result, document)


class FixtureModule:
    """What the plugins need of AnsibleAWSModule, with boto3's clients, whose calls are answered by fixtures."""

    def __init__(self, params: dict[str, Any], *answers: str | Answer, check_mode: bool = False) -> None:
        self.params = params
        self.check_mode = check_mode
        self.region = "us-east-1"
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._answers: dict[str, list[Answer]] = {}
        for one in answers:
            found = answer(one) if isinstance(one, str) else one
            self._answers.setdefault(f"{found.service}.{found.operation}", []).append(found)

    def client(self, service: str, region: str | None = None, **_options: Any) -> Any:
        client = boto3.client(
            service, region_name=region or self.region, aws_access_key_id="none", aws_secret_access_key="none"
        )
        client.meta.events.register(
            "before-parameter-build.*", lambda params, model, **_: self._note(service, params, model)
        )
        client.meta.events.register("before-call.*", lambda model, **_: self._reply(service, model))
        return client

    def _note(self, service: str, params: dict[str, Any], model: Any) -> None:
        self.calls.append((f"{service}.{model.name}", dict(params)))

    def _reply(self, service: str, model: Any) -> tuple[AWSResponse, dict[str, Any]]:
        waiting = self._answers.get(f"{service}.{model.name}")
        assert waiting, f"no answer is named for {service}.{model.name}"
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return AWSResponse("", found.document["status"], {}, None), found.parsed

    def fail_json_aws_error(self, error: Exception) -> None:
        raise error
