"""Queries to a resolver and to name servers, over a socket of the test's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rcode
import pytest
from ansible_collections.arda.image_upload.plugins.module_utils import _dns
from ansible_collections.arda.image_upload.plugins.module_utils._dns import DnsError, resolve, split_port

NS = ["ns-1.awsdns-00.com.", "NS-2.awsdns-00.net."]
#: What the server answers, by name and type: (response code, answer section, authority section), as in zone files.
ANSWERS: dict[tuple[str, str], tuple[str, list[str], list[str]]] = {
    ("ns.example.", "A"): ("NOERROR", ["ns.example. 60 IN A 127.0.0.1"], []),
    ("child.example.", "NS"): ("NOERROR", [], [f"child.example. 300 IN NS {one}" for one in NS]),
    ("own.example.", "NS"): ("NOERROR", [f"own.example. 300 IN NS {one}" for one in NS], []),
    ("alias.example.", "A"): (
        "NOERROR",
        ["alias.example. 60 IN CNAME www.example.", "www.example. 60 IN A 192.0.2.1"],
        [],
    ),
    ("empty.example.", "A"): ("NOERROR", [], ["example. 900 IN SOA ns. host. 1 7200 900 1209600 86400"]),
    ("none.example.", "A"): ("NXDOMAIN", [], ["example. 900 IN SOA ns. host. 1 7200 900 1209600 86400"]),
    ("broken.example.", "A"): ("SERVFAIL", [], []),
}


@pytest.fixture
def server() -> Iterator[tuple[str, list[int]]]:
    """A DNS server, its ``address:port``, and the flags of the queries that it got."""
    flags: list[int] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, args=(listening, flags.append))
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", flags
        listening.sendto(b"", listening.getsockname())
        thread.join()


def serve(listening: socket.socket, note: Callable[[int], None]) -> None:
    while data := listening.recvfrom(65535):
        if not data[0]:
            return
        query = dns.message.from_wire(data[0])
        note(query.flags)
        question = query.question[0]
        code, answer, authority = ANSWERS.get(
            (question.name.to_text(), dns.rdatatype.to_text(question.rdtype)), ("REFUSED", [], [])
        )
        header = [f"id {query.id}", "opcode QUERY", f"rcode {code}", "flags QR", ";QUESTION", question.to_text()]
        text = "\n".join([*header, ";ANSWER", *answer, ";AUTHORITY", *authority])
        listening.sendto(dns.message.from_text(text).to_wire(), data[1])


@pytest.mark.parametrize(
    ("name", "record_type", "expected"),
    [
        ("child.example", "NS", ["ns-1.awsdns-00.com", "ns-2.awsdns-00.net"]),  # a referral
        ("own.example", "NS", ["ns-1.awsdns-00.com", "ns-2.awsdns-00.net"]),
        ("alias.example", "A", ["192.0.2.1"]),
    ],
)
@pytest.mark.parametrize("by_name", [True, False])
def test_resolve_with_servers_asks_them_without_recursion(
    server: tuple[str, list[int]], name: str, record_type: str, expected: list[str], by_name: bool
) -> None:
    address, flags = server
    assert resolve(name, record_type, address, ["ns.example" if by_name else address]) == expected
    assert not flags[-1] & dns.flags.RD


@pytest.mark.parametrize(
    ("name", "reason"), [("empty.example", "NoAnswer"), ("none.example", "NXDOMAIN"), ("broken.example", "SERVFAIL")]
)
def test_resolve_with_servers_names_why_there_is_no_answer(
    server: tuple[str, list[int]], name: str, reason: str
) -> None:
    with pytest.raises(DnsError, match=f"^{reason}$"):
        resolve(name, "A", servers=[server[0]])


def test_resolve_asks_the_next_server_where_one_gives_no_answer(
    server: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_dns, "SERVER_TIMEOUT", 0.2)
    silent = "127.0.0.1:1"
    assert resolve("alias.example", "A", server[0], ["unknown.example", silent, "ns.example"]) == ["192.0.2.1"]


def test_resolve_with_unknown_servers_says_that_there_are_none(server: tuple[str, list[int]]) -> None:
    with pytest.raises(DnsError, match="NoNameservers"):
        resolve("alias.example", "A", server[0], ["unknown.example"])


def test_resolve_without_servers_asks_the_resolver(server: tuple[str, list[int]]) -> None:
    assert resolve("alias.example", "A", server[0]) == ["192.0.2.1"]
    assert server[1][-1] & dns.flags.RD
    with pytest.raises(DnsError, match=r"^NXDOMAIN$"):
        resolve("none.example", "A", server[0])


@pytest.mark.parametrize(
    ("server", "expected"),
    [("192.0.2.1", ("192.0.2.1", 53)), ("192.0.2.1:5353", ("192.0.2.1", 5353)), ("2001:db8::1", ("2001:db8::1", 53))],
)
def test_split_port_returns_53_unless_one_is_named(server: str, expected: tuple[str, int]) -> None:
    assert split_port(server) == expected
