"""What CloudFront refuses in a distribution's configuration, the first reason first."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from .. import emulator
from ..distribution_xml import items, parse
from ..hostnames import covers
from ..http import Response
from . import Call

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MAX_KEY_GROUPS_OF_BEHAVIOR = 4
# https://github.com/serverless-nextjs/serverless-next.js/issues/789
UNKNOWN_CERTIFICATE = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid "
    "certificate chain."
)
LEGACY = ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL")


def problems(call: Call, config: Element, own_id: str | None) -> Iterator[Response]:
    """The refusals of a configuration; ``own_id`` is the distribution that it updates."""
    yield from _form_problems(call, config, own_id)
    aliases = [alias.lower() for alias in items(config, "Aliases/Items/CNAME")]
    yield from _alias_problems(call, aliases, own_id)
    yield from _source_problems(call, config)
    yield from _certificate_problems(call, config, aliases)
    for behavior in (*config.iterfind("DefaultCacheBehavior"), *config.iterfind("CacheBehaviors/Items/CacheBehavior")):
        yield from _behavior_problems(call, behavior)
    yield from _origin_problems(call, config)


def _form_problems(call: Call, config: Element, own_id: str | None) -> Iterator[Response]:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html (Errors)"""
    for element in config.iter():
        quantity, listed = element.findtext("Quantity"), element.find("Items")
        if quantity is not None and int(quantity) != (len(listed) if listed is not None else 0):
            yield call.refuse(
                "InconsistentQuantities", f"The value of Quantity and the size of Items don't match in {element.tag}."
            )
    for record in emulator.owned(emulator.distributions(), call.account):
        if record["Id"] == own_id and record["CallerReference"] != config.findtext("CallerReference"):
            yield call.refuse("IllegalUpdate", "The update contains modifications that are not allowed.")


