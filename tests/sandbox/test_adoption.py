"""A partition that other means have made is taken over: nothing is made anew, and viewers go on reading."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from .helpers.adoption import BUCKET, GROUP, IMAGES, ROLE, SECRET, TRUST, allow_other_names, legacy, put_images
from .helpers.inventory import exports, inventory_of, writes
from .helpers.partition import HOST
from .helpers.sample import exhaustive
from .helpers.sandbox import UNPROVEN, Run, Sandbox
from .helpers.viewers import CookieSigner, Reader

ONE = ("-l", "alpha002_dev")


@pytest.fixture(scope="module")
def foundation(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a sandbox with the foundation alone."""
    sandbox.reset()
    allow_other_names(sandbox)
    sandbox.play("playbooks/dns_foundation.yml", *ONE).succeeded()
    copy = tmp_path_factory.mktemp("foundation") / "state"
    sandbox.save(copy)
    return copy


def adopt(sandbox: Sandbox) -> tuple[Run, dict[str, Any]]:
    """Search; returns the run, and the inventory variables that it prints."""
    before = writes(sandbox)
    run = sandbox.play("playbooks/adopt.yml", *ONE)
    assert writes(sandbox) == before
    found = re.search(r"^  (image_partition_names:\n(    .+\n)+)", run.output, re.MULTILINE)
    return run, yaml.safe_load(found[1]) if found else {}


def inventory(folder: Path, variables: dict[str, Any]) -> tuple[str, ...]:
    """The inventory with the variables of the host, as an operator enters them."""
    file = folder / "names.yml"
    file.write_text(json.dumps({"partitions": {"hosts": {"alpha002_dev": variables}}}))
    return "-i", "inventories/sandbox", "-i", str(file)


def held(sandbox: Sandbox, *kinds: str) -> dict[str, list[str]]:
    found = inventory_of(sandbox, "alpha002")
    return {kind: found[kind] for kind in kinds}


def distribution_ids(sandbox: Sandbox) -> list[str]:
    listed = sandbox.client("alpha002", "cloudfront").list_distributions()["DistributionList"]
    return [item["Id"] for item in listed.get("Items", [])]


def images(sandbox: Sandbox, bucket: str) -> int:
    return len(sandbox.client("alpha002", "s3").list_objects_v2(Bucket=bucket).get("Contents", []))


