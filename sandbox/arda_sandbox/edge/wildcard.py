"""The wildcards of policies, path patterns and invalidations."""

from __future__ import annotations

import re


def matches(pattern: str, text: str) -> bool:
    """``*`` stands for any characters, ``?`` for exactly one, a backslash makes either plain; case counts.

    In time linear in each, whatever the pattern: it is the viewer's.
    """
    tokens = re.findall(r"\\[*?\\]|.", pattern, re.DOTALL)
    place = index = 0
    star, resume = -1, 0
    while place < len(text):
        token = tokens[index] if index < len(tokens) else ""
        if token == "*":
            star, resume = index, place
            index += 1
        elif token == "?" or (token and token[-1] == text[place] and token != "*"):
            index += 1
            place += 1
        elif star >= 0:
            resume += 1
            index, place = star + 1, resume
        else:
            return False
    return all(token == "*" for token in tokens[index:])
