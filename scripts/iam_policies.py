"""Write docs/iam from plugins/module_utils/_permissions_of_roles.py: the templates, and each policy by itself.

With --check only say which are stale.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.arda.image_upload.plugins.module_utils._permissions import (
    BOUNDED,
    OBJECTS,
    Role,
    fill,
)
from ansible_collections.arda.image_upload.plugins.module_utils._permissions_of_roles import ROLES

FOLDER = ROOT / "docs/iam"
GENERATED = "# Written by scripts/iam_policies.py from plugins/module_utils/_permissions_of_roles.py.\n"
PAGE_BELOW = "<!-- scripts/iam_policies.py writes the table from plugins/module_utils/_permissions_of_roles.py -->"
#: The fields of ARNs as parameters of the templates.
PARAMETERS = {
    "account": "${AWS::AccountId}",
    "infrastructure": "${Infrastructure}",
    "prefix": "${Prefix}",
    "domain": "${Domain}",
    "delegation_role": "${DelegationRoleArn}",
    "root_export": "${RootExport}",
}
#: And as the infrastructure of inventories/example has them, for the policies by themselves.
EXAMPLE = {
    "account": "444455556666",
    "infrastructure": "Shop001",
    "prefix": "shop001",
    "domain": "shop001.assets.example.com",
    "delegation_role": "arn:aws:iam::111122223333:role/Shop001-ImageUploadDelegation",
    "root_export": "arda-assets-zone",
}
ROOT_EXAMPLE = {**EXAMPLE, "account": "111122223333"}

TRUSTED = {
    "Type": "CommaDelimitedList",
    "Description": "The ARNs of the principals that may assume the roles, such as the role of an automation controller",
}
BOUNDARY = {
    "Type": "String",
    "Default": "",
    "Description": "A permissions boundary of the roles themselves; none if empty",
}
INFRASTRUCTURE = {"Type": "String", "Description": "The name of the infrastructure, as in the inventory (Shop001)"}
DOMAIN = {"Type": "String", "Description": "The domain of the infrastructure (shop001.assets.example.com)"}


class Plain(yaml.SafeDumper):
    """Writes what stands twice twice, for CloudFormation refuses aliases of YAML, and indents lists."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def sub(value: Any) -> Any:
    """``value`` with Fn::Sub around each text that has a parameter."""
    if isinstance(value, dict):
        return {key: sub(item) for key, item in value.items()}
    if isinstance(value, list):
        return [sub(item) for item in value]
    return {"Fn::Sub": value} if isinstance(value, str) and "${" in value else value


def logical(role: Role) -> str:
    return role.name.replace("{infrastructure}-", "")


def resources(role: Role) -> dict[str, Any]:
    """The managed policy of a role, and the role."""
    name = sub(fill(role.name, PARAMETERS))
    document = sub(role.policy(PARAMETERS))
    for statement in document["Statement"]:
        if "iam:CreateRole" in statement["Action"]:
            condition = {"StringEquals": {"iam:PermissionsBoundary": {"Ref": "PresigningRoleBoundary"}}}
            statement["Condition"] = {"Fn::If": ["BoundaryRequired", condition, {"Ref": "AWS::NoValue"}]}
    return {
        f"{logical(role)}Policy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": name, "Description": role.purpose, "PolicyDocument": document},
        },
        logical(role): {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": name,
                "Description": role.purpose,
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": {"Ref": "TrustedPrincipals"}},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                },
                "ManagedPolicyArns": [{"Ref": f"{logical(role)}Policy"}],
                "PermissionsBoundary": {
                    "Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]
                },
            },
        },
    }


def template(description: str, parameters: dict[str, Any], roles: list[Role], more: dict[str, Any]) -> str:
    bounded = any(scope == BOUNDED for role in roles for scope, _actions in role.statements())
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description,
        "Parameters": {**parameters, "TrustedPrincipals": TRUSTED, "PermissionsBoundary": BOUNDARY},
        "Conditions": {
            "HasBoundary": {"Fn::Not": [{"Fn::Equals": [{"Ref": "PermissionsBoundary"}, ""]}]},
            **(
                {"BoundaryRequired": {"Fn::Equals": [{"Ref": "RequirePresigningRoleBoundary"}, "true"]}}
                if bounded
                else {}
            ),
        },
        "Resources": {**more, **{name: resource for role in roles for name, resource in resources(role).items()}},
    }
    return "---\n" + GENERATED + yaml.dump(document, Dumper=Plain, sort_keys=False, width=120)


def presigning_boundary() -> dict[str, Any]:
    """The most that a presigning role may ever be allowed: to put objects into the buckets of the partitions."""
    put = {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": [fill(arn, PARAMETERS) for arn in OBJECTS.resources],
    }
    return {
        "PresigningRoleBoundary": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": sub("${Infrastructure}-ImagePreSigningRoleBoundary"),
                "Description": "The permissions boundary of the presigning roles",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [sub(put)]},
            },
        }
    }


def files() -> dict[Path, str]:
    """Every generated file, and the text that it must have."""
    infrastructure = [role for role in ROLES if role.account == "infrastructure"]
    delegation = [role for role in ROLES if logical(role) == "ImageUploadDelegation"]
    root = [role for role in ROLES if role.account == "root" and role not in delegation]
    found = {
        FOLDER / "infrastructure-account.yml": template(
            "The roles that deploy and run image upload partitions in the account of an infrastructure",
            {
                "Infrastructure": INFRASTRUCTURE,
                "Prefix": {"Type": "String", "Description": "The same in lower case, as bucket names begin (shop001)"},
                "Domain": DOMAIN,
                "DelegationRoleArn": {"Type": "String", "Description": "The delegation role in the root account"},
                "RequirePresigningRoleBoundary": {
                    "Type": "String",
                    "AllowedValues": ["true", "false"],
                    "Default": "false",
                    "Description": "Whether the deployer may make presigning roles with PresigningRoleBoundary only",
                },
            },
            infrastructure,
            presigning_boundary(),
        ),
        FOLDER / "root-account.yml": template(
            "The roles that make, read and retire the root zone of the assets",
            {
                "RootExport": {
                    "Type": "String",
                    "Default": "arda-assets-zone",
                    "Description": "dns_foundation_root_export",
                }
            },
            root,
            {},
        ),
        FOLDER / "delegation-role.yml": template(
            "The role in the root account that delegates the domain of one infrastructure",
            {"Infrastructure": INFRASTRUCTURE, "Domain": DOMAIN},
            delegation,
            {},
        ),
    }
    for role in ROLES:
        policy = role.policy(EXAMPLE if role.account == "infrastructure" else ROOT_EXAMPLE)
        found[FOLDER / f"{file_name(role)}.json"] = json.dumps(policy, indent=2) + "\n"
    page = FOLDER / "README.md"
    above = page.read_text().partition(PAGE_BELOW)[0]
    found[page] = above + PAGE_BELOW + "\n\n" + table()
    return found


def file_name(role: Role) -> str:
    """``root-deployer`` of ``ImageUploadRootDeployer``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", logical(role).removeprefix("ImageUpload")).lower()


def table() -> str:
    lines = ["| role | account | runs | actions |", "|---|---|---|---|"]
    for role in ROLES:
        count = sum(len(names.split()) for names in role.actions.values())
        name = fill(role.name, {"infrastructure": "INFRASTRUCTURE"})
        lines.append(f"| [`{name}`]({file_name(role)}.json) | {role.account} | {role.purpose} | {count} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    wanted = files()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    stale += sorted(set(FOLDER.glob("*")) - set(wanted))
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run scripts/iam_policies.py")
        return int(bool(stale))
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
