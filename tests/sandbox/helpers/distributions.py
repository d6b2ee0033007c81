"""Distributions for tests that need one."""

from __future__ import annotations

from typing import Any

CACHING = "658327ea-f89d-4fab-a63d-7e88639e58f6"  # Managed-CachingOptimized


def small_distribution(reference: str, alias: str = "", **changed: Any) -> dict[str, Any]:
    """A small distribution."""
    behavior = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": CACHING}
    behavior.update(changed.pop("behavior", {}))
    origin = {"Id": "o", "DomainName": "b.s3.us-east-1.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    origin.update(changed.pop("origin", {}))
    return {
        "CallerReference": reference,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior,
        **({"Aliases": {"Quantity": 1, "Items": [alias]}} if alias else {}),
        **changed,
    }
