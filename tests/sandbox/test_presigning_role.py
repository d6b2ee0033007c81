"""The presigning role where IAM answers late, not at all, or does not know another role yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .helpers.partition import ROLE
from .helpers.sample import exhaustive, sample
from .helpers.sandbox import ACCOUNTS, Run, Sandbox

PLAY = """---
- name: Manage the presigning role only
  hosts: alpha002_dev
  gather_facts: false
  environment: "{{ aws_environment }}"
  module_defaults:
    group/arda.image_upload.aws: "{{ aws_connection }}"
  tasks:
    - name: Manage the role
      ansible.builtin.import_role:
        name: arda.image_upload.image_partition
        tasks_from: presigning_role
"""
CLIENT = "Alpha002-dev-BucketClientRole"


@pytest.fixture
def iam(sandbox: Sandbox) -> Iterator[Any]:
    sandbox.reset()
    yield sandbox.client("alpha002", "iam")
    sandbox.faults()


def play(sandbox: Sandbox, directory: Path) -> Run:
    path = directory / "role.yml"
    path.write_text(PLAY)
    return sandbox.play(str(path))


def assert_complete(iam: Any) -> None:
    statement = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert CLIENT in str(statement["Principal"]["AWS"])
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["PutImages"]


TRANSIENT = {
    "lost answer": [{"operation": "iam:CreateRole", "kind": "drop_after", "on": [1]}],
    "concurrent modification": [
        {"operation": "iam:CreateRole", "kind": "error", "code": "ConcurrentModification", "status": 409, "on": [1]}
    ],
    "role not known yet": [
        {"operation": "iam:PutRolePolicy", "kind": "error", "code": "NoSuchEntity", "status": 404, "on": [1]}
    ],
    "server errors": [
        {"operation": "iam:CreateRole", "kind": "error", "on": [1, 2, 3, 4]},
        {"operation": "iam:PutRolePolicy", "kind": "drop_before", "on": [1, 2, 3, 4]},
    ],
}


@pytest.mark.parametrize("failure", sample(list(TRANSIENT), 3))
def test_presigning_role_with_a_transient_failure_is_complete(
    failure: str, sandbox: Sandbox, iam: Any, tmp_path: Path
) -> None:
    sandbox.faults(*({"account": ACCOUNTS["alpha002"], **fault} for fault in TRANSIENT[failure]))
    assert play(sandbox, tmp_path).succeeded().changed == 1
    assert all(fault["seen"] for fault in sandbox.control("faults", "GET"))
    sandbox.faults()
    assert_complete(iam)
    assert play(sandbox, tmp_path).succeeded().changed == 0


@exhaustive
def test_presigning_role_that_trusts_a_role_created_moments_ago_waits_for_it(
    sandbox: Sandbox, iam: Any, tmp_path: Path
) -> None:
    trust = iam.get_role(RoleName=CLIENT)["Role"]["AssumeRolePolicyDocument"]
    iam.delete_role_policy(RoleName=CLIENT, PolicyName="AssumePreSigningRole")
    iam.delete_role(RoleName=CLIENT)
    with sandbox.delays(iam_propagation=8):
        iam.create_role(RoleName=CLIENT, AssumeRolePolicyDocument=json.dumps(trust))
        assert play(sandbox, tmp_path).succeeded().changed == 1
    assert_complete(iam)


@exhaustive
def test_presigning_role_that_iam_refuses_fails_at_once(sandbox: Sandbox, iam: Any, tmp_path: Path) -> None:
    sandbox.faults({"operation": "iam:CreateRole", "kind": "error", "code": "AccessDenied", "status": 403})
    run = play(sandbox, tmp_path)
    assert run.code
    assert "RETRYING" not in run.output
    assert sandbox.control("faults", "GET")[0]["seen"] == 1
