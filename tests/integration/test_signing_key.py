"""cloudfront_signing_key over the real protocols: every call of a creation interrupted, before and after its effect.

The list of calls is recorded from a run, not written by hand.
"""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils.key_material import fingerprint, generate, public_half

from .conftest import PRIVATE_KEY, Run, Sandbox, kill, wait_for

SECRET, GROUP = "life/signing-key", "life-images"
PLAY = """
- hosts: alpha002_dev
  gather_facts: false
  environment: "{{ aws_environment }}"
  module_defaults:
    group/arda.image_upload.aws: "{{ aws_connection }}"
  tasks:
    - arda.image_upload.cloudfront_signing_key:
        secret_name: life/signing-key
        key_group_name: life-images
        key_type: ecdsa-p256
        secret_format: "{{ format | default('json') }}"
        tags: {Purpose: test}
"""
WRITES = ("Create", "Put", "Update", "Delete", "Restore", "Tag")


@pytest.fixture
def play(tmp_path: Path) -> Path:
    path = tmp_path / "key.yml"
    path.write_text(PLAY)
    return path


def state(sandbox: Sandbox) -> dict[str, Any]:
    """What AWS holds of the key: the invariant is checked wherever this is asked."""
    cloudfront, secrets = sandbox.client("alpha002", "cloudfront"), sandbox.client("alpha002", "secretsmanager")
    keys = cloudfront.list_public_keys()["PublicKeyList"].get("Items", [])
    groups = cloudfront.list_key_groups()["KeyGroupList"].get("Items", [])
    trusted = [key for group in groups for key in group["KeyGroup"]["KeyGroupConfig"]["Items"]]
    try:
        current = json.loads(secrets.get_secret_value(SecretId=SECRET)["SecretString"])
    except secrets.exceptions.ResourceNotFoundException:
        current = {}
    if "privateKey" in current:
        mine = fingerprint(public_half(current["privateKey"]))
        registered = {key["Id"]: fingerprint(key["EncodedKey"]) for key in keys}
        assert registered[current["keyPairId"]] == mine
        assert current["keyPairId"] in trusted  # the key in AWSCURRENT is trusted, at every moment
    return {"keys": [key["Id"] for key in keys], "groups": len(groups), "trusted": trusted, "current": current}


def assert_complete(sandbox: Sandbox) -> None:
    found = state(sandbox)
    assert len(found["keys"]) == 1, found["keys"]
    assert found["groups"] == 1
    assert found["trusted"] == found["keys"] == [found["current"]["keyPairId"]]
    stages = sandbox.client("alpha002", "secretsmanager").describe_secret(SecretId=SECRET)["VersionIdsToStages"]
    assert sum("AWSPENDING" in labels for labels in stages.values()) == 0


def run(sandbox: Sandbox, play: Path, *arguments: str) -> Run:
    return sandbox.play(str(play), *arguments)


def recorded_writes(sandbox: Sandbox, play: Path) -> list[tuple[str, int]]:
    """(operation, which call of it) of every write that a creation makes."""
    sandbox.reset()
    before = len(sandbox.journal())
    run(sandbox, play).succeeded()
    counts: dict[str, int] = {}
    found = []
    for call in sandbox.journal()[before:]:
        operation = call["operation"]
        if operation.split(":")[1].startswith(WRITES):
            counts[operation] = counts.get(operation, 0) + 1
            found.append((operation, counts[operation]))
    return found


def test_every_write_of_a_creation_interrupted(sandbox: Sandbox, play: Path, capsys: pytest.CaptureFixture) -> None:
    writes = recorded_writes(sandbox, play)
    assert {operation for operation, _number in writes} >= {
        "secretsmanager:CreateSecret",
        "secretsmanager:PutSecretValue",
        "cloudfront:CreatePublicKey",
        "cloudfront:CreateKeyGroup",
        "secretsmanager:UpdateSecretVersionStage",
    }
    for operation, number in writes:
        for kind in ("hang_before", "hang_after"):
            sandbox.reset()
            sandbox.faults({"operation": operation, "kind": kind, "on": [number]})
            process = sandbox.start_play(str(play))
            wait_for(lambda: any(f["seen"] >= number for f in sandbox.control("faults", "GET")))  # noqa: B023
            kill(process)
            sandbox.faults()
            state(sandbox)
            run(sandbox, play).succeeded()
            assert_complete(sandbox)
    for kind in ("throttle", "error", "error_after", "drop_before", "drop_after"):
        sandbox.reset()
        sandbox.faults(*({"operation": operation, "kind": kind, "on": [1]} for operation in dict(writes)))
        run(sandbox, play).succeeded()
        sandbox.faults()
        assert_complete(sandbox)
    with capsys.disabled():
        print(f"\n{len(writes)} writes: {2 * len(writes)} kills and {5 * len(dict(writes))} faults tried")


