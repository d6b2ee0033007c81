# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would change: each resource with its action and its fields, from the predictions of the modules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The format of a plan as JSON. A saved plan of another format is refused.
FORMAT = 1
ACTIONS = ("create", "update", "replace", "delete", "none")

#: The modules that manage a resource: what it is called, and its name among the options.
RESOURCES: dict[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "acm_dns_certificate": ("certificate", lambda options: options["domain_name"]),
    "cloudformation_exports": ("stack", lambda options: options["stack_name"]),
    "cloudfront_distribution": ("distribution", lambda options: options["aliases"][0]),
    "cloudfront_origin_access_control": ("origin access control", lambda options: options["name"]),
    "cloudfront_response_headers_policy": ("response headers policy", lambda options: options["name"]),
    "cloudfront_signing_key": ("signing key", lambda options: options["secret_name"]),
    "cloudfront_access_logs": ("log delivery", lambda options: options["name"]),
    "cloudwatch_alarm_plan": ("alarm", lambda options: options["name"]),
    "iam_role_plan": ("role", lambda options: options["name"]),
    "route53_hosted_zone": ("hosted zone", lambda options: options["name"]),
    "route53_record_sets": ("record", lambda options: options["records"][0]["name"]),
    "s3_private_bucket": ("bucket", lambda options: options["name"]),
}
#: What names an element of a list, so that it is compared with the element of the same name.
IDENTITIES = ("Sid", "ID", "id", "name", "path_pattern")


@dataclass(frozen=True)
class Prediction:
    """A module, the name of its resource, and its result in check mode; ``part`` is root, foundation or partition."""

    part: str
    module: str
    name: str
    result: Mapping[str, Any]


def fields(before: Any, after: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Each field that differs, by its path, with its value before and after; None where there is no value."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from fields(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(before, list) and isinstance(after, list) and any(isinstance(x, dict) for x in (*before, *after)):
        yield from _elements(before, after, path)
    elif not _same_items(before, after):
        yield {"field": path, "before": before, "after": after}


def _same_items(before: Any, after: Any) -> bool:
    """Whether two lists differ in their order only, which makes no difference to AWS."""
    lists = isinstance(before, list) and isinstance(after, list)
    return lists and sorted(map(str, before)) == sorted(map(str, after))


def _elements(before: list[Any], after: list[Any], path: str) -> Iterator[dict[str, Any]]:
    """The elements of two lists: those of one name are compared, of the others those that one list alone has."""
    old, new = _named(before), _named(after)
    for name in dict.fromkeys((*old, *new)):
        yield from fields(old.get(name), new.get(name), f"{path}[{name}]")


def _named(items: list[Any]) -> dict[str, Any]:
    """The elements of a list by their names, and by their places where they have none."""
    found: dict[str, Any] = {}
    for place, item in enumerate(items):
        names = [item[key] for key in IDENTITIES if item.get(key)] if isinstance(item, Mapping) else []
        name = str(names[0]) if names else str(place)
        found[name if name not in found else f"{name} {place}"] = item
    return found


def action(before: Any, after: Any, changes: Sequence[str]) -> str:
    """What happens to a resource, from its views before and after, and what the module says of its changes."""
    if not changes:
        return "none"
    if after and any(change.startswith("delete stack") for change in changes):
        return "replace"
    if not before:
        return "create"
    return "update" if after else "delete"


def resources(predictions: Iterable[Prediction]) -> list[dict[str, Any]]:
    """The resources that the predictions are about, each once, in their order."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for prediction in predictions:
        for row in _rows(prediction):
            known = found.setdefault((row["part"], row["type"], row["name"]), row)
            if known is not row:  # a second task of the same resource
                _add(known, row)
    return list(found.values())


def _add(known: dict[str, Any], row: Mapping[str, Any]) -> None:
    known["action"] = min(known["action"], row["action"], key=ACTIONS.index)
    for kind in ("changes", "fields"):
        known[kind] += [item for item in row[kind] if item not in known[kind]]


def _rows(prediction: Prediction) -> Iterator[dict[str, Any]]:
    kind, _name_of = RESOURCES[prediction.module]
    diff = prediction.result.get("diff") or {"before": {}, "after": {}}
    changes = list(prediction.result.get("changes", []))
    if prediction.module != "route53_record_sets":
        yield _row(prediction.part, kind, prediction.name, diff["before"], diff["after"], changes)
        return
    sentences = [part for change in changes for part in change.split(", ")]
    for key in dict.fromkeys((*diff["before"], *diff["after"])):
        own = [sentence for sentence in sentences if sentence.endswith(f" {key.rstrip('.')}")]
        yield _row(prediction.part, kind, key.rstrip("."), diff["before"].get(key), diff["after"].get(key), own)


def _row(part: str, kind: str, name: str, before: Any, after: Any, changes: list[str]) -> dict[str, Any]:
    return {
        "part": part,
        "type": kind,
        "name": name,
        "action": action(before, after, changes),
        "changes": changes,
        "fields": list(fields(before or {}, after or {})) if changes else [],
        "unmanaged": list(_unmanaged(kind, after or {})),
    }


def _unmanaged(kind: str, after: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What somebody has added and no run removes: a public key of another owner that the key group trusts."""
    for key in after.get("key_group", {}).get("keys", []) if kind == "signing key" else []:
        if key["stage"] == "foreign":
            yield {"field": f"key_group.keys[{key['id']}]", "before": key, "after": None}


def count(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many resources have each action."""
    found = dict.fromkeys(ACTIONS, 0)
    for row in rows:
        found[row["action"]] += 1
    return found


def sentence(counted: Mapping[str, int]) -> str:
    """The counts in words, those above 0."""
    words = {"none": "unchanged"}
    parts = [f"{number} {words.get(name, f'to {name}')}" for name, number in counted.items() if number]
    return ", ".join(parts) or "no resources"


def differences(saved: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What a run would do now and the saved plan does not say, or the other way round, a sentence each."""
    if saved["hosts"] != found["hosts"]:
        return [f"the plan is for {', '.join(saved['hosts'])}, the run for {', '.join(found['hosts'])}"]
    told = []
    before, after = _by_name(saved), _by_name(found)
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        name = " ".join(key)
        planned, now = (row["action"] if row else "none" for row in (one, other))
        told.append(f"{name}: planned {planned}, now {now}" if planned != now else f"{name}: {planned} of other fields")
    return told


def _by_name(document: Mapping[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The changes of a plan by section, type and name."""
    return {
        (section["title"], row["type"], row["name"]): {name: row[name] for name in ("action", "changes", "fields")}
        for section in document["sections"]
        for row in section["resources"]
        if row["action"] != "none"
    }


def plain(value: Any) -> str:
    """A value on one line; text with control characters as JSON."""
    if value is None:
        return "(none)"
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value, sort_keys=True)
