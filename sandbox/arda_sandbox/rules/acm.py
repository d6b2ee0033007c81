"""ACM: a certificate is pending until its record is found in DNS, and one token asks for one certificate."""

from __future__ import annotations

import hashlib
import json
import time

from .. import dns, emulator
from ..http import Response
from ..settings import Settings
from . import Call, Proceed, rule, transition

TIMED_OUT_SECONDS = 72 * 3600
TOKEN_SECONDS = 3600


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
                for option in certificate["DomainValidationOptions"]:
                    option["ValidationStatus"] = "PENDING_VALIDATION"
                    option["ResourceRecord"] = validation_record(account, option["DomainName"])
    return response


@rule("acm:DescribeCertificate")
async def describe_certificate(call: Call, proceed: Proceed) -> Response:
    """A pending certificate has no dates, and for a moment no record; a used one names its users.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
    """
    response = await proceed()
    if response.status != 200:
        return response
    document = json.loads(response.body)
    shown = document["Certificate"]
    record = next(c for _a, c in emulator.certificates() if c["CertificateArn"] == shown["CertificateArn"])
    if shown["Status"] != "ISSUED":
        for name in ("IssuedAt", "NotBefore", "NotAfter"):
            shown.pop(name, None)
    if time.time() - record.get("_requested", 0) < call.settings.delays["validation_record"]:
        for option in shown["DomainValidationOptions"]:
            option.pop("ResourceRecord", None)
    shown["InUseBy"] = _users(shown["CertificateArn"])
    return response.with_body(json.dumps(document).encode())


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

    https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html
    """
    now = time.time()
    for _account, certificate in emulator.certificates():
        if certificate["Status"] != "PENDING_VALIDATION":
            continue
        records = [option["ResourceRecord"] for option in certificate["DomainValidationOptions"]]
        if all(_published(record) for record in records):
            if now - certificate.setdefault("_proven", now) >= settings.delays["issue"]:
                certificate["Status"] = "ISSUED"
                for option in certificate["DomainValidationOptions"]:
                    option["ValidationStatus"] = "SUCCESS"
        elif now - certificate.get("_requested", now) > TIMED_OUT_SECONDS:
            certificate["Status"] = "VALIDATION_TIMED_OUT"


def _published(record: dict[str, str]) -> bool:
    return record["Value"] in dns.resolve(record["Name"], "CNAME").values("CNAME")


def _users(arn: str) -> list[str]:
    return [
        distribution["ARN"]
        for _account, distribution in emulator.distributions()
        if f">{arn}<" in (distribution.get("config_xml") or "")
    ]


def _json(document: dict) -> Response:
    return Response(200, [(b"content-type", b"application/x-amz-json-1.1")], json.dumps(document).encode())
