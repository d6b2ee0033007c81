# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP as a viewer speaks it, where wanted against another address than the one that DNS names."""

from __future__ import annotations

import functools
import http.client
import socket
import ssl
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT = 30

#: What CloudFront says where it refuses itself: the code, and with it the message.
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
REFUSALS = {
    "MissingKey": "MissingKey: Missing Key-Pair-Id query parameter or cookie value",
    "InvalidKey": "InvalidKey: Unknown Key",
    "MalformedPolicy": "MalformedPolicy: Malformed Policy",
    "MalformedSignature": "MalformedSignature: Could not unencode Signature",
    "AccessDenied": "AccessDenied: Access denied",
}
#: S3's own refusal, with a capital D, tells an origin that refused from an edge that did.
BY_ORIGIN = "AccessDenied: Access Denied"


@dataclass(frozen=True)
class Answer:
    """A response; header names are lower case."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def error(self) -> str:
        """``Code: Message`` of an XML error, else the beginning of the body, or its size where it is no text."""
        try:
            text = self.body.decode()
        except UnicodeDecodeError:
            return f"{len(self.body)} bytes of {self.headers.get('content-type', 'unknown type')}"
        code = text.partition("<Code>")[2].partition("</Code>")[0]
        message = text.partition("<Message>")[2].partition("</Message>")[0]
        return f"{code}: {message}" if code else text[:80]


class Viewer:
    """A client; ``https`` and ``http`` are ``address:port`` to connect to instead of the host of a URL.

    ``lookup`` gives the address of a host where these are empty; the machine's resolver by default.
    """

    def __init__(
        self, https: str = "", http: str = "", ca_file: str = "", lookup: Callable[[str], str] | None = None
    ) -> None:
        self._instead = {"https": https, "http": http}
        self._ca_file = ca_file or None
        self._lookup = lookup or (lambda host: host)

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Make one request, without following redirects.

        Raises OSError (ssl.SSLError among them) where no answer comes.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
        if parts.scheme == "https":
            connection.sock = self.tls(host, parts.port or 443)
        else:
            connection.sock = self._connect("http", host, parts.port or 80)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body=body, headers={"Host": host, **(headers or {})})
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, fields, response.read())
        finally:
            connection.close()

    def tls(self, host: str, port: int = 443, highest: ssl.TLSVersion | None = None) -> ssl.SSLSocket:
        """A TLS connection to a host whose certificate is checked; ``highest`` caps the version that is offered."""
        context = self._context
        if highest:
            context = ssl.create_default_context(cafile=self._ca_file)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = highest
        return context.wrap_socket(self._connect("https", host, port), server_hostname=host)

    @functools.cached_property
    def _context(self) -> ssl.SSLContext:
        """Read the certificate authorities once: that takes longer than a request."""
        return ssl.create_default_context(cafile=self._ca_file)

    def _connect(self, scheme: str, host: str, port: int) -> socket.socket:
        address, _colon, other_port = self._instead[scheme].rpartition(":")
        return socket.create_connection((address or self._lookup(host), int(other_port or port)), timeout=TIMEOUT)


def multipart(fields: Mapping[str, str], content: bytes, filename: str = "image") -> tuple[dict[str, str], bytes]:
    """The headers and body of a browser's form with one file, which comes last, as S3 wants it."""
    boundary = uuid.uuid4().hex
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    lines.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = "".join(lines).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body
