# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource policies: whether two are the same, and whether one lets an AWS service do something.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import contextlib
import fnmatch
import json
import re
from collections.abc import Mapping
from typing import Any


def normal(value: Any) -> Any:
    """A policy document, or its JSON text, in which each list of one element is that element."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return normal(value[0]) if len(value) == 1 else [normal(item) for item in value]
    return value


def allows(document: Any, request: Mapping[str, Any]) -> bool:
    """Whether a policy lets a service act: one statement allows it, and none denies it.

    ``request`` has the ``principal``, ``action``, ``resource``, and the ``context``: the values of condition keys.
    """
    policy = document
    if isinstance(document, str):
        with contextlib.suppress(ValueError):
            policy = json.loads(document)
    if not isinstance(policy, dict):
        return False  # there is no policy, but the name of AWS's error
    effects = {statement.get("Effect") for statement in _items(policy.get("Statement")) if _applies(statement, request)}
    return effects == {"Allow"}


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _applies(statement: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    return (
        _covers(statement, "Principal", request["principal"])
        and _covers(statement, "Action", request["action"])
        and _covers(statement, "Resource", request["resource"])
        and all(
            _holds(operator, key, _items(values), request["context"])
            for operator, keys in (statement.get("Condition") or {}).items()
            for key, values in keys.items()
        )
    )


def _covers(statement: Mapping[str, Any], element: str, value: str) -> bool:
    """Whether an element of a statement, or its ``Not`` form, covers a value."""
    negated = f"Not{element}" in statement
    patterns = statement.get(f"Not{element}" if negated else element)
    if element == "Principal" and isinstance(patterns, dict):
        patterns = [item for kind in ("Service", "*") for item in _items(patterns.get(kind))]
        patterns += ["*"] if "*" in _items((statement.get(element) or {}).get("AWS")) else []
    ignore_case = element == "Action"
    return any(_matches(pattern, value, ignore_case) for pattern in _items(patterns)) != negated


def _matches(pattern: Any, value: str, ignore_case: bool = False) -> bool:
    """Whether a value matches a pattern with ``*`` and ``?``."""
    text = str(pattern).replace("[", "[[]")
    flags = re.IGNORECASE if ignore_case else 0
    return re.fullmatch(fnmatch.translate(text), value, flags) is not None


def _holds(operator: str, key: str, values: list[Any], context: Mapping[str, str]) -> bool:
    """Whether a condition holds; a key that the request does not have fails, but for negated and IfExists operators.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    name = operator.removesuffix("IfExists")
    found = next((value for other, value in context.items() if other.lower() == key.lower()), None)
    if name == "Null":
        return any((str(value).lower() == "true") == (found is None) for value in values)
    negated = "Not" in name
    if found is None:
        return negated or operator.endswith("IfExists")
    if name == "Bool":
        return any(str(value).lower() == found.lower() for value in values)
    if name not in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike") and not name.startswith("Arn"):
        return False
    exact = name in ("StringEquals", "StringNotEquals")
    return any(found == str(value) if exact else _matches(value, found) for value in values) != negated


def policy_form(value: Any, key: str = "") -> Any:
    """A policy in one form: account numbers as ARNs, a principal of everybody as AWS, statements in a list, and text.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if isinstance(value, dict):
        form = {name: policy_form(item, name) for name, item in value.items()}
        return [form] if key == "Statement" else form
    if isinstance(value, (list, tuple)):
        if key == "Statement":
            return [policy_form(item) for item in value]
        return [policy_form(item, key) for item in value]
    if key in ("Principal", "NotPrincipal") and value == "*":
        return {"AWS": "*"}
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        value = str(value)
    if key == "AWS" and isinstance(value, str) and re.fullmatch(r"\d{12}", value):
        return f"arn:aws:iam::{value}:root"
    return value


def canonical(value: Any) -> str:
    """A form of a configuration in which order, and one element or a list of one, make no difference."""
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items() if item not in (None, [])} or None
    if isinstance(value, (list, tuple)):
        items = sorted((_canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        if len(items) == 1 and isinstance(items[0], str):
            return items[0]
        return items or None
    return value


def same_policy(one: Any, other: Any) -> bool:
    """Whether two policy documents mean the same."""
    return canonical(policy_form(one)) == canonical(policy_form(other))


def policy_view(document: Any) -> Any:
    """A policy as a diff shows it: two that mean the same look the same."""
    return json.loads(canonical(policy_form(document)))
