# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of the roles' inputs: what AWS, or a browser, would refuse after the first write.

A form is a function of a value that returns what was expected, or the empty string where the value has the form.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Form = Callable[[Any], str]

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
LONGEST_TIME = 10 * 366 * 24 * 3600  # seconds
DEFAULT_PORTS = {"http": 80, "https": 443}


def text(pattern: str, expected: str, longest: int = 255) -> Form:
    """Text that a pattern matches as a whole."""

    def check(value: Any) -> str:
        fits = isinstance(value, str) and len(value) <= longest and re.fullmatch(pattern, value)
        return "" if fits else expected

    return check


def empty_or(form: Form) -> Form:
    """The empty text, or what has a form."""

    def check(value: Any) -> str:
        expected = "" if value == "" else form(value)
        return f"{expected}, or empty text" if expected else ""

    return check


def choice(*values: str) -> Form:
    return lambda value: "" if isinstance(value, str) and value in values else " or ".join(values)


def boolean(value: Any) -> str:
    fits = isinstance(value, bool) or str(value).lower() in ("true", "false", "yes", "no", "on", "off", "1", "0")
    return "" if fits and not isinstance(value, (list, dict, float)) else "true or false"


def whole(least: int, most: int) -> Form:
    """A whole number, also as text, as AWX's surveys and ``-e`` hand it over."""

    def check(value: Any) -> str:
        expected = f"a whole number from {least} to {most}"
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,18}", str(value)):
            return expected
        return "" if least <= int(value) <= most else expected

    return check


def domain(value: Any) -> str:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html"""
    fits = isinstance(value, str) and len(value) <= 253 and re.fullmatch(rf"{LABEL}(\.{LABEL})+", value)
    return (
        ""
        if fits
        else "a domain name in lower case, with two labels or more of 1 to 63 characters, without a dot at the end"
    )


def bucket(value: Any) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
    fits = (
        isinstance(value, str)
        and re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value)
        and not re.search(r"\.\.|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|--x-s3$|--table-s3$|\.mrap$", value)
        and not re.fullmatch(r"[0-9]+(\.[0-9]+){3}", value)
    )
    return "" if fits else "the name of an S3 bucket, 3 to 63 lower-case letters, digits, dots and hyphens"


def arn(pattern: str, expected: str) -> Form:
    """An ARN, in ASCII, that a pattern matches as a whole."""

    def check(value: Any) -> str:
        fits = isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII)
        return "" if fits else expected

    return check


def role_arn(account: Any) -> Form:
    """The ARN of a role of an account. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
    return arn(
        rf"arn:aws:iam::{account}:role/([\x21-\x7e]+/)*[\w+=,.@-]{{1,64}}",
        f"the ARN of a role of account {account}, arn:aws:iam::{account}:role/NAME",
    )


def policy_arn(account: Any) -> Form:
    """The ARN of a managed policy of an account. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
    return arn(
        rf"arn:aws:iam::{account}:policy/([\x21-\x7e]+/)*[\w+=,.@-]{{1,128}}",
        f"the ARN of a managed policy of account {account}, arn:aws:iam::{account}:policy/NAME",
    )


def web_acl_arn(account: Any) -> Form:
    """A web ACL for CloudFront. https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html"""
    return arn(
        rf"arn:aws:wafv2:us-east-1:{account}:global/webacl/[\w-]{{1,128}}/[\w-]{{1,36}}",
        f"the ARN of a web ACL, arn:aws:wafv2:us-east-1:{account}:global/webacl/NAME/ID",
    )


#: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
topic_arn = arn(
    r"arn:aws:sns:us-east-1:\d{12}:[\w-]{1,256}",
    "the ARN of an SNS topic of us-east-1, arn:aws:sns:us-east-1:ACCOUNT:NAME",
)


def export_name(value: Any) -> str:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html"""
    fits = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9:-]{1,255}", value)
    return "" if fits else "the name of an export, 1 to 255 letters, digits, colons and hyphens"


def names(keys: Collection[str], form: Form, every: bool = False) -> Form:
    """A dictionary of some keys, or of every one, whose values have a form and differ."""

    def check(value: Any) -> str:
        if not isinstance(value, Mapping) or not set(value) <= set(keys) or (every and set(value) != set(keys)):
            return f"a dictionary with {'the keys' if every else 'keys of'} {', '.join(keys)}"
        wrong = [f"{key}: {expected}" for key, item in value.items() if (expected := form(item))]
        if not wrong and len(set(value.values())) < len(value):
            return "a name of its own for each key"
        return "; ".join(wrong)

    return check


