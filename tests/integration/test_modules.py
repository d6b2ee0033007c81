"""Each module that manages something, from its first run to its last, in an account of its own.

Check mode says beforehand what the run does, a second run does nothing, and what is removed is gone. The signing key
has tests of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from .accounts import Account
from .conftest import ACCOUNTS, Sandbox

CACHING = "658327ea-f89d-4fab-a63d-7e88639e58f6"  # Managed-CachingOptimized


@dataclass(frozen=True)
class Life:
    """The options of a module: as it is run first, and what changes then."""

    module: str
    options: dict[str, Any]
    changed: dict[str, Any]


def zone(account: Account) -> Life:
    name = f"a{account.number}.example"
    return Life("route53_hosted_zone", {"name": name, "comment": "one", "tags": {"a": "1"}}, {"comment": "two"})


def zone_id(account: Account, of: Account) -> str:
    return account.make("route53_hosted_zone", **zone(of).options)["zone"]["id"]


def records(account: Account) -> Life:
    www = {"name": f"www.a{account.number}.example", "type": "CNAME", "values": ["one.example"]}
    text = {"name": f"a{account.number}.example", "type": "TXT", "values": ['"one"', '"two"']}
    options = {"zone_id": zone_id(account, account), "records": [www, text]}
    return Life("route53_record_sets", options, {"records": [{**www, "ttl": 60}, text]})


def certificate(account: Account) -> Life:
    name = f"a{account.number}.example"
    options = {"domain_name": f"*.{name}", "subject_alternative_names": [name], "tags": {"a": "1", "b": "2"}}
    return Life("acm_dns_certificate", options, {"tags": {"a": "3"}})


def bucket(account: Account) -> Life:
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
    return Life("s3_private_bucket", options, changed)


def access_control(account: Account) -> Life:
    options = {"name": "images", "description": "one"}
    return Life("cloudfront_origin_access_control", options, {"description": "two"})


def headers_policy(account: Account) -> Life:
    options = {"name": "images", "security_headers_config": {"content_type_options": {"override": True}}}
    return Life("cloudfront_response_headers_policy", options, {"comment": "two"})


def issued_certificate(account: Account) -> str:
    """The ARN of a certificate for every host of the account's domain, which DNS has proven."""
    options = certificate(account).options
    proof = account.make("acm_dns_certificate", **options)["certificate"]["validation_records"]
    root = Account(account.sandbox, ACCOUNTS["root"])  # where the sandbox's DNS begins
    root.make("route53_record_sets", zone_id=zone_id(root, account), records=proof)
    return account.make("acm_dns_certificate", **options, wait=True)["certificate"]["arn"]


def distribution(account: Account) -> Life:
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
    return Life("cloudfront_distribution", options, {"config": {**config, "comment": "two"}, "tags": {"a": "3"}})


def exports(account: Account) -> Life:
    options = {"stack_name": "images", "exports": {"Images-Bucket": "one", "Images-Key": "two"}, "tags": {"a": "1"}}
    return Life("cloudformation_exports", options, {"exports": {"Images-Bucket": "three"}})


LIVES: dict[str, Callable[[Account], Life]] = {
    life.__name__: life
    for life in (zone, records, certificate, bucket, access_control, headers_policy, distribution, exports)
}


def holds(whole: Any, part: Any) -> bool:
    """Whether all of a part is in the whole, which may have more, by AWS's defaults."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], value) for name, value in part.items())
    return whole == part


@pytest.mark.parametrize("name", LIVES)
def test_from_the_first_run_to_the_last(name: str, sandbox: Sandbox) -> None:
    account = Account(sandbox)
    life = LIVES[name](account)
    changed = {**life.options, **life.changed}
    for options in (life.options, changed, {**changed, "state": "absent"}):
        before = account.writes()
        foreseen = account.make(life.module, _ansible_check_mode=True, _ansible_diff=True, **options)
        assert account.writes() == before
        done = account.make(life.module, _ansible_diff=True, **options)
        assert foreseen["changes"] == done["changes"] != []
        assert foreseen["diff"]["before"] == done["diff"]["before"]
        assert holds(done["diff"]["after"], foreseen["diff"]["after"])
        assert done["changed"] is True
        again = account.make(life.module, _ansible_diff=True, **options)
        assert again["changes"] == []
        assert again["changed"] is False
        assert again["diff"]["before"] == again["diff"]["after"] == done["diff"]["after"]
    assert not done["diff"]["after"]


def test_a_distribution_is_waited_for_until_it_is_deployed(sandbox: Sandbox) -> None:
    life = distribution(account := Account(sandbox))
    made = account.make(life.module, **life.options, wait=True)
    assert (made["changed"], made["distribution"]["status"]) == (True, "Deployed")
