"""IAM's own answers beside a declaration: what is the same is unchanged, and each difference is one change."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.modules.iam_role_plan import Role, plan, predict

from ...helpers.aws_fixtures import FixtureModule, changed

NAME = "Alpha002-dev-ImagePreSigningRole"
PUT = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "PutImages",
        "Effect": "Allow",
        "Action": ["s3:PutObject"],
        "Resource": "arn:aws:s3:::alpha002-dev-image-asset-bucket/*/images/*",
    },
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::111122223333:role/Alpha002-dev-BucketClientRole"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
DECLARED: dict[str, Any] = {
    "state": "present",
    "name": NAME,
    "assume_role_policy_document": TRUST,
    "inline_policies": {"PutImages": PUT},
    "managed_policies": [],
    "description": "Presigns uploads of product images",
    "max_session_duration": 3600,
    "permissions_boundary": None,
    "tags": {"Infrastructure": "Alpha002", "Partition": "dev", "ManagedBy": "arda.image_upload"},
    "purge_tags": True,
}
FOUND = ("iam.GetRole.ok", "iam.ListRolePolicies.ok", "iam.ListAttachedRolePolicies.ok", "iam.GetRolePolicy.ok")
ARN = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def planned(*answers: Any, **options: Any) -> list[str]:
    module = FixtureModule({**DECLARED, **options}, *answers)
    return plan(module.params, Role(module).read())


def test_role_as_declared_has_no_change() -> None:
    assert planned(*FOUND) == []


@pytest.mark.parametrize(
    ("answer", "expected"), [("iam.GetRole.ok", [f"delete role {NAME}"]), ("iam.GetRole.NoSuchEntity", [])]
)
def test_role_that_is_not_wanted_is_deleted_without_a_read_of_its_policies(answer: str, expected: list[str]) -> None:
    assert planned(answer, state="absent") == expected


def test_role_that_does_not_exist_is_created_with_its_policy() -> None:
    assert planned("iam.GetRole.NoSuchEntity") == [f"create role {NAME}", f"put policy PutImages of role {NAME}"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"description": "other"}, f"set the description of role {NAME}"),
        ({"max_session_duration": 7200}, f"set the longest session of role {NAME}"),
        ({"tags": {"ManagedBy": "arda.image_upload"}}, f"tag role {NAME}"),
        ({"inline_policies": {"PutImages": {**PUT, "Version": "2008-10-17"}}}, f"put policy PutImages of role {NAME}"),
        ({"inline_policies": {}}, f"delete policy PutImages of role {NAME}"),
        ({"managed_policies": [ARN]}, f"attach policy {ARN} to role {NAME}"),
        ({"assume_role_policy_document": {**TRUST, "Statement": []}}, f"set the trust policy of role {NAME}"),
    ],
)
def test_role_that_differs_has_the_change(options: dict[str, Any], expected: str) -> None:
    assert planned(*FOUND, **options) == [expected]


def test_role_whose_principal_was_deleted_has_another_trust_policy() -> None:
    assert planned("iam.GetRole.ok-principal-deleted", *FOUND[1:]) == [f"set the trust policy of role {NAME}"]


def test_managed_policy_that_was_attached_by_hand_is_detached() -> None:
    attached = [{"PolicyName": "ReadOnlyAccess", "PolicyArn": ARN}]
    answers = (*FOUND[:2], changed(FOUND[2], {"AttachedPolicies": attached}), FOUND[3])
    assert planned(*answers) == [f"detach policy {ARN} from role {NAME}"]


def test_what_is_omitted_is_not_compared() -> None:
    assert planned(*FOUND, description=None, max_session_duration=None, tags=None) == []


def test_role_as_declared_looks_as_declared() -> None:
    """IAM answers one principal and one action without a list."""
    role = Role(FixtureModule(DECLARED, *FOUND))
    found = role.read()
    assert found
    assert role.view(found) == role.view(predict(DECLARED, found))
