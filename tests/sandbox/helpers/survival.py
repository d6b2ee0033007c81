"""Jobs that are disturbed at their AWS calls, and what an undisturbed one ends with."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .adoption import allow_other_names, legacy
from .inventory import inventory_of, listed
from .sandbox import ACCOUNTS, UNPROVEN, Run, Sandbox, kill, wait_for
from .viewers import CACHE, GRANT, SKEW, TIMES

ONE = ("-l", "alpha002_dev")
SITE = ("site.yml", *ONE, *UNPROVEN)
CHANGES = {
    "image_partition_tags": {"Owner": "shop", "Stage": "dev"},
    "dns_foundation_tags": {"Owner": "shop"},
    "image_partition_application_origins": ["https://shop.example", "https://other.example"],
    "image_partition_price_class": "PriceClass_100",
    "image_partition_noncurrent_version_days": 30,
}
#: An error that botocore does not repeat: what a run sees after the last repetition of a throttled or failing call.
EXHAUSTED = {"code": "InternalError", "status": 400, "message": "as after the last repetition"}


@dataclass(frozen=True)
class Job:
    """What a run does, from which state, and the run that afterwards converges."""

    name: str
    prepare: Callable[[Sandbox], object]
    run: tuple[str, ...]
    converge: tuple[tuple[str, ...], ...]
    pause: float = 0.0
    again: bool = False  # a run after a complete one has as much to do


def with_both(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.play("site.yml", *UNPROVEN, "-l", "alpha002", "-e", "rollout=parallel").succeeded()


def with_legacy(sandbox: Sandbox) -> None:
    sandbox.reset()
    allow_other_names(sandbox)
    sandbox.play("playbooks/dns_foundation.yml", *ONE).succeeded()
    legacy(sandbox)


CHANGED = (*SITE, "-e", json.dumps(CHANGES))
ADOPTED = ("-i", "inventories/sandbox", "-i", str(Path(__file__).with_name("adopted.yml")), *SITE)
ROTATED = ("playbooks/rotate_signing_key.yml", *ONE, *UNPROVEN, *TIMES)
RETIRED_AFTER = CACHE + GRANT + SKEW + 1
RETIRED = ("playbooks/retire.yml", *ONE)
JOBS = [
    Job("deploy", lambda sandbox: sandbox.reset(), SITE, (SITE,)),
    Job("change", lambda sandbox: sandbox.deploy(), CHANGED, (CHANGED,)),
    Job(
        "rotate",
        lambda sandbox: sandbox.deploy(),
        ROTATED,
        (ROTATED, (*SITE, *TIMES)),
        CACHE + GRANT + SKEW + 1,
        again=True,
    ),
    Job("adopt", with_legacy, ADOPTED, (ADOPTED,)),
    Job("retire", with_both, RETIRED, (RETIRED,)),
]


def snapshot(sandbox: Sandbox) -> dict[str, Any]:
    """What all accounts hold, by names; ids and dates differ from run to run."""
    found: dict[str, Any] = {}
    for account in ACCOUNTS:
        held = inventory_of(sandbox, account)
        found[account] = {kind: sorted(names) for kind, names in held.items()}
        found[account]["exports"] = sorted(
            export["Name"] for export in listed(sandbox, account, "cloudformation", "list_exports", "Exports")
        )
        route53 = sandbox.client(account, "route53")
        found[account]["records"] = sorted(
            f"{record['Type']} {record['Name']}"
            for zone in route53.list_hosted_zones()["HostedZones"]
            for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        )
        # A public key is named after its content.
        found[account]["keys"] = [re.sub("-[0-9a-f]{12}$", "", name) for name in found[account]["keys"]]
    return found


def converge(sandbox: Sandbox, job: Job) -> dict[str, Any]:
    """Run to the end what was disturbed; returns what the accounts then hold."""
    for number, arguments in enumerate(job.converge):
        if number:
            time.sleep(job.pause)
        sandbox.play(*arguments).succeeded()
    if job.name != "retire":
        assert sandbox.play(*job.converge[-1]).succeeded().changed == 0
    return snapshot(sandbox)


class Disturbed:
    """Runs of a job on a sandbox, each disturbed at a call of its own."""

    def __init__(self, sandbox: Sandbox, job: Job) -> None:
        self._sandbox = sandbox
        self._job = job
        #: How many calls were struck.
        self.points = 0

    def killed(self, only: str, kind: str, number: int) -> bool:
        """Kill a run at its read or write of that number; whether it came so far."""
        self._sandbox.faults({"operation": "*", "kind": kind, "only": only, "on": [number]})
        process = self._sandbox.start_play(*self._job.run)
        wait_for(lambda: self._seen() >= number or process.poll() is not None, 600, 0.02)
        reached = process.poll() is None
        if reached:
            kill(process)
        self._sandbox.faults()
        self.points += reached
        return reached

    def failed(self, only: str, kind: str, number: int) -> bool:
        """Let the read or write of that number fail for good; whether a run came so far."""
        self._sandbox.faults({"operation": "*", "kind": kind, "only": only, "on": [number], **EXHAUSTED})
        self._sandbox.play(*self._job.run)
        reached = self._seen() >= number
        self._sandbox.faults()
        self.points += reached
        return reached

    def struck(self, kind: str, **more: Any) -> Run:
        """Strike the first attempt of every call of a run, which botocore then repeats."""
        self._sandbox.faults({"operation": "*", "kind": kind, "attempt": 1, **more})
        run = self._sandbox.play(*self._job.run)
        self.points += self._seen()
        self._sandbox.faults()
        return run

    def _seen(self) -> int:
        return int(self._sandbox.control("faults", "GET")[0]["seen"])
