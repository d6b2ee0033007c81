"""The roles of docs/iam: each can do what it is for, and uses all that it may do.

``make exhaustive T=test_permissions`` also takes every action from every role, one at a time, and sees a run fail.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._permissions_of_roles import ROLES

from ..unit.helpers.iam_actions import ACTIONS
from .helpers.abandoned import abandon
from .helpers.drifts import ADMINISTRATOR, DRIFTS
from .helpers.partition import BUCKET, LOGS, ROLE, SECRET, Partition, let_logs_in
from .helpers.sample import EXHAUSTIVE, exhaustive, sample
from .helpers.sandbox import ACCOUNTS, UNPROVEN, Run, Sandbox, wait_for

SECONDS = ("signer_cache", "longest_grant", "clock_skew")
QUICK = tuple(word for name in SECONDS for word in ("-e", f"image_partition_{name}_seconds=1"))
ONE = ("-l", "alpha002_dev")
#: A comparison of permissions would find what is missing before the run does.
UNCOMPARED = ("-e", "image_partition_permissions_role=''", "-e", "dns_foundation_compare_root_permissions=false")
DEPLOY = ("site.yml", *ONE)
PLAY = "playbooks/{}.yml"


@dataclass(frozen=True)
class Job:
    """A run of a role: what is there before it, and how it is started. ``root`` is the role in the root account."""

    name: str
    role: str
    before: Callable[[Sandbox], object]
    arguments: tuple[str, ...]
    root: str = "RootReader"
    code: int = 0

    def arn(self, role: str) -> str:
        if role.startswith("Root"):
            return f"arn:aws:iam::{ACCOUNTS['root']}:role/ImageUpload{role}"
        if role == "Delegation":
            return f"arn:aws:iam::{ACCOUNTS['root']}:role/Alpha002-ImageUpload{role}"
        return f"arn:aws:iam::{ACCOUNTS['alpha002']}:role/Alpha002-ImageUpload{role}"

    def run(self, sandbox: Sandbox) -> Run:
        chosen = ("-e", f"aws_role_name={self.role}", "-e", f"root_role_arn={self.arn(self.root)}")
        delegation = ("-e", f"delegation_role_arn={self.arn('Delegation')}")
        return sandbox.play(*self.arguments, *UNCOMPARED, *chosen, *delegation)


def empty(sandbox: Sandbox) -> None:
    sandbox.reset()


def deployed(sandbox: Sandbox) -> None:
    sandbox.deploy()


def drifted(sandbox: Sandbox) -> None:
    """Every change by hand that another one does not undo."""
    sandbox.deploy()
    partition = Partition(sandbox)
    for drift in DRIFTS:
        if not drift.gone and drift.name != "bucket no policy":
            drift.change(partition)
    alpha002 = sandbox.client("alpha002", "route53")
    for account, client in (("alpha002", alpha002), ("root", sandbox.client("root", "route53"))):
        zone = next(z["Id"] for z in client.list_hosted_zones()["HostedZones"] if "assets" in z["Name"])
        client.update_hosted_zone_comment(Id=zone, Comment=f"by hand in {account}")


def rotated(sandbox: Sandbox) -> None:
    """A key that the next rotation retires: its time is over."""
    sandbox.deploy()
    sandbox.play(PLAY.format("rotate_signing_key"), *ONE, *UNPROVEN, *QUICK).succeeded()
    time.sleep(4)


def without_secret(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.client("alpha002", "secretsmanager").delete_secret(SecretId=SECRET, RecoveryWindowInDays=30)


def with_image(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.client("alpha002", "s3").put_object(Bucket=BUCKET, Key="tenant/images/x.jpg", Body=b"x")


def failed_stacks(sandbox: Sandbox) -> None:
    """The first deployment of the exports has failed in both accounts."""
    sandbox.reset()
    other = {"Resources": {"W": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
    for account, stack in (("alpha002", "Alpha002-image-upload-foundation"), ("root", "arda-assets-zone")):
        client = sandbox.client(account, "cloudformation")
        outputs = {"O": {"Value": "x", "Export": {"Name": "taken"}}}
        for name in ("other", stack):
            client.create_stack(StackName=name, TemplateBody=json.dumps({**other, "Outputs": outputs}))
            wait_for(lambda: client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"].endswith("COMPLETE"))  # noqa: B023


def other_root_zone(sandbox: Sandbox) -> None:
    """The root zone was deleted by hand, so that its export changes."""
    sandbox.deploy()
    route53 = sandbox.client("root", "route53")
    zone = next(z["Id"] for z in route53.list_hosted_zones()["HostedZones"] if z["Name"] == "assets.arda.cards.")
    for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]:
        if record["Name"] != "assets.arda.cards.":
            batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    route53.delete_hosted_zone(Id=zone)


def with_logs(sandbox: Sandbox) -> None:
    sandbox.deploy()
    let_logs_in(sandbox)


def with_logs_elsewhere(sandbox: Sandbox) -> None:
    """Somebody has made a delivery with another path."""
    with_logs(sandbox)
    arn = sandbox.client("alpha002", "cloudfront").list_distributions()["DistributionList"]["Items"][0]["ARN"]
    logs = sandbox.client("alpha002", "logs")
    logs.put_delivery_source(name="Alpha002-dev-images", resourceArn=arn, logType="ACCESS_LOGS")
    destination = logs.put_delivery_destination(
        name="Alpha002-dev-images",
        outputFormat="w3c",
        deliveryDestinationConfiguration={"destinationResourceArn": f"arn:aws:s3:::{LOGS}"},
    )["deliveryDestination"]["arn"]
    logs.create_delivery(deliverySourceName="Alpha002-dev-images", deliveryDestinationArn=destination)


def with_orphans(sandbox: Sandbox) -> None:
    sandbox.deploy()
    abandon(lambda service: sandbox.client("alpha002", service))


def with_alarms(sandbox: Sandbox) -> None:
    with_image(sandbox)
    let_logs_in(sandbox)
    sandbox.play(*DEPLOY, *UNPROVEN, "-e", OPTIONS.replace("PriceClass_100", "PriceClass_All")).succeeded()
    sandbox.client("alpha002", "iam").attach_role_policy(RoleName=ROLE, PolicyArn=ADMINISTRATOR)


TAGS = json.dumps({"image_partition_tags": {"a": "b"}, "dns_foundation_tags": {"a": "b"}})
POLICY = f"arn:aws:iam::{ACCOUNTS['alpha002']}:policy/Alpha002-ImagePreSigningRoleBoundary"
BOUNDARY = f"image_partition_permissions_boundary_arn={POLICY}"
ORPHANS = '{"dns_foundation_remove_orphans": ["all"]}'
CHOSEN = {"image_partition_alarms": True, "image_partition_cdn_logs": True}
OPTIONS = json.dumps({**CHOSEN, "image_partition_price_class": "PriceClass_100"})
ENDPOINT = "{image_partition_application_origins: []}"
ALL = {
    "image_partition_delete_bucket": BUCKET,
    "dns_foundation_retire": "Alpha002",
    **CHOSEN,
    "dns_foundation_retire_root_zone": "assets.arda.cards",
}
JOBS = (
    Job("deploy", "Deployer", empty, DEPLOY, "RootDeployer"),
    Job("repair", "Deployer", drifted, (*DEPLOY, *UNPROVEN), "RootDeployer"),
    Job("recover", "Deployer", failed_stacks, (*DEPLOY, *UNPROVEN), "RootDeployer"),
    Job("other root zone", "Deployer", other_root_zone, (*DEPLOY, *UNPROVEN), "RootDeployer"),
    Job("retag", "Deployer", deployed, (*DEPLOY, *UNPROVEN, "-e", TAGS), "RootDeployer"),
    Job("options", "Deployer", with_logs, (*DEPLOY, *UNPROVEN, "-e", OPTIONS)),
    Job("logs elsewhere", "Deployer", with_logs_elsewhere, (*DEPLOY, *UNPROVEN, "-e", OPTIONS)),
    Job("boundary", "Deployer", deployed, (*DEPLOY, *UNPROVEN, "-e", BOUNDARY)),
    Job("endpoint", "Deployer", deployed, (*DEPLOY, *UNPROVEN, "-e", ENDPOINT)),
    Job("restore", "Deployer", without_secret, (*DEPLOY, *UNPROVEN)),
    Job("rotate as deployer", "Deployer", rotated, (PLAY.format("rotate_signing_key"), *ONE, *UNPROVEN, *QUICK)),
    Job("plan", "Reader", deployed, (PLAY.format("plan"), *ONE)),
    Job("plan of the options", "Reader", with_alarms, (PLAY.format("plan"), *ONE, "-e", OPTIONS), code=2),
    Job("plan of the endpoint", "Reader", deployed, (PLAY.format("plan"), *ONE, "-e", ENDPOINT), code=2),
    # Without a look, which reads from listings what the runs read by ids.
    Job("check", "Reader", deployed, (*DEPLOY, *UNPROVEN, "--check", "-e", "rollout_unchanged=true")),
    Job("drift", "Reader", deployed, (PLAY.format("drift"), *ONE)),
    Job("diagnose", "Reader", failed_stacks, (PLAY.format("diagnose"), *ONE), code=2),
    Job("artifacts", "Reader", deployed, (PLAY.format("artifacts"), *ONE)),
    Job("adopt", "Reader", deployed, (PLAY.format("adopt"), *ONE)),
    Job("verify", "Verifier", deployed, (PLAY.format("verify"), *ONE)),
    Job("rotate", "Rotator", rotated, (PLAY.format("rotate_signing_key"), *ONE, *QUICK)),
    Job(
        "orphans", "Retirer", with_orphans, (PLAY.format("orphans"), "-e", '{"dns_foundation_remove_orphans": ["all"]}')
    ),
    Job("retire", "Retirer", with_alarms, (PLAY.format("retire"), *ONE, "-e", json.dumps(ALL)), "RootRetirer"),
)


#: What a run does without, saying so: the delegation is written unread where it may not be read.
DISPENSABLE = {
    ("Delegation", "route53:GetChange"),
    ("Delegation", "route53:ListResourceRecordSets"),
    *((role.short_name, "iam:SimulatePrincipalPolicy") for role in ROLES),
}


def called(sandbox: Sandbox, since: int) -> dict[str, set[str]]:
    """The actions of each role of docs/iam that AWS was asked for, as IAM names them."""
    found: dict[str, set[str]] = {}
    for call in sandbox.journal()[since:]:
        role = call["caller"].partition("ImageUpload")[2].partition("/")[0]
        names = {ACTIONS.get(call["operation"], call["operation"])}
        if names == {"s3:DeleteObject"}:
            names.add("s3:DeleteObjectVersion")
        found.setdefault(role, set()).update(names - {"sts:GetCallerIdentity"})
    return found


@dataclass
class Work:
    """The jobs that were done, and the actions that each role has used in each."""

    uses: dict[tuple[str, str], list[Job]] = field(default_factory=dict)

    def add(self, job: Job, sandbox: Sandbox) -> None:
        job.before(sandbox)
        since = len(sandbox.journal())
        run = job.run(sandbox)
        assert run.code == job.code, f"{job.name}: {run.output[-4000:]}"
        for role, actions in called(sandbox, since).items():
            for action in actions:
                self.uses.setdefault((role, action), []).append(job)


@pytest.fixture(scope="module")
def work(sandbox: Sandbox) -> Work:
    done = Work()
    for job in JOBS if EXHAUSTIVE else [job for job in JOBS if job.name in SAMPLE]:
        done.add(job, sandbox)
    return done


#: Actions that only AWS asks for, or only a comparison of permissions.
UNSEEN = ("cloudfront:AllowVendedLogDeliveryForResource", "iam:SimulatePrincipalPolicy")
#: The jobs of the roles that have few.
SAMPLE = ("verify", "rotate")


def test_role_does_its_jobs_and_uses_all_of_its_actions(work: Work) -> None:
    done = {job.role for jobs in work.uses.values() for job in jobs}
    roles = [role for role in ROLES if EXHAUSTIVE or role.short_name in done]
    wanted = {
        (role.short_name, action) for role in roles for _scope, actions in role.statements() for action in actions
    }
    simulated = {use for use in wanted if use[1] in UNSEEN}
    assert len(wanted) > 30
    assert sorted(wanted - set(work.uses) - simulated) == []


def without(sandbox: Sandbox, job: Job, role: str, action: str) -> Run:
    """The job again, by a role that lacks one action."""
    job.before(sandbox)
    account, _colons, name = job.arn(role).split(":", 4)[4].partition(":role/")
    iam = sandbox.client(account, "iam")
    policy = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"][0]["PolicyArn"]
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]["Document"]
    for statement in document["Statement"]:
        statement["Action"] = [one for one in statement["Action"] if one != action] or ["none:Nothing"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=json.dumps(document), SetAsDefault=True)
    return job.run(sandbox)


@exhaustive
def test_role_that_lacks_an_action_fails_in_a_run(work: Work, sandbox: Sandbox, capsys: pytest.CaptureFixture) -> None:
    known = {role.short_name for role in ROLES}
    uses = sorted((use, jobs) for use, jobs in work.uses.items() if use[0] in known and use not in DISPENSABLE)
    tried, harmless = 0, []
    for (role, action), jobs in sample(uses, 40):
        tried += 1
        if not any(failed(without(sandbox, job, role, action), job) for job in jobs):
            harmless.append((role, action, [job.name for job in jobs]))
    with capsys.disabled():
        print(
            f"\n{tried} of {len(uses)} pairs of a role and an action: a run without it fails in {tried - len(harmless)}"
        )
    assert harmless == []


def failed(run: Run, job: Job) -> bool:
    """Whether a run did not do its job: it failed, left out a check of the verification, or left its test images."""
    return run.code != job.code or "  SKIP  " in run.output or "Test objects stay in bucket" in run.output


def test_run_names_every_missing_permission_before_the_first_write(sandbox: Sandbox) -> None:
    sandbox.reset()
    reader = Job("deploy", "Reader", empty, DEPLOY)
    before = len(sandbox.journal())
    run = sandbox.play(*DEPLOY, "-e", f"aws_role_arn={reader.arn('Reader')}")
    output = " ".join(run.output.split())
    assert run.code != 0
    assert "Alpha002-ImageUploadReader may not call" in output
    assert "cloudfront:CreateDistribution on *, " in output
    assert f"s3:CreateBucket on arn:aws:s3:::{BUCKET}, " in output
    assert "Nothing was written" in output
    reads = ("Get", "List", "Describe", "Head", "AssumeRole", "Simulate")
    assert [c for c in sandbox.journal()[before:] if not c["operation"].partition(":")[2].startswith(reads)] == []


@exhaustive
def test_presigning_role_has_its_boundary_where_one_is_required(sandbox: Sandbox) -> None:
    """The stack with RequirePresigningRoleBoundary: a role without the boundary is refused, one with it is made."""
    sandbox.reset()
    client = sandbox.client("alpha002", "cloudformation")
    stack = client.describe_stacks(StackName="Alpha002-image-upload-roles")["Stacks"][0]
    values = {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]} | {
        "RequirePresigningRoleBoundary": "true"
    }
    parameters: list[Any] = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    client.update_stack(
        StackName=stack["StackName"],
        UsePreviousTemplate=True,
        Parameters=parameters,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    iam = sandbox.client("alpha002", "iam")
    policy = "arn:aws:iam::139852620346:policy/Alpha002-ImageUploadDeployer"

    def conditions() -> str:
        version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
        return json.dumps(iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]["Document"])

    wait_for(lambda: "iam:PermissionsBoundary" in conditions())
    deployer = Job("deploy", "Deployer", empty, (*DEPLOY, *UNPROVEN), "RootDeployer")
    refused = deployer.run(sandbox)
    assert refused.code != 0
    assert "iam:CreateRole" in refused.output
    if not EXHAUSTIVE:
        return
    boundary = "arn:aws:iam::139852620346:policy/Alpha002-ImagePreSigningRoleBoundary"
    sandbox.play(
        *DEPLOY,
        *UNPROVEN,
        "-e",
        f"aws_role_arn={deployer.arn('Deployer')}",
        "-e",
        f"image_partition_permissions_boundary_arn={boundary}",
    ).succeeded()
    role = iam.get_role(RoleName="Alpha002-dev-ImagePreSigningRole")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
