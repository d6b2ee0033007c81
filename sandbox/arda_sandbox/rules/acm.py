"""ACM: what DNS proves is issued, what CAA records forbid fails, one token asks for one certificate."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import time

from .. import authorization, dns, emulator
from ..http import Response
from ..settings import Settings
from . import Call, Proceed, rule, transition

TIMED_OUT_SECONDS = 72 * 3600
TOKEN_SECONDS = 3600
#: The authorities that a CAA record must name for ACM to issue.
#: https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
AUTHORITIES = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")
#: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html (DomainName)
DOMAIN = r"(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])"
#: ACM wants more evidence for some domains; a recorded request for this one failed so at once.
#: https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-failed.html
DOUBTED = "example.com"
DEFAULT_KEY = "RSA_2048"
PAGE = 100


def validation_record(account: str, domain: str) -> dict[str, str]:
    """The CNAME of a domain in an account: always the same, and one for the wildcard and the apex.

    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """
    base = domain.removeprefix("*.")
    name = hashlib.sha256(f"{account}/{base}/name".encode()).hexdigest()
    value = hashlib.sha256(f"{account}/{base}/value".encode()).hexdigest()
    return {
        "Name": f"_{name[:32]}.{base}.",
        "Type": "CNAME",
        "Value": f"_{value[:32]}.{value[32:42]}.acm-validations.aws.",
    }


@rule("acm:RequestCertificate")
async def request_certificate(call: Call, proceed: Proceed) -> Response:
    """Within an hour one idempotency token gives one certificate; a new one is PENDING_VALIDATION.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
    """
    wanted = json.loads(call.request.body)
    for name in (wanted.get("DomainName", ""), *wanted.get("SubjectAlternativeNames", [])):
        if not re.fullmatch(DOMAIN, name):
            problem = "failed to satisfy constraint: Member must satisfy regular expression pattern: "
            return call.refuse("ValidationException", f"1 validation error detected: Value '{name}' {problem}{DOMAIN}")
    token = (call.account, call.operation.region, wanted.get("IdempotencyToken"), wanted.get("DomainName"))
    for _account, certificate in emulator.certificates():
        same_request = wanted.get("IdempotencyToken") and certificate.get("_token") == list(token)
        if same_request and time.time() - certificate["_requested"] < TOKEN_SECONDS:
            return _json({"CertificateArn": certificate["CertificateArn"]})
    response = await proceed()
    if response.status == 200:
        arn = json.loads(response.body)["CertificateArn"]
        for account, certificate in emulator.certificates():
            if certificate["CertificateArn"] == arn:
                certificate.update(_token=list(token), _requested=time.time(), Status="PENDING_VALIDATION")
                certificate["_key"] = wanted.get("KeyAlgorithm", DEFAULT_KEY)
                for option in certificate["DomainValidationOptions"]:
                    option["ValidationStatus"] = "PENDING_VALIDATION"
                    option["ResourceRecord"] = validation_record(account, option["DomainName"])
    return response


@rule("acm:DescribeCertificate")
async def describe_certificate(call: Call, proceed: Proceed) -> Response:
    """A new certificate is not found for a moment, and then has no record; a pending one has no dates.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
    """
    response = await proceed()
    if response.status != 200:
        return response
    document = json.loads(response.body)
    shown = document["Certificate"]
    arn = shown["CertificateArn"]
    record = next(c for _a, c in emulator.certificates() if c["CertificateArn"] == arn)
    age = time.time() - record.get("_requested", 0)
    if age < call.settings.delays["certificate_visible"]:
        return call.refuse("ResourceNotFoundException", f"Could not find certificate {arn}.")
    shown.pop("Tags", None)
    shown.update(_common(record), Issuer="Amazon", Subject=f"CN={record['DomainName']}", InUseBy=_users(arn))
    if shown["Status"] != "ISSUED":
        for name in ("IssuedAt", "NotBefore", "NotAfter"):
            shown.pop(name, None)
    if "FailureReason" in record:
        shown["FailureReason"] = record["FailureReason"]
    if age < call.settings.delays["validation_record"]:
        for option in shown["DomainValidationOptions"]:
            option.pop("ResourceRecord", None)
            option.pop("ValidationStatus", None)
    return response.with_body(json.dumps(document).encode())


def _common(record: dict) -> dict:
    """What DescribeCertificate and ListCertificates both show.

    The key algorithm has a hyphen here, and an underscore in the filter of ListCertificates.
    """
    return {
        "KeyAlgorithm": record.get("_key", DEFAULT_KEY).replace("_", "-"),
        "KeyUsages": [],
        "ExtendedKeyUsages": [],
        "RenewalEligibility": "ELIGIBLE" if _users(record["CertificateArn"]) else "INELIGIBLE",
    }


@rule("acm:ListCertificates")
async def list_certificates(call: Call, proceed: Proceed) -> Response:
    """Certificates with other keys than RSA 1024 and 2048 are listed only if the filter names their keys.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html,
    https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
    """
    response = await proceed()
    if response.status != 200:
        return response
    wanted = json.loads(call.request.body or b"{}")
    keys = wanted.get("Includes", {}).get("keyTypes") or ["RSA_1024", DEFAULT_KEY]
    listed = {summary["CertificateArn"] for summary in json.loads(response.body)["CertificateSummaryList"]}
    found = [c for _a, c in emulator.certificates() if c["CertificateArn"] in listed]
    found = [record for record in found if record.get("_key", DEFAULT_KEY) in keys]
    start, size = int(wanted.get("NextToken", 0)), wanted.get("MaxItems", PAGE)
    document: dict = {"CertificateSummaryList": [_summary(record) for record in found[start : start + size]]}
    if len(found) > start + size:
        document["NextToken"] = str(start + size)
    return response.with_body(json.dumps(document).encode())


def _summary(record: dict) -> dict:
    return {
        "CertificateArn": record["CertificateArn"],
        "DomainName": record["DomainName"],
        "SubjectAlternativeNameSummaries": record["SubjectAlternativeNames"],
        "HasAdditionalSubjectAlternativeNames": False,
        "Status": record["Status"],
        "Type": record.get("Type", "AMAZON_ISSUED"),
        "InUse": bool(_users(record["CertificateArn"])),
        "Exported": False,
        "CreatedAt": datetime.datetime.fromisoformat(record["CreatedAt"]).timestamp(),
        **_common(record),
    }


@rule("acm:DeleteCertificate")
async def delete_certificate(call: Call, proceed: Proceed) -> Response:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html"""
    arn = json.loads(call.request.body).get("CertificateArn", "")
    if _users(arn):
        return call.refuse("ResourceInUseException", f"Certificate {arn} is in use.")
    return await proceed()


