"""The sandbox as a server: what it has answered survives a kill, and no client stops the others."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .helpers.inventory import inventory_of
from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import Sandbox, free_settings, wait_for

KILLS = 20 if EXHAUSTIVE else 3
CONNECTIONS = 10_000 if EXHAUSTIVE else 2_000
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10)


@pytest.fixture(scope="module")
def second(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox beside the shared one, which tests may kill."""
    folder = tmp_path_factory.mktemp("second")
    environment = {**sandbox.environment, **free_settings(), "ARDA_SANDBOX_DIR": str(folder / "own")}
    one = Sandbox(folder / "own", folder, environment)
    yield one
    one.command("stop")


@pytest.fixture
def own(second: Sandbox) -> Sandbox:
    """It, started."""
    started = second.command("start")
    assert started.returncode == 0, started.stdout + started.stderr
    return second


def kill(one: Sandbox) -> None:
    pid = int((one.directory / "pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{pid}").exists() or b"Z" in Path(f"/proc/{pid}/stat").read_bytes())


def parameter(number: int) -> dict[str, str]:
    return {"Name": f"/parameter/{number}", "Value": "x" * 1000, "Type": "String"}


def test_what_was_answered_survives_a_kill_in_the_middle_of_writes(own: Sandbox) -> None:
    answered = reached = 0

    def write_until_it_dies() -> None:
        nonlocal reached
        ssm = own.client("alpha002", "ssm", config=ONCE)
        with contextlib.suppress(BotoCoreError, ClientError):
            while True:
                ssm.put_parameter(**parameter(reached), Overwrite=True)
                reached += 1

    for turn in range(KILLS):
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write_until_it_dies)
            wait_for(lambda: reached > answered)  # noqa: B023 it is called in this turn
            time.sleep(0.05 * (turn % 5))
            kill(own)
            writing.result()
        answered = reached
        started = own.command("start")
        assert started.returncode == 0, started.stdout + started.stderr
        ssm = own.client("alpha002", "ssm")
        held = [p["Name"] for page in ssm.get_paginator("describe_parameters").paginate() for p in page["Parameters"]]
        missing = {f"/parameter/{number}" for number in range(answered)} - set(held)
        assert not missing, sorted(missing)[:5]


