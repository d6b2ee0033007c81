#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gate
version_added: 1.0.0
short_description: Evaluate checks of AWS and DNS, report them, and fail if one does not hold
description:
  - Evaluates every check before it fails, prints a table of criterion, expected and observed values with the command
    that repeats each check, and writes the same as JSON.
  - A check reads AWS by one operation and a JMESPath query over all pages of the answer, or asks DNS. The command is
    generated from the call, so that the two cannot differ. Checks with the same call share one answer.
  - In check mode the table is printed, and a check that does not hold yet is not a failure. A check that depends on a
    value V((known after apply\)) makes no request, and no name is queried while any check does.
options:
  name:
    description: The name of the gate, which is also the name of the file under O(artifacts_directory).
    type: str
    required: true
  checks:
    description: The checks, in the order of the report.
    type: list
    elements: dict
    required: true
    suboptions:
      criterion:
        description: What must hold, in words.
        type: str
        required: true
      key:
        description: The name of the observed value in RV(observed).
        type: str
      aws:
        description: The read that observes it.
        type: dict
        suboptions:
          service:
            description: The AWS service, as the AWS CLI names it.
            type: str
            required: true
          operation:
            description: The operation, in snake_case. Only reads are taken.
            type: str
            required: true
          parameters:
            description: The operation's parameters, as in the API.
            type: dict
            default: {}
          query:
            description: A JMESPath expression over the answer.
            type: str
          region:
            description: The region. If omitted, the region of the connection.
            type: str
      dns:
        description: The DNS query that observes it.
        type: dict
        suboptions:
          name:
            description: The domain name.
            type: str
            required: true
          type:
            description: The record type.
            type: str
            required: true
          servers:
            description:
              - The authoritative name servers to ask, such as those of the zone. No resolver caches their answers.
              - The referral of a parent zone's servers counts as the answer to a query for C(NS).
              - If omitted, the resolver is asked.
            type: list
            elements: str
            default: []
      expected:
        description: The value that must be observed; a document and its JSON text are the same.
        type: raw
      comparison:
        description:
          - How the values compare.
          - V(contains) requires every expected element, or the expected text.
          - V(one_of) requires one of the expected values.
          - V(policy) compares policy documents, in which V("x") and V(["x"]) are the same.
          - V(allows) requires that the observed resource policy lets the service C(principal) of O(checks[].expected)
            perform its C(action) on its C(resource), with its C(context) of condition keys.
          - V(present) accepts any value except null, an empty string, an empty list, and an empty dictionary.
        type: str
        choices: [equals, contains, one_of, policy, allows, present]
        default: equals
      remedy:
        description: What the operator does if the check fails. If omitted, O(remedy).
        type: str
      after:
        description:
          - The criteria of earlier checks that this one rests on. Where one of them fails and this one too, this one is
            reported as skipped, with that one as its cause.
          - Where AWS answers several calls about one resource with the same error, such as V(NoSuchBucket), the first
            of these checks is the cause of the others. A missing permission is no such error.
        type: list
        elements: str
        default: []
  remedy:
    description: What the operator does if a check without a remedy of its own fails.
    type: str
    default: ""
  dns_server:
    description: The resolver to ask, an address with an optional C(:port). If omitted, the machine's own.
    type: str
  retries:
    description:
      - For how many pauses of O(delay) seconds the checks are evaluated again while only DNS checks fail. Each attempt
        is printed.
      - Never in check mode.
    type: int
    default: 0
  delay:
    description: The longest pause between two attempts, in seconds. The first ones are shorter.
    type: int
    default: 15
  prerequisites:
    description:
      - Whether the checks are about prerequisites that others provide and no later task of the play fulfills.
      - The report then shows the checks that fail in check mode too.
    type: bool
    default: false
  artifacts_directory:
    description: The directory on the controller for the JSON report. If empty, no report is written.
    type: str
    default: ""
author:
  - Arda Cards (@arda-cards)
requirements:
  - dnspython
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
"""

EXAMPLES = r"""
- name: Stop unless the bucket is versioned and the name resolves
  arda.image_upload.gate:
    name: images
    remedy: run the deployment again
    retries: 60
    checks:
      - criterion: the bucket is versioned
        aws:
          service: s3
          operation: get_bucket_versioning
          parameters:
            Bucket: dev-images
          query: Status
        expected: Enabled
      - criterion: images.example.com has an IPv4 address
        dns:
          name: images.example.com
          type: A
          servers: [ns-2048.awsdns-64.com, ns-2049.awsdns-65.net]
        comparison: present
        remedy: compare the zone's name servers with those that its parent names
