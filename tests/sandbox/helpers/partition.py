"""The partition that most tests deploy, Alpha002/dev: its names, and changes of it by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .sandbox import ACCOUNTS, Sandbox

BUCKET = "alpha002-dev-image-asset-bucket"
ROLE = "Alpha002-dev-ImagePreSigningRole"
HOST = "dev.alpha002.assets.arda.cards"
SECRET = "Alpha002-dev/image-signing-key"


@dataclass
class Partition:
    """Alpha002/dev on a sandbox."""

    sandbox: Sandbox

    def client(self, service: str, account: str = "alpha002") -> Any:
        return self.sandbox.client(account, service)

    @property
    def distribution_id(self) -> str:
        items = self.client("cloudfront").list_distributions()["DistributionList"]["Items"]
        return next(item["Id"] for item in items if HOST in item["Aliases"]["Items"])

    def change_distribution(self, change: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Change the distribution's configuration; returns what restores it."""
        cloudfront, identifier = self.client("cloudfront"), self.distribution_id
        before = cloudfront.get_distribution_config(Id=identifier)["DistributionConfig"]
        after = json.loads(json.dumps(before))
        change(after)

        def write(config: dict[str, Any]) -> None:
            etag = cloudfront.get_distribution_config(Id=identifier)["ETag"]
            cloudfront.update_distribution(Id=identifier, IfMatch=etag, DistributionConfig=config)

        write(after)
        return lambda: write(before)

    def change_policy(self, change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[], None]:
        """Change the bucket policy's statements; returns what restores them."""
        s3 = self.client("s3")
        before = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
        document = json.loads(before)
        change(document["Statement"])
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
        return lambda: s3.put_bucket_policy(Bucket=BUCKET, Policy=before)

    def change_record(self, zone: str, account: str, name: str, kind: str, values: list[str]) -> Callable[[], None]:
        route53 = self.client("route53", account)
        zones = route53.list_hosted_zones_by_name(DNSName=zone)["HostedZones"]
        zone_id = next(z["Id"] for z in zones if z["Name"] == f"{zone}.")
        records = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
        before = next(r for r in records if (r["Name"], r["Type"]) == (f"{name}.", kind))

        def write(action: str, record: dict[str, Any]) -> None:
            batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
            route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)

        if values:
            write("UPSERT", {**before, "ResourceRecords": [{"Value": value} for value in values]})
        else:
            write("DELETE", before)
        return lambda: write("UPSERT", before)


LOGS = "alpha002-dev-access-logs"


def let_logs_in(sandbox: Sandbox) -> None:
    """As the platform writes the policy of its log bucket."""
    s3 = sandbox.client("alpha002", "s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=LOGS)["Policy"])
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{LOGS}/AWSLogs/{ACCOUNTS['alpha002']}/*",
        "Condition": {
            "StringEquals": {
                "s3:x-amz-acl": "bucket-owner-full-control",
                "aws:SourceAccount": ACCOUNTS["alpha002"],
            }
        },
    }
    s3.put_bucket_policy(Bucket=LOGS, Policy=json.dumps({**policy, "Statement": [*policy["Statement"], statement]}))
