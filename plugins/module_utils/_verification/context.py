# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of one verification share: two throw-away tenants, their images, and everyone's credentials."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from .._aws import Aws
from .._cloudfront.http import Answer, Viewer
from .._dns import DnsError, resolve
from .objects import TENANT, Image, VerificationObjects
from .presigner import Presigner
from .skipped import SkippedError
from .tenant_viewer import TenantViewer


class VerificationContext:
    """One verification of a partition."""

    def __init__(self, module: Any) -> None:
        options = module.params
        self.options = options
        self.aws = Aws(module)
        self.http = Viewer(options["connect_https"], options["connect_http"], options["ca_file"], self.address)
        self.host: str = options["cdn_domain_name"]
        self.bucket: str = options["bucket_name"]
        run = uuid.uuid4().hex[:12]
        self.tenant = f"{TENANT}{run}"
        self.other_tenant = f"{self.tenant}b"  # begins with the first one's id
        self.images = [Image.read(image["path"], image["content_type"]) for image in options["images"]]
        self.objects = VerificationObjects(self.aws, self.bucket, (self.tenant, self.other_tenant))
        self.presigner = Presigner(options, module.region or "us-east-1", self.aws, self.http)
        self.viewer = TenantViewer(options, self.aws, self.http, self.tenant)
        self.read: dict[str, tuple[str, bytes]] = {}  # by key, the media types and contents that the CDN has delivered

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

    @cached_property
    def distribution(self) -> dict[str, Any]:
        """The distribution that answers for the host name, as the listing has it; empty where there is none."""
        items = self.aws.pages("cloudfront", "list_distributions", "DistributionList.Items")
        return next((item for item in items if self.host in (item["Aliases"].get("Items") or [])), {})

    @cached_property
    def zone_servers(self) -> list[str]:
        """The name servers of the public hosted zone; none where there is no such zone."""
        domain = self.options["zone_name"]
        zones = self.aws.call("route53", "list_hosted_zones_by_name", DNSName=domain)["HostedZones"]
        for zone in zones:
            if zone["Name"].rstrip(".") == domain and not zone["Config"]["PrivateZone"]:
                found = self.aws.call("route53", "get_hosted_zone", Id=zone["Id"])
                return sorted(server.rstrip(".").lower() for server in found["DelegationSet"]["NameServers"])
        return []

    def query(self, name: str, record_type: str, servers: Sequence[str] = ()) -> list[str]:
        """The values of a record, from these name servers; from the resolver where none of them can be reached.

        Raises DnsError where there is no answer.
        """
        resolver = self.options["dns_server"]
        try:
            return resolve(name, record_type, resolver, servers)
        except DnsError as error:
            if not servers or str(error) in ("NXDOMAIN", "NoAnswer"):
                raise
            return resolve(name, record_type, resolver)

    def address(self, host: str) -> str:
        """The address of the CDN from the zone's own servers: a resolver may still have the answer that it has none."""
        if host != self.host:
            return host
        return self.query(host, "A", self.zone_servers)[0]

    def bucket_age(self) -> float | None:
        """Seconds since the bucket was created; None where the operator may not list buckets."""
        found = self.aws.call("s3", "list_buckets", absent=["AccessDenied"])
        if found is None:
            return None
        created = {bucket["Name"]: bucket["CreationDate"] for bucket in found["Buckets"]}.get(self.bucket)
        return time.time() - created.timestamp() if created else None

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
