#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_distribution
version_added: 1.0.0
short_description: Create, update and delete a CloudFront distribution
description:
  - Creates, updates and deletes the distribution that answers for a set of aliases. Takes every field of the
    CloudFront API in snake_case, with plain lists where the API wraps them in C(Quantity) and C(Items).
  - A field that is not declared keeps its value, unless a declared field excludes it.
  - A cache policy excludes forwarded values and TTLs, one kind of origin the others, and an origin access control the
    origin access identity. A behavior that declares C(trusted_key_groups) without C(trusted_signers) has no trusted
    signers, and the other way round. A declared C(viewer_certificate) that is another one replaces the structure.
  - A distribution that already has the first alias is taken over.
  - CloudFront may not know a certificate for a minute after ACM has issued it. The module repeats the write for up to
    two minutes if ACM says that the certificate is issued and covers the aliases.
seealso:
  - name: DistributionConfig
    description: The fields of O(config).
    link: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
options:
  aliases:
    description:
      - The host names that the distribution answers for. The first one identifies it.
      - CloudFront keeps them in lower case; a dot at the end is removed.
    type: list
    elements: str
    required: true
  state:
    description:
      - Whether the distribution exists.
      - With V(absent) it is disabled first, and deleted when that is deployed, which takes minutes.
    type: str
    choices: [present, absent]
    default: present
  config:
    description:
      - The C(DistributionConfig) of the API in snake_case, without its aliases and caller reference. Required where
        O(state=present).
    type: dict
  wait:
    description: Whether to wait until the distribution is deployed to all edge locations.
    type: bool
    default: false
  wait_timeout:
    description: How long to wait until the distribution is deployed, in seconds.
    type: int
    default: 1800
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
- name: A private bucket behind signed cookies
  arda.image_upload.cloudfront_distribution:
    aliases: [images.example.com]
    config:
      enabled: true
      comment: Images of the shop
      origins:
        - id: bucket
          domain_name: dev-images.s3.us-east-1.amazonaws.com
          origin_access_control_id: E2QWRUHAPOMQZL
          s3_origin_config:
            origin_access_identity: ""
      default_cache_behavior:
        target_origin_id: bucket
        viewer_protocol_policy: redirect-to-https
        cache_policy_id: 658327ea-f89d-4fab-a63d-7e88639e58f6
        trusted_key_groups: [6f4b9a0e-1c0f-4f6e-9d0c-0a1b2c3d4e5f]
      viewer_certificate:
        acm_certificate_arn: arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
        ssl_support_method: sni-only
        minimum_protocol_version: TLSv1.2_2021
"""

RETURN = r"""
changes:
  description: One sentence for each write; in check mode, for each write that would be made.
  returned: success
  type: list
  elements: str
  sample: ["create distribution images.example.com"]
distribution:
  description: The distribution. Empty if it does not exist.
  returned: success
  type: dict
  contains:
    id:
      description: The distribution's id. V((known after apply\)) in check mode if it does not exist yet.
      returned: success
      type: str
      sample: EDFDVBD632BHDS5
    arn:
      description: The distribution's ARN. V((known after apply\)) in check mode if it does not exist yet.
      returned: success
      type: str
      sample: arn:aws:cloudfront::111122223333:distribution/EDFDVBD632BHDS5
    domain_name:
      description:
        - CloudFront's own name of the distribution.
        - V((known after apply\)) in check mode if it does not exist yet.
      returned: success
      type: str
      sample: d111111abcdef8.cloudfront.net
    status:
      description: V(InProgress) while it is being deployed, then V(Deployed).
      returned: success
      type: str
      sample: Deployed
    config:
      description: The distribution's configuration.
      returned: success
      type: dict
      sample: {"enabled": true, "aliases": ["images.example.com"]}
    tags:
      description: The distribution's tags.
      returned: success
      type: dict
      sample: {"ManagedBy": "ansible"}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.config import from_aws, shape, to_aws
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.distributions import (
    DistributionExistsError,
    Distributions,
)
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.overlay import overlay, same
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    KNOWN_AFTER_APPLY,
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
    text_tags,
)

MAX_GENERATIONS = 100
UPDATE_ATTEMPTS = 5
#: What CloudFront makes of the other fields of a viewer certificate.
#: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html (deprecated fields)
DERIVED = ("certificate", "certificate_source", "cloud_front_default_certificate")


def hostnames(aliases: list[str]) -> list[str]:
    """Aliases in the form in which CloudFront keeps them: lower case, without a dot at the end, each once."""
    return list(dict.fromkeys(alias.lower().rstrip(".") for alias in aliases))


