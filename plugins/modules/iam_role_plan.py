#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_role_plan
version_added: 1.0.0
short_description: Compare an IAM role with its declaration
description:
  - Compares an IAM role, its trust policy, its inline policies and its managed policies with what is declared, and
    returns the changes and their diff. It writes nothing.
  - M(arda.image_upload.iam_role) applies the changes.
seealso:
  - module: arda.image_upload.iam_role
  - module: amazon.aws.iam_role
  - module: amazon.aws.iam_policy
  - name: IAM roles
    description: What a trust policy and permissions policies are.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.iam_role
  - arda.image_upload.tags
  - arda.image_upload.attributes.plans
"""

EXAMPLES = r"""
- name: Compare the role
  arda.image_upload.iam_role_plan:
    name: images-presigning
    assume_role_policy_document: "{{ trust_policy }}"
    inline_policies:
      PutImages: "{{ put_images }}"
  register: compared
"""

RETURN = r"""
changes:
  description: The changes that lead to the declared role, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create role images-presigning", "put policy PutImages of role images-presigning"]
changed:
  description: Whether there are changes, in check mode only. Outside check mode V(false).
  returned: success
  type: bool
  sample: false
other_inline_policies:
  description: The names of the inline policies that are not declared.
  returned: success
  type: list
  elements: str
  sample: []
"""

from functools import partial
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, at_once
from ansible_collections.arda.image_upload.plugins.module_utils._policy import policy_view, same_policy
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    Resource,
    difference,
    refuse_tags,
    tag_changes,
    tags_after,
)

MISSING = ("NoSuchEntity",)
#: The options that are compared where they are given, and what the changes call them.
SETTINGS = {
    "description": "description",
    "max_session_duration": "longest session",
    "permissions_boundary": "permissions boundary",
}


def plan(options: dict[str, Any], actual: dict[str, Any] | None) -> list[str]:
    """The changes between the role that exists and the declared one, a sentence each."""
    name = options["name"]
    if options["state"] == "absent":
        return [f"delete role {name}"] if actual else []
    new = {**predict(options, {"tags": {}}), "inline_policies": {}, "managed_policies": []}
    before = actual or new
    changes = [] if actual else [f"create role {name}"]
    if not same_policy(before["trust_policy"], options["assume_role_policy_document"]):
        changes.append(f"set the trust policy of role {name}")
    for option, words in SETTINGS.items():
        if options[option] not in (None, before[option]):
            changes.append(f"set the {words} of role {name}")
    found, declared = before["inline_policies"], options["inline_policies"]
    for policy, document in declared.items():
        if policy not in found or not same_policy(found[policy], document):
            changes.append(f"put policy {policy} of role {name}")
    changes += [f"delete policy {policy} of role {name}" for policy in sorted(set(found) - set(declared))]
    attached, wanted = set(before["managed_policies"]), set(options["managed_policies"])
    changes += [f"attach policy {arn} to role {name}" for arn in sorted(wanted - attached)]
    changes += [f"detach policy {arn} from role {name}" for arn in sorted(attached - wanted)]
    if any(tag_changes(before["tags"], options["tags"], options["purge_tags"])):
        changes.append(f"tag role {name}")
    return changes


def predict(options: dict[str, Any], actual: dict[str, Any]) -> dict[str, Any]:
    """The role once it is as declared."""
    kept = {option: actual.get(option) if options[option] is None else options[option] for option in SETTINGS}
    return {
        **kept,
        "trust_policy": options["assume_role_policy_document"],
        "inline_policies": options["inline_policies"],
        "managed_policies": sorted(options["managed_policies"]),
        "tags": tags_after(actual["tags"], options["tags"], options["purge_tags"]),
    }


class Role(Resource):
    """A role with its policies. Nothing of it is written here."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._aws = Aws(module)

    def read(self) -> dict[str, Any] | None:
        """The role. Who deletes it may not read its policies: they are not compared then."""
        answer = self._aws.call("iam", "get_role", absent=MISSING, RoleName=self._options["name"])
        if answer is None:
            return None
        role = answer["Role"]
        found = {
            "description": role.get("Description", ""),
            "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "max_session_duration": role.get("MaxSessionDuration"),
            "trust_policy": role["AssumeRolePolicyDocument"],
            "tags": boto3_tag_list_to_ansible_dict(role.get("Tags", [])),
        }
        return found if self._options["state"] == "absent" else {**found, **self._policies()}

    def _policies(self) -> dict[str, Any]:
        name = {"RoleName": self._options["name"]}
        inline, attached = at_once(
            [
                lambda: self._aws.read_all("iam", "list_role_policies", **name)["PolicyNames"],
                lambda: self._aws.read_all("iam", "list_attached_role_policies", **name)["AttachedPolicies"],
            ]
        )
        document = partial(self._aws.call, "iam", "get_role_policy", **name)
        documents = at_once(partial(document, PolicyName=policy) for policy in inline)
        return {
            "inline_policies": {
                policy: answer["PolicyDocument"] for policy, answer in zip(inline, documents, strict=True)
            },
            "managed_policies": sorted(policy["PolicyArn"] for policy in attached),
        }

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        absent = self._options["state"] == "absent"
        return None if absent else predict(self._options, actual or {"tags": {}})

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if state is None:
            return {}
        view = {**state, "trust_policy": policy_view(state["trust_policy"])}
        if "inline_policies" in state:
            view["inline_policies"] = {name: policy_view(policy) for name, policy in state["inline_policies"].items()}
        return view

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        found = set((state or {}).get("inline_policies", ()))
        return {"other_inline_policies": sorted(found - set(self._options["inline_policies"]))}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "assume_role_policy_document": {"type": "dict"},
            "inline_policies": {"type": "dict", "default": {}},
            "managed_policies": {"type": "list", "elements": "str", "default": []},
            "permissions_boundary": {"type": "str"},
            "description": {"type": "str"},
            "max_session_duration": {"type": "int"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_if=[("state", "present", ["assume_role_policy_document"])],
        supports_check_mode=True,
    )
    role = Role(module)
    try:
        refuse_tags(module.params["tags"])
        before = role.read()
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    changes = plan(module.params, before)
    after = role.predict(before) if changes else before
    diff = difference(module, role, before, after)
    module.exit_json(changed=module.check_mode and bool(changes), changes=changes, **role.result(before), **diff)


if __name__ == "__main__":
    main()
