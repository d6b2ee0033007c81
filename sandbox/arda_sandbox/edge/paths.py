"""The path of a request, in the one form that every decision at the edge is made on."""

from __future__ import annotations

import re

from . import wildcard

_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = re.compile(rb"[A-Za-z0-9\-._~]")


def normalize(raw: str) -> str:
    """A path as RFC 3986 normalizes it: unreserved characters decoded, dot segments removed, the rest as it came.

    The signature, the behavior and the origin all see this form, so that no spelling of a path is judged as one and
    fetched as another. An encoded slash stays encoded; doubled slashes stay double; case stays.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
    """

    def decode(found: re.Match[str]) -> str:
        byte = bytes([int(found.group(1), 16)])
        return byte.decode() if _PLAIN.fullmatch(byte) else f"%{found.group(1).upper()}"

    segments: list[str] = []
    parts = _UNRESERVED.sub(decode, raw).split("/")[1:]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "..":
            if segments:
                segments.pop()
        elif part != ".":
            segments.append(part)
            continue
        if last:
            segments.append("")
    return "/" + "/".join(segments)


def matches(pattern: str, path: str) -> bool:
    """Whether a cache behavior's path pattern covers a path; a leading slash makes no difference, case does."""
    return wildcard.matches(pattern.removeprefix("/"), path.removeprefix("/"))
