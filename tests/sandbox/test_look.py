"""The look before the runs: who has nothing to do is left out, and whoever has something goes through them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .helpers.inventory import writes
from .helpers.partition import BUCKET, HOST, ROLE, SECRET, Partition
from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import PRIVATE_KEY, Run, Sandbox

NOBODY = "skipping: no hosts matched"
RECORDS = "route53:ListResourceRecordSets"


@pytest.fixture(scope="module")
def partition(sandbox: Sandbox) -> Partition:
    sandbox.deploy()
    return Partition(sandbox)


def site(sandbox: Sandbox, *more: str, **environment: str) -> Run:
    return sandbox.play("site.yml", "-l", "alpha002_dev", "-v", *more, **environment)


def test_partition_with_nothing_to_do_is_left_out_of_the_runs_and_has_its_reports(partition: Partition) -> None:
    sandbox = partition.sandbox
    gate = sandbox.directory / "artifacts/image_partition-alpha002_dev.json"
    gate.unlink(missing_ok=True)
    site(sandbox).succeeded()  # the guesses of an earlier run may be of another sandbox
    before, written = len(sandbox.journal()), writes(sandbox)
    run = site(sandbox).succeeded()
    assert run.output.count(NOBODY) == 4, run.output[-3000:]
    assert "alpha002_dev, ring 1: unchanged" in run.output
    assert "Alpha002-dev-API-ImageCdnDomainName = dev.alpha002.assets.arda.cards" in run.output
    assert json.loads(gate.read_text())["passed"]
    assert writes(sandbox) == written
    calls = sandbox.journal()[before:]
    assert len(calls) <= 60
    assert [call["operation"] for call in calls if call["status"] >= 500] == []
    listings = [(call["caller"], call["path"]) for call in calls if call["operation"] == RECORDS]
    assert len(listings) == len(set(listings)), "the records of a zone were listed more than once"


@exhaustive
def test_zone_of_more_than_one_page_is_looked_at_by_name(partition: Partition) -> None:
    """Route 53 lists 300 records at a time."""
    sandbox = partition.sandbox
    route53 = sandbox.client("alpha002", "route53")
    zone = route53.list_hosted_zones_by_name(DNSName="alpha002.assets.arda.cards")["HostedZones"][0]["Id"]
    records = [
        {
            "Name": f"n{number}.alpha002.assets.arda.cards",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        }
        for number in range(310)
    ]

    def change(action: str) -> None:
        batch = [{"Action": action, "ResourceRecordSet": record} for record in records]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})

    site(sandbox).succeeded()
    change("CREATE")
    before = len(sandbox.journal())
    try:
        run = site(sandbox).succeeded()
    finally:
        change("DELETE")
    assert "alpha002_dev, ring 1: unchanged" in run.output
    listings = [
        call["path"] for call in sandbox.journal()[before:] if call["operation"] == RECORDS and zone in call["path"]
    ]
    assert len(listings) > 1


def test_look_and_runs_say_the_same_of_the_gates(partition: Partition) -> None:
    """The reports of a look are those of the runs, check by check."""
    folder = partition.sandbox.directory / "artifacts"
    names = ("dns_foundation-root", "dns_foundation-entry", "dns_foundation", "image_partition-foundation")
    files = [folder / f"{name}-alpha002_dev.json" for name in (*names, "image_partition-entry", "image_partition")]
    reports = []
    for more in ([], ["-e", "rollout_unchanged=true", "--skip-tags", "verify"]):
        run = site(partition.sandbox, *more).succeeded()
        assert (NOBODY in run.output) == (not more)
        reports.append([json.loads(file.read_text()) for file in files])
    assert reports[0] == reports[1]


def tag_of_the_distribution(p: Partition) -> Callable[[], object]:
    cloudfront = p.client("cloudfront")
    arn = cloudfront.get_distribution(Id=p.distribution_id)["Distribution"]["ARN"]
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["Partition"]})
    return lambda: None


def versioning(p: Partition) -> Callable[[], object]:
    p.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    return lambda: None


def role_policy(p: Partition) -> Callable[[], object]:
    p.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="PutImages")
    return lambda: None


def parent_delegation(p: Partition) -> Callable[[], object]:
    """Which no task makes: the gate fails."""
    p.sandbox.control("parent", document={"assets.arda.cards": []})
    return lambda: p.sandbox.control("parent", document={"assets.arda.cards": None})


def alias_record(p: Partition) -> Callable[[], object]:
    p.change_record("alpha002.assets.arda.cards", "alpha002", HOST, "AAAA", [])
    return lambda: None


def exports_stack(p: Partition) -> Callable[[], object]:
    p.client("cloudformation").delete_stack(StackName="Alpha002-dev-image-upload-exports")
    return lambda: None


def secret_label(p: Partition) -> Callable[[], object]:
    p.client("secretsmanager").tag_resource(SecretId=SECRET, Tags=[{"Key": "Partition", "Value": "other"}])
    return lambda: None


def delegation(p: Partition) -> Callable[[], object]:
    """Of the foundation: the partition goes through the runs too."""
    p.change_record("assets.arda.cards", "root", "alpha002.assets.arda.cards", "NS", ["ns-0.awsdns-00.com."])
    return lambda: None


SAMPLE = [versioning]
ALL = [
    *SAMPLE,
    delegation,
    parent_delegation,
    tag_of_the_distribution,
    role_policy,
    alias_record,
    exports_stack,
    secret_label,
]


@pytest.mark.parametrize("drift", ALL if EXHAUSTIVE else SAMPLE, ids=lambda drift: drift.__name__)
def test_partition_with_a_drift_goes_through_the_runs(
    partition: Partition, drift: Callable[[Partition], Callable[[], object]]
) -> None:
    restore = drift(partition)
    run = site(partition.sandbox, "--skip-tags", "verify")
    restore()
    assert NOBODY not in run.output
    assert "Look: alpha002_dev goes through the runs, for " in run.output
    if drift is parent_delegation:
        assert run.code != 0
        assert "FAIL  the parent domain delegates assets.arda.cards to it" in run.output
    else:
        assert run.succeeded().changed == 1
    assert NOBODY in site(partition.sandbox).succeeded().output


@exhaustive
def test_guesses_of_the_last_look_decide_nothing(partition: Partition) -> None:
    """What was read the last time is kept without answers; a broken or a foreign file is as good as none."""
    sandbox = partition.sandbox
    file = sandbox.directory / "ansible/image_upload/reads.json"
    site(sandbox).succeeded()
    kept = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not PRIVATE_KEY.search(kept)
    assert "get_secret_value" in kept
    reads = json.loads(kept)["alpha002_dev"]
    foreign = [[label, service, region, "get_nothing", {"Of": "it"}] for label, service, region, *_read in reads]
    for text in ("[1]", '{"alpha002_dev": [[]]}', json.dumps({"alpha002_dev": foreign}), kept):
        file.write_text(text)
        assert NOBODY in site(sandbox).succeeded().output
        assert json.loads(file.read_text())["alpha002_dev"]
    versioning(partition)
    assert NOBODY not in site(sandbox, "--skip-tags", "verify").succeeded().output


@exhaustive
def test_look_that_fails_leaves_everything_to_the_runs(partition: Partition) -> None:
    """Each read of the key groups is refused once: by the look, not by the runs."""
    sandbox = partition.sandbox
    refused: dict[str, Any] = {"kind": "error", "code": "AccessDenied", "status": 403, "on": [1]}
    sandbox.faults({"operation": "cloudfront:ListKeyGroups", **refused})
    run = site(sandbox, "--skip-tags", "verify").succeeded()
    sandbox.faults()
    assert NOBODY not in run.output
    assert run.changed == 0


@exhaustive
@pytest.mark.parametrize(
    "more",
    [
        ["-e", "rollout_unchanged=true"],
        ["-e", "arda_image_upload_in_worker=false"],
        ["--start-at-task", "arda.image_upload.aws_session : Connect"],
    ],
    ids=lambda more: more[0] + more[1][:8],
)
def test_no_look_is_taken_where_the_run_is_not_a_usual_one(partition: Partition, more: list[str]) -> None:
    run = site(partition.sandbox, "--skip-tags", "verify", *more)
    assert NOBODY not in run.output
