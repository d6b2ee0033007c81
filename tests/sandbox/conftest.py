"""One running sandbox for a test session, on free ports; the longest test files start first."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .helpers.aws_truth import table
from .helpers.module_process import start_server
from .helpers.sample import EXHAUSTIVE
from .helpers.sandbox import BIN, ROOT, Sandbox, free_settings

# The files that take longest, first: where several run at once, none of these should be the last to begin.
LONGEST = (
    "test_survival",
    "test_choreography",
    "test_molecule",
    "test_races",
    "test_adversity",
    "test_launchers",
    "test_retire",
    "test_signing_key_interrupted",
    "test_look",
    "test_rollout",
    "test_session",
    "test_sandbox_server",
    "test_secrets",
    "test_signing_key",
    "test_diagnosis",
    "test_in_worker",
    "test_signing_key_replaced",
    "test_orphans",
    "test_adoption",
    "test_crowded_account",
    "test_aws_errors",
    "test_rotation",
    "test_presigning_role",
    "test_plan",
    "test_operators",
    "test_verification",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if EXHAUSTIVE:
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The calls that were disturbed, and the behaviors of AWS with the tests that show them, and how those went."""
    disturbed = [
        (report.nodeid.partition("::")[2], value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in (report.user_properties if report.when == "call" else ())
        if name == "disturbed calls"
    ]
    if disturbed:
        terminalreporter.section("AWS calls that were disturbed, after which a run converged")
        for test, calls in disturbed:
            terminalreporter.write_line(f"{calls:>6}  {test}")
        terminalreporter.write_line(f"{sum(calls for _test, calls in disturbed):>6}  in all")
    results: dict[str, str] = {}
    for outcome in ("passed", "skipped", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            path, _colons, name = report.nodeid.partition("::")
            if outcome != "passed" or report.when == "call":
                file = path.rpartition("/")[2]
                results |= {f"{file}::{name}": outcome, f"{file}::{name.partition('[')[0]}": outcome}
    if results:
        terminalreporter.section("what AWS does, and the tests that show it")
        rows = table(results)
        shown = [row for row in rows if "not run here" not in row]
        terminalreporter.write_line("\n".join([*shown, f"{len(rows) - len(shown)} of {len(rows)} not run here"]))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One running sandbox; every test that needs an empty one resets it."""
    directory = tmp_path_factory.mktemp("sandbox")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTHON"))},
        **free_settings(),
        "ARDA_SANDBOX_DIR": str(directory),
        "ARDA_SANDBOX_ISSUE_SECONDS": "0.3",
        "ARDA_SANDBOX_DEPLOY_SECONDS": "0.3",
        "ARDA_SANDBOX_JOURNAL_BODIES": "1",
        "ARDA_SANDBOX_ROLE": "Operator",  # IAM is enforced: never as an account's root user
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_HOME": str(directory / "ansible"),
        "ANSIBLE_FORCE_COLOR": "0",
        "TMPDIR": str(directory / "tmp"),
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }
    (directory / "tmp").mkdir()
    start_server()
    base = tmp_path_factory.getbasetemp()
    one = Sandbox(directory, base.parent if "PYTEST_XDIST_WORKER" in os.environ else base, environment)
    started = one.command("start")
    assert started.returncode == 0, started.stdout + started.stderr
    yield one
    assert one.command("stop").returncode == 0
