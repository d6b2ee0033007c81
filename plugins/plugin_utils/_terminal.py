# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What action plugins show to people: nothing where the callback of the run writes a document for programs."""

from __future__ import annotations

from ansible import constants
from ansible.utils.display import Display


class Terminal:
    """The standard output of a run."""

    def display(self, text: str) -> None:
        """Show a text, unless the standard output is JSON (ansible.posix.json, ansible.posix.jsonl)."""
        if "json" not in str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")).rpartition(".")[2]:
            Display().display(text)


display = Terminal()
