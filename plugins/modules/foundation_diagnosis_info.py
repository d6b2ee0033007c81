#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: foundation_diagnosis_info
version_added: 1.1.0
short_description: Observe each layer of a DNS foundation
description:
  - Observes, from the outside in, how AWS is reached (clock, credentials), the root zone and its parent, the
    delegation of the infrastructure's zone, what the resolver answers, CAA records, the certificate with its validation
    record, and the stacks that export. M(arda.image_upload.diagnose) names the cause among what fails.
  - Writes nothing. A layer that cannot be read is reported as skipped.
seealso:
  - name: Troubleshooting DNS validation
    description: What keeps ACM from issuing a certificate.
    link: https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html
options:
  account_id:
    description: The number of the infrastructure's account, twelve digits.
    type: str
    required: true
  account_problem:
    description: Why the account cannot be reached, as M(arda.image_upload.account_guard) says it; empty if it can.
    type: str
    default: ""
  root_account_id:
    description: The number of the root account, twelve digits.
    type: str
    required: true
  root:
    description: The connection to the root account. If omitted, what only its own credentials can read is left out.
    type: dict
    suboptions: &connection
      region:
        description: The region.
        type: str
      endpoint_url:
        description: The endpoint, if not AWS's own.
        type: str
      profile:
        description: The AWS profile.
        type: str
      access_key:
        description: The access key.
        type: str
      secret_key:
        description: The secret key.
        type: str
      session_token:
        description: The session token.
        type: str
  root_problem:
    description: Why the root account cannot be reached; empty if it can.
    type: str
    default: ""
  delegation:
    description: The session of the delegation role.
    type: dict
    suboptions: *connection
  delegation_problem:
    description: Why the delegation role cannot be assumed; empty if it can.
    type: str
    default: ""
  root_domain:
    description: The domain of the root zone.
    type: str
    required: true
  root_export:
    description: The export of the root zone's id, and the stack that publishes it.
    type: str
    required: true
  domain:
    description: The domain of the infrastructure's zone.
    type: str
    required: true
  certificate_region:
    description: The region of the certificate.
    type: str
    default: us-east-1
  stack:
    description: The stack that exports the zone and the certificate.
    type: str
    required: true
  export_names:
    description: The names of its exports, by what they hold.
    type: dict
    required: true
  dns_server:
    description: The resolver to ask, an address with an optional C(:port). If empty, the machine's own.
    type: str
    default: ""
  launch:
    description: The command that repairs what Run 1 and Run 2 make, for the remedies.
    type: str
    required: true
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
- name: Observe the DNS foundation
  arda.image_upload.foundation_diagnosis_info:
    account_id: "111122223333"
    root_account_id: "444455556666"
    root_domain: assets.example.com
    root_export: assets-zone
    domain: shop.assets.example.com
    stack: shop-foundation
    export_names: {zone_id: shop-zone-id, certificate_arn: shop-certificate-arn}
    launch: ansible-playbook arda.image_upload.site -l shop_dev
"""

RETURN = r"""
checks:
  description: What was observed, from the outside in.
  returned: success
  type: list
  elements: dict
  contains: &check
    layer:
      description: The part of the path that it is about.
      returned: always
      type: str
      sample: delegation
    criterion:
      description: What must hold.
      returned: always
      type: str
      sample: the zone assets.example.com delegates shop.assets.example.com to its zone
    expected:
      description: The expected value.
      returned: always
      type: raw
      sample: [ns-1.awsdns-01.org]
    observed:
      description: The observed value, or why there is none.
      returned: always
      type: raw
      sample: no NS record
    status:
      description: V(passed), V(failed), or V(skipped) for what could not be observed.
      returned: always
      type: str
      sample: failed
    ok:
      description: Whether it holds.
      returned: always
      type: bool
      sample: false
    remedy:
      description: What to do if it does not hold.
      returned: always
      type: str
      sample: ansible-playbook arda.image_upload.site -l shop_dev
    command:
      description: The command that shows the observed value. Empty if there is none.
      returned: always
      type: str
      sample: dig +short NS shop.assets.example.com
    source:
      description: V(aws) if the command reads AWS with the connection of the module.
      returned: always
      type: str
      sample: ""
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.access import AGREES, clock, reached
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.foundation import Foundation
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.layers import Fact, guarded
from ansible_collections.arda.image_upload.plugins.module_utils._dns import HAS_DNSPYTHON


def argument_spec() -> dict[str, Any]:
    """The options of the module."""
    connection: dict[str, Any] = {
        "type": "dict",
        "options": {
            "region": {"type": "str"},
            "endpoint_url": {"type": "str"},
            "profile": {"type": "str"},
            "access_key": {"type": "str", "no_log": False},
            "secret_key": {"type": "str", "no_log": True},
            "session_token": {"type": "str", "no_log": True},
        },
    }
    required = {"type": "str", "required": True}
    empty = {"type": "str", "default": ""}
    return {
        "account_id": required,
        "account_problem": empty,
        "root_account_id": required,
        "root": connection,
        "root_problem": empty,
        "delegation": connection,
        "delegation_problem": empty,
        "root_domain": required,
        "root_export": required,
        "domain": required,
        "certificate_region": {"type": "str", "default": "us-east-1"},
        "stack": required,
        "export_names": {"type": "dict", "required": True},
        "dns_server": empty,
        "launch": required,
    }


def facts(module: AnsibleAWSModule) -> list[Fact]:
    """What is observed; of AWS nothing where the account cannot be reached."""
    options, aws = module.params, Aws(module)
    found = guarded("clock", AGREES, lambda: [clock(aws, options["account_problem"])])
    found += [reached("credentials", options["account_id"], options["account_problem"])]
    if options["account_problem"]:
        return found
    found.append(reached("delegation role", options["root_account_id"], options["delegation_problem"]))
    if options["root"] or options["root_problem"]:
        found.append(reached("root account", options["root_account_id"], options["root_problem"]))
    root = Aws(module, connection=options["root"]) if options["root"] and not options["root_problem"] else None
    delegated = Aws(module, connection=options["delegation"]) if options["delegation"] else None
    foundation = Foundation(options, aws, Aws(module, options["certificate_region"]), root, delegated)
    for layer, part in foundation.parts():
        found += guarded(layer, f"the {layer} can be read", part)
    return found


def main() -> None:
    module = AnsibleAWSModule(argument_spec=argument_spec(), supports_check_mode=True)
    if not HAS_DNSPYTHON:
        module.fail_json(msg=missing_required_lib("dnspython"))
    module.exit_json(changed=False, checks=[fact.check() for fact in facts(module)])


if __name__ == "__main__":
    main()
