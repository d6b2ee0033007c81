"""CloudFront configurations between Ansible's form and the API's, against botocore's model."""

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront import config

DISTRIBUTION = config.shape("DistributionConfig")


@pytest.mark.parametrize(
    ("camel", "snake"),
    [
        ("ACMCertificateArn", "acm_certificate_arn"),
        ("IsIPV6Enabled", "is_ipv6_enabled"),
        ("S3OriginConfig", "s3_origin_config"),
        ("SSLSupportMethod", "ssl_support_method"),
        ("WebACLId", "web_acl_id"),
        ("MinTTL", "min_ttl"),
        ("Id", "id"),
        ("XSSProtection", "xss_protection"),
        ("AccessControlMaxAgeSec", "access_control_max_age_sec"),
    ],
)
def test_snake_name_of_the_api_is_split_into_words(camel: str, snake: str) -> None:
    assert config.snake(camel) == snake


def test_snake_members_of_a_structure_keep_different_names() -> None:
    def walk(node: object, seen: set[str]) -> None:
        if node.type_name == "structure" and node.name not in seen:  # type: ignore[attr-defined]
            seen.add(node.name)  # type: ignore[attr-defined]
            names = [config.snake(member) for member in node.members]  # type: ignore[attr-defined]
            assert len(names) == len(set(names))
            for member in node.members.values():  # type: ignore[attr-defined]
                walk(member, seen)
        elif node.type_name == "list":  # type: ignore[attr-defined]
            walk(node.member, seen)  # type: ignore[attr-defined]

    seen: set[str] = set()
    walk(DISTRIBUTION, seen)
    assert len(seen) > 30


def test_to_aws_plain_list_is_wrapped() -> None:
    declared = {
        "aliases": ["a.example"],
        "enabled": "yes",
        "default_cache_behavior": {
            "trusted_key_groups": ["g"],
            "allowed_methods": {"items": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"]},
            "min_ttl": "5",
            "compress": None,
        },
        "cache_behaviors": [],
    }
    assert config.to_aws(DISTRIBUTION, declared) == {
        "Aliases": {"Quantity": 1, "Items": ["a.example"]},
        "Enabled": True,
        "DefaultCacheBehavior": {
            "TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": ["g"]},
            "AllowedMethods": {
                "Quantity": 2,
                "Items": ["GET", "HEAD"],
                "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
            },
            "MinTTL": 5,
        },
        "CacheBehaviors": {"Quantity": 0, "Items": []},
    }


def test_to_aws_empty_list_of_groups_is_not_enabled() -> None:
    converted = config.to_aws(DISTRIBUTION, {"default_cache_behavior": {"trusted_key_groups": []}})
    assert converted["DefaultCacheBehavior"]["TrustedKeyGroups"] == {"Enabled": False, "Quantity": 0, "Items": []}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"alias": []}, "config has no alias; it has aliases, "),
        ({"default_cache_behavior": {"ttl": 1}}, "default_cache_behavior has no ttl"),
        ({"origins": [{"idd": "x"}]}, r"origins\.items\[0\] has no idd"),
        ({"viewer_certificate": "x"}, "viewer_certificate must be a dictionary, not 'x'"),
    ],
)
def test_to_aws_unknown_key_is_named_with_its_path(declared: dict, message: str) -> None:
    with pytest.raises(AnsibleAWSError, match=message):
        config.to_aws(DISTRIBUTION, declared)


def test_from_aws_configuration_gets_plain_lists() -> None:
    aws = {
        "Aliases": {"Quantity": 1, "Items": ["a"]},
        "CacheBehaviors": {"Quantity": 0},
        "DefaultCacheBehavior": {"TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": ["g"]}},
        "SomethingNew": 1,
    }
    assert config.from_aws(DISTRIBUTION, aws) == {
        "aliases": ["a"],
        "cache_behaviors": [],
        "default_cache_behavior": {"trusted_key_groups": ["g"]},
    }


def test_to_aws_structure_with_more_than_a_list_stays_a_structure() -> None:
    behavior = DISTRIBUTION.members["DefaultCacheBehavior"]
    groups = config.to_aws(behavior, {"allowed_methods": {"items": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"]}})
    assert groups["AllowedMethods"]["Quantity"] == 2
    assert groups["AllowedMethods"]["CachedMethods"] == {"Quantity": 2, "Items": ["GET", "HEAD"]}
    assert config.from_aws(behavior, groups) == {
        "allowed_methods": {"items": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"]}
    }


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (
            {"default_cache_behavior": {"trusted_key_groups": {"enabled": False}}},
            {"DefaultCacheBehavior": {"TrustedKeyGroups": {"Enabled": False, "Items": [], "Quantity": 0}}},
        ),
        (
            {"restrictions": {"geo_restriction": {"restriction_type": "none"}}},
            {"Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Items": [], "Quantity": 0}}},
        ),
        (
            {"default_cache_behavior": {"allowed_methods": {"cached_methods": ["GET"]}}},
            {"DefaultCacheBehavior": {"AllowedMethods": {"CachedMethods": {"Quantity": 1, "Items": ["GET"]}}}},
        ),
    ],
    ids=["switched off", "no restriction", "not declared"],
)
def test_to_aws_list_that_is_switched_off_is_empty(declared: dict, expected: dict) -> None:
    assert config.to_aws(DISTRIBUTION, declared) == expected
