# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of uploads: the presigning role, the presigned form, and how the bucket answers it."""

from __future__ import annotations

import base64
import json
import uuid
from functools import partial
from typing import Any

from .._aws import AwsError
from .._cloudfront.http import Answer
from .._s3.presigned_post import Upload
from .context import VerificationContext
from .distribution_checks import READERS
from .presigner import AUTHOR
from .run import Check
from .skipped import SkippedError

ROLE = "Compare the presigning role's trust policy and role policy with the plan: image_partition.yml --check --diff."
FORM = "Check the bucket policy, and the clock of this machine."
POLICY = "Compare the form's policy conditions in the back end with docs/consumers.md."
PRIVATE = "Check the bucket's public access block and bucket policy: image_partition.yml --check --diff."
CORS = "Compare the bucket's CORS rules with the plan: image_partition.yml --check --diff."
# The names of checks that others rest on.
EVERY_FORMAT = "a presigned form uploads every format, in every size"
ORIGINS = "browsers may upload from the declared origins only"
INVALID = [403, "AccessDenied: Invalid according to Policy"]


def _code(answer: Answer) -> list[Any]:
    """The status with the error's code, and for a policy its verdict."""
    code, _colon, message = answer.error().partition(": ")
    verdict = message.partition(": ")[0]
    return [answer.status, f"{code}: {verdict}" if verdict == "Invalid according to Policy" else code]


def _open_form(context: VerificationContext, seconds: int = 900) -> dict[str, Any]:
    """A form for a new image of the first tenant.

    Raises SkippedError where uploads are limited to the network.
    """
    if context.network_only:
        raise SkippedError("uploads are limited to the VPC endpoint: run the verification inside that network")
    return _form(context, seconds)


def _form(context: VerificationContext, seconds: int = 900) -> dict[str, Any]:
    key = context.objects.new_key(context.tenant, "jpg")
    return context.presigner.form(key, "image/jpeg", context.tenant, seconds)


# -- the presigning role


def role_assumed(context: VerificationContext) -> tuple[Any, Any]:
    if not context.presigner.refusal:
        context.presigner.credentials()
    return "assumed", context.presigner.refusal or "assumed"


def role_refused(context: VerificationContext, method: str, path: str, body: bytes | None = None) -> tuple[Any, Any]:
    """One request that the presigning role may not make."""
    key, _image = context.objects.first(context.tenant)
    other_key, _other_image = context.objects.first(context.other_tenant)
    path = path.format(tenant=context.tenant, key=key, other_key=other_key)
    answer = context.presigner.request(method, path, body)
    return [403, "AccessDenied"], _code(answer)


def other_bucket_refused(context: VerificationContext) -> tuple[Any, Any]:
    bucket = context.options["other_bucket_name"]
    if not bucket:
        raise SkippedError("no other bucket is named (other_bucket_name)")
    # In another region than the bucket's, S3 redirects before it evaluates permissions.
    location = context.aws.call("s3", "get_bucket_location", Bucket=bucket).get("LocationConstraint")
    region = {None: "us-east-1", "EU": "eu-west-1"}.get(location, location)
    path = f"/{context.tenant}/images/x.jpg"
    return [403, "AccessDenied"], _code(context.presigner.request("PUT", path, b"x", bucket=bucket, region=region))


def role_refused_to_operator(context: VerificationContext) -> tuple[Any, Any]:
    context.presigner.credentials()  # skipped where the client role cannot be assumed either
    try:
        context.presigner.assume_role(context.options["presigning_role_arn"])
    except AwsError as error:
        return "AccessDenied", error.code
    return "AccessDenied", "assumed"


# -- the form


def network_limit(context: VerificationContext) -> tuple[Any, Any]:
    answer = context.presigner.post(_form(context), context.images[0].content)
    return 403 if context.network_only else 204, answer.status


