"""What a collection promises about itself: every module documented, in the action group and in the README."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


@pytest.mark.parametrize("name", MODULES)
def test_module_is_documented_listed_and_grouped(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.arda.image_upload.plugins.modules.{name}")
    documentation = yaml.safe_load(module.DOCUMENTATION)
    assert documentation["module"] == name
    assert any(f.startswith("arda.image_upload.attributes") for f in documentation["extends_documentation_fragment"])
    sources = [*documentation["description"], *(also.get("link", "") for also in documentation.get("seealso", []))]
    assert any("https://docs.aws.amazon.com" in text for text in sources) or name == "gate"
    assert all(
        f"arda.image_upload.{name}" in task or "arda.image_upload" in str(task)
        for task in yaml.safe_load(module.EXAMPLES)
    )
    returned = yaml.safe_load(module.RETURN)
    assert all({"description", "returned", "type"} <= set(value) for value in returned.values())
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    assert name in runtime["action_groups"]["aws"]
    assert f"| `{name}` |" in (ROOT / "README.md").read_text()


def test_action_group_names_the_modules_and_nothing_else() -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    assert sorted(entry for entry in runtime["action_groups"]["aws"] if isinstance(entry, str)) == MODULES


@pytest.mark.parametrize("name", ROLES)
def test_role_defaults_are_those_of_its_argument_spec(name: str) -> None:
    specs = yaml.safe_load((ROOT / f"roles/{name}/meta/argument_specs.yml").read_text())["argument_specs"]
    defaults = yaml.safe_load((ROOT / f"roles/{name}/defaults/main.yml").read_text())
    for spec in specs.values():
        documented = {key: option["default"] for key, option in spec["options"].items() if "default" in option}
        assert documented == defaults
        assert all(key.startswith(f"{name}_") for key in spec["options"])
