# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables have the same value for every task of a play, so that a look resolves their templates once.

A variable is constant if no name in its templates, nor in those of the variables that they name, is set by a task.
Names are found as words, so a text that only looks like a name makes a variable a changing one, never a constant one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.playbook.block import Block
from ansible.playbook.task import Task

#: What reaches variables by names that are not written out, or has another value each time.
CHANGING = frozenset({"hostvars", "vars", "lookup", "query", "q", "now", "random", "shuffle"})
WORD = re.compile(r"[A-Za-z_]\w*")
#: A lookup that reads the environment of this process alone.
ENVIRONMENT = re.compile(r"\blookup\('ansible\.builtin\.env'")

_of_text: dict[str, frozenset[str]] = {}
#: Of each container, which is kept as well: another one could have its id otherwise.
_of_container: dict[int, tuple[Any, frozenset[str]]] = {}


def words(value: Any) -> frozenset[str]:
    """The words in the templates of a value."""
    if isinstance(value, str):
        if value not in _of_text:
            _of_text[value] = frozenset(WORD.findall(ENVIRONMENT.sub("(", value))) if "{" in value else frozenset()
        return _of_text[value]
    if not isinstance(value, (dict, list, tuple)):
        return frozenset()
    if id(value) not in _of_container:
        items = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        _of_container[id(value)] = value, frozenset().union(*map(words, items))
    return _of_container[id(value)][1]


def constants(variables: Mapping[str, Any], changing: Iterable[str]) -> set[str]:
    """The names of the variables with templates that are constant while tasks set those in ``changing``."""
    changed = CHANGING.union(changing)
    found = {name: rests for name, value in variables.items() if name not in changed and (rests := words(value))}
    while more := [name for name, rests in found.items() if not rests.isdisjoint(changed)]:
        changed |= set(more)
        for name in more:
            del found[name]
    return set(found)


def set_by_tasks(blocks: Iterable[Block]) -> set[str]:
    """The names that the tasks of a play, or what surrounds them, may set."""
    found: set[str] = set()
    for block in blocks:
        for item in (*block.block, *block.rescue, *block.always):
            found |= set_by_tasks([item]) if isinstance(item, Block) else _set_by(item)
    return found


def _set_by(task: Task) -> set[str]:
    registered = task.register
    names = {registered} if isinstance(registered, str) else set(registered or ())
    facts = set(task.args) if task.action.endswith("set_fact") else set()
    return names | set(task.get_vars()) | facts | {name for fact in facts for name in _named_by(fact, task)}


def _named_by(fact: str, task: Task) -> set[str]:
    """The names that a name with a template can stand for, as the task and its role have them."""
    role = task._role
    of_role = [role.get_default_vars(), role.get_vars(include_params=False)] if role else []
    found = [given.get(word) for word in words(fact) for given in (task.get_vars(), *of_role)]
    return {name for name in found if isinstance(name, str)}
