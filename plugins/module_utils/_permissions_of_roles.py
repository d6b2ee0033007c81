# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that run the playbooks, and the actions of each. docs/iam is generated from here."""

from __future__ import annotations

from ._permissions import (
    DELEGATION,
    DELEGATION_ROLE,
    LIKE_NAMED_BUCKETS,
    OBJECTS,
    ROOT_STACK,
    STACKS,
    VERIFIED_ROLES,
    Role,
    Scope,
    merge,
)

#: What each comparison with the declaration reads.
COMPARE = {
    "acm": "DescribeCertificate ListCertificates ListTagsForCertificate",
    "cloudformation": "DescribeStacks ListExports ListImports ListStackResources",
    "cloudfront": "GetDistribution GetOriginAccessControl GetResponseHeadersPolicy "
    "ListDistributions ListKeyGroups ListOriginAccessControls ListPublicKeys ListResponseHeadersPolicies "
    "ListTagsForResource",
    "cloudwatch": "DescribeAlarms",
    "iam": "GetRole ListAttachedRolePolicies ListRolePolicies SimulatePrincipalPolicy",
    "logs": "DescribeDeliveries GetDeliveryDestination GetDeliverySource",
    "route53": "GetHostedZone ListHostedZonesByName ListResourceRecordSets ListTagsForResource",
    "s3": "GetBucketCORS GetBucketLogging "
    "GetBucketOwnershipControls GetBucketPolicy "
    "GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetEncryptionConfiguration "
    "GetLifecycleConfiguration ListBucket",
    "secretsmanager": "DescribeSecret GetSecretValue",
    "sts": "AssumeRole",
}
#: What it reads beside that of what the platform provides, and of the presigning role's policies.
PREREQUISITES = {
    "ec2": "DescribeVpcEndpoints",
    "iam": "GetRolePolicy",
    "s3": "GetBucketLocation GetBucketObjectLockConfiguration",
}
#: What diagnose.yml reads in addition: why a stack failed.
DIAGNOSE = {"cloudformation": "DescribeStackEvents"}
#: What adopt.yml and orphans.yml list in addition.
LIST = {
    "cloudformation": "ListStacks",
    "iam": "ListRoles",
    "route53": "ListHostedZones",
    "s3": "ListAllMyBuckets",
    "secretsmanager": "ListSecrets",
}
#: The verification. It uploads test images as the presigning role and by itself, looks at them, and removes them.
VERIFY = {
    "cloudformation": "ListExports",
    "cloudfront": "ListDistributions",
    "iam": "SimulatePrincipalPolicy",
    "route53": "GetHostedZone ListHostedZonesByName",
    "s3": "DeleteObject DeleteObjectVersion GetBucketLocation GetBucketPolicy GetObject ListBucketVersions PutObject",
    "secretsmanager": "GetSecretValue",
    "sts": "AssumeRole",
}
ROTATE = {
    "cloudformation": "DescribeStacks ListExports ListImports ListStackResources UpdateStack",
    "cloudfront": "CreatePublicKey DeletePublicKey GetKeyGroup GetPublicKey ListDistributions ListKeyGroups "
    "ListPublicKeys UpdateKeyGroup UpdatePublicKey",
    "secretsmanager": "DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage",
}
DEPLOY = {
    "acm": "AddTagsToCertificate RemoveTagsFromCertificate RequestCertificate",
    "cloudformation": "CreateStack DeleteStack DescribeStackEvents UpdateStack",
    "cloudfront": "AllowVendedLogDeliveryForResource CreateDistribution CreateKeyGroup "
    "CreateOriginAccessControl CreateResponseHeadersPolicy TagResource UntagResource "
    "UpdateDistribution UpdateOriginAccessControl UpdateResponseHeadersPolicy",
    "cloudwatch": "PutMetricAlarm",
    "logs": "CreateDelivery DeleteDelivery PutDeliveryDestination PutDeliverySource",
    "iam": "CreateRole DeleteRolePolicy DetachRolePolicy PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole "
    "UpdateAssumeRolePolicy UpdateRole",
    "route53": "ChangeResourceRecordSets ChangeTagsForResource CreateHostedZone GetChange",
    "s3": "CreateBucket PutBucketCORS PutBucketLogging PutBucketOwnershipControls PutBucketPolicy "
    "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
    "PutLifecycleConfiguration",
    "secretsmanager": "CreateSecret RestoreSecret TagResource UntagResource",
}
RETIRE = {
    "acm": "DeleteCertificate",
    "cloudformation": "DeleteStack DescribeStackEvents",
    "cloudfront": "DeleteDistribution DeleteKeyGroup DeleteOriginAccessControl DeletePublicKey "
    "DeleteResponseHeadersPolicy GetKeyGroup GetPublicKey UpdateDistribution",
    "cloudwatch": "DeleteAlarms",
    "logs": "DeleteDelivery DeleteDeliveryDestination DeleteDeliverySource",
    "iam": "DeleteRole DeleteRolePolicy DetachRolePolicy ListInstanceProfilesForRole",
    "route53": "ChangeResourceRecordSets DeleteHostedZone GetChange",
    "s3": "DeleteBucket DeleteObject DeleteObjectVersion ListBucketVersions",
    "secretsmanager": "DeleteSecret",
}
ROOT_COMPARE = {
    "cloudformation": "DescribeStacks ListExports ListStackResources",
    "iam": "SimulatePrincipalPolicy",
    "route53": "GetHostedZone ListHostedZonesByName ListTagsForResource",
}
ROOT_SCOPES = {
    "iam:SimulatePrincipalPolicy": Scope(("arn:aws:iam::{account}:role/ImageUploadRoot*",)),
    **{
        f"cloudformation:{name}": ROOT_STACK
        for name in (
            "CreateStack",
            "DeleteStack",
            "DescribeStackEvents",
            "DescribeStacks",
            "ListStackResources",
            "UpdateStack",
        )
    },
}

