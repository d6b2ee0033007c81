"""Which answers of AWS the product handles, as the derivation finds them in code of every form that the plugins use."""

from __future__ import annotations

from pathlib import Path

import pytest

from .helpers.handled_answers import Derivation, gate_pairs, wanted

COMMON = """
from dataclasses import dataclass
GONE = ("NoSuchDistribution", "NoSuchKeyGroup")

@dataclass
class Kind:
    noun: str
    missing: str

CONTROL = Kind("origin_access_control", "NoSuchOriginAccessControl")
POLICY = Kind(noun="response_headers_policy", missing="NoSuchResponseHeadersPolicy")

class Thing:
"""
CASES = {
    "a call": ("self.aws.call('s3', 'head_bucket')", {"s3.HeadBucket.ok"}),
    "an answer that may be absent": (
        "self.aws.call('s3', 'get_bucket_cors', absent=['NoSuchCORSConfiguration'])",
        {"s3.GetBucketCors.ok", "s3.GetBucketCors.NoSuchCORSConfiguration"},
    ),
    "codes of a constant": (
        "self.aws.call('cloudfront', 'get_distribution', absent=GONE)",
        {f"cloudfront.GetDistribution.{code}" for code in ("ok", "NoSuchDistribution", "NoSuchKeyGroup")},
    ),
    "a listing": ("self.aws.pages('acm', 'list_certificates', 'X')", {"acm.ListCertificates.ok"}),
    "a name in pieces": (
        "self.aws.call('cloudfront', f'get_{self.kind.noun}', absent=[self.kind.missing])",
        {
            "cloudfront.GetOriginAccessControl.ok",
            "cloudfront.GetOriginAccessControl.NoSuchOriginAccessControl",
            "cloudfront.GetResponseHeadersPolicy.ok",
            "cloudfront.GetResponseHeadersPolicy.NoSuchResponseHeadersPolicy",
        },
    ),
    "a parameter": (
        "self.read('get_role')\n\n    def read(self, operation):\n        self.aws.call('iam', operation)",
        {"iam.GetRole.ok"},
    ),
    "a handler": (
        "try:\n            self.aws.call('s3', 'put_object')\n        except AwsError as error:\n"
        "            if error.code not in ('AccessDenied',):\n                raise",
        {"s3.PutObject.ok", "s3.PutObject.AccessDenied"},
    ),
    "a handler around a method": (
        "try:\n            self.read()\n        except AwsError as error:\n            if error.code in GONE:\n"
        "                raise\n\n    def read(self):\n        self.aws.call('cloudfront', 'get_distribution')\n"
        "        self.aws.call('cloudfront', 'list_distributions')",
        {
            "cloudfront.GetDistribution.ok",
            "cloudfront.ListDistributions.ok",
            "cloudfront.GetDistribution.NoSuchDistribution",
            "*.*.NoSuchKeyGroup",
        },
    ),
    "a handler around any method": (
        "try:\n            getattr(self, '_x')()\n        except AwsError as error:\n"
        "            if error.code == 'NoSuchDistribution':\n                raise\n\n"
        "    def _x(self):\n        self.aws.call('cloudfront', 'get_distribution')",
        {"cloudfront.GetDistribution.ok", "cloudfront.GetDistribution.NoSuchDistribution"},
    ),
    "a handler that asks a function": (
        "try:\n            self.aws.call('s3', 'put_object')\n        except ClientError as error:\n"
        "            if not passing(error):\n                raise\n\ndef passing(error):\n"
        "    return error.response['Error']['Code'] == 'SlowDown'",
        {"s3.PutObject.ok", "s3.PutObject.SlowDown"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_derivation_finds_the_answers_of_a_form(name: str, tmp_path: Path) -> None:
    code, expected = CASES[name]
    (tmp_path / "code.py").write_text(f"{COMMON}    def run(self):\n        {code}\n")
    assert {str(pair) for pair in Derivation(tmp_path).pairs()} == expected


def test_derivation_finds_the_product_s_own() -> None:
    found = {str(pair) for pair in wanted()}
    assert len(found) > 150
    assert "cloudfront.GetDistribution.NoSuchDistribution" in found
    assert "s3.GetBucketCors.NoSuchCORSConfiguration" in found
    assert "iam.GetRole.ok" in {str(pair) for pair in gate_pairs()}
