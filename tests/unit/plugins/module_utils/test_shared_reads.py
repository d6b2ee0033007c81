"""What the modules of one look share, and reads that are made at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils import _shared_reads
from ansible_collections.arda.image_upload.plugins.module_utils._aws import CONCURRENT, at_once


def test_read_is_made_once_for_all_threads() -> None:
    shared = _shared_reads.SharedReads()
    calls: list[int] = []

    def call() -> dict[str, Any]:
        calls.append(1)
        time.sleep(0.05)
        return {"Items": ["a"]}

    answers = at_once([lambda: shared.read("key", "list_things", call)] * 8)
    assert (len(calls), answers) == (1, [{"Items": ["a"]}] * 8)


def test_answer_that_a_reader_changes_stays_as_it_was() -> None:
    shared = _shared_reads.SharedReads()
    shared.read("key", "get_thing", lambda: {"Items": ["a"]})["Items"].append("b")
    assert shared.read("key", "get_thing", lambda: pytest.fail("a second call")) == {"Items": ["a"]}


def test_read_that_failed_fails_for_whoever_asks_again() -> None:
    shared = _shared_reads.SharedReads()

    def refuse() -> None:
        raise ValueError("denied")

    for call in (refuse, lambda: pytest.fail("a second call")):
        with pytest.raises(ValueError, match="denied"):
            shared.read("key", "get_thing", call)


@pytest.mark.parametrize("operation", ["create_bucket", "put_bucket_policy", "delete_key_group", "getter", "get"])
def test_operation_that_may_write_is_refused(operation: str) -> None:
    with pytest.raises(_shared_reads.WriteInLookError, match=operation):
        _shared_reads.SharedReads().read("key", operation, lambda: pytest.fail("a call"))


def test_client_is_created_once_for_a_connection() -> None:
    shared = _shared_reads.SharedReads()
    created = at_once([lambda: shared.client("key", object)] * 8)
    assert all(client is created[0] for client in created)


@pytest.mark.parametrize("option", _shared_reads.CONNECTION)
def test_connections_that_differ_in_one_option_do_not_share(option: str) -> None:
    keys = {_shared_reads.connection_key("s3", {option: value}) for value in ("a", "b", None)}
    assert len(keys) == 3


def test_nothing_is_shared_outside_a_look() -> None:
    with _shared_reads.shared_reads() as shared:
        assert _shared_reads.current_reads() is shared
    assert _shared_reads.current_reads() is None


def test_reads_at_once_are_made_together_and_return_in_their_order() -> None:
    together = threading.Barrier(CONCURRENT, timeout=10)
    assert at_once([lambda number=number: (together.wait(), number)[1] for number in range(CONCURRENT)]) == list(
        range(CONCURRENT)
    )


def test_reads_at_once_raise_the_error_of_the_first_that_failed() -> None:
    ended: list[str] = []

    def fail(name: str) -> None:
        raise ValueError(name)

    with pytest.raises(ValueError, match="first"):
        at_once([lambda: fail("first"), lambda: fail("second"), lambda: ended.append("third")])
    assert ended == ["third"]
