# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at all partitions: the tasks of the plays, predicted for all hosts in one process.

A play in check mode answers the same question, but Ansible forks for each task and host, and each module reads AWS by
itself. Here the modules of all hosts share what they read, and each template is compiled once.

Only what the roles of this collection use is followed. Whatever else a task has raises CannotFollowError, and the runs
then do all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.utils.vars import combine_vars

from ._constants import constants, set_by_tasks
from ._engine import CachingEngine
from ._inline import run_inline, shell
from ._plan import RESOURCES, Prediction
from ._prefetch import Prefetch
from ._role_inputs import Owners, input_faults, message, shared_faults

#: The group of module_defaults that the roles use, for every module that is run here.
DEFAULTS = "group/arda.image_upload.aws"
#: What a task may have that a look does not follow. It looks at a task with run_once for each host.
UNFOLLOWED = ("loop", "delegate_to", "async_val", "delegate_facts", "notify", "become")

#: The modules that compare for those whose action plugins write.
COMPARED_BY = {"arda.image_upload.iam_role": "arda.image_upload.iam_role_plan"}


class CannotFollowError(Exception):
    """A task has what a look does not follow."""


class TaskFailedError(Exception):
    """A task failed: the host must go through the runs, which say so."""


@dataclass(frozen=True)
class Report:
    """The options of a gate, and what it returned."""

    options: Mapping[str, Any]
    result: Mapping[str, Any]


@dataclass
class Found:
    """What was found out about a host."""

    #: Why it must go through the runs, in words; nothing where all is as declared.
    reasons: list[str] = field(default_factory=list)
    #: How a task failed: no further one is followed.
    failed: str = ""
    #: The playbooks that the reasons come from.
    playbooks: set[str] = field(default_factory=set)
    reports: list[Report] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    #: What would happen to each resource; None where nobody asks for a plan, which saves the diffs.
    predictions: list[Prediction] | None = None
    #: What tasks have set and registered.
    facts: dict[str, Any] = field(default_factory=dict)


class Loader(DataLoader):
    """A loader that hands out the contents of its files uncopied: what a look loads is not loaded again after it."""

    def __init__(self, loader: DataLoader) -> None:
        self.__dict__ = loader.__dict__

    def load_from_file(self, file_name: str, *more: Any, **options: Any) -> Any:
        return super().load_from_file(file_name, *more, **{**options, "unsafe": True})


class Look:
    """Follows plays for hosts, and keeps what it finds by the names of the hosts."""

    def __init__(
        self,
        hostvars: Any,
        loader: Any,
        only: Sequence[str],
        skip: Sequence[str],
        prefetch: Prefetch,
        plan: bool = False,
    ) -> None:
        self._plan = plan
        self._prefetch = prefetch
        self._variable_manager = hostvars._variable_manager
        self._loader = Loader(loader)
        self._kept: dict[str, Any] = {}
        self._gather, hostvars.raw_get = hostvars.raw_get, self._variables_of
        self._owners = Owners()
        self._tags = {"only_tags": only, "skip_tags": skip}
        self._results: dict[str, dict[str, Any]] = {}  # of a module with its options: the same again reads the same
        self._plays: dict[str, list[tuple[Play, list[Block]]]] = {}
        self.found: dict[str, Found] = {}

    def _variables_of(self, host: str) -> Any:
        """The variables of a host for another one: gathered once, and anew after the look has set a fact of it."""
        if host not in self._kept:
            self._kept[host] = self._gather(host)
        return self._kept[host]

    def _tell(self, host: str, facts: dict[str, Any]) -> None:
        self._variable_manager.set_nonpersistent_facts(host, facts)
        self._kept.pop(host, None)

    def load(self, path: str) -> None:
        """Load the plays of a playbook."""
        documents = self._loader.load_from_file(path, trusted_as_template=True)
        plays = [Play.load(one, variable_manager=self._variable_manager, loader=self._loader) for one in documents]
        self._plays[path] = [(play, play.compile()) for play in plays]

    def follow(self, path: str, host: str, hosts: Sequence[str]) -> None:
        """Follow the plays of a loaded playbook for one of the hosts that they are for."""
        found = self.found.setdefault(host, Found(predictions=[] if self._plan else None))
        for play, blocks in self._plays[path]:
            known = len(found.reasons)
            if not found.failed:
                self._follow_play(play, blocks, host, hosts)
            if len(found.reasons) > known:
                found.playbooks.add(path)

    def _follow_play(self, play: Play, blocks: list[Block], host: str, hosts: Sequence[str]) -> None:
        found = self.found[host]
        base = self._variable_manager.get_vars(
            play=play,
            host=self._variable_manager._inventory.get_host(host),
            _hosts=list(hosts),
            _hosts_all=list(hosts),
        )
        base.pop("vars", None)
        base["ansible_check_mode"] = True
        self._prefetch.host = host
        extra = self._variable_manager.extra_vars
        shared = (self._tags, self._results, self._prefetch, self._owners)
        follower = HostFollower(base, extra, self._loader, found, *shared)
        follower.changing = set_by_tasks(blocks) | set(found.facts)
        follower.tell = partial(self._tell, host)
        try:
            for block in blocks:
                follower.block(block)
        except TaskFailedError as failure:
            found.failed = str(failure)
            found.reasons.append(f"{failure} failed")


