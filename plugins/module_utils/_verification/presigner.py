# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The back end's way to the presigning role, and what that role signs: forms and requests to S3."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

try:
    import boto3
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.config import Config
    from botocore.credentials import Credentials
except ImportError:
    pass  # AnsibleAWSModule reports the missing library

from .._aws import Aws, AwsError
from .._cloudfront.http import Answer, Viewer, multipart
from .._s3.presigned_post import Upload, presign
from .skipped import SkippedError

AUTHOR = "image-delivery-check"
PAUSE = 2  # seconds between two attempts to assume the presigning role


def _reason(error: AwsError) -> str:
    return error.code or error.message


class Presigner:
    """The presigning role, assumed from the client role as the back end does it."""

    def __init__(self, options: Mapping[str, Any], region: str, aws: Aws, viewer: Viewer) -> None:
        self._options = options
        self._aws = aws
        self._viewer = viewer
        self.region = region
        self.bucket: str = options["bucket_name"]
        self._session: Credentials | None = None
        self._skipped = "the roles are not assumed yet"
        #: Why the client role may not assume the presigning role, which is a defect; empty where it may.
        self.refusal = ""

    def assume(self) -> None:
        """Assume the client role, then the presigning role; a refusal is kept for the checks that need it.

        An operator who may not assume the client role is not trusted by it. A client role that may not assume the
        presigning role is repeated: IAM takes some time to propagate a trust policy.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
        """
        client_role, presigning_role = self._options["client_role_arn"], self._options["presigning_role_arn"]
        try:
            client = self.assume_role(client_role)
        except AwsError as error:
            self._skipped = f"the operator may not assume {client_role} ({_reason(error)}); name a verifier role"
            return
        deadline = time.monotonic() + self._options["propagation_seconds"]
        while self._session is None:
            try:
                self._session = self.assume_role(presigning_role, client)
            except AwsError as error:
                self.refusal = f"{presigning_role}: {_reason(error)}"
                self._skipped = f"{client_role} may not assume {self.refusal}"
                if error.code != "AccessDenied" or time.monotonic() >= deadline:
                    return
                time.sleep(PAUSE)
        self.refusal = ""

    def assume_role(self, arn: str, credentials: Credentials | None = None) -> Credentials:
        """Assume one role, as the operator or with other credentials.

        Raises AwsError where that is refused.
        """
        if credentials is None:
            answer = self._aws.call("sts", "assume_role", RoleArn=arn, RoleSessionName=AUTHOR)
        else:
            try:
                client = boto3.client(
                    "sts",
                    region_name=self.region,
                    endpoint_url=self._options["endpoint_url"] or None,
                    aws_access_key_id=credentials.access_key,
                    aws_secret_access_key=credentials.secret_key,
                    aws_session_token=credentials.token,
                )
                answer = client.assume_role(RoleArn=arn, RoleSessionName=AUTHOR)
            except Exception as error:
                raise AwsError(message=f"Failed to assume role {arn}", exception=error) from error
        found = answer["Credentials"]
        return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def credentials(self) -> Credentials:
        """The presigning role's credentials.

        Raises SkippedError where the operator could not assume the roles.
        """
        if self._session is None:
            raise SkippedError(self._skipped)
        return self._session

    @property
    def bucket_url(self) -> str:
        return f"https://{self.bucket}.s3.{self.region}.amazonaws.com"

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        bucket: str = "",
        region: str = "",
        scheme: str = "https",
    ) -> Answer:
        """A request to S3 that the presigning role has signed."""
        region = region or self.region
        url = f"{scheme}://{bucket or self.bucket}.s3.{region}.amazonaws.com{path}"
        request = AWSRequest(method, url, data=body)
        S3SigV4Auth(self.credentials(), "s3", region).add_auth(request)
        return self._viewer.request(method, url, dict(request.headers.items()), body)

    def form(self, key: str, content_type: str, tenant: str, seconds: int = 900) -> dict[str, Any]:
        """The presigned form as the back end writes it: url, fields."""
        session = self.credentials()
        client = boto3.client(
            "s3",
            region_name=self.region,
            aws_access_key_id=session.access_key,
            aws_secret_access_key=session.secret_key,
            aws_session_token=session.token,
            config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
            endpoint_url=f"https://s3.{self.region}.amazonaws.com",
        )
        fields = {
            "x-amz-server-side-encryption": "AES256",
            "x-amz-meta-tenant-id": tenant,
            "x-amz-meta-author": AUTHOR,
            "x-amz-meta-arda-key": key,
        }
        return presign(client, Upload(self.bucket, key, content_type, fields=fields, lifetime=seconds))

    @property
    def origin(self) -> str:
        """The origin of the page that uploads."""
        origins = self._options["upload_origins"]
        return (origins or self._options["read_origins"] or ["https://any.example"])[0]

    def post(self, form: Mapping[str, Any], content: bytes, **changed: str | None) -> Answer:
        """Send a form as a browser does; ``changed`` fields are replaced, added, or removed by None."""
        fields = {**form["fields"], **{name.replace("_", "-"): value for name, value in changed.items()}}
        headers, body = multipart({k: v for k, v in fields.items() if v is not None}, content)
        return self._viewer.request("POST", form["url"], {**headers, "Origin": self.origin}, body)
