"""What counts as the proof of a key: the edge took the signature, whatever the origin says of the object."""

from __future__ import annotations

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.http import Answer
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import generate
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.proof import (
    IN_A_ROW,
    objection,
    passed_the_edge,
)

PRIVATE = generate("ecdsa-p256")
UNSIGNED = "MissingKey: Missing Key-Pair-Id query parameter or cookie value"


def answer(status: int, error: str = "") -> Answer:
    code, _colon, message = error.partition(": ")
    return Answer(status, {}, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (answer(200), True),
        (answer(304), True),
        (answer(404, "NoSuchBucket: The specified bucket does not exist"), True),
        (answer(403, "AccessDenied: Access Denied"), True),  # S3's own
        (answer(403, "AccessDenied: Access denied"), False),  # CloudFront's
        (answer(403, "InvalidKey: Unknown Key"), False),
        (Answer(403, {}, b"<html>Request blocked"), False),
        (answer(503), False),
        (answer(301), False),
    ],
)
def test_passed_the_edge_tells_the_origins_answer_from_the_edges(found: Answer, passed: bool) -> None:
    assert passed_the_edge(found) is passed


class Edge:
    """Answers in turn; the last one for ever."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers, self.asked = list(answers), 0

    def request(self, _method: str, _url: str) -> Answer:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(found, Exception):
            raise found
        return found


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([answer(403, UNSIGNED), answer(200)], ""),
        ([answer(200)], "does not ask for a signature: unsigned, it answers 200"),
        ([answer(403, "AccessDenied: Access Denied")], "does not ask for a signature"),
        ([answer(403, UNSIGNED), answer(403, "InvalidKey: Unknown Key")], "signed by K1, https://a/p answers 403"),
        ([answer(403, UNSIGNED), answer(200), answer(403, "InvalidKey: Unknown Key")], "Unknown Key"),
        ([ConnectionRefusedError("nobody")], "does not answer: nobody"),
    ],
)
def test_objection_names_what_the_cdn_answered(answers: list, words: str) -> None:
    edge = Edge(*answers)
    found = objection(edge, "https://a/p", "K1", PRIVATE)  # type: ignore[arg-type]
    assert words in found
    assert bool(found) == bool(words)
    if not words:
        assert edge.asked == 1 + IN_A_ROW
