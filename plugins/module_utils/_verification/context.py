# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of one verification share: two throw-away tenants, their images, and everyone's credentials."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from .._aws import Aws
from .._cloudfront.http import Answer, Viewer
from .objects import Image, VerificationObjects
from .presigner import Presigner
from .skipped import SkippedError
from .tenant_viewer import TenantViewer


class VerificationContext:
    """One verification of a partition."""

    def __init__(self, module: Any, ask_dns: Callable[[str, str], list[str] | str]) -> None:
        options = module.params
        self.options = options
        self.ask_dns = ask_dns
        self.aws = Aws(module)
        self.http = Viewer(options["connect_https"], options["connect_http"], options["ca_file"])
        self.host: str = options["cdn_domain_name"]
        self.bucket: str = options["bucket_name"]
        run = uuid.uuid4().hex[:12]
        self.tenant = f"verify-{run}"
        self.other_tenant = f"verify-{run}b"  # begins with the first one's id
        self.images = [Image.read(image["path"], image["content_type"]) for image in options["images"]]
        self.objects = VerificationObjects(self.aws, self.bucket, (self.tenant, self.other_tenant))
        self.presigner = Presigner(options, module.region or "us-east-1", self.aws, self.http)
        self.viewer = TenantViewer(options, self.aws, self.http, self.tenant)

    def prepare(self) -> None:
        """Get what reading needs: the roles, the signing key, and one image of each tenant."""
        self.presigner.assume()
        self.viewer.read_key()
        for tenant in (self.tenant, self.other_tenant):
            key = self.objects.new_key(tenant, self.images[0].extension)
            try:
                self.objects.put(key, self.images[0])
            except SkippedError:
                return  # each check that needs an object reports it
            self.objects.remember(key, self.images[0])

    @property
    def network_only(self) -> bool:
        """Whether uploads are limited to the VPC endpoint."""
        return self.options["upload_origins"] == []

    def upload(self, image: Image) -> tuple[str, Answer]:
        """Upload one image of the first tenant by a form of its own; its key, and S3's answer."""
        key = self.objects.new_key(self.tenant, image.extension)
        answer = self.presigner.post(self.presigner.form(key, image.content_type, self.tenant), image.content)
        if answer.status in (200, 201, 204):
            self.objects.remember(key, image)
        return key, answer
