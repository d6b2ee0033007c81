# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exception of a check that cannot run here."""

from __future__ import annotations


class SkippedError(Exception):
    """A check that cannot run here, with the reason. It is reported as skipped, never as passed."""
