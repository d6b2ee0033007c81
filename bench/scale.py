"""No-ops and preflights of many partitions, from a generated inventory: time, AWS calls and memory of each."""

from __future__ import annotations

import json
import sys

import yaml
from clones import Cloner, Partition
from harness import PARTITIONS, ROOT, ROOT_ACCOUNT, RUNS, Row, Sandbox

SIZES = (20, 200)
#: Partitions of one account, as its CloudFront quotas let it have.
EACH = 10
DELEGATION = "AllowCreatingNSRecordsRole"


def rows(sandbox: Sandbox, site: list[str]) -> list[Row]:
    """Two rows for each size, on a sandbox where the five partitions are deployed."""
    partitions = [Partition(*one.split(":")) for one in PARTITIONS]
    found = []
    for size in SIZES:
        made = [added(number) for number in range(len(partitions) - len(PARTITIONS), size - len(PARTITIONS))]
        new = {
            one.infrastructure: one for one in made if one.infrastructure not in {p.infrastructure for p in partitions}
        }
        partitions += made
        run = [*site, "-i", inventory(sandbox, partitions)]
        deploy_foundations(sandbox, run, list(new.values()))
        cloners: dict[str, Cloner] = {}
        for number, one in enumerate(made, 1):
            if one.infrastructure not in cloners:
                cloners[one.infrastructure] = Cloner(sandbox, partitions[0], one.account, one.infrastructure)
            cloners[one.infrastructure].copy(one.partition)
            print(f"\r  {number} of {len(made)} copies", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        sandbox.measure(f"first no-op of {size}", run, runs=1, changes=False)
        for job, command in (("no-op", run), ("preflight", instead(run, "playbooks/preflight.yml"))):
            name = f"{job} of {size} partitions"
            found.append(sandbox.measure(name, command, runs=max(1, RUNS // 3), changes=False))
    return found


def instead(run: list[str], playbook: str) -> list[str]:
    """The command line of another playbook."""
    return [playbook if word == "site.yml" else word for word in run]


def added(number: int) -> Partition:
    """The partition of a number, in an account with others."""
    group = number // EACH
    return Partition(f"2{group:011d}", f"Scale{group:03d}", f"p{number:03d}")


def deploy_foundations(sandbox: Sandbox, run: list[str], partitions: list[Partition]) -> None:
    """Let the accounts delegate from the root zone, and deploy the foundation of each by the product."""
    iam = sandbox.client(ROOT_ACCOUNT, "iam")
    trust = iam.get_role(RoleName=DELEGATION)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Principal"]["AWS"] += [f"arn:aws:iam::{one.account}:root" for one in partitions]
    iam.update_assume_role_policy(RoleName=DELEGATION, PolicyDocument=json.dumps(trust))
    foundation = [*instead(run, "playbooks/dns_foundation.yml"), "-l", ",".join(map(host, partitions))]
    sandbox.measure(f"foundations of {len(partitions)} accounts", foundation, runs=1)


def host(partition: Partition) -> str:
    """The name of a partition in the inventory."""
    return f"{partition.infrastructure}_{partition.partition}".lower()


def inventory(sandbox: Sandbox, partitions: list[Partition]) -> str:
    """An inventory of partitions with the group variables of the sandbox's; returns its folder."""
    folder = sandbox.directory / "inventory"
    folder.mkdir(exist_ok=True)
    for name in ("group_vars", "aws_config.cfg"):
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / "inventories/sandbox" / name)
    groups: dict[str, dict] = {}
    for number, one in enumerate(partitions):
        facts = {"infrastructure": one.infrastructure, "aws_account_id": one.account, "aws_region": "us-east-1"}
        group = groups.setdefault(one.infrastructure.lower(), {"hosts": {}, "vars": facts})
        group["hosts"][host(one)] = {"partition": one.partition, "rollout_ring": number}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"partitions": {"children": groups}}))
    return str(folder)
