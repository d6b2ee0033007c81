"""The English of what users read: no phrase that a native speaker of the field would not write."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
#: A phrase, and what the field writes instead.
PHRASES = {
    r"\bthat (is|are) there\b": "existing",
    r"\bwhere it is (not (given|defined|set)|empty|omitted)\b": "If omitted, if empty",
    r"\bwhere there is none\b": "if none exists",
    r"\bRests on\b": "seealso",
    r"\banew\b": "again",
    r"\bbut for\b": "except",
    r"\b[Ll]eft alone\b|\bleaves? (it|them) alone\b": "not changed",
    r"\bin vain\b": "without success",
    r"\b[Gg]oes on\b|\bgo on\b": "continues",
    r"\bfor ever\b": "forever",
    r"\btwins?\b": "duplicate",
    r"\bthe proof\b|\bproven\b": "verification, verified",
    r"\bthe real path\b": "end to end",
    r"\bthrow-away\b": "temporary",
    r"\bwhoever\b|^Who \w+s? |\. Who may\b": "a principal that",
    r"\basks for a yes\b": "requires confirmation",
    r"\bnobody('s)?\b": "no one, none",
    r"\bwhat for\b": "the reason",
    r"\bmakes the\b|\bmade by other means\b": "creates the, created by other means",
    r"\bfrom its birth\b|\bits life\b|\bjourney\b|\bstory\b|\bstories\b|\bforesees?\b": "the field's term",
    r"\b(look|looks) again\b|\blooked at again\b|\beach look\b": "poll, attempt, read",
    r"\bpredicts itself\b|\bfinished by the next run\b": "Supports --check; rerun to complete",
}
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md", "roles/*/README.md"]
#: Why things are as they are, and generated pages.
LEFT_OUT = {"docs/decisions.md", "docs/mutants.md"}


@functools.cache
def texts() -> list[tuple[str, str]]:
    """What users read, by where it is: pages, documentation of plugins and roles, names and messages of tasks, help."""
    return list(_read())


def _read() -> Iterator[tuple[str, str]]:
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            if path.relative_to(ROOT).as_posix() not in LEFT_OUT:
                yield path.relative_to(ROOT).as_posix(), path.read_text()
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("DOCUMENTATION", "RETURN"):
                yield path.relative_to(ROOT).as_posix(), ast.literal_eval(node.value)
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        yield path.relative_to(ROOT).as_posix(), path.read_text()
    for path in sorted([*(ROOT / "roles").glob("*/tasks/*.yml"), *(ROOT / "playbooks").rglob("*.yml")]):
        yield path.relative_to(ROOT).as_posix(), "\n".join(spoken(yaml.safe_load(path.read_text())))
    help_ = re.findall(r"^[a-z-]+:.*## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    yield "Makefile", "\n".join(help_)


def spoken(node: object) -> Iterator[str]:
    """The names of plays and tasks, and what they say when they stop."""
    if isinstance(node, list):
        for item in node:
            yield from spoken(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("name", "msg", "fail_msg", "text", "criterion", "remedy") and isinstance(value, str):
                yield value
            else:
                yield from spoken(value)


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrase_is_not_what_users_read(phrase: str) -> None:
    found = [
        f"{where}: {line.strip()[:120]}"
        for where, text in texts()
        for line in text.splitlines()
        if re.search(phrase, line)
    ]
    assert found == [], f"write: {PHRASES[phrase]}"


def test_short_descriptions_begin_with_a_verb() -> None:
    """Of modules and role entry points, as those of amazon.aws do."""
    verbs = re.findall(
        r"\w+",
        """Check Compare Connect Create Diagnose End Evaluate Find Keep List Manage Observe Print Publish Read Remove
        Replace Return Show Stop Verify Wait""",
    )
    found = {
        f"{where}: {short}"
        for where, text in texts()
        for short in re.findall(r"short_description: (.*)", text)
        if re.findall(r"\w+", short)[0] not in verbs
    }
    assert found == set()
