"""The cost that a key file asks for, read out of its DER: nothing but a cost, or a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.kdf_cost import (
    MAX_LANES,
    MAX_MEMORY_BYTES,
    MAX_WORK,
    SCRYPT_N,
    SCRYPT_R,
    check_kdf_cost,
    check_scrypt_cost,
    encrypted_der,
)
from passport.errors import SignerError


def test_the_bounds_are_those_that_are_written_down() -> None:
    """64 lanes of 16 MiB; 256 MiB once; OWASP's largest, N = 2^17 and r = 8, is 128 MiB."""
    assert (MAX_WORK, MAX_MEMORY_BYTES) == (16384 * 8 * 64, 268_435_456)
    check_scrypt_cost(SCRYPT_N, SCRYPT_R, MAX_LANES, where="x")
    check_scrypt_cost(2**17, 8, 8, where="x")
    check_scrypt_cost(2**18, 8, 4, where="x")
    for n, r, p in ((2**18, 9, 1), (2**19, 8, 1), (2**14, 8, 65), (2**18, 8, 5), (0, 8, 1), (2**14, 0, 1), (2, 1, 0)):
        with pytest.raises(SignerError, match="asks for more work or memory than we spend"):
            check_scrypt_cost(n, r, p, where="x")


@given(st.binary(max_size=200))
def test_whatever_bytes_a_key_holds(data: bytes) -> None:
    """A refusal of ours, never another error."""
    said = ""
    try:
        check_kdf_cost(data, where="here")
    except SignerError as error:
        said = str(error)
    assert len(said) < 1000


@given(st.binary(max_size=200))
def test_whatever_text_a_key_file_holds(data: bytes) -> None:
    begin, end = b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"-----END ENCRYPTED PRIVATE KEY-----"
    for text in (data, begin + data + end, begin + data):
        try:
            der = encrypted_der(text)
        except SignerError:
            continue
        assert (der is None) == (b"ENCRYPTED PRIVATE KEY" not in text)
