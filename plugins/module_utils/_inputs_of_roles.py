# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of each input of each role, and the faults of the variables of a host."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._inputs import (
    LONGEST_TIME,
    Form,
    below,
    boolean,
    bucket,
    choice,
    dns_server,
    domain,
    empty_or,
    existing_file,
    export_name,
    fields,
    folder,
    host_and_port,
    names,
    numbers,
    origins,
    policy_arn,
    role_arn,
    tags,
    text,
    topic_arn,
    web_acl_arn,
    whole,
)

#: The exports of a partition and of a foundation, with what their names end in by default.
EXPORTS = {
    "bucket_name": "API-ImageAssetBucketName",
    "bucket_arn": "API-ImageAssetBucketArn",
    "presigning_role_arn": "API-ImagePreSigningRoleArn",
    "cdn_domain_name": "API-ImageCdnDomainName",
    "key_pair_id": "API-ImageSigningKeyPairId",
    "secret_arn": "API-ImageSigningKeySecretArn",
}
FOUNDATION = {"zone_id": "I-AssetsHostedZoneId", "certificate_arn": "I-AssetsCertificateArn"}
PERMISSIONS = ("Deployer", "Reader", "Verifier", "Rotator", "Retirer")
QUOTAS = ("public_keys", "key_groups", "keys_in_group")
LONGEST_CERTIFICATE_NAME = 64

infrastructure = text(r"[A-Za-z][A-Za-z0-9]+", "letters and digits, a letter first, 2 to 24 characters", 24)
account_id = text(r"[0-9]{12}", "the twelve digits of an account, as quoted text: a number loses its leading zeros")
seconds = whole(0, LONGEST_TIME)
polls = whole(1, 100_000)


def wildcard_domain(value: Any) -> str:
    """A domain whose wildcard fits a certificate. https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html"""
    if expected := domain(value):
        return expected
    longest = LONGEST_CERTIFICATE_NAME - len("*.")
    return "" if len(value) <= longest else f"a domain of at most {longest} characters, which its certificate allows"


def list_of_text(value: Any) -> str:
    fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "" if fits else "a list of ids, or ['all']"


def regions(known: Collection[str]) -> Form:
    """A region of the AWS partition aws; any text where no region is known, without botocore."""

    def check(value: Any) -> str:
        fits = isinstance(value, str) and (value in known if known else bool(value))
        return "" if fits else "a region of the AWS partition aws"

    return check


def forms(role: str, values: Mapping[str, Any], known_regions: Collection[str]) -> dict[str, Form]:
    """The forms of a role's inputs; some depend on other ``values``."""
    return FORMS[role](values, known_regions)


def _foundation(values: Mapping[str, Any], _known: Collection[str]) -> dict[str, Form]:
    return {
        "dns_foundation_infrastructure": infrastructure,
        "dns_foundation_account_id": account_id,
        "dns_foundation_root_domain": wildcard_domain,
        "dns_foundation_root_account_id": account_id,
        "dns_foundation_delegation_role_arn": role_arn(values.get("dns_foundation_root_account_id")),
        "dns_foundation_root_role_arn": empty_or(role_arn(values.get("dns_foundation_root_account_id"))),
        "dns_foundation_compare_root_permissions": boolean,
        "dns_foundation_root_export": export_name,
        "dns_foundation_certificate_region": choice("us-east-1"),
        "dns_foundation_export_names": names(FOUNDATION, export_name, every=True),
        "dns_foundation_retire": text(r".*", "the name of an infrastructure, or empty text"),
        "dns_foundation_retire_root_zone": empty_or(domain),
        "dns_foundation_remove_orphans": list_of_text,
        "dns_foundation_poll_seconds": whole(1, 3600),
        "dns_foundation_poll_retries": polls,
        "dns_foundation_dns_server": empty_or(dns_server),
        "dns_foundation_artifacts_directory": folder,
        "dns_foundation_tags": tags(10),
    }


