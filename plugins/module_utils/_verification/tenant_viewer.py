# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A viewer of the CDN with the cookies of a tenant."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .._aws import Aws
from .._cloudfront.http import Answer, Viewer
from .._cloudfront.key_material import StoredKey, stored_key
from .._cloudfront.signature import cookie_header, custom_policy, signed_cookies
from .skipped import SkippedError


class TenantViewer:
    """Reads through the CDN, signed with the partition's current key."""

    def __init__(self, options: Mapping[str, Any], aws: Aws, viewer: Viewer, tenant: str) -> None:
        self._options = options
        self._aws = aws
        self._viewer = viewer
        self._tenant = tenant
        self.host: str = options["cdn_domain_name"]
        self._key: StoredKey | None = None

    def read_key(self) -> None:
        """Read the current signing key, as the back end does."""
        secret_id = self._options["secret_id"]
        secret = self._aws.call("secretsmanager", "get_secret_value", SecretId=secret_id)
        self._key = stored_key(secret, f"Secret {secret_id}")

    @property
    def signing_key(self) -> StoredKey:
        if self._key is None:
            raise SkippedError(f"secret {self._options['secret_id']} holds no signing key yet")
        return self._key

    @property
    def key_pair_id(self) -> str:
        """The id beside the private key, or where the secret is a bare PEM the published one."""
        return self.signing_key.key_pair_id or self._options["key_pair_id"]

    def url(self, key: str) -> str:
        return f"https://{self.host}/{key}"

    def cookies(self, resource: str = "", **changed: Any) -> dict[str, str]:
        """Cookies for a resource, by default everything of the tenant, for five minutes."""
        policy = custom_policy(
            resource or f"https://{self.host}/{self._tenant}/*",
            changed.get("expires", int(time.time()) + 300),
            changed.get("starts"),
        )
        key_pair_id = changed.get("key_pair_id") or self.key_pair_id
        return signed_cookies(policy, changed.get("private_pem") or self.signing_key.private_pem, key_pair_id)

    def get(self, key: str, cookies: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Read one object; an underscore in a header's name stands for a hyphen."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookies:
            fields["Cookie"] = cookie_header(cookies)
        return self._viewer.request("GET", self.url(key), fields)
