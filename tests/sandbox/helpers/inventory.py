"""What the accounts hold, and what was written into them."""

from __future__ import annotations

from typing import Any

from arda_sandbox.faults import READS

from .sandbox import ACCOUNTS, Sandbox

PARTITIONS = {
    "alpha002_dev": ("alpha002", "Alpha002-dev"),
    "alpha002_stage": ("alpha002", "Alpha002-stage"),
    "alpha001_demo": ("alpha001", "Alpha001-demo"),
    "alpha001_prod": ("alpha001", "Alpha001-prod"),
    "sandboxkyle002_kyle": ("kyle", "SandboxKyle002-kyle"),
}
NAMES = (
    "ImageAssetBucketName",
    "ImageAssetBucketArn",
    "ImagePreSigningRoleArn",
    "ImageCdnDomainName",
    "ImageSigningKeyPairId",
    "ImageSigningKeySecretArn",
)


#: How the stacks end that the sandbox has before any run: the roles of docs/iam.
PROVIDED = ("image-upload-roles", "-operator")
KEY_TYPES = ["RSA_2048", "RSA_4096", "EC_prime256v1", "EC_secp384r1"]


def listed(sandbox: Sandbox, account: str, service: str, operation: str, path: str, **parameters: Any) -> list[Any]:
    """Every item of a listing, over all its pages."""
    pages = sandbox.client(account, service).get_paginator(operation).paginate(**parameters)
    return [item for item in pages.search(f"{path}[]") if item is not None]


def exports(sandbox: Sandbox, account: str) -> dict[str, str]:
    found = listed(sandbox, account, "cloudformation", "list_exports", "Exports")
    return {export["Name"]: export["Value"] for export in found}


def inventory_of(sandbox: Sandbox, account: str) -> dict[str, list[str]]:
    """What an account holds, by kind."""

    def names(service: str, operation: str, path: str, **parameters: Any) -> list[str]:
        return listed(sandbox, account, service, operation, path, **parameters)

    groups = sandbox.client(account, "cloudfront").list_key_groups()["KeyGroupList"].get("Items", [])
    distributions = listed(sandbox, account, "cloudfront", "list_distributions", "DistributionList.Items")
    stacks = [
        stack["StackName"]
        for stack in listed(sandbox, account, "cloudformation", "list_stacks", "StackSummaries")
        if stack["StackStatus"] != "DELETE_COMPLETE" and not stack["StackName"].endswith(PROVIDED)
    ]
    return {
        "zones": names("route53", "list_hosted_zones", "HostedZones[].Name"),
        "buckets": names("s3", "list_buckets", "Buckets[].Name"),
        "roles": names("iam", "list_roles", "Roles[].RoleName"),
        "secrets": names("secretsmanager", "list_secrets", "SecretList[].Name"),
        "certificates": names(
            "acm", "list_certificates", "CertificateSummaryList[].DomainName", Includes={"keyTypes": KEY_TYPES}
        ),
        "keys": names("cloudfront", "list_public_keys", "PublicKeyList.Items[].Name"),
        "groups": [item["KeyGroup"]["KeyGroupConfig"]["Name"] for item in groups],
        "distributions": [(item["Aliases"].get("Items") or [item["Comment"]])[0] for item in distributions],
        "stacks": stacks,
    }


def writes(sandbox: Sandbox, *accounts: str) -> list[str]:
    """The writes in the journal, of some accounts or of all."""
    numbers = [ACCOUNTS[account] for account in accounts]
    return [
        call["operation"]
        for call in sandbox.journal()
        if not call["operation"].split(":")[1].startswith(READS) and (not accounts or call["account"] in numbers)
    ]
