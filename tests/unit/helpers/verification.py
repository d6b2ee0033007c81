"""Options of a verification in AWS's example names."""

from __future__ import annotations

from typing import Any

OPTIONS: dict[str, Any] = {
    "bucket_name": "amzn-s3-demo-bucket",
    "cdn_domain_name": "images.example.com",
    "zone_name": "example.com",
    "upload_origins": None,
    "read_origins": [],
    "images": [],
    "connect_https": "",
    "connect_http": "",
    "ca_file": "",
    "dns_server": "192.0.2.1",
}
