"""The S3 origin, asked as CloudFront asks it: by its service principal, for one distribution."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .. import authorization, emulator
from ..http import Request, Response, ask
from ..settings import ROOT_SECRET, Settings
from .distributions import Distribution, Origin

SERVICE = "cloudfront.amazonaws.com"
ACCESS_DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
    "<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
)


async def fetch(app: Callable, settings: Settings, distribution: Distribution, origin: Origin, path: str) -> Response:
    """The object behind a path, or S3's own refusal. The bucket policy and the origin access control decide.

    Without s3:ListBucket a missing key is Access Denied, as on S3. Objects of a bucket whose versioning is new may be
    missing: https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html
    """
    owner = emulator.bucket_owner(origin.bucket)
    key = unquote(origin.prefix + path).removeprefix("/")
    policy = emulator.bucket_policy(origin.bucket)
    bucket_arn = f"arn:aws:s3:::{origin.bucket}"
    allowed = origin.signed and authorization.service_may(
        policy, SERVICE, "s3:GetObject", f"{bucket_arn}/{key}", distribution.arn
    )
    if owner is None or not key or not allowed:
        return _access_denied()
    response = await ask(app, _signed_get(settings, owner, origin, path))
    if time.time() - emulator.bucket_created(origin.bucket) < settings.delays["versioning"]:
        response = Response(404)
    if response.status == 404 and not authorization.service_may(
        policy, SERVICE, "s3:ListBucket", bucket_arn, distribution.arn
    ):
        return _access_denied()
    return response


async def preflight(app: Callable, settings: Settings, origin: Origin, path: str, headers: dict[str, str]) -> Response:
    """S3's own answer to OPTIONS, from the bucket's CORS rules and the headers that the distribution forwards.

    CloudFront only forwards the method; a response headers policy adds headers to the answer and leaves its status.
    https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/header-caching.html#header-caching-web-cors
    """
    return await ask(app, _request(settings, "OPTIONS", f"/{origin.bucket}{origin.prefix}{path}", headers))


def _access_denied() -> Response:
    body = ACCESS_DENIED.format(request_id=uuid.uuid4().hex[:16].upper(), host_id=uuid.uuid4().hex * 2)
    return Response(403, [(b"content-type", b"application/xml"), (b"server", b"AmazonS3")], body.encode())


def _signed_get(settings: Settings, owner: str, origin: Origin, path: str) -> Request:
    """A GET by the bucket's owner: what the policy allows is decided before it."""
    url = f"{settings.endpoint}/{origin.bucket}{origin.prefix}{path}"
    request = AWSRequest("GET", url)
    S3SigV4Auth(Credentials(owner, ROOT_SECRET), "s3", origin.region).add_auth(request)
    return _request(settings, "GET", urlsplit(url).path, dict(request.headers.items()))


def _request(settings: Settings, method: str, path: str, headers: dict[str, str]) -> Request:
    host = urlsplit(settings.endpoint).netloc
    fields = [(name.lower().encode(), value.encode()) for name, value in {"host": host, **headers}.items()]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": fields,
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", settings.api_port),
    }
    return Request(scope)
