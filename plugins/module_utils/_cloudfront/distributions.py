# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudFront's calls for one distribution, and what each refusal means."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from .._aws import Aws, AwsError, wait_until
from .viewer_certificate import should_be_accepted

#: The pause before a write is repeated whose certificate CloudFront does not know yet, in seconds.
CERTIFICATE_PAUSE = 3.0

#: How long to look for a distribution that has the alias in a listing that does not show it yet.
LISTED_SECONDS = 10.0


class DistributionExistsError(Exception):
    """The distribution exists already; the text is its id."""


class Distributions:
    """CloudFront's calls for the distribution of some aliases.

    Parameters:
        aws: AWS's services.
        acm: AWS's services in us-east-1, where CloudFront's certificates are.
        aliases: The distribution's host names as CloudFront keeps them. The first one identifies it.
    """

    def __init__(self, aws: Aws, acm: Aws, aliases: list[str]) -> None:
        self._aws = aws
        self._acm = acm
        self._aliases = aliases
        self._name = aliases[0]

    def find(self) -> str | None:
        """The id of the distribution that has the first alias, None where the listing shows none."""
        for item in self._aws.pages("cloudfront", "list_distributions", "DistributionList.Items"):
            if self._name in (item["Aliases"].get("Items") or []):
                return item["Id"]
        return None

    def get(self, identifier: str) -> dict[str, Any] | None:
        """The distribution with an id, None where there is none."""
        answer = self._aws.call("cloudfront", "get_distribution", absent=["NoSuchDistribution"], Id=identifier)
        if answer is None:
            return None
        found = answer["Distribution"]
        tags = self._aws.call("cloudfront", "list_tags_for_resource", Resource=found["ARN"])["Tags"].get("Items", [])
        return {
            "id": identifier,
            "arn": found["ARN"],
            "domain_name": found["DomainName"],
            "status": found["Status"],
            "etag": answer["ETag"],
            "config": found["DistributionConfig"],
            "tags": boto3_tag_list_to_ansible_dict(tags),
        }

    def create(self, config: dict[str, Any], tags: dict[str, str]) -> str:
        """Create a distribution. Returns its id; empty if the caller reference is that of a deleted one.

        Raises DistributionExistsError if another run, or a call whose answer was lost, created it.
        """
        wanted = {"DistributionConfig": config, "Tags": {"Items": ansible_dict_to_boto3_tag_list(tags)}}

        def write() -> Any:
            return self._aws.call("cloudfront", "create_distribution_with_tags", DistributionConfigWithTags=wanted)

        try:
            return self._with_certificate(config, write)["Distribution"]["Id"]
        except AwsError as error:
            existing = self._existing(error)
        if existing:
            raise DistributionExistsError(existing)
        return ""

    def _existing(self, error: AwsError) -> str:
        """The id of the distribution because of which AWS refuses to create another; empty if it is deleted.

        Raises AnsibleAWSError for every other refusal.
        """
        text = str(error.exception)
        if error.code == "DistributionAlreadyExists":
            # https://github.com/aws/aws-sdk-js-v3/issues/2618: only the text has the id.
            named = re.search(r"Already exists: (\w+)", text)
            state = self.get(named[1]) if named else None
            if state and self._name in state["config"]["Aliases"].get("Items", []):
                return state["id"]
            return self.find() or ""
        if error.code == "CNAMEAlreadyExists":
            found = self._find_late()
            if found:
                return found
            raise self._alias_conflict() from error
        if "account must be verified" in text:
            raise AnsibleAWSError(
                message="AWS lets this account create CloudFront distributions only after AWS Support has verified it. "
                "The distribution was not created. Open a case at https://console.aws.amazon.com/support/home#/ with "
                f"AWS's message, and run again when it is solved. AWS's message: {text}"
            ) from error
        raise error

    def _alias_conflict(self) -> AnsibleAWSError:
        return AnsibleAWSError(
            message=f"{', '.join(self._aliases)}: an alias belongs to one distribution in the world, and one of these "
            "belongs to another, perhaps in another account. The distribution was not written. Find it with aws "
            "cloudfront list-conflicting-aliases, and remove the alias there or here."
        )

    def _find_late(self) -> str | None:
        """The distribution that has the alias, if this account's listing shows it within some seconds."""
        try:
            return wait_until(self.find, LISTED_SECONDS, f"{self._name} to be listed", delay=2.0)
        except AwsError:
            return None

    def _with_certificate(self, config: dict[str, Any], write: Callable[[], Any]) -> Any:
        """Make a write, repeated while CloudFront does not know the certificate that ACM has issued.

        https://github.com/hashicorp/terraform-provider-aws/pull/4698
        """
        arn = config.get("ViewerCertificate", {}).get("ACMCertificateArn", "")

        started = time.monotonic()
        while True:
            try:
                return write()
            except AwsError as error:
                if error.code != "InvalidViewerCertificate":
                    raise
                elapsed = time.monotonic() - started
                if not should_be_accepted(self._acm, arn, self._aliases, str(error.exception), elapsed):
                    raise
            time.sleep(CERTIFICATE_PAUSE)

    def update(self, actual: dict[str, Any], config: dict[str, Any]) -> bool:
        """Write a configuration over a version of the distribution; False where that is no longer the newest one."""
        parameters = {"Id": actual["id"], "IfMatch": actual["etag"], "DistributionConfig": config}

        def write() -> Any:
            return self._aws.call("cloudfront", "update_distribution", **parameters)

        try:
            self._with_certificate(config, write)
            return True
        except AwsError as error:
            if error.code == "CNAMEAlreadyExists":
                raise self._alias_conflict() from error
            if error.code != "PreconditionFailed":
                raise
            return False

    def tag(self, arn: str, tags: dict[str, str], removed: list[str]) -> None:
        """Set some tags and remove others."""
        if tags:
            self._aws.call(
                "cloudfront",
                "tag_resource",
                Resource=arn,
                Tags={"Items": ansible_dict_to_boto3_tag_list(tags)},
            )
        if removed:
            self._aws.call("cloudfront", "untag_resource", Resource=arn, TagKeys={"Items": removed})

    def delete(self, actual: dict[str, Any]) -> bool:
        """Delete a version of the distribution; False where that is no longer the newest one, or is enabled."""
        try:
            self._aws.call(
                "cloudfront",
                "delete_distribution",
                absent=["NoSuchDistribution"],
                Id=actual["id"],
                IfMatch=actual["etag"],
            )
            return True
        except AwsError as error:
            if error.code not in ("PreconditionFailed", "DistributionNotDisabled"):
                raise
            return False

    def wait_until_deployed(self, identifier: str, timeout: int) -> dict[str, Any] | None:
        """The distribution once it is deployed; None if it is deleted meanwhile."""
        states: list[dict[str, Any] | None] = []

        def ended() -> bool:
            states.append(self.get(identifier))
            return states[-1] is None or states[-1]["status"] == "Deployed"

        wait_until(ended, timeout, f"distribution {identifier} ({self._name}) to be Deployed", delay=2.0)
        return states[-1]
