"""What the accounts hold, and what was written into them."""

from __future__ import annotations

from .sandbox import ACCOUNTS, READS, Sandbox

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


def exports(sandbox: Sandbox, account: str) -> dict[str, str]:
    listed = sandbox.client(account, "cloudformation").list_exports()["Exports"]
    return {export["Name"]: export["Value"] for export in listed}


def inventory_of(sandbox: Sandbox, account: str) -> dict[str, list[str]]:
    """What an account holds, by kind."""
    cloudfront = sandbox.client(account, "cloudfront")
    acm = sandbox.client(account, "acm")
    return {
        "zones": [z["Name"] for z in sandbox.client(account, "route53").list_hosted_zones()["HostedZones"]],
        "buckets": [b["Name"] for b in sandbox.client(account, "s3").list_buckets()["Buckets"]],
        "roles": [r["RoleName"] for r in sandbox.client(account, "iam").list_roles()["Roles"]],
        "secrets": [s["Name"] for s in sandbox.client(account, "secretsmanager").list_secrets()["SecretList"]],
        "certificates": [c["DomainName"] for c in acm.list_certificates()["CertificateSummaryList"]],
        "keys": [k["Name"] for k in cloudfront.list_public_keys()["PublicKeyList"].get("Items", [])],
        "groups": [
            g["KeyGroup"]["KeyGroupConfig"]["Name"]
            for g in cloudfront.list_key_groups()["KeyGroupList"].get("Items", [])
        ],
        "distributions": [
            d["Aliases"]["Items"][0] for d in cloudfront.list_distributions()["DistributionList"].get("Items", [])
        ],
        "stacks": [
            s["StackName"]
            for s in sandbox.client(account, "cloudformation").list_stacks()["StackSummaries"]
            if s["StackStatus"] != "DELETE_COMPLETE"
        ],
    }


def writes(sandbox: Sandbox, *accounts: str) -> list[str]:
    """The writes in the journal, of some accounts or of all."""
    numbers = [ACCOUNTS[account] for account in accounts]
    return [
        call["operation"]
        for call in sandbox.journal()
        if not call["operation"].split(":")[1].startswith(READS) and (not accounts or call["account"] in numbers)
    ]
