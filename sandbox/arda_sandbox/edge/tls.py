"""TLS at the edge: a throw-away CA, and a certificate for each name that is asked for, as ACM would have issued it."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import trustme
from hypercorn.config import Config

from .. import emulator
from ..hostnames import covers, is_s3
from . import applications
from .distributions import find


class Certificates:
    """Certificates by server name, for distributions whose own certificate covers the name, and for S3."""

    def __init__(self, ca_file: Path) -> None:
        self._ca = trustme.CA(organization_name="arda sandbox", organization_unit_name="throw-away CA")
        ca_file.write_bytes(self._ca.cert_pem.bytes())
        self._contexts: dict[str, ssl.SSLContext] = {}

    def default_context(self) -> ssl.SSLContext:
        """The context of a connection before its server name is known."""
        context = self._context("sandbox.invalid")
        context.sni_callback = self._choose
        return context

    def _choose(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        if not name or not served(name.lower()):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._context(name.lower())
        return None

    def _context(self, name: str) -> ssl.SSLContext:
        if name not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.set_alpn_protocols(["h2", "http/1.1"])
            _load(context, self._ca.issue_cert(name))
            self._contexts[name] = context
        return self._contexts[name]


def _load(context: ssl.SSLContext, leaf: trustme.LeafCert) -> None:
    """Let a context serve a certificate. OpenSSL reads a file; this one is in memory, since it has the private key."""
    descriptor = os.memfd_create("certificate")
    try:
        os.write(descriptor, leaf.private_key_and_cert_chain_pem.bytes())
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def served(name: str) -> bool:
    """Whether the edge has a certificate for a name."""
    if is_s3(name) or applications.port(name):
        return True
    distribution = find(name)
    if distribution is None:
        return False
    if name == distribution.domain:
        return True
    return any(
        certificate["CertificateArn"] == distribution.certificate
        and certificate["Status"] == "ISSUED"
        and any(covers(covered, name) for covered in certificate["SubjectAlternativeNames"])
        for _account, certificate in emulator.certificates()
    )


class TlsConfig(Config):
    """A server configuration whose TLS context is made here instead of read from files."""

    def __init__(self, certificates: Certificates) -> None:
        super().__init__()
        self._certificates = certificates

    @property
    def ssl_enabled(self) -> bool:
        return True

    def create_ssl_context(self) -> ssl.SSLContext:
        return self._certificates.default_context()
