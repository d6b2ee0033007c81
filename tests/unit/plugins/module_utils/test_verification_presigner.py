"""The way to the presigning role: what is repeated, what is skipped, and what fails."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._aws import AwsError
from ansible_collections.arda.image_upload.plugins.module_utils._verification import presigner
from ansible_collections.arda.image_upload.plugins.module_utils._verification.presigner import Presigner
from ansible_collections.arda.image_upload.plugins.module_utils._verification.skipped import SkippedError
from botocore.exceptions import ClientError

OPTIONS = {
    "bucket_name": "images",
    "client_role_arn": "arn:aws:iam::111122223333:role/backend",
    "presigning_role_arn": "arn:aws:iam::111122223333:role/presigner",
    "propagation_seconds": 60,
}


def denied(code: str = "AccessDenied") -> AwsError:
    error = ClientError({"Error": {"Code": code, "Message": "no"}}, "AssumeRole")
    return AwsError(message="Failed to assume role", exception=error)


class Roles:
    """AWS's answers to AssumeRole by role, each in turn, and the time that passes meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, client: list[Any], presigning: list[Any]) -> None:
        self.now = 0.0
        answers = {OPTIONS["client_role_arn"]: iter(client), OPTIONS["presigning_role_arn"]: iter(presigning)}

        def assume_role(_self: Presigner, arn: str, credentials: Any = None) -> Any:
            found = next(answers[arn])
            if isinstance(found, Exception):
                raise found
            return found

        def sleep(seconds: float) -> None:
            self.now += seconds

        monkeypatch.setattr(Presigner, "assume_role", assume_role)
        monkeypatch.setattr(presigner.time, "sleep", sleep)
        monkeypatch.setattr(presigner.time, "monotonic", lambda: self.now)
        self.presigner = Presigner(OPTIONS, "us-east-1", None, None)  # type: ignore[arg-type]
        self.presigner.assume()


def test_assume_refusal_after_changed_trust_policy_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(monkeypatch, ["client"], [denied(), denied(), "session"])
    assert roles.presigner.credentials() == "session"
    assert roles.presigner.refusal == ""
    assert roles.now == 4


def test_assume_lasting_refusal_is_a_defect_and_skips_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(monkeypatch, ["client"], [denied()] * 100)
    assert roles.now == 60
    assert roles.presigner.refusal == "arn:aws:iam::111122223333:role/presigner: AccessDenied"
    with pytest.raises(SkippedError, match=r"role/backend may not assume .*role/presigner: AccessDenied"):
        roles.presigner.credentials()


def test_assume_other_error_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(monkeypatch, ["client"], [denied("ExpiredToken"), "session"])
    assert (roles.now, roles.presigner.refusal[-12:]) == (0, "ExpiredToken")


def test_assume_operator_without_client_role_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(monkeypatch, [denied(), "client"], ["session"])
    assert (roles.now, roles.presigner.refusal) == (0, "")
    with pytest.raises(SkippedError, match=r"the operator may not assume .*role/backend .AccessDenied.; name a ver"):
        roles.presigner.credentials()
