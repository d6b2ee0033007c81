# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at all partitions before the runs, and tells which of them can be left out; there is no module's half."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible import context
from ansible_collections.arda.image_upload.plugins.module_utils._shared_reads import shared_reads
from ansible_collections.arda.image_upload.plugins.plugin_utils._forks import in_forks, processors, shares
from ansible_collections.arda.image_upload.plugins.plugin_utils._in_worker import InWorkerAction
from ansible_collections.arda.image_upload.plugins.plugin_utils._look import Found, Look
from ansible_collections.arda.image_upload.plugins.plugin_utils._prefetch import Prefetch, Read, guesses, keep
from ansible_collections.arda.image_upload.plugins.plugin_utils._report import show_report
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import display, show, verbosity

#: The plays of the choreography, beside that of the look.
PLAYS = ("preflight", "dns_foundation", "image_partition")


class ActionModule(InWorkerAction):
    """Sets the fact ``rollout_look``: by the names of the hosts, whether there is anything to do, and what is there."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        names = {"type": "list", "elements": "str", "required": True}
        spec = {"hosts": names, "foundations": names, "directory": {"type": "path", "required": True}}
        _result, options = self.validate_argument_spec(spec)
        if reason := unusual() or ("" if self._may_run_in_worker(task_vars or {}, False) else "ordinary execution"):
            return {"changed": False, "skipped": True, "msg": f"No look is taken with {reason}"}
        try:
            found = self._look(options, (task_vars or {})["hostvars"])
        except Exception as error:  # whatever it is, the runs do without a look
            display.vvv(f"The look ended early: {type(error).__name__}: {error}. The runs do all of it.")
            return {"changed": False, "skipped": True, "msg": "The look ended early; the runs do all of it"}
        for host in options["hosts"]:
            self._tell(host, found[host])
        return {"changed": False, "ansible_facts": {"rollout_look": {host: view(one) for host, one in found.items()}}}

    def _look(self, options: dict[str, Any], hostvars: Any) -> dict[str, Found]:
        """Look at the first partition and its foundations, then at the others in as many processes as can run."""
        hosts, foundations = options["hosts"], options["foundations"]
        preflight, foundation, partition = (str(Path(options["directory"]) / f"{name}.yml") for name in PLAYS)
        groups: dict[str, list[str]] = {}
        for host in hosts[1:]:
            groups.setdefault(str(hostvars[host].get("infrastructure")), []).append(host)
        found: dict[str, Found] = {}
        with shared_reads() as shared:
            prefetch = Prefetch(shared, guesses())
            tags = (context.CLIARGS["tags"], context.CLIARGS["skip_tags"])
            look = Look(hostvars._variable_manager, self._loader, *tags, prefetch)

            def follow(some: list[str]) -> tuple[dict[str, Found], dict[str, list[Read]]]:
                prefetch.hosts, prefetch.asked = some, {}
                for host in some:  # first, so that the reads of all their accounts are under way
                    look.follow(preflight, host, hosts)
                for host in some:
                    if host in foundations:
                        look.follow(foundation, host, foundations)
                    look.follow(partition, host, hosts)
                prefetch.settle()
                return {host: without_secrets(look.found[host]) for host in some}, prefetch.asked

            for path in (preflight, foundation, partition):
                look.load(path)
            parts = [follow(hosts[:1]), *in_forks(follow, shares(groups, processors()), shared.disconnect)]
        asked: dict[str, list[Read]] = {}
        for part, reads in parts:
            found.update(part)
            asked.update(reads)
        keep(asked)
        if any(foundation in one.playbooks for one in found.values()):
            for one in found.values():
                one.reasons.append("the foundation that it rests on")
        return found

    def _tell(self, host: str, found: Found) -> None:
        """Show and write the reports of a host that the runs leave out."""
        if found.reasons:
            if verbosity():
                show(f"Look: {host} goes through the runs, for {found.reasons[0]}")
            return
        for message in found.messages:
            show(message)
        for report in found.reports:
            show_report("Gate", host, report.options, dict(report.result), self._task.check_mode)


def unusual() -> str:
    """The option of the command line with which no look is taken; the empty string without one."""
    arguments = context.CLIARGS
    if list(arguments["tags"]) != ["all"]:
        return "--tags"
    if set(arguments["skip_tags"]) - {"verify"}:
        return "--skip-tags"
    return next((f"--{name.replace('_', '-')}" for name in ("start_at_task", "step") if arguments.get(name)), "")


def without_secrets(found: Found) -> Found:
    """What was found, of the facts only the outputs: the others hold the credentials of sessions."""
    kept = {name: value for name, value in found.facts.items() if name == "image_partition_outputs"}
    return replace(found, facts=kept)


def view(found: Found) -> dict[str, Any]:
    """What later plays need to know of a host."""
    return {
        "nothing_to_do": not found.reasons,
        "outputs": {} if found.reasons else found.facts.get("image_partition_outputs", {}),
    }
