"""What the accounts hold before this project comes: the inputs that the design names, made through the AWS API."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import botocore.session

from .persistence import UNFINISHED, end_interrupted_stacks, wipe_state
from .settings import ROOT_ACCOUNT, ROOT_SECRET, Settings

TEMPLATES = Path(__file__).resolve().parents[2] / "docs/iam"
ASSETS_ZONE = "assets.arda.cards"
INFRASTRUCTURES = {
    "Alpha002": ("139852620346", ("dev", "stage")),
    "Alpha001": ("009765408297", ("demo", "prod")),
    "SandboxKyle002": ("575126609604", ("kyle",)),
}


_session = botocore.session.Session()  # one, so that each service's model is read once


def client(settings: Settings, account: str, service: str) -> Any:
    """A botocore client that acts as an account's root."""
    return _session.create_client(
        service,
        region_name="us-east-1",
        endpoint_url=settings.endpoint,
        aws_access_key_id=account,
        aws_secret_access_key=ROOT_SECRET,
    )


def seed_if_empty(settings: Settings) -> None:
    _wait_until_ready(settings)
    end_interrupted_stacks()
    begun = settings.state / UNFINISHED
    if begun.exists():  # it was killed
        wipe_state()
    elif client(settings, ROOT_ACCOUNT, "route53").list_hosted_zones()["HostedZones"]:
        return
    begun.touch()
    _seed_root(settings)
    for infrastructure, (account, partitions) in INFRASTRUCTURES.items():
        _seed_roles(settings, account, infrastructure)
        _seed_network(settings, account, infrastructure)
        for partition in partitions:
            _seed_partition(settings, account, infrastructure, partition)
    begun.unlink()


def _wait_until_ready(settings: Settings) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{settings.endpoint}/_sandbox/status", timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)


def _seed_root(settings: Settings) -> None:
    route53 = client(settings, ROOT_ACCOUNT, "route53")
    for name in ("io", "app", "auth"):
        route53.create_hosted_zone(Name=f"{name}.arda.cards", CallerReference=f"platform-{name}")
    client(settings, ROOT_ACCOUNT, "cloudformation").create_stack(
        StackName="RootConfiguration",
        TemplateBody=json.dumps(_root_template()),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    trusted = f"arn:aws:iam::{ROOT_ACCOUNT}:root"
    _roles_of_template(settings, ROOT_ACCOUNT, "root-account", "root", TrustedPrincipals=trusted)
    _operator(settings, ROOT_ACCOUNT, "ImageUploadRoot", ("Deployer", "Retirer"))


def _root_template() -> dict:
    export = {
        "Value": {"Fn::GetAtt": ["Role", "Arn"]},
        "Export": {"Name": "arda-allow-create-ns-record-role"},
    }
    narrowed = {
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["NS"]},
        "ForAllValues:StringLike": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": [f"*.{ASSETS_ZONE}"],
        },
    }
    reads = ["route53:GetChange", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets"]
    # As HostedZone.grantDelegation of the AWS CDK makes it: without permission to read records or changes.
    # https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_route53-readme.html (cross account zone delegation)
    cdk = {
        "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsRecordTypes": ["NS"],
            "route53:ChangeResourceRecordSetsActions": ["UPSERT", "DELETE"],
        },
    }
    roles = {
        "Role": _delegation_role("AllowCreatingNSRecordsRole", narrowed, reads),
        "CdkRole": _delegation_role("CdkZoneDelegationRole", cdk, ["route53:ListHostedZonesByName"]),
    }
    return {"Resources": roles, "Outputs": {"RoleArn": export}}


def _delegation_role(name: str, narrowed: dict, reads: list[str]) -> dict:
    """A role that every infrastructure's account may assume, to write NS records and to read so much."""
    accounts = [f"arn:aws:iam::{account}:root" for account, _ in INFRASTRUCTURES.values()]
    change = {
        "Effect": "Allow",
        "Action": "route53:ChangeResourceRecordSets",
        "Resource": "arn:aws:route53:::hostedzone/*",
        "Condition": narrowed,
    }
    read = {"Effect": "Allow", "Action": reads, "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": _document(trust),
            "Policies": [{"PolicyName": "ChangeNSRecords", "PolicyDocument": _document(change, read)}],
        },
    }


def _seed_roles(settings: Settings, account: str, infrastructure: str) -> None:
    """The roles of docs/iam in an infrastructure's account, and its delegation role in the root account."""
    domain = f"{infrastructure.lower()}.{ASSETS_ZONE}"
    trusted = f"arn:aws:iam::{account}:root"
    _roles_of_template(
        settings,
        account,
        "infrastructure-account",
        infrastructure,
        Infrastructure=infrastructure,
        Prefix=infrastructure.lower(),
        Domain=domain,
        DelegationRoleArn=f"arn:aws:iam::{ROOT_ACCOUNT}:role/*",
        TrustedPrincipals=trusted,
    )
    _roles_of_template(
        settings,
        ROOT_ACCOUNT,
        "delegation-role",
        f"{infrastructure}-delegation",
        Infrastructure=infrastructure,
        Domain=domain,
        TrustedPrincipals=trusted,
    )
    _operator(settings, account, f"{infrastructure}-ImageUpload", ("Deployer", "Reader", "Retirer"))


def _roles_of_template(settings: Settings, account: str, template: str, stack: str, **parameters: str) -> None:
    client(settings, account, "cloudformation").create_stack(
        StackName=f"{stack}-image-upload-roles",
        TemplateBody=(TEMPLATES / f"{template}.yml").read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )


def _operator(settings: Settings, account: str, prefix: str, roles: tuple[str, ...]) -> None:
    """A role with the permissions of several of docs/iam, all of whose names begin with ``prefix``."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    role = {
        "RoleName": f"{prefix}Operator",
        "AssumeRolePolicyDocument": _document(trust),
        "ManagedPolicyArns": [f"arn:aws:iam::{account}:policy/{prefix}{role}" for role in roles],
    }
    client(settings, account, "cloudformation").create_stack(
        StackName=f"{prefix}-operator",
        TemplateBody=json.dumps({"Resources": {"Operator": {"Type": "AWS::IAM::Role", "Properties": role}}}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )


def _seed_network(settings: Settings, account: str, infrastructure: str) -> None:
    ec2 = client(settings, account, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        TagSpecifications=[
            {
                "ResourceType": "vpc-endpoint",
                "Tags": [{"Key": "Name", "Value": f"{infrastructure}-s3-gateway"}],
            }
        ],
    )


def _seed_partition(settings: Settings, account: str, infrastructure: str, partition: str) -> None:
    client(settings, account, "iam").create_role(
        RoleName=f"{infrastructure}-{partition}-BucketClientRole",
        AssumeRolePolicyDocument=json.dumps(
            _document(
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": "sts:AssumeRole",
                }
            )
        ),
    )
    client(settings, account, "iam").put_role_policy(
        RoleName=f"{infrastructure}-{partition}-BucketClientRole",
        PolicyName="AssumePreSigningRole",
        PolicyDocument=json.dumps(
            _document(
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Resource": f"arn:aws:iam::{account}:role/{infrastructure}-{partition}-*",
                }
            )
        ),
    )
    s3 = client(settings, account, "s3")
    bucket = f"{infrastructure}-{partition}-access-logs".lower()
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=json.dumps(
            _document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "logging.s3.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": f"arn:aws:s3:::{bucket}/*",
                    "Condition": {"StringEquals": {"aws:SourceAccount": account}},
                }
            )
        ),
    )


def _document(*statements: dict) -> dict:
    return {"Version": "2012-10-17", "Statement": list(statements)}
