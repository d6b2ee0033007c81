"""IAM's own answers to the simulation: what is not allowed is missing, and what cannot be simulated is said."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._aws import Aws
from ansible_collections.arda.image_upload.plugins.module_utils._caller import missing_permissions, principal
from ansible_collections.arda.image_upload.plugins.module_utils._permissions import requests
from ansible_collections.arda.image_upload.plugins.module_utils._permissions_of_roles import ROLES

from ...helpers.aws_fixtures import FixtureModule, changed

SESSION = changed(
    "sts.GetCallerIdentity.ok",
    {"Account": "444455556666", "Arn": "arn:aws:sts::444455556666:assumed-role/Operator/alice"},
)
VERIFIER = next(role for role in ROLES if role.short_name == "Verifier")
NAMES = {"infrastructure": "Shop001", "domain": "shop001.example", "bucket": "b", "presigning_role": "r"}


def compared(*answers: Any) -> dict[str, Any]:
    return missing_permissions(Aws(FixtureModule({}, *answers)), VERIFIER, NAMES)


def test_action_that_iam_does_not_allow_is_missing() -> None:
    found = compared(SESSION, *["iam.SimulatePrincipalPolicy.ok"] * 20)
    assert found["compared"]
    assert set(found["missing"]) == {"cloudfront:ListDistributions on *"}
    assert found["principal"] == "arn:aws:iam::444455556666:role/Operator"


@pytest.mark.parametrize(
    "answer", ["iam.SimulatePrincipalPolicy.AccessDenied", "iam.SimulatePrincipalPolicy.NoSuchEntity"]
)
def test_caller_who_may_not_simulate_is_not_compared(answer: str) -> None:
    found = compared(SESSION, *[answer] * 20)
    assert (found["compared"], found["missing"]) == (False, [])
    assert "iam:SimulatePrincipalPolicy" in found["reason"]


def test_root_user_is_not_compared() -> None:
    root = changed("sts.GetCallerIdentity.ok", {"Arn": "arn:aws:iam::444455556666:root", "Account": "444455556666"})
    assert compared(root)["reason"] == "arn:aws:iam::444455556666:root has no policies of its own"


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:sts::444455556666:assumed-role/Operator/alice", "arn:aws:iam::444455556666:role/Operator"),
        ("arn:aws:iam::444455556666:user/path/alice", "arn:aws:iam::444455556666:user/path/alice"),
        ("arn:aws:iam::444455556666:root", ""),
        ("arn:aws:sts::444455556666:federated-user/alice", ""),
    ],
)
def test_principal_of_a_caller(arn: str, expected: str) -> None:
    assert principal(arn) == expected


def test_request_names_the_resource_and_its_condition_keys() -> None:
    deployer = next(role for role in ROLES if role.short_name == "Deployer")
    asked = {action: one for one in requests(deployer, {**NAMES, "account": "1"}) for action in one["ActionNames"]}
    assert asked["s3:PutBucketPolicy"]["ResourceArns"] == ["arn:aws:s3:::b"]
    keys = {entry["ContextKeyName"]: entry for entry in asked["acm:RequestCertificate"]["ContextEntries"]}
    assert keys["acm:DomainNames"]["ContextKeyValues"] == ["shop001.example", "host.shop001.example"]
    assert keys["acm:ValidationMethod"] == {
        "ContextKeyName": "acm:ValidationMethod",
        "ContextKeyType": "string",
        "ContextKeyValues": ["DNS"],
    }
    assert asked["iam:CreateRole"]["ContextEntries"] == [], "no boundary is required where none is given"
