"""The emulator underneath; only this module, authorization.py and persistence.py know its inside.

ministack keeps each service's records in module-level stores keyed by account; the rules read and amend those records
here, through plain functions, so that a new version of ministack is one file's work.
"""

from __future__ import annotations

import asyncio
import contextvars
import copy
import importlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from . import authorization
from .http import Request
from .settings import HOST, ROOT_SECRET, SERVICES, Settings

#: How long the operation of a stack takes that the current call starts.
STACK_SECONDS: contextvars.ContextVar[float] = contextvars.ContextVar("stack_seconds", default=0.0)


def prepare_environment(settings: Settings) -> None:
    """Set what ministack reads at import. Must run before the first import of it."""
    settings.state.mkdir(parents=True, exist_ok=True)
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "DOCKER_HOST"):
        os.environ.pop(name, None)
    os.environ.update(
        SERVICES=SERVICES,
        AUTH="true",
        GATEWAY_PORT=str(settings.api_port),
        BIND_HOST=HOST,
        MINISTACK_HOST=HOST,
        MINISTACK_ACCOUNT_ID="000000000000",
        MINISTACK_REGION="us-east-1",
        IOT_MTLS_ENABLED="0",  # it would listen on 0.0.0.0:8883
        SFTP_ENABLED="0",
        PERSIST_STATE="1",
        STATE_DIR=str(settings.state),
        S3_PERSIST="1",
        S3_DATA_DIR=str(settings.state / "s3"),
        AWS_ACCESS_KEY_ID="000000000000",
        AWS_SECRET_ACCESS_KEY=ROOT_SECRET,
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
    )


def load_app() -> Callable:
    """ministack as an ASGI application."""
    app = importlib.import_module("ministack.app").app
    _let_session_keys_sign_forms()
    _keep_zone_tags_of_every_account()
    authorization.authorize_as_documented()
    _judge_signatures_by_our_clock()
    # The id of a key group is a UUID: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_GetKeyGroup.html
    _service("cloudfront")._kg_id = lambda: str(uuid.uuid4())
    return app


def _let_session_keys_sign_forms() -> None:
    """A browser's form may be signed by a role's session; ministack finds the account of long-lived keys alone.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html (x-amz-security-token)
    """
    s3 = _service("s3")
    original = s3._account_from_access_key
    s3._account_from_access_key = lambda access_key: account_of(access_key) or original(access_key)


#: How far AWS's clock is ahead of this machine's, in seconds: the sandbox can make the caller's clock wrong.
clock_ahead = 0.0


def _judge_signatures_by_our_clock() -> None:
    sigv4: Any = importlib.import_module("ministack.core.sigv4")
    original = sigv4.request_time_failure

    def judged(signature: Any, **_now: Any) -> tuple[str, str] | None:
        return original(signature, now=datetime.now(UTC) + timedelta(seconds=clock_ahead))

    sigv4.request_time_failure = judged


def set_clock(ahead: float) -> None:
    """Set how far AWS's clock is ahead of this machine's, in seconds."""
    global clock_ahead
    clock_ahead = ahead


def _keep_zone_tags_of_every_account() -> None:
    """route53 writes down the tags of the account that asks, and at shutdown nobody asks."""
    route53 = _service("route53")
    save, load = route53.get_state, route53.load_persisted_state

    def load_all(data: dict) -> None:
        load(data)
        route53._tags._data.update(data["tags_of_all"]._data if "tags_of_all" in data else {})

    route53.get_state = lambda: {**save(), "tags_of_all": copy.deepcopy(route53._tags)}
    route53.load_persisted_state = load_all


def _service(name: str) -> Any:
    return importlib.import_module(f"ministack.services.{name}")


def _entries(service: str, store: str) -> Iterator[tuple[str, Any, Any]]:
    """(account, key, record) over every account and region of a store."""
    for key, record in list(getattr(_service(service), store)._data.items()):
        yield key[0], key[-1], record


def zones(private: bool = False) -> list[dict]:
    """Every public hosted zone, or every zone: its record with ``account`` and ``records`` added."""
    records = {(account, key): value for account, key, value in _entries("route53", "_records")}
    return [
        {**zone, "account": account, "records": records.get((account, zone_id), [])}
        for account, zone_id, zone in _entries("route53", "_zones")
        if private or not zone.get("private")
    ]


def replace_default_name_servers(zone_id: str, name_servers: list[str]) -> None:
    """Give a new zone name servers of its own: the emulator gives every zone the same four."""
    for _account, key, records in _entries("route53", "_records"):
        if key != zone_id:
            continue
        for record in records:
            if record["Type"] == "NS" and record["TTL"] == "172800":
                record["ResourceRecords"] = [f"{server}." for server in name_servers]
            elif record["Type"] == "SOA":
                rest = record["ResourceRecords"][0].split(" ", 1)[1]
                record["ResourceRecords"] = [f"{name_servers[0]}. {rest}"]


def zone_by_caller_reference(account: str, reference: str) -> str | None:
    for owner, key, zone_id in _entries("route53", "_caller_refs"):
        if (owner, key) == (account, reference):
            return zone_id
    return None


