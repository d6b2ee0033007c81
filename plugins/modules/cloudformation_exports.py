#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudformation_exports
version_added: 0.1.0
short_description: Publish values as CloudFormation exports
description:
  - Keeps a stack whose only purpose is its exports, so that C(Fn::ImportValue) and C(list-exports) work for consumers
    of values that no stack made. Its one resource is a wait condition handle, which costs nothing.
  - CloudFormation refuses to change or remove an export that another stack imports. This module looks for importers
    before it writes anything, and names them.
  - A stack whose first creation failed is replaced.
  - Rests on U(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html).
options:
  stack_name:
    description: The name of the stack.
    type: str
    required: true
  exports:
    description: The value of each export, by its name. Required where O(state=present).
    type: dict
  description:
    description: The stack's description.
    type: str
    default: Exports only
  state:
    description: Whether the stack is there.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: How long to wait for the stack to settle, in seconds.
    type: int
    default: 300
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
  description: What was done, or in check mode would be done, a sentence each.
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
  description: The stack's ARN; empty where there is none.
  returned: success
  type: str
  sample: arn:aws:cloudformation:us-east-1:139852620346:stack/dev-images-exports/12345678-1234-1234-1234-123456789012
"""

import json
import re
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError, wait_until
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)

# A stack in one of these can only be deleted.
DEAD = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")
USABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


def template(description: str, exports: dict[str, str]) -> str:
    """The CloudFormation template of a stack that only exports."""
    outputs = {
        re.sub(r"[^A-Za-z0-9]", "", name): {"Value": value, "Export": {"Name": name}}
        for name, value in sorted(exports.items())
    }
    handle = {"ExportsOnly": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    return json.dumps({"Description": description, "Resources": handle, "Outputs": outputs})


def plan(options: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes between the stack that is there and the one that is wanted."""
    name = options["stack_name"]
    if options["state"] == "absent":
        return [Change("delete", f"delete stack {name}")] if actual else []
    changes = []
    if actual and actual["status"] in DEAD:
        changes.append(Change("delete", f"delete stack {name}, which is {actual['status']}"))
        actual = None
    if actual is None:
        return [*changes, Change("write", f"create stack {name}", {"operation": "create_stack"})]
    tags, removed = tag_changes(actual["tags"], options["tags"], options["purge_tags"])
    if options["exports"] != actual["exports"] or tags or removed:
        changes.append(Change("write", f"update stack {name}", {"operation": "update_stack"}))
    return changes


def withdrawn(wanted: dict[str, str], actual: dict[str, Any] | None) -> list[str]:
    """The exports that the plan changes or removes: those that nobody may import."""
    before = actual["exports"] if actual else {}
    return sorted(name for name, value in before.items() if wanted.get(name) != value)


class Exports(Resource):
    def __init__(self, module: AnsibleAWSModule) -> None:
        exports = {name: str(value) for name, value in (module.params["exports"] or {}).items()}
        self._options = {**module.params, "exports": exports}
        self._name = module.params["stack_name"]
        self._aws = Aws(module)

    def read(self) -> dict[str, Any] | None:
        stack = wait_until(
            lambda: next(
                iter([s for s in [self._stack()] if not s.get("StackStatus", "").endswith("_IN_PROGRESS")]),
                None,
            ),
            self._options["wait_timeout"],
            f"stack {self._name} to settle",
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

    def _stack(self) -> dict[str, Any]:
        try:
            stacks = self._aws.call("cloudformation", "describe_stacks", StackName=self._name)["Stacks"]
        except AwsError as error:
            if error.code != "ValidationError" or "does not exist" not in str(error.exception):
                raise
            stacks = []
        return stacks[0] if stacks else {"StackStatus": "ABSENT"}

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        changes = plan(self._options, actual)
        if changes:
            wanted = self._options["exports"] if self._options["state"] == "present" else {}
            self._refuse_if_imported(withdrawn(wanted, actual))
            self._refuse_if_taken(wanted, actual)
        return changes

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
            return self._aws.call("cloudformation", "list_imports", ExportName=name)["Imports"]
        except AwsError as error:
            if error.code == "ValidationError":  # how CloudFormation says that nobody imports it
                return []
            raise

    def _refuse_if_taken(self, wanted: dict[str, str], actual: dict[str, Any] | None) -> None:
        own = actual["id"] if actual else ""
        for export in self._aws.pages("cloudformation", "list_exports", "Exports"):
            if export["Name"] in wanted and export["ExportingStackId"] != own:
                raise AnsibleAWSError(
                    message=f"Export {export['Name']} already belongs to stack {export['ExportingStackId']}, not to "
                    f"{self._name}. Nothing was written. Remove it there, or give it another name here."
                )

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        before = actual or {"id": "", "status": "CREATE_COMPLETE", "tags": {}}
        tags = tags_after(before["tags"], self._options["tags"], self._options["purge_tags"])
        return {**before, "exports": self._options["exports"], "tags": tags}

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {"exports": state["exports"], "tags": state["tags"]} if state else {}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {"exports": state["exports"] if state else {}, "stack_id": state["id"] if state else ""}

    def write(self, operation: str) -> None:
        try:
            self._aws.call(
                "cloudformation",
                operation,
                StackName=self._name,
                TemplateBody=template(self._options["description"], self._options["exports"]),
                Tags=ansible_dict_to_boto3_tag_list(self._options["tags"] or {}),
            )
        except AwsError as error:
            # Another run made the same stack, or the same update, a moment ago: what it made is read afterwards.
            if error.code != "AlreadyExistsException" and "No updates" not in str(error.exception):
                raise
        settled = self.read()
        if settled is None or settled["status"] not in USABLE or settled["exports"] != self._options["exports"]:
            status = settled["status"] if settled else "absent"
            raise AnsibleAWSError(message=f"Stack {self._name} is {status}: {self._reason()}")

    def _reason(self) -> str:
        events = self._aws.call("cloudformation", "describe_stack_events", StackName=self._name)["StackEvents"]
        failed = [e.get("ResourceStatusReason", "") for e in events if e["ResourceStatus"].endswith("_FAILED")]
        return failed[-1] if failed else "no reason given"

    def delete(self) -> None:
        self._aws.call("cloudformation", "delete_stack", StackName=self._name)
        wait_until(
            lambda: self._stack()["StackStatus"] in ("ABSENT", "DELETE_COMPLETE"),
            self._options["wait_timeout"],
            f"stack {self._name} to be deleted",
            delay=1.0,
        )


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
