"""The conditions of a presigned form."""

from __future__ import annotations

from ansible_collections.arda.image_upload.plugins.module_utils._s3.presigned_post import Upload, conditions


def test_conditions_of_an_upload_cover_every_field() -> None:
    assert conditions(Upload("b", "k", "image/png", fields={"x-amz-meta-a": "1"}, min_bytes=2, max_bytes=9)) == [
        {"x-amz-meta-a": "1"},
        ["starts-with", "$Content-Type", "image/"],
        ["content-length-range", 2, 9],
    ]
    assert conditions(Upload("b", "k", "image/png"))[-1] == ["content-length-range", 1, 10485760]
    assert Upload("b", "k", "image/png").lifetime == 900