def _alias_problems(call: Call, aliases: list[str], own_id: str | None) -> Iterator[Response]:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html"""
    for alias in aliases:
        if alias.endswith(".") or not alias:
            yield call.refuse(
                "InvalidArgument", f"The parameter CNAME contains one or more parameters that are not valid: {alias}"
            )
    for _account, other in emulator.distributions():
        if other["Id"] != own_id and set(aliases) & set(items(parse(other["config_xml"]), "Aliases/Items/CNAME")):
            yield call.refuse(
                "CNAMEAlreadyExists",
                "One or more of the CNAMEs you provided are already associated with a different resource.",
                409,
            )


def _source_problems(call: Call, config: Element) -> Iterator[Response]:
    """The fields of a viewer certificate must not contradict one another.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html
    https://github.com/dlapiduz/certbot-s3front/issues/12
    """
    for certificate in config.iterfind("ViewerCertificate"):
        sources = [
            (n, s) for n, s in (("ACMCertificateArn", "acm"), ("IAMCertificateId", "iam")) if certificate.findtext(n)
        ]
        default = certificate.findtext("CloudFrontDefaultCertificate") == "true"
        if len(sources) + default > 1:
            yield call.refuse("InvalidViewerCertificate", "Specify one certificate for viewers, not several.")
        for name, source in sources:
            if certificate.findtext("CertificateSource") not in (None, source):
                yield call.refuse(
                    "InvalidViewerCertificate",
                    f'Cannot specify {name} and a CertificateSource not equal to "{source}".',
                )
            if certificate.findtext("Certificate") not in (None, certificate.findtext(name)):
                yield call.refuse(
                    "InvalidViewerCertificate", f"Your {name} does not match the given Certificate field."
                )


def _certificate_problems(call: Call, config: Element, aliases: list[str]) -> Iterator[Response]:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""
    arn = config.findtext("ViewerCertificate/ACMCertificateArn")
    if not arn:
        if aliases:
            yield call.refuse("InvalidViewerCertificate", "To add an alternate domain name, attach a certificate.")
        return
    found = next((c for _a, c in emulator.certificates() if c["CertificateArn"] == arn), None)
    if found is None or arn.split(":")[3] != "us-east-1" or arn.split(":")[4] != call.account:
        yield call.refuse(
            "InvalidViewerCertificate",
            UNKNOWN_CERTIFICATE,
        )
    elif found["Status"] == "ISSUED" and time.time() < _known_at(found, call.settings.delays):
        # https://github.com/hashicorp/terraform-provider-aws/pull/4698
        yield call.refuse("InvalidViewerCertificate", UNKNOWN_CERTIFICATE)
    elif found["Status"] != "ISSUED":
        yield call.refuse("InvalidViewerCertificate", "The specified SSL certificate isn't issued yet.")
    elif not all(any(covers(name, alias) for name in found["SubjectAlternativeNames"]) for alias in aliases):
        yield call.refuse(
            "InvalidViewerCertificate",
            "The certificate that is attached to your distribution doesn't "
            "cover the alternate domain name (CNAME) that you're trying to add.",
        )


def _known_at(certificate: dict[str, Any], delays: Mapping[str, float]) -> float:
    """When CloudFront knows a certificate that ACM has issued."""
    return certificate.get("_proven", 0.0) + delays["issue"] + delays["certificate_known_to_cloudfront"]


def _behavior_problems(call: Call, behavior: Element) -> Iterator[Response]:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html"""
    groups = {group["Id"] for group in emulator.owned(emulator.key_groups(), call.account)}
    trusted = items(behavior, "TrustedKeyGroups/Items/KeyGroup")
    if set(trusted) - groups:
        yield call.refuse("TrustedKeyGroupDoesNotExist", "The specified key group does not exist.")
    if len(trusted) > MAX_KEY_GROUPS_OF_BEHAVIOR:
        yield call.refuse("TooManyKeyGroupsAssociatedToDistribution", "Too many key groups in a behavior.")
    for kind, tag, code in (
        ("cache", "CachePolicyId", "NoSuchCachePolicy"),
        ("response_headers", "ResponseHeadersPolicyId", "NoSuchResponseHeadersPolicy"),
    ):
        policy_id = behavior.findtext(tag)
        if policy_id and not emulator.policy(kind, call.account, policy_id):
            yield call.refuse(code, "The specified policy does not exist.", 404)
    allowed = items(behavior, "AllowedMethods/Items/Method")
    if not set(items(behavior, "AllowedMethods/CachedMethods/Items/Method")) <= set(allowed):
        yield call.refuse("InvalidArgument", "The parameter CachedMethods includes methods that are not allowed.")
    if not behavior.findtext("CachePolicyId"):
        if behavior.find("ForwardedValues") is None:
            yield call.refuse("InvalidArgument", "The parameter ForwardedValues is required.")
        return
    for name in LEGACY:
        if behavior.find(name) is not None:
            # https://github.com/pulumi/pulumi-aws/issues/1364
            yield call.refuse(
                "InvalidArgument",
                f"The parameter {name} cannot be used when a cache policy is associated to the cache behavior.",
            )


def _origin_problems(call: Call, config: Element) -> Iterator[Response]:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html"""
    controls = {control["Id"] for control in emulator.owned(emulator.origin_access_controls(), call.account)}
    known = {*items(config, "Origins/Items/Origin/Id"), *items(config, "OriginGroups/Items/OriginGroup/Id")}
    targets = [*items(config, "DefaultCacheBehavior/TargetOriginId"), *items(config, ".//CacheBehavior/TargetOriginId")]
    if set(targets) - known:
        yield call.refuse("NoSuchOrigin", "One or more of your origins or origin groups do not exist.", 404)
    for origin in config.iterfind("Origins/Items/Origin"):
        kinds = [kind for kind in ("S3OriginConfig", "CustomOriginConfig") if origin.find(kind) is not None]
        if len(kinds) > 1:
            yield call.refuse("InvalidArgument", "Specify one of S3OriginConfig and CustomOriginConfig, not both.")
        control = origin.findtext("OriginAccessControlId")
        if control and control not in controls:
            yield call.refuse("InvalidOriginAccessControl", "The origin access control does not exist.")
        if control and origin.findtext("S3OriginConfig/OriginAccessIdentity"):
            yield call.refuse(
                "IllegalOriginAccessConfiguration",
                "An origin cannot contain both an origin access control (OAC) and an origin access identity (OAI).",
            )
