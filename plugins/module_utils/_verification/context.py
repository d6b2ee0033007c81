# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real path of an image (presign, upload, read with cookies), and what the checks of it share."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
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
from .._cloudfront.key_material import StoredKey, parse_secret
from .._cloudfront.signature import cookie_header, custom_policy, signed_cookies
from .._s3.presigned_post import Upload, presign

NOT_RUN = "not run"


class NotRun(Exception):
    """A check that cannot be made here, with the reason; never counted as passed."""


@dataclass(frozen=True)
class Check:
    """One named check: its function returns (expected, observed)."""

    name: str
    look_at: str
    function: Callable[[Journey], tuple[Any, Any]]


@dataclass(frozen=True)
class Image:
    content: bytes
    content_type: str
    extension: str


class Journey:
    """One run over the real path: two throw-away tenants, their images, and everyone's credentials."""

    def __init__(self, module: Any, ask_dns: Callable[[str, str], list[str] | str]) -> None:
        options = module.params
        self.options = options
        self.ask_dns = ask_dns
        self.aws = Aws(module)
        self.viewer = Viewer(options["connect_https"], options["connect_http"], options["ca_file"])
        self.host = options["cdn_domain_name"]
        self.bucket = options["bucket_name"]
        self.region = module.region or "us-east-1"
        run = uuid.uuid4().hex[:12]
        self.tenant = f"verify-{run}"
        self.other_tenant = f"verify-{run}b"  # begins with the first one's id
        self.images = [
            Image(Path(image["path"]).read_bytes(), image["content_type"], Path(image["path"]).suffix[1:])
            for image in options["images"]
        ]
        self.keys: dict[str, Image] = {}
        self.key: StoredKey | None = None
        self.session: Credentials | None = None
        self.session_problem = ""

    # -- the presigning role

    def assume_presigning_role(self) -> None:
        """Take the way that the back end takes: the client role, then the presigning role."""
        try:
            session = None
            for arn in (self.options["client_role_arn"], self.options["presigning_role_arn"]):
                session = self.assume(arn, session)
            self.session = session
        except AwsError as error:
            self.session_problem = f"{error.code or error.message}"

    def assume(self, arn: str, credentials: Credentials | None) -> Credentials:
        name = "image-delivery-check"
        if credentials is None:
            answer = self.aws.call("sts", "assume_role", RoleArn=arn, RoleSessionName=name)
        else:
            try:
                client = boto3.client(
                    "sts",
                    region_name=self.region,
                    endpoint_url=self.options["endpoint_url"] or None,
                    aws_access_key_id=credentials.access_key,
                    aws_secret_access_key=credentials.secret_key,
                    aws_session_token=credentials.token,
                )
                answer = client.assume_role(RoleArn=arn, RoleSessionName=name)
            except Exception as error:
                raise AwsError(message=f"Failed to assume role {arn}", exception=error) from error
        found = answer["Credentials"]
        return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def presigner(self) -> Credentials:
        if self.session is None:
            raise NotRun(
                f"the operator may not assume {self.options['client_role_arn']} ({self.session_problem}); name a "
                "verifier role"
            )
        return self.session

    # -- S3

    @property
    def bucket_url(self) -> str:
        return f"https://{self.bucket}.s3.{self.region}.amazonaws.com"

    def s3_as_presigner(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        bucket: str = "",
        region: str = "",
        scheme: str = "https",
    ) -> Answer:
        """A signed request to S3 with the presigning role's credentials."""
        region = region or self.region
        url = f"{scheme}://{bucket or self.bucket}.s3.{region}.amazonaws.com{path}"
        request = AWSRequest(method, url, data=body)
        S3SigV4Auth(self.presigner(), "s3", region).add_auth(request)
        return self.viewer.request(method, url, dict(request.headers.items()), body)

    @property
    def network_only(self) -> bool:
        """Whether uploads are limited to the VPC endpoint."""
        return self.options["upload_origins"] == []

    def form(self, key: str, content_type: str, tenant: str, seconds: int = 900) -> dict[str, Any]:
        """The presigned form as the back end writes it: url, fields."""
        session = self.presigner()
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
            "x-amz-meta-author": "image-delivery-check",
            "x-amz-meta-arda-key": key,
        }
        return presign(client, Upload(self.bucket, key, content_type, fields=fields, lifetime=seconds))

    def post(self, form: Mapping[str, Any], content: bytes, **changed: str | None) -> Answer:
        """Send a form as a browser does; ``changed`` fields are replaced, added, or removed by None."""
        fields = {**form["fields"], **{name.replace("_", "-"): value for name, value in changed.items()}}
        headers, body = multipart({k: v for k, v in fields.items() if v is not None}, content)
        if self.options["read_origins"]:
            headers["Origin"] = self.options["read_origins"][0]
        return self.viewer.request("POST", form["url"], headers, body)

    def upload(self, image: Image, tenant: str) -> tuple[str, Answer]:
        """Upload one image by a form of its own; its key, and S3's answer."""
        key = self.new_key(tenant, image.extension)
        answer = self.post(self.form(key, image.content_type, tenant), image.content)
        if answer.status in (200, 201, 204):
            self.keys[key] = image
        return key, answer

    def new_key(self, tenant: str, extension: str) -> str:
        return f"{tenant}/images/{uuid.uuid4()}.{extension}"

    def prepare(self) -> None:
        """What reading needs: the signing key, and one image of each tenant, put by the operator where need be."""
        self.assume_presigning_role()
        secret = self.aws.call("secretsmanager", "get_secret_value", SecretId=self.options["secret_id"])
        self.key = parse_secret(secret["SecretString"], f"Secret {self.options['secret_id']}")
        for tenant in (self.tenant, self.other_tenant):
            key = self.new_key(tenant, self.images[0].extension)
            try:
                self.put(key, self.images[0])
            except NotRun:
                return  # what needs an image says so itself
            self.keys[key] = self.images[0]

    def put(self, key: str, image: Image) -> None:
        """Put an object with the operator's own credentials."""
        try:
            self.aws.call(
                "s3",
                "put_object",
                Bucket=self.bucket,
                Key=key,
                Body=image.content,
                ContentType=image.content_type,
                ServerSideEncryption="AES256",
            )
        except AwsError as error:
            if error.code != "AccessDenied":
                raise
            raise NotRun("the operator may not put a test object from here") from error

    def key_of(self, tenant: str) -> str:
        """The key of a tenant's first image."""
        found = next((key for key in self.keys if key.startswith(f"{tenant}/")), None)
        if found is None:
            raise NotRun("there is no test object: the operator may not put one from here")
        return found

    def clean_up(self) -> None:
        """Remove every version of what this run has put."""
        for tenant in (self.tenant, self.other_tenant):
            for kind in ("Versions", "DeleteMarkers"):
                where = {"Bucket": self.bucket, "Prefix": f"{tenant}/"}
                for item in list(self.aws.pages("s3", "list_object_versions", kind, **where)):
                    version = {"Key": item["Key"], "VersionId": item["VersionId"]}
                    self.aws.call("s3", "delete_object", Bucket=self.bucket, **version)

    # -- the viewer

    def url(self, key: str) -> str:
        return f"https://{self.host}/{key}"

    def cookies(self, resource: str = "", **changed: Any) -> dict[str, str]:
        """Cookies for a resource, by default everything of the first tenant, for five minutes."""
        policy = custom_policy(
            resource or f"https://{self.host}/{self.tenant}/*",
            changed.get("expires", int(time.time()) + 300),
            changed.get("starts"),
        )
        key_pair_id = changed.get("key_pair_id") or self.key_pair_id
        return signed_cookies(policy, changed.get("private_pem") or self.signing_key.private_pem, key_pair_id)

    @property
    def signing_key(self) -> StoredKey:
        if self.key is None:
            raise NotRun(f"secret {self.options['secret_id']} holds no signing key yet")
        return self.key

    @property
    def key_pair_id(self) -> str:
        """The id beside the private key, or where the secret is a bare PEM the published one."""
        return self.signing_key.key_pair_id or self.options["key_pair_id"]

    def get(self, key: str, cookies: Mapping[str, str] | None = None, method: str = "GET", **headers: str) -> Answer:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookies:
            fields["Cookie"] = cookie_header(cookies)
        return self.viewer.request(method, self.url(key), fields)


