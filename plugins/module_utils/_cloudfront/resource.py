# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CloudFront's named configurations have in common: found by name, changed under an ETag, laid over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .._aws import Aws, AwsError
from .._reconcile import Change, Resource
from .config import from_aws, overlay, same, shape, to_aws

ATTEMPTS = 5


@dataclass(frozen=True)
class Kind:
    """The API of one kind: ``noun`` as in ``get_<noun>``, ``key`` as in the answer, ``config`` its configuration."""

    noun: str
    key: str
    config: str
    already_exists: str
    missing: str
    in_words: str


def plan_config(
    kind: Kind, name: str, state: str, desired: dict[str, Any], actual: dict[str, Any] | None
) -> list[Change]:
    """The writes between the configuration that is there (``actual["config"]``) and the declared one."""
    if state == "absent":
        return [Change("delete", f"delete {kind.in_words} {name}")] if actual else []
    if actual is None:
        return [Change("create", f"create {kind.in_words} {name}")]
    if not same(overlay(actual["config"], desired), actual["config"]):
        return [Change("update", f"update {kind.in_words} {name}")]
    return []


class NamedConfig(Resource):
    """A CloudFront resource that is nothing but a configuration with a name."""

    def __init__(self, module: Any, kind: Kind, config: dict[str, Any], find: Callable[[Aws, str], str | None]) -> None:
        self._kind = kind
        self._state = module.params["state"]
        self._name = module.params["name"]
        self._find = find
        self._aws = Aws(module)
        self._shape = shape(kind.config)
        self._desired = to_aws(self._shape, {**config, "name": self._name})

    def read(self) -> dict[str, Any] | None:
        identifier = self._find(self._aws, self._name)
        return self.get(identifier) if identifier else None

    def get(self, identifier: str) -> dict[str, Any] | None:
        answer = self._aws.call("cloudfront", f"get_{self._kind.noun}", absent=[self._kind.missing], Id=identifier)
        if answer is None:
            return None
        return {"id": identifier, "etag": answer["ETag"], "config": answer[self._kind.key][self._kind.config]}

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan_config(self._kind, self._name, self._state, self._desired, actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._state == "absent":
            return None
        before = actual or {"id": "", "etag": "", "config": {}}
        return {**before, "config": overlay(before["config"], self._desired)}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return from_aws(self._shape, state["config"]) if state else {}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        shown = {"id": state["id"], "config": from_aws(self._shape, state["config"])} if state else {}
        return {self._kind.noun: shown}

    def create(self) -> None:
        try:
            self._aws.call("cloudfront", f"create_{self._kind.noun}", **{self._kind.config: self._desired})
        except AwsError as error:
            if error.code != self._kind.already_exists:
                raise
            self.update()  # another run, or a call whose answer was lost, made it a moment ago

    def update(self) -> None:
        """Lay the declared configuration over the newest one, again where another writer was faster."""
        for _attempt in range(ATTEMPTS):
            actual = self.read()
            if actual is None:
                break
            merged = overlay(actual["config"], self._desired)
            if same(merged, actual["config"]):
                return
            try:
                self._aws.call(
                    "cloudfront",
                    f"update_{self._kind.noun}",
                    Id=actual["id"],
                    IfMatch=actual["etag"],
                    **{self._kind.config: merged},
                )
                return
            except AwsError as error:
                if error.code != "PreconditionFailed":
                    raise
        raise AnsibleAWSError(
            message=f"The {self._kind.in_words} {self._name} keeps changing under this run; run again"
        )

    def delete(self) -> None:
        actual = self.read()
        if actual:
            self._aws.call(
                "cloudfront",
                f"delete_{self._kind.noun}",
                absent=[self._kind.missing],
                Id=actual["id"],
                IfMatch=actual["etag"],
            )
