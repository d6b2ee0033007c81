# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of Route 53's records, and their order."""

from __future__ import annotations

from typing import Any


def fqdn(name: str) -> str:
    """A domain name as Route 53 compares it: lower case, with the trailing dot, the wildcard unescaped."""
    return name.lower().replace("\\052", "*").rstrip(".") + "."


def records_from(zone: dict[str, Any], start: str) -> dict[str, Any]:
    """Of the one page of a small zone what Route 53 answers to a listing that begins with a name.

    Partitions share a zone, and Route 53 takes five requests a second from an account. So a zone of one page, at most
    300 records, is listed once for all of them.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html (sort order)
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests
    """
    found = [record for record in zone["ResourceRecordSets"] if sort_key(record["Name"]) >= sort_key(start)]
    return {**zone, "ResourceRecordSets": found}


def sort_key(name: str) -> str:
    """What Route 53 sorts the records of a zone by: the labels of a name in reverse order, with the trailing dot."""
    return ".".join(reversed(fqdn(name)[:-1].split("."))) + "."
