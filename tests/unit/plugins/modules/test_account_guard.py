"""The causes that account_guard names."""

from __future__ import annotations

from ansible_collections.arda.image_upload.plugins.modules import (
    account_guard,
)
from botocore.exceptions import ClientError


def test_cause_of_a_failure_names_it_in_words() -> None:
    assert account_guard.cause(None) == "AWS could not be asked: None"
    assert account_guard.cause(ValueError("x")) == "AWS could not be asked: x"
    refused = ClientError({"Error": {"Code": "ExpiredToken", "Message": "m"}}, "GetCallerIdentity")
    assert account_guard.cause(refused) == f"{account_guard.CAUSES['ExpiredToken']} ({refused})"
