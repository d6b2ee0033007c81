"""Applications beside the CDN: pages of other host names, which programs of this machine serve, over the edge's TLS."""

from __future__ import annotations

import asyncio
import http.client

from ..http import Request, Response

TIMEOUT = 30
_ports: dict[str, int] = {}


def register(ports: dict[str, int | None]) -> dict[str, int]:
    """Set the ports of host names, or forget those that are null; returns all that are known."""
    for host, number in ports.items():
        if number is None:
            _ports.pop(host.lower(), None)
        elif isinstance(number, int) and 0 < number < 65536:
            _ports[host.lower()] = number
        else:
            raise ValueError(f"Expected a port from 1 to 65535 for {host}, found {number!r}.")
    return dict(_ports)


def port(host: str) -> int | None:
    """The port of a host name, or nothing where no program serves it."""
    return _ports.get(host)


async def forward(request: Request, host: str, number: int) -> Response:
    """The answer of the program at a port of this machine."""
    return await asyncio.get_running_loop().run_in_executor(None, _ask, request, host, number)


def _ask(request: Request, host: str, number: int) -> Response:
    connection = http.client.HTTPConnection("127.0.0.1", number, timeout=TIMEOUT)
    query = request.scope.get("query_string", b"").decode("latin-1")
    try:
        path = request.path + (f"?{query}" if query else "")
        connection.request(request.method, path, request.body, {**request.headers, "host": host})
        answer = connection.getresponse()
        fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.getheaders()]
        kept = [field for field in fields if field[0] not in (b"connection", b"transfer-encoding")]
        return Response(answer.status, kept, answer.read())
    except (OSError, http.client.HTTPException) as error:
        return Response(502, [(b"content-type", b"text/plain")], f"The application does not answer: {error}".encode())
    finally:
        connection.close()
