"""What operators may choose for a partition: made once, found unchanged, and gone with the partition."""

from __future__ import annotations

import json

from .helpers.inventory import writes
from .helpers.partition import BUCKET, HOST, let_logs_in
from .helpers.sample import exhaustive
from .helpers.sandbox import ACCOUNTS, UNPROVEN, Sandbox

ONE = ("-l", "alpha002_dev")
ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNTS['alpha002']}:global/webacl/images/0a1b2c3d-1234-5678-9abc-0123456789ab"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNTS['alpha002']}:operations"
OPTIONS = {
    "image_partition_price_class": "PriceClass_100",
    "image_partition_waf_acl_arn": ACL,
    "image_partition_noncurrent_version_days": 90,
    "image_partition_cdn_logs": True,
    "image_partition_alarms": True,
    "image_partition_alarm_topic_arn": TOPIC,
    "image_partition_alarm_server_error_percent": 2,
}


@exhaustive
def test_options_are_set_once_and_left_alone_where_they_are_omitted(sandbox: Sandbox) -> None:
    sandbox.deploy()
    refused = sandbox.play("site.yml", *ONE, *UNPROVEN, "-e", "image_partition_cdn_logs=true")
    assert refused.code != 0
    assert "FAIL  the log bucket takes CloudFront's access logs" in refused.output
    let_logs_in(sandbox)
    chosen = ("site.yml", *ONE, *UNPROVEN, "-e", json.dumps(OPTIONS))
    before = writes(sandbox)
    assert sandbox.play(*chosen, "--check", "--diff").succeeded().changed == 6
    assert writes(sandbox) == before
    made = sandbox.play(*chosen).succeeded()
    assert made.changed == 6, "the distribution, the bucket, its logs and three alarms"
    assert sandbox.play(*chosen).succeeded().changed == 0

    items = sandbox.client("alpha002", "cloudfront").list_distributions()["DistributionList"]["Items"]
    found = next(item for item in items if HOST in item["Aliases"]["Items"])
    assert (found["PriceClass"], found["WebACLId"]) == ("PriceClass_100", ACL)
    rules = sandbox.client("alpha002", "s3").get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert [rule.get("NoncurrentVersionExpiration") for rule in rules] == [None, {"NoncurrentDays": 90}]
    (delivery,) = sandbox.client("alpha002", "logs").describe_deliveries()["deliveries"]
    assert delivery["deliverySourceName"] == "Alpha002-dev-images"
    cloudwatch = sandbox.client("alpha002", "cloudwatch")
    alarms = {alarm["AlarmName"]: alarm for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    assert {name: alarm["Threshold"] for name, alarm in alarms.items()} == {
        "Alpha002-dev-images-client-errors": 20,
        "Alpha002-dev-images-server-errors": 2,
        "Alpha002-dev-images-certificate": 30,
    }
    assert all(alarm["AlarmActions"] == [TOPIC] for alarm in alarms.values())

    run = sandbox.play("site.yml", *ONE, *UNPROVEN).succeeded()
    assert run.changed == 1, "the lifecycle of the bucket: what is omitted of the distribution stays, and the alarms"
    assert len(cloudwatch.describe_alarms()["MetricAlarms"]) == 3
    sandbox.play("playbooks/retire.yml", *ONE, "-e", json.dumps(OPTIONS)).succeeded()
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert sandbox.client("alpha002", "logs").describe_deliveries()["deliveries"] == []
