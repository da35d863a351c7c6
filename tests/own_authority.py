"""A timestamping authority of our own, with real certificates: it puts its tokens together byte by byte (RFC 3161)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

BORN = datetime(2026, 1, 1, tzinfo=UTC)
DIES = datetime(2031, 1, 1, tzinfo=UTC)
STAMPED_AT = datetime(2026, 11, 29, 12, 30, 15, tzinfo=UTC)

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_SHA256, _ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"
_POLICY = "1.3.6.1.4.1.99999.1"


def der(tag: int, *parts: bytes) -> bytes:
    """One DER value."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    data = bytearray([40 * first + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        data += bytes(reversed(groups))
    return der(0x06, bytes(data))


def octets(data: bytes) -> bytes:
    return der(0x04, data)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


@dataclass
class Identity:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def certify(
    common: str,
    issuer: Identity | None = None,
    *,
    is_ca: bool = False,
    is_for_timestamps: bool = False,
    is_critical: bool = True,
    until: datetime = DIES,
) -> Identity:
    """A new key, certified by `issuer` or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(issuer.certificate.subject if issuer else name(common))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BORN)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_ca,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=is_ca,
                crl_sign=is_ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if is_for_timestamps:
        usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=is_critical)
    return Identity(builder.sign(signer, hashes.SHA256()), key)


def stamp(
    message: bytes,
    authority: Identity,
    *chain: Identity,
    at: datetime = STAMPED_AT,
    status: int = 0,
) -> bytes:
    """A `TimeStampResp` over the SHA-256 of a message."""
    algorithm = sequence(oid(_SHA256))
    info = sequence(
        integer(1),
        oid(_POLICY),
        sequence(algorithm, octets(sha256(message).digest())),
        integer(7),
        der(0x18, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()),
    )
    encoded = authority.certificate.public_bytes(serialization.Encoding.DER)
    attributes = sorted(
        sequence(oid(kind), der(0x31, value))
        for kind, value in (
            (_CONTENT_TYPE, oid(_TST_INFO)),
            (_MESSAGE_DIGEST, octets(sha256(info).digest())),
            (_SIGNING_CERTIFICATE_V2, sequence(sequence(sequence(octets(sha256(encoded).digest()))))),
        )
    )
    signature = authority.key.sign(der(0x31, *attributes), ec.ECDSA(hashes.SHA256()))
    certificates = [each.certificate.public_bytes(serialization.Encoding.DER) for each in (authority, *chain)]
    signer_info = sequence(
        integer(1),
        sequence(authority.certificate.issuer.public_bytes(), integer(authority.certificate.serial_number)),
        algorithm,
        der(0xA0, *attributes),
        sequence(oid(_ECDSA_SHA256)),
        octets(signature),
    )
    signed_data = sequence(
        integer(3),
        der(0x31, algorithm),
        sequence(oid(_TST_INFO), der(0xA0, octets(info))),
        der(0xA0, *sorted(certificates)),
        der(0x31, signer_info),
    )
    token = sequence(oid(_SIGNED_DATA), der(0xA0, signed_data))
    return sequence(sequence(integer(status)), token)


def chain_of_trust() -> tuple[Identity, Identity]:
    """A root, and an authority that it certified."""
    root = certify("Test Root", is_ca=True)
    return root, certify("Test Timestamping Authority", root, is_for_timestamps=True)


A_DAY = timedelta(days=1)
