"""How the code is laid out: which part may import which, and how long a part may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("plugins", "sandbox/arda_sandbox", "scripts", "tests")
COLLECTION = "ansible_collections.arda.image_upload."


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in path.parts)


def imports(path: Path) -> set[str]:
    """The project's own modules that a file imports, by their dotted path from the root."""
    found = set()
    package = list(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            name = ".".join(part for part in (base, node.module or "") if part).removeprefix(COLLECTION)
            found |= {name, *(f"{name}.{alias.name}" for alias in node.names)}
    return {name for name in found if re.match(r"(plugins|sandbox\.arda_sandbox|tests)\.", name)}


def parts(path: Path) -> dict[ast.AST, int]:
    """Every function and class of a file with the number of its lines."""
    nodes = ast.walk(ast.parse(path.read_text()))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node: (node.end_lineno or 0) - node.lineno + 1 for node in nodes if isinstance(node, kinds)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_function_and_class_are_short(folder: str) -> None:
    for path in sources(folder):
        for node, lines in parts(path).items():
            limit = 200 if isinstance(node, ast.ClassDef) else 60
            assert lines <= limit, f"{path}:{node.name} has {lines} lines"  # type: ignore[attr-defined]


@pytest.mark.parametrize("folder", [*FOLDERS, "roles", "playbooks"])
def test_file_is_short(folder: str) -> None:
    """400 lines outside the documentation blocks of modules."""
    for path in (ROOT / folder).rglob("*"):
        if path.suffix in (".py", ".yml", ".mjs") and "node_modules" not in path.parts:
            text = re.sub(r'^(DOCUMENTATION|EXAMPLES|RETURN) = r"""\n.*?^"""', "", path.read_text(), flags=re.M | re.S)
            assert len(text.splitlines()) <= 400, path


#: The parts of module_utils, lowest first: a part imports its own files and lower parts only.
LAYERS = (
    ("_inputs", "_permissions", "_route53"),
    ("_inputs_of_roles", "_permissions_of_roles", "_shared_reads"),
    ("_aws", "_dns", "_policy"),
    ("_account", "_caller", "_checks"),
    ("_reconcile",),
    ("_cloudformation", "_cloudfront", "_s3"),
    ("_signing_key",),
    ("_diagnosis", "_orphans", "_verification"),
)


def test_module_utils_part_imports_lower_parts_only() -> None:
    level = {name: index for index, names in enumerate(LAYERS) for name in names}
    for path in sources("plugins/module_utils"):
        own = path.relative_to(ROOT / "plugins/module_utils").parts[0].removesuffix(".py")
        for name in imports(path):
            assert name.startswith("plugins.module_utils."), f"{path} imports {name}"
            other = name.split(".")[2]
            assert other == own or level[other] < level[own], f"{path} imports {name}"


def test_modules_are_imported_by_nothing() -> None:
    for path in sources("plugins"):
        assert not {name for name in imports(path) if name.startswith(("plugins.modules.", "plugins.action."))}, path


def test_plugin_utils_are_imported_by_plugins_of_the_controller_only() -> None:
    for path in sources("plugins"):
        if path.parent.name not in ("action", "callback", "plugin_utils"):
            assert not {name for name in imports(path) if name.startswith("plugins.plugin_utils.")}, path


@pytest.mark.parametrize("folder", ["rules", "edge"])
def test_sandbox_part_imports_no_other_part(folder: str) -> None:
    """Neither the other part's inside, nor what stands above both: the gateway and the server."""
    forbidden = {"rules", "edge", "gateway", "server", "__main__", "faults"} - {folder}
    for path in sources(f"sandbox/arda_sandbox/{folder}"):
        for name in imports(path):
            assert name.split(".")[2] not in forbidden, f"{path} imports {name}"


@pytest.mark.parametrize("folder", ["rules", "edge"])
def test_sandbox_core_imports_no_part(folder: str) -> None:
    above = {"gateway.py", "server.py"}
    for path in (ROOT / "sandbox/arda_sandbox").glob("*.py"):
        if path.name not in above:
            names = imports(path)
            assert not {name for name in names if name.startswith(f"sandbox.arda_sandbox.{folder}")}, path


@pytest.mark.parametrize("folder", ["sandbox/arda_sandbox"])
def test_exception_ends_in_error(folder: str) -> None:
    for path in sources(folder):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                raised = any(base == "Exception" or base.endswith(("Error", "Exception")) for base in bases)
                assert not raised or node.name.endswith("Error"), f"{path}: {node.name}"


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/architecture.md, without its head."""
    text = (ROOT / "docs/architecture.md").read_text().split(f"## {heading}\n")[1].split("\n#")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_architecture_says_where_each_behavior_is() -> None:
    rows = table("Where to find it")
    assert len(rows) == 15
    for behavior, file, name in rows:
        path = ROOT / file.strip("`")
        assert path.is_file(), f"{behavior}: there is no {path}"
        assert name.strip("`") in path.read_text(), f"{behavior}: no {name} in {path}"


def test_architecture_names_every_folder_of_code() -> None:
    named = {part for row in table("Layout") for part in re.findall(r"`([^`]+)`", row[0])}
    assert all((ROOT / part).exists() for part in named if "/" in part), named
    for folder in ("plugins", "plugins/module_utils", "tests"):
        for path in (ROOT / folder).iterdir():
            if path.is_dir() and path.name != "__pycache__":
                part = f"{folder}/{path.name}/"
                assert any(name.startswith(part) for name in named), f"docs/architecture.md has no row for {part}"


def test_test_file_imports_no_other_test_file() -> None:
    for path in sources("tests"):
        for name in imports(path):
            if name.startswith("tests."):
                last = name.split(".")[-1]
                module = ROOT / Path(*name.split(".")).with_suffix(".py")
                assert not (module.exists() and last.startswith(("test_", "conftest"))), f"{path} imports {name}"


#: Commands that every machine of a developer has, and one that comes with another.
ALWAYS, COMES_WITH = {"bash", "git"}, {"node": "npm"}


def commands(path: Path) -> Iterator[str]:
    """The commands that a file runs by a name that is written out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("subprocess.") and node.args:
            match node.args[0]:
                case ast.List(elts=[ast.Constant(value=str() as name), *_]):
                    yield name


def test_command_that_a_developer_may_lack_is_needed_aloud() -> None:
    found = {(path, name) for path in sources("tests") for name in commands(path)}
    assert {name for _path, name in found} >= {"git", "npm"}
    for path, name in found:
        assert name in ALWAYS or f'need("{COMES_WITH.get(name, name)}"' in path.read_text(), f"{path} runs {name}"
