"""Which answers of AWS the product reads and handles, derived from its code and its gates.

``python -m tests.unit.helpers.handled_answers`` lists those without a fixture.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from botocore import xform_name

from .aws_fixtures import FIXTURES, service_model

ROOT = Path(__file__).resolve().parents[3]
SERVICES = (
    "acm",
    "cloudformation",
    "cloudfront",
    "cloudwatch",
    "ec2",
    "iam",
    "logs",
    "route53",
    "s3",
    "secretsmanager",
    "sts",
)
REFUSALS = {"AnsibleAWSError", "AwsError", "BotoCoreError", "ClientError"}
Function = ast.FunctionDef | ast.Lambda
Instance = dict[str, ast.expr]


@dataclass(frozen=True, order=True)
class Pair:
    """An answer that must have a fixture; service and operation are ``*`` where a code is handled for all calls."""

    service: str
    operation: str
    result: str

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}.{self.result}"


def _operation_name(service: str, method: str) -> str | None:
    """``GetBucketCors`` of ``get_bucket_cors``."""
    return next((n for n in service_model(service).operation_names if xform_name(n) == method), None)


def model_codes(service: str, operation: str) -> set[str]:
    """The error codes that the API's model lists for an operation."""
    shapes = service_model(service).operation_model(operation).error_shapes
    return {(shape.metadata.get("error") or {}).get("code") or shape.name for shape in shapes}


@dataclass
class Code:
    """The plugins, parsed: constants, functions by name, and what dataclasses are made with."""

    trees: list[ast.Module]
    constants: dict[str, ast.expr] = field(default_factory=dict)
    functions: dict[str, list[ast.FunctionDef]] = field(default_factory=dict)
    instances: list[Instance] = field(default_factory=list)

    def __post_init__(self) -> None:
        nodes = [node for tree in self.trees for node in ast.walk(tree)]
        fields = {
            node.name: [item.target.id for item in node.body if isinstance(item, ast.AnnAssign)]  # type: ignore[union-attr]
            for node in nodes
            if isinstance(node, ast.ClassDef)
        }
        for node in (node for tree in self.trees for node in tree.body):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.constants[node.targets[0].id] = node.value
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                self.functions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and fields.get(node.func.id):
                given = dict(zip(fields[node.func.id], node.args, strict=False))
                self.instances.append(given | {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg})

    def texts(self, node: ast.AST | None, instance: Instance) -> set[str]:
        """The texts that an expression stands for, as far as the code itself says."""
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.Name):
            return self.texts(self.constants.get(node.id), instance)
        if isinstance(node, ast.Attribute):
            return self.texts(instance.get(node.attr), {})
        if isinstance(node, ast.JoinedStr):
            parts = [self.texts(p.value if isinstance(p, ast.FormattedValue) else p, instance) for p in node.values]
            return {"".join(found) for found in itertools.product(*parts)}
        if isinstance(node, ast.Dict):
            return {text for key in node.keys for text in self.texts(key, instance)}
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return {text for item in node.elts for text in self.texts(item, instance)}
        if isinstance(node, (ast.Starred, ast.FormattedValue)):
            return self.texts(node.value, instance)
        if isinstance(node, ast.BinOp):
            return self.texts(node.left, instance) | self.texts(node.right, instance)
        if isinstance(node, ast.Call) and _called(node) in ("frozenset", "set", "tuple", "list"):
            return {text for argument in node.args for text in self.texts(argument, instance)}
        return set()

    def instances_for(self, *nodes: ast.AST | None) -> list[Instance]:
        """What the dataclass whose fields some expressions read is made with, one by one."""
        read = {item.attr for node in nodes if node for item in ast.walk(node) if isinstance(item, ast.Attribute)}
        return [instance for instance in self.instances if read & set(instance)] or [{}]

    def operations(
        self, call: ast.Call, function: ast.FunctionDef | None, instance: Instance
    ) -> Iterator[tuple[str, str]]:
        """(service, operation) of a call such as ``aws.call("s3", "head_bucket", ...)``."""
        if len(call.args) < 2:
            return
        for service in self.texts(call.args[0], instance) & set(SERVICES):
            methods = self.texts(call.args[1], instance) or self._passed(call.args[1], function)
            for method in methods:
                if name := _operation_name(service, method):
                    yield service, name

    def _passed(self, node: ast.expr, function: ast.FunctionDef | None) -> set[str]:
        """The texts that callers pass for a parameter."""
        if function is None or not isinstance(node, ast.Name):
            return set()
        names = [argument.arg for argument in function.args.args if argument.arg != "self"]
        if node.id not in names:
            return set()
        found = set()
        for call in (n for tree in self.trees for n in ast.walk(tree) if isinstance(n, ast.Call)):
            if _called(call) == function.name:
                given = dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg}
                found |= self.texts(given.get(node.id), {})
        return found


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _calls(nodes: list[ast.AST]) -> list[ast.Call]:
    return [item for node in nodes for item in ast.walk(node) if isinstance(item, ast.Call)]


