"""Every module with the steps in which AWS refuses it, and the account that each case of a module needs."""

from __future__ import annotations

import json
from typing import Any

from .accounts import Account
from .error_scenarios import DENIED, Step, made_before, refused
from .error_scenarios_account import CASES as ACCOUNT_CASES
from .error_scenarios_account import SCENARIOS as ACCOUNT
from .error_scenarios_cloudfront import SCENARIOS as CLOUDFRONT
from .error_scenarios_key import SCENARIOS as SIGNING_KEY
from .module_cases import MODULE_CASES, ModuleCase
from .sandbox import ROOT
from .signing_keys import KeyAccount

VERSION = {"Version": "2012-10-17"}
LOOK = {
    "criterion": "there is a bucket",
    "aws": {"service": "s3", "operation": "list_buckets", "parameters": {}},
    "comparison": "present",
}


FAR: dict[str, Any] = {"region": "eu-west-1"}
GONE: dict[str, Any] = {"state": "absent", "force": True}
LOGS = {"target_bucket": "there-is-no-log-bucket"}
SCENARIOS: dict[str, list[Step]] = {
    "bucket": [
        Step(refused("s3:HeadBucket", "Forbidden", status=403), fails="not in this account"),
        Step(refused("s3:HeadBucket", "BadRequest", status=400), fails="Failed to head bucket"),
        Step(refused("s3:CreateBucket", "OperationAborted", status=409), fails="still removes an earlier bucket"),
        Step(refused("s3:CreateBucket", DENIED, status=403), fails="Failed to create bucket"),
        Step(refused("s3:PutBucketPolicy", "OperationAborted", 1, status=409), {"region": "eu-west-1"}),
        Step(  # S3 does not know a new role yet
            refused("s3:PutBucketPolicy", "MalformedPolicy", 1, message="Invalid principal in policy"),
            {**FAR, "policy": {"Id": "two"}},
        ),
        Step(refused("s3:DeleteBucketCors", DENIED, status=403), {**FAR, "cors_rules": []}, "Failed to delete"),
        Step(refused("s3:HeadBucket", "Forbidden", 2, status=403), {**FAR, "logging": LOGS}, "as the log bucket"),
        Step(refused("s3:HeadBucket", "BadRequest", 2), {**FAR, "logging": LOGS}, "Failed to head bucket"),
        Step(None, {**FAR, "logging": LOGS}, "there is no bucket of this name"),
        Step(refused("s3:HeadBucket", "NotFound", 1, status=404), {"region": "eu-west-1"}),  # made since the look
        Step(refused("s3:ListObjectVersions", "NoSuchBucket", status=404), {**FAR, **GONE}),
        Step(None, FAR),
        Step(None, {**FAR, **GONE}),
        Step(None, FAR),
        Step(refused("s3:DeleteBucket", "NoSuchBucket", status=404), {"region": "eu-west-1", "state": "absent"}),
    ],
    "zone": [
        Step(refused("route53:CreateHostedZone", "InvalidDomainName"), fails="Failed to create hosted zone"),
        Step(refused("route53:CreateHostedZone", "HostedZoneAlreadyExists"), fails="created and deleted before"),
        Step(refused("route53:CreateHostedZone", "HostedZoneAlreadyExists", 1)),
        # A zone that was listed and is gone ends the run: to make another one beside a listed one would be worse.
        Step(refused("route53:GetHostedZone", "NoSuchHostedZone", status=404), fails="Failed to get hosted zone"),
        Step(refused("route53:DeleteHostedZone", "NoSuchHostedZone", status=404), {"state": "absent"}),
        Step(None, {"state": "absent"}),
        Step(made_before("route53:CreateHostedZone", "HostedZoneAlreadyExists")),
    ],
    "records": [
        # A caller who may change records, and read neither them nor the change, as a delegation role by AWS CDK.
        Step(refused("route53:ListResourceRecordSets", DENIED, status=403)),
        Step(refused("route53:ListResourceRecordSets", "InvalidInput"), fails="Failed to list resource record sets"),
        Step(refused("route53:GetChange", DENIED, status=403), {"state": "absent"}),
        Step(),
        Step(refused("route53:GetChange", "InvalidInput"), {"state": "absent"}, "Failed to get change"),
        Step(),
        # The answer to the deletion was lost; its repetition finds no record.
        Step(made_before("route53:ChangeResourceRecordSets", "InvalidChangeBatch", 1), {"state": "absent"}),
        Step(refused("route53:ChangeResourceRecordSets", "InvalidChangeBatch"), fails="Failed to change resource"),
    ],
    "certificate": [
        Step(),
        Step(refused("acm:DescribeCertificate", "ResourceNotFoundException", 1)),  # gone between two looks
        Step(
            refused("acm:DescribeCertificate", "ResourceNotFoundException", 2), {"wait": True}, "while this run waited"
        ),
        Step(refused("acm:DeleteCertificate", "ResourceNotFoundException"), {"state": "absent"}),
    ],
    **CLOUDFRONT,
    **SIGNING_KEY,
    **ACCOUNT,
    "exports": [
        Step(refused("cloudformation:DescribeStacks", DENIED), fails="Failed to describe stacks"),
        Step(refused("cloudformation:CreateStack", DENIED), fails="Failed to create stack"),
        Step(made_before("cloudformation:CreateStack", "AlreadyExistsException")),
        Step(
            refused("cloudformation:ListImports", DENIED),
            {"exports": {"Images-Bucket": "three"}},
            "Failed to list imports",
        ),
        Step(  # AWS has something else than was asked for, and the stack's events do not say why
            refused("cloudformation:UpdateStack", "ValidationError", message="No updates are to be performed."),
            {"exports": {"Images-Bucket": "three"}},
            "Stack images is CREATE_COMPLETE",
        ),
        Step(
            made_before("cloudformation:UpdateStack", "ValidationError", message="No updates are to be performed."),
            {"exports": {"Images-Bucket": "three"}},
        ),
    ],
    "access_logs": [
        Step(refused("logs:CreateDelivery", "AccessDeniedException", status=400), fails="Failed to create delivery"),
        Step(made_before("logs:CreateDelivery", "ConflictException")),
        Step(refused("logs:DescribeDeliveries", "ServiceUnavailableException", status=503), fails="Failed to describe"),
        Step(made_before("logs:DeleteDelivery", "ResourceNotFoundException"), {"suffix_path": "x"}),
        Step(made_before("logs:DeleteDeliverySource", "ResourceNotFoundException"), {"state": "absent"}),
        Step(),
        Step(made_before("logs:DeleteDeliveryDestination", "ResourceNotFoundException"), {"state": "absent"}),
    ],
    "guard": [
        Step(),
        Step(refused("sts:GetCallerIdentity", "ExpiredToken", status=403), fails="the AWS session is over"),
    ],
    "gate": [
        Step(refused("s3:ListBuckets", DENIED)),
        Step(None, {"checks": [{**LOOK, "aws": {**LOOK["aws"], "parameters": {"Nothing": 1}}}]}),
    ],
    "wait": [
        Step(),
        Step(refused("acm:DescribeCertificate", "ResourceNotFoundException")),
        Step(refused("acm:DescribeCertificate", DENIED), fails="Failed to describe certificate"),
        Step(None, {"aws": {"operation": "delete_certificate"}}, "Name a read"),
    ],
    "delivery": [
        Step(refused("secretsmanager:GetSecretValue", DENIED), fails="Failed to get secret value"),
        Step(refused("s3:PutObject", "InvalidRequest"), fails="Failed to put object"),
        Step(refused("s3:PutObject", DENIED, status=403)),
        Step(refused("s3:ListObjectVersions", DENIED, status=403)),
        Step(refused("sts:AssumeRole", DENIED, status=403)),
        Step(refused("sts:AssumeRole", DENIED, 2, status=403)),  # repeated, and then it may
        Step(refused("sts:AssumeRole", DENIED, *range(2, 9), status=403)),
        Step(refused("s3:ListBuckets", DENIED, status=403)),
    ],
}


