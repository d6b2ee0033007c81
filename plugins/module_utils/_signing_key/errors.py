# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a step was not taken, where that is no failure."""

from __future__ import annotations


class LostError(Exception):
    """AWS holds something else than what the step rests on, such as after another run's write: read again."""


class WaitingError(Exception):
    """The step has to be tried again later; the text says why."""
