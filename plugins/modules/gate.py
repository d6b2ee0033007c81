#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gate
version_added: 0.1.0
short_description: Evaluate a table of checks of AWS and DNS, report them, and stop where one fails
description:
  - Evaluates every check before it fails, prints a table of criterion, expected and observed values with the command
    by which a person can repeat each check by hand, and writes the same as JSON.
  - A check reads AWS by one operation and a JMESPath query, or asks DNS. The command that is shown is made from the
    very call that is made, so that the two cannot differ.
  - In check mode the table is printed, and a check that does not hold yet is not a failure.
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
        description: Under which name the observed value is returned in RV(observed).
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
            description: The region, where it is not that of the connection.
            type: str
      dns:
        description: The question to DNS that observes it.
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
      expected:
        description: The value that must be observed; a document and its JSON text are the same.
        type: raw
      comparison:
        description: How the values compare. V(present) takes anything but nothing.
        type: str
        choices: [equals, contains, present]
        default: equals
      remedy:
        description: What the operator does where the check fails.
        type: str
        default: ""
  dns_server:
    description: The DNS server to ask, an address with an optional C(:port); the machine's own by default.
    type: str
  artifacts_directory:
    description: The directory on the controller that takes the report as JSON; none is written where it is empty.
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
    checks:
      - criterion: the bucket is versioned
        aws:
          service: s3
          operation: get_bucket_versioning
          parameters:
            Bucket: dev-images
          query: Status
        expected: Enabled
        remedy: run the deployment again
      - criterion: images.example.com has an IPv4 address
        dns:
          name: images.example.com
          type: A
        comparison: present
"""

RETURN = r"""
checks:
  description: Every check with its command, expected and observed value, and whether it holds.
  returned: always
  type: list
  elements: dict
  sample:
    - criterion: the bucket is versioned
      command: aws s3api get-bucket-versioning --bucket dev-images --query Status --output json
      expected: Enabled
      observed: Enabled
      ok: true
      remedy: run the deployment again
observed:
  description: The observed value of each check that has a key.
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
import datetime
import re
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws, AwsError
from ansible_collections.arda.image_upload.plugins.module_utils._checks import aws_command, dns_command, passes
from ansible_collections.arda.image_upload.plugins.module_utils._dns import HAS_DNSPYTHON, DnsFailure, resolve

with contextlib.suppress(ImportError):  # comes with botocore, whose absence AnsibleAWSModule reports
    import jmespath

READS = re.compile(r"(get|describe|list|head)_[a-z0-9_]+")


class Unobserved(Exception):
    """The read itself failed; the text is the name of the error."""


class Observer:
    """Makes the observations of one run."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._module = module
        self._options = module.params
        self._aws: dict[str | None, Aws] = {}

    def _read_aws(self, read: dict[str, Any]) -> Any:
        region = read.get("region")
        aws = self._aws.setdefault(region, Aws(self._module, region))
        try:
            answer = aws.call(read["service"], read["operation"], **(read["parameters"] or {}))
        except AwsError as error:
            raise Unobserved(error.code or type(error.exception).__name__) from error
        answer.pop("ResponseMetadata", None)
        return _plain(jmespath.search(read["query"], answer) if read.get("query") else answer)

    def _ask_dns(self, question: dict[str, Any]) -> Any:
        try:
            return resolve(question["name"], question["type"], self._options["dns_server"])
        except DnsFailure as error:
            raise Unobserved(str(error)) from error

    def evaluate(self, check: dict[str, Any]) -> dict[str, Any]:
        """The check with its command, what was observed, and whether it holds.

        An error can be what is expected (``NoSuchCORSConfiguration``), but it is never something that is present.
        """
        if check["aws"]:
            connection = (self._options[name] for name in ("region", "profile", "endpoint_url"))
            command = aws_command(check["aws"], *connection)
        else:
            command = dns_command(check["dns"], self._options["dns_server"])
        comparison = check["comparison"]
        try:
            observed = self._read_aws(check["aws"]) if check["aws"] else self._ask_dns(check["dns"])
            ok = passes(check["expected"], observed, comparison)
        except Unobserved as error:
            observed = str(error)
            ok = comparison == "equals" and passes(check["expected"], observed, comparison)
        return {
            "criterion": check["criterion"],
            "key": check["key"],
            "command": command,
            "expected": "something" if comparison == "present" else check["expected"],
            "observed": observed,
            "ok": ok,
            "remedy": check["remedy"],
        }


def _plain(value: Any) -> Any:
    """The value without types that JSON lacks."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def main() -> None:
    read = {
        "service": {"type": "str", "required": True},
        "operation": {"type": "str", "required": True},
        "parameters": {"type": "dict", "default": {}},
        "query": {"type": "str"},
        "region": {"type": "str"},
    }
    question = {"name": {"type": "str", "required": True}, "type": {"type": "str", "required": True}}
    check = {
        "criterion": {"type": "str", "required": True},
        "key": {"type": "str", "no_log": False},
        "aws": {"type": "dict", "options": read},
        "dns": {"type": "dict", "options": question},
        "expected": {"type": "raw"},
        "comparison": {"type": "str", "choices": ["equals", "contains", "present"], "default": "equals"},
        "remedy": {"type": "str", "default": ""},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "checks": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": check,
                "mutually_exclusive": [["aws", "dns"]],
                "required_one_of": [["aws", "dns"]],
            },
            "dns_server": {"type": "str"},
            "artifacts_directory": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    if not HAS_DNSPYTHON:
        module.fail_json(msg=missing_required_lib("dnspython"))
    for item in module.params["checks"]:
        if item["aws"] and not READS.fullmatch(item["aws"]["operation"]):
            module.fail_json(msg=f"A gate only reads: {item['aws']['operation']} is no get, describe, list or head")
    observer = Observer(module)
    checks = [observer.evaluate(item) for item in module.params["checks"]]
    module.exit_json(
        changed=False,
        checks=checks,
        observed={item["key"]: item["observed"] for item in checks if item["key"]},
        passed=all(item["ok"] for item in checks),
    )


if __name__ == "__main__":
    main()
