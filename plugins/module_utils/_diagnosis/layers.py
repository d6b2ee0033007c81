# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of a partition from the outside in, and the one cause among the checks that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .._checks import FAILED, PASSED, SKIPPED


@dataclass(frozen=True)
class Layer:
    """A part of the path from the operator to an image; ``after`` names the layers that it rests on."""

    name: str
    after: tuple[str, ...]
    #: What does not work while it is broken.
    effect: str


#: In the order in which a cause is looked for. What a layer rests on stands before it.
LAYERS = (
    Layer("clock", (), "AWS refuses every request as too old or too new"),
    Layer("credentials", ("clock",), "nothing can be read or changed"),
    Layer("permissions", ("credentials",), "a run stops at the first call that AWS refuses"),
    Layer("delegation role", ("permissions",), "Run 1 can neither find the root zone nor delegate from it"),
    Layer("root account", ("clock",), "Run 1 cannot make or check the root zone"),
    Layer("root zone", ("delegation role", "root account"), "no name below it resolves"),
    Layer("root stack", ("root zone",), "whoever imports the id of the root zone does not get it"),
    Layer("parent", ("root zone",), "no name below the root zone resolves, and ACM cannot validate certificates"),
    Layer("zone", ("permissions",), "no partition of the infrastructure has a name"),
    Layer("delegation", ("root zone", "zone"), "no name of the infrastructure resolves, ACM cannot validate"),
    Layer("resolver", ("parent", "delegation"), "this machine does not see names that the name servers have"),
    Layer("CAA", ("parent", "delegation"), "ACM may not issue or renew the certificate"),
    Layer("validation record", ("zone",), "ACM cannot issue or renew the certificate"),
    Layer(
        "certificate",
        ("parent", "delegation", "CAA", "validation record"),
        "Run 1 stops at its gate, and no distribution can use the certificate",
    ),
    Layer("foundation exports", ("zone", "certificate"), "Run 2 stops at its entry gate"),
    Layer("platform", ("permissions",), "Run 2 stops at its entry gate"),
    Layer("bucket", ("foundation exports", "platform"), "images cannot be stored or read as declared"),
    Layer("presigning role", ("foundation exports", "platform"), "the back end cannot presign uploads as declared"),
    Layer("signing key", ("foundation exports",), "the CDN refuses cookies and URLs of the back end"),
    Layer("access control", ("foundation exports",), "the CDN cannot read the bucket"),
    Layer("headers policy", ("foundation exports",), "browsers do not get the declared response headers"),
    Layer(
        "distribution",
        ("foundation exports", "bucket", "signing key", "access control", "headers policy"),
        "viewers are not served as declared",
    ),
    Layer("alias records", ("foundation exports", "distribution"), "viewers do not find the CDN"),
    Layer("exports", ("bucket", "presigning role", "signing key", "distribution"), "consumers do not get the values"),
    Layer("monitoring", ("distribution",), "nobody is told of errors, or can read the CDN's logs"),
    Layer("edge", ("certificate", "alias records", "exports", "presigning role"), "viewers are refused"),
    Layer("run", ("edge",), "a run stops"),
)
ORDER = [layer.name for layer in LAYERS]


@dataclass(frozen=True)
class Fact:
    """What was observed of one layer: a check as gates have it."""

    layer: str
    criterion: str
    expected: Any
    observed: Any
    remedy: str = ""
    command: str = ""
    #: Whether the command reads AWS with the connection of the module.
    source: str = ""
    status: str = ""

    def check(self) -> dict[str, Any]:
        """The fact as a module returns it. Without a status, it holds if the values are the same."""
        status = self.status or (PASSED if self.expected == self.observed else FAILED)
        return {**asdict(self), "status": status, "ok": status == PASSED}


def unknown(layer: str, criterion: str, reason: str) -> Fact:
    """What could not be observed, and why."""
    return Fact(layer, criterion, None, reason, status=SKIPPED)


def guarded(layer: str, criterion: str, observe: Callable[[], Iterable[Fact]]) -> list[Fact]:
    """The facts, up to the first call that AWS refuses, which is one more."""
    found: list[Fact] = []
    try:
        found.extend(observe())
    except AnsibleAWSError as error:
        found.append(
            unknown(layer, criterion, f"{error.message} ({error.exception})" if error.exception else error.message)
        )
    return found


def rests_on(name: str) -> set[str]:
    """The layer itself and every layer that it rests on."""
    after = next(layer.after for layer in LAYERS if layer.name == name)
    return {name}.union(*(rests_on(other) for other in after))


def diagnosis(checks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The checks from the outside in, and their cause.

    Returns ``checks`` in the order of the layers, ``cause``, the first that failed (None if none did), ``effect``, what
    does not work because of it, and ``others``, the criteria that failed and do not follow from it. What follows from
    the cause is marked as skipped, with the criterion of the cause.
    """
    ordered = [dict(check) for check in sorted(checks, key=lambda check: ORDER.index(check["layer"]))]
    failed = [check for check in ordered if check["status"] == FAILED]
    if not failed:
        return {"checks": ordered, "cause": None, "effect": "", "others": []}
    cause, *rest = failed
    for check in rest:
        if cause["layer"] in rests_on(check["layer"]):
            check.update(status=SKIPPED, cause=cause["criterion"])
    others = [check["criterion"] for check in rest if check["status"] == FAILED]
    effect = next(layer.effect for layer in LAYERS if layer.name == cause["layer"])
    return {"checks": ordered, "cause": cause, "effect": effect, "others": others}
