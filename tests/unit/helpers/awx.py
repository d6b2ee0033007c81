"""The objects of awx/, as infra.aap_configuration takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]


class Loader(yaml.SafeLoader):
    """Takes ``!unsafe`` texts, which Ansible does not template, as texts."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def objects() -> dict[str, list[dict[str, Any]]]:
    """The objects by the variable that lists them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((ROOT / "awx").glob("*.yml")):
        for variable, items in yaml.load(path.read_text(), Loader).items():
            found.setdefault(variable, []).extend(items)
    return found


def template(name: str) -> dict[str, Any]:
    return next(one for one in objects()["controller_templates"] if one["name"] == name)


def role_of(credential: str) -> str:
    """The role of docs/iam that a credential assumes."""
    inputs = next(one for one in objects()["controller_credentials"] if one["name"] == credential)["inputs"]
    return inputs.rpartition("'role': '")[2].partition("'")[0]


def answers(survey: dict[str, Any]) -> dict[str, Any]:
    """The answers to a survey that somebody leaves as it is: texts, as the controller passes them."""
    return {question["variable"]: question["default"] for question in survey.get("spec", [])}
