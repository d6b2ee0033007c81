"""The sandbox's settings: what the environment may set, and what is refused."""

from __future__ import annotations

import os

import pytest
from arda_sandbox.settings import DELAYS, Settings, SettingsError, checked_delays


@pytest.fixture(autouse=True)
def _no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ARDA_SANDBOX_")]:
        monkeypatch.delenv(name)


def test_delays_by_default_are_the_quick_ones() -> None:
    assert Settings().delays == {name: delay.quick for name, delay in DELAYS.items()}


def test_delays_under_adversity_are_the_adverse_ones_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARDA_SANDBOX_ADVERSITY", "on")
    monkeypatch.setenv("ARDA_SANDBOX_DEPLOY_SECONDS", "7")
    assert Settings().delays == {name: delay.adverse for name, delay in DELAYS.items()} | {"deploy": 7}


@pytest.mark.parametrize("name", DELAYS)
def test_delay_is_no_longer_under_adversity_than_a_test_can_wait(name: str) -> None:
    delay = DELAYS[name]
    assert 0 <= delay.quick <= 1
    assert delay.quick < delay.adverse <= 60
    assert delay.source.startswith("https://")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("ARDA_SANDBOX_DEPLOY_SECONDS", "abc", "'deploy' .* must be a number of seconds, 0 or more, not 'abc'"),
        ("ARDA_SANDBOX_DEPLOY_SECONDS", "-1", "not '-1'"),
        ("ARDA_SANDBOX_DEPLOY_SECONDS", "inf", "not 'inf'"),
        ("ARDA_SANDBOX_DEPLOY_SECONDS", "nan", "not 'nan'"),
        ("ARDA_SANDBOX_DEPLOY_SECONDS", "", "not ''"),
        ("ARDA_SANDBOX_DEPLOI_SECONDS", "1", "no delay 'deploi'. The delays are: .*deploy"),
        ("ARDA_SANDBOX_ADVERSITY", "yes", "must be on or off, not 'yes'"),
        ("ARDA_SANDBOX_API_PORT", "abc", "ARDA_SANDBOX_API_PORT must be a port number from 1 to 65535, not 'abc'"),
        ("ARDA_SANDBOX_DNS_PORT", "70000", "not '70000'"),
        ("ARDA_SANDBOX_EDGE_HTTP_PORT", "0", "not '0'"),
        ("ARDA_SANDBOX_EDGE_HTTPS_PORT", "", "not ''"),
        ("ARDA_SANDBOX_EDGE_HTTPS_PORT", "8080", "Port 8080 is set for two things"),
    ],
)
def test_settings_with_an_odd_value_are_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=message):
        Settings()


@pytest.mark.parametrize("value", [True, None, [], {}, "1s"])
def test_delay_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(SettingsError, match="'deploy'"):
        checked_delays({"deploy": value})
