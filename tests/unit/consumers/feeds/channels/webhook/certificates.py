"""Certificates for tests: an authority of their own, and what it certifies."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


class Authority:
    """An authority; `path` is its own certificate, which a subscription may name."""

    def __init__(self, folder: Path, name: str = "Test Authority") -> None:
        self._folder, self._name, self._serial = folder, name, 1
        self._key = ec.generate_private_key(ec.SECP256R1())
        limits = x509.BasicConstraints(ca=True, path_length=None)
        made = self._builder(name, self._key).add_extension(limits, critical=True)
        self.path = folder / f"{name.replace(' ', '-')}.pem"
        self.path.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))

    def server(self, host: str = "localhost", *, is_expired: bool = False
               ) -> tuple[ssl.SSLContext, str]:  # fmt: skip
        """Give what a server of this name shows, and the certificate's SHA-256."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        builder = self._builder(host, key, is_expired=is_expired)
        made = builder.add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        path = self._folder / f"{host}-{self._serial}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )  # fmt: skip
        path.write_bytes(private + _pem(made))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        encoded = made.public_bytes(serialization.Encoding.DER)
        return context, hashlib.sha256(encoded).hexdigest()

    def _builder(
        self, subject: str, key: ec.EllipticCurvePrivateKey, *, is_expired: bool = False
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)  # TLS asks the machine's clock, not ours
        self._serial += 1
        return (
            x509.CertificateBuilder()
            .subject_name(_named(subject))
            .issuer_name(_named(self._name))
            .public_key(key.public_key())
            .serial_number(self._serial)
            .not_valid_before(now - 3 * _DAY)
            .not_valid_after(now - _DAY if is_expired else now + _DAY)
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
