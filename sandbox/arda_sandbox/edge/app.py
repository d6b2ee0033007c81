"""One viewer request, from the connection to the answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from ..hostnames import is_s3
from ..http import Request, Response
from ..settings import Settings
from . import applications
from . import headers as response_headers
from .cache import Cache, cache_key, error_lifetime, forwarded_headers, lifetime
from .distributions import Behavior, Distribution, find
from .origin import fetch, preflight
from .paths import normalize
from .signatures import URL_PARAMETERS, RefusedError, authorize

REFUSAL = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
METHOD_PAGE = (
    "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY><H1>403 ERROR</H1>"
    "<H2>The request could not be satisfied.</H2>This distribution is not configured to allow the HTTP request method "
    "that was used for this request.</BODY></HTML>"
)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Edge:
    """An ASGI application: the distributions of all accounts, and S3 itself over TLS."""

    def __init__(self, app: Callable, gateway: Callable, settings: Settings) -> None:
        self._app = app
        self._gateway = gateway
        self._settings = settings
        self._cache = Cache()

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            return
        request = await Request.read(scope, receive)
        host = request.headers.get("host", scope.get("authority", "")).partition(":")[0].lower()
        if is_s3(host):
            await self._serve_s3(request, send)
            return
        if port := applications.port(host):
            await (await applications.forward(request, host, port)).send(send)
            return
        response = await self.answer(request, host)
        if request.method == "HEAD":
            response = Response(response.status, response.headers, b"")
        await response.send(send)

    async def _serve_s3(self, request: Request, send: Callable) -> None:
        """S3's own endpoint: TLS or not is what a bucket policy asks about."""
        fields = [(name, value) for name, value in request.scope["headers"] if name != b"x-forwarded-proto"]
        fields.append((b"x-forwarded-proto", request.scope["scheme"].encode()))
        scope = {**request.scope, "headers": fields}
        delivered = False

        async def receive() -> dict:
            nonlocal delivered
            message = {"type": "http.disconnect"} if delivered else {"type": "http.request", "body": request.body}
            delivered = True
            return message

        await self._gateway(scope, receive, send)

    async def answer(self, request: Request, host: str) -> Response:
        """What the viewer gets."""
        distribution = find(host)
        if distribution is None:
            return _refusal(RefusedError("AccessDenied", "Access denied"))
        raw = (request.scope.get("raw_path") or quote(request.path).encode()).decode("latin-1").partition("?")[0]
        path = normalize(raw)
        behavior = distribution.behavior(path)
        if request.scope["scheme"] == "http" and behavior.viewer_protocol != "allow-all":
            return _to_https(behavior, host, raw, request.scope.get("query_string", b"").decode("latin-1"))
        if request.method not in behavior.methods:
            return self._decorate(request, distribution, behavior, _method_not_allowed())
        query = parse_qsl(request.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        try:
            plain_query = _check_signature(request, distribution, behavior, host, path, query)
        except RefusedError as refusal:
            return self._decorate(request, distribution, behavior, _refusal(refusal))
        response = await self._serve(request, distribution, behavior, path, plain_query)
        return self._decorate(request, distribution, behavior, response)

    async def _serve(
        self,
        request: Request,
        distribution: Distribution,
        behavior: Behavior,
        path: str,
        query: dict[str, list[str]],
    ) -> Response:
        origin = distribution.origin(behavior)
        if origin is None:
            return _refusal(RefusedError())
        if request.method == "OPTIONS":
            names = forwarded_headers(behavior, distribution.account)
            headers = {name: value for name, value in request.headers.items() if name in names}
            response = await preflight(self._app, self._settings, origin, path, headers)
            cache = "Miss" if response.status == 200 else "Error"
            return Response(response.status, [*response.headers, *response_headers.standard(cache)], response.body)
        key = cache_key(distribution, behavior, path, query, request.headers)
        entry = self._cache.get(key, distribution)
        if entry:
            whole = entry.response
            age = [(b"age", str(entry.age(time.time())).encode())]
            return _select(request, Response(whole.status, [*whole.headers, *age], whole.body), "Hit")
        response = await fetch(self._app, self._settings, distribution, origin, path)
        if response.status == 200:
            response = Response(200, _kept(response), response.body)
            self._cache.put(key, response, lifetime(response, behavior, distribution.account), path)
            return _select(request, response, "Miss")
        caching = error_lifetime(distribution, response.status, self._settings.delays["error_caching"])
        page = distribution.error_pages.get(response.status)
        response = Response(page.shown if page else response.status, _kept(response), response.body)
        self._cache.put(key, response, caching, path)
        return _select(request, response, "Miss")

    def _decorate(
        self, request: Request, distribution: Distribution, behavior: Behavior, response: Response
    ) -> Response:
        """Apply the response headers policy; a header that it sets takes the place of the origin's."""
        present = {name.decode().lower() for name, _ in response.headers}
        preflight = request.method == "OPTIONS" and "access-control-request-method" in request.headers
        added = response_headers.by_policy(
            distribution.headers_policies.get(behavior.headers_policy, {}),
            request.headers.get("origin"),
            preflight,
            present,
        )
        names = {name for name, _ in added}
        return Response(response.status, [(k, v) for k, v in response.headers if k not in names] + added, response.body)


def _check_signature(
    request: Request,
    distribution: Distribution,
    behavior: Behavior,
    host: str,
    path: str,
    query: list[tuple[str, str]],
) -> dict[str, list[str]]:
    """Raise RefusedError unless the request may pass; the query without the signature's parameters."""
    plain = [(name, value) for name, value in query if not behavior.restricted or name not in URL_PARAMETERS]
    if behavior.restricted:
        in_url = {name: value for name, value in reversed(query) if name in URL_PARAMETERS}
        fields = in_url if set(in_url) - {"Hash-Algorithm"} else _cookies(request.headers.get("cookie", ""))
        scheme = request.scope["scheme"]
        url = f"{scheme}://{host}{path}" + (f"?{urlencode(plain)}" if plain else "")
        address = (request.scope.get("client") or ("127.0.0.1",))[0]
        authorize(url, fields, distribution.trusted_keys(behavior), time.time(), address)
    grouped: dict[str, list[str]] = {}
    for name, value in plain:
        grouped.setdefault(name, []).append(value)
    return grouped


def _cookies(header: str) -> dict[str, str]:
    """The signature's fields by their URL names, from the cookies ``CloudFront-...``."""
    fields: dict[str, str] = {}
    for part in header.split(";"):
        try:
            for name, morsel in SimpleCookie(part.strip()).items():
                if name.startswith("CloudFront-"):
                    fields.setdefault(name.removeprefix("CloudFront-"), morsel.value)
        except CookieError:
            continue
    return {name: value for name, value in fields.items() if name in URL_PARAMETERS}


def _refusal(refusal: RefusedError) -> Response:
    """A refusal by CloudFront itself."""
    body = REFUSAL.format(code=refusal.code, message=refusal.message).encode()
    fields = [(b"server", b"CloudFront"), (b"content-type", b"text/xml"), (b"content-length", str(len(body)).encode())]
    return Response(403, fields + response_headers.standard("Error"), body)


def _method_not_allowed() -> Response:
    """CloudFront's own page for a method that the behavior does not allow.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html
    """
    body = METHOD_PAGE.encode()
    fields = [(b"server", b"CloudFront"), (b"content-type", b"text/html"), (b"content-length", str(len(body)).encode())]
    return Response(403, fields + response_headers.standard("Error"), body)


def _to_https(behavior: Behavior, host: str, path: str, query: str) -> Response:
    if behavior.viewer_protocol == "https-only":
        return _refusal(RefusedError())
    location = f"https://{host}{path}" + (f"?{query}" if query else "")
    body = b"<html><head><title>301 Moved Permanently</title></head><body>301 Moved Permanently</body></html>"
    fields = [
        (b"server", b"CloudFront"),
        (b"content-type", b"text/html"),
        (b"content-length", str(len(body)).encode()),
        (b"location", location.encode("latin-1", "replace")),
    ]
    return Response(301, fields + response_headers.standard("Redirect"), body)


def _kept(response: Response) -> list[tuple[bytes, bytes]]:
    """The origin's headers without those of its connection, and without the emulator's own CORS."""
    dropped = (b"connection", b"transfer-encoding", b"keep-alive", b"date", b"content-length")
    kept = [
        (name.lower(), value)
        for name, value in response.headers
        if name.lower() not in dropped and not name.lower().startswith(b"access-control-")
    ]
    if not any(name == b"server" for name, _ in kept):
        kept.append((b"server", b"AmazonS3"))
    return [*kept, (b"content-length", str(len(response.body)).encode())]


def _select(request: Request, whole: Response, cache: str) -> Response:
    """The part of an object that the viewer asked for, by its conditions and its range; of an error, all of it."""
    if whole.status != 200:
        return Response(whole.status, [*whole.headers, *response_headers.standard("Error")], whole.body)
    fields = [(k, v) for k, v in whole.headers if k not in (b"content-length", b"accept-ranges")]
    fields += [(b"accept-ranges", b"bytes"), *response_headers.standard(cache)]
    etag = whole.header("etag") or ""
    if etag and etag in (request.headers.get("if-none-match") or "").replace("W/", "").split(", "):
        return Response(304, fields, b"")
    modified = request.headers.get("if-modified-since")
    if modified and "if-none-match" not in request.headers and modified == whole.header("last-modified"):
        return Response(304, fields, b"")
    size = len(whole.body)
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if not found or not any(found.groups()):
        return Response(200, [*fields, (b"content-length", str(size).encode())], whole.body)
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or start > end:
        unsatisfiable = [(b"content-range", f"bytes */{size}".encode()), (b"content-length", b"0")]
        return Response(416, [*fields, *unsatisfiable])
    body = whole.body[start : end + 1]
    part = [
        (b"content-range", f"bytes {start}-{end}/{size}".encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    return Response(206, [*fields, *part], body)
