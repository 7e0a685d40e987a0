"""A certificate that a machine has made for itself."""

import hashlib
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class SelfSigned:
    """PEM of the certificate and its key, and the certificate's SHA-256 in hex."""

    certificate: str
    key: str
    fingerprint: str

    def load_into(self, context: ssl.SSLContext) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "both.pem")
            file.write_text(self.certificate + self.key)
            context.load_cert_chain(file)


@cache
def self_signed(name: str = "router") -> SelfSigned:
    """One for each name: good for a day, by a key of its own, for no address at all."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(names, names, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    der = certificate.public_bytes(serialization.Encoding.DER)
    return SelfSigned(
        certificate.public_bytes(pem).decode(), private.decode(), hashlib.sha256(der).hexdigest()
    )
