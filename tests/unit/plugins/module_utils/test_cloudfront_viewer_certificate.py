"""Whether CloudFront should accept a certificate that it refuses, by what ACM says."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._aws import AwsError
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.viewer_certificate import (
    PATIENCE,
    covers,
    should_be_accepted,
)

ARN = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
ISSUED = {"Status": "ISSUED", "SubjectAlternativeNames": ["*.images.example.com", "images.example.com"]}


class Acm:
    """ACM with one certificate, or none; or one that refuses to be asked."""

    def __init__(self, certificate: dict[str, Any] | None = None, denied: bool = False) -> None:
        self.certificate, self.denied = certificate, denied

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        assert (service, operation, parameters["CertificateArn"]) == ("acm", "describe_certificate", ARN)
        if self.denied:
            raise AwsError(message="Failed to describe certificate")
        return {"Certificate": self.certificate} if self.certificate else None


def accepted(acm: Acm, arn: str = ARN, alias: str = "dev.images.example.com", seconds: float = 1.0) -> bool:
    return should_be_accepted(acm, arn, [alias], "It isn't valid.", seconds)  # type: ignore[arg-type]


def test_should_be_accepted_issued_certificate_that_covers_the_aliases_is() -> None:
    assert accepted(Acm(ISSUED))
    assert accepted(Acm(ISSUED), alias="images.example.com")
    assert accepted(Acm({"Status": "ISSUED", "DomainName": "dev.images.example.com"}))


def test_should_be_accepted_without_an_answer_of_acm_is_not_known() -> None:
    assert not accepted(Acm(denied=True))
    assert not accepted(Acm(ISSUED), arn="")


@pytest.mark.parametrize(
    ("acm", "options", "expected"),
    [
        (Acm(), {}, "expected a certificate of this account in ACM in us-east-1, found none"),
        (Acm({**ISSUED, "Status": "EXPIRED"}), {}, "expected status ISSUED in ACM, found EXPIRED"),
        (Acm(ISSUED), {"alias": "a.dev.images.example.com"}, "covers a.dev.images.example.com, found one for"),
        (
            Acm({**ISSUED, "KeyAlgorithm": "EC-secp384r1"}),
            {"seconds": PATIENCE + 1},
            r"for 121 seconds: .* found \"It isn't valid.\".*key type \(EC-secp384r1\)",
        ),
    ],
)
def test_should_be_accepted_certificate_that_never_will_be_raises_the_reason(
    acm: Acm, options: dict[str, Any], expected: str
) -> None:
    with pytest.raises(AnsibleAWSError, match=expected) as caught:
        accepted(acm, **options)
    assert "The distribution was not written." in str(caught.value)


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "A.Example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", "*.example.com", True),
        ("a.example.com", "a.example.com", True),
        ("a.example.com", "b.example.com", False),
    ],
)
def test_covers_wildcard_stands_for_one_label(name: str, host: str, expected: bool) -> None:
    assert covers(name, host) is expected
