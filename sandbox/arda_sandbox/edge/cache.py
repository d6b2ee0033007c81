"""The edge's cache: by the key that the cache policy makes, with ages, and emptied by invalidations."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime

from .. import emulator
from ..http import Response
from ..persistence import memory
from .distributions import Behavior, Distribution
from .wildcard import matches

_MAX_AGE = re.compile(r"(s-maxage|max-age)=(\d+)")
MAX_ENTRIES = 2000


@dataclass(frozen=True)
class Entry:
    response: Response
    stored: float
    lifetime: float
    path: str

    def age(self, now: float) -> int:
        return int(now - self.stored)


class Cache:
    """What one edge location holds."""

    def __init__(self) -> None:
        self._entries: dict[tuple, Entry] = memory()

    def get(self, key: tuple, distribution: Distribution) -> Entry | None:
        entry = self._entries.get(key)
        now = time.time()
        if entry is None or now - entry.stored >= entry.lifetime or _invalidated(entry, distribution):
            self._entries.pop(key, None)
            return None
        return entry

    def put(self, key: tuple, response: Response, lifetime: float, path: str) -> None:
        if lifetime > 0:
            while len(self._entries) >= MAX_ENTRIES:
                self._entries.pop(next(iter(self._entries)))
            self._entries[key] = Entry(response, time.time(), lifetime, path)


def cache_key(
    distribution: Distribution, behavior: Behavior, path: str, query: dict[str, list[str]], headers: dict[str, str]
) -> tuple:
    """What makes two requests the same for the cache policy.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html
    """
    parameters = _policy(behavior, distribution.account).get("Parameters") or {}
    kept = parameters.get("QueryStringBehavior", "none")
    names = set(parameters.get("QueryStrings", []))
    chosen = {
        name: values
        for name, values in query.items()
        if kept == "all" or ((kept == "whitelist") == (name in names) and kept != "none")
    }
    listed = tuple((name.lower(), headers.get(name.lower(), "")) for name in parameters.get("Headers", []))
    return (distribution.identifier, path, tuple(sorted((k, tuple(v)) for k, v in chosen.items())), listed)


def _policy(behavior: Behavior, account: str) -> dict:
    found = emulator.policy("cache", account, behavior.cache_policy)
    return found["Config"] if found else {}


def forwarded_headers(behavior: Behavior, account: str) -> set[str]:
    """The viewer's headers that reach the origin, in lower case: those of the cache and the origin request policy.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html
    """
    found = emulator.policy("origin_request", account, behavior.origin_request_policy)
    policies = [_policy(behavior, account), found["Config"] if found else {}]
    return {name.lower() for policy in policies for name in (policy.get("Parameters") or policy).get("Headers", [])}


def error_lifetime(distribution: Distribution, status: int, default: float) -> float:
    """How long an error of the origin is cached: 10 seconds (``default`` here), or what the distribution sets for it.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
    """
    page = distribution.error_pages.get(status)
    return default if page is None or page.caching is None else page.caching


def lifetime(response: Response, behavior: Behavior, account: str) -> float:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html"""
    policy = _policy(behavior, account)
    least, most = int(policy.get("MinTTL", 0)), int(policy.get("MaxTTL", 31536000))
    control = response.header("cache-control") or ""
    if re.search(r"no-store|no-cache|private", control):
        return least
    ages = dict(_MAX_AGE.findall(control))
    wanted = ages.get("s-maxage") or ages.get("max-age") or policy.get("DefaultTTL", 86400)
    return min(max(int(wanted), least), most)


def _invalidated(entry: Entry, distribution: Distribution) -> bool:
    for invalidation in emulator.invalidations(distribution.account, distribution.identifier):
        made = datetime.fromisoformat(invalidation["CreateTime"].replace("Z", "+00:00")).timestamp()
        # The emulator keeps whole seconds: an entry of the same second counts as older.
        if entry.stored < made + 1 and any(
            matches(path, entry.path) for path in invalidation["InvalidationBatch"]["Paths"]["Items"]
        ):
            return True
    return False
