# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resources and conditions of each action that the playbooks call, and what a role is made of.

The roles themselves are in _permissions_of_roles.py. Resources and condition keys:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scope:
    """The resources of an action, as ARNs with ``{fields}``, and the condition of its statement."""

    resources: tuple[str, ...]
    condition: dict[str, dict[str, Any]] = field(default_factory=dict)


#: No resource of this project can be named: the action knows none, or AWS makes their ids up and they carry no tags. So
#: it is with the listings, with what creates distributions, and with all actions on public keys and key groups.
ACCOUNT = Scope(("*",))
CERTIFICATE = Scope(("arn:aws:acm:*:{account}:certificate/*",))
#: A certificate of this domain alone, and one that is validated by DNS.
REQUEST = Scope(
    ("*",),
    {
        "ForAllValues:StringLike": {"acm:DomainNames": ["{domain}", "*.{domain}"]},
        "StringEquals": {"acm:ValidationMethod": "DNS"},
    },
)
STACK = Scope(("arn:aws:cloudformation:*:{account}:stack/{infrastructure}-*",))
ACCESS_CONTROL = Scope(("arn:aws:cloudfront::{account}:origin-access-control/*",))
HEADERS_POLICY = Scope(("arn:aws:cloudfront::{account}:response-headers-policy/*",))
#: Stacks of others, which adopt.yml looks through for the owners of resources.
STACKS = Scope(("arn:aws:cloudformation:*:{account}:stack/*",))
DISTRIBUTION = Scope(("arn:aws:cloudfront::{account}:distribution/*",))
PRESIGNING_ROLE = Scope(("arn:aws:iam::{account}:role/{infrastructure}-*-ImagePreSigningRole",))
#: What gives the presigning role its permissions. Where a boundary is required, only to a role that has it.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
BOUNDED = Scope(PRESIGNING_ROLE.resources, {"StringEquals": {"iam:PermissionsBoundary": "{boundary}"}})
CLIENT_ROLE = Scope(("arn:aws:iam::{account}:role/{infrastructure}-*-BucketClientRole",))
#: The verification assumes the client role, and tries to assume the presigning role, whose trust policy must refuse it.
VERIFIED_ROLES = Scope((*CLIENT_ROLE.resources, *PRESIGNING_ROLE.resources))
DELEGATION_ROLE = Scope(("{delegation_role}",))
#: The caller itself, for preflight's comparison.
SELF = Scope(("arn:aws:iam::{account}:role/{infrastructure}-ImageUpload*",))
ZONE = Scope(("arn:aws:route53:::hostedzone/*",))
CHANGE = Scope(("arn:aws:route53:::change/*",))
#: Records below the infrastructure's domain alone.
#: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
RECORDS = Scope(
    ZONE.resources,
    {
        "ForAllValues:StringLike": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["*.{domain}"],
            "route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME"],
        }
    },
)
#: The NS records of the infrastructure's own domain alone.
DELEGATION = Scope(
    ZONE.resources,
    {
        "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["{domain}"],
            "route53:ChangeResourceRecordSetsRecordTypes": ["NS"],
        }
    },
)
ROOT_STACK = Scope(("arn:aws:cloudformation:*:{account}:stack/{root_export}/*",))
BUCKET = Scope(("arn:aws:s3:::{prefix}-*-image-asset-bucket",))
#: Buckets of others too, whose tags say whether they are orphans.
LIKE_NAMED_BUCKETS = Scope(("arn:aws:s3:::*-image-asset-bucket",))
OBJECTS = Scope(("arn:aws:s3:::{prefix}-*-image-asset-bucket/*",))
#: What verifications upload, as tenants of their own; the images of other tenants are neither read nor deleted.
TEST_OBJECTS = Scope(("arn:aws:s3:::{prefix}-*-image-asset-bucket/verify-*",))
LOG_BUCKET = Scope(("arn:aws:s3:::{prefix}-*-access-logs*",))
BUCKETS = Scope((*BUCKET.resources, *LOG_BUCKET.resources))
#: Without a hyphen at the end: a secret that does not exist yet is named without the six characters that AWS adds.
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
SECRET = Scope(("arn:aws:secretsmanager:*:{account}:secret:{infrastructure}-*/image-signing-key*",))