"""

RETURN = r"""
checks:
  description: Every check, in the order of O(checks).
  returned: always
  type: list
  elements: dict
  contains:
    criterion:
      description: What must hold.
      type: str
      sample: the bucket is versioned
    key:
      description: The name of the observed value in RV(observed), null without one.
      type: str
      sample: versioning
    command:
      description: The command that repeats the check.
      type: str
      sample: aws s3api get-bucket-versioning --bucket dev-images --query Status --output json
    expected:
      description: The expected value, V((any value\)) with O(checks[].comparison=present).
      type: raw
      sample: Enabled
    observed:
      description: The observed value, or the name of the error if the read failed.
      type: raw
      sample: Enabled
    ok:
      description: Whether the check holds.
      type: bool
      sample: true
    status:
      description:
        - V(passed), V(failed), or V(skipped) for a check that failed because an earlier one did.
      type: str
      sample: passed
    cause:
      description: The criterion of the check that is the cause.
      returned: if the check is skipped
      type: str
    remedy:
      description: What the operator does if the check fails.
      type: str
      sample: run the deployment again
    source:
      description: What was read, V(aws) or V(dns).
      type: str
      sample: aws
observed:
  description:
    - The observed value of each check with a key, null if the read failed.
    - In check mode V((known after apply\)) for a value that does not exist yet.
  returned: always
  type: dict
  sample: {"zone_id": "Z0123456789ABCDEFGHIJ"}
passed:
  description: Whether every check holds.
  returned: always
  type: bool
  sample: true
"""

import contextlib
import json
import re
from functools import partial
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import (
    READ_OPTIONS,
    Aws,
    AwsError,
    at_once,
    write_refusal,
)
from ansible_collections.arda.image_upload.plugins.module_utils._checks import (
    FAILED,
    PASSED,
    aws_command,
    dns_command,
    name_causes,
    passes,
    plain,
)
from ansible_collections.arda.image_upload.plugins.module_utils._dns import HAS_DNSPYTHON, DnsError, resolve
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY

with contextlib.suppress(ImportError):  # comes with botocore, whose absence AnsibleAWSModule reports
    import jmespath

COMPARISONS = ["equals", "contains", "one_of", "policy", "allows", "present"]
ANY_VALUE = "(any value)"


class UnobservedError(Exception):
    """There is no value; the text says why, such as the name of AWS's error."""


