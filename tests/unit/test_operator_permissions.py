"""The operator's guide names every action that the product needs, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from .helpers.handled_answers import wanted

GUIDE = Path(__file__).resolve().parents[2] / "docs/operators-guide.md"

#: IAM's name of an API operation, where it is another one.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
ACTIONS = {
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
    "s3:DeleteBucketCors": "s3:PutBucketCORS",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
#: What needs no permission.
LEFT_OUT = {"sts:GetCallerIdentity"}
#: What the code names in another way: composed names, tables, and amazon.aws.iam_role and iam_policy.
ADDED = {
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
    """The actions in the table of the guide."""
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (.+) \|$", GUIDE.read_text(), re.MULTILINE)
    return {
        f"{service}:{name}" for service, text in rows for name in re.findall(r"\b[A-Z][A-Za-z]+[a-z][A-Z]\w+", text)
    }


def test_guide_names_the_actions_that_the_product_calls() -> None:
    called = {f"{pair.service}:{pair.operation}" for pair in wanted() if pair.operation != "*"}
    needed = {ACTIONS.get(call, call) for call in called - LEFT_OUT} | ADDED
    found = documented() - {"sts:AllowCreatingNSRecordsRole"}
    assert found == needed
