"""The floor: every read that a deployment of some partitions without changes needs, in one process, concurrently.

usage: python bench/floor.py ENDPOINT SECRET PARTITION...; a partition is ACCOUNT:Infrastructure:partition. Prints the
number of calls. It compares nothing: whoever compares live resources cannot be faster.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

ROOT_ACCOUNT, DOMAIN = "841876193886", "assets.arda.cards"
SERVICES = ("acm", "cloudformation", "cloudfront", "iam", "route53", "s3", "secretsmanager", "sts")
BUCKET = (
    "head_bucket",
    "get_bucket_versioning",
    "get_bucket_encryption",
    "get_public_access_block",
    "get_bucket_ownership_controls",
    "get_bucket_logging",
    "get_bucket_lifecycle_configuration",
    "get_bucket_cors",
    "get_bucket_policy",
    "get_bucket_tagging",
)
LOG_BUCKET = ("get_bucket_location", "get_bucket_policy", "get_bucket_encryption")

Call = Callable[[], Any]


class Account:
    """The clients of one account."""

    _loader = botocore.session.create_loader()  # the models are read once

    def __init__(self, number: str, endpoint: str, secret: str) -> None:
        core = botocore.session.Session()
        core.register_component("data_loader", self._loader)
        session = boto3.Session(
            aws_access_key_id=number, aws_secret_access_key=secret, region_name="us-east-1", botocore_session=core
        )
        config = Config(max_pool_connections=32, s3={"addressing_style": "path"})
        self.number = number
        self._clients = {service: session.client(service, endpoint_url=endpoint, config=config) for service in SERVICES}

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        return getattr(self._clients[service], operation)(**parameters)

    def later(self, service: str, operation: str, **parameters: Any) -> Call:
        return partial(self.call, service, operation, **parameters)


def of_root(root: Account) -> Iterator[Call]:
    yield root.later("sts", "get_caller_identity")
    yield root.later("cloudformation", "list_exports")
    yield root.later("cloudformation", "describe_stacks")

    def zone() -> list[Call]:
        identifier = root.call("route53", "list_hosted_zones_by_name", DNSName=DOMAIN)["HostedZones"][0]["Id"]
        return [
            root.later("route53", "get_hosted_zone", Id=identifier),
            root.later("route53", "list_resource_record_sets", HostedZoneId=identifier),
            root.later("route53", "list_tags_for_resource", ResourceType="hostedzone", ResourceId=identifier[12:]),
        ]

    yield zone


def of_account(account: Account, infrastructure: str) -> Iterator[Call]:
    """What the partitions of an account share."""
    yield account.later("sts", "get_caller_identity")
    yield account.later("cloudformation", "list_exports")
    yield account.later("cloudformation", "describe_stacks")
    for listing in ("public_keys", "key_groups", "origin_access_controls", "response_headers_policies"):
        yield account.later("cloudfront", f"list_{listing}")

    def zone() -> list[Call]:
        name = f"{infrastructure.lower()}.{DOMAIN}"
        identifier = account.call("route53", "list_hosted_zones_by_name", DNSName=name)["HostedZones"][0]["Id"]
        return [
            account.later("route53", "get_hosted_zone", Id=identifier),
            account.later("route53", "list_resource_record_sets", HostedZoneId=identifier),
            account.later("route53", "list_tags_for_resource", ResourceType="hostedzone", ResourceId=identifier[12:]),
        ]

    def certificate() -> list[Call]:
        arn = account.call("acm", "list_certificates")["CertificateSummaryList"][0]["CertificateArn"]
        return [
            account.later("acm", "describe_certificate", CertificateArn=arn),
            account.later("acm", "list_tags_for_certificate", CertificateArn=arn),
        ]

    yield zone
    yield certificate


def of_distributions(account: Account, hosts: list[str]) -> Call:
    """The distributions of an account's partitions: the listing, then each of them."""

    def distributions() -> list[Call]:
        items = account.call("cloudfront", "list_distributions")["DistributionList"]["Items"]
        found = [item for item in items if item["Aliases"]["Items"][0] in hosts]
        return [
            call
            for item in found
            for call in (
                account.later("cloudfront", "get_distribution", Id=item["Id"]),
                account.later("cloudfront", "list_tags_for_resource", Resource=item["ARN"]),
            )
        ]

    return distributions


def of_partition(account: Account, infrastructure: str, name: str) -> Iterator[Call]:
    prefix = f"{infrastructure}-{name}"
    role = f"{prefix}-ImagePreSigningRole"
    for operation in BUCKET:
        yield account.later("s3", operation, Bucket=f"{prefix.lower()}-image-asset-bucket")
    for operation in LOG_BUCKET:
        yield account.later("s3", operation, Bucket=f"{prefix.lower()}-access-logs")
    yield account.later("iam", "get_role", RoleName=role)
    yield account.later("iam", "get_role", RoleName=f"{prefix}-BucketClientRole")
    yield account.later("iam", "list_role_policies", RoleName=role)
    yield account.later("iam", "list_attached_role_policies", RoleName=role)
    yield account.later("iam", "get_role_policy", RoleName=role, PolicyName="PutImages")
    yield account.later("secretsmanager", "describe_secret", SecretId=f"{prefix}/image-signing-key")
    yield account.later("secretsmanager", "get_secret_value", SecretId=f"{prefix}/image-signing-key")


def main() -> None:
    endpoint, secret, *names = sys.argv[1:]
    partitions = [name.split(":") for name in names]
    accounts = {number: Account(number, endpoint, secret) for number in {ROOT_ACCOUNT, *(p[0] for p in partitions)}}
    infrastructures = {number: infrastructure for number, infrastructure, _partition in partitions}
    calls = list(of_root(accounts[ROOT_ACCOUNT]))
    for number, infrastructure in infrastructures.items():
        hosts = [f"{p}.{i.lower()}.{DOMAIN}" for n, i, p in partitions if n == number]
        calls += [*of_account(accounts[number], infrastructure), of_distributions(accounts[number], hosts)]
    for number, infrastructure, partition_name in partitions:
        calls += of_partition(accounts[number], infrastructure, partition_name)
    made = 0
    with ThreadPoolExecutor(32) as pool:
        while calls:
            answers = list(pool.map(lambda call: call(), calls))
            made += len(calls)
            calls = [call for answer in answers if isinstance(answer, list) for call in answer]
    print(made)


if __name__ == "__main__":
    main()
