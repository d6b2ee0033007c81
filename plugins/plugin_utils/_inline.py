# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules in this process, one after another, without a fork: for a look, whose modules share what they read.

What tells a module that it runs as one is set while it runs, and taken back afterwards.
"""

from __future__ import annotations

import importlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any

from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible.module_utils.common.json import Direction, get_module_decoder, get_module_encoder
from ansible.release import __version__

from ._in_worker import PROFILE, module_path, module_side

#: What Ansible adds to the options of a module; in a look it writes no log.
LOOK = {"_ansible_no_log": True, "_ansible_version": __version__}


def run_inline(
    name: str, options: Mapping[str, Any], environment: Mapping[str, str], check_mode: bool, diff: bool = False
) -> Any:
    """The result of a module, ``namespace.collection.name``."""
    main = importlib.import_module(module_path(name)).main
    asked = {"_ansible_check_mode": check_mode, "_ansible_diff": diff, "_ansible_module_name": name}
    arguments = {**options, **LOOK, **asked}
    encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
    printed = io.StringIO()
    parameters = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, cls=encoder).encode()
    with _as_module(parameters, environment), redirect_stdout(printed):
        _until_exit(main)
    return json.loads(printed.getvalue(), cls=get_module_decoder(PROFILE, Direction.MODULE_TO_CONTROLLER))


@contextmanager
def shell(environment: Mapping[str, str]) -> Iterator[None]:
    """The environment of a task, for a while."""
    before = dict(os.environ)
    try:
        os.environ.update(environment)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _until_exit(main: Callable[[], None]) -> None:
    try:
        main()
    except SystemExit:
        return


@contextmanager
def _as_module(parameters: bytes, environment: Mapping[str, str]) -> Iterator[None]:
    """What a module finds in its process, for a while."""
    changes = [*module_side(), (basic, "_ANSIBLE_ARGS", parameters), (basic, "_ANSIBLE_PROFILE", PROFILE)]
    before = [(place, attribute, getattr(place, attribute)) for place, attribute, _value in changes]
    warnings._global_warnings.clear()
    try:
        for place, attribute, value in changes:
            setattr(place, attribute, value)
        with shell(environment):
            yield
    finally:
        for place, attribute, value in before:
            setattr(place, attribute, value)
