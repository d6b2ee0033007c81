"""The checks of a verification, without a partition."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import dns.resolver
import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.http import Answer, Viewer
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import (
    generate,
    parse_secret,
    secret_text,
)
from ansible_collections.arda.image_upload.plugins.module_utils._verification import (
    distribution_checks,
    upload_checks,
    viewer_checks,
)
from ansible_collections.arda.image_upload.plugins.module_utils._verification.context import VerificationContext
from botocore.credentials import Credentials

from tests.unit.helpers.aws_fixtures import FixtureModule
from tests.unit.helpers.verification import OPTIONS

CHECKS = [*upload_checks.CHECKS, *viewer_checks.CHECKS, *distribution_checks.CHECKS]


def test_checks_have_names_of_their_own_and_remedies_that_are_sentences() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.remedy.endswith(".") and check.remedy[0].isupper() for check in CHECKS)


def test_checks_ask_for_no_preflight_of_the_cdn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only S3's own endpoint answers OPTIONS (A1)."""
    asked = []

    def request(_self: Any, method: str, url: str, *_more: Any, **_options: Any) -> Answer:
        asked.append((method, url))
        return Answer(200)

    monkeypatch.setattr(Viewer, "request", request)
    monkeypatch.setattr(Viewer, "tls", lambda *_arguments, **_options: 1 / 0)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(dns.resolver.Resolver, "resolve", lambda *_arguments, **_options: 1 / 0)
    context = verification(monkeypatch)
    for check in CHECKS:
        try:
            check.function(context)
        except Exception:
            continue
    hosts = {url.split("/")[2] for method, url in asked if method == "OPTIONS"}
    assert hosts == {"amzn-s3-demo-bucket.s3.us-east-1.amazonaws.com"}
    assert len({url for _method, url in asked}) > 10


def verification(monkeypatch: pytest.MonkeyPatch) -> VerificationContext:
    context = VerificationContext(FixtureModule(OPTIONS))
    monkeypatch.setattr(context.presigner, "credentials", lambda: Credentials("none", "none", "none"))
    context.viewer._key = parse_secret(secret_text("K2JCJMDEHXQW5F", generate("rsa-2048"), "json"), "")
    image = viewer_checks.svg()
    context.images.append(image)
    context.objects.remember(f"{context.tenant}/images/x.svg", image)
    context.objects.remember(f"{context.other_tenant}/images/x.svg", image)
    return context


def test_expired_policy_clock_ahead_is_expired_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3's clock may be minutes behind this machine's (C1)."""
    context = verification(monkeypatch)
    forms: list[dict[str, Any]] = []
    refusal = b"<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>"

    def post(form: dict[str, Any], _content: bytes) -> Answer:
        forms.append(form)
        return Answer(403, {}, refusal)

    monkeypatch.setattr(context.presigner, "post", post)
    expected, observed = upload_checks.expired_policy_refused(context)
    assert expected == observed
    expiration = json.loads(base64.b64decode(forms[0]["fields"]["policy"]))["expiration"]
    assert expiration < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 240))
