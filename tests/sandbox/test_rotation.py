"""rotate_signing_key.yml and revoke_signing_key.yml on a deployed partition, while signers sign and viewers read."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from .helpers.partition import HOST, SECRET
from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import PRIVATE_KEY, UNPROVEN, Run, Sandbox
from .helpers.viewers import CACHE, GRANT, SKEW, TIMES, Connection, Reader, put_image, reading, signer

PLAYBOOKS = ["rotate_signing_key", "revoke_signing_key"]


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox) -> Sandbox:
    sandbox.deploy()
    put_image(sandbox)
    return sandbox


def rotate(sandbox: Sandbox, *arguments: str, playbook: str = "rotate_signing_key", **environment: str) -> Run:
    arguments = (f"playbooks/{playbook}.yml", "-l", "alpha002_dev", *UNPROVEN, *arguments)
    return sandbox.play(*arguments, **environment)


def trusted(sandbox: Sandbox) -> list[str]:
    groups = sandbox.client("alpha002", "cloudfront").list_key_groups()["KeyGroupList"]["Items"]
    return groups[0]["KeyGroup"]["KeyGroupConfig"]["Items"]


@pytest.fixture
def readers(deployed: Sandbox) -> Iterator[list[Reader]]:
    with reading(deployed) as started:
        yield started


@exhaustive
def test_rotation_again_and_again_refuses_no_viewer(
    deployed: Sandbox, readers: list[Reader], capsys: pytest.CaptureFixture
) -> None:
    used = set(trusted(deployed))
    rotations = 3
    for _rotation in range(rotations):
        rotate(deployed, *TIMES).succeeded()
        assert len(trusted(deployed)) == 2, "the key before the last has retired, the last one has not"
        used |= set(trusted(deployed))
        time.sleep(CACHE + GRANT + SKEW)
    retired = deployed.play("playbooks/image_partition.yml", "-l", "alpha002_dev", *UNPROVEN, *TIMES)
    assert retired.succeeded().changed == 1
    assert len(trusted(deployed)) == 1
    assert len(used) == 1 + rotations
    while sum(reader.seen.total() for reader in readers) < 3000:
        time.sleep(0.1)
        assert all(reader.is_alive() for reader in readers)
    seen = sum((reader.seen for reader in readers), Counter())
    assert set(seen) == {"200"}, seen
    with capsys.disabled():
        print(f"\n{seen.total()} requests through three rotations, none refused", end=" ")


@exhaustive
def test_deployment_with_no_key_due_changes_nothing(deployed: Sandbox) -> None:
    arguments = ("site.yml", "-l", "alpha002_dev", *UNPROVEN)
    before = trusted(deployed)
    assert rotate(deployed, "--check", "--diff").succeeded().changed > 0
    assert trusted(deployed) == before
    assert deployed.play(*arguments).succeeded().changed == 0


@exhaustive
def test_rotation_leaves_the_private_key_nowhere(deployed: Sandbox) -> None:
    """In nothing that a rotation prints, sends elsewhere or leaves.

    That is output, log, artifacts, module files that are kept, fact caches, what a callback writes, and the bodies of
    all AWS requests but those to Secrets Manager.
    """
    folder = deployed.directory / "left"
    folder.mkdir()
    environment = {
        "ARDA_IMAGE_UPLOAD_IN_WORKER": "false",  # so that there are module files to search
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_LOG_PATH": str(folder / "log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
    }
    run = rotate(deployed, "-vvvv", "--diff", **environment).succeeded()
    assert "AWSPENDING" in run.output
    assert not PRIVATE_KEY.search(run.output)
    searched = [
        path
        for name in ("artifacts", "tmp", "ansible", "left", "journal.jsonl")
        for path in [deployed.directory / name, *(deployed.directory / name).rglob("*")]
        if path.is_file()
    ]
    for name in ("log", "junit"):
        assert any(path.is_relative_to(folder / name) for path in searched), name
    assert any("AnsiballZ_cloudfront_signing_key" in path.name for path in searched)
    assert "EncodedKey" in (deployed.directory / "journal.jsonl").read_text()
    assert [path for path in searched if PRIVATE_KEY.search(path.read_text(errors="replace"))] == []


@pytest.fixture
def importer(deployed: Sandbox) -> Iterator[str]:
    """A stack that imports the key pair id."""
    cloudformation = deployed.client("alpha002", "cloudformation")
    value = {"Fn::ImportValue": "Alpha002-dev-API-ImageSigningKeyPairId"}
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "id", "Type": "String", "Value": value}}
    cloudformation.create_stack(StackName="operations", TemplateBody=json.dumps({"Resources": {"P": parameter}}))
    yield "operations"
    cloudformation.delete_stack(StackName="operations")


@pytest.mark.parametrize("playbook", PLAYBOOKS if EXHAUSTIVE else PLAYBOOKS[:1])
def test_rotation_of_an_imported_key_pair_id_is_refused_with_its_importers(
    deployed: Sandbox, importer: str, playbook: str
) -> None:
    before = trusted(deployed)
    arguments = ("-e", "image_partition_revoke_confirmed=true")
    refused = rotate(deployed, *arguments, playbook=playbook)
    assert refused.code != 0
    for words in (f"Alpha002-dev-API-ImageSigningKeyPairId by {importer}", "image_partition_keep_key_pair_id=true"):
        assert words in " ".join(refused.output.split())
    assert trusted(deployed) == before
    rotate(deployed, *arguments, "-e", "image_partition_keep_key_pair_id=true", playbook=playbook).succeeded()
    exports = deployed.client("alpha002", "cloudformation").list_exports()["Exports"]
    published = next(e["Value"] for e in exports if e["Name"].endswith("KeyPairId"))
    secret = deployed.client("alpha002", "secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]
    assert published != json.loads(secret)["keyPairId"]


def test_revocation_needs_a_confirmation_and_stops_old_cookies(deployed: Sandbox) -> None:
    before = trusted(deployed)
    refused = rotate(deployed, playbook="revoke_signing_key")
    assert refused.code != 0
    for words in ("get 403 until they have new cookies", "Nothing was written", "rotate_signing_key.yml"):
        assert words in " ".join(refused.output.split())
    assert trusted(deployed) == before

    cookies = signer(deployed).cookies(HOST, "tenant", GRANT)
    revoked = rotate(deployed, "-e", "image_partition_revoke_confirmed=true", playbook="revoke_signing_key")
    assert "stops working in this run" in revoked.succeeded().output
    assert len(trusted(deployed)) == 1
    assert not set(trusted(deployed)) & set(before)
    assert Connection(deployed).read(cookies).startswith("403")
    assert Connection(deployed).read(signer(deployed).cookies(HOST, "tenant", GRANT)) == "200"


@exhaustive
def test_deployment_with_an_old_key_rotates_and_verifies(deployed: Sandbox) -> None:
    before = trusted(deployed)
    period = ("-e", "image_partition_key_rotation_seconds=1")
    run = deployed.play("site.yml", "-l", "alpha002_dev", "-v", *period).succeeded()
    assert "prove the new key through the CDN" in run.output
    assert set(trusted(deployed)) > set(before)
    assert "checks passed" in run.output


def test_rotation_of_a_partition_without_a_key_is_refused(deployed: Sandbox) -> None:
    run = rotate(deployed, "-l", "alpha002_stage")
    assert run.code != 0
    assert "Deploy it first" in run.output
