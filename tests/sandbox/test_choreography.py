"""site.yml on the sandbox, as an operator runs it: what it makes, what it leaves alone, and where it stops."""

from __future__ import annotations

import json
from pathlib import Path

from .helpers.inventory import NAMES, PARTITIONS, exports, inventory_of, writes
from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import ACCOUNTS, UNPROVEN, Sandbox


def test_site_of_five_partitions_deploys_them_and_then_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.reset()
    unproven = () if EXHAUSTIVE else UNPROVEN  # make demo and test_verification prove one by images
    first = sandbox.play("site.yml", "-e", "rollout=parallel", *unproven).succeeded()
    assert set(first.recap) == set(PARTITIONS)

    for account in ("alpha002", "alpha001", "kyle"):
        found = exports(sandbox, account)
        owned = [prefix for owner, prefix in PARTITIONS.values() if owner == account]
        infrastructure = owned[0].split("-")[0]
        wanted = {f"{prefix}-API-{name}" for prefix in owned for name in NAMES}
        assert set(found) == wanted | {
            f"{infrastructure}-I-AssetsHostedZoneId",
            f"{infrastructure}-I-AssetsCertificateArn",
        }
        assert all(found.values())
        held = inventory_of(sandbox, account)
        assert held["zones"] == [f"{infrastructure.lower()}.assets.arda.cards."]
        assert held["certificates"] == [f"*.{infrastructure.lower()}.assets.arda.cards"]
        assert sorted(held["groups"]) == sorted(f"{prefix}-images" for prefix in owned)
        assert len(held["keys"]) == len(held["distributions"]) == len(held["secrets"]) == len(owned)
    assert "arda-assets-zone" in exports(sandbox, "root")

    assert sandbox.command("stop").returncode == sandbox.command("start").returncode == 0
    second = sandbox.play("site.yml", "-e", "rollout=parallel", *UNPROVEN).succeeded()
    assert second.changed == 0
    for host in PARTITIONS:
        gate = json.loads((sandbox.directory / f"artifacts/image_partition-{host}.json").read_text())
        assert gate["passed"]
        assert all(check["ok"] and check["command"] for check in gate["checks"])
    reports = first.output.count("checks passed") + first.output.count("check passed")
    gates = 5 if EXHAUSTIVE else 3
    assert reports == 1 + 2 * 3 + 5 * gates, "of the root, each foundation, each partition, and its proof"

    # An operator without the root account's credentials goes on from the zone that is there.
    without = sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_stage", "-e", "{root_connection: {}}")
    assert "No credentials of the root account" in without.succeeded().output
    assert without.changed == 0


@exhaustive
def test_site_with_a_failed_partition_stops_before_the_later_ones(sandbox: Sandbox) -> None:
    sandbox.reset()
    s3 = sandbox.client("alpha002", "s3")
    s3.delete_bucket_policy(Bucket="alpha002-dev-access-logs")
    run = sandbox.play("site.yml", "-l", "alpha002")
    assert run.code != 0
    assert "logging.s3.amazonaws.com" in run.output
    assert "alpha002-stage-image-asset-bucket" not in inventory_of(sandbox, "alpha002")["buckets"]
    assert inventory_of(sandbox, "alpha002")["distributions"] == []


def files(folder: Path) -> dict[Path, int]:
    """Every file below a folder, hidden ones too, with the time of its last change."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def sentences(output: str, verb: str) -> list[str]:
    return [line.split(f"{verb}: ")[1] for line in output.splitlines() if f" {verb}: " in line]


@exhaustive
def test_site_of_one_partition_is_predicted_and_touches_nothing_else(sandbox: Sandbox) -> None:
    """Check mode on an empty account writes nothing and shows every change that the run then makes."""
    sandbox.reset()
    others = {account: inventory_of(sandbox, account) for account in ("alpha001", "kyle")}
    artifacts = files(sandbox.directory / "artifacts")
    predicted = sandbox.play("site.yml", "-l", "alpha002_dev", "--check", "--diff").succeeded()
    assert writes(sandbox) == []
    assert files(sandbox.directory / "artifacts") == artifacts
    made = sandbox.play("site.yml", "-l", "alpha002_dev", "-v", *UNPROVEN).succeeded()
    assert sentences(predicted.output, "would") == sentences(made.output, "did") != []
    assert "+    versioning: Enabled" in predicted.output
    again = sandbox.play("site.yml", "-l", "alpha002_dev", "--check", "--diff").succeeded()
    assert again.changed == 0

    assert inventory_of(sandbox, "alpha002")["distributions"] == ["dev.alpha002.assets.arda.cards"]
    assert {account: inventory_of(sandbox, account) for account in ("alpha001", "kyle")} == others
    assert writes(sandbox, "alpha001", "kyle") == []

    # The delegation was written through the assumed role, never with root credentials.
    changes = [c for c in sandbox.journal() if c["operation"] == "route53:ChangeResourceRecordSets"]
    in_root = {c["caller"] for c in changes if c["account"] == ACCOUNTS["root"]}
    assert in_root == {"arn:aws:sts::841876193886:assumed-role/AllowCreatingNSRecordsRole/Alpha002-delegation"}
