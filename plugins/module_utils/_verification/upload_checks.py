# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the way up: the presigning role, the presigned form, and what the bucket makes of it."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

from .._aws import AwsError
from .._s3.presigned_post import Upload
from .context import Check, Image, Journey, NotRun, registrar

CHECKS: list[Check] = []
check = registrar(CHECKS)

ROLE = "the presigning role's trust and policy (aws iam get-role, get-role-policy)"
FORM = "the bucket policy, and the clock of this machine"
POLICY = "the form's policy conditions in the back end"


@check("the presigning role can be assumed from the client role", ROLE)
def assumed(journey: Journey) -> tuple[Any, Any]:
    journey.presigner()
    return "assumed", "assumed"


def _role_check(name: str, method: str, path: str, body: bytes | None = None) -> None:
    """The presigning role may not do one thing."""

    @check(f"the presigning role may not {name}", ROLE)
    def refused(journey: Journey) -> tuple[Any, Any]:
        target = path.format(tenant=journey.tenant, key=journey.key_of(journey.tenant))
        answer = journey.s3_as_presigner(method, target, body)
        return [403, "AccessDenied"], [answer.status, answer.error().partition(":")[0]]


_role_check("list the bucket", "GET", "/?list-type=2")
_role_check("read an object", "GET", "/{key}")
_role_check("delete an object", "DELETE", "/{key}")
_role_check("write outside images/", "PUT", "/{tenant}/other/x.jpg", b"x")


@check("the presigning role may not write to another bucket", ROLE)
def other_bucket(journey: Journey) -> tuple[Any, Any]:
    if not journey.options["other_bucket_name"]:
        raise NotRun("no other bucket is named (other_bucket_name)")
    bucket = journey.options["other_bucket_name"]
    # Asked in another region, S3 redirects before it looks at who asks.
    location = journey.aws.call("s3", "get_bucket_location", Bucket=bucket).get("LocationConstraint")
    region = {None: "us-east-1", "EU": "eu-west-1"}.get(location, location)
    path = f"/{journey.tenant}/images/x.jpg"
    answer = journey.s3_as_presigner("PUT", path, b"x", bucket=bucket, region=region)
    return [403, "AccessDenied"], [answer.status, answer.error().partition(":")[0]]


@check("the presigning role cannot be assumed by the operator directly", ROLE)
def not_by_anyone(journey: Journey) -> tuple[Any, Any]:
    journey.presigner()  # says why, where the way of the client role is closed
    try:
        journey.assume(journey.options["presigning_role_arn"], None)
    except AwsError as error:
        return "AccessDenied", error.code
    return "AccessDenied", "assumed"


def open_form(journey: Journey, **changed: Any) -> dict[str, Any]:
    """A form for a new image of the first tenant, where uploads are not limited to the network."""
    if journey.network_only:
        raise NotRun("uploads are limited to the VPC endpoint: run the verification inside that network")
    return journey.form(journey.new_key(journey.tenant, "jpg"), "image/jpeg", journey.tenant, **changed)


@check("uploads from outside the network are refused, where they are limited to it", "the bucket policy's endpoint")
def network(journey: Journey) -> tuple[Any, Any]:
    form = journey.form(journey.new_key(journey.tenant, "jpg"), "image/jpeg", journey.tenant)
    answer = journey.post(form, journey.images[0].content)
    return 403 if journey.network_only else 204, answer.status


@check("a presigned form uploads every format, in every size", FORM)
def formats(journey: Journey) -> tuple[Any, Any]:
    open_form(journey)
    answers = [(image, *journey.upload(image, journey.tenant)) for image in journey.images]
    found = [f"{image.content_type} {answer.status}" for image, _key, answer in answers]
    return [f"{image.content_type} 204" for image in journey.images], found


def _refusal(name: str, expected: tuple[int, str], **changed: str | None) -> None:
    """A form of which one thing is changed is refused."""

    @check(f"refused: {name}", POLICY)
    def refused(journey: Journey) -> tuple[Any, Any]:
        form = open_form(journey)
        values = {k: v.format(other=journey.other_tenant) if v else v for k, v in changed.items()}
        answer = journey.post(form, journey.images[0].content, **values)
        return list(expected), [answer.status, _code(answer.error())]


def _code(error: str) -> str:
    """The error's code, and for a policy its verdict."""
    code, _colon, message = error.partition(": ")
    verdict = message.partition(": ")[0]
    return f"{code}: {verdict}" if verdict == "Invalid according to Policy" else code


