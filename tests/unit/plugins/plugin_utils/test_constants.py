"""Which variables are constant: none whose value a task can change."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play import Play
from ansible.vars.manager import VariableManager
from ansible_collections.arda.image_upload.plugins.plugin_utils._constants import constants, set_by_tasks
from hypothesis import given
from hypothesis import strategies as st

NAMES = list("abcdefg")


@pytest.mark.parametrize(
    ("variables", "changing", "expected"),
    [
        ({"a": "{{ b }}", "b": "1"}, "", {"a"}),
        ({"a": "{{ b }}", "b": "1"}, "b", set()),
        ({"a": "{{ b }}", "b": "{{ c }}"}, "c", set()),
        ({"a": "{{ b }}", "b": "{{ a }}"}, "", {"a", "b"}),
        ({"a": "{{ b }}"}, "a", set()),
        ({"a": "{{ missing }}"}, "", {"a"}),
        ({"a": "{{ missing }}"}, ["missing"], set()),
        ({"a": [{"x": ["{{ b.c }}"]}]}, "b", set()),
        ({"a": {"{{ b }}": 1}}, "b", set()),
        ({"a": "{{ hostvars['x'].b }}"}, "", set()),
        ({"a": "{{ vars['b'] }}"}, "", set()),
        ({"a": "{{ lookup('ansible.builtin.env', 'B', default='1') }}"}, "", {"a"}),
        ({"a": "{{ lookup('ansible.builtin.vars', 'b') }}"}, "", set()),
        ({"a": "{{ lookup('ansible.builtin.env', 'B') ~ query('x', 'y') }}"}, "", set()),
        ({"a": "plain", "b": 1}, "", set()),
    ],
)
def test_constants_are_those_that_no_task_can_change(
    variables: dict[str, Any], changing: list[str], expected: set[str]
) -> None:
    assert constants(variables, changing) == expected


@given(
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3)),
    st.sets(st.sampled_from(NAMES), max_size=2),
)
def test_constant_reaches_no_changing_name(names: dict[str, list[str]], changing: set[str]) -> None:
    variables = {name: "{{ " + " ~ ".join(["''", *rests]) + " }}" for name, rests in names.items()}
    found = constants(variables, changing)
    for name in variables:
        reached, waiting = set(), [name]
        while waiting:
            one = waiting.pop()
            if one not in reached:
                reached.add(one)
                waiting += names.get(one, [])
        assert (name in found) == (not reached & changing and bool(names[name]))


def test_names_that_tasks_set_are_found_in_blocks_and_behind_templates() -> None:
    tasks = [
        {
            "block": [{"debug": {"msg": ""}, "register": "a"}],
            "rescue": [{"set_fact": {"b": 1}, "vars": {"c": 1}}],
            "always": [{"set_fact": {"{{ name }}": 1}, "vars": {"name": "d"}}],
            "vars": {"e": 1},
        }
    ]
    play = Play.load({"hosts": "all", "tasks": tasks}, variable_manager=VariableManager(), loader=DataLoader())
    assert {"a", "b", "c", "d", "e", "name"} <= set_by_tasks(play.compile())
