# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of every module: read AWS, plan as a pure function, refuse or apply, and wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

#: The predicted value of what AWS assigns when the plan is applied, such as an id.
KNOWN_AFTER_APPLY = "(known after apply)"


@dataclass(frozen=True)
class Change:
    """One write: the resource's method that makes it, its arguments, and a sentence for people."""

    method: str
    summary: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Resource:
    """What a module manages. Subclasses say how to read, plan, predict and write it."""

    def read(self) -> dict[str, Any] | None:
        """What AWS holds now, None where there is nothing."""
        raise NotImplementedError

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        """What must change; a pure function of the module's options and ``actual``."""
        raise NotImplementedError

    def refuse(self, actual: dict[str, Any] | None, changes: list[Change]) -> None:
        """Raise AnsibleAWSError if the plan must not be applied. Called before the first write, in check mode too.

        May read AWS, such as the stacks that import an export.
        """

    def apply(self, changes: list[Change]) -> None:
        """Make the changes, in order."""
        for change in changes:
            getattr(self, change.method)(**change.arguments)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        """What ``read`` would return once the plan is applied, as far as it can be known."""
        raise NotImplementedError

    def wait(self, state: dict[str, Any] | None) -> dict[str, Any] | None:
        """The state once it is what the options wait for. Called after the plan is applied, never in check mode.

        Raises AnsibleAWSError with the reason when it cannot become that, or the time is over.
        """
        return state

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        """The part of a state that a diff shows."""
        return state or {}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        """The module's own return values for a state, without a call to AWS."""
        raise NotImplementedError


def run(module: Any, resource: Resource) -> None:
    """Reconcile ``resource`` and end the module with its result."""
    try:
        refuse_tags(module.params.get("tags"))
        before = resource.read()
        changes = resource.plan(before)
        resource.refuse(before, changes)
        if module.check_mode:
            after = resource.predict(before) if changes else before
        else:
            resource.apply(changes)
            after = resource.wait(resource.read() if changes else before)
        result = resource.result(after)
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    summaries = [change.summary for change in changes]
    diff = difference(module, resource, before, after)
    module.exit_json(**{"changed": bool(changes), "changes": summaries, **result, **diff})


def difference(
    module: Any, resource: Resource, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> dict[str, Any]:
    """The return value ``diff`` of a module, where it is asked for."""
    if not module._diff:
        return {}
    views = {"before": resource.view(before), "after": resource.view(after)}
    return {"diff": {**views, "before_header": "in AWS", "after_header": "as declared"}}


def refuse_tags(tags: Mapping[str, Any] | None) -> None:
    """Raise AnsibleAWSError for tags that no AWS service keeps.

    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    for key, value in (tags or {}).items():
        found = ""
        if not isinstance(value, (str, int, float)):
            found = f"its value is {value!r}, expected text, a number or a boolean"
        elif not 1 <= len(str(key)) <= 128:
            found = f"its key has {len(str(key))} characters, expected 1 to 128"
        elif len(str(value)) > 256:
            found = f"its value has {len(str(value))} characters, expected at most 256"
        elif str(key).lower().startswith("aws:"):
            found = "keys that begin with aws: belong to AWS"
        if found:
            raise AnsibleAWSError(message=f"Tag {key!r} is invalid: {found}. Nothing was written. Correct the tag.")


def text_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    """Tags in the form that AWS keeps: text. A boolean is ``True`` or ``False``, as amazon.aws sends it."""
    return {str(key): str(value) for key, value in tags.items()}


def tag_changes(
    actual: Mapping[str, str], desired: Mapping[str, Any] | None, purge: bool
) -> tuple[dict[str, str], list[str]]:
    """The tags to set and the keys to remove; none of either where ``desired`` is None."""
    if desired is None:
        return {}, []
    declared = text_tags(desired)
    wanted = {key: value for key, value in declared.items() if actual.get(key) != value}
    extra = sorted(key for key in actual if key not in declared and not key.startswith("aws:"))
    return wanted, extra if purge else []


def tags_after(actual: Mapping[str, str], desired: Mapping[str, Any] | None, purge: bool) -> dict[str, str]:
    """The tags in AWS once ``tag_changes`` is applied."""
    wanted, extra = tag_changes(actual, desired, purge)
    return {key: value for key, value in {**actual, **wanted}.items() if key not in extra}