def test_kill_while_a_stack_is_made_leaves_one_that_can_be_made_anew(own: Sandbox) -> None:
    own.control("delays", document={"stack": 60})
    cloudformation = own.client("alpha002", "cloudformation")
    body = json.dumps({"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}})
    cloudformation.create_stack(StackName="slow", TemplateBody=body)
    kill(own)
    assert own.command("start").returncode == 0
    (found,) = cloudformation.describe_stacks(StackName="slow")["Stacks"]
    assert found["StackStatus"] == "ROLLBACK_COMPLETE"
    cloudformation.delete_stack(StackName="slow")


def test_kill_while_the_accounts_are_filled_is_made_good_at_the_next_start(own: Sandbox) -> None:
    zones = len(own.client("root", "route53").list_hosted_zones()["HostedZones"])
    own.command("stop")
    (own.directory / "state/seeding").touch()
    assert own.command("start").returncode == 0
    assert not (own.directory / "state/seeding").exists()
    assert len(own.client("root", "route53").list_hosted_zones()["HostedZones"]) == zones


def test_saved_state_takes_the_place_of_the_present_one_and_survives_a_kill(own: Sandbox, tmp_path: Path) -> None:
    own.reset()
    s3, route53 = own.client("alpha002", "s3"), own.client("alpha002", "route53")
    s3.create_bucket(Bucket="saved")
    s3.put_object(Bucket="saved", Key="a/b", Body=b"1", Metadata={"m": "n"})
    s3.put_bucket_tagging(Bucket="saved", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    zone = route53.create_hosted_zone(Name="saved.example.com", CallerReference="1")["HostedZone"]["Id"]
    own.control("save", document=str(tmp_path / "copy"))
    own.reset()
    assert "saved" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    s3.create_bucket(Bucket="later")
    own.control("load", document=str(tmp_path / "copy"))
    for restarted in (False, True):
        if restarted:
            kill(own)
            assert own.command("start").returncode == 0
        buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        assert "saved" in buckets
        assert "later" not in buckets
        found = s3.get_object(Bucket="saved", Key="a/b")
        assert (found["Body"].read(), found["Metadata"]) == (b"1", {"m": "n"})
        assert s3.get_bucket_tagging(Bucket="saved")["TagSet"] == [{"Key": "k", "Value": "v"}]
        assert route53.get_hosted_zone(Id=zone)["HostedZone"]["Name"] == "saved.example.com."


def test_reset_brings_back_what_the_accounts_hold_at_first(own: Sandbox) -> None:
    def held() -> dict[str, list[str]]:
        return {
            account: sorted(
                [
                    *(zone["Name"] for zone in own.client(account, "route53").list_hosted_zones()["HostedZones"]),
                    *(role["RoleName"] for role in own.client(account, "iam").list_roles()["Roles"]),
                    *(bucket["Name"] for bucket in own.client(account, "s3").list_buckets()["Buckets"]),
                ]
            )
            for account in ("root", "alpha002", "alpha001", "kyle")
        }

    (own.directory / "state/seeding").touch()  # so that the next start fills the accounts anew
    own.command("stop")
    assert own.command("start").returncode == 0
    first = held()
    for _time in range(2):
        own.reset()
        assert held() == first
        own.client("alpha002", "s3").create_bucket(Bucket="of-the-test")


def test_state_that_cannot_be_written_is_an_error_and_the_old_one_stays(own: Sandbox) -> None:
    """/dev/full answers a write as a full disk does."""
    ssm = own.client("alpha002", "ssm", config=ONCE)
    ssm.put_parameter(**parameter(1), Overwrite=True)
    file, partial = own.directory / "state/ssm.json", own.directory / "state/ssm.json.tmp"
    before = file.read_bytes()
    partial.symlink_to("/dev/full")
    with pytest.raises(ClientError, match=r"cannot write its state to .*ssm\.json \(No space left on device\)"):
        ssm.put_parameter(**parameter(2))
    assert file.read_bytes() == before
    partial.unlink()
    ssm.put_parameter(**{**parameter(2), "Overwrite": True})
    kill(own)
    assert own.command("start").returncode == 0
    assert ssm.get_parameter(Name=parameter(2)["Name"])


@pytest.mark.parametrize("content", [b"", b'{"payload": {"a": [1, 2', b"\xff\xfe\x00"], ids=["empty", "torn", "bytes"])
def test_state_that_cannot_be_read_is_named_and_set_aside(own: Sandbox, content: bytes) -> None:
    own.command("stop")
    file = own.directory / "state/route53.json"
    file.write_bytes(content)
    started = own.command("start")
    assert started.returncode == 0, started.stderr
    assert f"The state in {file} cannot be read" in started.stderr
    (aside,) = (path for path in own.directory.glob("state-set-aside-*") if (path / file.name).read_bytes() == content)
    assert str(aside) in started.stderr
    assert inventory_of(own, "root")["zones"]


def test_second_sandbox_of_a_directory_is_refused(own: Sandbox) -> None:
    pid, aside = own.directory / "pid", own.directory / "pid-aside"
    environment = {**own.environment, **free_settings()}
    pid.rename(aside)  # so that nothing but the lock tells that one runs
    second = Sandbox(own.directory, own.shared, environment).command("start")
    assert second.returncode != 0
    assert f"Another sandbox uses {own.directory}" in second.stderr
    aside.rename(pid)
    own.client("alpha002", "ssm").put_parameter(**parameter(1), Overwrite=True)


def test_files_are_the_owners_alone(own: Sandbox) -> None:
    own.client("alpha002", "s3").create_bucket(Bucket="some-bucket")
    own.client("alpha002", "s3").put_object(Bucket="some-bucket", Key="a/b", Body=b"x")
    for path in [own.directory, *own.directory.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path} has {mode:o}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_PORT", "abc"),
        ("DNS_PORT", "0"),
        ("EDGE_HTTP_PORT", "65536"),
        ("DEPLOY_SECONDS", "soon"),
        ("ADVERSITY", "1"),
    ],
)
def test_setting_that_cannot_be_is_named(sandbox: Sandbox, tmp_path: Path, name: str, value: str) -> None:
    environment = {**sandbox.environment, "ARDA_SANDBOX_DIR": str(tmp_path), f"ARDA_SANDBOX_{name}": value}
    refused = Sandbox(tmp_path, tmp_path, environment).command("start")
    assert refused.returncode == 1
    assert refused.stderr.startswith("The sandbox cannot be set up so: ")
    assert value in refused.stderr
    assert "Traceback" not in refused.stderr


def raw(port: int, content: bytes, seconds: float = 5) -> bytes:
    """What a server answers to some bytes; nothing where it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        answer = b""
        with contextlib.suppress(OSError):  # it has closed
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while not answer and (part := connection.recv(65536)):
                answer += part
        return answer


MALFORMED = {
    "no HTTP": b"\x00\x01\x02\x03\r\n\r\n",
    "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no version": b"GET /\r\n\r\n",
    "long line": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: x\r\n" % n for n in range(20_000)) + b"\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "broken chunks": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "half a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhello",
    "bytes in a header": b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: \xff\xfe\x00\r\n\r\n",
    "escapes in the path": b"GET /%ff%00%zz/../../etc/passwd?%ff=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no operation": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\nAction=Nonsense",
    "torn JSON": b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: CertificateManager.ListCertificates\r\n"
    b"Content-Length: 2\r\n\r\n{{",
    "torn XML": b"POST /2020-05-31/distribution HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n<a><b",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_request_is_answered_or_closed_and_the_next_one_served(sandbox: Sandbox, name: str) -> None:
    for variable in ("API", "EDGE_HTTP", "EDGE_HTTPS"):
        port = int(sandbox.environment[f"ARDA_SANDBOX_{variable}_PORT"])
        answer = raw(port, MALFORMED[name])
        assert not answer or variable == "EDGE_HTTPS" or answer.startswith(b"HTTP/1.1 "), answer[:200]
    assert sandbox.client("alpha002", "sts").get_caller_identity()["Account"]


def test_malformed_control_requests_are_refused(sandbox: Sandbox) -> None:
    for name in ("faults", "delays", "parent", "clock", "save", "load"):
        for body in (b"{", b"[1]", b'"x"', b"\xff"):
            request = b"POST /_sandbox/%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (
                name.encode(),
                len(body),
            )
            answer = raw(sandbox.port, request + body)
            assert answer.startswith(b"HTTP/1.1 400"), (name, body, answer[:300])
    assert sandbox.control("faults", "GET") == []


def test_malformed_dns_messages_stop_no_answer(sandbox: Sandbox) -> None:
    port = int(sandbox.environment["ARDA_SANDBOX_DNS_PORT"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for content in (b"", b"\x00", b"\xff" * 600, os.urandom(40), b"\x00" * 12):
            udp.sendto(content, ("127.0.0.1", port))
    for content in (b"", b"\x00", b"\xff\xff", b"\x00\x0c" + b"\x00" * 12, b"\x00\x04\xff\xff\xff\xff"):
        raw(port, content)
    question = dns.message.make_query("assets.arda.cards", "NS")
    assert dns.query.udp(question, "127.0.0.1", port=port, timeout=5).id == question.id


def test_many_and_slow_connections_stop_no_other_client(sandbox: Sandbox) -> None:
    """They are open at once, some with half a request."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(CONNECTIONS, hard - 500)
    opened: list[Any] = []
    try:
        for number in range(count):
            one = socket.create_connection(("127.0.0.1", sandbox.port), timeout=20)
            opened.append(one)
            if number % 2:
                one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow")
        started = time.monotonic()
        assert sandbox.client("alpha002", "sts").get_caller_identity()["Account"]
        assert time.monotonic() - started < 10
    finally:
        for one in opened:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert sandbox.client("alpha002", "sts").get_caller_identity()["Account"]
