"""The page to try in a browser: uploads to the bucket, reads through the CDN, a rotation meanwhile, each refusal."""

from __future__ import annotations

import http.client
import importlib.util
import json
import socket
import ssl
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from types import ModuleType

import pytest
from arda_sandbox.settings import ROOT_SECRET

from .helpers.node import PICTURES, node
from .helpers.partition import BUCKET, HOST
from .helpers.sandbox import ROOT, Sandbox, free_ports, need

APPLICATION = "dev.alpha002.app.arda.cards"
ELSEWHERE = "elsewhere.example"
S3_HOST = f"{BUCKET}.s3.us-east-1.amazonaws.com"
SERVER = ROOT / "docs/examples/demo/server.py"


@pytest.fixture(scope="module")
def page(sandbox: Sandbox) -> Iterator[str]:
    """The served page: what the server prints."""
    sandbox.deploy()
    edge = sandbox.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"]
    command = [sys.executable, SERVER, "alpha002_dev", "--endpoint", sandbox.endpoint, "--edge", edge]
    command += ["--ca-file", str(sandbox.directory / "ca.pem"), "--secret", ROOT_SECRET]
    process = subprocess.Popen(
        command, cwd=ROOT, env=sandbox.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    printed = []
    for line in process.stdout:
        printed.append(line)
        if "Ctrl-C" in line:
            break
    yield "".join(printed)
    process.terminate()
    assert process.communicate(timeout=20)[0] == "The page is no longer served.\n"
    assert process.returncode == 0
    assert sandbox.control("applications", document={}) == {}


@pytest.fixture(scope="module")
def server() -> ModuleType:
    spec = importlib.util.spec_from_file_location("server", SERVER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_visitor_uploads_sees_the_image_while_the_key_rotates_and_is_refused(
    sandbox: Sandbox, page: str, server: ModuleType
) -> None:
    need("chromium", "no browser uploads and reads")
    known = sandbox.control("applications", document={})
    sandbox.control("applications", document={ELSEWHERE: known[APPLICATION]})
    edge = int(sandbox.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"])
    hosts = (APPLICATION, ELSEWHERE, HOST, S3_HOST)
    pins = [server.pin(host, edge) for host in hosts]
    PICTURES.mkdir(parents=True, exist_ok=True)
    ports = json.dumps(dict.fromkeys(hosts, edge))
    seen = json.loads(node("demo.mjs", APPLICATION, ELSEWHERE, ports, json.dumps(pins), str(PICTURES)))
    sandbox.control("applications", document={ELSEWHERE: None})

    assert seen["image"] == 480
    assert seen["rotation"].startswith("done; the current key pair id is K")
    assert seen["reads"].endswith(" reads, 0 refused")
    assert seen["complaints"] == []
    assert seen["refusals"] == {
        "Read without cookies": "403 MissingKey",
        "Read with expired cookies": "403 AccessDenied",
        "Read with the cookies of another tenant": "403 AccessDenied",
        "Read with an unknown key": "403 InvalidKey",
        "Read with a changed policy": "403 AccessDenied",
        "Upload a text": "403 AccessDenied",
        "Upload to another tenant": "403 AccessDenied",
        "Upload nothing": "400 EntityTooSmall",
        "Upload more than 10 MiB": "400 EntityTooLarge",
    }
    assert (seen["light"], seen["dark"], seen["overflows"]) == ([], [], False)
    key = seen["upload"]["url"].removeprefix(f"https://{HOST}/")
    stored = sandbox.client("alpha002", "s3").head_object(Bucket=BUCKET, Key=key)
    assert (seen["upload"]["etag"], seen["upload"]["progress"]) == (stored["ETag"], True)
    assert seen["script"] == {
        "read with credentials": True,
        "plain image": 64,
        "read after a plain image": True,  # by the Vary that CloudFront adds to an answer without CORS headers
        "image with credentials, drawn": 4,
        "read with another request header": "TypeError: Failed to fetch",  # it wants a preflight
    }
    assert seen["elsewhere"] == {"plain image": "refused"}
    assert seen["before the cookies"] == "refused"


def test_page_prints_a_command_that_opens_it(page: str) -> None:
    assert f"https://{APPLICATION}:" in page
    assert f"MAP {HOST} 127.0.0.1:" in page
    assert f"127.0.0.1 {APPLICATION} {HOST} {S3_HOST}" in page


def test_application_that_is_gone_is_answered_502(sandbox: Sandbox) -> None:
    sandbox.control("applications", document={ELSEWHERE: free_ports(1)[0]})
    tls = ssl.create_default_context(cafile=str(sandbox.directory / "ca.pem"))
    plain = socket.create_connection(("127.0.0.1", int(sandbox.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"])), 10)
    connection = http.client.HTTPConnection(ELSEWHERE)
    connection.sock = tls.wrap_socket(plain, server_hostname=ELSEWHERE)
    connection.request("GET", "/")
    assert connection.getresponse().status == 502
    connection.close()
    assert ELSEWHERE not in sandbox.control("applications", document={ELSEWHERE: None})


@pytest.mark.parametrize("port", ["x", 0, 65536, [], 1.5])
def test_application_with_a_wrong_port_is_refused(sandbox: Sandbox, port: object) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sandbox.control("applications", document={ELSEWHERE: port})
