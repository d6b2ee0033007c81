"""Calls that AWS must refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def refuses(code: str, call: Callable, **parameters: Any) -> ClientError:
    """The refusal of a call, which must have this error code."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value