def test_two_creations_at_once_end_with_one_key(sandbox: Sandbox, play: Path) -> None:
    for _attempt in range(3):
        sandbox.reset()
        with ThreadPoolExecutor(3) as pool:
            runs = list(pool.map(lambda _number: run(sandbox, play), range(3)))
        assert all(one.code == 0 or "Another run is at work" in one.output for one in runs), runs[0].output[-2000:]
        assert run(sandbox, play).succeeded().changed == 0
        assert_complete(sandbox)


def test_a_deleted_secret_is_restored_with_its_key(sandbox: Sandbox, play: Path) -> None:
    sandbox.reset()
    run(sandbox, play).succeeded()
    before = state(sandbox)
    sandbox.client("alpha002", "secretsmanager").delete_secret(SecretId=SECRET)
    assert run(sandbox, play).succeeded().changed == 1
    assert state(sandbox) == before


@pytest.mark.parametrize(
    "text", ["no key at all", '{"privateKey": "x"}', "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END"]
)
def test_a_broken_secret_is_an_error_that_shows_nothing_of_it(sandbox: Sandbox, play: Path, text: str) -> None:
    sandbox.reset()
    sandbox.client("alpha002", "secretsmanager").create_secret(Name=SECRET, SecretString=text)
    before = len(sandbox.journal())
    ended = run(sandbox, play, "-vvv")
    assert ended.code != 0
    assert "Nothing was written" in ended.output
    assert SECRET in ended.output
    assert "AAAA" not in ended.output
    writes = [c["operation"] for c in sandbox.journal()[before:] if c["operation"].split(":")[1].startswith(WRITES)]
    assert writes == []


def test_a_key_made_by_hand_is_taken_into_use(sandbox: Sandbox, play: Path) -> None:
    """A secret that holds a bare private key, which CloudFront does not know yet."""
    sandbox.reset()
    private = generate("rsa-2048")
    sandbox.client("alpha002", "secretsmanager").create_secret(Name=SECRET, SecretString=private)
    ended = run(sandbox, play, "-vvv").succeeded()
    assert not PRIVATE_KEY.search(ended.output)
    assert_complete(sandbox)
    assert state(sandbox)["current"]["privateKey"] == private
    assert run(sandbox, play).succeeded().changed == 0


def test_the_account_limit_is_named_before_anything_is_lost(sandbox: Sandbox, play: Path) -> None:
    sandbox.reset()
    cloudfront = sandbox.client("alpha002", "cloudfront")
    for number in range(10):
        encoded = public_half(generate("ecdsa-p256"))
        config = {"CallerReference": f"r{number}", "Name": f"other{number}", "EncodedKey": encoded}
        cloudfront.create_public_key(PublicKeyConfig=config)
    ended = run(sandbox, play)
    assert ended.code != 0
    assert "limit of 10 public keys" in ended.output.replace("\n", " ").replace("        ", " ")
    one = cloudfront.list_public_keys()["PublicKeyList"]["Items"][0]["Id"]
    cloudfront.delete_public_key(Id=one, IfMatch=cloudfront.get_public_key(Id=one)["ETag"])
    run(sandbox, play).succeeded()
    assert len(state(sandbox)["trusted"]) == 1


def test_check_mode_predicts_what_the_run_does(sandbox: Sandbox, play: Path) -> None:
    sandbox.reset()
    predicted = run(sandbox, play, "--check", "-v").succeeded()
    before = state(sandbox)
    assert before["keys"] == []
    made = run(sandbox, play, "-v").succeeded()

    def changes(output: str) -> list[str]:
        return output.partition("changes:")[2].partition("signing_key:")[0].split("\n")

    assert changes(predicted.output) == changes(made.output)


def test_nothing_is_left_running(sandbox: Sandbox) -> None:
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not PRIVATE_KEY.search(listing)
    assert "key.yml" not in listing
