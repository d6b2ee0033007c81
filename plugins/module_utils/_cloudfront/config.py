# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudFront configurations: between Ansible's form and the API's, for any field that the API knows.

Ansible's form has snake_case keys and plain lists. The API's has CamelCase keys and lists wrapped as ``{"Quantity": 2,
"Items": [...]}``, some beside an ``Enabled``. botocore's service model says which is which, so that no field is named
here.
"""

from __future__ import annotations

import functools
import re
from typing import Any

try:
    import botocore.session
    from botocore.model import ServiceModel, Shape
except ImportError:
    pass  # AnsibleAWSModule reports the missing library

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")


@functools.cache
def shape(name: str) -> Shape:
    """A shape of CloudFront's API model, such as ``DistributionConfig``."""
    return _service().shape_for(name)


@functools.cache
def _service() -> ServiceModel:
    return ServiceModel(botocore.session.create_loader().load_service_model("cloudfront", "service-2"))


@functools.cache
def snake(name: str) -> str:
    """``ACMCertificateArn`` -> ``acm_certificate_arn``, ``IsIPV6Enabled`` -> ``is_ipv6_enabled``."""
    return "_".join(word.lower() for word in _WORD.findall(name.replace("IPV6", "Ipv6")))


def _is_wrapper(node: Shape) -> bool:
    return node.type_name == "structure" and {"Quantity", "Items"} <= set(node.members)


def to_aws(node: Shape, value: Any, path: str = "") -> Any:
    """The API's form of a declared configuration.

    Parameters:
        node: The shape of the API's model that ``value`` has.
        value: The configuration in Ansible's form. A key without a value counts as not declared.
        path: Where ``value`` is in the configuration, for messages.

    Returns: ``value`` with the API's names, types and wrapped lists. A list that is switched off is empty.

    Raises AnsibleAWSError naming the path of a key that the API does not know, with those that it does.
    """
    if value is None:
        return None
    if node.type_name == "list":
        return [to_aws(node.member, item, f"{path}[{index}]") for index, item in enumerate(value)]
    if node.type_name != "structure":
        return _scalar(node, value)
    if _is_wrapper(node) and isinstance(value, list):
        value = {"items": value, **({"enabled": bool(value)} if "Enabled" in node.members else {})}
    if not isinstance(value, dict):
        raise AnsibleAWSError(message=f"{path} must be a dictionary, not {value!r}")
    names = {snake(member): member for member in node.members}
    unknown = sorted(set(value) - set(names))
    if unknown:
        raise AnsibleAWSError(
            message=f"{path or 'config'} has no {', '.join(unknown)}; it has {', '.join(sorted(names))}"
        )
    converted = {
        names[key]: to_aws(node.members[names[key]], item, f"{path}.{key}".strip("."))
        for key, item in value.items()
        if item is not None
    }
    if _is_wrapper(node):
        if converted.get("Enabled") is False or converted.get("RestrictionType") == "none":
            converted.setdefault("Items", [])
        if "Items" in converted:
            converted["Quantity"] = len(converted["Items"])
    return converted


def _scalar(node: Shape, value: Any) -> Any:
    if node.type_name == "boolean":
        return value if isinstance(value, bool) else str(value).lower() in ("true", "yes", "1")
    if node.type_name in ("integer", "long"):
        return int(value)
    if node.type_name in ("float", "double"):
        return float(value)
    return str(value)


def from_aws(node: Shape, value: Any) -> Any:
    """Ansible's form of a configuration that the API returned."""
    if node.type_name == "list":
        return [from_aws(node.member, item) for item in value]
    if node.type_name != "structure":
        return value
    if _is_wrapper(node) and set(value) <= {"Quantity", "Items", "Enabled"}:
        return from_aws(node.members["Items"], value.get("Items") or [])
    return {
        snake(name): from_aws(node.members[name], item)
        for name, item in value.items()
        if name in node.members and name != "Quantity"
    }