def certificates() -> Iterator[tuple[str, dict]]:
    """(account, certificate), each the live record: what a rule writes into it, AWS calls answer."""
    for account, _arn, certificate in _entries("acm", "_certificates"):
        yield account, certificate


def distributions() -> Iterator[tuple[str, dict]]:
    for account, _id, distribution in _entries("cloudfront", "_distributions"):
        yield account, distribution


def owned(records: Iterable[tuple[str, dict]], account: str) -> list[dict]:
    """The records of one account."""
    return [record for owner, record in records if owner == account]


def rename_etag(account: str, etag: str, renamed: str) -> None:
    """Give the CloudFront resource with an ETag another one."""
    stores = ("_distributions", "_public_keys", "_key_groups", "_oacs", "_response_headers_policies")
    for store in stores:
        for owner, _id, record in _entries("cloudfront", store):
            if owner == account and record["ETag"] == etag:
                record["ETag"] = renamed


def public_keys() -> Iterator[tuple[str, dict]]:
    for account, _id, key in _entries("cloudfront", "_public_keys"):
        yield account, key


def key_groups() -> Iterator[tuple[str, dict]]:
    for account, _id, group in _entries("cloudfront", "_key_groups"):
        yield account, group


def origin_access_controls() -> Iterator[tuple[str, dict]]:
    for account, _id, control in _entries("cloudfront", "_oacs"):
        yield account, control


def policy(kind: str, account: str, policy_id: str) -> dict | None:
    """A policy of CloudFront, managed ones included; ``kind`` is cache, origin_request or response_headers."""
    service = _service("cloudfront")
    managed = getattr(service, f"_MANAGED_{kind.upper()}_POLICIES")
    if policy_id in managed:
        return managed[policy_id]
    return getattr(service, f"_{kind}_policies")._data.get((account, policy_id))


def invalidations(account: str, distribution_id: str) -> list[dict]:
    return _service("cloudfront")._invalidations._data.get((account, distribution_id), [])


def bucket_owner(bucket: str) -> str | None:
    """The account that owns a bucket: names are global."""
    return next((account for account, key, _record in _entries("s3", "_buckets") if key == bucket), None)


def bucket_created(bucket: str) -> float:
    """When a bucket was created, in seconds since the Unix epoch."""
    created = next(record["created"] for _account, key, record in _entries("s3", "_buckets") if key == bucket)
    return datetime.fromisoformat(created.replace("Z", "+00:00")).timestamp()


def bucket_policy(bucket: str) -> str | None:
    for _account, key, document in _entries("s3", "_bucket_policies"):
        if key == bucket:
            return document
    return None


def bucket_region(bucket: str) -> str:
    return next(record["region"] for _account, key, record in _entries("s3", "_buckets") if key == bucket)


def lifecycle_rules(bucket: str) -> list[dict]:
    """The live lifecycle rules of a bucket."""
    return next((rules for _account, key, rules in _entries("s3", "_bucket_lifecycle") if key == bucket), [])


def log_deliveries(account: str) -> list[dict]:
    return [record for owner, _id, record in _entries("cloudwatch_logs", "_deliveries") if owner == account]


def delivery_bucket(destination_arn: str) -> str:
    """The bucket of a delivery destination; the empty string for one of another kind."""
    for _account, _name, record in _entries("cloudwatch_logs", "_delivery_destinations"):
        if record["arn"] == destination_arn:
            target = record["deliveryDestinationConfiguration"].get("destinationResourceArn", "")
            return target.removeprefix("arn:aws:s3:::").partition("/")[0] if ":s3:" in target else ""
    return ""


def principals(account: str) -> dict[str, dict]:
    """The live record of every role and user of an account, by its ARN."""
    kinds = ("_roles", "_users")
    entries = (entry for kind in kinds for entry in _entries("iam", kind))
    return {record["Arn"]: record for owner, _name, record in entries if owner == account}


def account_of(access_key: str) -> str:
    """The account that an access key acts in; the empty string for an anonymous or unknown caller."""
    if len(access_key) == 12 and access_key.isdigit():
        return access_key
    session = _service("sts")._sessions.get(access_key)
    return session["Arn"].split(":")[4] if session else ""


def session_secrets() -> list[str]:
    """The secret keys and the tokens of all sessions."""
    sessions = _service("sts")._sessions.values()
    return [
        str(session[name]) for session in sessions for name in ("SecretAccessKey", "SessionToken") if session.get(name)
    ]


def caller_arn(access_key: str) -> str:
    session = _service("sts")._sessions.get(access_key)
    if session:
        return session["Arn"]
    account = account_of(access_key)
    return f"arn:aws:iam::{account}:root" if account else "anonymous"


