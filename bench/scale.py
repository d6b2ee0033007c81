"""No-ops of many partitions, from a generated inventory: the time, the AWS calls and the memory of each."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from itertools import cycle

import yaml
from clones import Cloner
from harness import PARTITIONS, ROOT, Row, Sandbox

SIZES = (20, 200)


@dataclass(frozen=True)
class Original:
    """A deployed partition, of which the others of its infrastructure are copies."""

    account: str
    infrastructure: str
    partition: str


def rows(sandbox: Sandbox, secret: str, command: list[str]) -> list[Row]:
    """One row for each size, on a sandbox where the five partitions are deployed."""
    originals = {(one.account, one.infrastructure): one for one in (Original(*p.split(":")) for p in PARTITIONS)}
    cloners = {
        one: Cloner(sandbox.endpoint, secret, one.account, one.infrastructure, one.partition)
        for one in originals.values()
    }
    names: list[tuple[Original, str]] = [(Original(*p.split(":")), p.split(":")[2]) for p in PARTITIONS]
    infrastructures = cycle(originals.values())
    found = []
    for size in SIZES:
        while len(names) < size:
            one = next(infrastructures)
            name = f"p{len(names):03d}"
            cloners[one].copy(name)
            names.append((one, name))
            print(f"\r  {len(names)} partitions", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        run = [*command, "-i", str(inventory(sandbox, names))]
        sandbox.measure("what the copies lack", run, runs=1)
        row = sandbox.measure(f"no-op of {size}", run, changes=False)
        found.append(replace(row, name=f"no-op of {size} partitions"))
    return found


def inventory(sandbox: Sandbox, names: list[tuple[Original, str]]) -> str:
    """An inventory of partitions with the group variables of the sandbox's."""
    folder = sandbox.directory / "inventory"
    folder.mkdir(exist_ok=True)
    if not (folder / "group_vars").exists():
        (folder / "group_vars").symlink_to(ROOT / "inventories/sandbox/group_vars")
        (folder / "aws_config.cfg").symlink_to(ROOT / "inventories/sandbox/aws_config.cfg")
    groups: dict[str, dict] = {}
    for number, (one, name) in enumerate(names):
        hosts = groups.setdefault(one.infrastructure.lower(), {"hosts": {}})["hosts"]
        hosts[f"{one.infrastructure.lower()}_{name}"] = {"partition": name, "rollout_ring": number}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"partitions": {"children": groups}}))
    return str(folder)
