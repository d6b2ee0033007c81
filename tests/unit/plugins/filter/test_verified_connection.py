"""The connection of a session whose account was compared."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.arda.image_upload.plugins.filter.verified_connection import FilterModule

ACCOUNT = "139852620346"
CONNECTION = {"region": "us-east-1", "profile": "alpha002"}
verified_connection = FilterModule().filters()["verified_connection"]


def test_verified_connection_of_the_account_is_returned() -> None:
    assert verified_connection({"account_id": ACCOUNT, "connection": CONNECTION}, ACCOUNT) == CONNECTION


@pytest.mark.parametrize(
    ("session", "words"),
    [
        ({}, "was not compared"),
        ("", "was not compared"),
        (CONNECTION, "was not compared"),
        ({"account_id": "575126609604", "connection": CONNECTION}, "belongs to account 575126609604"),
        ({"account_id": ACCOUNT}, "Not connected"),
        ({"account_id": ACCOUNT, "connection": None}, "Not connected"),
    ],
)
def test_verified_connection_without_a_session_of_the_account_fails(session: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words) as raised:
        verified_connection(session, ACCOUNT)
    assert ACCOUNT in str(raised.value)
    assert "Nothing was written by this task" in str(raised.value)
