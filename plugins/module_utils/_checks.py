# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a gate: the command that an operator can run by hand, and the comparison."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.arda.image_upload.plugins.module_utils._policy import allows, normal


def aws_command(read: Mapping[str, Any], region: str | None, profile: str | None, endpoint_url: str | None) -> str:
    """The AWS CLI command line of a read: the same operation, parameters and query."""
    words = ["aws"]
    for option, value in (("--profile", profile), ("--endpoint-url", endpoint_url)):
        if value:
            words += [option, value]
    if read.get("region") or region:
        words += ["--region", str(read.get("region") or region)]
    service = {"s3": "s3api"}.get(read["service"], read["service"])
    words += [service, read["operation"].replace("_", "-")]
    for name, value in (read.get("parameters") or {}).items():
        text = value if isinstance(value, str) else json.dumps(value)
        words += ["--" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower(), text]
    if read.get("query"):
        words += ["--query", read["query"]]
    return _join([*words, "--output", "json"])


def local_credentials(options: Mapping[str, Any]) -> str:
    """What a shell needs before an AWS command of a connection to this machine, such as to a sandbox.

    Empty for AWS itself, and for the credentials of an assumed role: no credential of an account is ever printed.
    """
    host = urlsplit(options.get("endpoint_url") or "").hostname
    key, secret = options.get("access_key"), options.get("secret_key")
    if host not in ("127.0.0.1", "localhost", "::1") or options.get("session_token") or not (key and secret):
        return ""
    return f"AWS_ACCESS_KEY_ID={shlex.quote(str(key))} AWS_SECRET_ACCESS_KEY={shlex.quote(str(secret))} "


def plain(value: Any) -> Any:
    """A value as JSON has it: times as text, tuples as lists."""
    return json.loads(json.dumps(value, default=lambda one: one.isoformat() if hasattr(one, "isoformat") else str(one)))


def dns_command(question: Mapping[str, Any], server: str | None) -> str:
    """The dig command line of a query; ``server`` is an address with an optional ``:port``.

    An authoritative server (``servers``) is asked without recursion, as a resolver asks it.
    """
    address, _colon, port = (server or "").partition(":")
    resolver = [f"@{address}", *(["-p", port] if port else [])] if address else []
    servers = question.get("servers") or []
    if not servers:
        return _join(["dig", "+short", *resolver, question["type"], question["name"]])
    words = ["dig", "+norecurse", "+noall", "+answer", "+authority"]
    if not port:
        return _join([*words, f"@{servers[0]}", question["type"], question["name"]])
    # A resolver on another port is a sandbox: only it knows the name server, which answers on that port.
    found = f"@$({_join(['dig', '+short', *resolver, 'A', servers[0]])})"
    return " ".join([_join(words), found, _join(["-p", port, question["type"], question["name"]])])


def _join(words: Sequence[str]) -> str:
    """A command line for a shell; a JMESPath expression, full of single quotes, in double ones."""
    return " ".join(
        f'"{word}"' if "'" in word and not re.search(r'[$`"\\!]', word) else shlex.quote(word) for word in words
    )


#: What became of a check.
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def name_causes(checks: Sequence[dict[str, Any]], after: Mapping[str, Sequence[str]]) -> None:
    """Mark each failed check as skipped that failed because an earlier one did, and name that one as its ``cause``.

    ``after`` has the criteria that a check rests on, by its own criterion.
    """
    causes: dict[str, str] = {}
    for check in checks:
        if check["status"] != FAILED:
            continue
        criterion = check["criterion"]
        cause = next((causes[name] for name in after.get(criterion, ()) if name in causes), None)
        if cause:
            check.update(status=SKIPPED, cause=cause)
        causes[criterion] = cause or criterion


def passes(expected: Any, observed: Any, comparison: str) -> bool:
    """Whether the observed value is the expected one; the order of a list makes no difference."""
    if comparison == "present":
        return observed not in (None, "", [], {})
    if comparison == "contains":
        return isinstance(observed, (list, str)) and all(item in observed for item in _as_list(expected))
    if comparison == "policy":
        return _normal(normal(expected), None) == _normal(normal(observed), None)
    if comparison == "allows":
        return allows(observed, expected)
    if comparison == "one_of":
        return any(passes(value, observed, "equals") for value in _as_list(expected))
    return _normal(expected, observed) == _normal(observed, expected)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _normal(value: Any, other: Any) -> str:
    """A comparable form: a JSON text beside a document is read, numbers and switches beside a text are written out."""
    if isinstance(value, str) and isinstance(other, (dict, list)):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, (bool, int, float)) and isinstance(other, str):
        value = json.dumps(value)
    return json.dumps(_sorted(value), sort_keys=True, default=str)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True, default=str))
    return value
