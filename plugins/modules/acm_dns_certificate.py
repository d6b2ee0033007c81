#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acm_dns_certificate
version_added: 1.0.0
short_description: Manage an AWS Certificate Manager certificate that is validated through DNS
description:
  - Requests a certificate, returns its validation records, and optionally waits until it is issued.
  - Takes over an existing certificate for the same names, preferring an issued one. A certificate that failed or timed
    out is not changed; a new one replaces it.
  - The records must stay for as long as the certificate is in use, because ACM renews through them.
seealso:
  - name: AWS Certificate Manager DNS validation
    description: How ACM validates a domain, and for how long it waits.
    link: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
options:
  domain_name:
    description: The name that the certificate is for; may be a wildcard.
    type: str
    required: true
  subject_alternative_names:
    description: Further names.
    type: list
    elements: str
    default: []
  state:
    description: Whether the certificate should exist. A certificate that is in use is not deleted.
    type: str
    choices: [present, absent]
    default: present
  wait:
    description: Whether to wait until the certificate is issued. Its records must be in DNS by then.
    type: bool
    default: false
  wait_timeout:
    description: How long to wait, in seconds.
    type: int
    default: 900
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
- name: Request a wildcard certificate where CloudFront looks for it
  arda.image_upload.acm_dns_certificate:
    domain_name: "*.assets.example.com"
    region: us-east-1
  register: requested

- name: Prove the domain
  arda.image_upload.route53_record_sets:
    zone_id: Z0123456789ABCDEFGHIJ
    records: "{{ requested.certificate.validation_records }}"

- name: Wait for the certificate
  arda.image_upload.acm_dns_certificate:
    domain_name: "*.assets.example.com"
    region: us-east-1
    wait: true
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["request certificate *.assets.example.com"]
certificate:
  description: The certificate; empty if none exists.
  returned: success
  type: dict
  contains:
    arn:
      description: The certificate's ARN; empty in check mode for one that is not there yet.
      returned: success
      type: str
      sample: arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
    domain_names:
      description: Every name that it covers, sorted.
      returned: success
      type: list
      elements: str
      sample: ["*.assets.example.com"]
    status:
      description: ACM's status, such as V(PENDING_VALIDATION) or V(ISSUED).
      returned: success
      type: str
      sample: ISSUED
    validation_records:
      description: The validation records of the domains, as M(arda.image_upload.route53_record_sets) takes them.
      returned: success
      type: list
      elements: dict
      sample:
        - name: _3639ac514e785e898d2646601fa951d5.assets.example.com.
          type: CNAME
          values: [_98d2646601fa951d53639ac514e785e8.abcdefghij.acm-validations.aws.]
          ttl: 300
    tags:
      description: The certificate's tags.
      returned: success
      type: dict
      sample: {"ManagedBy": "ansible"}
"""

import hashlib
import time
from functools import partial
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.arda.image_upload.plugins.module_utils._aws import KEY_TYPES, Aws, at_once, wait_until
from ansible_collections.arda.image_upload.plugins.module_utils._reconcile import (
    KNOWN_AFTER_APPLY,
    Change,
    Resource,
    run,
    tag_changes,
    tags_after,
)

USABLE = ("ISSUED", "PENDING_VALIDATION")
#: For how many seconds ACM may not describe a certificate that was just requested, and not show its validation records.
#: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
DESCRIBED_SECONDS = 30
RECORD_SECONDS = 300

#: What the operator does about ACM's reasons.
#: https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-failed.html
REMEDIES = {
    "CAA_ERROR": "Let a CAA record of the domain name amazon.com, or remove its CAA records",
    "ADDITIONAL_VERIFICATION_REQUIRED": "Ask AWS Support to verify the domain",
    "DOMAIN_NOT_ALLOWED": "Ask AWS Support why the domain is not allowed",
}


def normal(name: str) -> str:
    """A domain name as ACM keeps it."""
    return name.lower().rstrip(".")


def failure(certificate: dict[str, Any]) -> str:
    """The certificate, its status and reason, and the way on."""
    reason = certificate["reason"]
    remedy = REMEDIES.get(reason, "Correct what the reason names")
    return (
        f"certificate {certificate['arn']}: it is {certificate['status']} {reason}".strip()
        + f". {remedy}, then run again."
    )


def choose(certificates: list[dict[str, Any]], names: list[str]) -> dict[str, Any] | None:
    """The certificate to take over: of the same names, usable, issued before pending, then the oldest."""
    fitting = [
        certificate
        for certificate in certificates
        if certificate["domain_names"] == names and certificate["status"] in USABLE
    ]
    return min(fitting, key=lambda c: (USABLE.index(c["status"]), c["created"], c["arn"]), default=None)


def plan(options: dict[str, Any], actual: dict[str, Any] | None) -> list[Change]:
    """The writes between the certificate that is there and the one that is wanted."""
    name = options["domain_name"]
    if options["state"] == "absent":
        return [Change("delete", f"delete certificate {name}", {"arn": actual["arn"]})] if actual else []
    if actual is None:
        return [Change("request", f"request certificate {name}")]
    tags, removed = tag_changes(actual["tags"], options["tags"], options["purge_tags"])
    if tags or removed:
        return [Change("tag", f"tag certificate {name}", {"arn": actual["arn"], "tags": tags, "removed": removed})]
    return []


def validation_records(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records of ACM's validation options, one for a wildcard and its apex; none until all are known."""
    if not all("ResourceRecord" in option for option in options):
        return []
    unique = {option["ResourceRecord"]["Name"]: option["ResourceRecord"] for option in options}
    return [
        {"name": record["Name"], "type": record["Type"], "values": [record["Value"]], "ttl": 300}
        for _name, record in sorted(unique.items())
    ]


