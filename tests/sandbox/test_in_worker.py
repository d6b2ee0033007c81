"""Modules executed in the worker return what they return in ordinary execution."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from arda_sandbox.settings import ROOT_SECRET

from .helpers.accounts import Account
from .helpers.module_cases import MODULE_CASES
from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import Sandbox

#: Whether every module is tried; every third one otherwise.
#: What AWS assigns anew in every account.
ASSIGNED = re.compile(
    r"\b[A-Z0-9]{13,}\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+|_[0-9a-f]{32}|[a-z0-9]+\.cloudfront\.net"
    r"|ns-\d+\.awsdns-\d+\.(?:com|net|org|co\.uk)"
    r"|\d{4}-\d\d-\d\dT[\d:.+Z-]+|\b[0-9a-f]{10}\.acm|InProgress|Deployed"
)


def tasks_of(account: Account) -> list[dict[str, Any]]:
    """Each case, in an account of its own, created in check mode, created, repeated, changed and removed; and tasks
    that fail, warn, or are run in another way.
    """
    tasks: list[dict[str, Any]] = []
    for make in list(MODULE_CASES.values())[:: 1 if EXHAUSTIVE else 3]:
        own = Account(account.sandbox)
        case = make(own)
        case.options["access_key"] = own.number
        changed = {**case.options, **case.changed}
        module = f"arda.image_upload.{case.module}"
        tasks += [
            {module: case.options, "check_mode": True, "diff": True},
            {module: case.options, "diff": True},
            {module: case.options},
            {module: changed, "diff": True},
            {module: {**changed, "state": "absent"}, "diff": True},
            {module: {**case.options, "no_such_option": 1}},
            {module: case.options, "no_log": True, "check_mode": True},
        ]
    guard = "arda.image_upload.account_guard"
    tasks += [
        {guard: {"account_id": "1"}},
        {guard: {"account_id": "999999999999"}},
        {guard: {"account_id": account.number}},
        {guard: {"account_id": account.number, "profile": "nobody"}},
        {guard: {"account_id": account.number}, "environment": {"AWS_CA_BUNDLE": "/nowhere"}},
        {guard: {"account_id": account.number}, "loop": [1, 2]},
        {guard: {"account_id": account.number}, "async": 30, "poll": 1},
        {"arda.image_upload.cloudfront_signed_url": {"secret_id": "nothing", "url": "https://nowhere.example/"}},
    ]
    return tasks


def results_of(account: Account, directory: Path, in_worker: bool) -> list[Any]:
    """What the tasks registered, without what AWS assigns and what no two runs share."""
    tasks: list[dict[str, Any]] = []
    for number, task in enumerate(tasks_of(account)):
        tasks.append({"name": f"Task {number}", **task, "register": f"result_{number}", "ignore_errors": True})
    names = ", ".join(f"result_{number}" for number in range(len(tasks)))
    output = directory / f"results-{in_worker}.json"
    tasks.append({"ansible.builtin.copy": {"dest": str(output), "content": f"{{{{ [{names}] | to_json }}}}"}})
    connection = {
        "region": "us-east-1",
        "endpoint_url": account.sandbox.endpoint,
        "access_key": account.number,
        "secret_key": ROOT_SECRET,
    }
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "module_defaults": {"group/arda.image_upload.aws": connection},
        "tasks": tasks,
    }
    playbook = directory / f"play-{in_worker}.yml"
    playbook.write_text(yaml.safe_dump([play]))
    account.sandbox.play(str(playbook), ARDA_IMAGE_UPLOAD_IN_WORKER=str(in_worker).lower()).succeeded()
    text = re.sub(r"\b1\d{11}\b|\ba1\d{11}\b", "ACCOUNT", output.read_text())
    return [normal(result) for result in json.loads(ASSIGNED.sub("ASSIGNED", text))]


def normal(value: Any) -> Any:
    if isinstance(value, dict):
        left_out = ("ansible_job_id", "results_file", "etag", "x-amz-id-2", "date")
        return {name: normal(item) for name, item in value.items() if name not in left_out}
    return [normal(item) for item in value] if isinstance(value, list) else value


def test_results_in_worker_equal_ordinary_execution(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    sandbox.reset()
    in_worker, ordinary = (results_of(Account(sandbox), tmp_path, way) for way in (True, False))
    assert len(in_worker) == len(ordinary) > (50 if EXHAUSTIVE else 20)
    assert sum(result.get("failed", False) for result in in_worker) > (8 if EXHAUSTIVE else 4)
    different = [(one, other) for one, other in zip(in_worker, ordinary, strict=True) if one != other]
    with capsys.disabled():
        print(f"\n{len(ordinary)} results compared, {len(different)} differ")
    assert not different, json.dumps(different, indent=1)