INVALID = (403, "AccessDenied: Invalid according to Policy")
_refusal("another tenant's key", INVALID, key="{other}/images/x.jpg")
_refusal("a type that is no image", INVALID, Content_Type="text/html")
_refusal("a form field without a condition", INVALID, x_amz_meta_more="1")
_refusal("another tenant in the metadata", INVALID, x_amz_meta_tenant_id="{other}")
_refusal("a form without its metadata", INVALID, x_amz_meta_author=None)
_refusal("another encryption", INVALID, x_amz_server_side_encryption="aws:kms")
_refusal("a wrong signature", (403, "SignatureDoesNotMatch"), x_amz_signature="0" * 64)


@check("refused: a tampered policy", POLICY)
def tampered(journey: Journey) -> tuple[Any, Any]:
    form = open_form(journey)
    document = json.loads(base64.b64decode(form["fields"]["policy"]))
    document["conditions"] = [["starts-with", "$key", ""]]
    policy = base64.b64encode(json.dumps(document).encode()).decode()
    answer = journey.post(form, journey.images[0].content, policy=policy)
    return [403, "SignatureDoesNotMatch"], [answer.status, _code(answer.error())]


@check("refused: an expired policy", POLICY)
def expired(journey: Journey) -> tuple[Any, Any]:
    form = open_form(journey, seconds=1)
    time.sleep(2.1)
    answer = journey.post(form, journey.images[0].content)
    return list(INVALID), [answer.status, _code(answer.error())]


def _size_check(name: str, size: int, code: str) -> None:
    @check(f"refused: {name}", POLICY)
    def refused(journey: Journey) -> tuple[Any, Any]:
        answer = journey.post(open_form(journey), b"x" * size)
        return [400, code], [answer.status, _code(answer.error())]


_size_check("an empty file", 0, "EntityTooSmall")
_size_check("a file over 10 MiB", Upload.max_bytes + 1, "EntityTooLarge")


@check("refused: a form that nobody signed", "the bucket's public access block and policy")
def anonymous_form(journey: Journey) -> tuple[Any, Any]:
    fields = {"key": journey.new_key(journey.tenant, "jpg"), "Content-Type": "image/jpeg"}
    answer = journey.post({"url": f"{journey.bucket_url}/", "fields": fields}, b"x")
    return [403, "AccessDenied"], [answer.status, _code(answer.error())]


@check("an uploaded object is encrypted, versioned and has its metadata", "the form's fields, the bucket's versioning")
def stored(journey: Journey) -> tuple[Any, Any]:
    open_form(journey)
    key, answer = journey.upload(journey.images[0], journey.tenant)
    if answer.status != 204:
        return 204, f"{answer.status} {answer.error()}"
    head = journey.aws.call("s3", "head_object", Bucket=journey.bucket, Key=key)
    metadata = {"tenant-id": journey.tenant, "author": "image-delivery-check", "arda-key": key}
    expected = ["AES256", True, journey.images[0].content_type, metadata]
    versioned = head.get("VersionId", "null") != "null"
    return expected, [head.get("ServerSideEncryption"), versioned, head["ContentType"], head["Metadata"]]


@check("browsers may upload from the declared origins alone", "the bucket's CORS rules")
def upload_cors(journey: Journey) -> tuple[Any, Any]:
    origins = journey.options["upload_origins"]
    foreign = f"https://{uuid.uuid4().hex}.example"
    asked = {"Access-Control-Request-Method": "POST"}
    url = f"{journey.bucket_url}/"

    def allowed(origin: str) -> bool:
        answer = journey.viewer.request("OPTIONS", url, {"Origin": origin, **asked})
        return answer.status == 200 and answer.headers.get("access-control-allow-origin") in (origin, "*")

    if origins is None:  # all origins
        return {foreign: True}, {foreign: allowed(foreign)}
    wanted = {**dict.fromkeys(origins, True), foreign: False}
    return wanted, {origin: allowed(origin) for origin in wanted}


@check("S3 refuses an anonymous read", "the bucket's public access block and policy")
def anonymous_read(journey: Journey) -> tuple[Any, Any]:
    answer = journey.viewer.request("GET", f"{journey.bucket_url}/{journey.key_of(journey.tenant)}")
    return [403, "AccessDenied"], [answer.status, _code(answer.error())]


@check("S3 refuses plain HTTP", "the statement TlsOnly of the bucket policy")
def plain_http(journey: Journey) -> tuple[Any, Any]:
    """By who may write over TLS, so that nothing but the missing TLS can be what refuses."""
    open_form(journey)
    key = f"/{journey.new_key(journey.tenant, 'jpg')}"
    answers = {scheme: journey.s3_as_presigner("PUT", key, b"x", scheme=scheme) for scheme in ("https", "http")}
    return {"https": 200, "http": 403}, {scheme: answer.status for scheme, answer in answers.items()}


def svg() -> Image:
    """An SVG that would run a script if a browser let it."""
    text = '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="harm"</script></svg>'
    return Image(text.encode(), "image/svg+xml", "svg")
