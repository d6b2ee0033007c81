"""Modules executed in the worker return what they return in ordinary execution, also where AWS refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from arda_sandbox.settings import ROOT_SECRET

from .helpers.accounts import Account
from .helpers.crowd import TRUST
from .helpers.error_scenarios import DENIED, Step, refused
from .helpers.module_cases import MODULE_CASES
from .helpers.refused_modules import CASES, SCENARIOS
from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import Sandbox

#: What AWS assigns anew in every account.
ASSIGNED = re.compile(
    r"\b[A-Z0-9]{13,}\b|\b[0-9a-f]{32}(?:[0-9a-f]{32})?\b|verify-[0-9a-f]+"
    r"|CloudFront-(?:Policy|Signature)=[^;']+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+|_[0-9a-f]{32}|[a-z0-9]+\.cloudfront\.net"
    r"|(?<=signing-key)-[0-9a-f]{6}\b"
    r"|ns-\d+\.awsdns-\d+\.(?:com|net|org|co\.uk)"
    r"|\d{4}-\d\d-\d\dT[\d:.+Z-]+|\b[0-9a-f]{10}\.acm|InProgress|Deployed"
)


#: An action of the play, which lets calls fail from now on: in the worker, for a module would take a second.
FAULTS = """
import json, urllib.request
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        data = json.dumps(self._task.args["faults"]).encode()
        with urllib.request.urlopen(urllib.request.Request(self._task.args["url"], method="POST", data=data)) as answer:
            return {"changed": False, "answer": answer.status}
"""

Task = dict[str, Any]


def lives(account: Account) -> list[Task]:
    """Each case, in an account of its own, created in check mode, created, repeated, changed and removed; and tasks
    that fail, warn, or are run in another way.
    """
    tasks: list[Task] = []
    for make in list(MODULE_CASES.values())[:: 1 if EXHAUSTIVE else 5]:
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


def disturbance(account: Account, step: Step) -> Task:
    """The task that lets calls fail as a step says, or no call any more."""
    faults = [{"account": account.number, **step.fault}] if step.fault else []
    return {"faults": {"url": f"{account.sandbox.endpoint}/_sandbox/faults", "faults": faults}}


def refusals(account: Account, name: str) -> list[Task]:
    """Every step of a scenario in which AWS refuses a module."""
    case = CASES[name](account)
    tasks: list[Task] = []
    for step in SCENARIOS[name]:
        tasks += [
            disturbance(account, step),
            {f"arda.image_upload.{case.module}": step.laid_over(case.options)},
        ]
    return tasks


def role_writes(account: Account) -> list[Task]:
    """A role that amazon.aws's modules write: its life, and IAM's errors, some of which a new attempt resolves."""
    role = {
        "name": "images",
        "assume_role_policy_document": TRUST,
        "inline_policies": {"Put": policy("s3:PutObject"), "Get": policy("s3:GetObject")},
        "tags": {"a": "1"},
    }
    steps = [
        Step(refused("iam:CreateRole", DENIED, status=403)),
        Step(refused("iam:CreateRole", "MalformedPolicyDocument", 1, status=400)),
        Step(),
        Step(refused("iam:PutRolePolicy", DENIED, status=403), {"inline_policies": {"Put": policy("s3:*")}}),
        Step(refused("iam:PutRolePolicy", "NoSuchEntity", 1, status=404), {"inline_policies": {"Put": policy("s3:*")}}),
        Step(None, {"managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "max_session_duration": 7200}),
        Step(refused("iam:DeleteRole", DENIED, status=403), {"state": "absent"}),
        Step(None, {"state": "absent"}),
        Step(None, {"state": "absent"}),
    ]
    tasks: list[Task] = []
    for step in steps:
        tasks += [
            disturbance(account, step),
            {"arda.image_upload.iam_role": {**role, **step.options}, "check_mode": True, "diff": True},
            {"arda.image_upload.iam_role": {**role, **step.options}, "diff": True},
        ]
    return tasks


def policy(action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::images/*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def results_of(account: Account, directory: Path, in_worker: bool, given: list[Task]) -> list[Any]:
    """What the tasks registered, without what AWS assigns and what no two runs share."""
    tasks: list[Task] = []
    for number, task in enumerate(given):
        tasks.append({"name": f"Task {number}", **task, "register": f"result_{number}", "ignore_errors": True})
    names = ", ".join(f"result_{number}" for number in range(len(tasks)))
    (directory / "action_plugins").mkdir(exist_ok=True)
    (directory / "action_plugins/faults.py").write_text(FAULTS)
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
        left_out = ("ansible_job_id", "results_file", "etag", "x-amz-id-2", "date", "seconds")
        return {name: normal(item) for name, item in value.items() if name not in left_out}
    return [normal(item) for item in value] if isinstance(value, list) else value


def differing(sandbox: Sandbox, folder: Path, tasks_of: Callable[[Account], list[Task]]) -> tuple[list[Any], list[Any]]:
    """The results of tasks in the worker, and the pairs of those that ordinary execution returns otherwise."""
    sandbox.reset()
    found = []
    for in_worker in (True, False):
        account = Account(sandbox)
        found.append(results_of(account, folder, in_worker, tasks_of(account)))
    in_worker, ordinary = found
    assert len(in_worker) == len(ordinary)
    return in_worker, [(one, other) for one, other in zip(in_worker, ordinary, strict=True) if one != other]


def test_results_in_worker_equal_ordinary_execution(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    results, different = differing(sandbox, tmp_path, lives)
    assert len(results) > (50 if EXHAUSTIVE else 20)
    assert sum(result.get("failed", False) for result in results) > (8 if EXHAUSTIVE else 4)
    with capsys.disabled():
        print(f"\n{len(results)} results compared, {len(different)} differ")
    assert not different, json.dumps(different, indent=1)


@pytest.mark.parametrize("name", SCENARIOS if EXHAUSTIVE else ["guard"])
def test_results_of_a_refused_module_equal_ordinary_execution(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture, name: str
) -> None:
    results, different = differing(sandbox, tmp_path, lambda account: refusals(account, name))
    assert len(results) == 2 * len(SCENARIOS[name])
    with capsys.disabled():
        print(f"\n{name}: {len(results) // 2} results compared, {len(different)} differ", end=" ")
    assert not different, json.dumps(different, indent=1)


@exhaustive
def test_role_that_amazon_aws_writes_is_the_same_in_worker(sandbox: Sandbox, tmp_path: Path) -> None:
    results, differences = differing(sandbox, tmp_path, role_writes)
    assert not differences
    written = results[2::3]
    assert [result.get("failed", False) for result in written] == [
        True,
        False,
        False,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
    assert [result["changed"] for result in written if not result.get("failed")] == [
        True,
        False,
        True,
        True,
        True,
        False,
    ]
    predicted = results[1::3]
    assert [result["changed"] for result in predicted] == [True, True, False, True, True, True, True, True, False]
