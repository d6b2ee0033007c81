"""CloudFront configurations between Ansible's form and the API's, against botocore's model."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront import config
from hypothesis import given
from hypothesis import strategies as st

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
def test_snake(camel: str, snake: str) -> None:
    assert config.snake(camel) == snake


def test_no_two_members_share_a_name() -> None:
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


def test_lists_are_wrapped() -> None:
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


def test_an_empty_list_of_groups_is_not_enabled() -> None:
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
def test_an_unknown_key_is_named_with_its_path(declared: dict, message: str) -> None:
    with pytest.raises(AnsibleAWSError, match=message):
        config.to_aws(DISTRIBUTION, declared)


def test_back_to_ansible() -> None:
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


def test_what_is_not_declared_is_kept() -> None:
    actual = {
        "Comment": "old",
        "Origins": {"Quantity": 1, "Items": [{"Id": "bucket", "ConnectionAttempts": 3, "DomainName": "old"}]},
        "Aliases": {"Quantity": 2, "Items": ["a", "b"]},
        "Enabled": True,
    }
    desired = {
        "Origins": {"Quantity": 2, "Items": [{"Id": "bucket", "DomainName": "new"}, {"Id": "more"}]},
        "Aliases": {"Quantity": 0, "Items": []},
    }
    before = copy.deepcopy(actual)
    assert config.overlay(actual, desired) == {
        "Comment": "old",
        "Origins": {
            "Quantity": 2,
            "Items": [{"Id": "bucket", "ConnectionAttempts": 3, "DomainName": "new"}, {"Id": "more"}],
        },
        "Aliases": {"Quantity": 0},
        "Enabled": True,
    }
    assert actual == before


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"Items": ["a", "b"]}, {"Items": ["b", "a"]}, True),
        ({"Items": ["a"]}, {"Items": ["b"]}, False),
        ({"Quantity": 0}, {"Quantity": 0, "Items": []}, True),
        ({"Items": [{"Id": "1"}, {"Id": "2"}]}, {"Items": [{"Id": "2"}, {"Id": "1"}]}, True),
        # The first matching behavior decides: their order counts.
        (
            {"Items": [{"PathPattern": "1"}, {"PathPattern": "2"}]},
            {"Items": [{"PathPattern": "2"}, {"PathPattern": "1"}]},
            False,
        ),
        ({"A": {"B": 1}}, {"A": {"B": 2}}, False),
    ],
)
def test_same(one: dict, other: dict, same: bool) -> None:
    assert config.same(one, other) is same


VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(st.sampled_from(["A", "B", "Id"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("ABC"), VALUES), st.dictionaries(st.sampled_from("ABC"), VALUES))
def test_an_overlay_laid_over_again_changes_nothing(actual: dict, desired: dict) -> None:
    merged = config.overlay(actual, desired)
    assert config.same(config.overlay(merged, desired), merged)


@pytest.mark.parametrize(
    ("actual", "desired", "expected"),
    [
        ([1, 2], {"a": 1}, {"a": 1}),
        ({"a": 1}, [1], [1]),
        (None, [{"Id": "x"}], [{"Id": "x"}]),
        ([{"Id": "x", "b": 1}], [{"Id": "x", "c": 2}], [{"Id": "x", "b": 1, "c": 2}]),
        ([{"Id": "y", "b": 1}], [{"Id": "x"}], [{"Id": "x"}]),
        ({"Items": [1], "Quantity": 1}, {"Items": [], "Quantity": 0}, {"Quantity": 0}),
    ],
)
def test_one_thing_laid_over_another(actual: object, desired: object, expected: object) -> None:
    assert config.overlay(actual, desired) == expected


def test_a_structure_that_only_looks_like_a_list_is_none() -> None:
    behavior = DISTRIBUTION.members["DefaultCacheBehavior"]
    groups = config.to_aws(behavior, {"allowed_methods": {"items": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"]}})
    assert groups["AllowedMethods"]["Quantity"] == 2
    assert groups["AllowedMethods"]["CachedMethods"] == {"Quantity": 2, "Items": ["GET", "HEAD"]}
    assert config.from_aws(behavior, groups) == {
        "allowed_methods": {"items": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"]}
    }


def test_a_list_that_is_not_declared_is_not_counted() -> None:
    behavior = DISTRIBUTION.members["DefaultCacheBehavior"]
    assert config.to_aws(behavior, {"trusted_key_groups": {"enabled": False}}) == {
        "TrustedKeyGroups": {"Enabled": False}
    }
