"""The gates of the roles on AWS's own answers: every check passes on what was declared, and fails on what was not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.arda.image_upload.plugins.modules import gate

from .helpers.aws_fixtures import Answer, FixtureModule, answer, changed

ROLES = Path(__file__).resolve().parents[2] / "roles"
ACCOUNT = "111122223333"
ZONE, GROUP = "Z0123456789ABCDEFGHIJ", "b70af8b9-7f1e-4e5a-9c07-0f3a1b2c3d4e"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012"
CLIENT = f"arn:aws:iam::{ACCOUNT}:role/Alpha002-dev-BucketClientRole"
KEY_PAIR = answer("cloudfront.GetKeyGroup.ok").document["response"]["KeyGroup"]["KeyGroupConfig"]["Items"][0]
CONTROL = answer("cloudfront.GetOriginAccessControl.ok").document["response"]["OriginAccessControl"]["Id"]
INPUTS = {
    "inventory_hostname": "alpha002_dev",
    "image_partition_infrastructure": "Alpha002",
    "image_partition_partition": "dev",
    "image_partition_account_id": ACCOUNT,
    "image_partition_region": "us-east-1",
    "image_partition_domain": "alpha002.assets.arda.cards",
    "image_partition_bucket_client_role_arn": CLIENT,
    "image_partition_log_bucket": "alpha002-dev-access-logs",
    "image_partition_application_origins": ["https://dev.alpha002.app.example.com"],
    "dns_foundation_infrastructure": "Alpha002",
    "dns_foundation_root_domain": "assets.arda.cards",
    "dns_foundation_root_account_id": ACCOUNT,
    "dns_foundation_delegation_role_arn": f"arn:aws:iam::{ACCOUNT}:role/AllowCreatingNSRecordsRole",
    "ansible_check_mode": False,
}
REGISTERED = {
    "__image_partition_foundation": {
        "passed": True,
        "observed": {"zone_id": ZONE, "certificate_arn": CERTIFICATE, "name_servers": []},
    },
    "__image_partition_entry": {"observed": {"name_servers": ["ns-0.awsdns-00.com"]}},
    "__image_partition_key": {"signing_key": {"key_group_id": GROUP, "key_pair_id": KEY_PAIR, "secret_arn": "arn"}},
    "__image_partition_distribution": {
        "distribution": {"id": "EDFDVBD6EXAMPLE", "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDFDVBD6EXAMPLE"}
    },
    "__image_partition_access_control": {"origin_access_control": {"id": CONTROL}},
    "__dns_foundation_zone": {"zone": {"id": ZONE, "name_servers": ["ns-0.awsdns-00.com"]}},
    "__dns_foundation_certificate": {
        "certificate": {"arn": CERTIFICATE, "validation_records": [{"name": "_ec80.alpha002.assets.arda.cards."}]}
    },
}
CONFIG = "Distribution.DistributionConfig"
#: The distribution of the fixture, with the names of this partition.
DISTRIBUTION = changed(
    "cloudfront.GetDistribution.ok",
    {
        f"{CONFIG}.Aliases": {"Quantity": 1, "Items": ["dev.alpha002.assets.arda.cards"]},
        f"{CONFIG}.DefaultCacheBehavior.TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": [GROUP]},
        f"{CONFIG}.Origins.Items.0.OriginAccessControlId": CONTROL,
        f"{CONFIG}.ViewerCertificate.ACMCertificateArn": CERTIFICATE,
    },
)
HOSTED = changed(
    "route53.GetHostedZone.ok-public",
    {"HostedZone.Id": f"/hostedzone/{ZONE}", "HostedZone.Name": "alpha002.assets.arda.cards."},
)
EXPORTED = {
    "ImageAssetBucketName": "alpha002-dev-image-asset-bucket",
    "ImageAssetBucketArn": "arn:aws:s3:::alpha002-dev-image-asset-bucket",
    "ImagePreSigningRoleArn": f"arn:aws:iam::{ACCOUNT}:role/Alpha002-dev-ImagePreSigningRole",
    "ImageCdnDomainName": "dev.alpha002.assets.arda.cards",
    "ImageSigningKeyPairId": KEY_PAIR,
    "ImageSigningKeySecretArn": "arn",
}
FOUNDATION = answer("cloudformation.ListExports.ok").document["response"]["Exports"]
EXPORTS = changed(
    "cloudformation.ListExports.ok",
    {"Exports": FOUNDATION + [{"Name": f"Alpha002-dev-API-{name}", "Value": v} for name, v in EXPORTED.items()]},
)
LOG_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::alpha002-dev-access-logs/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ],
}
#: The answers that are not the operation's ``ok``, by gate.
OWN: dict[str, dict[str, Answer | str]] = {
    "gate": {
        "cloudfront.GetDistribution": DISTRIBUTION,
        "cloudfront.ListKeyGroups": changed(
            "cloudfront.ListKeyGroups.ok",
            {
                "KeyGroupList.Items.1.KeyGroup.Id": GROUP,
                "KeyGroupList.Items.1.KeyGroup.KeyGroupConfig.Items": [KEY_PAIR],
            },
        ),
        "cloudformation.ListExports": EXPORTS,
    },
    "entry_gate": {
        "route53.GetHostedZone": HOSTED,
        "s3.GetBucketLocation": "s3.GetBucketLocation.ok-us-east-1",
        "s3.GetBucketPolicy": changed("s3.GetBucketPolicy.ok", {"Policy": json.dumps(LOG_POLICY)}),
        "iam.GetRole": changed("iam.GetRole.ok", {"Role.Arn": CLIENT}),
        "s3.GetObjectLockConfiguration": "s3.GetObjectLockConfiguration.ObjectLockConfigurationNotFoundError",
    },
}
DEFAULTS = {"key": None, "dns": None, "expected": None, "comparison": "equals", "remedy": None}
READ = {"parameters": {}, "query": None, "region": None}


def checks_of(role: str, name: str) -> list[list[dict[str, Any]]]:
    """The checks of each gate in a role's file of tasks that read AWS, as AnsibleAWSModule hands them over."""
    loader = DataLoader()

    def load(path: str) -> Any:
        return loader.load_from_file(str(ROLES / role / path), trusted_as_template=True)

    found = []
    for task in load(f"tasks/{name}.yml"):
        variables = {**load("defaults/main.yml"), **load("vars/main.yml"), **INPUTS, **REGISTERED}
        templar = Templar(loader=loader, variables={**variables, **task.get("vars", {})})
        options = templar.template(task["arda.image_upload.gate"])
        found.append([{**DEFAULTS, **one, "aws": {**READ, **one["aws"]}} for one in options["checks"] if "aws" in one])
    return found


