# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of a new signing key: the CDN takes a request that it has signed, before any signer uses it."""

from __future__ import annotations

import time
from http.client import HTTPException

from .._cloudfront.http import BY_ORIGIN, REFUSALS, Answer, Viewer
from .._cloudfront.signature import custom_policy, signed_url

#: Requests that must succeed in a row, each over a connection of its own: a change reaches the edges one by one.
IN_A_ROW = 3


def passed_the_edge(answer: Answer) -> bool:
    """Whether a request's signature was taken: the object was there, or the origin itself said that it is not."""
    return answer.status in (200, 206, 304, 404) or (answer.status == 403 and answer.error() == BY_ORIGIN)


def objection(viewer: Viewer, url: str, key_pair_id: str, private_pem: str) -> str:
    """Why the CDN does not take signatures of a key at ``url``; the empty string where it does."""
    try:
        unsigned = viewer.request("GET", url)
        if unsigned.error() != REFUSALS["MissingKey"]:
            return f"{url} does not ask for a signature: unsigned, it answers {unsigned.status} ({unsigned.error()})"
        signed = signed_url(url, custom_policy(url, int(time.time()) + 300), private_pem, key_pair_id)
        for _attempt in range(IN_A_ROW):
            answer = viewer.request("GET", signed)
            if not passed_the_edge(answer):
                return f"signed by {key_pair_id}, {url} answers {answer.status} ({answer.error()})"
    except (OSError, HTTPException) as error:
        return f"{url} does not answer: {error}"
    return ""
