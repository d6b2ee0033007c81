# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether CloudFront should accept a certificate that it refuses."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .._aws import Aws, AwsError

#: How long CloudFront may refuse a certificate that ACM has issued, in seconds.
#: https://github.com/hashicorp/terraform-provider-aws/pull/4698 (a minute)
PATIENCE = 120.0


def covers(certificate_name: str, host: str) -> bool:
    """Whether a certificate's name covers a host. A wildcard stands for exactly one label."""
    if certificate_name.startswith("*."):
        return host.partition(".")[2].lower() == certificate_name[2:].lower()
    return certificate_name.lower() == host.lower()


def should_be_accepted(acm: Aws, arn: str, aliases: list[str], refusal: str, seconds: float) -> bool:
    """Whether ACM says that CloudFront can use a certificate for these aliases.

    Parameters:
        acm: AWS's services in us-east-1, where CloudFront's certificates are.
        arn: The certificate's ARN; empty where the distribution has none from ACM.
        aliases: The distribution's host names.
        refusal: CloudFront's message.
        seconds: For how long CloudFront has refused it.

    Returns: False where ACM cannot be asked.

    Raises AnsibleAWSError with the reason where CloudFront will never accept the certificate as it is.
    """
    if not arn:
        return False
    try:
        answer = acm.call("acm", "describe_certificate", absent=["ResourceNotFoundException"], CertificateArn=arn)
    except AwsError:
        return False
    refused = f"CloudFront refuses certificate {arn}"
    if answer is None:
        raise AnsibleAWSError(
            message=f"{refused}: expected a certificate of this account in ACM in us-east-1, found none. "
            "The distribution was not written. Declare the ARN of a certificate of this account in us-east-1."
        )
    certificate = answer["Certificate"]
    if certificate["Status"] != "ISSUED":
        raise AnsibleAWSError(
            message=f"{refused}: expected status ISSUED in ACM, found {certificate['Status']}. "
            "The distribution was not written. Run again when the certificate is issued."
        )
    names = certificate.get("SubjectAlternativeNames") or [certificate["DomainName"]]
    missing = [alias for alias in aliases if not any(covers(name, alias) for name in names)]
    if missing:
        raise AnsibleAWSError(
            message=f"{refused}: expected a certificate that covers {', '.join(missing)}, found one for "
            f"{', '.join(names)}. The distribution was not written. Declare a certificate that covers every alias."
        )
    if seconds > PATIENCE:
        raise AnsibleAWSError(
            message=f"{refused} for {seconds:.0f} seconds: expected that it accepts what ACM has issued for these "
            f"aliases, found {refusal!r}. The distribution was not written. Check that CloudFront supports its key "
            f"type ({certificate.get('KeyAlgorithm')}), and run again."
        )
    return True