def _partition(values: Mapping[str, Any], known: Collection[str]) -> dict[str, Form]:
    client = role_arn(values.get("image_partition_account_id"))
    return {
        "image_partition_infrastructure": infrastructure,
        "image_partition_partition": text(r"[a-z][a-z0-9]*", "lower-case letters and digits, a letter first", 18),
        "image_partition_account_id": account_id,
        "image_partition_region": regions(known),
        "image_partition_domain": wildcard_domain,
        "image_partition_bucket_client_role_arn": client,
        "image_partition_verifier_role_arn": empty_or(client),
        "image_partition_log_bucket": bucket,
        "image_partition_application_origins": origins(wildcard=True),
        "image_partition_read_origins": origins(wildcard=False),
        "image_partition_vpc_endpoint_id": empty_or(text(r"vpce-[0-9a-f]{8,17}", "the id of a VPC endpoint, vpce-...")),
        "image_partition_foundation_exports": names(FOUNDATION, export_name, every=True),
        "image_partition_export_names": names(EXPORTS, export_name),
        "image_partition_names": fields(_names(values)),
        "image_partition_price_class": choice("PriceClass_100", "PriceClass_200", "PriceClass_All", ""),
        "image_partition_waf_acl_arn": empty_or(web_acl_arn(values.get("image_partition_account_id"))),
        "image_partition_noncurrent_version_days": whole(0, 36_500),
        "image_partition_cdn_logs": boolean,
        "image_partition_alarms": boolean,
        "image_partition_alarm_topic_arn": empty_or(topic_arn),
        "image_partition_alarm_client_error_percent": whole(1, 100),
        "image_partition_alarm_server_error_percent": whole(1, 100),
        "image_partition_permissions_role": choice(*PERMISSIONS, ""),
        "image_partition_permissions_boundary_arn": empty_or(policy_arn(values.get("image_partition_account_id"))),
        "image_partition_key_type": choice("rsa-2048", "ecdsa-p256"),
        "image_partition_key_rotation_seconds": whole(1, LONGEST_TIME),
        "image_partition_signer_cache_seconds": seconds,
        "image_partition_longest_grant_seconds": seconds,
        "image_partition_clock_skew_seconds": seconds,
        "image_partition_prove_key": boolean,
        "image_partition_keep_key_pair_id": boolean,
        "image_partition_unfinished_rotation": choice("finish", "abandon"),
        "image_partition_revoke_confirmed": boolean,
        "image_partition_production": boolean,
        "image_partition_retire_confirmed": text(r".*", "the name of a host, or empty text"),
        "image_partition_delete_bucket": empty_or(bucket),
        "image_partition_secret_recovery_days": whole(7, 30),
        "image_partition_limits": numbers(QUOTAS),
        "image_partition_connect_https": empty_or(host_and_port),
        "image_partition_ca_file": empty_or(existing_file),
        "image_partition_poll_seconds": whole(1, 3600),
        "image_partition_poll_retries": polls,
        "image_partition_dns_server": empty_or(dns_server),
        "image_partition_dns_delay": whole(1, 3600),
        "image_partition_dns_retries": whole(0, 100_000),
        "image_partition_artifacts_directory": folder,
        "image_partition_tags": tags(50),
    }


def _names(values: Mapping[str, Any]) -> dict[str, Form]:
    """The forms of the names of a partition's resources.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlConfig.html
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
    """
    cdn = text(r"[A-Za-z0-9_-]+", "1 to 64 letters, digits, hyphens and underscores", 64)
    return {
        "host": below(values.get("image_partition_domain")),
        "bucket": bucket,
        "presigning_role": text(r"[A-Za-z0-9+=,.@_-]+", "1 to 64 letters, digits and +=,.@_-", 64),
        "origin_access_control": cdn,
        "response_headers_policy": cdn,
        "key_group": cdn,
        "secret": text(r"[A-Za-z0-9/_+=.@-]+", "1 to 512 letters, digits and /_+=.@-", 512),
        "exports_stack": text(r"[A-Za-z][A-Za-z0-9-]*", "1 to 128 letters, digits and hyphens, a letter first", 128),
    }


def _verification(values: Mapping[str, Any], _known: Collection[str]) -> dict[str, Form]:
    return {
        "image_verification_account_id": account_id,
        "image_verification_export_names": names((*EXPORTS, "certificate_arn"), export_name, every=True),
        "image_verification_domain": domain,
        "image_verification_client_role_arn": role_arn(values.get("image_verification_account_id")),
        "image_verification_other_bucket": empty_or(bucket),
        "image_verification_upload_origins": origins(wildcard=False),
        "image_verification_read_origins": origins(wildcard=False),
        "image_verification_connect_https": empty_or(host_and_port),
        "image_verification_connect_http": empty_or(host_and_port),
        "image_verification_ca_file": empty_or(existing_file),
        "image_verification_dns_server": empty_or(dns_server),
        "image_verification_propagation_seconds": whole(0, 3600),
        "image_verification_keep_sample": boolean,
        "image_verification_artifacts_directory": folder,
    }


FORMS = {"dns_foundation": _foundation, "image_partition": _partition, "image_verification": _verification}


def faults(role: str, values: Mapping[str, Any], known_regions: Collection[str], options: Collection[str]) -> list[str]:
    """What is wrong with the variables of a host, a sentence each; ``options`` are the role's, and what it returns."""
    found = []
    for name, form in forms(role, values, known_regions).items():
        if name in values and (expected := form(values[name])):
            found.append(f"{name}: expected {expected}, found {shown(values[name])}")
    for name in sorted(set(values) - set(options)):
        near = difflib.get_close_matches(name, options, 1)
        found.append(f"{name}: no variable of the role {role}" + (f"; did you mean {near[0]}?" if near else ""))
    return found


def mistyped(role: str, options: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """What is missing, or not of its type, among the variables that have no form of their own."""
    checked = forms(role, values, ())
    found = [
        f"{name}: expected a value, found nothing"
        for name, option in options.items()
        if option.get("required") and name not in values
    ]
    rest = {name: option for name, option in options.items() if name in values and name not in checked}
    result = ArgumentSpecValidator(rest).validate({name: values[name] for name in rest})
    return found + result.error_messages


def shown(value: Any) -> str:
    """A value as a message shows it: on one line, cut where it is long."""
    line = repr(value)
    return line if len(line) <= 100 else f"{line[:97]}..."
