#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wait_for_state
version_added: 1.0.0
short_description: Wait for a state of an AWS resource, with progress
description:
  - Repeats one read of AWS until it shows one of the expected states, and prints a line for each attempt with the state
    and the elapsed time. Never writes.
  - Does not fail if the resource ends in another state or the time is over; check RV(reached). A task with C(until)
    would print each attempt as a failure, and fail without a remedy.
  - Reads in the way of the AWS CLI's C(wait) commands, such as
    U(https://docs.aws.amazon.com/cli/latest/reference/acm/wait/certificate-validated.html).
  - In check mode, reads once. Makes no request if a parameter is V((known after apply\)).
options:
  what:
    description: The subject of the progress line, such as V(the certificate to be issued).
    type: str
    required: true
  aws:
    description: The read.
    type: dict
    required: true
    suboptions:
      service:
        description: The AWS service, as the AWS CLI names it.
        type: str
        required: true
      operation:
        description: The operation, in snake_case. Operations that begin with C(describe), C(get), C(head) or C(list).
        type: str
        required: true
      parameters:
        description: The operation's parameters, as in the API.
        type: dict
        default: {}
      region:
        description: The region. If omitted, the region of the connection.
        type: str
  state_query:
    description: The JMESPath expression that selects the state from the answer.
    type: str
    required: true
  reason_query:
    description: The JMESPath expression that selects the reason of a failed state from the answer.
    type: str
  expected:
    description: The states to wait for.
    type: list
    elements: str
    required: true
  failed:
    description: The states from which none of O(expected) can be reached. They end the wait.
    type: list
    elements: str
    default: []
  absent:
    description: The error codes by which AWS says that the resource is not visible yet. The state is then the code.
    type: list
    elements: str
    default: []
  timeout:
    description: The time limit, in seconds.
    type: int
    default: 900
  delay:
    description: The longest pause between two attempts, in seconds. The first ones are shorter.
    type: int
    default: 15
author:
  - Arda Cards (@arda-cards)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - arda.image_upload.attributes.reads
"""

EXAMPLES = r"""
- name: Wait for the certificate
  arda.image_upload.wait_for_state:
    what: certificate *.assets.example.com to be ISSUED
    aws:
      service: acm
      operation: describe_certificate
      parameters:
        CertificateArn: arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
      region: us-east-1
    state_query: Certificate.Status
    reason_query: Certificate.FailureReason
    expected: [ISSUED]
    failed: [FAILED, VALIDATION_TIMED_OUT]
    absent: [ResourceNotFoundException]
  register: wait
"""

RETURN = r"""
reached:
  description: Whether the state is one of the expected ones.
  returned: success
  type: bool
  sample: true
done:
  description: Whether a further attempt is of no use, because the state is expected or final.
  returned: success
  type: bool
  sample: true
state:
  description: The state of the last attempt, or the error code if AWS does not show the resource yet.
  returned: success
  type: str
  sample: ISSUED
reason:
  description: The reason of the state, empty if AWS names none.
  returned: success
  type: str
  sample: CAA_ERROR
timeout:
  description: The time limit, in seconds.
  returned: success
  type: int
  sample: 900
delay:
  description: The longest pause between two attempts, in seconds.
  returned: success
  type: int
  sample: 15
elapsed:
  description: How long the wait took, in seconds.
  returned: success, outside check mode
  type: int
  sample: 40
attempts:
  description: The number of reads.
  returned: success, outside check mode
  type: int
  sample: 3
"""

import contextlib
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import READ_OPTIONS, Aws, AwsError, write_refusal
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import KNOWN_AFTER_APPLY

with contextlib.suppress(ImportError):  # comes with botocore, whose absence AnsibleAWSModule reports
    import jmespath


def observe(options: dict[str, Any], aws: Aws) -> tuple[str, str]:
    """The state and its reason, by one read. Raises AwsError for each error that is not in ``absent``."""
    read = options["aws"]
    if KNOWN_AFTER_APPLY in str(read["parameters"]):
        return KNOWN_AFTER_APPLY, ""
    try:
        answer = aws.call(read["service"], read["operation"], **(read["parameters"] or {}))
    except AwsError as error:
        if error.code in options["absent"]:
            return error.code, ""
        raise
    reason = jmespath.search(options["reason_query"], answer) if options["reason_query"] else None
    return str(jmespath.search(options["state_query"], answer) or ""), str(reason or "")


def judge(options: dict[str, Any], state: str, reason: str) -> dict[str, Any]:
    """What the module returns for a state."""
    reached = state in options["expected"]
    return {
        "state": state,
        "reason": reason,
        "reached": reached,
        "done": reached or state in options["failed"],
        "timeout": options["timeout"],
        "delay": options["delay"],
    }


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "what": {"type": "str", "required": True},
            "aws": {"type": "dict", "required": True, "options": READ_OPTIONS},
            "state_query": {"type": "str", "required": True},
            "reason_query": {"type": "str"},
            "expected": {"type": "list", "elements": "str", "required": True},
            "failed": {"type": "list", "elements": "str", "default": []},
            "absent": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 900},
            "delay": {"type": "int", "default": 15},
        },
        supports_check_mode=True,
    )
    options = module.params
    if problem := write_refusal(options["aws"]["operation"]):
        module.fail_json(msg=problem)
    if options["timeout"] < 0 or options["delay"] < 1:
        module.fail_json(msg="Expected a timeout of 0 or more and a delay of 1 or more seconds. Correct the option.")
    try:
        state, reason = observe(options, Aws(module, options["aws"]["region"]))
    except AwsError as error:
        module.fail_json_aws_error(error)
    module.exit_json(changed=False, **judge(options, state, reason))


if __name__ == "__main__":
    main()
