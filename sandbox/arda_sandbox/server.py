"""The sandbox's one process: the AWS API, DNS and the CDN edge in one event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.protocol.http_stream import HTTPStream

from . import emulator
from .persistence import StateFiles, lock, set_aside_if_unreadable
from .seed import seed_if_empty
from .settings import HOST, Settings

STOP_SECONDS = 0.5


def run(settings: Settings) -> None:
    """Serve in the foreground until SIGTERM or SIGINT; then write the state down."""
    held = lock(settings)
    print(set_aside_if_unreadable(settings), end="")
    emulator.prepare_environment(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    _allow_many_connections()
    asyncio.run(_serve(settings))
    held.close()


def _allow_many_connections() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(settings: Settings) -> None:
    from . import rules
    from .dns_server import DnsServer
    from .edge.app import Edge
    from .edge.tls import Certificates, TlsConfig
    from .gateway import Gateway

    app = emulator.load_app()
    _let_connections_drop()
    rules.load()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)

    files = StateFiles(settings)
    gateway = Gateway(app, settings, files)
    edge = Edge(app, gateway, settings)

    def listen(application: Any, config: Config, port: int, hosts: list[str]) -> asyncio.Task:
        config = _configure(config, [f"{host}:{port}" for host in hosts])
        return asyncio.create_task(serve(application, config, shutdown_trigger=stop.wait))

    api = listen(gateway, Config(), settings.api_port, [HOST])
    edges = [
        listen(edge, TlsConfig(Certificates(settings.ca_file)), settings.edge_https_port, loopbacks()),
        listen(edge, Config(), settings.edge_http_port, loopbacks()),
    ]
    services = [asyncio.create_task(DnsServer(settings).serve())]
    await loop.run_in_executor(None, seed_if_empty, settings)
    files.write()
    settings.pid_file.write_text(f"{os.getpid()} {settings.endpoint}")
    try:
        await _first_to_end(api, *edges, *services)
    finally:
        settings.pid_file.unlink(missing_ok=True)
        stop.set()
        gateway.close()
        for service in services:
            service.cancel()
        _done, waiting = await asyncio.wait([*edges, api], timeout=STOP_SECONDS)
        files.write()
        if waiting:
            # A client keeps its connection open, and a server waits for it, even when it is cancelled. All is written.
            logging.shutdown()
            os._exit(0)


def _let_connections_drop() -> None:
    """Close a connection unanswered where the gateway says so: hypercorn would answer 500 for the application."""
    answer = HTTPStream._send_error_response

    async def silent_if_dropped(stream: HTTPStream, status: int) -> None:
        if not stream.scope.get("arda.dropped"):
            await answer(stream, status)

    HTTPStream._send_error_response = silent_if_dropped


async def _first_to_end(*tasks: asyncio.Task) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


def loopbacks() -> list[str]:
    """The loopback addresses of this machine: an AAAA record of a distribution names the IPv6 one."""
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return [HOST]
    return [HOST, "[::1]"]


def _configure(config: Config, bind: list[str]) -> Config:
    config.bind = bind
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn")
    config.graceful_timeout = 0.3
    config.keep_alive_timeout = 75
    config.read_timeout = 75  # a client that sends nothing for so long is no longer waited for
    config.backlog = 4096
    return config
