"""S3: what a bucket's configuration may be, what S3 adds to it, and when a change is visible."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

from defusedxml.ElementTree import fromstring

from .. import emulator
from ..http import Response
from ..persistence import memory
from . import Call, Proceed, rule
from .iam import unknown_principals

_MALFORMED_XML = "The XML you provided was not well-formed or did not validate against our published schema"
_CONFLICT = "A conflicting conditional operation is currently in progress against this resource. Please try again."
_MALFORMED_JSON = "Policies must be valid JSON and the first byte must be '{'"


def _bucket(call: Call) -> str:
    return call.request.path.lstrip("/").partition("/")[0]


@rule("s3:PutBucketLogging")
async def put_bucket_logging(call: Call, proceed: Proceed) -> Response:
    """The log bucket exists, and belongs to the same account and region. The second code is spelled so.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    target = fromstring(call.request.body).findtext(".//{*}TargetBucket")
    bucket = _bucket(call)
    if not target or emulator.bucket_owner(bucket) is None:
        return await proceed()
    owner = emulator.bucket_owner(target)
    if owner is None:
        return call.refuse("InvalidTargetBucketForLogging", "The target bucket for logging does not exist")
    if owner != emulator.bucket_owner(bucket):
        message = "The owner for the bucket to be logged and the target bucket must be the same."
        return call.refuse("InvalidTargetBucketForLogging", message)
    if emulator.bucket_region(target) != emulator.bucket_region(bucket):
        return call.refuse("CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", 403)
    return await proceed()


@rule("s3:PutBucketLifecycleConfiguration")
async def put_bucket_lifecycle(call: Call, proceed: Proceed) -> Response:
    """A rule has a filter (or the older prefix); S3 assigns an ID to a rule without one.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
    """
    for declared in fromstring(call.request.body).findall("{*}Rule"):
        if declared.find("{*}Filter") is None and declared.find("{*}Prefix") is None:
            return call.refuse("MalformedXML", _MALFORMED_XML)
    response = await proceed()
    for kept in emulator.lifecycle_rules(_bucket(call)):
        kept.setdefault("ID", base64.b64encode(str(uuid.uuid4()).encode()).decode())
    return response


@rule("s3:PutBucketPolicy")
async def put_bucket_policy(call: Call, proceed: Proceed) -> Response:
    """A policy is JSON, names existing principals, and its own bucket only.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (MalformedPolicy)
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
    """
    try:
        document = json.loads(call.request.body)
    except ValueError:
        return call.refuse("MalformedPolicy", _MALFORMED_JSON)
    if not isinstance(document, dict):
        return call.refuse("MalformedPolicy", _MALFORMED_JSON)
    if unknown_principals(call, document):
        return call.refuse("MalformedPolicy", "Invalid principal in policy")
    own = f"arn:aws:s3:::{_bucket(call)}"
    if any(resource != own and not resource.startswith(f"{own}/") for resource in _resources(document)):
        return call.refuse("MalformedPolicy", "Policy has invalid resource")
    return await proceed()


def _resources(document: dict[str, Any]) -> list[str]:
    statements = document.get("Statement", [])
    found = [one.get("Resource", []) for one in (statements if isinstance(statements, list) else [statements])]
    return [resource for one in found for resource in (one if isinstance(one, list) else [one])]


@rule("s3:GetBucketEncryption")
async def get_bucket_encryption(call: Call, proceed: Proceed) -> Response:
    """The answer says whether the bucket key is enabled, also if nobody has.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html
    """
    response = await proceed()
    if b"BucketKeyEnabled" in response.body:
        return response
    return response.with_body(response.body.replace(b"</Rule>", b"<BucketKeyEnabled>false</BucketKeyEnabled></Rule>"))


#: The read of each part of the configuration, by the writes that change it.
_READS = {
    "PutBucketEncryption": "GetBucketEncryption",
    "PutBucketVersioning": "GetBucketVersioning",
    "PutBucketLogging": "GetBucketLogging",
    "PutBucketOwnershipControls": "GetBucketOwnershipControls",
    "PutPublicAccessBlock": "GetPublicAccessBlock",
    "PutBucketPolicy": "GetBucketPolicy",
    "DeleteBucketPolicy": "GetBucketPolicy",
    "PutBucketCors": "GetBucketCors",
    "DeleteBucketCors": "GetBucketCors",
    "PutBucketTagging": "GetBucketTagging",
    "DeleteBucketTagging": "GetBucketTagging",
    "PutBucketLifecycleConfiguration": "GetBucketLifecycleConfiguration",
    "DeleteBucketLifecycle": "GetBucketLifecycleConfiguration",
}
_CHANGED: dict[tuple[str, str], float] = memory()  # when, by bucket and read
_ANSWERED: dict[tuple[str, str], Response] = memory()  # the last current answer


@rule(*(f"s3:{name}" for name in _READS))
async def change_configuration(call: Call, proceed: Proceed) -> Response:
    """A change that follows another one of the same bucket may be refused.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (OperationAborted)
    https://github.com/hashicorp/terraform-provider-aws/issues/7628 (by PutPublicAccessBlock and PutBucketPolicy)
    """
    bucket, now = _bucket(call), time.time()
    latest = max((when for (name, _read), when in _CHANGED.items() if name == bucket), default=0.0)
    if now - latest < call.settings.delays["bucket_conflict"]:
        return call.refuse("OperationAborted", _CONFLICT, 409)
    response = await proceed()
    if response.status < 300:
        _CHANGED[bucket, _READS[call.operation.name]] = now
    return response


@rule(*(f"s3:{name}" for name in sorted(set(_READS.values()))))
async def previous_configuration(call: Call, proceed: Proceed) -> Response:
    """A bucket's configuration is eventually consistent: a read may return what was there before a change.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html (Amazon S3 data consistency model)
    """
    delay = call.settings.delays["bucket_configuration"]
    if not delay:
        return await proceed()
    key = (_bucket(call), call.operation.name)
    if key not in _ANSWERED or time.time() - _CHANGED.get(key, 0) >= delay:
        _ANSWERED[key] = await proceed()
    return _ANSWERED[key]
