"""A browser on pages of the application and of another site: uploads to the bucket, and reads through the CDN."""

from __future__ import annotations

import importlib.util
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._s3.presigned_post import Upload, presign
from botocore.config import Config

from .helpers.browser import PageServer, Reply, chromium
from .helpers.partition import BUCKET, HOST, ROLE, SECRET
from .helpers.sandbox import ACCOUNTS, ROOT, Sandbox, need

APPLICATION = "dev.alpha002.app.arda.cards"
ELSEWHERE = "elsewhere.example"
S3_HOST = f"{BUCKET}.s3.us-east-1.amazonaws.com"
TENANT = f"browser-{uuid.uuid4()}"
IMAGE = ROOT / "roles/image_verification/files/photo-640.jpg"
CLIENT_ROLE = f"arn:aws:iam::{ACCOUNTS['alpha002']}:role/Alpha002-dev-BucketClientRole"
PRESIGNING_ROLE = f"arn:aws:iam::{ACCOUNTS['alpha002']}:role/{ROLE}"
PAGE = b'<!doctype html><script type="module" src="/page.mjs"></script>'
FILES = {
    "/": ("text/html", PAGE),
    "/page.mjs": ("text/javascript", (ROOT / "tests/clients/page.mjs").read_bytes()),
    "/browser.js": ("text/javascript", (ROOT / "docs/examples/browser.js").read_bytes()),
    "/image.jpg": ("image/jpeg", IMAGE.read_bytes()),
}


class BackEnd:
    """The back end of the application: signs cookies and forms as docs/consumers.md says."""

    def __init__(self, sandbox: Sandbox) -> None:
        spec = importlib.util.spec_from_file_location("signer", ROOT / "docs/examples/signer.py")
        assert spec
        assert spec.loader
        self._signer = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self._signer)
        self._cookies = self._signer.CookieSigner(SECRET, sandbox.client("alpha002", "secretsmanager"))
        session = sandbox.client("alpha002", "sts")
        for arn in (CLIENT_ROLE, PRESIGNING_ROLE):
            found = session.assume_role(RoleArn=arn, RoleSessionName="backend")["Credentials"]
            keys = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
            session = sandbox.client("alpha002", "sts", credentials=keys)
        config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
        self._s3 = sandbox.client(
            "alpha002", "s3", credentials=keys, config=config, endpoint_url="https://s3.us-east-1.amazonaws.com"
        )
        self.keys = {name: f"{TENANT}/images/{uuid.uuid4()}.jpg" for name in ("ready", "plain", "uploaded")}

    def reply(self, method: str, host: str, path: str) -> Reply | None:
        if method == "GET":
            return (*FILES[path], []) if path in FILES else None
        answers = {"/setup": self.setup(host), "/session": {}, "/outcomes": {}}
        headers = self.session() if path == "/session" else []
        return "application/json", json.dumps(answers[path]).encode(), headers

    def setup(self, host: str) -> dict[str, Any]:
        urls = {name: f"https://{HOST}/{key}" for name, key in self.keys.items()}
        return {"urls": urls, "forms": {"uploaded": self.form(self.keys["uploaded"])} if host == APPLICATION else None}

    def form(self, key: str) -> dict[str, Any]:
        fields = {
            "x-amz-server-side-encryption": "AES256",
            "x-amz-meta-tenant-id": TENANT,
            "x-amz-meta-author": "browser",
            "x-amz-meta-arda-key": key,
            "Cache-Control": "max-age=86400",
        }
        return presign(self._s3, Upload(BUCKET, key, "image/jpeg", fields=fields))

    def session(self) -> list[tuple[str, str]]:
        cookies = self._cookies.cookies(HOST, TENANT, 300)
        return [("Set-Cookie", value) for value in self._signer.set_cookie_headers(cookies, "arda.cards", TENANT, 300)]


@pytest.fixture(scope="module")
def back_end(sandbox: Sandbox) -> BackEnd:
    need("chromium", "no browser uploads and reads")
    sandbox.deploy()
    found = BackEnd(sandbox)
    for name in ("ready", "plain"):
        body = IMAGE.read_bytes()
        s3 = sandbox.client("alpha002", "s3")
        s3.put_object(
            Bucket=BUCKET, Key=found.keys[name], Body=body, ContentType="image/jpeg", CacheControl="max-age=86400"
        )
    return found


def outcomes(sandbox: Sandbox, back_end: BackEnd, host: str, folder: Path) -> dict[str, Any]:
    """What a page of a host reports."""
    edge = int(sandbox.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"])
    with PageServer([host], folder, back_end.reply).running() as server:
        ports = {host: server.port, HOST: edge, S3_HOST: edge}
        with chromium(f"https://{host}/", ports, folder / "profile"):
            return server.outcomes.get(timeout=60)


def test_browser_on_application_page_uploads_and_reads(sandbox: Sandbox, back_end: BackEnd, tmp_path: Path) -> None:
    found = outcomes(sandbox, back_end, APPLICATION, tmp_path)
    size = len(IMAGE.read_bytes())
    stored = sandbox.client("alpha002", "s3").head_object(Bucket=BUCKET, Key=back_end.keys["uploaded"])
    assert found == {
        "before the cookies": "refused",
        "upload": stored["ETag"],
        "progress": True,
        "image with credentials": 640,
        "read with credentials": size,
        "plain image": 640,
        "read after a plain image": size,  # by the Vary that CloudFront adds to an answer without CORS headers
        "read with another request header": "TypeError: Failed to fetch",  # it wants a preflight
    }


def test_browser_on_page_of_another_site_reads_nothing(sandbox: Sandbox, back_end: BackEnd, tmp_path: Path) -> None:
    assert outcomes(sandbox, back_end, ELSEWHERE, tmp_path) == {
        "plain image": "refused",
        "read with credentials": "TypeError: Failed to fetch",
    }
