# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudFront resources that consist of a configuration with a name: found by name, changed under an ETag.

The listings hold whole configurations, so in a look one call answers for all resources of an account. A distribution
that is as declared proves that they exist: CloudFront deletes none that is in use.
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlSummary.html
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicySummary.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .._aws import Aws, AwsError, wait_until
from .._reconcile import KNOWN_AFTER_APPLY, Change, Resource
from .._shared_reads import current_reads
from .config import from_aws, shape, to_aws
from .overlay import overlay, same

#: How often a write is repeated that met a newer version of what it writes.
ATTEMPTS = 5

#: How long to look for what AWS says exists in a listing that does not show it yet, in seconds.
LISTED_SECONDS = 20.0


#: Returns the id and the configuration of each resource of a kind.
Listing = Callable[[Aws], Iterable[tuple[str, dict[str, Any]]]]


@dataclass(frozen=True)
class Kind:
    """The API of one kind of resource.

    Parameters:
        noun: As in the operation ``get_<noun>``.
        key: The resource's key in the answer of that operation.
        config: The key of its configuration, and the configuration's shape in the API's model.
        already_exists: The error code of a name that is taken.
        missing: The error code of an id that does not exist.
        in_words: The kind in messages.
    """

    noun: str
    key: str
    config: str
    already_exists: str
    missing: str
    in_words: str


def plan_config(
    kind: Kind, name: str, state: str, desired: dict[str, Any], actual: dict[str, Any] | None
) -> list[Change]:
    """The writes that lead from the actual configuration (``actual["config"]``) to the declared one."""
    if state == "absent":
        return [Change("delete", f"delete {kind.in_words} {name}")] if actual else []
    if actual is None:
        return [Change("create", f"create {kind.in_words} {name}")]
    if not same(overlay(actual["config"], desired), actual["config"]):
        return [Change("update", f"update {kind.in_words} {name}")]
    return []


class NamedConfig(Resource):
    """A CloudFront resource that consists of a configuration with a name.

    Parameters:
        module: The module, with the options ``name`` and ``state``.
        kind: The resource's API.
        config: The declared configuration in Ansible's form, without its name.
        listed: Returns the ids and the configurations of all resources of the kind.
    """

    def __init__(self, module: Any, kind: Kind, config: dict[str, Any], listed: Listing) -> None:
        self._kind = kind
        self._state = module.params["state"]
        self._name = module.params["name"]
        self._listed = listed
        self._aws = Aws(module)
        self._shape = shape(kind.config)
        self._desired = to_aws(self._shape, {**config, "name": self._name})
        self._id = ""  # once it is created: a listing may show that late

    def read(self) -> dict[str, Any] | None:
        if self._id:
            return self._get(self._id)
        found = self._find()
        return found if not found or current_reads() else self._get(found["id"])

    def _find(self) -> dict[str, Any] | None:
        for identifier, config in self._listed(self._aws):
            if config["Name"] == self._name:
                return {"id": identifier, "config": config}
        return None

    def _get(self, identifier: str) -> dict[str, Any] | None:
        answer = self._aws.call("cloudfront", f"get_{self._kind.noun}", absent=[self._kind.missing], Id=identifier)
        if answer is None:
            return None
        return {"id": identifier, "etag": answer["ETag"], "config": answer[self._kind.key][self._kind.config]}

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan_config(self._kind, self._name, self._state, self._desired, actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._state == "absent":
            return None
        before = actual or {"id": KNOWN_AFTER_APPLY, "config": {}}
        return {**before, "config": overlay(before["config"], self._desired)}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return from_aws(self._shape, state["config"]) if state else {}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        shown = {"id": state["id"], "config": from_aws(self._shape, state["config"])} if state else {}
        return {self._kind.noun: shown}

    def create(self) -> None:
        try:
            answer = self._aws.call("cloudfront", f"create_{self._kind.noun}", **{self._kind.config: self._desired})
            self._id = answer[self._kind.key]["Id"]
        except AwsError as error:
            if error.code != self._kind.already_exists:
                raise
            # Another run, or a call whose answer was lost, created it a moment ago.
            found = wait_until(
                self._find,
                LISTED_SECONDS,
                f"the {self._kind.in_words} {self._name}, which exists according to CloudFront, to be listed",
                delay=1.0,
            )
            self._id = found["id"]
            self.update()

    def update(self) -> None:
        """Lay the declared configuration over the newest one."""

        def write(actual: dict[str, Any]) -> None:
            merged = overlay(actual["config"], self._desired)
            if not same(merged, actual["config"]):
                parameters = {self._kind.config: merged}
                self._aws.call(
                    "cloudfront", f"update_{self._kind.noun}", Id=actual["id"], IfMatch=actual["etag"], **parameters
                )

        self._write_newest(write)

    def delete(self) -> None:
        def write(actual: dict[str, Any]) -> None:
            self._aws.call(
                "cloudfront",
                f"delete_{self._kind.noun}",
                absent=[self._kind.missing],
                Id=actual["id"],
                IfMatch=actual["etag"],
            )

        self._write_newest(write)

    def _write_newest(self, write: Callable[[dict[str, Any]], None]) -> None:
        """Call ``write`` with the newest version; again where another writer was faster."""
        for _attempt in range(ATTEMPTS):
            actual = self.read()
            if actual is None and self._state == "absent":
                return
            if actual is None:
                break
            try:
                write(actual)
                return
            except AwsError as error:
                if error.code != "PreconditionFailed":
                    raise
        raise AnsibleAWSError(
            message=f"The {self._kind.in_words} {self._name} keeps changing under this run. Nothing of it was written. "
            "Find what else writes it, and run again."
        )