def fields(forms: Mapping[str, Form]) -> Form:
    """A dictionary of some keys, each with a form of its own."""

    def check(value: Any) -> str:
        if not isinstance(value, Mapping) or not set(value) <= set(forms):
            return f"a dictionary with keys of {', '.join(forms)}"
        return "; ".join(f"{key}: {expected}" for key, item in value.items() if (expected := forms[key](item)))

    return check


def below(parent: Any) -> Form:
    """A host name one label below a domain."""
    return text(rf"{LABEL}\.{re.escape(str(parent))}", f"a host name one label below {parent}")


def origin(value: Any) -> str:
    """An origin as a browser sends it. https://www.rfc-editor.org/rfc/rfc6454#section-6.2"""
    expected = "an origin as a browser sends it: scheme://host[:port] in lower case, without a path and a default port"
    if not isinstance(value, str) or not re.fullmatch(r"https?://[a-z0-9.\[\]:-]+", value):
        return expected
    try:
        parts = urlsplit(value)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return expected
    if value.endswith(":") or port == DEFAULT_PORTS[parts.scheme] or port == 0:
        return expected
    try:
        address = ipaddress.ip_address(host)
        return "" if str(address) == host else expected
    except ValueError:
        labels = rf"{LABEL}(\.{LABEL})*"
        return (
            ""
            if re.fullmatch(labels, host) and len(host) <= 253 and not host.rpartition(".")[2].isdigit()
            else expected
        )


def origins(wildcard: bool) -> Form:
    """A list of origins, each once; where ``wildcard`` is true also ``['*']``."""

    def check(value: Any) -> str:
        if not isinstance(value, list):
            return "a list of origins"
        if wildcard and value == ["*"]:
            return ""
        found = next((expected for item in value if (expected := origin(item))), "")
        return found or ("each origin once" if len(set(value)) < len(value) else "")

    return check


def tags(most: int) -> Form:
    """https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

    def check(value: Any) -> str:
        if not isinstance(value, Mapping) or len(value) > most:
            return f"a dictionary of at most {most} tags"
        allowed = re.compile(r"[^\W_]|[\s_.:/=+@-]")
        for key, item in value.items():
            fits = isinstance(key, str) and 1 <= len(key) <= 128 and not key.lower().startswith("aws:")
            if not fits or not all(allowed.fullmatch(c) for c in key) or re.search(r"[\r\n\t]", key):
                return (
                    f"keys of 1 to 128 letters, digits, spaces and _.:/=+-@ that do not begin with aws: (not {key!r})"
                )
            if not isinstance(item, (str, int, float)) or len(str(item)) > 256:
                return f"values that are text of at most 256 characters, numbers or booleans (key {key!r})"
            if not all(allowed.fullmatch(c) for c in str(item)) or re.search(r"[\r\n\t]", str(item)):
                return f"values of letters, digits, spaces and _.:/=+-@ (key {key!r})"
        if len({str(key).lower() for key in value}) < len(value):
            return "keys that differ in more than upper and lower case"
        return ""

    return check


def numbers(keys: Sequence[str]) -> Form:
    """A dictionary of some keys to numbers above 0."""

    def check(value: Any) -> str:
        if not isinstance(value, Mapping) or not set(value) <= set(keys):
            return f"a dictionary with keys of {', '.join(keys)}"
        return next((f"{key}: {expected}" for key, n in value.items() if (expected := whole(1, 1_000_000)(n))), "")

    return check


def host_and_port(value: Any) -> str:
    """``host:port``."""
    host, _colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    fits = re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9a-f:]+\]", host) and not whole(1, 65535)(port)
    return "" if fits else "host:port, with a port from 1 to 65535"


def dns_server(value: Any) -> str:
    """An address with an optional port."""
    expected = "the address of a DNS server, with an optional :port from 1 to 65535"
    if not isinstance(value, str):
        return expected
    address, colon, port = value.partition(":") if value.count(":") == 1 else (value, "", "")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return expected
    return expected if colon and whole(1, 65535)(port) else ""


def existing_file(value: Any) -> str:
    return "" if isinstance(value, str) and Path(value).expanduser().is_file() else "an existing file"


def folder(value: Any) -> str:
    """A folder that exists or can be created. ``artifacts``, the default, gives way to another one where it cannot."""
    if not isinstance(value, str) or not value or "\n" in value:
        return "the path of a folder"
    path = Path(value).expanduser().absolute()
    nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    fits = nearest.is_dir() and os.access(nearest, os.W_OK) and not str(nearest).startswith("/proc")
    return "" if fits or value == "artifacts" else "a folder that can be written"
