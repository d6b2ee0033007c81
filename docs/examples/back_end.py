"""What the back end of an application does with a partition: it presigns uploads, and signs cookies.

docs/consumers.md says why each value is as it is. Needs boto3; signer.py is beside this file.
"""

import time
import uuid

import boto3
from botocore.config import Config
from signer import CookieSigner, set_cookie_headers

LARGEST = 10 * 1024 * 1024  # bytes
FORM_SECONDS = 900
SESSION_SECONDS = 3600  # a role that is assumed from another role lasts no longer
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


def exports(prefix, client=None):
    """The values that a partition publishes, by their names without the prefix, such as ImageCdnDomainName."""
    pages = (client or boto3.client("cloudformation")).get_paginator("list_exports").paginate()
    found = {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}
    prefix = f"{prefix}-API-"
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


class BackEnd:
    """The back end of one partition.

    ``session`` may read the exports and the secret. ``client_session`` returns a session of the bucket client role, the
    only one that may assume the presigning role. If omitted, it is the same session.
    """

    def __init__(self, prefix, domain, session=None, client_session=None):
        self.session = session or boto3.Session()
        self._client_session = client_session or (lambda: self.session)
        self.exports = exports(prefix, self.session.client("cloudformation"))
        self.host = self.exports["ImageCdnDomainName"]
        self.signer = CookieSigner(self.exports["ImageSigningKeySecretArn"], self.session.client("secretsmanager"))
        self._domain = domain
        self._presigner = None
        self._assumed_at = 0.0

    def form(self, tenant, author, content_type):
        """A form for one upload, and the URL that shows the image afterwards. Raises KeyError for another type."""
        key = f"{tenant}/images/{uuid.uuid4()}.{EXTENSIONS[content_type]}"
        fields = {
            "x-amz-meta-tenant-id": tenant,
            "x-amz-meta-author": author,
            "x-amz-meta-arda-key": key,
            "x-amz-server-side-encryption": "AES256",
            "Cache-Control": "max-age=86400",
        }
        form = self._s3().generate_presigned_post(
            self.exports["ImageAssetBucketName"],
            key,
            Fields={"Content-Type": content_type, **fields},
            Conditions=[
                ["starts-with", "$Content-Type", "image/"],
                ["content-length-range", 1, LARGEST],
                *({name: value} for name, value in fields.items()),
            ],
            ExpiresIn=FORM_SECONDS,
        )
        return {"form": form, "url": f"https://{self.host}/{key}"}

    def set_cookies(self, tenant, lifetime):
        """The values of the Set-Cookie headers that open a tenant's images for so many seconds."""
        return set_cookie_headers(self.signer.cookies(self.host, tenant, lifetime), self._domain, tenant, lifetime)

    def _s3(self):
        """A client of the presigning role; signing a form makes no call."""
        if self._presigner is None or time.monotonic() - self._assumed_at > SESSION_SECONDS - 2 * FORM_SECONDS:
            role = self.exports["ImagePreSigningRoleArn"]
            session = self._client_session()
            assumed = session.client("sts").assume_role(RoleArn=role, RoleSessionName="uploads")["Credentials"]
            region = session.region_name
            self._presigner = session.client(
                "s3",
                aws_access_key_id=assumed["AccessKeyId"],
                aws_secret_access_key=assumed["SecretAccessKey"],
                aws_session_token=assumed["SessionToken"],
                endpoint_url=f"https://s3.{region}.amazonaws.com",  # the bucket's region: a form follows no redirect
                config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
            )
            self._assumed_at = time.monotonic()
        return self._presigner
