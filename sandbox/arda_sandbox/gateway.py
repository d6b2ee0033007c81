"""The AWS endpoint: the emulator with AWS's other rules, a journal of calls, and faults on demand around it."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from . import dns, emulator
from .edge import applications
from .errors import aws_error
from .faults import AFTER, READS, ConnectionDroppedError, Fault, Faults, error_response
from .http import Request, Response, ask
from .operations import identify
from .persistence import StateError, StateFiles, wipe_state
from .rules import Call, advance, chain
from .seed import seed_if_empty
from .settings import Settings, SettingsError, checked_delays

#: How long a stack may take beyond its delay, in seconds.
STACK_MARGIN = 0.5
LONGEST_BODY = 20_000  # bytes of a request that the journal keeps, where it keeps any


class Gateway:
    def __init__(self, app: Callable, settings: Settings, files: StateFiles) -> None:
        self._app = app
        self._files = files
        self._settings = settings
        self._first_delays = dict(settings.delays)
        self._faults = Faults()
        self._writes = asyncio.Lock()
        self._journal = settings.journal_file.open("a", buffering=1)
        self._seeded = settings.directory / "seeded"
        shutil.rmtree(self._seeded, ignore_errors=True)  # of another version, perhaps

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = scope
        if not any(name == b"x-forwarded-proto" for name, _ in scope["headers"]):
            # This port stands for AWS's own endpoints, which SDKs reach over TLS; the edge says itself what it was.
            scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        request = await Request.read(scope, receive)
        if request.path.startswith("/_sandbox/"):
            await (await self._control(request)).send(send)
        elif request.path.startswith("/_ministack/") or request.path == "/health":
            await (await ask(self._app, request)).send(send)
        else:
            try:
                await (await self._aws_call(request)).send(send)
            except ConnectionDroppedError:
                connection["arda.dropped"] = True  # the server closes the connection without a word

    def close(self) -> None:
        """Let go of every call that hangs by a fault."""
        self._faults.replace([])

    async def _aws_call(self, request: Request) -> Response:
        operation = identify(request)
        call = Call(operation, request, emulator.account_of(operation.access_key), self._settings)
        faults = self._faults.match(operation, call.account, request.headers.get("amz-sdk-request", ""))
        started = time.time()
        for fault in faults:
            if fault.kind not in AFTER and (answer := await self._inject(fault, operation.service)):
                self._record(call, started, answer.status, faults)
                return answer
        if refusal := self._signature_refusal(call):
            self._record(call, started, refusal.status, faults)
            return refusal
        # One control-plane write at a time: a rule's look and the write it guards are one step, as on AWS.
        if operation.service in ("s3", "sts") or request.method == "GET":
            response = await chain(call, lambda: ask(self._app, request))
        else:
            async with self._writes:
                response = await chain(call, lambda: ask(self._app, request))
        response = self._kept(call, response)
        self._record(call, started, response.status, faults)
        for fault in faults:
            if fault.kind in AFTER and (answer := await self._inject(fault, operation.service)):
                return answer
        return response

    def _kept(self, call: Call, response: Response) -> Response:
        """The answer to a call, once what it has changed is on disk; an error of AWS's if that cannot be."""
        operation = call.operation
        if response.status >= 400 or operation.name.startswith(READS):
            return response
        try:
            self._files.after(operation.service, operation.name)
        except StateError as error:
            return call.refuse("InternalFailure", str(error), 500)
        if operation.service == "cloudformation":  # goes on after the answer
            pause = self._settings.delays["stack"] + STACK_MARGIN
            asyncio.get_running_loop().call_later(pause, self._files.write)
        return response

    @staticmethod
    def _signature_refusal(call: Call) -> Response | None:
        key = call.operation.access_key
        failure = emulator.root_signature_failure(call.request) if key and key == call.account else None
        if failure is None:
            return None
        codes, message, status = failure
        return call.refuse(codes.get(call.operation.service, codes[""]), message, status)

    def _record(self, call: Call, started: float, status: int, faults: list[Fault]) -> None:
        """Write a call down, once it took effect (or was kept from it)."""
        record = {
            "time": round(started, 3),
            "seconds": round(time.time() - started, 4),
            "account": call.account,
            "caller": emulator.caller_arn(call.operation.access_key),
            "operation": str(call.operation),
            "region": call.operation.region,
            "path": call.request.path,
            "status": status,
            "faults": [fault.kind for fault in faults],
        }
        if self._settings.journal_bodies and call.operation.service != "secretsmanager":
            record["body"] = call.request.body[:LONGEST_BODY].decode(errors="replace")
        self._journal.write(json.dumps(record) + "\n")

    async def _inject(self, fault: Fault, service: str) -> Response | None:
        if fault.kind.startswith("drop"):
            raise ConnectionDroppedError
        if fault.kind.startswith("hang"):
            await self._faults.hang()
        await asyncio.sleep(fault.seconds)
        return None if fault.kind == "latency" else error_response(fault, service)

    async def _control(self, request: Request) -> Response:
        """The sandbox's own endpoint, for its command line and the tests."""
        try:
            return await self._controlled(request)
        except (SettingsError, StateError, ValueError, TypeError, AttributeError) as error:
            return _json(400, {"error": str(error)})

    async def _controlled(self, request: Request) -> Response:
        if request.path == "/_sandbox/faults":
            if request.method == "POST":
                self._faults.replace(json.loads(request.body))
            elif request.method == "DELETE":
                self._faults.replace([])
            return _json(200, self._faults.show())
        if request.path == "/_sandbox/delays":
            return self._set_delays(request)
        if request.path == "/_sandbox/clock" and request.method == "POST":
            emulator.set_clock(float(json.loads(request.body)))
            return _json(200, emulator.clock_ahead)
        if request.path == "/_sandbox/sessions":  # for tests that search for their secrets
            return _json(200, emulator.session_secrets())
        if request.path == "/_sandbox/applications" and request.method == "POST":
            return _json(200, applications.register(json.loads(request.body)))
        if request.path == "/_sandbox/parent":
            return _set_parent(request)
        if request.path == "/_sandbox/advance" and request.method == "POST":
            advance(self._settings)
            return _json(200, {})
        if request.path == "/_sandbox/reset" and request.method == "POST":
            await self._reset()
            self._journal.truncate(0)
            return _json(200, {})
        if request.path == "/_sandbox/save" and request.method == "POST":
            self._files.save(_folder(request))
            return _json(200, {})
        if request.path == "/_sandbox/load" and request.method == "POST":
            self._load(_folder(request))
            return _json(200, {})
        if request.path == "/_sandbox/status":
            return _json(200, {"endpoint": self._settings.endpoint, "directory": str(self._settings.directory)})
        return aws_error("s3", "NoSuchKey", "No such control endpoint", 404)

    async def _reset(self) -> None:
        """The state as it is at the start: seeded the first time, and a copy of that from then on."""
        if self._seeded.exists():
            self._load(self._seeded)
            return
        self._disturb_nothing()
        wipe_state()
        await asyncio.get_running_loop().run_in_executor(None, seed_if_empty, self._settings)
        self._files.save(self._seeded)

    def _load(self, folder: Path) -> None:
        self._disturb_nothing()
        self._files.load(folder)

    def _disturb_nothing(self) -> None:
        self._faults.replace([])
        self._settings.delays.update(self._first_delays)
        emulator.set_clock(0)

    def _set_delays(self, request: Request) -> Response:
        """``POST`` a JSON object sets some delays, ``DELETE`` sets all to those of the start, ``GET`` shows them."""
        if request.method == "POST":
            document = json.loads(request.body)
            if not isinstance(document, dict):
                raise SettingsError('Expected a JSON object of delays and seconds, such as {"deploy": 5}.')
            self._settings.delays.update(checked_delays(document))
        elif request.method == "DELETE":
            self._settings.delays.update(self._first_delays)
        return _json(200, self._settings.delays)


def _folder(request: Request) -> Path:
    """Raises ValueError for anything but an absolute path."""
    if not (folder := Path(json.loads(request.body))).is_absolute():
        raise ValueError(f"Expected the absolute path of a folder, found {folder}.")
    return folder


def _set_parent(request: Request) -> Response:
    """``POST`` a JSON object of zones of the root account and the name servers that the parent delegates them to.

    An empty list is no delegation yet; null is the zone itself, as it is at the start. ``GET`` shows what is set.
    """
    if request.method == "POST":
        for zone, servers in json.loads(request.body).items():
            dns.delegate(zone, servers)
    return _json(200, dns.delegations())


def _json(status: int, document: object) -> Response:
    return Response(status, [(b"content-type", b"application/json")], json.dumps(document).encode())
