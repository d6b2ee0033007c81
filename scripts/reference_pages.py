"""The reference pages of the documentation site, made from the code: a hook of MkDocs (mkdocs.yml)."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "sandbox")]
from arda_sandbox.settings import DELAYS
from role_pages import page, plain, rows

OPTIONS = ["| option | type | default | meaning |", "|---|---|---|---|"]
VERIFICATION = ("distribution_checks", "upload_checks", "viewer_checks")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those of docs/."""
    pages = {
        "modules": modules(),
        "roles": roles(),
        "exports": exports(),
        "checks": checks(),
        "artifacts": artifacts(),
        "environment": environment(),
    }
    for name, lines in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content="\n".join(lines) + "\n"))
    return files


def modules() -> list[str]:
    lines = [
        "# Modules",
        "",
        "`ansible-doc arda.image_upload.<module>` shows the same with examples and return values.",
        "",
    ]
    for path in sorted((ROOT / "plugins/modules").glob("*.py")):
        document = _documentation(path)
        lines += [f"## {path.stem}", "", f"{plain(document['short_description'])}.", ""]
        lines += [f"- {plain(text)}" for text in document["description"]]
        if options := document.get("options"):
            lines += ["", *OPTIONS, *rows({name: {"type": "str", **option} for name, option in options.items()})]
        lines.append("")
    return lines


def _documentation(path: Path) -> dict[str, Any]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            return yaml.safe_load(ast.literal_eval(node.value))
    raise ValueError(f"{path} has no DOCUMENTATION")


def roles() -> list[str]:
    lines = ["# Roles", ""]
    for path in sorted((ROOT / "roles").iterdir()):
        text = page(path.name).partition("\n---\n")[0]
        lines += [re.sub(r"^#", "##", line) for line in text.splitlines()]
    return lines


def _variables(role: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"roles/{role}/vars/main.yml").read_text())


def _shown(text: str) -> str:
    """A template with what an operator would write for its variables."""
    names = {"__image_partition_prefix": "<Infrastructure>-<partition>"}
    for key, name in _variables("image_partition")["__image_partition_default_export_names"].items():
        names[f"image_partition_all_export_names.{key}"] = name.replace("{{ __image_partition_prefix }}", "<prefix>")
    text = re.sub(r"\{\{ ([\w.]+) \}\}", lambda found: names.get(found[1], f"<{found[1].lstrip('_')}>"), text)
    return text.replace("<", "&lt;").replace("|", "\\|")


def exports() -> list[str]:
    names = _variables("image_partition")["__image_partition_default_export_names"]
    lines = [
        "# Exports",
        "",
        "CloudFormation exports of a partition; `image_partition_export_names` changes their names.",
        "",
    ]
    lines += [
        "| value | export |",
        "|---|---|",
        *(f"| `{key}` | <code>{_shown(name)}</code> |" for key, name in names.items()),
    ]
    lines += ["", "Exports of Run 1, which Run 2 reads:", "", "| role | export |", "|---|---|"]
    for item in _variables("dns_foundation")["__dns_foundation_artifacts"]:
        if item["form"].startswith("export"):
            lines.append(f"| {item['name']} | <code>{_shown(item['form'].removeprefix('export '))}</code> |")
    return lines


def _tasks(node: Any) -> Iterator[dict[str, Any]]:
    """Every task, those of blocks included."""
    for task in node or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from _tasks(task.get(part))


def checks() -> list[str]:
    lines = ["# Checks", "", "What each gate checks, and the verification. A failed check stops the run.", ""]
    for path in sorted((ROOT / "roles").glob("*/tasks/*.yml")):
        for task in _tasks(yaml.safe_load(path.read_text())):
            gate = task.get("arda.image_upload.gate", {})
            if found := _checks(gate.get("checks"), task.get("vars", {})):
                lines += [f"## Gate {_shown(gate['name'])}", "", "| check | read |", "|---|---|"]
                lines += [f"| {_shown(check['criterion'])} | {_read(check)} |" for check in found]
                lines.append("")
    lines += ["## Verification", "", "| check |", "|---|", *(f"| {name} |" for name in _verification()), ""]
    return lines


