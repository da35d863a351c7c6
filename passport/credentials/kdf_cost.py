"""What it costs to try a passphrase on a key file: the file's own word, so it is bounded before any of it is paid.

An encrypted private key (PKCS#8, RFC 5958) says by itself how its passphrase is stretched: scrypt (RFC 7914) with its
memory, passes and lanes, or PBKDF2 (RFC 8018) with its iterations. A hostile file asks for hours, or for all memory.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple

from passport.errors import SignerError

SCRYPT_N: Final = 2**14
"""16 MiB of memory (r = 8), which OpenSSL reads by default."""

SCRYPT_R: Final = 8
MAX_LANES: Final = 64
"""Passes that are made one after the other (scrypt's p); at our own N and r some three seconds."""

MAX_WORK: Final = SCRYPT_N * SCRYPT_R * MAX_LANES
"""N x r x p: as much as 64 lanes of ours, however it is split."""

MAX_MEMORY_BYTES: Final = 256 << 20
"""128 x N x r; twice what the OWASP password storage sheet asks for at most (N = 2^17, r = 8)."""

MAX_ITERATIONS: Final = 10_000_000
"""Of PBKDF2; the same sheet asks for 1,300,000 with its cheapest hash."""

_LABEL: Final = b"ENCRYPTED PRIVATE KEY"
_BLOCK: Final = re.compile(
    rb"\s*-----BEGIN " + _LABEL + rb"-----([A-Za-z0-9+/=\s]*)-----END " + _LABEL + rb"-----\s*\Z"
)
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_PBES2: Final = bytes.fromhex("2a864886f70d01050d")
_PBKDF2: Final = bytes.fromhex("2a864886f70d01050c")
_SCRYPT: Final = bytes.fromhex("2b06010401da47040b")
_PBES1: Final = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))
"""Prefixes of the older schemes: PKCS#5 version 1.5 and PKCS#12, which take a salt and iterations."""


class _Value(NamedTuple):
    """One tag-length-value of DER."""

    tag: int
    body: bytes


def encrypted_der(pem: bytes) -> bytes | None:
    """The DER of an encrypted private key in PEM, and nothing else beside it; None where there is none.

    Raises:
        SignerError: Something else stands beside it, or it is not base64.
    """
    if _LABEL not in pem:
        return None
    match = _BLOCK.match(pem)
    if match is None:
        raise SignerError("not one encrypted private key alone in PEM (PKCS#8)")
    try:
        return base64.b64decode(b"".join(match[1].split()), validate=True)
    except binascii.Error as error:
        raise SignerError("not an encrypted private key in PEM (PKCS#8): its text is not base64") from error


def check_kdf_cost(der: bytes, *, where: str) -> None:
    """Refuse a key whose passphrase costs more to try than we pay.

    Args:
        der: The encrypted private key.
        where: Its file, for the message.

    Raises:
        SignerError: Too costly, or not an encrypted private key.
    """
    try:
        algorithm, _ = _children(_only(der, _SEQUENCE))
        scheme, parameters = _children(_expect(algorithm, _SEQUENCE))
        if scheme != _Value(_OID, _PBES2):
            _check_older(scheme, parameters, where)
            return
        derivation, _ = _children(_expect(parameters, _SEQUENCE))
        kdf, stated = _children(_expect(derivation, _SEQUENCE))
        numbers = [_number(each) for each in _children(_expect(stated, _SEQUENCE))[1:] if each.tag == _INTEGER]
    except (ValueError, IndexError) as error:
        raise SignerError("not an encrypted private key in PEM (PKCS#8)", where=where) from error
    if kdf == _Value(_OID, _SCRYPT) and len(numbers) in (3, 4):
        check_scrypt_cost(*numbers[:3], where=where)
    elif kdf == _Value(_OID, _PBKDF2) and numbers:
        _check_iterations(numbers[0], where)
    else:
        raise SignerError("a private key of a kind we cannot open", where=where, expected="scrypt or PBKDF2")


def check_scrypt_cost(n: int, r: int, p: int, *, where: str) -> None:
    """Refuse what scrypt would take too much memory or time for.

    Args:
        n: The cost, passes over the memory; its memory is 128 x n x r bytes.
        r: The size of a block.
        p: The lanes.
        where: What asks for it, for the message.

    Raises:
        SignerError: Too much; says of what.
    """
    if min(n, r, p) < 1 or 128 * n * r > MAX_MEMORY_BYTES:
        found = f"{128 * n * r} bytes (N {n}, r {r})"
        raise _too_costly(where, f"scrypt with at most {MAX_MEMORY_BYTES} bytes of memory", found)
    if p > MAX_LANES:
        raise _too_costly(where, f"scrypt with at most {MAX_LANES} lanes (p)", f"p {p}")
    if n * r * p > MAX_WORK:
        raise _too_costly(where, f"scrypt with N x r x p of at most {MAX_WORK}", f"{n * r * p} (N {n}, r {r}, p {p})")


def _check_older(scheme: _Value, parameters: _Value, where: str) -> None:
    if scheme.tag != _OID or not scheme.body.startswith(_PBES1):
        raise SignerError("a private key of a kind we cannot open", where=where)
    _, iterations = _children(_expect(parameters, _SEQUENCE))
    _check_iterations(_number(iterations), where)


def _check_iterations(iterations: int, where: str) -> None:
    if iterations > MAX_ITERATIONS:
        raise _too_costly(where, f"at most {MAX_ITERATIONS} iterations", f"{iterations} iterations")


def _too_costly(where: str, expected: str, found: str) -> SignerError:
    return SignerError(
        "the key asks for more work or memory than we spend on a passphrase",
        where=where,
        expected=expected,
        found=found,
        hint="if it is your own, encrypt it anew: openssl pkcs8 -topk8 -scrypt",
    )


def _only(data: bytes, tag: int) -> _Value:
    """The one value that data consists of."""
    (value,) = _values(data)
    return _expect(value, tag)


def _children(value: _Value) -> list[_Value]:
    return _values(value.body)


def _values(data: bytes) -> list[_Value]:
    """The values of DER that stand behind one another.

    Raises:
        ValueError: Not that; IndexError likewise.
    """
    values, at = [], 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length >= 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4 or at + size > len(data):
                raise ValueError("a length that is none")
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > len(data):
            raise ValueError("a value that is cut off")
        values.append(_Value(tag, data[at : at + length]))
        at += length
    return values


def _expect(value: _Value, tag: int) -> _Value:
    if value.tag != tag:
        raise ValueError(f"tag {value.tag}, not {tag}")
    return value


def _number(value: _Value) -> int:
    """An integer; one of more than eight bytes is as good as any that is beyond all bounds."""
    body = _expect(value, _INTEGER).body
    return int.from_bytes(body, "big", signed=True) if len(body) <= 8 else 1 << 64
