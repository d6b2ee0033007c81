"""Change one operator or constant of the pure decision code at a time, and see whether a unit test notices.

usage: python scripts/mutants.py [--least PERCENT] [FILE ...]

Prints each mutant that no test killed, and fails where fewer than PERCENT were. Survivors that change nothing are
listed with their reasons in docs/mutants.md.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[1]
UTILS, MODULES, SANDBOX = "plugins/module_utils", "plugins/modules", "sandbox"
EDGE = [f"{SANDBOX}/test_edge_signatures.py"]
KEY = [f"{UTILS}/test_signing_key_{name}.py" for name in ("steps", "goal", "report")]
#: The tests of each file; after a colon the functions of it that are pure.
PURE = {
    "plugins/module_utils/_checks.py": [f"{UTILS}/test_checks.py"],
    "plugins/module_utils/_cloudfront/config.py": [f"{UTILS}/test_cloudfront_config.py"],
    "plugins/module_utils/_cloudfront/overlay.py": [f"{UTILS}/test_cloudfront_overlay.py"],
    "plugins/module_utils/_cloudfront/resource.py:plan_config": [f"{UTILS}/test_cloudfront_resource.py"],
    "plugins/module_utils/_cloudfront/signature.py": EDGE,
    "plugins/module_utils/_reconcile.py": [f"{UTILS}/test_reconcile.py"],
    "plugins/module_utils/_s3/bucket_configuration.py:desired_aspects,canonical,_canonical": [
        f"{UTILS}/test_s3_bucket_configuration.py",
        f"{MODULES}/test_s3_private_bucket.py",
    ],
    "plugins/module_utils/_s3/presigned_post.py": [f"{UTILS}/test_s3_presigned_post.py"],
    "plugins/module_utils/_signing_key/goal.py": KEY,
    "plugins/module_utils/_signing_key/report.py": KEY,
    "plugins/module_utils/_signing_key/state.py": KEY,
    "plugins/module_utils/_signing_key/steps.py": KEY,
    "plugins/modules/acm_dns_certificate.py:choose,plan,validation_records": [
        f"{MODULES}/test_acm_dns_certificate.py",
    ],
    "plugins/modules/cloudformation_exports.py:plan,template,withdrawn": [
        f"{MODULES}/test_cloudformation_exports.py",
    ],
    "plugins/modules/cloudfront_distribution.py:plan": [f"{MODULES}/test_cloudfront_distribution.py"],
    "plugins/modules/route53_hosted_zone.py:plan": [f"{MODULES}/test_route53_hosted_zone.py"],
    "plugins/modules/route53_record_sets.py:fqdn,from_options,from_aws,to_aws,plan": [
        f"{MODULES}/test_route53_record_sets.py",
    ],
    "plugins/modules/s3_private_bucket.py:plan": [f"{MODULES}/test_s3_private_bucket.py"],
    "plugins/plugin_utils/_report.py:cell,report,verdict,junit,write_artifact": [
        "plugins/plugin_utils/test_report.py",
    ],
    "sandbox/arda_sandbox/edge/paths.py": EDGE,
    "sandbox/arda_sandbox/edge/signatures.py": EDGE,
    "sandbox/arda_sandbox/edge/wildcard.py": EDGE,
}
SWAPPED: dict[type, type] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
SECONDS = 60


@dataclass(frozen=True)
class Mutant:
    place: str
    path: str
    line: int
    what: str
    text: str


def mutate(node: ast.AST) -> Iterator[str]:
    """Change a node in place, in each way in turn; what was done."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            node.ops[index] = SWAPPED[type(operator)]()
            yield f"{type(operator).__name__} -> {type(node.ops[index]).__name__}"
            node.ops[index] = operator
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPPED:
        operator = node.op
        node.op = SWAPPED[type(operator)]()
        yield f"{type(operator).__name__} -> {type(node.op).__name__}"
        node.op = operator
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        operator, operand = node.op, node.operand
        node.operand = ast.UnaryOp(ast.Not(), operand)
        yield "not removed"
        node.op, node.operand = operator, operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        value = node.value
        node.value = not value if isinstance(value, bool) else value + 1
        yield f"{value} -> {node.value}"
        node.value = value


def mutants(place: str) -> Iterator[Mutant]:
    """Every mutant of a file, or of the functions of it that are named after a colon."""
    path, _colon, names = place.partition(":")
    tree = ast.parse((ROOT / path).read_text())
    roots = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in names.split(",")] if names else [tree]
    for node in [node for root in roots for node in ast.walk(root)]:
        for what in mutate(node):
            text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(tree)))
            yield Mutant(place, path, node.lineno, what, text)


def laid_out() -> Path:
    """A copy of what the unit tests need, laid out like the clone."""
    folder = Path(tempfile.mkdtemp(prefix="mutants-"))
    for name in ("plugins", "sandbox/arda_sandbox", "tests/unit", "meta", "roles", "collections"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def passes(folder: Path, place: str) -> bool:
    """Whether every test of a place passes in a copy."""
    tests = [f"tests/unit/{name}" for name in PURE[place]]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False)
    return run.returncode == 0


def survives(mutant: Mutant, folders: SimpleQueue[Path]) -> bool:
    """Whether no test notices a mutant. One that never ends is noticed too."""
    folder = folders.get()
    target = folder / mutant.path
    original = target.read_text()
    try:
        target.write_text(mutant.text)
        return passes(folder, mutant.place)
    except subprocess.TimeoutExpired:
        return False
    finally:
        target.write_text(original)
        folders.put(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--least", type=float, default=90.0, help="percent of mutants that must be killed")
    parser.add_argument("files", nargs="*", help="files to change, all of them by default")
    options = parser.parse_args()
    workers = os.cpu_count() or 1
    folders: SimpleQueue[Path] = SimpleQueue()
    for _worker in range(workers):
        folders.put(folder := laid_out())
    places = [place for place in PURE if not options.files or place.partition(":")[0] in options.files]
    for place in places:
        if not passes(folder, place):
            print(f"make mutants: FAILED, the tests of {place} fail as they are: {', '.join(PURE[place])}")
            return 1
    tried = [mutant for place in places for mutant in mutants(place)]
    try:
        with ThreadPoolExecutor(workers) as pool:
            alive = list(pool.map(lambda mutant: survives(mutant, folders), tried))
    finally:
        while not folders.empty():
            shutil.rmtree(folders.get())
    for mutant, survived in zip(tried, alive, strict=True):
        if survived:
            line = (ROOT / mutant.path).read_text().splitlines()[mutant.line - 1].strip()
            print(f"survived  {mutant.path}:{mutant.line}  {mutant.what}  in: {line}")
    killed = len(tried) - sum(alive)
    percent = 100 * killed / len(tried)
    verdict = "SUCCESS" if percent >= options.least else "FAILED"
    print(f"make mutants: {verdict}, {killed} of {len(tried)} killed ({percent:.1f} %, wanted {options.least:g} %)")
    return 0 if percent >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