#: AWS makes the ids of deliveries up.
LOG_DELIVERY = Scope(
    tuple(
        f"arn:aws:logs:us-east-1:{{account}}:{kind}"
        for kind in ("delivery-source:{infrastructure}-*", "delivery-destination:{infrastructure}-*", "delivery:*")
    )
)
ALARM = Scope(("arn:aws:cloudwatch:us-east-1:{account}:alarm:{infrastructure}-*",))

#: The scope of each action, by service.
ACTIONS: dict[str, dict[str, Scope]] = {
    "acm": {
        **dict.fromkeys(("AddTagsToCertificate", "DeleteCertificate", "DescribeCertificate"), CERTIFICATE),
        **dict.fromkeys(("ListTagsForCertificate", "RemoveTagsFromCertificate"), CERTIFICATE),
        "ListCertificates": ACCOUNT,
        "RequestCertificate": REQUEST,
    },
    "cloudformation": {
        **dict.fromkeys(("ListExports", "ListImports", "ListStacks"), ACCOUNT),
        **dict.fromkeys(("CreateStack", "DeleteStack", "UpdateStack"), STACK),
        **dict.fromkeys(("DescribeStackEvents", "DescribeStacks", "ListStackResources"), STACK),
    },
    "cloudfront": {
        **{f"{verb}OriginAccessControl": ACCESS_CONTROL for verb in ("Delete", "Get", "Update")},
        **{f"{verb}ResponseHeadersPolicy": HEADERS_POLICY for verb in ("Delete", "Get", "Update")},
        **dict.fromkeys(("DeleteDistribution", "GetDistribution", "UpdateDistribution"), DISTRIBUTION),
        **dict.fromkeys(("ListTagsForResource", "TagResource", "UntagResource"), DISTRIBUTION),
        "AllowVendedLogDeliveryForResource": DISTRIBUTION,
    },
    "cloudwatch": {},
    "logs": {"DescribeDeliveries": ACCOUNT},
    "ec2": {},
    "iam": {
        **dict.fromkeys(("CreateRole", "DeleteRolePolicy", "DetachRolePolicy"), BOUNDED),
        **dict.fromkeys(("PutRolePermissionsBoundary", "PutRolePolicy"), BOUNDED),
        "GetRole": Scope((*PRESIGNING_ROLE.resources, *CLIENT_ROLE.resources)),
        "ListRoles": ACCOUNT,
        "SimulatePrincipalPolicy": SELF,
    },
    "route53": {
        "ChangeResourceRecordSets": RECORDS,
        "GetChange": CHANGE,
        **dict.fromkeys(("CreateHostedZone", "ListHostedZones", "ListHostedZonesByName"), ACCOUNT),
    },
    "s3": {
        **dict.fromkeys(("DeleteObject", "DeleteObjectVersion", "GetObject", "PutObject"), TEST_OBJECTS),
        **dict.fromkeys(("GetBucketLocation", "GetBucketPolicy", "GetEncryptionConfiguration", "ListBucket"), BUCKETS),
        "GetBucketObjectLockConfiguration": BUCKETS,
        "ListAllMyBuckets": ACCOUNT,
    },
    "secretsmanager": {"ListSecrets": ACCOUNT},
    "sts": {},
}
#: The scope of a service's other actions.
OTHERS = {
    "cloudfront": ACCOUNT,
    "cloudwatch": ALARM,
    "logs": LOG_DELIVERY,
    "ec2": ACCOUNT,
    "iam": PRESIGNING_ROLE,
    "route53": ZONE,
    "s3": BUCKET,
    "secretsmanager": SECRET,
    "sts": Scope((*VERIFIED_ROLES.resources, *DELEGATION_ROLE.resources)),
}


