"""The causes that account_guard names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.modules import (
    account_guard,
)
from botocore.exceptions import ClientError

from ...helpers.aws_fixtures import FixtureModule, changed


def test_cause_of_a_failure_names_it_in_words() -> None:
    assert account_guard.cause(None) == "AWS could not be asked: None"
    assert account_guard.cause(ValueError("x")) == "AWS could not be asked: x"
    refused = ClientError({"Error": {"Code": "ExpiredToken", "Message": "m"}}, "GetCallerIdentity")
    assert account_guard.cause(refused) == f"{account_guard.CAUSES['ExpiredToken']} ({refused})"


CONFIG = """
[profile plain]
region = us-east-1
[profile asks]
role_arn = arn:aws:iam::111122223333:role/Operator
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/operator
[profile chained]
role_arn = arn:aws:iam::444455556666:role/Operator
source_profile = asks
[profile loop]
role_arn = arn:aws:iam::444455556666:role/Operator
source_profile = loop
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = none
mfa_serial = arn:aws:iam::111122223333:mfa/operator
"""


@pytest.mark.parametrize(
    ("profile", "asking"),
    [("plain", ""), ("asks", "asks"), ("chained", "asks"), ("loop", ""), ("base", ""), (None, "")],
)
def test_mfa_profile_is_the_one_that_would_ask(
    profile: str | None, asking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    assert account_guard.mfa_profile(profile) == asking


def test_mfa_profile_of_the_environment_counts_unless_keys_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "asks")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    assert account_guard.mfa_profile(None) == "asks"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    assert account_guard.mfa_profile(None) == ""
    assert account_guard.mfa_profile("asks") == "asks"


@pytest.mark.parametrize("error", [EOFError(), OSError("no such process"), ValueError("x")])
def test_cause_of_any_failure_is_one_line(error: Exception) -> None:
    assert account_guard.cause(error)
    assert "\n" not in account_guard.cause(error)


@pytest.mark.parametrize(
    ("arn", "refused"),
    [
        ("arn:aws:iam::123456789012:user/Alice", ""),
        ("arn:aws-cn:iam::123456789012:user/Alice", "another partition"),
        ("arn:aws-us-gov:sts::123456789012:assumed-role/Operator/alice", "another partition"),
    ],
)
def test_account_outside_of_the_partition_aws_is_refused(
    arn: str, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: dict[str, Any] = {}

    class Guard(FixtureModule):
        def fail_json(self, **result: Any) -> None:
            ended.update(result)
            raise SystemExit(1)

        def exit_json(self, **result: Any) -> None:
            ended.update(result)

    options = {"account_id": "123456789012", "remedy": "Log in.", "profile": None, "access_key": "AKIAIOSFODNN7EXAMPLE"}
    options |= {"role_arn": "", "role_session_name": "test"}
    module = Guard(options, changed("sts.GetCallerIdentity.ok", {"Arn": arn}))
    monkeypatch.setattr(account_guard, "AnsibleAWSModule", lambda **_options: module)
    if refused:
        with pytest.raises(SystemExit):
            account_guard.main()
        assert refused in ended["msg"]
        assert "Nothing was written" in ended["msg"]
    else:
        account_guard.main()
        assert ended == {"changed": False, "account_id": "123456789012", "arn": arn, "credentials": {}}


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261125T000000Z is now earlier than ...", "clock"),
        ("SignatureDoesNotMatch", "Signature not yet current: ...", "clock"),
        ("SignatureDoesNotMatch", "The request signature we calculated ...", "secret key"),
        ("RequestExpired", "Request has expired.", "clock"),
        ("AccessDenied", "User: ... is not authorized to perform: sts:AssumeRole", "AWS refuses it"),
    ],
)
def test_cause_of_a_refusal_tells_a_wrong_clock_from_a_wrong_key(code: str, message: str, words: str) -> None:
    assert words in account_guard.cause(ClientError({"Error": {"Code": code, "Message": message}}, "GetCallerIdentity"))
