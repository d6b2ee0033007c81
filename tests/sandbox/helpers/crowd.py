"""Other people's resources, as many as an old account has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .distributions import small_distribution
from .sandbox import Sandbox

ZONES, EXPORTS, DISTRIBUTIONS, CERTIFICATES, SECRETS, ROLES = 150, 250, 120, 130, 90, 60
PER_STACK = 125  # a template has 200 outputs at most
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
KEYS = ("RSA_2048", "EC_prime256v1", "RSA_4096", "RSA_2048")


def at_once(create: Callable[[int], Any], numbers: Iterable[int]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, numbers))


def fill(sandbox: Sandbox, account: str, domain: str) -> None:
    """Fill an infrastructure account and the zones of the root account."""
    cloudfront, acm, iam = (sandbox.client(account, service) for service in ("cloudfront", "acm", "iam"))
    secrets = sandbox.client(account, "secretsmanager")
    _fill_zones(sandbox, account, domain)
    at_once(lambda number: _create_stack(sandbox, account, number), range(EXPORTS // PER_STACK))
    at_once(
        lambda number: cloudfront.create_distribution(
            DistributionConfig=small_distribution(f"crowd {number}", Comment=f"crowd {number}")
        ),
        range(DISTRIBUTIONS),
    )
    at_once(
        lambda number: acm.request_certificate(
            DomainName=f"*.crowd{number}.{domain}", ValidationMethod="DNS", KeyAlgorithm=KEYS[number % 4]
        ),
        range(CERTIFICATES - 1),
    )
    # The wildcard of the domain itself, with a key that ListCertificates leaves out unless it is asked for.
    acm.request_certificate(DomainName=f"*.{domain}", ValidationMethod="DNS", KeyAlgorithm="EC_prime256v1")
    at_once(lambda number: secrets.create_secret(Name=f"crowd/{number}", SecretString="{}"), range(SECRETS))
    at_once(
        lambda number: iam.create_role(RoleName=f"crowd-{number}", AssumeRolePolicyDocument=json.dumps(TRUST)),
        range(ROLES),
    )


def _fill_zones(sandbox: Sandbox, account: str, domain: str) -> None:
    parent = domain.partition(".")[2]
    for owner, name, reference in (("root", parent, "a"), (account, domain, "a"), (account, domain, "b")):
        network = sandbox.client(owner, "ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        sandbox.client(owner, "route53").create_hosted_zone(
            Name=name,
            CallerReference=f"private {name} {reference}",
            VPC={"VPCRegion": "us-east-1", "VPCId": network},
            HostedZoneConfig={"PrivateZone": True},
        )
    for owner in ("root", account):
        route53 = sandbox.client(owner, "route53")
        at_once(
            lambda number, route53=route53: route53.create_hosted_zone(
                Name=f"z{number}.{domain}.example", CallerReference=f"crowd {number}"
            ),
            range((ZONES - 3) // 2),
        )


def _create_stack(sandbox: Sandbox, account: str, number: int) -> None:
    outputs = {
        f"O{item}": {"Value": f"v{item}", "Export": {"Name": f"A-crowd-{number}-{item}"}} for item in range(PER_STACK)
    }
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    sandbox.client(account, "cloudformation").create_stack(
        StackName=f"crowd-{number}", TemplateBody=json.dumps({"Resources": {"Handle": handle}, "Outputs": outputs})
    )
