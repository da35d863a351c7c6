"""An X.509 organisation key's signature, judged before it is paid for, and the call that shows it to the registry."""

from __future__ import annotations

from passport.errors import LedgerError, SignatureError
from passport.ledger.chain_id import Address
from passport.ledger.registry_writer import RegistryWriter
from passport.ledger.transactions import Call

MAX_KEY_BYTES = 64 << 10
"""A certificate with its chain is some kilobytes."""

MAX_SIGNATURE_BYTES = 512
"""RSA with 4,096 bits."""

_RSA_EXPONENT = 65537
_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 4096


def organisation_key_call(
    writer: RegistryWriter, issuer_id: str, controller: Address, *, key_pem: bytes, signature: bytes
) -> Call:
    """The call by which a controller shows that an organisation key signed for it.

    Args:
        writer: The registry's.
        issuer_id: The entity.
        controller: Its controller, who sends the call.
        key_pem: The public key or the certificate, PEM.
        signature: Over `RegistryWriter.organisation_message` with SHA-256: RSA PKCS#1 v1.5, or ECDSA over P-256 in DER.

    Raises:
        LedgerError: a key that the registry does not take.
        SignatureError: the signature is not that key's over the message.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _public_key(key_pem)
    message = writer.organisation_message(issuer_id, controller)
    try:
        if isinstance(key, RSAPublicKey):
            numbers = key.public_numbers()
            if numbers.e != _RSA_EXPONENT or not _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
                raise _not_taken(f"RSA of {key.key_size} bits with the exponent {numbers.e}")
            key.verify(signature, message, PKCS1v15(), SHA256())
            modulus = numbers.n.to_bytes((key.key_size + 7) // 8, "big")
            return writer.prove_rsa_organisation_key(issuer_id, modulus=modulus, signature=signature)
        if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
            key.verify(signature, message, ECDSA(SHA256()))
            point = key.public_numbers()
            x, y = (value.to_bytes(32, "big") for value in (point.x, point.y))
            return writer.prove_p256_organisation_key(
                issuer_id, public_point=(x, y), signature=decode_dss_signature(signature)
            )
    except InvalidSignature as error:
        raise SignatureError(
            "the signature is not that key's over the message of this entity and its controller",
            expected=f"over 0x{message.hex()}, hashed by SHA-256",
            hint="`passport registry organisation-message` writes the message",
        ) from error
    raise _not_taken(type(key).__name__)


def _public_key(pem: bytes) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        if b"BEGIN CERTIFICATE" in pem:
            return load_pem_x509_certificate(pem).public_key()
        return load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise LedgerError("not a public key or certificate", expected="PEM", found=str(error)) from error


def _not_taken(found: str) -> LedgerError:
    return LedgerError(
        "the registry takes no such organisation key",
        expected="RSA of 2,048 to 4,096 bits with the exponent 65,537, or P-256",
        found=found,
    )
