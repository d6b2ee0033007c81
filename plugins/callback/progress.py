# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: aggregate
version_added: 1.1.0
short_description: Show what a run is doing now
description:
  - Shows the step of each host, the elapsed time, and what is waited for with the time that this may take.
  - On a terminal, the lines are at the end of the output and are updated in place. Elsewhere, a step that takes longer
    than a minute is named once a minute.
  - Shows nothing with a callback that prints JSON.
requirements:
  - Enable it with C(callbacks_enabled=arda.image_upload.progress) in C(ansible.cfg), or C(ANSIBLE_CALLBACKS_ENABLED).
author:
  - Arda Cards (@arda-cards)
"""

import time
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible_collections.arda.image_upload.plugins.plugin_utils._progress import Progress, Steps
from ansible_collections.arda.image_upload.plugins.plugin_utils._terminal import is_json


class CallbackModule(CallbackBase):
    """Follows the tasks of a run."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "arda.image_upload.progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._steps = Steps()
        self._progress: Progress | None = None

    def v2_playbook_on_start(self, playbook: Any) -> None:
        if not is_json():
            self._progress = Progress(self._steps)
            self._progress.start()

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        step = task.get_name().rpartition(" : ")[2]
        self._steps.begin(host.get_name(), step, time.monotonic())

    def v2_runner_on_ok(self, result: Any) -> None:
        self._steps.end(result._host.get_name())

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._steps.end(result._host.get_name())

    v2_runner_on_skipped = v2_runner_on_unreachable = v2_runner_on_ok

    def v2_playbook_on_stats(self, stats: Any) -> None:
        if self._progress:
            self._progress.stop()