@transition
def validate(settings: Settings) -> None:
    """Issue what DNS proves, after a delay; give up on what it does not prove within 72 hours.

    https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html,
    https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-caa.html
    """
    now = time.time()
    pending = [one for _account, one in emulator.certificates() if one["Status"] == "PENDING_VALIDATION"]
    targets = _cname_targets() if pending else set()
    for certificate in pending:
        options = certificate["DomainValidationOptions"]
        if any(f".{option['DomainName']}".endswith(f".{DOUBTED}") for option in options):
            _end(certificate, "FAILED", "ADDITIONAL_VERIFICATION_REQUIRED")
        elif all(_published(option["ResourceRecord"], targets) for option in options):
            if any(_forbidden(option["DomainName"]) for option in options):
                _end(certificate, "FAILED", "CAA_ERROR")
            elif now - certificate.setdefault("_proven", now) >= settings.delays["issue"]:
                _end(certificate, "ISSUED")
        elif now - certificate.get("_requested", now) > TIMED_OUT_SECONDS:
            _end(certificate, "VALIDATION_TIMED_OUT")


def _end(certificate: dict, status: str, reason: str = "") -> None:
    certificate["Status"] = status
    if reason:
        certificate["FailureReason"] = reason
    for option in certificate["DomainValidationOptions"]:
        option["ValidationStatus"] = "SUCCESS" if status == "ISSUED" else "FAILED"


def _forbidden(domain: str) -> bool:
    """Whether the CAA records nearest to a domain, of itself or of a domain above it, name other authorities only.

    https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
    """
    labels = domain.removeprefix("*.").split(".")
    for number in range(len(labels)):
        records = dns.resolve(".".join(labels[number:]), "CAA").values("CAA")
        if records:
            tag = "issuewild" if domain.startswith("*.") and any(" issuewild " in one for one in records) else "issue"
            named = [one.split('"')[1].partition(";")[0].strip() for one in records if f" {tag} " in one]
            return bool(named) and not set(named) & set(AUTHORITIES)
    return False


def _cname_targets() -> set[str]:
    """The targets of all CNAME records: only a certificate whose record is among them is looked up in DNS."""
    records = [record for zone in emulator.zones() for record in zone["records"] if record["Type"] == "CNAME"]
    return {value for record in records for value in record["ResourceRecords"]}


def _published(record: dict[str, str], targets: set[str]) -> bool:
    return record["Value"] in targets and record["Value"] in dns.resolve(record["Name"], "CNAME").values("CNAME")


def _users(arn: str) -> list[str]:
    return [
        distribution["ARN"]
        for _account, distribution in emulator.distributions()
        if f">{arn}<" in (distribution.get("config_xml") or "")
    ]


def _json(document: dict) -> Response:
    return Response(200, [(b"content-type", b"application/x-amz-json-1.1")], json.dumps(document).encode())


def certificate_condition_keys(iam_action: str, body: bytes) -> dict:
    """The condition keys by which a policy narrows RequestCertificate.

    https://docs.aws.amazon.com/acm/latest/userguide/acm-conditions.html
    """
    if iam_action != "acm:RequestCertificate":
        return {}
    try:
        asked = json.loads(body)
        names = [asked["DomainName"], *asked.get("SubjectAlternativeNames", [])]
        return {"acm:domainnames": names, "acm:validationmethod": asked.get("ValidationMethod", "EMAIL")}
    except (ValueError, KeyError, TypeError):  # a malformed body is the emulator's to refuse
        return {}


authorization.extend_condition_keys(certificate_condition_keys)
