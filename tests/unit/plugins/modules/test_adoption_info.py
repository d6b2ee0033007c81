"""Which resources belong to a partition that other means have made, and what speaks against taking them over."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._account import Item, bucket_of_origin
from ansible_collections.arda.image_upload.plugins.modules.adoption_info import candidates, chosen, objections

HOST, CLIENT = "dev.shop.example", "arn:aws:iam::111122223333:role/shop-dev"
OPTIONS: dict[str, Any] = {
    "host": HOST,
    "marks": ["Shop", "dev"],
    "client_role_arn": CLIENT,
    "names": {
        "bucket": "shop-dev-images",
        "key_group": "Shop-dev",
        "secret": "Shop-dev/key",
        "exports_stack": "Shop-dev",
    },
    "export_names": ["Shop-dev-Bucket"],
}
BEHAVIOR = {"TrustedKeyGroups": {"Enabled": True, "Items": ["group-1"]}, "TrustedSigners": {"Enabled": False}}
DISTRIBUTION = {
    "Aliases": {"Items": ["other.example", HOST]},
    "Origins": {"Items": [{"DomainName": "old-images.s3.eu-west-1.amazonaws.com", "OriginAccessControlId": "oac-1"}]},
    "DefaultCacheBehavior": BEHAVIOR,
}


def held(**kinds: list[Item]) -> dict[str, list[Item]]:
    names = (
        "distribution",
        "bucket",
        "key_group",
        "origin_access_control",
        "response_headers_policy",
        "role",
        "secret",
    )
    return {name.replace("_", " "): kinds.get(name, []) for name in names}


ALL = held(
    distribution=[
        Item("distribution", "E1", "other.example", "", DISTRIBUTION),
        Item("distribution", "E2", "x", "", {**DISTRIBUTION, "Aliases": {"Quantity": 0}}),
    ],
    bucket=[Item("bucket", "old-images", "old-images"), Item("bucket", "x", "x")],
    key_group=[Item("key group", "group-1", "old-readers"), Item("key group", "group-2", "x")],
    origin_access_control=[Item("origin access control", "oac-1", "old"), Item("origin access control", "", "x")],
    role=[
        Item("role", "old", "old", "", {"AssumeRolePolicyDocument": {"Statement": [{"Principal": {"AWS": CLIENT}}]}})
    ],
    secret=[
        Item("secret", "arn-1", "legacy/SHOP/dev", "", {}),
        Item("secret", "arn-2", "shop/dev/deleted", "", {"DeletedDate": "2026-01-01"}),
        Item("secret", "arn-3", "shop/prod", "", {}),
    ],
)


@pytest.mark.parametrize(
    ("domain_name", "bucket"),
    [
        ("b.s3.amazonaws.com", "b"),
        ("a.b.s3.eu-west-1.amazonaws.com", "a.b"),
        ("b.s3-eu-west-1.amazonaws.com", "b"),
        ("b.s3-website-eu-west-1.amazonaws.com", "b"),
        ("www.example.com", ""),
        ("s3.amazonaws.com", ""),
    ],
)
def test_bucket_of_an_origin(domain_name: str, bucket: str) -> None:
    assert bucket_of_origin(domain_name) == bucket


def test_distribution_with_the_alias_leads_to_what_it_uses() -> None:
    found = [(one.kind, one.item.name) for one in candidates(OPTIONS, ALL)]
    assert found == [
        ("distribution", "other.example"),
        ("bucket", "old-images"),
        ("key_group", "old-readers"),
        ("origin_access_control", "old"),
        ("presigning_role", "old"),
        ("secret", "legacy/SHOP/dev"),
    ]


def test_names_that_differ_are_returned_and_several_are_left_to_the_operator() -> None:
    names, problems = chosen(OPTIONS, candidates(OPTIONS, ALL))
    assert names == {"bucket": "old-images", "key_group": "old-readers", "secret": "legacy/SHOP/dev"}
    assert problems == []
    more = {**ALL, "secret": [*ALL["secret"], Item("secret", "arn-4", "shop/dev/other")]}
    names, (problem,) = chosen(OPTIONS, candidates(OPTIONS, more))
    assert "secret" not in names
    assert problem.startswith("2 candidates for secret: legacy/SHOP/dev, shop/dev/other.")
    declared = {**OPTIONS, "names": {"secret": "shop/dev/other"}}
    assert chosen(declared, candidates(declared, more)) == ({}, [])


def test_stack_export_and_what_is_replaced_are_named() -> None:
    signed = {**BEHAVIOR, "TrustedSigners": {"Enabled": True}, "ForwardedValues": {"QueryString": True}}
    origin = {"DomainName": "old-images.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": "x/E9"}}
    detail = {**DISTRIBUTION, "DefaultCacheBehavior": signed, "Origins": {"Items": [origin]}}
    found = candidates(OPTIONS, {**ALL, "distribution": [Item("distribution", "E1", HOST, "", detail)]})
    stack = "arn:aws:cloudformation:us-east-1:111122223333:stack/Old/1"
    exported = [
        {"Name": "Shop-dev-Bucket", "ExportingStackId": stack},
        {"Name": "Else", "ExportingStackId": stack},
    ]
    told = list(objections(OPTIONS, found, {"old-images": "Old"}, exported))
    marks = ("ForwardedValues", "TrustedSigners", "origin access identity", "DeletionPolicy: Retain", "to stack Old")
    for text, mark in zip(told, marks, strict=True):
        assert mark in text
    own = [{"Name": "Shop-dev-Bucket", "ExportingStackId": stack.replace("Old", "Shop-dev")}]
    assert list(objections(OPTIONS, [], {}, own)) == []