class Certificate(Resource):
    """A certificate that DNS validates, found by its names."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self._options = module.params
        names = {self._options["domain_name"], *self._options["subject_alternative_names"]}
        self._names = sorted({normal(name) for name in names})
        self._aws = Aws(module)
        self._requested = ""  # the ARN of the certificate that this run requested: a listing may not show it yet
        self._listed: set[str] = set()

    def read(self) -> dict[str, Any] | None:
        chosen = self._describe(self._requested) if self._requested else self._find()
        if chosen:
            tags = self._aws.call("acm", "list_tags_for_certificate", CertificateArn=chosen["arn"]).get("Tags", [])
            chosen["tags"] = boto3_tag_list_to_ansible_dict(tags)
        return chosen

    def _find(self) -> dict[str, Any] | None:
        summaries = self._aws.pages(
            "acm", "list_certificates", "CertificateSummaryList", Includes={"keyTypes": KEY_TYPES}
        )
        domain = normal(self._options["domain_name"])
        self._listed = {item["CertificateArn"] for item in summaries if normal(item["DomainName"]) == domain}
        described = at_once(partial(self._describe, arn) for arn in sorted(self._listed))
        return choose([certificate for certificate in described if certificate], self._names)

    def _describe(self, arn: str) -> dict[str, Any] | None:
        answer = self._aws.call("acm", "describe_certificate", absent=["ResourceNotFoundException"], CertificateArn=arn)
        if answer is None or answer["Certificate"].get("Type", "AMAZON_ISSUED") != "AMAZON_ISSUED":
            return None
        certificate = answer["Certificate"]
        names = certificate.get("SubjectAlternativeNames") or [certificate["DomainName"]]
        created = certificate.get("CreatedAt")
        return {
            "arn": arn,
            "domain_names": sorted(normal(name) for name in names),
            "status": certificate["Status"],
            "created": created.isoformat() if created else "",
            "validation_records": validation_records(certificate.get("DomainValidationOptions", [])),
            "reason": certificate.get("FailureReason", ""),
            "tags": {},
        }

    def plan(self, actual: dict[str, Any] | None) -> list[Change]:
        return plan(self._options, actual)

    def predict(self, actual: dict[str, Any] | None) -> dict[str, Any] | None:
        if self._options["state"] == "absent":
            return None
        before = actual or {
            "arn": KNOWN_AFTER_APPLY,
            "domain_names": self._names,
            "status": "PENDING_VALIDATION",
            "validation_records": [
                {"name": KNOWN_AFTER_APPLY, "type": "CNAME", "values": [KNOWN_AFTER_APPLY], "ttl": 300}
            ],
            "tags": {},
        }
        return {
            **before,
            "tags": tags_after(before["tags"], self._options["tags"], self._options["purge_tags"]),
        }

    def view(self, state: dict[str, Any] | None) -> dict[str, Any]:
        return {name: state[name] for name in ("domain_names", "status", "tags")} if state else {}

    def wait(self, state: dict[str, Any] | None) -> dict[str, Any] | None:
        """The certificate once its validation records are known, or once it is issued where the options say so.

        Another run may have requested it just now, so that its records are missing although this run changes nothing.
        """
        if not state:
            return state
        if self._options["wait"]:
            return self._wait_until_issued(state)
        return {**state, "validation_records": self._wait_for_records(state)}

    def result(self, state: dict[str, Any] | None) -> dict[str, Any]:
        state = state or {}
        shown = ("arn", "domain_names", "status", "validation_records", "tags")
        return {"certificate": {name: state[name] for name in shown if name in state}}

    def request(self) -> None:
        """Request a certificate; one token requests one, also from two runs at once.

        A token that answers with a certificate that failed or was deleted before is spent, and the next one is used.
        """
        parameters: dict[str, Any] = {
            "DomainName": normal(self._options["domain_name"]),
            "ValidationMethod": "DNS",
            "SubjectAlternativeNames": self._names,
        }
        if self._options["tags"]:
            parameters["Tags"] = ansible_dict_to_boto3_tag_list(self._options["tags"])
        for generation in range(10):
            token = hashlib.sha256(f"{generation} {' '.join(self._names)}".encode()).hexdigest()[:32]
            arn = self._aws.call("acm", "request_certificate", IdempotencyToken=token, **parameters)["CertificateArn"]
            found = self._described_soon(arn)
            if found and found["status"] in USABLE:
                self._requested = arn
                return
            if found and arn not in self._listed:
                raise AnsibleAWSError(message=f"ACM refused {failure(found)}")
        raise AnsibleAWSError(message=f"ACM gave no usable certificate for {self._options['domain_name']}")

    def _described_soon(self, arn: str) -> dict[str, Any] | None:
        """The certificate, which ACM describes some seconds after the request; None if it was deleted before."""
        deadline = time.monotonic() + DESCRIBED_SECONDS
        while not (found := self._describe(arn)) and time.monotonic() < deadline:
            time.sleep(1.0)
        return found

    def _wait_for_records(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        """ACM knows a new certificate some seconds before it knows the records that prove it."""

        def known() -> dict[str, Any] | None:
            found = self._describe(state["arn"])
            pending = found is None or found["status"] == "PENDING_VALIDATION"
            return found if found and (found["validation_records"] or not pending) else None

        if state["validation_records"] or state["status"] != "PENDING_VALIDATION":
            return state["validation_records"]
        described = wait_until(known, RECORD_SECONDS, f"the validation records of {state['arn']}", delay=0.5)
        return described["validation_records"]

    def _wait_until_issued(self, state: dict[str, Any]) -> dict[str, Any]:
        def decided() -> dict[str, Any] | None:
            found = self._describe(state["arn"])
            if found is None:
                raise AnsibleAWSError(message=f"Certificate {state['arn']} was deleted while this run waited for it")
            return found if found["status"] != "PENDING_VALIDATION" else None

        found = wait_until(
            decided,
            self._options["wait_timeout"],
            f"certificate {state['arn']} to be issued. ACM looks for "
            f"{', '.join(record['name'] for record in state['validation_records'])} in public DNS: "
            "check the delegation of the domain first",
        )
        if found["status"] != "ISSUED":
            raise AnsibleAWSError(message=f"ACM did not issue {failure(found)}")
        return {**state, **{name: found[name] for name in ("status", "validation_records")}}

    def tag(self, arn: str, tags: dict[str, str], removed: list[str]) -> None:
        """Set and remove tags."""
        if tags:
            self._aws.call(
                "acm",
                "add_tags_to_certificate",
                CertificateArn=arn,
                Tags=ansible_dict_to_boto3_tag_list(tags),
            )
        if removed:
            self._aws.call(
                "acm",
                "remove_tags_from_certificate",
                CertificateArn=arn,
                Tags=[{"Key": key} for key in removed],
            )

    def delete(self, arn: str) -> None:
        """Delete the certificate. ACM refuses one that is in use."""
        self._aws.call("acm", "delete_certificate", absent=["ResourceNotFoundException"], CertificateArn=arn)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "domain_name": {"type": "str", "required": True},
            "subject_alternative_names": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 900},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, Certificate(module))


if __name__ == "__main__":
    main()