@exhaustive
def test_partition_under_other_names_is_taken_over_while_viewers_read(
    foundation: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.restore(foundation)
    identifier = legacy(sandbox)
    kinds = ("zones", "certificates", "keys", "groups", "distributions")
    before = held(sandbox, *kinds)
    run, variables = adopt(sandbox)
    assert run.code == 2, run.output[-3000:]
    assert variables["image_partition_names"] == {
        "bucket": BUCKET,
        "key_group": GROUP,
        "origin_access_control": "legacy-oac",
        "presigning_role": ROLE,
        "secret": SECRET,
    }
    plan = json.loads((sandbox.directory / "artifacts/plan.json").read_text())
    actions = {row["type"]: row["action"] for section in plan["sections"] for row in section["resources"]}
    assert plan["errors"] == []
    assert {kind: actions[kind] for kind in ("bucket", "distribution", "role", "hosted zone", "certificate")} == {
        "bucket": "update",
        "distribution": "update",
        "role": "update",
        "hosted zone": "none",
        "certificate": "none",
    }
    assert {"replace", "delete"} & set(actions.values()) == set()
    reader = Reader(sandbox, CookieSigner(SECRET, sandbox.client("alpha002", "secretsmanager"), 0), renew=5)
    reader.start()
    try:
        sandbox.play("site.yml", *ONE, *UNPROVEN, *inventory(tmp_path, variables)).succeeded()
        again = sandbox.play("site.yml", *ONE, *UNPROVEN, *inventory(tmp_path, variables)).succeeded()
    finally:
        reader.over.set()
        reader.join()
    assert again.changed == 0
    assert reader.seen == Counter({"200": reader.seen.total()})
    assert reader.seen.total() > 50
    assert held(sandbox, *kinds) == before
    assert distribution_ids(sandbox) == [identifier]
    assert images(sandbox, BUCKET) == IMAGES
    run, more = adopt(sandbox)
    assert run.code == 0, "the plan is made with the names that were found"
    assert more == variables


CDK = f"""
Resources:
  Images:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties: {{BucketName: {BUCKET}}}
  Identity:
    Type: AWS::CloudFront::CloudFrontOriginAccessIdentity
    DeletionPolicy: Retain
    Properties: {{CloudFrontOriginAccessIdentityConfig: {{Comment: images}}}}
  Presigner:
    Type: AWS::IAM::Role
    DeletionPolicy: Retain
    Properties: {{RoleName: {ROLE}, AssumeRolePolicyDocument: {json.dumps(TRUST)}}}
  Cdn:
    Type: AWS::CloudFront::Distribution
    DeletionPolicy: Retain
    Properties:
      DistributionConfig:
        Enabled: true
        Comment: ""
        Aliases: [{HOST}]
        Origins:
          - Id: s3
            DomainName: {BUCKET}.s3.us-east-1.amazonaws.com
            S3OriginConfig:
              OriginAccessIdentity: !Sub "origin-access-identity/cloudfront/${{Identity}}"
        DefaultCacheBehavior:
          TargetOriginId: s3
          ViewerProtocolPolicy: allow-all
          TrustedSigners: [self]
          ForwardedValues: {{QueryString: true, Cookies: {{Forward: none}}}}
        ViewerCertificate:
          AcmCertificateArn: CERTIFICATE
          SslSupportMethod: sni-only
          MinimumProtocolVersion: TLSv1.2_2018
Outputs:
  Host:
    Value: {HOST}
    Export: {{Name: Alpha002-dev-API-ImageCdnDomainName}}
"""


@exhaustive
def test_partition_of_a_stack_is_named_with_its_stack_and_taken_over_without_it(
    foundation: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.restore(foundation)
    certificate = exports(sandbox, "alpha002")["Alpha002-I-AssetsCertificateArn"]
    cloudformation = sandbox.client("alpha002", "cloudformation")
    cloudformation.create_stack(
        StackName="OldImages",
        TemplateBody=CDK.replace("CERTIFICATE", certificate),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    put_images(sandbox, BUCKET)
    (identifier,) = distribution_ids(sandbox)
    run, variables = adopt(sandbox)
    assert run.code == 1, run.output[-3000:]
    assert variables["image_partition_names"] == {"bucket": BUCKET, "presigning_role": ROLE}
    told = " ".join(run.output.split())
    for text in (
        f"the bucket of distribution {identifier}, owned by stack OldImages",
        "Stack OldImages owns resources of the partition",
        "has the signers of an account (TrustedSigners)",
        "reads its origin by an origin access identity",
        "has cache settings of its own (ForwardedValues)",
        "Export Alpha002-dev-API-ImageCdnDomainName belongs to stack OldImages",
    ):
        assert text in told, text
    # A stack with other resources is never taken for the stack of the exports, whose template would delete them.
    names = {"image_partition_names": {**variables["image_partition_names"], "exports_stack": "OldImages"}}
    refused = sandbox.play("site.yml", *ONE, *UNPROVEN, "--check", *inventory(tmp_path, names))
    assert refused.code != 0
    assert "Stack OldImages holds resources beside exports, which would be deleted" in refused.output

    cloudformation.delete_stack(StackName="OldImages")
    assert images(sandbox, BUCKET) == IMAGES
    assert distribution_ids(sandbox) == [identifier]
    sandbox.play("site.yml", *ONE, *UNPROVEN, *inventory(tmp_path, variables)).succeeded()
    assert distribution_ids(sandbox) == [identifier]
    assert images(sandbox, BUCKET) == IMAGES
    config = sandbox.client("alpha002", "cloudfront").get_distribution_config(Id=identifier)["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["TrustedSigners"]["Enabled"] is False
    assert "ForwardedValues" not in config["DefaultCacheBehavior"]
    assert config["Origins"]["Items"][0]["S3OriginConfig"]["OriginAccessIdentity"] == ""
    sandbox.play("site.yml", *ONE, *inventory(tmp_path, variables), *UNPROVEN).succeeded()
