"""The sandbox's command line: ``start``, ``stop``, ``status``, ``reset`` and, in the foreground, ``serve``."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from .persistence import StateError, lock, set_aside_if_unreadable
from .settings import DELAYS, HOST, Settings, SettingsError

START_SECONDS = 20.0


def running(settings: Settings) -> tuple[int, str] | None:
    """The process id and the endpoint of the sandbox whose directory is ours, if it answers.

    The endpoint is the one that it was started with, whatever the environment says now.
    """
    try:
        pid, endpoint = settings.pid_file.read_text().split()
        return (int(pid), endpoint) if _ask(endpoint, "status")["directory"] == str(settings.directory) else None
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return None


def _ask(endpoint: str, name: str) -> dict:
    """What a running sandbox's own endpoint answers."""
    with urllib.request.urlopen(f"{endpoint}/_sandbox/{name}", timeout=2) as answer:
        return json.load(answer)


def held_ports(settings: Settings) -> list[str]:
    """The ports that something else listens on, with what they are for."""
    held = []
    wanted = [(name, port, socket.SOCK_STREAM) for name, port in settings.tcp_ports.items()]
    for name, port, kind in [*wanted, ("DNS", settings.dns_port, socket.SOCK_DGRAM)]:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
                held.append(f"{HOST}:{port}/{protocol} ({name}), by {_holder(port, protocol)}")
    return held


def _holder(port: int, protocol: str) -> str:
    """Which process holds a port, as far as /proc tells an ordinary user."""
    inodes = set()
    for line in Path(f"/proc/net/{protocol.lower()}").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port and fields[3] in ("0A", "07"):
            inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(link) in inodes for link in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                return f"process {process.name}: {command[:80]}"
        except OSError:
            continue
    return "a process of another user"


def start(settings: Settings) -> str:
    """Start the sandbox unless it runs; return once it answers and is seeded."""
    if found := running(settings):
        pid, endpoint = found
        if endpoint != settings.endpoint:
            sys.exit(
                f"The sandbox of {settings.directory} already runs (process {pid}) at {endpoint}, not at "
                f"{settings.endpoint}. Stop it first (make sandbox-stop), or name another ARDA_SANDBOX_DIR."
            )
        return f"The sandbox already runs (process {pid}) at {endpoint}."
    if held := held_ports(settings):
        lines = "\n  ".join(held)
        sys.exit(
            f"The sandbox was not started: these ports are taken:\n  {lines}\n"
            "Stop what holds them, or move the sandbox: ARDA_SANDBOX_API_PORT, ARDA_SANDBOX_EDGE_HTTPS_PORT, "
            "ARDA_SANDBOX_EDGE_HTTP_PORT, ARDA_SANDBOX_DNS_PORT."
        )
    settings.directory.mkdir(parents=True, exist_ok=True)
    settings.directory.chmod(0o700)  # the state holds private keys
    lock(settings).close()
    if told := set_aside_if_unreadable(settings):
        print(told, file=sys.stderr)
    settings.pid_file.unlink(missing_ok=True)
    with settings.log_file.open("a") as log:
        settings.log_file.chmod(0o600)
        process = subprocess.Popen(
            [sys.executable, "-m", "arda_sandbox", "serve"],
            cwd=Path(__file__).parents[1],  # where the package is found
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if running(settings) == (process.pid, settings.endpoint):
            return f"The sandbox runs (process {process.pid}) at {settings.endpoint}."
        time.sleep(0.05)
    process.kill()
    tail = "\n  ".join(settings.log_file.read_text().splitlines()[-15:])
    sys.exit(f"The sandbox did not start within {START_SECONDS:.0f} s. The end of {settings.log_file}:\n  {tail}")


def stop(settings: Settings) -> str:
    """Stop the sandbox; its state is kept."""
    found = running(settings)
    if found is None:
        return "The sandbox does not run."
    pid, _endpoint = found
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}").exists():
            return f"The sandbox stopped (process {pid}); its state stays in {settings.state}."
        time.sleep(0.05)
    sys.exit(f"The sandbox (process {pid}) did not stop within {START_SECONDS:.0f} s; see {settings.log_file}.")


def status(settings: Settings) -> str:
    """Whether the sandbox runs, and the delays of AWS's slow steps in it."""
    found = running(settings)
    if found is None:
        sys.exit("The sandbox does not run.")
    pid, endpoint = found
    delays = "\n".join(
        f"  {name:<20} {seconds:>6g} s  {DELAYS[name].step}" for name, seconds in _ask(endpoint, "delays").items()
    )
    return f"running (process {pid}) at {endpoint}\ndelays:\n{delays}"


def reset(settings: Settings) -> str:
    """Stop the sandbox, forget its state, and start it again if it ran."""
    ran = running(settings) is not None
    stop(settings)
    shutil.rmtree(settings.state, ignore_errors=True)
    settings.journal_file.unlink(missing_ok=True)
    return start(settings) if ran else f"The sandbox's state in {settings.state} is gone; it does not run."


def serve(settings: Settings) -> str:
    from .server import run

    settings.directory.mkdir(parents=True, exist_ok=True)
    run(settings)
    return ""


def main() -> None:
    commands = {"start": start, "stop": stop, "status": status, "reset": reset, "serve": serve}
    parser = argparse.ArgumentParser(prog="arda_sandbox", description=__doc__)
    parser.add_argument("command", choices=commands)
    os.umask(0o077)
    command = commands[parser.parse_args().command]
    for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
        del os.environ[name]  # the sandbox and its command line talk to loopback addresses only
    try:
        settings = Settings()
    except SettingsError as error:
        sys.exit(f"The sandbox cannot be set up so: {error}")
    try:
        print(command(settings), flush=True)
    except StateError as error:
        sys.exit(f"The sandbox was not started: {error}")


if __name__ == "__main__":
    main()