def answers_to(checks: list[dict[str, Any]], own: dict[str, Answer | str]) -> list[Answer | str]:
    """The fixture of a success for each operation that the checks call, or the gate's own."""
    reads = [check["aws"] for check in checks]
    names = {f"{r['service']}.{''.join(word.capitalize() for word in r['operation'].split('_'))}" for r in reads}
    return [own.get(name, f"{name}.ok") for name in sorted(names)]


def verdicts(checks: list[dict[str, Any]], answers: list[Answer | str]) -> dict[str, bool]:
    options = {"region": "us-east-1", "profile": None, "endpoint_url": None, "dns_server": None, "remedy": ""}
    observer = gate.Observer(FixtureModule({**options, "checks": checks}, *answers))  # type: ignore[arg-type]
    observer.read()
    return {check["criterion"]: observer.evaluate(check)[0]["ok"] for check in checks}


@pytest.mark.parametrize(
    ("role", "name"), [("dns_foundation", "gate"), ("image_partition", "entry_gate"), ("image_partition", "gate")]
)
def test_gate_on_aws_answers_passes(role: str, name: str) -> None:
    for checks in checks_of(role, name):
        found = verdicts(checks, answers_to(checks, OWN[name]))
        assert found
        assert [criterion for criterion, ok in found.items() if not ok] == []


def test_gate_on_the_answer_of_a_distribution_that_others_made_fails() -> None:
    (checks,) = checks_of("image_partition", "gate")
    others = {**OWN["gate"], "cloudfront.GetDistribution": "cloudfront.GetDistribution.ok-adopted"}
    found = verdicts(checks, answers_to(checks, others))
    assert found["the bucket is versioned"]
    assert not found["no behavior trusts the signers of an account"]
    assert not found["every behavior trusts the key group"]
