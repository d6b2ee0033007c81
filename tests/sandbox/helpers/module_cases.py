"""Each module that manages something, with its options as it is run first and what changes then."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .accounts import Account
from .distributions import CACHING
from .sandbox import ACCOUNTS
from .signing_keys import KeyAccount


@dataclass(frozen=True)
class ModuleCase:
    """The options of a module: as it is run first, and what changes then."""

    module: str
    options: dict[str, Any]
    changed: dict[str, Any]

    def runs(self) -> dict[str, dict[str, Any]]:
        """The options of each run of a resource's life, by what the run does."""
        changed = {**self.options, **self.changed}
        found = {"create": self.options, "change": changed}
        if "tags" in self.options:
            untold = {name: value for name, value in self.options.items() if name != "tags"}
            found["add tags that are no text"] = {**changed, "tags": {"n": 4711, "b": True}, "purge_tags": False}
            found["change without a word about tags"] = untold
            found["remove all tags"] = {**self.options, "tags": {}}
        return {**found, "remove": {**changed, "state": "absent"}}


def zone(account: Account) -> ModuleCase:
    name = f"a{account.number}.example"
    return ModuleCase("route53_hosted_zone", {"name": name, "comment": "one", "tags": {"a": "1"}}, {"comment": "two"})


def zone_id(account: Account, of: Account) -> str:
    return account.make("route53_hosted_zone", **zone(of).options)["zone"]["id"]


def records(account: Account) -> ModuleCase:
    www = {"name": f"www.a{account.number}.example", "type": "CNAME", "values": ["one.example"]}
    text = {"name": f"a{account.number}.example", "type": "TXT", "values": ['"one"', '"two"']}
    options = {"zone_id": zone_id(account, account), "records": [www, text]}
    return ModuleCase("route53_record_sets", options, {"records": [{**www, "ttl": 60}, text]})


def certificate(account: Account) -> ModuleCase:
    name = f"a{account.number}.example"
    options = {"domain_name": f"*.{name}", "subject_alternative_names": [name], "tags": {"a": "1", "b": "2"}}
    return ModuleCase("acm_dns_certificate", options, {"tags": {"a": "3"}})


def bucket(account: Account) -> ModuleCase:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::images-{account.number}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    options = {
        "name": f"images-{account.number}",
        "policy": {"Version": "2012-10-17", "Statement": [statement]},
        "cors_rules": [{"AllowedMethods": ["POST"], "AllowedOrigins": ["https://one.example"]}],
        "tags": {"a": "1", "b": "2"},
    }
    changed = {"policy": {}, "cors_rules": [], "tags": {"a": "3"}}
    return ModuleCase("s3_private_bucket", options, changed)


def access_control(account: Account) -> ModuleCase:
    options = {"name": "images", "description": "one"}
    return ModuleCase("cloudfront_origin_access_control", options, {"description": "two"})


def headers_policy(account: Account) -> ModuleCase:
    options = {"name": "images", "security_headers_config": {"content_type_options": {"override": True}}}
    return ModuleCase("cloudfront_response_headers_policy", options, {"comment": "two"})


def issued_certificate(account: Account) -> str:
    """The ARN of a certificate for every host of the account's domain, which DNS has proven."""
    options = certificate(account).options
    proof = account.make("acm_dns_certificate", **options)["certificate"]["validation_records"]
    root = Account(account.sandbox, ACCOUNTS["root"])  # where the sandbox's DNS begins
    root.make("route53_record_sets", zone_id=zone_id(root, account), records=proof)
    return account.make("acm_dns_certificate", **options, wait=True)["certificate"]["arn"]


def distribution(account: Account) -> ModuleCase:
    domain = "images.s3.us-east-1.amazonaws.com"
    config = {
        "enabled": True,
        "comment": "one",
        "origins": [{"id": "bucket", "domain_name": domain, "s3_origin_config": {"origin_access_identity": ""}}],
        "default_cache_behavior": {
            "target_origin_id": "bucket",
            "viewer_protocol_policy": "redirect-to-https",
            "cache_policy_id": CACHING,
        },
        "viewer_certificate": {
            "acm_certificate_arn": issued_certificate(account),
            "ssl_support_method": "sni-only",
            "minimum_protocol_version": "TLSv1.2_2021",
        },
    }
    options = {"aliases": [f"cdn.a{account.number}.example"], "config": config, "tags": {"a": "1", "b": "2"}}
    return ModuleCase("cloudfront_distribution", options, {"config": {**config, "comment": "two"}, "tags": {"a": "3"}})


def exports(account: Account) -> ModuleCase:
    options = {"stack_name": "images", "exports": {"Images-Bucket": "one", "Images-Key": "two"}, "tags": {"a": "1"}}
    return ModuleCase("cloudformation_exports", options, {"exports": {"Images-Bucket": "three"}})


def signing_key(account: Account) -> ModuleCase:
    options = {**KeyAccount.defaults["cloudfront_signing_key"], "tags": {"a": "1", "b": "2"}}
    return ModuleCase("cloudfront_signing_key", options, {"tags": {"a": "3"}})


def access_logs(account: Account) -> ModuleCase:
    """The bucket lets the logs in; AWS looks at the ARN of the distribution only, so that any will do."""
    bucket = f"logs-{account.number}"
    s3 = account.client("s3")
    s3.create_bucket(Bucket=bucket)
    statement = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"arn:aws:s3:::{bucket}/*"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    arn = f"arn:aws:cloudfront::{account.number}:distribution/EDFDVBD6EXAMPLE"
    options = {"name": "images", "distribution_arn": arn, "bucket": bucket}
    return ModuleCase("cloudfront_access_logs", options, {"suffix_path": "{DistributionId}", "output_format": "json"})


MODULE_CASES: dict[str, Callable[[Account], ModuleCase]] = {
    case.__name__: case
    for case in (zone, records, certificate, bucket, access_control, headers_policy, distribution, exports, access_logs)
}
#: With the signing key, whose values differ in every account.
ALL_CASES = {**MODULE_CASES, "signing_key": signing_key}
