"""Which AWS operation a request is, from botocore's own service models."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl

import botocore.loaders

from .http import Request

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


#: Services whose requests are signed for another name than the API has.
SIGNED_AS = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Operation:
    """Who calls what: ``access_key`` is the caller's, ``name`` as in the AWS API reference."""

    service: str
    name: str
    access_key: str
    region: str

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


@dataclass(frozen=True)
class _Binding:
    name: str
    method: str
    path: re.Pattern[str]
    query: dict[str, str]
    parameters: list[str]  # of the query that it demands: they tell AbortMultipartUpload from DeleteObject
    headers: list[str]  # that it demands: they tell CopyObject from PutObject
    literal: int  # characters of the path that are no label: the more, the more exact


@functools.cache
def _bindings(service: str) -> list[_Binding]:
    model = botocore.loaders.Loader().load_service_model(service, "service-2")
    bindings = []
    for name, operation in model["operations"].items():
        if operation.get("deprecated"):  # GetBucketLifecycle and others, which their successors answer
            continue
        path, _, query = operation["http"]["requestUri"].partition("?")
        pattern = re.sub(r"\{[^}]+\+\}", ".+", re.sub(r"\{[^}+]+\}", "[^/]+", path.rstrip("/")))
        bindings.append(
            _Binding(
                name,
                operation["http"]["method"],
                re.compile(pattern + "/?"),
                dict(parse_qsl(query, keep_blank_values=True)),
                _required(model, operation, "querystring"),
                [name.lower() for name in _required(model, operation, "header")],
                len(re.sub(r"\{[^}]+\}", "", path)),
            )
        )
    return sorted(bindings, key=lambda b: (-len(b.query), -b.literal, -len(b.parameters) - len(b.headers)))


def _required(model: dict, operation: dict, location: str) -> list[str]:
    """The names of what an operation demands in the query or among the headers."""
    shape = model["shapes"][operation["input"]["shape"]] if "input" in operation else {}
    members = [shape["members"][name] for name in shape.get("required", [])]
    return [member["locationName"] for member in members if member.get("location") == location]


def _rest_operation(service: str, request: Request) -> str:
    for binding in _bindings(service):
        if (
            binding.method == request.method
            and binding.path.fullmatch(request.path)
            and all(request.query.get(k, [None])[0] == v for k, v in binding.query.items() if v)
            and all(k in request.query for k in (*binding.query, *binding.parameters))
            and all(header in request.headers for header in binding.headers)
        ):
            return binding.name
    return "PostObject" if (service, request.method) == ("s3", "POST") else "Unknown"


def identify(request: Request) -> Operation:
    """The operation of a request; a browser's form upload and an unsigned read count as S3's."""
    credential = request.headers.get("authorization", "")
    if not credential and "X-Amz-Credential" in request.query:
        credential = "Credential=" + request.query["X-Amz-Credential"][0]
    found = _CREDENTIAL.search(credential)
    access_key, region, service = found.groups() if found else ("", "", "s3")
    service = SIGNED_AS.get(service, service)
    if target := request.headers.get("x-amz-target"):
        name = target.rpartition(".")[2]
    elif service in ("iam", "sts", "cloudformation", "ec2"):
        form = {**request.query, **parse_qs(request.body.decode("latin-1"))}
        name = form.get("Action", ["Unknown"])[0]
    elif service in ("s3", "route53", "cloudfront"):
        name = _rest_operation(service, request)
    else:
        name = "Unknown"
    return Operation(service, name, access_key, region)
