"""What the checks share: the zone's own servers, the address of the CDN, the age of the bucket."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._dns import DnsError
from ansible_collections.arda.image_upload.plugins.module_utils._verification import context as context_module
from ansible_collections.arda.image_upload.plugins.module_utils._verification.context import VerificationContext

from tests.unit.helpers.aws_fixtures import FixtureModule
from tests.unit.helpers.verification import OPTIONS

SERVERS = ["ns-1.awsdns-00.org", "ns-2.awsdns-00.co.uk"]
ZONES = ("route53.ListHostedZonesByName.ok-private-twin", "route53.GetHostedZone.ok-public")


def context(*answers: str) -> VerificationContext:
    return VerificationContext(FixtureModule(OPTIONS, *answers))


def resolver(monkeypatch: pytest.MonkeyPatch, answers: dict[tuple[str, ...], Any]) -> None:
    """DNS by the servers that are asked; no servers are the resolver."""

    def resolve(_name: str, _type: str, _server: str | None = None, servers: Any = ()) -> list[str]:
        found = answers[tuple(servers)]
        if isinstance(found, str):
            raise DnsError(found)
        return found

    monkeypatch.setattr(context_module, "resolve", resolve)


def test_zone_servers_private_zone_is_left_aside() -> None:
    one = context(*ZONES)
    assert one.zone_servers == ["ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net"]
    assert [name for name, _parameters in one.aws._module.calls] == [
        "route53.ListHostedZonesByName",
        "route53.GetHostedZone",
    ]
    assert one.aws._module.calls[1][1] == {"Id": "/hostedzone/Z222222EXAMPLE"}


def test_zone_servers_other_zone_only_is_none() -> None:
    module = FixtureModule({**OPTIONS, "zone_name": "example.org"}, *ZONES)
    assert VerificationContext(module).zone_servers == []


@pytest.mark.parametrize("answer", ["NXDOMAIN", "NoAnswer"])
def test_query_denial_of_own_servers_is_the_answer(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    resolver(monkeypatch, {tuple(SERVERS): answer, (): ["192.0.2.7"]})
    with pytest.raises(DnsError, match=answer):
        context().query("images.example.com", "A", SERVERS)


def test_query_servers_out_of_reach_falls_back_to_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch, {tuple(SERVERS): "Timeout", (): ["192.0.2.7"]})
    assert context().query("images.example.com", "A", SERVERS) == ["192.0.2.7"]
    resolver(monkeypatch, {(): "LifetimeTimeout"})
    with pytest.raises(DnsError, match="LifetimeTimeout"):
        context().query("images.example.com", "A")


def test_address_of_cdn_is_asked_at_own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ("ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net")
    resolver(monkeypatch, {own: ["192.0.2.8", "192.0.2.9"], (): "NXDOMAIN"})
    one = context(*ZONES)
    assert one.address("images.example.com") == "192.0.2.8"
    assert one.address("s3.us-east-1.amazonaws.com") == "s3.us-east-1.amazonaws.com"
    connected = []
    monkeypatch.setattr("socket.create_connection", lambda where, timeout: connected.append(where) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        one.http.request("GET", "http://images.example.com/x")
    assert connected == [("192.0.2.8", 80)]


def test_bucket_age_is_none_for_unknown_bucket_and_operator_without_permission() -> None:
    assert context("s3.ListBuckets.AccessDenied").bucket_age() is None
    age = context("s3.ListBuckets.ok").bucket_age()
    assert age is not None
    assert age > 365 * 86400
    other = FixtureModule({**OPTIONS, "bucket_name": "another"}, "s3.ListBuckets.ok")
    assert VerificationContext(other).bucket_age() is None
