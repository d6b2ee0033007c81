"""How a call is repeated, and how a listing is read to its end, by botocore's own clients without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from ansible_collections.arda.image_upload.plugins.module_utils import _aws
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError

KEYS = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}


class Body:
    """What urllib3 gives botocore to read."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def stream(self) -> list[bytes]:
        return [self._text]


class Module:
    """A module whose clients get prepared answers; the last one is repeated. ``asked`` counts the requests."""

    def __init__(self, *answers: tuple[int, str] | Exception) -> None:
        self._answers = list(answers)
        self.asked = 0

    def client(self, service: str, config: Any, **region: str) -> Any:
        client = boto3.client(service, config=config, **{**KEYS, **region})
        client.meta.events.register("before-send", self._answer)
        return client

    def _answer(self, request: Any, **_more: Any) -> AWSResponse:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        status, text = answer
        return AWSResponse(request.url, status, {}, Body(text))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def s3_error(code: str, status: int = 409) -> tuple[int, str]:
    return status, f"<Error><Code>{code}</Code><Message>m</Message></Error>"


def query_error(code: str, status: int = 409) -> tuple[int, str]:
    return status, f"<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>"


def json_error(code: str) -> tuple[int, str]:
    return 400, json.dumps({"__type": code, "message": "m"})


HTML = "<!DOCTYPE html><html><body><p>Internal error<br></body></html>"


def put_policy(aws: Aws) -> Any:
    return aws.call("s3", "put_bucket_policy", Bucket="b", Policy="{}")


def update_trust(aws: Aws) -> Any:
    return aws.call("iam", "update_assume_role_policy", RoleName="r", PolicyDocument="{}")


def list_exports(aws: Aws) -> Any:
    return list(aws.pages("cloudformation", "list_exports", "Exports"))


CONFLICTING = [
    pytest.param(put_policy, s3_error("OperationAborted"), (200, ""), id="s3-conflict"),
    pytest.param(update_trust, query_error("ConcurrentModification"), (200, "<r/>"), id="iam-conflict"),
    pytest.param(update_trust, (500, HTML), (200, "<r/>"), id="html-500-of-a-write"),
    pytest.param(list_exports, (502, HTML), (200, "<r><ListExportsResult/></r>"), id="html-502-of-a-listing"),
]


@pytest.mark.parametrize(("call", "refusal", "answer"), CONFLICTING)
def test_call_that_meets_another_write_or_no_aws_answer_is_repeated(
    call: Callable, refusal: tuple, answer: tuple, slept: list[float]
) -> None:
    module = Module(refusal, refusal, answer)
    call(Aws(module))
    assert module.asked == 3
    assert slept == list(_aws.PAUSES[:2])


@pytest.mark.parametrize(("call", "refusal", "answer"), CONFLICTING)
def test_call_that_keeps_meeting_another_write_fails_after_its_attempts(
    call: Callable, refusal: tuple, answer: tuple, slept: list[float]
) -> None:
    module = Module(refusal)
    with pytest.raises(AwsError, match="Failed to"):
        call(Aws(module))
    assert module.asked == _aws.ATTEMPTS == len(slept) + 1


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("acm", "request_certificate", {"DomainName": "a.example"}),
        ("secretsmanager", "create_secret", {"Name": "s"}),
    ],
)
def test_call_beyond_a_quota_is_asked_once(service: str, operation: str, parameters: dict, slept: list[float]) -> None:
    module = Module(json_error("LimitExceededException"))
    with pytest.raises(AwsError) as caught:
        Aws(module).call(service, operation, **parameters)
    assert (module.asked, slept, caught.value.code) == (1, [], "LimitExceededException")


def test_call_that_is_throttled_is_repeated_by_botocore(slept: list[float]) -> None:
    module = Module(json_error("ThrottlingException"), (200, '{"CertificateArn": "arn"}'))
    assert Aws(module).call("acm", "request_certificate", DomainName="a.example")["CertificateArn"] == "arn"
    assert (module.asked, len(slept)) == (2, 1)


@pytest.mark.parametrize("refusal", [s3_error("AccessDenied", 403), s3_error("BucketAlreadyExists")])
def test_call_that_aws_refuses_is_asked_once(refusal: tuple, slept: list[float]) -> None:
    module = Module(refusal)
    with pytest.raises(AwsError, match=r"Failed to put bucket policy \(Bucket=b\)"):
        put_policy(Aws(module))
    assert (module.asked, slept) == (1, [])


def test_call_with_an_absent_code_returns_none() -> None:
    module = Module(s3_error("NoSuchBucket", 404))
    assert Aws(module).call("s3", "get_bucket_policy", absent=["NoSuchBucket"], Bucket="b") is None
    with pytest.raises(AwsError):
        Aws(module).call("s3", "get_bucket_policy", absent=["NoSuchBucketPolicy"], Bucket="b")


def test_call_without_an_endpoint_fails_with_an_empty_code(slept: list[float]) -> None:
    module = Module(EndpointConnectionError(endpoint_url="u"))
    with pytest.raises(AwsError) as caught:
        put_policy(Aws(module))
    assert (module.asked, caught.value.code) == (_aws.ATTEMPTS, "")


def exports_page(*names: str, token: str = "") -> tuple[int, str]:
    members = "".join(f"<member><Name>{name}</Name><Value>v</Value></member>" for name in names)
    more = f"<NextToken>{token}</NextToken>" if token else ""
    return 200, f"<r><ListExportsResult><Exports>{members}</Exports>{more}</ListExportsResult></r>"


def test_read_all_of_a_listing_returns_the_items_of_every_page() -> None:
    module = Module(exports_page("a", "b", token="t"), exports_page(token="u"), exports_page("c"))
    found = Aws(module).read_all("cloudformation", "list_exports")
    assert [export["Name"] for export in found["Exports"]] == ["a", "b", "c"]
    assert module.asked == 3


def test_read_all_of_an_operation_without_pages_returns_its_answer() -> None:
    module = Module((200, "<r><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></r>"))
    assert Aws(module).read_all("sts", "get_caller_identity")["Account"] == "1"


def test_read_all_that_aws_refuses_raises_aws_error() -> None:
    with pytest.raises(AwsError, match="Failed to list exports"):
        Aws(Module(query_error("AccessDenied", 403))).read_all("cloudformation", "list_exports")
