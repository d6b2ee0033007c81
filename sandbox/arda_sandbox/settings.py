"""Where the sandbox listens, where it keeps its state, and how long AWS's slow steps take in it."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

HOST = "127.0.0.1"
ROOT_ACCOUNT = "841876193886"
# The secret key of every account's root caller (its access key is the account's number). It opens nothing but this
# sandbox; it is long and improbable because Ansible masks every occurrence of a secret key in its output.
ROOT_SECRET = "arda-embedded-sandbox-only-0f6c1d7e5b"
SERVICES = "s3,iam,sts,route53,acm,cloudfront,secretsmanager,cloudformation,ssm,kms,ec2,cloudwatch,logs"


class SettingsError(Exception):
    """A setting that cannot be; the text says which, what it must be, and what was found."""


class Delay(NamedTuple):
    """How long a slow step of AWS takes, in seconds: ``quick`` by default, ``adverse`` under adversity."""

    quick: float
    adverse: float
    step: str
    source: str


#: The slow steps of AWS. ``ARDA_SANDBOX_ADVERSITY=on`` chooses the adverse values, ``ARDA_SANDBOX_<NAME>_SECONDS``
#: sets one of them, ``POST /_sandbox/delays`` changes them in a running sandbox. scripts/role_pages.py writes this
#: table into docs/architecture.md.
DELAYS = {
    "issue": Delay(
        1.0,
        20.0,
        "ACM issues a certificate once its validation record is in DNS",
        "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html",
    ),
    "validation_record": Delay(
        0.4,
        5.0,
        "ACM describes the validation record of a certificate that was just requested",
        "https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html",
    ),
    "deploy": Delay(
        1.0,
        15.0,
        "CloudFront deploys a change of a distribution",
        "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html",
    ),
    "certificate_known_to_cloudfront": Delay(
        0.0,
        8.0,
        "CloudFront accepts a certificate that ACM has issued",
        "https://github.com/hashicorp/terraform-provider-aws/pull/4698",
    ),
    "edge_lag": Delay(
        0.0,
        10.0,
        "CloudFront's edge locations answer by the previous state after a change, at most until Deployed",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html",
    ),
    "bucket_configuration": Delay(
        0.0,
        3.0,
        "S3 answers with a bucket's previous configuration after a change",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html",
    ),
    "bucket_conflict": Delay(
        0.0,
        0.3,
        "S3 refuses a change of a bucket's configuration that follows another one (OperationAborted)",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    ),
    "iam_propagation": Delay(
        0.0,
        5.0,
        "A new IAM role is known as a principal of policies",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html",
    ),
    "stack": Delay(
        0.0,
        3.0,
        "CloudFormation creates or updates a stack",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html",
    ),
    "error_caching": Delay(
        0.2,
        10.0,
        "CloudFront's edge locations keep an error of the origin, such as S3's 403 for an object that is not there yet",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html",
    ),
    "trust_policy": Delay(
        0.0,
        5.0,
        "STS assumes a role by a trust policy that was just written; until then AccessDenied",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency",
    ),
    "versioning": Delay(
        0.0,
        8.0,
        "S3 finds objects of a bucket whose versioning was just enabled (here: of a bucket that was just created)",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html",
    ),
    "certificate_visible": Delay(
        0.0,
        5.0,
        "ACM describes a certificate that was just requested; ResourceNotFoundException until then",
        "https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html",
    ),
    "negative_cache": Delay(
        0.0,
        60.0,
        "a resolver keeps the answer that a name does not exist; 900 seconds for zones of Route 53",
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html",
    ),
    "visibility": Delay(
        0.0,
        3.0,
        "CloudFront, Route 53 and ACM list what was just created; read by its id it is there at once",
        "https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html",
    ),
}
_VARIABLE = re.compile(r"ARDA_SANDBOX_(\w+)_SECONDS")


def _delays() -> dict[str, float]:
    adversity = os.environ.get("ARDA_SANDBOX_ADVERSITY", "off")
    if adversity not in ("on", "off"):
        raise SettingsError(f"ARDA_SANDBOX_ADVERSITY must be on or off, not {adversity!r}.")
    set_here = {found[1].lower(): value for name, value in os.environ.items() if (found := _VARIABLE.fullmatch(name))}
    chosen = {name: delay.adverse if adversity == "on" else delay.quick for name, delay in DELAYS.items()}
    return {**chosen, **checked_delays(set_here)}


def checked_delays(values: Mapping[str, object]) -> dict[str, float]:
    """Some delays as seconds. Raises SettingsError for an unknown name, and for what is no number of seconds."""
    found = {}
    for name, value in values.items():
        if name not in DELAYS:
            raise SettingsError(f"There is no delay {name!r}. The delays are: {', '.join(DELAYS)}.")
        try:
            seconds = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            seconds = math.nan
        if not 0 <= seconds < math.inf:
            raise SettingsError(
                f"The delay {name!r} (ARDA_SANDBOX_{name.upper()}_SECONDS) must be a number of seconds, 0 or more, "
                f"not {value!r}."
            )
        found[name] = seconds
    return found


def _port(name: str, default: int) -> int:
    text = os.environ.get(f"ARDA_SANDBOX_{name}_PORT", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SettingsError(f"ARDA_SANDBOX_{name}_PORT must be a port number from 1 to 65535, not {text!r}.")
    return int(text)


@dataclass(frozen=True)
class Settings:
    """One sandbox; every field can be moved by an environment variable ``ARDA_SANDBOX_...``."""

    api_port: int = field(default_factory=lambda: _port("API", 4566))
    edge_https_port: int = field(default_factory=lambda: _port("EDGE_HTTPS", 8443))
    edge_http_port: int = field(default_factory=lambda: _port("EDGE_HTTP", 8080))
    dns_port: int = field(default_factory=lambda: _port("DNS", 5353))
    delays: dict[str, float] = field(default_factory=_delays)
    journal_bodies: bool = field(default_factory=lambda: os.environ.get("ARDA_SANDBOX_JOURNAL_BODIES") == "1")
    directory: Path = field(
        default_factory=lambda: Path(
            os.environ.get("ARDA_SANDBOX_DIR", Path(__file__).resolve().parents[2] / ".sandbox")
        ).absolute()
    )

    def __post_init__(self) -> None:
        taken: dict[int, str] = {}
        for name, port in self.tcp_ports.items():
            if port in taken:
                raise SettingsError(f"Port {port} is set for two things, {taken[port]} and {name}: give each its own.")
            taken[port] = name

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def pid_file(self) -> Path:
        return self.directory / "pid"

    @property
    def log_file(self) -> Path:
        return self.directory / "log"

    @property
    def journal_file(self) -> Path:
        return self.directory / "journal.jsonl"

    @property
    def ca_file(self) -> Path:
        return self.directory / "ca.pem"

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.api_port}"

    @property
    def tcp_ports(self) -> dict[str, int]:
        """What listens on TCP, by the name that the messages use."""
        return {
            "AWS API": self.api_port,
            "CDN edge, https": self.edge_https_port,
            "CDN edge, http": self.edge_http_port,
            "DNS": self.dns_port,
        }