def registered(task: Task) -> list[str]:
    """The variable that a task registers; ansible-core 2.21 keeps it with an expression of the whole result."""
    name = task.register
    return [name] if isinstance(name, str) else list(name or ())


def as_list(value: Any) -> list[Any]:
    """A list of conditions; Ansible keeps a single one as it is."""
    return value if isinstance(value, list) else [value]


def environment_of(task: Task, engine: CachingEngine) -> dict[str, str]:
    """The environment of a task and of the blocks and the play around it."""
    found: dict[str, str] = {}
    for given in reversed(task.environment or []):
        found.update({key: str(value) for key, value in (engine.template(given) or {}).items()})
    return found


def part_of(task: Task) -> str:
    """Which part of the choreography a task belongs to: root, foundation or partition."""
    path = task.get_path() or ""
    return "root" if "/root.yml" in path else "foundation" if "/dns_foundation/" in path else "partition"


def said(task: Task, option: str, engine: CachingEngine) -> str:
    """What a task says when it fails."""
    return str(engine.template(task.args.get(option, task.get_name())))


class HostFollower:
    """Follows the tasks of one play for one host."""

    def __init__(
        self,
        base: dict[str, Any],
        extra: Mapping[str, Any],
        loader: Any,
        found: Found,
        tags: Mapping[str, Any],
        results: dict[str, dict[str, Any]],
        prefetch: Prefetch,
        owners: Owners,
    ) -> None:
        self._base = base
        self._extra = extra
        self._loader = loader
        self._found = found
        self._tags = tags
        self._results = results
        self._prefetch = prefetch
        self._owners = owners
        self._of_role: dict[int, dict[str, Any]] = {}
        self._unresolved: dict[int, set[str]] = {}  # the constants of each role that have a template
        #: The names that the tasks of the play set, and those that tasks have set before.
        self.changing: set[str] = set()
        #: Called with the facts that a task sets, which the other hosts then see in ``hostvars``.
        self.tell: Callable[[dict[str, Any]], None] = lambda _facts: None

    def block(self, block: Block) -> None:
        """Follow a block: its tasks, and those of its rescue where one fails. The rescue of a play only reports."""
        try:
            self._all(block.block)
        except TaskFailedError:
            if not block.rescue or block._role is None:
                raise
            self._all(block.rescue)
        self._all(block.always)

    def _all(self, items: Iterable[Block | Task]) -> None:
        for item in items:
            if isinstance(item, Block):
                self.block(item)
            elif item.action not in ("meta", "ansible.builtin.meta"):
                self._task(item)

    def _variables(self, task: Task) -> dict[str, Any]:
        """The variables of a task, in the order of ``VariableManager.get_vars``."""
        return {**self._values(task), **task.get_vars(), **self._found.facts, **self._extra}

    def _values(self, task: Task) -> dict[str, Any]:
        """The variables that all tasks of a role have, or those outside of roles."""
        role = task._role
        if id(role) not in self._of_role:
            values = dict(self._base)
            if role is not None:
                chain = task.get_dep_chain()
                defaults = combine_vars(role.get_default_vars(dep_chain=chain), self._base)
                own = role.get_vars(chain, include_params=False, only_exports=False)
                magic = {"role_path": role._role_path, "role_name": role.get_name(include_role_fqcn=False)}
                values = {**combine_vars(defaults, own), **magic}
            self._of_role[id(role)] = values
            self._unresolved[id(role)] = constants(values, self.changing)
        return self._of_role[id(role)]

    def _keep_constants(self, task: Task, engine: CachingEngine) -> None:
        """Let the tasks that follow have the constants that this one has resolved."""
        unresolved = self._unresolved[id(task._role)]
        resolved = engine.resolved(unresolved)
        unresolved.difference_update(resolved)
        self._of_role[id(task._role)].update(resolved)

    def _task(self, task: Task) -> None:
        variables = self._variables(task)
        if not task.evaluate_tags(self._tags["only_tags"], self._tags["skip_tags"], variables):
            return
        engine = CachingEngine(loader=self._loader)
        engine.keep(variables)
        try:
            if all(engine.evaluate_conditional(one) for one in as_list(task.when)):
                if odd := [name for name in UNFOLLOWED if getattr(task, name, None)]:
                    raise CannotFollowError(f"{task.get_name()} has {', '.join(odd)}")
                result = self._result(task, engine, variables)
            else:
                result = {"changed": False, "skipped": True}
        except AnsibleError as error:
            raise TaskFailedError(f"{task.get_name()} ({error})") from error
        self._keep_constants(task, engine)
        for name in registered(task):
            variables[name] = self._found.facts[name] = result
        if not result.get("skipped"):
            self._judge(task, CachingEngine(loader=self._loader, variables=variables), result)

    def _judge(self, task: Task, engine: CachingEngine, result: dict[str, Any]) -> None:
        """Note what a task would change, or why it fails."""
        for name, conditions in (("changed", task.changed_when), ("failed", task.failed_when)):
            if conditions or conditions is False:
                result[name] = all(engine.evaluate_conditional(one) for one in as_list(conditions))
        if result.get("failed"):
            raise TaskFailedError(f"{task.get_name()} ({result.get('msg', 'no message')})")
        if result.get("changed"):
            self._found.reasons.append(task.get_name())

    def _result(self, task: Task, engine: CachingEngine, variables: dict[str, Any]) -> dict[str, Any]:
        collection, _dot, name = (task.resolved_action or task.action).rpartition(".")
        if collection in ("ansible.builtin", "ansible.legacy"):
            return self._builtin(name, task, engine)
        if name == "message":
            self._found.messages.append(engine.template(task.args)["text"].rstrip())
            return {"changed": False}
        if name == "check_inputs":
            host, options = variables["inventory_hostname"], engine.template(task.args)
            if options.get("compare"):
                faults = shared_faults(variables, [host], engine.template, self._owners)
            else:
                path = task._role._role_path
                faults = input_faults(options["role"], path, variables, engine.template, engine.value_of)
            return {"changed": False, "failed": bool(faults), "msg": message(faults, host) if faults else ""}
        return self._module(f"{collection}.{name}", task, engine)

    def _builtin(self, name: str, task: Task, engine: CachingEngine) -> dict[str, Any]:
        if name == "set_fact":
            facts = {engine.template(key): engine.template(value) for key, value in task.args.items()}
            facts.pop("cacheable", None)
            if unknown := set(facts) - self.changing:
                raise CannotFollowError(f"{task.get_name()} sets {', '.join(unknown)}, which is not known beforehand")
            self._found.facts.update(facts)
            self.tell(facts)
            self._connect(facts, environment_of(task, engine))
            return {"changed": False}
        if name == "assert":
            holds = all(engine.evaluate_conditional(one) for one in as_list(task.args["that"]))
            return {"changed": False, "failed": not holds, "msg": said(task, "fail_msg", engine) if not holds else ""}
        if name == "fail":
            return {"changed": False, "failed": True, "msg": said(task, "msg", engine)}
        raise CannotFollowError(f"{task.get_name()} is a task of {name}")

    def _connect(self, facts: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """Make the reads that are guessed for a session that was set as a fact."""
        for name, value in facts.items():
            if isinstance(value, Mapping) and set(value) == {"account_id", "connection"}:
                with shell(environment):
                    self._prefetch.connected(name, value["account_id"], value["connection"])

    def _module(self, action: str, task: Task, engine: CachingEngine) -> dict[str, Any]:
        defaults: dict[str, Any] = {}
        for named in task.module_defaults:
            if set(named) - {DEFAULTS}:
                raise CannotFollowError(f"{task.get_name()} has module_defaults for {', '.join(named)}")
            defaults = named.get(DEFAULTS, defaults)
        options = {**(engine.template(defaults) if defaults else {}), **engine.template(task.args)}
        environment = environment_of(task, engine)
        # A field of the task would be that of the command line where the task has none.
        check_mode = task.get_ds().get("check_mode") is not False
        action = COMPARED_BY.get(action, action)
        key = json.dumps([action, options, environment, check_mode], sort_keys=True, default=str)
        if key not in self._results:
            diff = self._found.predictions is not None
            self._results[key] = run_inline(action, options, environment, check_mode, diff)
        result = dict(self._results[key])
        module = action.rpartition(".")[2]
        if self._found.predictions is not None and module in RESOURCES and "check_mode" not in task.get_ds():
            name = RESOURCES[module][1](options)
            self._found.predictions.append(Prediction(part_of(task), module, name, result))
        if action.endswith(".gate") and "checks" in result:  # a verification makes none in check mode
            self._found.reports.append(Report(options, result))
            if not result["passed"]:
                self._found.reasons.append(f"gate {options['name']}")
        return result