def plan(options: dict[str, Any], desired: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes that lead from the actual distribution to the declared one.

    Parameters:
        options: The module's options.
        desired: The declared configuration in the API's form.
        actual: What ``Distribution.read`` returns.
    """
    name = hostnames(options["aliases"])[0]
    if options["state"] == "absent":
        return [Change("delete", f"disable and delete distribution {name}")] if actual else []
    if actual is None:
        return [Change("create", f"create distribution {name}")]
    changes = []
    if not same(overlay(actual["config"], desired), actual["config"]):
        changes.append(Change("update", f"update distribution {name}"))
    tags, removed = tag_changes(actual["tags"], options["tags"], options["purge_tags"])
    if tags or removed:
        arguments = {"arn": actual["arn"], "tags": tags, "removed": removed}
        changes.append(Change("tag", f"tag distribution {name}", arguments))
    return changes


class Distribution(Resource):
    """A distribution, found by its first alias until its id is known."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        self._aliases = hostnames(module.params["aliases"])
        self._name = self._aliases[0]
        self._distributions = Distributions(Aws(module), Aws(module, region="us-east-1"), self._aliases)
        self._shape = shape("DistributionConfig")
        self._desired = to_aws(self._shape, {**(module.params["config"] or {}), "aliases": self._aliases})
        self._known_id = ""

    def read(self) -> dict[str, Any] | None:
        identifier = self._known_id or self._distributions.find()
        return self._distributions.get(identifier) if identifier else None

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan(self._options, self._desired, actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        assigned = dict.fromkeys(("id", "arn", "domain_name"), KNOWN_AFTER_APPLY)
        before = actual or {**assigned, "status": "", "config": {}, "tags": {}}
        tags = tags_after(before["tags"], self._options["tags"], self._options["purge_tags"])
        config = overlay(before["config"], self._desired)
        after = {**before, "config": config, "tags": tags}
        if not same(config, before["config"]):
            after["status"] = "Deployed" if self._options["wait"] else "InProgress"
        return after

    def wait(self, state: dict[str, Any] | None) -> dict[str, Any] | None:
        if not state or not self._options["wait"]:
            return state
        deployed = self._distributions.wait_until_deployed(state["id"], self._options["wait_timeout"])
        if deployed is None:
            raise AnsibleAWSError(
                message=f"Distribution {state['id']} ({self._name}) was deleted while this run waited until it is "
                "deployed. Find what deleted it, and run again."
            )
        return deployed

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if not state:
            return {}
        config = from_aws(self._shape, state["config"])
        certificate = config.get("viewer_certificate", {})
        shown = {name: value for name, value in certificate.items() if name not in DERIVED or value is True}
        return {"config": {**config, **({"viewer_certificate": shown} if certificate else {})}, "tags": state["tags"]}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if state is None:
            return {"distribution": {}}
        shown = {name: state[name] for name in ("id", "arn", "domain_name", "status", "tags")}
        return {"distribution": {**shown, "config": from_aws(self._shape, state["config"])}}

    def create(self) -> None:
        """Create under the first caller reference of this name that was never used, as for a hosted zone.

        The id is taken from the answer: a listing may show a new distribution late.
        """
        tags = text_tags(self._options["tags"] or {})
        for generation in range(1, MAX_GENERATIONS + 1):
            config = {"Comment": "", **self._desired, "CallerReference": f"{self._name}#{generation}"}
            try:
                self._known_id = self._distributions.create(config, tags)
                if self._known_id:
                    return
            except DistributionExistsError as exists:
                self._known_id = str(exists)
                for change in self.plan(self.read()):
                    getattr(self, change.method)(**change.arguments)
                return
        raise AnsibleAWSError(
            message=f"{MAX_GENERATIONS} distributions of {self._name} were created and deleted before"
        )

    def update(self) -> None:
        """Lay the declared configuration over the newest one; repeat where another writer was faster."""
        for _attempt in range(UPDATE_ATTEMPTS):
            actual = self.read()
            if actual is None:
                break
            merged = overlay(actual["config"], self._desired)
            if same(merged, actual["config"]) or self._distributions.update(actual, merged):
                return
        raise self._keeps_changing()

    def tag(self, arn: str, tags: dict[str, str], removed: list[str]) -> None:
        """Set and remove tags."""
        self._distributions.tag(arn, tags, removed)

    def delete(self) -> None:
        """Disable, wait until that is deployed, and delete; repeat where another writer was faster."""
        for _attempt in range(UPDATE_ATTEMPTS):
            actual = self.read()
            if actual is None:
                return
            if actual["config"]["Enabled"] and not self._distributions.update(
                actual, {**actual["config"], "Enabled": False}
            ):
                continue
            disabled = self._distributions.wait_until_deployed(actual["id"], self._options["wait_timeout"])
            if disabled is None or self._distributions.delete(disabled):
                return
        raise self._keeps_changing()

    def _keeps_changing(self) -> AnsibleAWSError:
        return AnsibleAWSError(
            message=f"Distribution {self._name} keeps changing under this run. Find what else writes it, and run again."
        )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "aliases": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "config": {"type": "dict"},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 1800},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_if=[("state", "present", ["config"])],
        supports_check_mode=True,
    )
    if not all(hostnames(module.params["aliases"]) or [""]):
        module.fail_json(
            msg=f"aliases must be host names, at least one, found {module.params['aliases']!r}. Nothing was written. "
            "The first one identifies the distribution."
        )
    try:
        distribution = Distribution(module)
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    run(module, distribution)


if __name__ == "__main__":
    main()
