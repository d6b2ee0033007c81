"""How a change of a distribution, or of what it depends on, reaches the edge.

A distribution's record keeps the states that edge locations serve: each with the time from which on the edge serves it.
A state is whole: the configuration, the trusted keys and the response headers policies as they were at the change.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Mapping
from typing import Any

from . import emulator
from .distribution_xml import items, parse


def new_etag() -> str:
    """An ETag in CloudFront's form, such as E2QWRUHEXAMPLE."""
    return "E" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _character in range(13))


def begin(account: str, record: dict[str, Any], delays: Mapping[str, float]) -> None:
    """Begin to deploy a distribution as its record says.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html (Status)
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html
    """
    now = time.time()
    record["Status"] = "InProgress"
    record["_deployed_at"] = now + delays["deploy"]
    current = served(record, now)
    kept = [state for state in record.get("_states", []) if state is current or state["from"] > now]
    reached = now + min(delays["edge_lag"], delays["deploy"])
    record["_states"] = [*kept, {"from": reached, **_state(account, record)}]


def redeploy(account: str, dependency: str, delays: Mapping[str, float]) -> None:
    """Deploy the distributions that use a key group or policy, which has changed. Each gets a new ETag."""
    for record in emulator.owned(emulator.distributions(), account):
        if uses(record, dependency):
            record["ETag"] = new_etag()
            begin(account, record, delays)


def served(record: dict[str, Any], now: float) -> dict[str, Any] | None:
    """The state of a distribution that the edge serves; None before the first one has reached it."""
    return next((state for state in reversed(record.get("_states", [])) if state["from"] <= now), None)


def uses(record: dict[str, Any], identifier: str) -> bool:
    """Whether a distribution's configuration names a key group, a policy or an origin access control."""
    return any(element.text == identifier for element in parse(record["config_xml"]).iter())


def _state(account: str, record: dict[str, Any]) -> dict[str, Any]:
    config = parse(record["config_xml"])
    keys = {key["Id"]: key["Config"]["EncodedKey"] for key in emulator.owned(emulator.public_keys(), account)}
    groups = set(items(config, ".//TrustedKeyGroups/Items/KeyGroup"))
    policies = {identifier for identifier in items(config, ".//ResponseHeadersPolicyId") if identifier}
    found = {identifier: emulator.policy("response_headers", account, identifier) for identifier in policies}
    return {
        "config_xml": record["config_xml"],
        "enabled": record["enabled"],
        "trusted_keys": {
            group["Id"]: {key: keys[key] for key in group["Config"]["Items"]}
            for group in emulator.owned(emulator.key_groups(), account)
            if group["Id"] in groups
        },
        "headers_policies": {identifier: policy["Config"] for identifier, policy in found.items() if policy},
    }