def signing_key(account: Account) -> ModuleCase:
    return ModuleCase("cloudfront_signing_key", KeyAccount.defaults["cloudfront_signing_key"], {})


def guard(account: Account) -> ModuleCase:
    return ModuleCase("account_guard", {"account_id": account.number}, {})


def key_info(account: Account) -> ModuleCase:
    return ModuleCase("cloudfront_signing_key_info", KeyAccount.defaults["cloudfront_signing_key_info"], {})


def signed_url(account: Account) -> ModuleCase:
    return ModuleCase("cloudfront_signed_url", {"secret_id": "nothing", "url": "https://nowhere.example/"}, {})


def wait(account: Account) -> ModuleCase:
    made = account.make("acm_dns_certificate", domain_name="nowhere.example")["certificate"]["arn"]
    read = {"service": "acm", "operation": "describe_certificate", "parameters": {"CertificateArn": made}}
    options = {
        "what": "the certificate",
        "aws": read,
        "state_query": "Certificate.Status",
        "expected": ["ISSUED"],
        "absent": ["ResourceNotFoundException"],
        "timeout": 0,
    }
    return ModuleCase("wait_for_state", options, {})


def gate(account: Account) -> ModuleCase:
    return ModuleCase("gate", {"name": "gate", "checks": [LOOK]}, {})


def delivery(account: Account) -> ModuleCase:
    """A bucket, a signing key and the two roles: all that the check needs to come to its end, and no CDN."""
    bucket = account.make("s3_private_bucket", name=f"images-{account.number}")["bucket"]["name"]
    account.make(**signing_key(account).options, module="cloudfront_signing_key")
    iam = account.client("iam")
    roles = {name: f"arn:aws:iam::{account.number}:role/{name}" for name in ("client", "presigning")}
    may = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for name, trusted in (("client", f"arn:aws:iam::{account.number}:root"), ("presigning", roles["client"])):
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": trusted}}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({**VERSION, "Statement": [trust]}))
        policy = json.dumps({**VERSION, "Statement": [may]})
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)
    sandbox = account.sandbox
    port = {name: sandbox.environment[f"ARDA_SANDBOX_{name}_PORT"] for name in ("EDGE_HTTPS", "EDGE_HTTP", "DNS")}
    return ModuleCase(
        "image_delivery_check",
        {
            "cdn_domain_name": "nowhere.example",
            "zone_name": "nowhere.example",
            "bucket_name": bucket,
            "presigning_role_arn": roles["presigning"],
            "client_role_arn": roles["client"],
            "secret_id": KeyAccount.defaults["cloudfront_signing_key"]["secret_name"],
            "images": [
                {"path": str(ROOT / "roles/image_verification/files/photo-640.jpg"), "content_type": "image/jpeg"}
            ],
            "connect_https": f"127.0.0.1:{port['EDGE_HTTPS']}",
            "connect_http": f"127.0.0.1:{port['EDGE_HTTP']}",
            "ca_file": str(sandbox.directory / "ca.pem"),
            "dns_server": f"127.0.0.1:{port['DNS']}",
            "keep_sample": True,
            "propagation_seconds": 1,
        },
        {},
    )


CASES = {
    **MODULE_CASES,
    **{case.__name__: case for case in (signing_key, guard, key_info, signed_url, wait, gate, delivery)},
    **{case.__name__: case for case in ACCOUNT_CASES},
}