@dataclass(frozen=True)
class Role:
    """A role of docs/iam: the account that it is in, what it is for, and its actions by service."""

    name: str
    account: str
    purpose: str
    actions: dict[str, str]
    scopes: dict[str, Scope] = field(default_factory=dict)

    @property
    def short_name(self) -> str:
        """``Deployer`` of ``{infrastructure}-ImageUploadDeployer``."""
        return self.name.partition("ImageUpload")[2]

    def statements(self) -> list[tuple[Scope, list[str]]]:
        """Scopes, each with its actions (``s3:GetObject``), in alphabetical order of the actions."""
        found: list[tuple[Scope, list[str]]] = []
        for service, names in self.actions.items():
            for name in sorted(names.split()):
                action = f"{service}:{name}"
                scope = self.scopes.get(action) or ACTIONS[service].get(name) or OTHERS[service]
                if group := next((actions for other, actions in found if other == scope), None):
                    group.append(action)
                else:
                    found.append((scope, [action]))
        return sorted(found, key=lambda statement: statement[1])

    def policy(self, values: dict[str, str]) -> dict[str, Any]:
        """The policy document, with ``values`` for the fields of ARNs and conditions.

        Without a value for ``boundary``, no permissions boundary is required.
        """
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": actions,
                    "Resource": [fill(arn, values) for arn in scope.resources],
                    **_condition(scope, values),
                }
                for scope, actions in self.statements()
            ],
        }


def _condition(scope: Scope, values: dict[str, str]) -> dict[str, Any]:
    required = scope.condition and (scope != BOUNDED or "boundary" in values)
    return {"Condition": fill(scope.condition, values)} if required else {}


def fill(value: Any, values: dict[str, str]) -> Any:
    """``value`` with every ``{field}`` of its texts replaced."""
    if isinstance(value, dict):
        return {key: fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, values) for item in value]
    for name, text in values.items():
        value = value.replace("{" + name + "}", text)
    return value


#: What stands for the patterns of ARNs where the names of one partition are known.
NAMED = {
    "{prefix}-*-image-asset-bucket": "{bucket}",
    "{prefix}-*-access-logs*": "{log_bucket}",
    "{infrastructure}-*-ImagePreSigningRole": "{presigning_role}",
    "{infrastructure}-*-BucketClientRole": "{client_role}",
    "secret:{infrastructure}-*/image-signing-key*": "secret:{secret}-Random",
    "delivery-source:{infrastructure}-*": "delivery-source:{delivery}",
    "delivery-destination:{infrastructure}-*": "delivery-destination:{delivery}",
    "us-east-1:{account}:delivery:*": "us-east-1:{account}:delivery:{delivery}",
    "alarm:{infrastructure}-*": "alarm:{alarm}",
    "stack/{infrastructure}-*": "stack/{stack}/id",
    "role/{infrastructure}-ImageUpload*": "role/{infrastructure}-ImageUploadDeployer",
    "*.{domain}": "host.{domain}",
}


def requests(role: Role, names: dict[str, str]) -> list[dict[str, Any]]:
    """The simulations that compare a caller with a role: for each resource its actions, and a request's condition keys.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    found = []
    for scope, actions in role.statements():
        asked = [action for action in actions if action != "iam:SimulatePrincipalPolicy"]
        for arn in {_named(pattern, names): None for pattern in scope.resources}:
            if asked and "{" not in arn:
                entries = [
                    {
                        "ContextKeyName": key,
                        "ContextKeyValues": [
                            _named(value, names) for value in ([values] if isinstance(values, str) else values)
                        ],
                        "ContextKeyType": "string" if isinstance(values, str) else "stringList",
                    }
                    for operator in scope.condition.values()
                    for key, values in operator.items()
                ]
                entries = [entry for entry in entries if "{" not in "".join(entry["ContextKeyValues"])]
                found.append({"ActionNames": asked, "ResourceArns": [arn], "ContextEntries": entries})
    return found


def _named(pattern: str, names: dict[str, str]) -> str:
    for wild, field_of in NAMED.items():
        pattern = pattern.replace(wild, field_of)
    return fill(pattern, names)


def merge(*parts: dict[str, str]) -> dict[str, str]:
    """The actions of several parts, by service."""
    services = sorted({service for part in parts for service in part})
    return {
        service: " ".join(sorted({name for part in parts for name in part.get(service, "").split()}))
        for service in services
    }
