"""What AWS answers to the modules of distributions, origin access controls and response headers policies."""

from __future__ import annotations

from .error_scenarios import DENIED, Step, made_before, refused


def configuration(noun: str) -> list[Step]:
    """A CloudFront resource that consists of a configuration with a name."""
    create, update, get, delete = (f"cloudfront:{verb}{noun}" for verb in ("Create", "Update", "Get", "Delete"))
    later = "description" if noun.startswith("Origin") else "comment"
    return [
        Step(refused("cloudfront:List*", DENIED), fails="Failed to list"),
        Step(refused(create, DENIED), fails="Failed to create"),
        Step(made_before(create, f"{noun}AlreadyExists", 1, status=409)),
        Step(refused(get, f"NoSuch{noun}", 1, status=404)),  # not there at the first read, there at the second one
        Step(refused(update, "PreconditionFailed", 1, status=412), {later: "two"}),
        Step(refused(update, "PreconditionFailed", status=412), {later: "three"}, "images keeps changing"),
        Step(refused(update, DENIED), {later: "three"}, "Failed to update"),
        Step(refused(delete, "PreconditionFailed", status=412), {"state": "absent"}, "images keeps changing"),
        Step(refused(delete, f"NoSuch{noun}", 1, status=404), {"state": "absent"}),
        Step(refused(delete, "PreconditionFailed", 1, status=412), {"state": "absent"}),
    ]


CREATE, UPDATE, DELETE = (
    f"cloudfront:{name}" for name in ("CreateDistributionWithTags", "UpdateDistribution", "DeleteDistribution")
)
TWO, THREE = ({"config": {"comment": text}} for text in ("two", "three"))
ABSENT = {"state": "absent"}
UNKNOWN = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
OTHER_CERTIFICATE = {
    "config": {"viewer_certificate": {"acm_certificate_arn": UNKNOWN, "ssl_support_method": "sni-only"}}
}
UNVERIFIED = (
    "Your account must be verified before you can add new CloudFront resources. To verify your account, please contact "
    "AWS Support (https://console.aws.amazon.com/support/home#/) and include this error message."
)
SCENARIOS: dict[str, list[Step]] = {
    "access_control": configuration("OriginAccessControl"),
    "headers_policy": [
        Step(None, {"security_headers_config": {"no_such_field": 1}}, "no_such_field"),
        *configuration("ResponseHeadersPolicy"),
    ],
    "distribution": [
        Step(None, {"config": {"no_such_field": 1}}, "no_such_field"),
        Step(refused(CREATE, DENIED), fails="Failed to create distribution"),
        Step(refused(CREATE, DENIED, message=UNVERIFIED, status=403), fails="only after AWS Support has verified it"),
        Step(refused(CREATE, "CNAMEAlreadyExists"), fails="in another account"),
        Step(refused(CREATE, "DistributionAlreadyExists"), fails="deleted before"),
        Step(refused("acm:DescribeCertificate", DENIED), OTHER_CERTIFICATE, "Failed to create distribution"),
        Step(None, OTHER_CERTIFICATE, "found none"),
        Step(refused(CREATE, "InvalidViewerCertificate", 1)),
        Step(refused("cloudfront:GetDistribution", "NoSuchDistribution", 1, status=404)),
        Step(refused(UPDATE, "PreconditionFailed", 1, status=412), TWO),
        Step(refused(UPDATE, "PreconditionFailed"), THREE, "keeps changing"),
        Step(refused(UPDATE, DENIED), THREE, "Failed to update distribution"),
        Step(refused(UPDATE, "CNAMEAlreadyExists", status=409), THREE, "in another account"),
        Step(refused(UPDATE, "InvalidViewerCertificate", 1), THREE),
        Step(refused(DELETE, DENIED), ABSENT, "Failed to delete distribution"),
        Step(refused(DELETE, "NoSuchDistribution", 1, status=404), ABSENT),
        Step(refused(DELETE, "PreconditionFailed", 1, status=412), ABSENT),
        Step(made_before(CREATE, "CNAMEAlreadyExists", 1)),
        Step(refused(DELETE, "DistributionNotDisabled", 1, status=409), ABSENT),
        Step(refused(CREATE, "DistributionAlreadyExists", 1)),
        Step(None, ABSENT),
        Step(
            {"operation": CREATE, "kind": "drop_after", "on": [1]}
        ),  # the repeated call finds what the first one created
    ],
}
