"""The CDN edge: read by the AWS SDK for JavaScript, and asked ten thousand odd things."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront import signature as signing
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.http import Answer, Viewer
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import generate
from arda_sandbox.settings import ROOT_SECRET
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .helpers.node import build, node
from .helpers.partition import BUCKET, HOST, Partition
from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import ACCOUNTS, ROOT, Sandbox, wait_for

IMAGE = ROOT / "roles/image_verification/files/photo-640.jpg"
KEY = "tenant/images/secret.jpg"
CASES = 10_000 if EXHAUSTIVE else 1_000


@pytest.fixture(scope="module")
def partition(sandbox: Sandbox) -> Sandbox:
    sandbox.deploy()
    body = IMAGE.read_bytes()
    s3 = sandbox.client("alpha002", "s3")
    for key in (KEY, "tenant/a b+c.jpg", "tenant/../odd.jpg", "odd.jpg", "tenant//double.jpg"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="image/jpeg")
    return sandbox


@pytest.fixture(scope="module")
def key(partition: Sandbox) -> dict[str, str]:
    """The current signing key, as the back end reads it."""
    secrets = partition.client("alpha002", "secretsmanager")
    return json.loads(secrets.get_secret_value(SecretId="Alpha002-dev/image-signing-key")["SecretString"])


def test_javascript_sdk_uploads_and_reads(partition: Sandbox) -> None:
    build()
    environment = {
        "ENDPOINT": partition.endpoint,
        "ACCESS_KEY": ACCOUNTS["alpha002"],
        "SECRET_KEY": ROOT_SECRET,
        "EDGE_HTTPS_PORT": partition.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"],
        "CA_FILE": str(partition.directory / "ca.pem"),
    }
    role = "arn:aws:iam::139852620346:role/Alpha002-dev-BucketClientRole"
    seen = json.loads(node("delivery.mjs", "Alpha002-dev", role, str(IMAGE), **environment))
    assert len(seen.pop("exports")) == 6
    assert seen == {
        "sameKeyPairId": True,
        "uploaded": 204,
        "byCookies": [200, True],
        "byUrl": [200, True],
        "unsigned": 403,
        "otherTenant": 403,
    }


SIGNING_PLAY = """
- hosts: alpha002_dev
  gather_facts: false
  environment: "{{ aws_environment }}"
  module_defaults:
    group/arda.image_upload.aws: "{{ aws_connection }}"
  tasks:
    - arda.image_upload.cloudfront_signed_cookies:
        resource: https://dev.alpha002.assets.arda.cards/tenant/*
        secret_id: Alpha002-dev/image-signing-key
        hash_algorithm: SHA256
      register: signed_cookies
    - arda.image_upload.cloudfront_signed_url:
        url: https://dev.alpha002.assets.arda.cards/tenant/images/secret.jpg
        secret_id: Alpha002-dev/image-signing-key
      register: signed_url
    - arda.image_upload.s3_presigned_post:
        bucket: alpha002-dev-image-asset-bucket
        key: tenant/images/form.jpg
        content_type: image/jpeg
        fields: {x-amz-meta-tenant-id: tenant}
      register: form
    - ansible.builtin.copy:
        dest: "{{ out }}"
        mode: "0600"
        content: "{{ {'cookies': signed_cookies, 'url': signed_url, 'form': form} | to_json }}"
"""


def test_signing_modules_sign_what_edge_and_s3_accept(partition: Sandbox, wire: Wire, tmp_path: Path) -> None:
    play, out = tmp_path / "sign.yml", tmp_path / "signed.json"
    play.write_text(SIGNING_PLAY)
    partition.play(str(play), "-e", f"out={out}").succeeded()
    made = json.loads(out.read_text())
    assert wire.get(f"/{KEY}", made["cookies"]["cookie_header"])[0] == 200
    assert wire.get("/other/x.jpg", made["cookies"]["cookie_header"])[0] == 403
    assert wire.get(made["url"]["url"].removeprefix(f"https://{HOST}"))[0] == 200
    assert abs(made["url"]["expires"] - time.time() - 900) < 120
    policy = json.loads(base64.b64decode(made["form"]["fields"]["policy"]))["conditions"]
    assert {"x-amz-meta-tenant-id": "tenant"} in policy
    assert {"key": "tenant/images/form.jpg"} in policy
    assert ["content-length-range", 1, 10485760] in policy
    assert ["starts-with", "$Content-Type", "image/"] in policy


class Wire:
    """Requests byte for byte as they are given, which no HTTP library would send."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._port = int(sandbox.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"])
        self._context = ssl.create_default_context(cafile=str(sandbox.directory / "ca.pem"))
        self._context.set_alpn_protocols(["http/1.1"])
        self._socket: ssl.SSLSocket | None = None

    def _connect(self) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        return self._context.wrap_socket(raw, server_hostname=HOST)

    def get(self, target: str, cookie: str = "", method: str = "GET") -> tuple[int, bytes]:
        head = f"{method} {target} HTTP/1.1\r\nHost: {HOST}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
        self._socket = self._socket or self._connect()
        try:
            self._socket.sendall(head.encode("latin-1"))
            response = http.client.HTTPResponse(self._socket, method=method)
            response.begin()
            body = response.read()
        except (http.client.HTTPException, ConnectionError, ssl.SSLError):
            self._socket = None  # the edge closed the connection on what is no HTTP
            return 400, b""
        if response.will_close:
            self._socket.close()
            self._socket = None
        return response.status, body


