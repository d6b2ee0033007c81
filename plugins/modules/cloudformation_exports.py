#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudformation_exports
version_added: 1.0.0
short_description: Publish values as CloudFormation exports
description:
  - Manages a stack whose only purpose is its exports, so that C(Fn::ImportValue) and C(list-exports) work for values
    that no other stack creates. Its one resource is a wait condition handle, which costs nothing.
  - CloudFormation refuses to change or remove an export that another stack imports. This module finds the importers
    before it writes anything, and names them.
  - A stack whose creation failed is deleted and created again.
  - If CloudFormation rolls an operation back, the message gives the reason from the stack's events.
options:
  stack_name:
    description: The name of the stack.
    type: str
    required: true
  exports:
    description:
      - The value of each export, by its name. Required if O(state=present).
      - A name has 1 to 255 letters, digits, colons and hyphens. A value has 1 to 1024 bytes; numbers and booleans are
        sent as text.
    type: dict
  description:
    description: The stack's description, sent with each change of the exports or tags.
    type: str
    default: Exports only
  state:
    description: Whether the stack exists.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: How long to wait for CloudFormation to finish an operation of the stack, in seconds.
    type: int
    default: 300
seealso:
  - name: Exporting stack output values
    description: How exports and imports work, and when CloudFormation refuses to change them.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.tags
  - arda.image_upload.attributes
"""

EXAMPLES = r"""
- name: Publish the name of a bucket
  arda.image_upload.cloudformation_exports:
    stack_name: dev-images-exports
    exports:
      dev-ImageBucketName: dev-images
"""

RETURN = r"""
changes:
  description: The changes, in check mode the predicted ones, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create stack dev-images-exports"]
exports:
  description: The value of each export of the stack, by its name.
  returned: success
  type: dict
  sample: {"dev-ImageBucketName": "dev-images"}
stack_id:
  description: The stack's ARN, C((known after apply)) if check mode predicts its creation, empty if there is none.
  returned: success
  type: str
  sample: arn:aws:cloudformation:us-east-1:111122223333:stack/dev-images-exports/12345678-1234-1234-1234-123456789012
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError, wait_until
from ansible_collections.arda.image_upload.plugins.module_utils._cloudformation import (
    DEAD,
    EXPORTS_ONLY,
    STUCK,
    export_problems,
    in_progress,
    reason,
    stack_name,
    template,
)
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    KNOWN_AFTER_APPLY,
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)


def living(actual: dict[str, Any] | None) -> dict[str, Any] | None:
    """The stack, None where it must be deleted and created anew."""
    return None if actual is None or actual["status"] in DEAD else actual


def tags_sent(options: dict[str, Any], actual: dict[str, Any] | None) -> dict[str, str] | None:
    """All tags of the stack after the write, for CloudFormation replaces them as a whole; None leaves them as they are.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html (Tags)
    """
    if options["tags"] is None:
        return None
    before = actual["tags"] if actual else {}
    after = tags_after(before, options["tags"], options["purge_tags"])
    return {key: value for key, value in after.items() if not key.startswith("aws:")}


