"""The artifact map holds the live values, and names what is missing."""

from __future__ import annotations

import json
from typing import Any

from .helpers.inventory import NAMES, exports, writes
from .helpers.partition import BUCKET, HOST, Partition
from .helpers.sandbox import PRIVATE_KEY, Run, Sandbox


def mapped(sandbox: Sandbox) -> tuple[Run, dict[tuple[str, str], dict[str, Any]]]:
    run = sandbox.play("playbooks/artifacts.yml", "-l", "alpha002_dev")
    found = json.loads((sandbox.directory / "artifacts/artifacts.json").read_text())
    return run, {(one["host"], one["name"]): one for one in found}


def test_artifact_map_has_the_live_values_and_names_what_is_missing(sandbox: Sandbox) -> None:
    sandbox.deploy()
    before = writes(sandbox)
    run, found = mapped(sandbox)
    assert run.succeeded().changed == 0
    assert writes(sandbox) == before
    assert all(
        one["ok"] and one["producer"] and one["consumer"] and one["form"] and one["command"] for one in found.values()
    )
    live = exports(sandbox, "alpha002")
    values = [one["observed"] for (host, _name), one in found.items() if host == "alpha002_dev"]
    assert {live[f"Alpha002-dev-API-{name}"] for name in NAMES} <= {value for value in values if isinstance(value, str)}
    assert found["Alpha002", "certificate ARN"]["observed"] == live["Alpha002-I-AssetsCertificateArn"]
    assert found["root account", "root zone id"]["observed"] == exports(sandbox, "root")["arda-assets-zone"]
    assert found["alpha002_dev", "CDN host name"]["observed"] == HOST
    hand_off = (sandbox.directory / "artifacts/artifacts.md").read_text()
    assert f"| bucket name | `{BUCKET}` | Run 2 | operations service |" in hand_off
    assert not PRIVATE_KEY.search(hand_off + run.output + json.dumps(list(found.values())))

    partition = Partition(sandbox)
    partition.client("cloudformation").delete_stack(StackName="Alpha002-dev-image-upload-exports")
    partition.change_record("alpha002.assets.arda.cards", "alpha002", HOST, "A", [])
    run, found = mapped(sandbox)
    assert run.code == 2
    missing = {name for (_host, name), one in found.items() if not one["ok"]}
    assert missing == {
        "bucket name",
        "bucket ARN",
        "presigning role ARN",
        "CDN host name",
        "key pair id",
        "secret ARN",
        "CDN address",
    }
    assert "Missing: bucket name; bucket ARN;" in run.output
    assert "remedy: run playbooks/image_partition.yml -l alpha002_dev" in run.output
    assert "| CDN address | **missing** |" in (sandbox.directory / "artifacts/artifacts.md").read_text()
