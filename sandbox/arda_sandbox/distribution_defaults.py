"""A distribution's configuration as CloudFront returns it: everything filled in, in its own order and case.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
https://docs.aws.amazon.com/cli/latest/reference/cloudfront/get-distribution-config.html#examples
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement, fromstring

#: CloudFront's order of methods.
METHODS = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH")

_EMPTY = "<{0}><Quantity>0</Quantity></{0}>"
_NOBODY = "<{0}><Enabled>false</Enabled><Quantity>0</Quantity></{0}>"
_READS = "<Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items>"


def _text(name: str, value: str = "") -> str:
    return f"<{name}>{value}</{name}>"


_CONFIG = (
    _EMPTY.format("Aliases"),
    _text("DefaultRootObject"),
    _EMPTY.format("OriginGroups"),
    _EMPTY.format("CacheBehaviors"),
    _EMPTY.format("CustomErrorResponses"),
    _text("Comment"),
    "<Logging><Enabled>false</Enabled><IncludeCookies>false</IncludeCookies><Bucket/><Prefix/></Logging>",
    _text("PriceClass", "PriceClass_All"),
    "<ViewerCertificate><CloudFrontDefaultCertificate>true</CloudFrontDefaultCertificate></ViewerCertificate>",
    "<Restrictions><GeoRestriction><RestrictionType>none</RestrictionType><Quantity>0</Quantity></GeoRestriction>"
    "</Restrictions>",
    _text("WebACLId"),
    _text("HttpVersion", "http2"),
    _text("IsIPV6Enabled", "true"),
    _text("ContinuousDeploymentPolicyId"),
    _text("Staging", "false"),
)
_ORIGIN = (
    _text("OriginPath"),
    _EMPTY.format("CustomHeaders"),
    _text("ConnectionAttempts", "3"),
    _text("ConnectionTimeout", "10"),
    "<OriginShield><Enabled>false</Enabled></OriginShield>",
    _text("OriginAccessControlId"),
)
_S3_ORIGIN = (_text("OriginAccessIdentity"), _text("OriginReadTimeout", "30"))
_CUSTOM_ORIGIN = (
    "<OriginSslProtocols><Quantity>2</Quantity><Items><SslProtocol>SSLv3</SslProtocol><SslProtocol>TLSv1</SslProtocol>"
    "</Items></OriginSslProtocols>",
    _text("OriginReadTimeout", "30"),
    _text("OriginKeepaliveTimeout", "5"),
)
_BEHAVIOR = (
    _NOBODY.format("TrustedSigners"),
    _NOBODY.format("TrustedKeyGroups"),
    f"<AllowedMethods>{_READS}</AllowedMethods>",
    _text("SmoothStreaming", "false"),
    _text("Compress", "false"),
    _EMPTY.format("LambdaFunctionAssociations"),
    _EMPTY.format("FunctionAssociations"),
    _text("FieldLevelEncryptionId"),
    "<GrpcConfig><Enabled>false</Enabled></GrpcConfig>",
)
_LEGACY_BEHAVIOR = (_text("MinTTL", "0"), _text("DefaultTTL", "86400"), _text("MaxTTL", "31536000"))
_FORWARDED = (_EMPTY.format("Headers"), _EMPTY.format("QueryStringCacheKeys"))
_ERROR_RESPONSE = (_text("ResponsePagePath"), _text("ResponseCode"))


def complete(config: Element) -> None:
    """Fill in and order a configuration, whose tags have no namespace."""
    _fill(config, _CONFIG)
    for alias in config.iterfind("Aliases/Items/CNAME"):
        alias.text = (alias.text or "").lower()
    for origin in config.iterfind("Origins/Items/Origin"):
        _complete_origin(origin)
    for behavior in (*config.iterfind("DefaultCacheBehavior"), *config.iterfind("CacheBehaviors/Items/CacheBehavior")):
        _complete_behavior(behavior)
    for response in config.iterfind("CustomErrorResponses/Items/CustomErrorResponse"):
        _fill(response, _ERROR_RESPONSE)
    # https://github.com/go-to-k/cdk-real-drift/issues/1458
    _sort(config.find("CustomErrorResponses/Items"), lambda element: int(element.findtext("ErrorCode") or 0))
    # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1369
    _sort(config.find("Origins/Items"), lambda element: element.findtext("DomainName") or "")
    for certificate in config.iterfind("ViewerCertificate"):
        _complete_certificate(certificate)
    for element in list(config.iter()):
        listed = element.find("Items")
        if listed is not None and len(listed) == 0:
            element.remove(listed)


def _fill(element: Element, defaults: tuple[str, ...]) -> None:
    present = {child.tag for child in element}
    for default in map(fromstring, defaults):
        if default.tag not in present:
            element.append(default)


def _sort(listed: Element | None, key: Callable[[Element], object]) -> None:
    if listed is not None:
        listed[:] = sorted(listed, key=key)  # type: ignore[arg-type]


def _complete_origin(origin: Element) -> None:
    _fill(origin, _ORIGIN)
    for kind, defaults in (("S3OriginConfig", _S3_ORIGIN), ("CustomOriginConfig", _CUSTOM_ORIGIN)):
        for element in origin.iterfind(kind):
            _fill(element, defaults)
    _sort(origin.find("CustomHeaders/Items"), lambda element: element.findtext("HeaderName") or "")


def _complete_behavior(behavior: Element) -> None:
    _fill(behavior, _BEHAVIOR)
    for methods in behavior.iterfind("AllowedMethods"):
        _fill(methods, (f"<CachedMethods>{_READS}</CachedMethods>",))
        for listed in (methods.find("Items"), methods.find("CachedMethods/Items")):
            _sort(listed, lambda element: METHODS.index(element.text or ""))
    # https://github.com/hashicorp/terraform-provider-aws/issues/46377
    for kind in ("LambdaFunctionAssociations", "FunctionAssociations"):
        _sort(behavior.find(f"{kind}/Items"), lambda element: element.findtext("EventType") or "")
    if behavior.find("ForwardedValues") is not None:
        _fill(behavior, _LEGACY_BEHAVIOR)
        for forwarded in behavior.iterfind("ForwardedValues"):
            _fill(forwarded, _FORWARDED)


def _complete_certificate(certificate: Element) -> None:
    """``Certificate`` and ``CertificateSource`` repeat what the certificate's own field says.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html
    """
    for source, name in (("acm", "ACMCertificateArn"), ("iam", "IAMCertificateId")):
        if identifier := certificate.findtext(name):
            for child in [child for child in certificate if child.tag in ("Certificate", "CertificateSource")]:
                certificate.remove(child)
            SubElement(certificate, "Certificate").text = identifier
            _fill(certificate, (_text("CertificateSource", source), _text("MinimumProtocolVersion", "TLSv1")))
            _fill(certificate, (_text("CloudFrontDefaultCertificate", "false"),))
            return
    kept = [child for child in certificate if child.tag == "CloudFrontDefaultCertificate"]
    certificate[:] = kept
    _fill(certificate, (_text("SSLSupportMethod", "vip"), _text("MinimumProtocolVersion", "TLSv1")))
    _fill(certificate, (_text("CertificateSource", "cloudfront"),))