def registrar(checks: list[Check]) -> Callable[[str, str], Callable[[Callable], Callable]]:
    """A decorator that adds a named check to a list; it holds where what it observed equals what it expected."""

    def check(name: str, look_at: str) -> Callable[[Callable], Callable]:
        def register(function: Callable) -> Callable:
            checks.append(Check(name, look_at, function))
            return function

        return register

    return check


def run_checks(journey: Journey, checks: list[Check]) -> list[dict[str, Any]]:
    """Every check with its outcome: passed, failed or not run."""
    return [_outcome(one, journey) for one in checks]


def _outcome(one: Check, journey: Journey) -> dict[str, Any]:
    started = time.monotonic()
    expected: Any = "an answer"
    try:
        expected, observed = one.function(journey)
        status = "passed" if _plain(expected) == _plain(observed) else "failed"
    except NotRun as reason:
        status, observed = NOT_RUN, str(reason)
    except Exception as error:  # whatever goes wrong is this check's finding, and the others still run
        status, observed = "failed", f"{type(error).__name__}: {error}"
    return {
        "criterion": one.name,
        "expected": _plain(expected),
        "observed": _plain(observed),
        "ok": status == "passed",
        "status": status,
        "remedy": one.look_at,
        "seconds": round(time.monotonic() - started, 3),
    }


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
