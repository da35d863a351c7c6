"""RFC 3161: an authority's word that a text was there at a moment, judged against root certificates one trusts.

The cryptography is that of `rfc3161-client` (CMS and certificate paths by OpenSSL), loaded when a token is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passport.errors import LedgerUnavailableError, ProofError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_TOKEN_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Timestamped:
    """When something was there at the latest.

    Args:
        time: Unix seconds.
        by: Who says so.
    """

    time: int
    by: str


def read_certificate(pem: str) -> Certificate:
    """A certificate in PEM.

    Raises:
        ProofError: not one.
    """
    from cryptography.x509 import InvalidVersion, load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(pem.encode())
    except (ValueError, InvalidVersion) as error:
        raise ProofError("not a certificate in PEM", found=str(error)) from error


def verify_token(token: bytes, message: bytes, roots: Sequence[Certificate]) -> Timestamped:
    """Check a `TimeStampResp` over a message.

    Args:
        token: The response as the authority sent it, DER.
        message: What was timestamped.
        roots: Certificates of the authorities that are trusted, or of who certified them.

    Raises:
        ProofError: not a response, not over this message, or not by whom it says.
        LedgerUnavailableError: no authority is trusted, or the package that judges tokens is not installed.
    """
    if not roots:
        raise LedgerUnavailableError("no timestamping authority is trusted", hint="the trust file names those that are")
    if len(token) > MAX_TOKEN_BYTES:
        raise ProofError("not a timestamp token", expected=f"at most {MAX_TOKEN_BYTES} bytes", found=len(token))
    try:
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
    except ImportError as error:
        raise LedgerUnavailableError(
            "timestamp tokens cannot be judged", hint="install carbon-passport[timestamps]"
        ) from error
    try:
        response = decode_timestamp_response(token)
        info = response.tst_info
        VerifierBuilder(roots=list(roots)).build().verify_message(response, message)
        names = [str(certificate.subject.rfc4514_string()) for certificate in roots]
        time = int(info.gen_time.timestamp())
    except (VerificationError, ValueError, TypeError, OverflowError) as error:
        raise ProofError("the timestamp token does not hold", found=str(error)) from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        # The package's compiled part gives up on a name that is no text, and says so outside of `Exception`.
        raise ProofError("the timestamp token does not hold", found="a certificate that cannot be read") from error
    return Timestamped(time, _authority(info, names))


def _authority(info: object, trusted: list[str]) -> str:
    """The name in the token if there is one; it is signed, and the trusted root answers for it."""
    name = getattr(info, "name", None)
    value = getattr(name, "value", None)
    if value is not None and hasattr(value, "rfc4514_string"):
        return str(value.rfc4514_string())
    return " or ".join(trusted)
