"""The S3 origin, asked as CloudFront asks it: by its service principal, for one distribution."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .. import emulator
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

    Without s3:ListBucket a missing key is Access Denied, as on S3.
    """
    owner = emulator.bucket_owner(origin.bucket)
    key = unquote(origin.prefix + path).removeprefix("/")
    policy = emulator.bucket_policy(origin.bucket)
    bucket_arn = f"arn:aws:s3:::{origin.bucket}"
    allowed = origin.signed and emulator.service_may(
        policy, SERVICE, "s3:GetObject", f"{bucket_arn}/{key}", distribution.arn
    )
    if owner is None or not key or not allowed:
        return _access_denied()
    response = await ask(app, _signed_get(settings, owner, origin, path))
    if response.status == 404 and not emulator.service_may(
        policy, SERVICE, "s3:ListBucket", bucket_arn, distribution.arn
    ):
        return _access_denied()
    return response


def _access_denied() -> Response:
    body = ACCESS_DENIED.format(request_id=uuid.uuid4().hex[:16].upper(), host_id=uuid.uuid4().hex * 2)
    return Response(403, [(b"content-type", b"application/xml"), (b"server", b"AmazonS3")], body.encode())


def _signed_get(settings: Settings, owner: str, origin: Origin, path: str) -> Request:
    """A GET by the bucket's owner: what the policy allows is decided before it."""
    url = f"{settings.endpoint}/{origin.bucket}{origin.prefix}{path}"
    request = AWSRequest("GET", url)
    S3SigV4Auth(Credentials(owner, ROOT_SECRET), "s3", origin.region).add_auth(request)
    parts = urlsplit(url)
    headers = [(b"host", parts.netloc.encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", settings.api_port),
    }
    return Request(scope)
