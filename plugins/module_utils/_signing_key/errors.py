# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a step was not taken, where that is no failure."""

from __future__ import annotations

ANOTHER_RUN = (
    "Another run is at work on the signing key, or AWS is slow to show what was written. Run again when it has ended."
)


class LostError(Exception):
    """AWS holds something else than what the step rests on, such as after another run's write: read again.

    ``remedy`` is what the operator does if it stays so.
    """

    def __init__(self, reason: str, remedy: str = ANOTHER_RUN) -> None:
        super().__init__(reason)
        self.remedy = remedy


class WaitingError(Exception):
    """The step has to be tried again later; the text says why."""