def _checks(given: Any, variables: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks of a gate: a list, or an expression over lists that are variables of the task, in their order."""
    if isinstance(given, list):
        return given
    lists = [variables.get(name, []) for name in re.findall(r"\w+_checks", given or "")]
    return [check for checks in lists for check in checks]


def _read(check: dict[str, Any]) -> str:
    """What a check reads."""
    if "aws" in check:
        return f"`{check['aws']['service']}:{check['aws']['operation']}`"
    return f"DNS, {check['dns']['type']}" if "dns" in check else "a value of the run"


def _verification() -> Iterator[str]:
    """The names of the checks of the verification, in their order."""
    trees = [ast.parse((ROOT / f"plugins/module_utils/_verification/{name}.py").read_text()) for name in VERIFICATION]
    constants = {
        node.targets[0].id: node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Check" and node.args:
                first = node.args[0]
                name = first.value if isinstance(first, ast.Constant) else constants.get(getattr(first, "id", ""))
                if name:
                    yield str(name).replace("|", "\\|")


def artifacts() -> list[str]:
    lines = [
        "# Artifacts",
        "",
        "What each step hands over. `playbooks/artifacts.yml` prints each with its live value.",
        "",
    ]
    lines += ["| artifact | made by | read by | form |", "|---|---|---|---|"]
    for role, name in (
        ("dns_foundation", "__dns_foundation_artifacts"),
        ("image_partition", "__image_partition_artifacts"),
    ):
        for item in _variables(role)[name]:
            cells = (item["name"], item["producer"], item["consumer"], item["form"])
            lines.append(f"| {' | '.join(_shown(cell) for cell in cells)} |")
    lines += ["", "Files that runs write to `artifacts_directory` (`artifacts`):", "", "| file | holds |", "|---|---|"]
    files = {
        "report.html": "the run, for a browser",
        "run.json": "the command, the files of the run, its waits, the versions",
        "<gate>-<host>.json": "the checks of a gate, or of a verification (`verify`)",
        "verify-<host>.xml": "the verification as JUnit XML",
        "summary.json": "the outputs of each partition: exports, changes, keys",
        "keys-<host>.json": "the public keys after a rotation",
        "plan.json, drift.json": "what differs",
        "diagnosis-<host>.json": "the layers, the cause, the remedy",
        "stopped-<host>.json": "the task at which the run stopped, and its error",
        "artifacts.json, artifacts.md": "the table above with live values",
        "orphans-<infrastructure>.json": "the orphans of an account",
    }
    return [*lines, *(f"| `{name}` | {meaning} |" for name, meaning in files.items())]


def environment() -> list[str]:
    lines = ["# Environment variables", "", "| variable | meaning | default |", "|---|---|---|"]
    known = {
        "ARDA_IMAGE_UPLOAD_IN_WORKER": ("`false` runs each module in a Python of its own", "`true`"),
        "ANSIBLE_CALLBACKS_ENABLED": (
            "`arda.image_upload.progress` shows the step of each partition",
            "set in a clone",
        ),
        "ARDA_SANDBOX_DIR": ("the folder of the sandbox's state", "`.sandbox`"),
        "ARDA_SANDBOX_API_PORT": ("the port of the AWS API", "`4566`"),
        "ARDA_SANDBOX_EDGE_HTTPS_PORT": ("the port of the CDN and of S3 over TLS", "`8443`"),
        "ARDA_SANDBOX_EDGE_HTTP_PORT": ("the port of the CDN without TLS", "`8080`"),
        "ARDA_SANDBOX_DNS_PORT": ("the port of DNS", "`5353`"),
        "ARDA_SANDBOX_ROLE": ("a role of the sandbox's accounts that runs take, such as `Deployer`", "the root user"),
        "ARDA_SANDBOX_ADVERSITY": ("`on` makes AWS's slow steps slow", "off"),
        "ARDA_SANDBOX_JOURNAL_BODIES": ("`1` keeps the bodies of calls in the journal", "off"),
    }
    lines += [f"| `{name}` | {meaning} | {default} |" for name, (meaning, default) in known.items()]
    lines += [
        "",
        "Delays of the sandbox, in seconds:",
        "",
        "| variable | what AWS does | quick | adverse |",
        "|---|---|---|---|",
    ]
    for name, delay in sorted(DELAYS.items()):
        lines.append(f"| `ARDA_SANDBOX_{name.upper()}_SECONDS` | {delay.step} | {delay.quick:g} | {delay.adverse:g} |")
    return lines
