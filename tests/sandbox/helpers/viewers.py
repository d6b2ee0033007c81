"""Viewers who read an image through the edge with signed cookies, again and again."""

from __future__ import annotations

import http.client
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.http import Viewer
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.signature import (
    cookie_header,
)

from .partition import BUCKET, HOST, SECRET
from .sandbox import ROOT, Sandbox

sys.path.insert(0, str(ROOT / "docs/examples"))
from signer import CookieSigner

KEY = "tenant/images/seen.jpg"
EVERY = 0.02
#: How long signers keep the key, cookies last, and clocks differ, in seconds, and as options of a play.
CACHE, GRANT, SKEW = 2, 12, 1
TIMES = (
    *("-e", f"image_partition_signer_cache_seconds={CACHE}"),
    *("-e", f"image_partition_longest_grant_seconds={GRANT}"),
    *("-e", f"image_partition_clock_skew_seconds={SKEW}"),
)


def signer(sandbox: Sandbox, max_age: float = 0) -> CookieSigner:
    """The example of the documentation, which signs with what AWSCURRENT holds."""
    return CookieSigner(SECRET, sandbox.client("alpha002", "secretsmanager"), max_age)


class Connection(http.client.HTTPSConnection):
    """A connection to the edge, made again where the edge has closed it."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(HOST)
        port = sandbox.environment["ARDA_SANDBOX_EDGE_HTTPS_PORT"]
        self._viewer = Viewer(f"127.0.0.1:{port}", ca_file=str(sandbox.directory / "ca.pem"))

    def connect(self) -> None:
        self.sock = self._viewer.tls(HOST)

    def read(self, cookies: dict[str, str]) -> str:
        """``200`` for the image, else what came instead."""
        self.request("GET", f"/{KEY}", headers={"Cookie": cookie_header(cookies)})
        answer = self.getresponse()
        body = answer.read()
        return "200" if (answer.status, body) == (200, b"image") else f"{answer.status} {body[:200]!r}"


class Reader(threading.Thread):
    """A viewer who reads an image every 20 ms, with cookies that are ``renew`` seconds old at most."""

    def __init__(self, sandbox: Sandbox, signer: CookieSigner, renew: float) -> None:
        super().__init__()
        self._connection = Connection(sandbox)
        self._signer, self._renew = signer, renew
        self.seen: Counter[str] = Counter()
        self.over = threading.Event()

    def run(self) -> None:
        cookies, issued = {}, float("-inf")
        while not self.over.wait(EVERY):
            try:
                if time.monotonic() - issued > self._renew:
                    cookies, issued = self._signer.cookies(HOST, "tenant", GRANT), time.monotonic()
                self.seen[self._connection.read(cookies)] += 1
            except Exception as error:
                self.seen[repr(error)] += 1
                self._connection.close()


def put_image(sandbox: Sandbox) -> None:
    """Store what the viewers read."""
    sandbox.client("alpha002", "s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"image", ContentType="image/jpeg")


@contextmanager
def reading(sandbox: Sandbox) -> Iterator[list[Reader]]:
    """One viewer whose signer always reads the secret, and one with the oldest copies and cookies that are allowed."""
    started = [
        Reader(sandbox, signer(sandbox), renew=0.1),
        Reader(sandbox, signer(sandbox, CACHE), renew=GRANT - 3),
    ]
    for reader in started:
        reader.start()
    try:
        yield started
    finally:
        for reader in started:
            reader.over.set()
            reader.join()
