# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a partition that a comparison with its declaration does not have."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._aws import Aws
from .._checks import aws_command, dns_command
from .._cloudfront.http import BY_ORIGIN, REFUSALS, Answer, Viewer
from .._cloudfront.key_material import StoredKey
from .._cloudfront.signature import cookie_header, custom_policy, signed_cookies
from .._dns import DnsError, resolve
from .._signing_key.reader import SigningKeyReader
from .access import permissions
from .layers import Fact, unknown
from .stacks import importers, stack_facts

SIGNED = "the CDN takes a signed request to the bucket"
UNSIGNED = "the CDN refuses an unsigned request"
#: What an answer to a signed request for an object that does not exist means.
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
MEANINGS = {
    REFUSALS["MissingKey"]: "the distribution does not read the cookies: a proxy removes them",
    REFUSALS["InvalidKey"]: "no trusted key group has the key",
    REFUSALS["AccessDenied"]: "the signature is not by the registered key, or the clock is wrong",
}


class Partition:
    """The facts of one partition."""

    def __init__(self, module: Any, aws: Aws) -> None:
        self._options: Mapping[str, Any] = module.params
        self._aws = aws
        self._reader = SigningKeyReader(module)
        #: The current key and its id, once it is known to be trusted.
        self._key: StoredKey | None = None
        self._identifier = ""
        self._command = [self._options.get(name) for name in ("region", "profile", "endpoint_url")]

    def permissions(self) -> Iterator[Fact]:
        """The permissions of the caller, where a role is named."""
        if self._options["role"]:
            yield permissions(self._aws, self._options)

    def key(self) -> Iterator[Fact]:
        """The secret's stages, and whether the CDN knows the current key."""
        secret, launch = self._options["secret_name"], self._options["launch"]
        found = self._reader.read()
        parameters = {"SecretId": secret}
        read = {"service": "secretsmanager", "operation": "describe_secret", "parameters": parameters}
        command = {"command": aws_command(read, *self._command), "source": "aws"}
        yield Fact("signing key", f"secret {secret} is present", "present", found.secret, launch, **command)
        if found.secret != "present":
            return
        key = found.registered(found.current)
        if found.current is None:
            state = "holds no key yet: a run ended half way"
        elif key is None:
            state = "is not registered in CloudFront: the secret was changed, or the public key deleted, by hand"
        elif not found.trusts(key):
            state = f"is public key {key.key_id}, which the key group does not trust"
        elif found.current.key_pair_id not in (None, key.key_id):
            state = f"is public key {key.key_id}, but the secret names {found.current.key_pair_id}"
        else:
            state = "is trusted"
            self._key, self._identifier = self._reader.secret.key(found.current), key.key_id
        yield Fact("signing key", f"the current key of secret {secret}", "is trusted", state, launch, **command)
        rotating = "AWSPENDING waits to become the current key" if found.rotating else "none"
        remedy = f"finish it: {self._options['rotate']}"
        yield Fact("signing key", "no rotation is half done", "none", rotating, remedy, **command)

    def distribution(self) -> Iterator[Fact]:
        """The distribution's own state."""
        host = self._options["host"]
        read = {
            "service": "cloudfront",
            "operation": "list_distributions",
            "query": f"DistributionList.Items[?contains(Aliases.Items || `[]`, '{host}')].[Id, Enabled, Status]",
        }
        command = {"command": aws_command(read, *self._command), "source": "aws"}
        listed = self._aws.pages("cloudfront", "list_distributions", "DistributionList.Items")
        own = [item for item in listed if host in (item["Aliases"].get("Items") or [])]
        criterion = f"an enabled distribution serves {host}"
        if not own:
            yield Fact("distribution", criterion, "enabled", "no distribution", self._options["launch"], **command)
            return
        enabled = "enabled" if own[0]["Enabled"] else "disabled"
        yield Fact("distribution", criterion, "enabled", enabled, self._options["launch"], **command)
        remedy = "CloudFront deploys a change: wait some minutes"
        yield Fact("edge", f"distribution {own[0]['Id']} is deployed", "Deployed", own[0]["Status"], remedy, **command)

    def exports(self) -> Iterator[Fact]:
        """The exports, and who imports them."""
        names = self._options["export_names"]
        yield from stack_facts("exports", self._aws, self._options["stack"], names, self._options["launch"])
        imported = importers(self._aws, names)
        told = "; ".join(f"{name} by {', '.join(stacks)}" for name, stacks in imported.items()) or "none"
        yield Fact("exports", "exports that other stacks import", told, told)

    def edge(self) -> Iterator[Fact]:
        """The answers of the CDN to an unsigned and a signed request for an object that does not exist."""
        host = self._options["host"]
        try:
            address = resolve(host, "A", self._options["dns_server"] or None)
        except DnsError as error:
            address = []
            observed = str(error)
        else:
            observed = "an address"
        command = dns_command({"name": host, "type": "A"}, self._options["dns_server"] or None)
        remedy = (
            f"a resolver keeps for up to 15 minutes that a name does not exist: wait; else {self._options['launch']}"
        )
        yield Fact("edge", f"the resolver has an address of {host}", "an address", observed, remedy, command)
        if not address and not self._options["connect_https"]:
            return
        viewer = Viewer(
            self._options["connect_https"], ca_file=self._options["ca_file"] or "", lookup=lambda _host: address[0]
        )
        url = f"https://{host}/diagnose/images/none.jpg"
        yield self._answer(UNSIGNED, viewer, url, {}, REFUSALS["MissingKey"])
        if self._key is None:
            yield unknown("edge", SIGNED, "there is no trusted key to sign with")
            return
        policy = custom_policy(f"https://{host}/diagnose/*", int(time.time()) + 300)
        cookies = cookie_header(signed_cookies(policy, self._key.private_pem, self._identifier))
        yield self._answer(SIGNED, viewer, url, {"Cookie": cookies}, BY_ORIGIN)

    def _answer(self, criterion: str, viewer: Viewer, url: str, headers: dict[str, str], expected: str) -> Fact:
        try:
            answer: Answer = viewer.request("GET", url, headers)
        except OSError as error:
            observed, remedy = (
                f"{type(error).__name__}: {error}",
                "compare the certificate, the alias records, the network",
            )
        else:
            observed = f"{answer.status} {answer.error()}"
            meaning = MEANINGS.get(answer.error(), "")
            remedy = meaning or "compare the distribution, its web ACL and the bucket with the plan"
        command = f"curl --silent --include {url}" if not headers else ""
        return Fact("edge", criterion, f"403 {expected}", observed, remedy, command)

    def parts(self) -> list[tuple[str, Callable[[], Iterable[Fact]]]]:
        """The layers, and what observes each; the last one uses the key that the first one has read."""
        return [
            ("permissions", self.permissions),
            ("signing key", self.key),
            ("distribution", self.distribution),
            ("exports", self.exports),
            ("edge", self.edge),
        ]