#: The roles of docs/iam. An account is an infrastructure's, or the root account.
ROLES = (
    Role(
        "{infrastructure}-ImageUploadDeployer",
        "infrastructure",
        "site.yml, rotate_signing_key.yml, revoke_signing_key.yml, verify.yml, plan.yml, drift.yml, diagnose.yml, "
        "artifacts.yml",
        merge(COMPARE, PREREQUISITES, DEPLOY, ROTATE, VERIFY),
    ),
    Role(
        "{infrastructure}-ImageUploadReader",
        "infrastructure",
        "plan.yml, drift.yml, diagnose.yml, artifacts.yml, adopt.yml, orphans.yml without a removal; --check of the "
        "others",
        merge(COMPARE, PREREQUISITES, LIST, DIAGNOSE),
        {
            "sts:AssumeRole": DELEGATION_ROLE,
            "cloudformation:ListStackResources": STACKS,
            "s3:GetBucketTagging": LIKE_NAMED_BUCKETS,
        },
    ),
    Role(
        "{infrastructure}-ImageUploadVerifier",
        "infrastructure",
        "verify.yml",
        VERIFY,
        {"sts:AssumeRole": VERIFIED_ROLES},
    ),
    Role(
        "{infrastructure}-ImageUploadRotator",
        "infrastructure",
        "rotate_signing_key.yml",
        merge(ROTATE, VERIFY),
        {"sts:AssumeRole": VERIFIED_ROLES},
    ),
    Role(
        "{infrastructure}-ImageUploadRetirer",
        "infrastructure",
        "retire.yml, orphans.yml",
        merge(COMPARE, LIST, RETIRE),
        {
            "sts:AssumeRole": DELEGATION_ROLE,
            "s3:DeleteObject": OBJECTS,
            "s3:DeleteObjectVersion": OBJECTS,
            "s3:GetBucketTagging": LIKE_NAMED_BUCKETS,
        },
    ),
    Role(
        "ImageUploadRootDeployer",
        "root",
        "site.yml in the root account",
        merge(
            ROOT_COMPARE,
            {
                "cloudformation": "CreateStack DeleteStack DescribeStackEvents ListImports UpdateStack",
                "route53": "ChangeTagsForResource CreateHostedZone",
            },
        ),
        ROOT_SCOPES,
    ),
    Role(
        "ImageUploadRootReader",
        "root",
        "plan.yml, drift.yml, diagnose.yml, artifacts.yml, adopt.yml in the root account",
        merge(ROOT_COMPARE, DIAGNOSE),
        ROOT_SCOPES,
    ),
    Role(
        "ImageUploadRootRetirer",
        "root",
        "retire.yml in the root account",
        merge(
            ROOT_COMPARE,
            {
                "cloudformation": "DeleteStack DescribeStackEvents ListImports",
                "route53": "DeleteHostedZone ListResourceRecordSets",
            },
        ),
        ROOT_SCOPES,
    ),
    Role(
        "{infrastructure}-ImageUploadDelegation",
        "root",
        "the delegation of one infrastructure, assumed by its deployer, reader and retirer",
        {"route53": "ChangeResourceRecordSets GetChange ListHostedZonesByName ListResourceRecordSets"},
        {"route53:ChangeResourceRecordSets": DELEGATION},
    ),
)
