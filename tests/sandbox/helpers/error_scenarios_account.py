"""The modules that look through an account, where AWS refuses, and what they are run with."""

from __future__ import annotations

import json

from .abandoned import abandon
from .accounts import Account
from .crowd import TRUST
from .error_scenarios import DENIED, Step, refused
from .module_cases import ModuleCase

SCENARIOS: dict[str, list[Step]] = {
    "role_plan": [
        Step(),
        Step(None, {"name": "none"}),
        Step(refused("iam:GetRole", DENIED, status=403), fails="Failed to get role"),
    ],
    "alarm_plan": [
        Step(),
        Step(
            refused("cloudwatch:DescribeAlarms", "InternalServiceFault", status=500), fails="Failed to describe alarms"
        ),
    ],
    "permissions": [
        Step(),  # the role may not simulate its own policies
        Step(
            refused("iam:SimulatePrincipalPolicy", "ServiceFailure", status=500), fails="Failed to simulate principal"
        ),
    ],
    "adoption": [
        Step(),
        Step(refused("cloudfront:ListDistributions", DENIED, status=403), fails="Failed to list distributions"),
    ],
    # A layer that cannot be read is skipped, and the others are observed.
    "foundation_diagnosis": [
        Step(),
        Step(refused("route53:ListHostedZonesByName", DENIED, status=403)),
        Step(refused("sts:GetCallerIdentity", DENIED, status=403)),
    ],
    "partition_diagnosis": [Step(), Step(refused("cloudfront:ListDistributions", DENIED, status=403))],
    "orphans": [
        Step(refused("iam:ListRoles", DENIED, status=403), fails="Failed to list roles"),
        Step(refused("cloudfront:GetPublicKey", "NoSuchPublicKey", 1, status=404), {"remove": ["all"]}),
        Step(None, {"remove": ["nothing"]}, "Expected ids of orphans in remove, found nothing"),
    ],
}


def role_plan(account: Account) -> ModuleCase:
    account.client("iam").create_role(RoleName="images", AssumeRolePolicyDocument=json.dumps(TRUST))
    return ModuleCase("iam_role_plan", {"name": "images", "assume_role_policy_document": TRUST}, {})


def alarm_plan(_account: Account) -> ModuleCase:
    return ModuleCase("cloudwatch_alarm_plan", {"name": "images", "alarm": {"threshold": 5}}, {})


def permissions(account: Account) -> ModuleCase:
    """The comparison for a session of a role: the root user of an account has no policies."""
    role = account.client("iam").create_role(RoleName="Someone", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    session = account.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    options = {"role": "Verifier", "names": {"infrastructure": "Shop001", "domain": "shop001.example"}}
    options |= {"access_key": session["AccessKeyId"], "secret_key": session["SecretAccessKey"]}
    return ModuleCase("permissions_info", {**options, "session_token": session["SessionToken"]}, {})


def adoption(account: Account) -> ModuleCase:
    options = {"host": "nowhere.example", "marks": ["a"], "client_role_arn": "arn", "names": {}, "export_names": []}
    return ModuleCase("adoption_info", options, {})


def orphans(account: Account) -> ModuleCase:
    abandon(account.client, f"a{account.number}-image-asset-bucket")
    return ModuleCase("orphans", {"declared": [], "domains": [], "root_domain": "assets.arda.cards"}, {})


def foundation_diagnosis(account: Account) -> ModuleCase:
    options = {
        "account_id": account.number,
        "root_account_id": account.number,
        "root_domain": "example",
        "root_export": "root-zone",
        "domain": "nowhere.example",
        "stack": "foundation",
        "export_names": {"zone_id": "zone"},
        "dns_server": f"127.0.0.1:{account.sandbox.environment['ARDA_SANDBOX_DNS_PORT']}",
        "launch": "ansible-playbook site.yml",
    }
    return ModuleCase("foundation_diagnosis_info", options, {})


def partition_diagnosis(account: Account) -> ModuleCase:
    options = {
        "role": "",
        "host": "nowhere.example",
        "secret_name": "nothing",
        "key_group_name": "nothing",
        "stack": "nothing",
        "export_names": ["nothing"],
        "dns_server": f"127.0.0.1:{account.sandbox.environment['ARDA_SANDBOX_DNS_PORT']}",
        "launch": "ansible-playbook site.yml",
        "rotate": "ansible-playbook rotate_signing_key.yml",
    }
    return ModuleCase("partition_diagnosis_info", options, {})


CASES = (role_plan, alarm_plan, permissions, adoption, foundation_diagnosis, partition_diagnosis, orphans)
