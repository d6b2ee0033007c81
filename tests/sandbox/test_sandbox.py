"""The sandbox itself: where it listens, how it starts and stops, and the rules that it adds to the emulator."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from arda_sandbox.settings import ROOT_SECRET
from botocore.exceptions import ClientError

from .helpers.sandbox import ACCOUNTS, ROOT, Sandbox, free_ports, free_settings, processes


@pytest.fixture
def own(sandbox: Sandbox, tmp_path: Path) -> Iterator[Sandbox]:
    """A second sandbox, for what would disturb the shared one; not started, and stopped whatever a test leaves."""
    environment = {**sandbox.environment, **free_settings(), "ARDA_SANDBOX_DIR": str(tmp_path / "own")}
    one = Sandbox(tmp_path / "own", tmp_path, environment)
    yield one
    one.command("stop")


def test_sandbox_inventory_has_the_secret_of_the_settings() -> None:
    connection = yaml.safe_load((ROOT / "inventories/sandbox/group_vars/all/connection.yml").read_text())
    assert connection["sandbox_secret_key"] == ROOT_SECRET


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("cloudfront", "list_distributions", "SignatureDoesNotMatch"),
        ("route53", "list_hosted_zones", "SignatureDoesNotMatch"),
        ("cloudformation", "list_exports", "SignatureDoesNotMatch"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("acm", "list_certificates", "InvalidSignatureException"),
        ("secretsmanager", "list_secrets", "InvalidSignatureException"),
    ],
)
def test_request_with_a_wrong_secret_is_refused(sandbox: Sandbox, service: str, operation: str, code: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html"""
    client = sandbox.client("alpha002", service, credentials=(ACCOUNTS["alpha002"], "another secret", ""))
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()
    assert refused.value.response["Error"]["Code"] == code


def test_sandbox_is_found_by_its_directory_whatever_the_ports_of_the_shell(own: Sandbox) -> None:
    timed(own, "start")
    moved = Sandbox(own.directory, own.shared, {**own.environment, "ARDA_SANDBOX_API_PORT": str(free_ports(1)[0])})
    assert f"at {own.endpoint}" in moved.command("status").stdout
    second = moved.command("start")
    assert second.returncode != 0
    assert "already runs (process" in second.stderr
    assert own.endpoint in second.stderr
    timed(moved, "stop")
    assert "does not run" in own.command("status").stderr


def timed(sandbox: Sandbox, name: str) -> subprocess.CompletedProcess[str]:
    """Run a command, which must succeed within ten seconds."""
    started = time.monotonic()
    ended = sandbox.command(name)
    assert ended.returncode == 0, ended.stderr
    assert time.monotonic() - started < 10
    return ended


def test_sandbox_stopped_and_started_keeps_its_state_until_a_reset(own: Sandbox) -> None:
    """It stops while a client holds a connection, and a proxy of the shell is for other addresses than its own."""
    own.environment.update(HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9")
    timed(own, "start")
    assert "already runs" in own.command("start").stdout

    own.client("alpha002", "s3").create_bucket(Bucket="kept-over-a-restart")
    route53 = own.client("alpha002", "route53")
    zone = route53.create_hosted_zone(Name="kept.example", CallerReference="kept")["HostedZone"]["Id"].split("/")[-1]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=[{"Key": "a", "Value": "b"}])
    with socket.create_connection(("127.0.0.1", own.port)) as held:
        held.sendall(b"GET /_sandbox/status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert held.recv(100)
        assert processes(f"ARDA_SANDBOX_DIR={own.directory}", "environ")
        timed(own, "stop")
    assert "does not run" in own.command("status").stderr
    assert not processes(f"ARDA_SANDBOX_DIR={own.directory}", "environ")

    timed(own, "start")
    own.client("alpha002", "s3").head_bucket(Bucket="kept-over-a-restart")
    zones = own.client("alpha002", "route53").list_hosted_zones()["HostedZones"]
    assert [zone["Name"] for zone in zones] == ["kept.example."]
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]

    assert own.command("reset").returncode == 0
    assert own.client("alpha002", "route53").list_hosted_zones()["HostedZones"] == []
    assert own.command("stop").returncode == 0


def test_start_on_a_taken_port_names_its_holder(own: Sandbox) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", own.port))
        holder.listen()
        refused = own.command("start")
    assert refused.returncode != 0
    assert f"127.0.0.1:{own.port}/TCP (AWS API), by process {os.getpid()}" in refused.stderr
    assert "ARDA_SANDBOX_API_PORT" in refused.stderr


def test_sandbox_listens_on_loopback_addresses_only(sandbox: Sandbox) -> None:
    pid = (sandbox.directory / "pid").read_text().split()[0]
    inodes = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = 0
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in inodes and fields[3] in ("0A", "07"):
                found += 1
                address = fields[1].split(":")[0]
                loopback = (
                    address.endswith("7F") if len(address) == 8 else address == "00000000000000000000000001000000"
                )
                assert loopback, fields
    assert found >= 5, "API, two edges, DNS twice"