class Observer:
    """Makes the observations of one run, each call once."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._module = module
        self._options = module.params
        regions = {check["aws"]["region"] for check in self._options["checks"] if check["aws"]}
        self._aws = {region: Aws(module, region) for region in regions}
        self._answers: dict[str, Any] = {}

    def read(self) -> None:
        """Make the calls and ask the DNS questions of all checks, at once."""
        asked = {_key(check): check for check in self._options["checks"] if self._exists(check)}
        answers = at_once(partial(self._ask, check) for check in asked.values())
        self._answers = dict(zip(asked, answers, strict=True))

    def _exists(self, check: dict[str, Any]) -> bool:
        """Whether what a check reads can be there. A read that names something not created yet is not made."""
        if KNOWN_AFTER_APPLY in _key(check):
            return False
        # A resolver keeps that a name does not exist for up to 15 minutes (RFC 2308), also once it is created.
        return not check["dns"] or KNOWN_AFTER_APPLY not in json.dumps(self._options["checks"])

    def _ask(self, check: dict[str, Any]) -> Any:
        """The answer of AWS or DNS, or an UnobservedError."""
        read, question = check["aws"], check["dns"]
        try:
            if question:
                return resolve(question["name"], question["type"], self._options["dns_server"], question["servers"])
            return self._aws[read["region"]].read_all(read["service"], read["operation"], **(read["parameters"] or {}))
        except AwsError as error:
            return UnobservedError(error.code or type(error.exception).__name__)
        except DnsError as error:
            return UnobservedError(str(error))

    def _observe(self, check: dict[str, Any]) -> Any:
        """The observed value.

        Raises UnobservedError.
        """
        answer = self._answers.get(_key(check), UnobservedError(KNOWN_AFTER_APPLY))
        if isinstance(answer, UnobservedError):
            raise answer
        query = (check["aws"] or {}).get("query")
        return plain(jmespath.search(query, answer) if query else answer)

    def causes(self) -> dict[str, list[str]]:
        """The criteria that each check rests on: the named ones, and the first that met the same error."""
        met: dict[tuple[str, str, str], str] = {}
        found = {}
        for check in self._options["checks"]:
            criterion, error = check["criterion"], self._answers.get(_key(check))
            found[criterion] = list(check["after"])
            if check["aws"] and isinstance(error, UnobservedError) and not re.search("Denied|Unauthorized", str(error)):
                for value in (check["aws"]["parameters"] or {"": ""}).values():
                    first = met.setdefault((check["aws"]["service"], str(error), str(value)), criterion)
                    found[criterion] += [first] if first != criterion else []
        return found

    def _command(self, check: dict[str, Any]) -> str:
        if check["aws"]:
            connection = (self._options[name] for name in ("region", "profile", "endpoint_url"))
            return aws_command(check["aws"], *connection)
        return dns_command(check["dns"], self._options["dns_server"])

    def evaluate(self, check: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """The check with its command and result, and the value for ``observed``.

        An error can be the expected value (``NoSuchCORSConfiguration``), but it is never a present one.
        """
        comparison, expected = check["comparison"], check["expected"]
        try:
            shown = value = self._observe(check)
            ok = passes(expected, value, comparison)
        except UnobservedError as error:
            shown, value = str(error), None
            ok = comparison in ("equals", "one_of") and passes(expected, shown, comparison)
        if value is None and self._module.check_mode:
            value = KNOWN_AFTER_APPLY
        ok = ok and shown != KNOWN_AFTER_APPLY
        result = {
            "criterion": check["criterion"],
            "key": check["key"],
            "source": "aws" if check["aws"] else "dns",
            "command": self._command(check),
            "expected": ANY_VALUE if comparison == "present" else expected,
            "observed": shown,
            "ok": ok,
            "status": PASSED if ok else FAILED,
            "remedy": self._options["remedy"] if check["remedy"] is None else check["remedy"],
        }
        return result, value


def _key(check: dict[str, Any]) -> str:
    """What a check reads, without what it makes of the answer."""
    read = {name: value for name, value in (check["aws"] or {}).items() if name != "query"}
    return json.dumps([read, check["dns"]], sort_keys=True)


def argument_spec() -> dict[str, Any]:
    """The options of the module."""
    read = {**READ_OPTIONS, "query": {"type": "str"}}
    question = {
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "required": True},
        "servers": {"type": "list", "elements": "str", "default": []},
    }
    check = {
        "criterion": {"type": "str", "required": True},
        "key": {"type": "str", "no_log": False},
        "aws": {"type": "dict", "options": read},
        "dns": {"type": "dict", "options": question},
        "expected": {"type": "raw"},
        "comparison": {"type": "str", "choices": COMPARISONS, "default": "equals"},
        "remedy": {"type": "str"},
        "after": {"type": "list", "elements": "str", "default": []},
    }
    return {
        "name": {"type": "str", "required": True},
        "checks": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": check,
            "mutually_exclusive": [["aws", "dns"]],
            "required_one_of": [["aws", "dns"]],
        },
        "remedy": {"type": "str", "default": ""},
        "dns_server": {"type": "str"},
        "retries": {"type": "int", "default": 0},
        "delay": {"type": "int", "default": 15},
        "prerequisites": {"type": "bool", "default": False},
        "artifacts_directory": {"type": "str", "default": ""},
    }


def unknown_criteria(checks: list[dict[str, Any]]) -> str:
    """What is wrong with the criteria that checks rest on; the empty string where each is one of an earlier check."""
    earlier: set[str] = set()
    for check in checks:
        if wrong := sorted(set(check["after"]) - earlier):
            return f"Expected criteria of earlier checks as after of {check['criterion']!r}, found {', '.join(wrong)}."
        earlier.add(check["criterion"])
    return ""


def main() -> None:
    module = AnsibleAWSModule(argument_spec=argument_spec(), supports_check_mode=True)
    if not HAS_DNSPYTHON:
        module.fail_json(msg=missing_required_lib("dnspython"))
    for item in module.params["checks"]:
        if item["aws"] and (problem := write_refusal(item["aws"]["operation"])):
            module.fail_json(msg=problem)
    if problem := unknown_criteria(module.params["checks"]):
        module.fail_json(msg=problem)
    observer = Observer(module)
    observer.read()
    evaluated = [observer.evaluate(item) for item in module.params["checks"]]
    checks = [check for check, _value in evaluated]
    if not module.check_mode:
        name_causes(checks, observer.causes())
    module.exit_json(
        changed=False,
        checks=checks,
        observed={check["key"]: value for check, value in evaluated if check["key"]},
        passed=all(check["ok"] for check in checks),
    )


if __name__ == "__main__":
    main()
