"""RFC 3161 tokens of an authority of our own; every way in which one must not count."""

from __future__ import annotations

import base64
import sys

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from own_authority import A_DAY, DIES, STAMPED_AT, certify, chain_of_trust, stamp

from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger.timestamp_token import read_certificate, verify_token

MESSAGE = b"a checkpoint\n"


def test_a_token_says_when_and_by_whom() -> None:
    root, authority = chain_of_trust()
    found = verify_token(stamp(MESSAGE, authority), MESSAGE, [root.certificate])
    assert found.time == int(STAMPED_AT.timestamp())
    assert found.by == "CN=Test Root"


def test_an_intermediate_may_come_with_the_token() -> None:
    root = certify("Test Root", is_ca=True)
    middle = certify("Test Middle", root, is_ca=True)
    authority = certify("Test Authority", middle, is_for_timestamps=True)
    assert verify_token(stamp(MESSAGE, authority, middle), MESSAGE, [root.certificate]).by == "CN=Test Root"
    with pytest.raises(ProofError, match="does not hold"):
        verify_token(stamp(MESSAGE, authority), MESSAGE, [root.certificate])


def test_a_token_lives_longer_than_its_certificate() -> None:
    """It was valid when the token was made: nobody asks later whether it still is."""
    root, authority = chain_of_trust()
    early = stamp(MESSAGE, authority, at=DIES - A_DAY)
    assert verify_token(early, MESSAGE, [root.certificate]).time == int((DIES - A_DAY).timestamp())


def test_another_message() -> None:
    root, authority = chain_of_trust()
    with pytest.raises(ProofError, match="Mismatch between messages"):
        verify_token(stamp(b"another\n", authority), MESSAGE, [root.certificate])


def test_another_root() -> None:
    _, authority = chain_of_trust()
    with pytest.raises(ProofError, match="Error while verifying certificates"):
        verify_token(stamp(MESSAGE, authority), MESSAGE, [certify("Other Root", is_ca=True).certificate])


def test_a_namesake_of_the_root() -> None:
    _, authority = chain_of_trust()
    with pytest.raises(ProofError, match="Error while verifying certificates"):
        verify_token(stamp(MESSAGE, authority), MESSAGE, [certify("Test Root", is_ca=True).certificate])


@pytest.mark.parametrize("status", [1, 2, 3])
def test_a_token_that_was_not_granted(status: int) -> None:
    root, authority = chain_of_trust()
    with pytest.raises(ProofError, match="not GRANTED"):
        verify_token(stamp(MESSAGE, authority, status=status), MESSAGE, [root.certificate])


def test_a_certificate_for_something_else() -> None:
    root = certify("Test Root", is_ca=True)
    with pytest.raises(ProofError, match="Error while verifying certificates"):
        verify_token(stamp(MESSAGE, certify("A Server", root)), MESSAGE, [root.certificate])
    lax = certify("A Lax One", root, is_for_timestamps=True, is_critical=False)
    with pytest.raises(ProofError, match=r"Error while verifying certificates|EKU extension is not critical"):
        verify_token(stamp(MESSAGE, lax), MESSAGE, [root.certificate])


def test_after_the_certificate_has_expired() -> None:
    root, authority = chain_of_trust()
    with pytest.raises(ProofError, match="Error while verifying certificates"):
        verify_token(stamp(MESSAGE, authority, at=DIES + A_DAY), MESSAGE, [root.certificate])


def test_certified_by_who_may_not_certify() -> None:
    """Somebody with any certificate of the root's must not make authorities."""
    root = certify("Test Root", is_ca=True)
    anyone = certify("Anyone", root)
    authority = certify("Test Authority", anyone, is_for_timestamps=True)
    with pytest.raises(ProofError, match="Error while verifying certificates"):
        verify_token(stamp(MESSAGE, authority, anyone), MESSAGE, [root.certificate])


def test_every_byte_counts() -> None:
    """Of the signature, of what is signed, and of the time."""
    root, authority = chain_of_trust()
    token = stamp(MESSAGE, authority)
    at_signature = token.rindex(b"\x04") + 2
    for at in (len(token) - 1, at_signature, token.index(b"20261129")):
        bent = bytearray(token)
        bent[at] ^= 1
        with pytest.raises(ProofError, match="does not hold"):
            verify_token(bytes(bent), MESSAGE, [root.certificate])


@pytest.mark.parametrize("token", [b"", b"\x30\x00", b"not DER", bytes(100)])
def test_not_a_token(token: bytes) -> None:
    root, _ = chain_of_trust()
    with pytest.raises(ProofError, match="does not hold"):
        verify_token(token, MESSAGE, [root.certificate])


def test_bounds_and_trust() -> None:
    root, authority = chain_of_trust()
    with pytest.raises(ProofError, match="at most 65536"):
        verify_token(bytes(70_000), MESSAGE, [root.certificate])
    with pytest.raises(LedgerUnavailableError, match="no timestamping authority is trusted"):
        verify_token(stamp(MESSAGE, authority), MESSAGE, [])
    assert read_certificate(root.pem) == root.certificate
    with pytest.raises(ProofError, match="not a certificate"):
        read_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def test_without_the_package_nothing_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    root, authority = chain_of_trust()
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(LedgerUnavailableError, match=r"cannot be judged.*carbon-passport\[timestamps\]"):
        verify_token(stamp(MESSAGE, authority), MESSAGE, [root.certificate])


def test_a_root_whose_name_is_no_text() -> None:
    """The package's compiled part gives up on it outside of `Exception`, which nobody above would catch."""
    root, authority = chain_of_trust()
    der = root.certificate.public_bytes(Encoding.DER).replace(b"Test Root", b"Test R\xffot")
    with pytest.raises(ProofError, match="does not hold; found a certificate that cannot be read"):
        verify_token(stamp(MESSAGE, authority), MESSAGE, [load_der_x509_certificate(der)])


def test_a_certificate_of_a_version_that_there_is_not() -> None:
    """X.509 version 3 is written as 2, in `A0 03 02 01 02`; there is no version 11."""
    der = certify("Test Root", is_ca=True).certificate.public_bytes(Encoding.DER)
    bent = base64.encodebytes(der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x0a", 1)).decode()
    with pytest.raises(ProofError, match="not a certificate in PEM; found 10 is not a valid X509 version"):
        read_certificate(f"-----BEGIN CERTIFICATE-----\n{bent}-----END CERTIFICATE-----\n")
