"""AWS CDK on the same five partitions: the app of bench/cdk_app, deployed by one command through a role per account.

CloudFormation in the sandbox knows no key groups, so these are made beforehand, unmeasured.
"""

from __future__ import annotations

import json
import shutil
import subprocess

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from harness import PARTITIONS, ROOT, ROOT_ACCOUNT, ROOT_SECRET, Row, Sandbox

VERSION = {"Version": "2012-10-17"}


class Cdk:
    """The app, installed into the clone's cache, and what it needs in the accounts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._folder = ROOT / ".cache/cdk"
        self._file = sandbox.directory / "partitions.json"
        encoding = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._public_key = key.public_key().public_bytes(*encoding).decode()

    def install(self) -> None:
        """Copy the app, and install what it imports."""
        shutil.copytree(ROOT / "bench/cdk_app", self._folder, dirs_exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=self._folder, check=True)

    def prepare(self) -> None:
        """Empty accounts with the role that deploys, and the key groups."""
        self._sandbox.reset()
        trusted = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ROOT_ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
        allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        for account in {ROOT_ACCOUNT, *(partition.partition(":")[0] for partition in PARTITIONS)}:
            iam = self._sandbox.client(account, "iam")
            trust, policy = (json.dumps({**VERSION, "Statement": [one]}) for one in (trusted, allowed))
            iam.create_role(RoleName="cdk-deploy", AssumeRolePolicyDocument=trust)
            iam.put_role_policy(RoleName="cdk-deploy", PolicyName="all", PolicyDocument=policy)
        self._file.write_text(json.dumps([self._partition(*partition.split(":")) for partition in PARTITIONS]))

    def _partition(self, account: str, infrastructure: str, name: str) -> dict[str, str]:
        """A partition as the app reads it, with a new key group."""
        cloudfront = self._sandbox.client(account, "cloudfront")
        config = {"CallerReference": name, "Name": name, "EncodedKey": self._public_key}
        key = cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
        group = cloudfront.create_key_group(KeyGroupConfig={"Name": name, "Items": [key]})["KeyGroup"]["Id"]
        return {"account": account, "infrastructure": infrastructure, "name": name, "keyGroup": group}

    def measure(self, name: str, *arguments: str, first: bool = False) -> Row:
        """The medians of the runs of a CDK command; ``first`` begins each with empty accounts."""
        command = [str(self._folder / "node_modules/.bin/cdk"), *arguments, "--all", "--no-notices", "--output"]
        command += [str(self._sandbox.directory / "cdk.out"), "--app", f"node {self._folder / 'app.js'}"]
        return self._sandbox.measure(
            name,
            command,
            self.prepare if first else None,
            PARTITIONS=str(self._file),
            AWS_ENDPOINT_URL=self._sandbox.endpoint,
            AWS_ACCESS_KEY_ID=ROOT_ACCOUNT,
            AWS_SECRET_ACCESS_KEY=ROOT_SECRET,
            AWS_REGION="us-east-1",
            CDK_DISABLE_CLI_TELEMETRY="1",
        )


def rows(sandbox: Sandbox) -> list[Row]:
    """A first deployment, a deployment without a change, and a diff, each of all stacks at once."""
    cdk = Cdk(sandbox)
    cdk.install()
    deploy = ("deploy", "--require-approval", "never", "--concurrency", "5", "--ci")
    return [
        cdk.measure("AWS CDK, first deployment of five", *deploy, first=True),
        cdk.measure("AWS CDK, no-op of five", *deploy),
        cdk.measure("AWS CDK, diff of five", "diff"),
    ]