class Derivation:
    """The pairs of a folder of plugins."""

    def __init__(self, folder: Path) -> None:
        self.code = Code([ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))])

    def pairs(self) -> set[Pair]:
        found: set[Pair] = set()
        for tree in self.code.trees:
            inside = {
                call: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for call in _calls([node])
            }
            for call in _calls([tree]):
                found |= self._answers(call, inside.get(call))
            for node in (node for node in ast.walk(tree) if isinstance(node, ast.Try)):
                found |= self._handled(node, tree)
        return found

    def _answers(self, call: ast.Call, function: ast.FunctionDef | None) -> set[Pair]:
        """A call that succeeds, and the codes that count as an answer (``absent=``)."""
        found = set()
        absent = next((keyword.value for keyword in call.keywords if keyword.arg == "absent"), None)
        for instance in self.code.instances_for(*call.args[:2], absent):
            for service, operation in self.code.operations(call, function, instance):
                found.add(Pair(service, operation, "ok"))
                found |= {Pair(service, operation, code) for code in self.code.texts(absent, instance)}
        return found

    def _handled(self, node: ast.Try, tree: ast.Module) -> set[Pair]:
        """The codes that handlers compare with, for the calls of the block.

        Where a block makes several calls, or other functions make them, a code counts for the operations whose API
        model lists it.
        """
        handlers = [
            h
            for h in node.handlers
            if h.type and REFUSALS & {n.id for n in ast.walk(h.type) if isinstance(n, ast.Name)}
        ]
        if not handlers:
            return set()
        direct = self._made_by(_calls(list(node.body)))
        operations = direct or self._made_by(self._followed(list(node.body), tree))
        found = set()
        for instance in self.code.instances_for(*handlers):
            for code in {text for handler in handlers for text in self._compared(handler, instance)}:
                takers = {op for op in operations if len(direct) == 1 or code in model_codes(*op)}
                found |= {Pair(*op, code) for op in takers} or {Pair("*", "*", code)}
        return found

    def _made_by(self, calls: list[ast.Call]) -> set[tuple[str, str]]:
        return {
            operation
            for call in calls
            for instance in self.code.instances_for(*call.args[:2])
            for operation in self.code.operations(call, None, instance)
        }

    def _followed(self, nodes: list[ast.AST], tree: ast.Module) -> list[ast.Call]:
        """The calls of what a block calls, at any depth; ``getattr(self, ...)`` may call every method of its file."""
        calls, seen, waiting = _calls(nodes), set(), _calls(nodes)
        while waiting:
            name = _called(waiting.pop())
            names = {name} if name != "getattr" else {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            for function in [f for one in names - seen for f in self.code.functions.get(one, [])]:
                more = _calls([function])
                calls += more
                waiting += more
            seen |= names
        return calls

    def _compared(self, handler: ast.AST, instance: Instance) -> set[str]:
        """The codes that a handler compares an error's with, itself or in a function that it calls."""
        nodes = [handler, *(f for call in _calls([handler]) for f in self.code.functions.get(_called(call), []))]
        compares = [item for node in nodes for item in ast.walk(node) if isinstance(item, ast.Compare)]
        return {
            code
            for compare in compares
            if "code" in ast.unparse(compare.left).lower()
            for other in compare.comparators
            for code in self.code.texts(other, instance)
        }


def _gate_checks(document: Any) -> Iterator[tuple[str, str]]:
    """(service, method) of each check in a role's YAML."""
    if isinstance(document, dict):
        if isinstance(document.get("operation"), str) and isinstance(document.get("service"), str):
            yield document["service"], document["operation"]
        for item in document.values():
            yield from _gate_checks(item)
    elif isinstance(document, list):
        for item in document:
            yield from _gate_checks(item)


def gate_pairs() -> set[Pair]:
    """What the gates of the roles read."""
    found = set()
    for path in sorted((ROOT / "roles").rglob("*.yml")):
        found |= set(_gate_checks(yaml.safe_load(path.read_text())))
    for path in sorted((ROOT / "roles").rglob("*.j2")):
        found |= set(re.findall(r"service: (\w+), operation: (\w+)", path.read_text()))
    pairs = {(service, _operation_name(service, method)) for service, method in found if service in SERVICES}
    return {Pair(service, operation, "ok") for service, operation in pairs if operation}


@functools.cache
def wanted() -> list[Pair]:
    """Every answer that must have a fixture."""
    return sorted(Derivation(ROOT / "plugins").pairs() | gate_pairs())


def missing() -> list[str]:
    """Those of ``wanted`` without a fixture."""
    names = [path.stem for path in FIXTURES.glob("*.json")]

    def there(pair: Pair) -> bool:
        pattern = re.escape(str(pair)).replace(r"\*\.\*", ".*") + r"(-[a-z0-9-]+)?"
        return any(re.fullmatch(pattern, name) for name in names)

    return [str(pair) for pair in wanted() if not there(pair)]


if __name__ == "__main__":
    print("\n".join(missing()))
