"""Where the sandbox listens, where it keeps its state, and how long AWS's slow steps take in it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
ROOT_ACCOUNT = "841876193886"
# The secret key of every account's root caller (its access key is the account's number). It opens nothing but this
# sandbox; it is long and improbable because Ansible masks every occurrence of a secret key in its output.
ROOT_SECRET = "arda-embedded-sandbox-only-0f6c1d7e5b"
SERVICES = "s3,iam,sts,route53,acm,cloudfront,secretsmanager,cloudformation,ssm,kms,ec2"


def _port(name: str, default: int) -> int:
    return int(os.environ.get(f"ARDA_SANDBOX_{name}_PORT", default))


#: How long the slow steps of AWS take, in seconds: by default, and under adversity (``ARDA_SANDBOX_ADVERSITY=on``).
#: ``ARDA_SANDBOX_<NAME>_SECONDS`` sets one of them.
DELAYS = {
    "issue": (1.0, 20.0),  # ACM: from the published validation record to ISSUED
    "validation_record": (0.4, 5.0),  # ACM: from the request to a described validation record
    "deploy": (1.0, 15.0),  # CloudFront: from a change of a distribution to Deployed
}


def _delays() -> dict[str, float]:
    adverse = os.environ.get("ARDA_SANDBOX_ADVERSITY") == "on"
    return {
        name: float(os.environ.get(f"ARDA_SANDBOX_{name.upper()}_SECONDS", pair[adverse]))
        for name, pair in DELAYS.items()
    }


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
