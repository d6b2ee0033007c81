"""What failed and abandoned deployments have left is found, and removed on request; nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from .helpers.abandoned import OLD, abandon
from .helpers.crowd import TRUST
from .helpers.inventory import inventory_of, writes
from .helpers.public_keys import P_256
from .helpers.sandbox import ROOT, Run, Sandbox


def other_people(sandbox: Sandbox) -> None:
    """Make resources of like names that are none of ours."""
    cloudfront = sandbox.client("alpha002", "cloudfront")
    sandbox.client("alpha002", "s3").create_bucket(Bucket="their-image-asset-bucket")
    sandbox.client("alpha002", "secretsmanager").create_secret(Name="their/image-signing-key", SecretString="{}")
    config = {"CallerReference": "theirs", "Name": "theirs", "EncodedKey": P_256}
    key = cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
    cloudfront.create_key_group(KeyGroupConfig={"Name": "Their-shop-images", "Items": [key]})
    trust = json.dumps(TRUST)
    sandbox.client("alpha002", "iam").create_role(RoleName="Their-ImagePreSigningRole", AssumeRolePolicyDocument=trust)
    acm = sandbox.client("alpha002", "acm")
    acm.request_certificate(DomainName="*.shop.example.com", ValidationMethod="DNS")
    sandbox.client("alpha002", "route53").create_hosted_zone(Name="shop.example.com", CallerReference="theirs")


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """The sandbox's inventory with Alpha002 alone, so that no time is spent in the other accounts."""
    whole = ROOT / "inventories/sandbox"
    children = yaml.safe_load((whole / "hosts.yml").read_text())["partitions"]["children"]
    only = {"partitions": {"children": {"alpha002": children["alpha002"]}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(only))
    for name in ("group_vars", "aws_config.cfg"):
        (tmp_path / name).symlink_to(whole / name)
    return tmp_path


def search(
    sandbox: Sandbox, inventory: Path, *more: str, remove: list[str] | None = None
) -> tuple[Run, list[dict[str, Any]]]:
    extra = ["-e", json.dumps({"dns_foundation_remove_orphans": remove})] if remove else []
    run = sandbox.play("playbooks/orphans.yml", "-i", str(inventory), *extra, *more)
    return run, json.loads((sandbox.directory / "artifacts/orphans-Alpha002.json").read_text())


def test_orphans_are_found_with_age_and_cost_and_removed_in_order(sandbox: Sandbox, inventory: Path) -> None:
    sandbox.deploy()
    other_people(sandbox)
    before = inventory_of(sandbox, "alpha002")
    left = abandon(lambda service: sandbox.client("alpha002", service))
    written = writes(sandbox)
    run, found = search(sandbox, inventory)
    assert run.succeeded().changed == 0
    names: dict[str, list[str]] = {}
    for one in found:
        names.setdefault(one["kind"], []).append(one["name"])
    assert {kind: ", ".join(sorted(of_kind)) for kind, of_kind in names.items()} == left
    assert "costs 0.40 USD a month" in run.output
    assert "0 days old" in run.output
    check, _found = search(sandbox, inventory, "--check", remove=["all"])
    assert f"would: delete key group {OLD}-images" in check.succeeded().output
    unknown, _found = search(sandbox, inventory, remove=["nothing"])
    assert unknown.code != 0
    assert "Expected ids of orphans in dns_foundation_remove_orphans, found nothing. Nothing was removed." in " ".join(
        unknown.output.split()
    )
    assert writes(sandbox) == written

    (role,) = [one["id"] for one in found if one["kind"] == "role"]
    assert search(sandbox, inventory, remove=[role])[0].succeeded().changed == 1
    run, found = search(sandbox, inventory, remove=["all"])
    assert f"did: delete zone {left['zone']}" in run.succeeded().output
    _run, found = search(sandbox, inventory)
    assert [(one["kind"], one["monthly_usd"]) for one in found] == [("secret", 0.0)], "in its recovery window"
    after = inventory_of(sandbox, "alpha002")
    assert {kind: sorted(names) for kind, names in after.items()} == {k: sorted(n) for k, n in before.items()}


def test_search_needs_the_whole_inventory(sandbox: Sandbox) -> None:
    run = sandbox.play("playbooks/orphans.yml", "-l", "alpha002_dev")
    assert run.code != 0
    assert "Expected every partition of the inventory to be selected" in " ".join(run.output.split())
