"""What a collection promises about itself: every module documented, in the action group and in the README."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
#: Those that call AWS.
CALLERS = [name for name in MODULES if name not in ("check_inputs", "diagnose", "look", "message", "plan")]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


@pytest.mark.parametrize("name", MODULES)
def test_module_is_documented_listed_and_grouped(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.arda.image_upload.plugins.modules.{name}")
    documentation = yaml.safe_load(module.DOCUMENTATION)
    assert documentation["module"] == name
    if name in CALLERS:
        fragments = documentation["extends_documentation_fragment"]
        assert any(fragment.startswith("arda.image_upload.attributes") for fragment in fragments)
    sources = [*documentation["description"], *(also.get("link", "") for also in documentation.get("seealso", []))]
    unsourced = ("check_inputs", "diagnose", "gate", "look", "message", "plan")
    assert any("https://docs.aws.amazon.com" in text for text in sources) or name in unsourced
    assert all(
        f"arda.image_upload.{name}" in task or "arda.image_upload" in str(task)
        for task in yaml.safe_load(module.EXAMPLES)
    )
    returned = yaml.safe_load(module.RETURN)
    assert all({"description", "returned", "type"} <= set(value) for value in returned.values())
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    assert (name in runtime["action_groups"]["aws"]) == (name in CALLERS)
    assert f"| `{name}` |" in (ROOT / "README.md").read_text()


def test_action_group_names_the_modules_and_what_roles_use_of_amazon_aws() -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    tasks = "\n".join(path.read_text() for path in (ROOT / "roles").rglob("tasks/*.yml"))
    used = sorted(set(re.findall(r"^ *-? *((?:amazon|community)\.aws\.\w+):$", tasks, re.MULTILINE)))
    assert used, "roles use no module of amazon.aws"
    assert sorted(runtime["action_groups"]["aws"]) == sorted([*CALLERS, *used])


@pytest.mark.parametrize("name", ROLES)
def test_role_defaults_are_those_of_its_argument_spec(name: str) -> None:
    specs = yaml.safe_load((ROOT / f"roles/{name}/meta/argument_specs.yml").read_text())["argument_specs"]
    defaults = yaml.safe_load((ROOT / f"roles/{name}/defaults/main.yml").read_text())
    for spec in specs.values():
        documented = {key: option["default"] for key, option in spec["options"].items() if "default" in option}
        assert documented == defaults
        assert all(key.startswith(f"{name}_") for key in spec["options"])


@pytest.mark.parametrize("name", MODULES)
def test_public_function_and_class_of_a_module_has_a_docstring(name: str) -> None:
    """But for ``main`` and the methods that ``Resource`` documents."""
    documented = ("main", "read", "plan", "predict", "refuse", "wait", "view", "result")
    tree = ast.parse((ROOT / f"plugins/modules/{name}.py").read_text())
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    public = [node for node in nodes if not node.name.startswith("_") and node.name not in documented]
    nested = {
        inner for node in nodes if isinstance(node, ast.FunctionDef) for inner in ast.walk(node) if inner is not node
    }
    assert not [node.name for node in public if node not in nested and not ast.get_docstring(node)]


#: The modules whose support of an attribute is partial, with what their details must name.
PARTIAL = {
    ("cloudfront_signing_key", "check_mode"): "deleted secret",
    ("cloudfront_signing_key", "idempotent"): "O(state=rotated)",
    ("image_delivery_check", "check_mode"): "no request",
}


@pytest.mark.parametrize(("name", "attribute"), PARTIAL)
def test_partial_support_of_an_attribute_is_documented(name: str, attribute: str) -> None:
    module = importlib.import_module(f"ansible_collections.arda.image_upload.plugins.modules.{name}")
    fragments = importlib.import_module("ansible_collections.arda.image_upload.plugins.doc_fragments.attributes")
    documentation = yaml.safe_load(module.DOCUMENTATION)
    found = documentation.get("attributes", {}).get(attribute)
    if found is None:
        found = yaml.safe_load(fragments.ModuleDocFragment.VERIFIES)["attributes"][attribute]
        assert "arda.image_upload.attributes.verifies" in documentation["extends_documentation_fragment"]
    assert found["support"] == "partial"
    assert PARTIAL[name, attribute] in str(found["details"])
