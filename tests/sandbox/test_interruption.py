"""First deploys that die or are disturbed: the next run completes them, without twins and without orphans."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from .helpers.inventory import inventory_of
from .helpers.sandbox import ACCOUNTS, UNPROVEN, Sandbox, kill, wait_for

DEPLOY = ("site.yml", "-l", "alpha002_dev", *UNPROVEN)
# After which writes a run is killed: one moment in each part of the choreography. The signing key has its own test.
MOMENTS = (
    "route53:CreateHostedZone",
    "acm:RequestCertificate",
    "cloudfront:CreateDistributionWithTags",
)


def exactly_one_of_each(sandbox: Sandbox) -> None:
    held = inventory_of(sandbox, "alpha002")
    assert held["zones"] == ["alpha002.assets.arda.cards."]
    assert held["certificates"] == ["*.alpha002.assets.arda.cards"]
    assert len(held["keys"]) == 1
    assert held["groups"] == ["Alpha002-dev-images"]
    assert held["distributions"] == ["dev.alpha002.assets.arda.cards"]
    assert held["secrets"] == ["Alpha002-dev/image-signing-key"]
    assert [z for z in inventory_of(sandbox, "root")["zones"] if z == "assets.arda.cards."] == ["assets.arda.cards."]


def run_killed_after(sandbox: Sandbox, moment: str) -> None:
    """A run that is killed when this write has taken effect, and its answer has not come."""
    sandbox.faults({"operation": moment, "kind": "hang_after", "account": ACCOUNTS["alpha002"]})
    process = sandbox.start_play(*DEPLOY)
    wait_for(lambda: sandbox.control("faults", "GET")[0]["seen"] or process.poll() is not None, seconds=600)
    assert process.poll() is None, f"the run ended before {moment}:\n{process.communicate()[0][-3000:]}"
    kill(process)


def test_site_killed_again_and_again_is_completed_by_the_next_run(sandbox: Sandbox) -> None:
    """Each run goes on from where the one before it was killed; the last may end."""
    sandbox.reset()
    for moment in MOMENTS:
        run_killed_after(sandbox, moment)
    sandbox.faults()
    sandbox.play(*DEPLOY).succeeded()
    exactly_one_of_each(sandbox)


def test_site_twice_at_once_creates_one_of_each(sandbox: Sandbox) -> None:
    sandbox.reset()
    # ACM shows the records late, so that one run finds the certificate of the other without them.
    with sandbox.delays(validation_record=5), ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _number: sandbox.play(*DEPLOY), range(2)))
    for run in runs:
        run.succeeded()
    exactly_one_of_each(sandbox)
    assert sandbox.play(*DEPLOY).succeeded().changed == 0


def test_site_under_throttling_and_server_errors_completes(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.faults(
        {"operation": "route53:CreateHostedZone", "kind": "error_after", "on": [1]},
        {"operation": "acm:*", "kind": "throttle", "on": [1, 3]},
        {"operation": "s3:Put*", "kind": "error", "on": [1, 4]},
        {"operation": "secretsmanager:PutSecretValue", "kind": "drop_after", "on": [1]},
        {"operation": "cloudfront:CreatePublicKey", "kind": "error_after", "on": [1]},
        {"operation": "cloudfront:CreateKeyGroup", "kind": "drop_after", "on": [1]},
        {"operation": "cloudfront:CreateDistributionWithTags", "kind": "drop_after", "on": [1]},
        {"operation": "cloudformation:CreateStack", "kind": "error_after", "on": [1]},
    )
    sandbox.play(*DEPLOY).succeeded()
    struck = {fault["operation"]: fault["seen"] for fault in sandbox.control("faults", "GET")}
    assert all(struck.values()), struck
    sandbox.faults()
    exactly_one_of_each(sandbox)


def test_site_after_a_failed_deploy_adopts_what_it_left(sandbox: Sandbox) -> None:
    """A bucket, a deleted secret, a public key and a key group of an earlier life do not block the next deploy."""
    sandbox.deploy()
    cloudfront = sandbox.client("alpha002", "cloudfront")
    (distribution,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    answer = cloudfront.get_distribution_config(Id=distribution["Id"])
    config = {**answer["DistributionConfig"], "Enabled": False}
    etag = cloudfront.update_distribution(Id=distribution["Id"], IfMatch=answer["ETag"], DistributionConfig=config)[
        "ETag"
    ]
    wait_for(lambda: cloudfront.get_distribution(Id=distribution["Id"])["Distribution"]["Status"] == "Deployed")
    cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=etag)
    sandbox.client("alpha002", "secretsmanager").delete_secret(SecretId="Alpha002-dev/image-signing-key")
    sandbox.client("alpha002", "cloudformation").delete_stack(StackName="Alpha002-dev-image-upload-exports")

    sandbox.play(*DEPLOY).succeeded()
    exactly_one_of_each(sandbox)