def plan(options: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes between the stack in AWS and the one that is wanted."""
    name = options["stack_name"]
    if options["state"] == "absent":
        return [Change("delete", f"delete stack {name}", {"stack_id": actual["id"]})] if actual else []
    changes = []
    if actual and actual["status"] in DEAD:
        summary = f"delete stack {name}, which is {actual['status']}"
        changes.append(Change("delete", summary, {"stack_id": actual["id"]}))
    found = living(actual)
    arguments = {"operation": "update_stack" if found else "create_stack", "tags": tags_sent(options, found)}
    if found is None:
        return [*changes, Change("write", f"create stack {name}", arguments)]
    tags, removed = tag_changes(found["tags"], options["tags"], options["purge_tags"])
    if options["exports"] != found["exports"] or tags or removed:
        changes.append(Change("write", f"update stack {name}", arguments))
    return changes


def withdrawn(wanted: dict[str, str], actual: dict[str, Any] | None) -> list[str]:
    """The exports that the plan changes or removes: those that nobody may import."""
    before = actual["exports"] if actual else {}
    return sorted(name for name, value in before.items() if wanted.get(name) != value)


class Exports(Resource):
    """A stack that only exports."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        declared = module.params["exports"] or {}
        self._problems = export_problems(declared)
        if not module.check_mode and KNOWN_AFTER_APPLY in declared.values():
            self._problems.append(f"the value {KNOWN_AFTER_APPLY} is a prediction of check mode")
        self._options = {**module.params, "exports": {name: str(value) for name, value in declared.items()}}
        self._name = module.params["stack_name"]
        self._aws = Aws(module)

    def read(self) -> dict[str, Any] | None:
        """The stack once CloudFormation has finished what it does to it, None where there is none."""
        stack = wait_until(
            lambda: next(iter([s for s in [self._stack(self._name)] if not in_progress(s["StackStatus"])]), None),
            self._options["wait_timeout"],
            f"stack {self._name} to finish the operation in progress",
            delay=1.0,
        )
        if stack["StackStatus"] == "ABSENT":
            return None
        return {
            "id": stack["StackId"],
            "status": stack["StackStatus"],
            "exports": {o["ExportName"]: o["OutputValue"] for o in stack.get("Outputs", []) if o.get("ExportName")},
            "tags": boto3_tag_list_to_ansible_dict(stack.get("Tags", [])),
        }

    def _stack(self, name: str) -> dict[str, Any]:
        try:
            return self._aws.call("cloudformation", "describe_stacks", StackName=name)["Stacks"][0]
        except AwsError as error:
            if error.code != "ValidationError" or "does not exist" not in str(error.exception):
                raise
            return {"StackStatus": "ABSENT"}

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan(self._options, actual)

    def refuse(self, actual: dict[str, Any] | None, changes: list[Change]) -> None:
        """Refuse what CloudFormation would refuse after the first write."""
        if self._problems:
            raise AnsibleAWSError(
                message=f"Stack {self._name} cannot have these exports: {'; '.join(self._problems)}. "
                "Nothing was written. Correct the option exports."
            )
        if not changes:
            return
        present = self._options["state"] == "present"
        if actual and present and actual["status"] in STUCK:
            remedy = STUCK[actual["status"]].format(name=self._name)
            raise AnsibleAWSError(
                message=f"Stack {self._name} is {actual['status']} and cannot be updated. Nothing was written. {remedy}"
            )
        if actual:
            self._refuse_if_it_holds_more(actual["id"])
        wanted = self._options["exports"] if present else {}
        self._refuse_if_imported(withdrawn(wanted, actual))
        self._refuse_if_taken(wanted)

    def _refuse_if_it_holds_more(self, stack_id: str) -> None:
        """A stack of others would lose its resources with its template, which this module replaces."""
        listed = self._aws.pages("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=stack_id)
        others = [
            f"{resource['LogicalResourceId']} ({resource['ResourceType']})"
            for resource in listed
            if resource["ResourceType"] != EXPORTS_ONLY and resource["ResourceStatus"] != "DELETE_COMPLETE"
        ]
        if others:
            raise AnsibleAWSError(
                message=f"Stack {self._name} holds resources beside exports, which would be deleted: "
                f"{', '.join(others[:5])}. Nothing was written. Name another stack."
            )

    def _refuse_if_imported(self, names: list[str]) -> None:
        importers = {name: self._importers(name) for name in names}
        blocked = [f"{name} by {', '.join(stacks)}" for name, stacks in importers.items() if stacks]
        if blocked:
            raise AnsibleAWSError(
                message=f"Stack {self._name} cannot change an export that other stacks import, and CloudFormation "
                f"would refuse it: {'; '.join(blocked)}. Nothing was written. Let those stacks drop the import first "
                "(replace Fn::ImportValue by the value itself), then run again."
            )

    def _importers(self, name: str) -> list[str]:
        try:
            return list(self._aws.pages("cloudformation", "list_imports", "Imports", ExportName=name))
        except AwsError as error:
            # "Export 'x' is not imported by any stack.", also for an export that another run has just removed.
            if error.code == "ValidationError":
                return []
            raise

    def _refuse_if_taken(self, wanted: dict[str, str]) -> None:
        for export in self._aws.pages("cloudformation", "list_exports", "Exports"):
            # By name, not by id: another run may have created this very stack since it was read.
            if export["Name"] in wanted and stack_name(export["ExportingStackId"]) != self._name:
                raise AnsibleAWSError(
                    message=f"Export {export['Name']} already belongs to stack {export['ExportingStackId']}, not to "
                    f"{self._name}. Nothing was written. Remove it there, or give it another name here."
                )

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        before = living(actual) or {"id": KNOWN_AFTER_APPLY, "status": "CREATE_COMPLETE", "tags": {}}
        tags = tags_after(before["tags"], self._options["tags"], self._options["purge_tags"])
        return {**before, "exports": self._options["exports"], "tags": tags}

    def wait(self, state: dict[str, Any] | None) -> dict[str, Any] | None:
        """``read`` waits for the end of the operation. Its end must be what was asked for."""
        if self._options["state"] == "absent" or self._as_declared(state):
            return state
        status = state["status"] if state else "absent"
        cause = reason(self._events(state["id"])) if state else "another run deleted it"
        raise AnsibleAWSError(message=f"Stack {self._name} is {status} without the declared exports: {cause}")

    def _as_declared(self, state: dict[str, Any] | None) -> bool:
        return bool(state) and not plan(self._options, state)

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {"exports": state["exports"], "tags": state["tags"]} if state else {}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {"exports": state["exports"] if state else {}, "stack_id": state["id"] if state else ""}

    def write(self, operation: str, tags: dict[str, str] | None) -> None:
        """Create or update the stack; follow a run that is at the same stack until it is as declared."""
        for _attempt in range(3):
            try:
                self._send(operation, tags)
                return
            except AwsError as error:
                text = str(error.exception)
                if "No updates are to be performed" in text:  # another run has made the same update
                    return
                if error.code != "AlreadyExistsException" and "_IN_PROGRESS state" not in text:
                    raise
            found = self.read()
            if self._as_declared(found):
                return
            operation = "update_stack" if found else "create_stack"

    def _send(self, operation: str, tags: dict[str, str] | None) -> None:
        self._aws.call(
            "cloudformation",
            operation,
            StackName=self._name,
            TemplateBody=template(self._options["description"], self._options["exports"]),
            **({} if tags is None else {"Tags": ansible_dict_to_boto3_tag_list(tags)}),
        )

    def _events(self, stack_id: str) -> list[dict[str, Any]]:
        return list(self._aws.pages("cloudformation", "describe_stack_events", "StackEvents", StackName=stack_id))

    def delete(self, stack_id: str) -> None:
        """Delete the stack and wait for it. A refused deletion returns the stack to its earlier status."""
        newest = self._events(stack_id)[:1]
        self._aws.call("cloudformation", "delete_stack", StackName=stack_id)

        def gone() -> bool:
            status = self._stack(stack_id)["StackStatus"]
            if status in ("ABSENT", "DELETE_COMPLETE"):
                return True
            if not in_progress(status) and (events := self._events(stack_id))[:1] != newest:
                raise AnsibleAWSError(message=f"Stack {self._name} was not deleted, it is {status}: {reason(events)}")
            return False

        wait_until(gone, self._options["wait_timeout"], f"stack {self._name} to be deleted", delay=1.0)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "stack_name": {"type": "str", "required": True},
            "exports": {"type": "dict"},
            "description": {"type": "str", "default": "Exports only"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 300},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_if=[("state", "present", ["exports"])],
        supports_check_mode=True,
    )
    run(module, Exports(module))


if __name__ == "__main__":
    main()
