"""Whole HTTP requests and responses, and the ASGI calls between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Request:
    """One buffered request; header names are lower case."""

    scope: dict[str, Any]
    body: bytes = b""

    def __post_init__(self) -> None:
        self.method: str = self.scope["method"]
        self.path: str = self.scope["path"]
        self.query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        self.headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in self.scope["headers"]}

    @classmethod
    async def read(cls, scope: dict[str, Any], receive: Callable) -> Request:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                return cls(scope, bytes(body))


@dataclass
class Response:
    """One buffered response."""

    status: int
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def send(self, send: Callable) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    def header(self, name: str) -> str | None:
        wanted = name.lower().encode()
        return next((v.decode("latin-1") for k, v in self.headers if k.lower() == wanted), None)

    def with_body(self, body: bytes) -> Response:
        kept = [(k, v) for k, v in self.headers if k.lower() != b"content-length"]
        return Response(self.status, [*kept, (b"content-length", str(len(body)).encode())], body)


async def ask(app: Callable, request: Request) -> Response:
    """Put a buffered request to an ASGI application and buffer what it answers."""
    delivered = False
    response = Response(500)

    async def receive() -> dict:
        nonlocal delivered
        if delivered:
            return {"type": "http.disconnect"}
        delivered = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            response.status = message["status"]
            response.headers = list(message["headers"])
        elif message["type"] == "http.response.body":
            response.body += message.get("body", b"")

    await app(request.scope, receive, send)
    return response
