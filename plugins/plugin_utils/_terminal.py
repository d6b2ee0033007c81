# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for the operator that no callback hides, and that no JSON callback's output is mixed with."""

from __future__ import annotations

from ansible import constants
from ansible.utils.display import Display

display = Display()


def stdout_callback() -> str:
    """The name of the callback that writes the output of the run, without its collection."""
    return str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")).rpartition(".")[2]


def is_json() -> bool:
    """Whether the callback prints JSON to the standard output (ansible.posix.json, ansible.posix.jsonl)."""
    return "json" in stdout_callback()


def show(text: str) -> None:
    """Print text to the standard output, or to the standard error where the standard output is JSON.

    Control characters are shown as escapes: names and values come from AWS.
    """
    display.display("\n".join(printable(line) for line in text.split("\n")), stderr=is_json())


def printable(text: str) -> str:
    """One line of text with its control characters as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def verbosity() -> int:
    """How often ``-v`` is given."""
    return display.verbosity