def every_format(context: VerificationContext) -> tuple[Any, Any]:
    _open_form(context)
    answers = [(image, context.upload(image)[1]) for image in context.images]
    found = [f"{image.content_type} {answer.status}" for image, answer in answers]
    return [f"{image.content_type} 204" for image in context.images], found


def form_refused(context: VerificationContext, expected: list[Any], changed: dict[str, str | None]) -> tuple[Any, Any]:
    """A form with one field changed, added or removed."""
    form = _open_form(context)
    values = {k: v.format(other=context.other_tenant) if v else v for k, v in changed.items()}
    return expected, _code(context.presigner.post(form, context.images[0].content, **values))


def tampered_policy_refused(context: VerificationContext) -> tuple[Any, Any]:
    form = _open_form(context)
    document = json.loads(base64.b64decode(form["fields"]["policy"]))
    document["conditions"] = [["starts-with", "$key", ""]]
    policy = base64.b64encode(json.dumps(document).encode()).decode()
    answer = context.presigner.post(form, context.images[0].content, policy=policy)
    return [403, "SignatureDoesNotMatch"], _code(answer)


def expired_policy_refused(context: VerificationContext) -> tuple[Any, Any]:
    # Long expired, for a clock of this machine that is ahead of S3's.
    form = _open_form(context, seconds=-300)
    return INVALID, _code(context.presigner.post(form, context.images[0].content))


def size_refused(context: VerificationContext, size: int, code: str) -> tuple[Any, Any]:
    return [400, code], _code(context.presigner.post(_open_form(context), b"x" * size))


def unsigned_form_refused(context: VerificationContext) -> tuple[Any, Any]:
    fields = {"key": context.objects.new_key(context.tenant, "jpg"), "Content-Type": "image/jpeg"}
    answer = context.presigner.post({"url": f"{context.presigner.bucket_url}/", "fields": fields}, b"x")
    return [403, "AccessDenied"], _code(answer)


# -- the bucket


def stored_object(context: VerificationContext) -> tuple[Any, Any]:
    _open_form(context)
    image = context.images[0]
    key, answer = context.upload(image)
    if answer.status != 204:
        return 204, f"{answer.status} {answer.error()}"
    head = context.aws.call("s3", "head_object", Bucket=context.bucket, Key=key)
    metadata = {"tenant-id": context.tenant, "author": AUTHOR, "arda-key": key}
    expected = ["AES256", True, image.content_type, metadata]
    versioned = head.get("VersionId", "null") != "null"
    return expected, [head.get("ServerSideEncryption"), versioned, head["ContentType"], head["Metadata"]]


def upload_origins(context: VerificationContext) -> tuple[Any, Any]:
    origins = context.options["upload_origins"]
    foreign = f"https://{uuid.uuid4().hex}.example"
    url = f"{context.presigner.bucket_url}/"

    def allowed(origin: str) -> bool:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = context.http.request("OPTIONS", url, headers)
        return answer.status == 200 and answer.headers.get("access-control-allow-origin") in (origin, "*")

    if origins is None:  # all origins
        return {foreign: True}, {foreign: allowed(foreign)}
    wanted = {**dict.fromkeys(origins, True), foreign: False}
    return wanted, {origin: allowed(origin) for origin in wanted}


def etag_exposed(context: VerificationContext) -> tuple[Any, Any]:
    """What a browser needs to let the page see S3's answer, and the ETag in it."""
    answer = context.presigner.post(_open_form(context), context.images[0].content)
    origin = "*" if context.options["upload_origins"] is None else context.presigner.origin
    exposed = answer.headers.get("access-control-expose-headers", "").lower().replace(" ", "").split(",")
    return [204, origin, True], [
        answer.status,
        answer.headers.get("access-control-allow-origin"),
        "etag" in exposed,
    ]


def anonymous_read_refused(context: VerificationContext) -> tuple[Any, Any]:
    key, _image = context.objects.first(context.tenant)
    return [403, "AccessDenied"], _code(context.http.request("GET", f"{context.presigner.bucket_url}/{key}"))


