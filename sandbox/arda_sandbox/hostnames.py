"""Host names: which ones a certificate covers, and which ones are S3's."""

from __future__ import annotations

import re

_S3 = re.compile(r"([a-z0-9.-]+\.)?s3([.-][a-z0-9-]+)?\.amazonaws\.com")


def is_s3(host: str) -> bool:
    """Whether a host name, in lower case and without a trailing dot, is an endpoint of S3."""
    return _S3.fullmatch(host) is not None


def covers(certificate_name: str, host: str) -> bool:
    """Whether a certificate's name covers a host; a wildcard stands for exactly one label."""
    if certificate_name.startswith("*."):
        return host.partition(".")[2].lower() == certificate_name[2:].lower()
    return certificate_name.lower() == host.lower()
