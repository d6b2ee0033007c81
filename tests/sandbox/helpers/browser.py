"""Chromium, and the server of an application's pages, with the names of the real hosts mapped to this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Reply = tuple[str, bytes, list[tuple[str, str]]]  # media type, body, more headers


class PageServer:
    """Serves an application's pages over TLS; ``reply`` answers a method, host and path, or None for 404."""

    def __init__(self, hosts: list[str], folder: Path, reply: Callable[[str, str, str], Reply | None]) -> None:
        self.outcomes: queue.Queue[dict[str, Any]] = queue.Queue()
        outcomes = self.outcomes

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path == "/outcomes":
                    outcomes.put(json.loads(body))
                found = reply(self.command, self.headers["Host"].partition(":")[0], self.path)
                media_type, content, more = found or ("text/plain", b"", [])
                self.send_response(200 if found else 404)
                fields = [("Content-Type", media_type), ("Content-Length", str(len(content))), *more]
                for name, value in fields:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_self_signed(hosts, folder))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]

    @contextmanager
    def running(self) -> Iterator[PageServer]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


def _self_signed(hosts: list[str], folder: Path) -> Path:
    """A certificate of these names and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "page-server.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path


def pin(host: str, port: int) -> str:
    """The SHA-256 of the public key that answers for a host, as Chromium takes it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        certificate = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
    encoding = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(certificate.public_key().public_bytes(*encoding)).digest()).decode()


@contextmanager
def chromium(url: str, ports: dict[str, int], profile: Path) -> Iterator[None]:
    """A page in headless Chromium; ``ports`` are the ports on this machine by host."""
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",  # the tests may run as root
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        f"--user-data-dir={profile}",
        f"--host-resolver-rules={', '.join(f'MAP {host} 127.0.0.1:{port}' for host, port in ports.items())}",
        f"--ignore-certificate-errors-spki-list={','.join(pin(host, port) for host, port in ports.items())}",
        url,
    ]
    with (profile.parent / "chromium.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