def plain_http_refused(context: VerificationContext) -> tuple[Any, Any]:
    """Signed by a role that may write over TLS, so that only the missing TLS can be the cause of the refusal."""
    _open_form(context)
    key = f"/{context.objects.new_key(context.tenant, 'jpg')}"
    answers = {scheme: context.presigner.request("PUT", key, b"x", scheme=scheme) for scheme in ("https", "http")}
    return {"https": 200, "http": 403}, {scheme: answer.status for scheme, answer in answers.items()}


FORBIDDEN_REQUESTS: dict[str, tuple[str, str, bytes | None]] = {
    "list the bucket": ("GET", "/?list-type=2", None),
    "read an object": ("GET", "/{key}", None),
    "delete an object": ("DELETE", "/{other_key}", None),  # no other check reads it
    "write outside images/": ("PUT", "/{tenant}/other/x.jpg", b"x"),
}
REFUSED_FORMS: dict[str, tuple[list[Any], dict[str, str | None]]] = {
    "another tenant's key": (INVALID, {"key": "{other}/images/x.jpg"}),
    "a type that is no image": (INVALID, {"Content_Type": "text/html"}),
    "a form field without a condition": (INVALID, {"x_amz_meta_more": "1"}),
    "another tenant in the metadata": (INVALID, {"x_amz_meta_tenant_id": "{other}"}),
    "a form without its metadata": (INVALID, {"x_amz_meta_author": None}),
    "another encryption": (INVALID, {"x_amz_server_side_encryption": "aws:kms"}),
    "a wrong signature": ([403, "SignatureDoesNotMatch"], {"x_amz_signature": "0" * 64}),
}
REFUSED_SIZES = {
    "an empty file": (0, "EntityTooSmall"),
    "a file over 10 MiB": (Upload.max_bytes + 1, "EntityTooLarge"),
}

CHECKS = [
    Check("the presigning role can be assumed from the client role", ROLE, role_assumed),
    *(
        Check(
            f"the presigning role may not {name}",
            ROLE,
            partial(role_refused, method=method, path=path, body=body),
            after=(READERS,) if method == "GET" else (),
        )
        for name, (method, path, body) in FORBIDDEN_REQUESTS.items()
    ),
    Check("the presigning role may not write to another bucket", ROLE, other_bucket_refused),
    Check("the presigning role cannot be assumed by the operator directly", ROLE, role_refused_to_operator),
    Check(
        "uploads from outside the network are refused, where they are limited to it",
        "Check the statement of the VPC endpoint in the bucket policy.",
        network_limit,
    ),
    Check(EVERY_FORMAT, FORM, every_format),
    *(
        Check(f"refused: {name}", POLICY, partial(form_refused, expected=expected, changed=changed))
        for name, (expected, changed) in REFUSED_FORMS.items()
    ),
    Check("refused: a tampered policy", POLICY, tampered_policy_refused),
    Check("refused: an expired policy", POLICY, expired_policy_refused),
    *(
        Check(f"refused: {name}", POLICY, partial(size_refused, size=size, code=code))
        for name, (size, code) in REFUSED_SIZES.items()
    ),
    Check("refused: a form that nobody signed", PRIVATE, unsigned_form_refused),
    Check(
        "an uploaded object is encrypted, versioned and has its metadata",
        "Check the form's fields in the back end, and the bucket's versioning.",
        stored_object,
        reads=True,
        after=(EVERY_FORMAT,),
    ),
    Check(ORIGINS, CORS, upload_origins),
    Check("a page may read the ETag of its upload", CORS, etag_exposed, after=(ORIGINS, EVERY_FORMAT)),
    Check("S3 refuses an anonymous read", PRIVATE, anonymous_read_refused, after=(READERS,)),
    Check("S3 refuses plain HTTP", "Restore the statement TlsOnly of the bucket policy.", plain_http_refused),
]
