"""The module that presigns a form."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.modules import s3_presigned_post

from ...helpers.aws_fixtures import FixtureModule


def test_form_with_a_field_that_is_no_text_has_it_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    result: dict[str, Any] = {}
    options = {"bucket": "b", "key": "t/images/1.jpg", "content_type": "image/jpeg", "content_type_prefix": "image/"}
    sizes = {"min_bytes": 1, "max_bytes": 9, "lifetime": 60}
    module = FixtureModule({**options, **sizes, "fields": {"x-amz-meta-version": 3, "x-amz-meta-final": True}})
    monkeypatch.setattr(module, "exit_json", result.update, raising=False)
    monkeypatch.setattr(s3_presigned_post, "AnsibleAWSModule", lambda **_options: module)
    s3_presigned_post.main()
    assert (result["fields"]["x-amz-meta-version"], result["fields"]["x-amz-meta-final"]) == ("3", "True")
    conditions = json.loads(base64.b64decode(result["fields"]["policy"]))["conditions"]
    assert {"x-amz-meta-version": "3"} in conditions
    assert {"x-amz-meta-final": "True"} in conditions