def reader(partition: Sandbox, key: dict[str, str], path: str) -> Callable[..., Answer]:
    """Requests of one object with the tenant's cookies; an underscore in a header's name stands for a hyphen."""
    edge = f"127.0.0.1:{partition.environment['ARDA_SANDBOX_EDGE_HTTPS_PORT']}"
    viewer = Viewer(edge, "", str(partition.directory / "ca.pem"))
    policy = signing.custom_policy(f"https://{HOST}/tenant/*", int(time.time()) + 300)
    cookie = signing.cookie_header(signing.signed_cookies(policy, key["privateKey"], key["keyPairId"]))

    def read(method: str = "GET", **headers: str) -> Answer:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return viewer.request(method, f"https://{HOST}/{path}", {"Cookie": cookie, **fields})

    return read


def test_cache_has_ages_and_conditions_and_is_emptied_by_invalidation(partition: Sandbox, key: dict[str, str]) -> None:
    s3, cloudfront = partition.client("alpha002", "s3"), partition.client("alpha002", "cloudfront")
    read = reader(partition, key, "tenant/cached.txt")

    def write(content: bytes) -> None:
        s3.put_object(Bucket=BUCKET, Key="tenant/cached.txt", Body=content, ContentType="text/plain")

    write(b"one")
    first = read()
    assert (first.status, first.body, first.headers["x-cache"]) == (200, b"one", "Miss from cloudfront")
    assert "age" not in first.headers
    write(b"two")
    again = read()
    assert (again.body, again.headers["x-cache"]) == (b"one", "Hit from cloudfront")
    assert again.headers["age"].isdigit()
    head = read("HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "3")
    assert read(If_None_Match=first.headers["etag"]).status == 304
    assert read(If_Modified_Since=first.headers["last-modified"]).status == 304
    assert (read(Range="bytes=1-").body, read(Range="bytes=-1").body) == (b"ne", b"e")
    assert read(Range="bytes=9-").status == 416

    (distribution,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    batch = {"CallerReference": "cache", "Paths": {"Quantity": 1, "Items": ["/tenant/c*"]}}
    cloudfront.create_invalidation(DistributionId=distribution["Id"], InvalidationBatch=batch)
    emptied = read()
    assert (emptied.body, emptied.headers["x-cache"]) == (b"two", "Miss from cloudfront")


ORIGIN = "https://dev.alpha002.app.arda.cards"
CORS_S3_ORIGIN = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"  # the managed origin request policy


def test_options_not_allowed_is_refused_by_edge(partition: Sandbox, key: dict[str, str]) -> None:
    answer = reader(partition, key, KEY)("OPTIONS", Origin=ORIGIN, Access_Control_Request_Method="GET")
    assert answer.status == 403
    assert b"not configured to allow the HTTP request method" in answer.body


@pytest.mark.parametrize(
    ("policy", "method", "status", "error"),
    [
        ("", "POST", 400, "BadRequest: Insufficient information. Origin request header needed."),
        (CORS_S3_ORIGIN, "GET", 403, "AccessForbidden: CORSResponse: This CORS request is not allowed."),
        (CORS_S3_ORIGIN, "", 403, "AccessForbidden: CORSResponse: This CORS request is not allowed."),
        (CORS_S3_ORIGIN, "POST", 200, ""),
    ],
)
def test_options_allowed_is_answered_by_cors_rules_of_bucket(
    partition: Sandbox, key: dict[str, str], policy: str, method: str, status: int, error: str
) -> None:
    def change(config: dict[str, Any]) -> None:
        behavior = config["DefaultCacheBehavior"]
        behavior["AllowedMethods"].update(Quantity=3, Items=["GET", "HEAD", "OPTIONS"])
        if policy:
            behavior["OriginRequestPolicyId"] = policy

    restore = Partition(partition).change_distribution(change)
    asked = {"Access_Control_Request_Method": method} if method else {}
    try:
        answer = reader(partition, key, KEY)("OPTIONS", Origin=ORIGIN, **asked)
    finally:
        restore()
    assert answer.status == status
    assert answer.error().startswith(error)
    assert answer.headers["access-control-allow-origin"] == ORIGIN, "the headers policy adds headers to any status"


def test_error_of_origin_is_cached_for_ten_seconds(partition: Sandbox, key: dict[str, str]) -> None:
    read = reader(partition, key, "tenant/images/late.jpg")
    with partition.delays(error_caching=2):
        assert read().status == 403
        partition.client("alpha002", "s3").put_object(Bucket=BUCKET, Key="tenant/images/late.jpg", Body=b"late")
        assert (read().status, read().headers["x-cache"]) == (403, "Error from cloudfront")
        wait_for(lambda: read().status == 200, 10)


def test_cors_section_of_headers_policy_adds_vary_to_plain_read(partition: Sandbox, key: dict[str, str]) -> None:
    read = reader(partition, key, KEY)
    assert read().headers["vary"] == "Origin"
    assert read(Origin=ORIGIN).headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in read().headers
    assert "access-control-allow-methods" not in read(Origin=ORIGIN).headers, "those belong to a preflight"


@pytest.fixture(scope="module")
def wire(partition: Sandbox) -> Wire:
    return Wire(partition)


def test_object_under_any_spelling_needs_its_signature(wire: Wire, key: dict[str, str]) -> None:
    """A signature opens an object under the path that it names, and under no spelling of another."""

    def cookie(resource: str) -> str:
        policy = signing.custom_policy(f"https://{HOST}{resource}", int(time.time()) + 300)
        return signing.cookie_header(signing.signed_cookies(policy, key["privateKey"], key["keyPairId"]))

    assert wire.get(f"/{KEY}", cookie("/tenant/*"))[0] == 200
    assert wire.get("/%74enant/images/./secret.jpg", cookie("/tenant/*"))[0] == 200
    assert wire.get("/other/../tenant/images/secret.jpg", cookie("/tenant/*"))[0] == 200
    for spelling in (
        f"/other/../{KEY}",
        f"/other/%2e%2e/{KEY}",
        f"/other/%2E%2E/{KEY}",
        f"/other/x/../../{KEY}",
        f"/other%2f..%2f{KEY}",
        f"/other/..%2f{KEY}",
        f"//{KEY}",
        f"/Other/../{KEY}",
        f"/{KEY}.",
        f"/{KEY}?Policy=x",
        f"/{KEY.upper()}",
    ):
        status, body = wire.get(spelling, cookie("/other/*"))
        assert status == 403, spelling
        assert IMAGE.read_bytes() not in body


PIECES = st.sampled_from(
    ["tenant", "images", "secret.jpg", "other", "..", ".", "", "%2e%2e", "%2E.", "%2f", "%5c", "\\", "%00", "%", "%zz",
     "%74enant", "TENANT", "tenant.", "secret.jpg%20", "a%20b+c.jpg", "*", "?", "%c0%ae", "é", ";x=1", "~", "odd.jpg"]
)  # fmt: skip
PATHS = st.lists(PIECES, max_size=6).map(lambda pieces: "/" + "/".join(pieces))
TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=';, \\"'), max_size=60)
FOREIGN = generate("rsa-2048")
KINDS = (
    "other tenant",
    "look-alike",
    "other host",
    "expired",
    "not yet",
    "other network",
    "foreign key",
    "nothing",
)