def root_signature_failure(request: Request) -> tuple[dict[str, str], str, int] | None:
    """Why the signature of an account's root is refused: codes by service (``""`` for others), message and status.

    None where it is right, and for other callers, whose signatures the emulator checks. It takes the number of an
    account for a key that needs no signature. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
    """
    sigv4 = importlib.import_module("ministack.core.sigv4")
    presigned = "authorization" not in request.headers
    signature = (
        sigv4.parse_query_signature(request.query) if presigned else sigv4.parse_header_signature(request.headers)
    )
    failure = (
        signature
        if isinstance(signature, tuple)
        else (None if presigned else sigv4.request_time_failure(signature))
        or sigv4.header_signature_failure(
            signature,
            ROOT_SECRET,
            request.method,
            request.scope.get("raw_path", b"").decode() or request.path,
            request.query,
            request.headers,
            request.body,
            presigned=presigned,
        )
    )
    if failure is None:
        return None
    code, message = failure
    query, status, json_code, s3 = importlib.import_module("ministack.core.iam_actions")._AUTH_FAILURES[code]
    return {"": query, "acm": json_code, "secretsmanager": json_code, "s3": s3[0]}, message, status


def keep_caller_reference(account: str, reference: str, zone_id: str) -> None:
    _service("route53")._caller_refs._data[(account, reference)] = zone_id


def secret(account: str, region: str, name_or_arn: str) -> dict | None:
    for key, record in list(_service("secretsmanager")._secrets._data.items()):
        here = key[0] == account and (len(key) == 2 or key[1] == region)
        if here and name_or_arn in (record["Name"], record["ARN"]):
            return record
    return None


def exports(account: str, region: str) -> dict[str, tuple[str, str]]:
    """The value and the exporting stack's ARN of every export, by its name."""
    with _scope(account, region):
        return {name: (e["Value"], e["StackId"]) for name, e in _service("cloudformation")._exports.items()}


def stack(account: str, region: str, name_or_id: str) -> dict | None:
    """The live record of a stack."""
    with _scope(account, region):
        return _service("cloudformation.handlers")._resolve_stack(name_or_id)


def add_stack_events(account: str, region: str, record: dict, *events: tuple[str, str]) -> None:
    """Events of a stack itself, each a status and a reason."""
    stacks = _service("cloudformation.stacks")
    with _scope(account, region):
        for status, reason in events:
            kind, name, arn = "AWS::CloudFormation::Stack", record["StackName"], record["StackId"]
            stacks._add_event(arn, name, name, kind, status, reason, physical_id=arn)


def _scope(account: str, region: str) -> Any:
    return importlib.import_module("ministack.core.responses").request_scope(account, region)


def judge_stack_outputs(refusal: Callable[[str, dict[str, str]], str]) -> None:
    """Let an operation of a stack take STACK_SECONDS, and roll it back if its exports are refused.

    ``refusal(stack_id, exports)`` returns the reason, or the empty string. AWS decides once the resources exist, and
    gives the reason in the stack's own rollback event.
    """
    service = _service("cloudformation")
    stacks, handlers, changesets = (_service(f"cloudformation.{name}") for name in ("stacks", "handlers", "changesets"))
    resolve, roll_back, deploy = stacks._resolve_stack_outputs, stacks._roll_back_operation, stacks._deploy_stack_async
    refused: dict[str, str] = {}

    def resolve_judged(*arguments: Any) -> tuple[list, dict]:
        outputs, declared = resolve(*arguments)
        stack_id = arguments[-1]
        if reason := refusal(stack_id, {name: export["Value"] for name, export in declared.items()}):
            refused[stack_id] = reason
            raise ValueError(reason)
        for name, export in list(service._exports.items()):
            if export["StackId"] == stack_id and name not in declared:
                service._exports.pop(name)
        return outputs, declared

    async def roll_back_with_reason(
        name: str, stack_id: str, record: dict, operation: dict, reason_override: str = ""
    ) -> None:
        reason = refused.pop(stack_id, "")
        if reason:
            service._stack_events[stack_id].pop()  # the emulator's own *_FAILED event, which AWS does not have
        await roll_back(name, stack_id, record, operation, reason_override or reason)

    async def deploy_slowly(*arguments: Any, **options: Any) -> None:
        await asyncio.sleep(STACK_SECONDS.get())
        await deploy(*arguments, **options)

    stacks._resolve_stack_outputs, stacks._roll_back_operation = resolve_judged, roll_back_with_reason
    handlers._deploy_stack_async = changesets._deploy_stack_async = deploy_slowly


def imported_exports(account: str, region: str, stack_name: str) -> Iterator[tuple[str, str, list[str]]]:
    """(name, value, importing stacks) of every export of a stack that another stack imports."""
    handlers = importlib.import_module("ministack.services.cloudformation.handlers")
    with _scope(account, region):
        service = _service("cloudformation")
        stacks = dict(service._stacks.items())
        for name, export in list(service._exports.items()):
            own = stacks.get(stack_name) or {}
            if export["StackId"] not in (own.get("StackId"), stack_name):
                continue
            importers = sorted(
                other
                for other, stack in stacks.items()
                if "DELETE" not in stack.get("StackStatus", "")
                and name in handlers._imported_export_names(stack, other)
            )
            if importers:
                yield name, export["Value"], importers
