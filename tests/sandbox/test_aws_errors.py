"""Each module where AWS refuses: what it does about it, and that no line that handles an AWS error is without a run.

The errors come over the real protocols, and the modules are measured while they meet them.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import coverage
import pytest

from .helpers.accounts import Account
from .helpers.error_scenarios import Step
from .helpers.module_cases import ModuleCase
from .helpers.refused_modules import CASES, SCENARIOS
from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import ROOT, Sandbox

TRIED = list(SCENARIOS) if EXHAUSTIVE else ["records", "certificate", "exports"]


@dataclass
class Results:
    """Every scenario run once: what differed from it, and what was executed meanwhile."""

    problems: dict[str, list[str]]
    executed: dict[str, Any]


def problems_of(account: Account, case: ModuleCase, steps: list[Step]) -> Iterator[str]:
    """What goes otherwise than the steps say, step after step."""
    for number, step in enumerate(steps, 1):
        account.faults(*([step.fault] if step.fault else []))
        result = account.run(case.module, **step.laid_over(case.options))
        if step.fault and not account.sandbox.control("faults", "GET")[0]["seen"]:
            yield f"step {number}: the fault never struck"
        account.sandbox.faults()
        if step.fails and (result["rc"] == 0 or step.fails not in result.get("msg", "")):
            yield f"step {number}: expected a failure with {step.fails!r}, found {result['output'][-1500:]}"
        if not step.fails and result["rc"]:
            yield f"step {number}: {result['output'][-1500:]}"


@pytest.fixture(scope="module")
def results(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Results:
    data = tmp_path_factory.mktemp("coverage")
    problems = {}
    for name in TRIED:
        steps = SCENARIOS[name]
        account = Account(sandbox)
        case = CASES[name](account)
        account.measurement = {"config": str(ROOT / "pyproject.toml"), "output": str(data / "module")}
        problems[name] = list(problems_of(account, case, steps))
    together = os.environ.get("COVERAGE_FILE", str(data / "all")) + ".scenarios"  # where make coverage finds them
    measured = coverage.Coverage(data_file=together, config_file=str(ROOT / "pyproject.toml"))
    measured.combine([str(path) for path in data.iterdir()])
    measured.json_report(outfile=str(data / "all.json"))
    return Results(problems, json.loads((data / "all.json").read_text())["files"])


@pytest.mark.parametrize("name", TRIED)
def test_module_that_aws_refuses_does_what_the_scenario_says(name: str, results: Results) -> None:
    assert not results.problems[name], "\n".join(results.problems[name])


def handling(source: str) -> Iterator[range]:
    """The lines of a module that handle an AWS error.

    That is each handler of the exceptions by which the plugins know that AWS refused, each call that takes an error
    for an answer (``absent=``), and each decision on such an answer.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type:
            caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
            if caught & {"AnsibleAWSError", "AwsError", "BotoCoreError", "ClientError"}:
                yield range(node.lineno, node.end_lineno + 1)
        elif isinstance(node, ast.Call) and any(keyword.arg == "absent" for keyword in node.keywords):
            yield range(node.lineno, node.lineno + 1)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        answers = {
            name.id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and "absent=" in ast.unparse(node.value)
            for name in node.targets
            if isinstance(name, ast.Name)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.If) and answers & {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}:
                yield range(node.lineno, node.body[0].lineno)


@pytest.mark.skipif(not EXHAUSTIVE, reason="make exhaustive tries every scenario, and compares them with the code")
def test_every_branch_that_handles_an_aws_error_is_executed(results: Results) -> None:
    found, missing = 0, []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        file = results.executed.get(name, {"missing_lines": None, "missing_branches": []})
        for lines in handling(path.read_text()):
            found += 1
            if file["missing_lines"] is None:
                missing.append(f"{name}:{lines.start} is in no scenario")
                continue
            missing += [f"{name}:{line} is not executed" for line in file["missing_lines"] if line in lines]
            missing += [f"{name}: no way from {a} to {b}" for a, b in file["missing_branches"] if a in lines]
    assert not missing, "\n".join(missing)
    assert found > 40
