"""A declared CloudFront configuration over the actual one: what is kept, what is dropped, what counts as the same."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.overlay import overlay, same
from hypothesis import given
from hypothesis import strategies as st


def test_overlay_field_that_is_not_declared_is_kept() -> None:
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
    assert overlay(actual, desired) == {
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
    ("one", "other", "expected"),
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
        # So does the order of an origin group's members: the first one is the primary.
        ({"Items": [{"OriginId": "1"}, {"OriginId": "2"}]}, {"Items": [{"OriginId": "2"}, {"OriginId": "1"}]}, False),
        (
            {"Items": [{"ErrorCode": 500}, {"ErrorCode": 403}]},
            {"Items": [{"ErrorCode": 403}, {"ErrorCode": 500}]},
            True,
        ),
        (
            {"Items": [{"HeaderName": "B", "HeaderValue": "1"}, {"HeaderName": "A", "HeaderValue": "2"}]},
            {"Items": [{"HeaderName": "A", "HeaderValue": "2"}, {"HeaderName": "B", "HeaderValue": "1"}]},
            True,
        ),
        (
            {"Items": [{"EventType": "viewer-response"}, {"EventType": "viewer-request"}]},
            {"Items": [{"EventType": "viewer-request"}, {"EventType": "viewer-response"}]},
            True,
        ),
        ({"Items": [{"Header": "B"}, {"Header": "A"}]}, {"Items": [{"Header": "A"}, {"Header": "B"}]}, True),
        (
            {"Items": [{"ErrorCode": 500}, {"ErrorCode": 403}]},
            {"Items": [{"ErrorCode": 403}, {"ErrorCode": 501}]},
            False,
        ),
        ({"A": {"B": 1}}, {"A": {"B": 2}}, False),
    ],
)
def test_same_lists_are_compared_without_order_unless_it_counts(one: dict, other: dict, expected: bool) -> None:
    assert same(one, other) is expected


NAMES = st.sampled_from(
    ["A", "Id", "Enabled", "CachePolicyId", "MinTTL", "ForwardedValues", "TrustedSigners", "TrustedKeyGroups",
     "OriginAccessControlId", "CustomOriginConfig", "ACMCertificateArn",
     "Certificate", "ReportUri", "ModeBlock"]
)  # fmt: skip
VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES))
def test_overlay_laid_over_again_changes_nothing(actual: dict, desired: dict) -> None:
    merged = overlay(actual, desired)
    assert same(overlay(merged, desired), merged)


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
def test_overlay_of_one_type_over_another_is_the_declared_one(
    actual: object, desired: object, expected: object
) -> None:
    assert overlay(actual, desired) == expected


ARN, OTHER = (f"arn:aws:acm:us-east-1:111122223333:certificate/{name}" for name in ("one", "two"))
ISSUED = {
    "CloudFrontDefaultCertificate": False,
    "ACMCertificateArn": ARN,
    "SSLSupportMethod": "sni-only",
    "MinimumProtocolVersion": "TLSv1.2_2021",
    "Certificate": ARN,
    "CertificateSource": "acm",
}
DEFAULT = {
    "CloudFrontDefaultCertificate": True,
    "SSLSupportMethod": "vip",
    "MinimumProtocolVersion": "TLSv1",
    "CertificateSource": "cloudfront",
}
SIGNERS = {"Enabled": True, "Quantity": 2, "Items": ["self", "111122223333"]}
GROUPS = {"Enabled": True, "Quantity": 1, "Items": ["group"]}
NOBODY = {"Enabled": False, "Quantity": 0}
EXCLUSIVE: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "the certificate itself": (ISSUED, {"ACMCertificateArn": ARN, "SSLSupportMethod": "sni-only"}, ISSUED),
    "another certificate": (ISSUED, {"ACMCertificateArn": OTHER}, {"ACMCertificateArn": OTHER}),
    "a certificate instead of the default one": (
        DEFAULT,
        {"ACMCertificateArn": ARN, "SSLSupportMethod": "sni-only"},
        {"ACMCertificateArn": ARN, "SSLSupportMethod": "sni-only"},
    ),
    "the default certificate": (
        ISSUED,
        {"CloudFrontDefaultCertificate": True},
        {"CloudFrontDefaultCertificate": True},
    ),
    "the default certificate switched off": (
        ISSUED,
        {"CloudFrontDefaultCertificate": False, "ACMCertificateArn": ARN},
        ISSUED,
    ),
    "a certificate of IAM": (ISSUED, {"IAMCertificateId": "ASCA"}, {"IAMCertificateId": "ASCA"}),
    "another TLS version": (
        ISSUED,
        {"MinimumProtocolVersion": "TLSv1.2_2019"},
        {**ISSUED, "MinimumProtocolVersion": "TLSv1.2_2019"},
    ),
    "a cache policy": (
        {"ForwardedValues": {"QueryString": True}, "MinTTL": 0, "DefaultTTL": 60, "MaxTTL": 60, "Compress": True},
        {"CachePolicyId": "policy"},
        {"CachePolicyId": "policy", "Compress": True},
    ),
    "forwarded values": (
        {"CachePolicyId": "policy", "OriginRequestPolicyId": "policy", "Compress": True},
        {"ForwardedValues": {"QueryString": True}, "MinTTL": 1},
        {"ForwardedValues": {"QueryString": True}, "MinTTL": 1, "Compress": True},
    ),
    "an S3 origin": (
        {"Id": "o", "CustomOriginConfig": {"HTTPPort": 80}},
        {"Id": "o", "S3OriginConfig": {"OriginAccessIdentity": ""}},
        {"Id": "o", "S3OriginConfig": {"OriginAccessIdentity": ""}},
    ),
    "a custom origin": (
        {"Id": "o", "S3OriginConfig": {"OriginAccessIdentity": ""}},
        {"Id": "o", "CustomOriginConfig": {"HTTPPort": 80}},
        {"Id": "o", "CustomOriginConfig": {"HTTPPort": 80}},
    ),
    "an access control": (
        {"Id": "o", "S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1", "X": 1}},
        {"Id": "o", "OriginAccessControlId": "E2"},
        {"Id": "o", "OriginAccessControlId": "E2", "S3OriginConfig": {"OriginAccessIdentity": "", "X": 1}},
    ),
    "an access identity": (
        {"Id": "o", "OriginAccessControlId": "E2"},
        {"Id": "o", "S3OriginConfig": {"OriginAccessIdentity": "E1"}},
        {"Id": "o", "S3OriginConfig": {"OriginAccessIdentity": "E1"}, "OriginAccessControlId": ""},
    ),
    "key groups": (
        {"TrustedSigners": SIGNERS},
        {"TrustedKeyGroups": GROUPS},
        {"TrustedSigners": NOBODY, "TrustedKeyGroups": GROUPS},
    ),
    "no key groups": (
        {"TrustedSigners": SIGNERS},
        {"TrustedKeyGroups": NOBODY},
        {"TrustedSigners": NOBODY, "TrustedKeyGroups": NOBODY},
    ),
    "signers": (
        {"TrustedKeyGroups": GROUPS},
        {"TrustedSigners": SIGNERS},
        {"TrustedSigners": SIGNERS, "TrustedKeyGroups": NOBODY},
    ),
    "key groups and signers": (
        {"TrustedSigners": NOBODY},
        {"TrustedKeyGroups": GROUPS, "TrustedSigners": SIGNERS},
        {"TrustedKeyGroups": GROUPS, "TrustedSigners": SIGNERS},
    ),
    "no readers declared": (
        {"TrustedSigners": SIGNERS},
        {"Compress": True},
        {"TrustedSigners": SIGNERS, "Compress": True},
    ),
    "no origin shield": ({"Enabled": True, "OriginShieldRegion": "us-east-1"}, {"Enabled": False}, {"Enabled": False}),
    "no protection": ({"Protection": True, "ModeBlock": True}, {"Protection": False}, {"Protection": False}),
    "fewer methods": (
        {
            "Quantity": 3,
            "Items": ["HEAD", "GET", "OPTIONS"],
            "CachedMethods": {"Quantity": 3, "Items": ["HEAD", "GET", "OPTIONS"]},
        },
        {"Quantity": 2, "Items": ["GET", "HEAD"]},
        {
            "Quantity": 2,
            "Items": ["GET", "HEAD"],
            "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
        },
    ),
    "a report": ({"ModeBlock": True}, {"ReportUri": "https://example.com/"}, {"ReportUri": "https://example.com/"}),
    "a block": ({"ReportUri": "https://example.com/"}, {"ModeBlock": True}, {"ModeBlock": True}),
}


@pytest.mark.parametrize("name", EXCLUSIVE)
def test_overlay_declared_field_drops_what_it_excludes(name: str) -> None:
    actual, desired, expected = EXCLUSIVE[name]
    before = copy.deepcopy(actual)
    assert overlay(actual, desired) == expected
    assert overlay(expected, desired) == expected
    assert actual == before


def test_overlay_behavior_in_a_list_drops_what_it_excludes() -> None:
    actual = {"Items": [{"PathPattern": "/a", "TrustedSigners": SIGNERS, "MinTTL": 1}, {"PathPattern": "/b"}]}
    desired = {"Items": [{"PathPattern": "/a", "TrustedKeyGroups": GROUPS, "CachePolicyId": "policy"}]}
    (behavior,) = overlay(actual, desired)["Items"]
    assert behavior == {
        "PathPattern": "/a",
        "TrustedSigners": NOBODY,
        "TrustedKeyGroups": GROUPS,
        "CachePolicyId": "policy",
    }