def mutate(fields: dict[str, str], name: str, value: str) -> dict[str, str]:
    return {**fields, name: value} if name in fields else fields


@pytest.fixture(scope="module")
def signed(key: dict[str, str]) -> dict[str, dict[str, str]]:
    """Signatures that are sound and open nothing of the tenant, and ones that name its path and are not sound."""
    now = int(time.time())
    mine = f"https://{HOST}/tenant/*"

    def fields(resource: str, private: str = key["privateKey"], **conditions: Any) -> dict[str, str]:
        policy = signing.custom_policy(resource, conditions.pop("expires", now + 3600), **conditions)
        return signing.signed_cookies(policy, private, key["keyPairId"])

    return {
        "other tenant": fields(f"https://{HOST}/other/*"),
        "look-alike": fields(f"https://{HOST}/tenantb*"),
        "other host": fields("https://elsewhere.example/*"),
        "expired": fields(mine, expires=now - 1),
        "not yet": fields(mine, starts=now + 3600, expires=now + 7200),
        "other network": fields(mine, source_ip="192.0.2.0/24"),
        "foreign key": fields(mine, private=FOREIGN),
        "nothing": {},
    }


@settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    path=PATHS,
    kind=st.sampled_from(KINDS),
    field=st.sampled_from(["", "CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]),
    noise=TEXT,
    in_url=st.booleans(),
    extra=st.sampled_from(["", "Expires=9999999999", "Hash-Algorithm=SHA256", "Hash-Algorithm=X", "a=b"]),
    method=st.sampled_from(["GET", "HEAD", "OPTIONS"]),
)
def test_edge_odd_request_opens_nothing(
    wire: Wire, signed: dict[str, dict[str, str]], path: str, kind: str, field: str, noise: str, in_url: bool,
    extra: str, method: str,
) -> None:  # fmt: skip
    fields = mutate(signed[kind], field, noise)
    query = [f"{name.removeprefix('CloudFront-')}={value}" for name, value in fields.items()] if in_url else []
    target = path + ("?" + "&".join([*query, extra]) if query or extra else "")
    started = time.monotonic()
    status, body = wire.get(target, "" if in_url else signing.cookie_header(fields), method)
    assert time.monotonic() - started < 5
    assert IMAGE.read_bytes()[:64] not in body
    # A sound signature of the other tenant may open what that tenant does not have; nothing is ever found.
    assert status in (400, 403, 404), target
