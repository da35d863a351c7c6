"""Legal entities as the chain knows them: scheme and identifier in one spelling, and the `issuerId` made of the two.

Check digits are verified where the scheme has them, so that a typing error is refused before it is anchored:
LEI (ISO 17442, check digits of ISO/IEC 7064 MOD 97-10), GLN (GS1 General Specifications 7.9) and USCC (GB 32100-2015).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType

from passport.errors import LedgerError
from passport.model.keccak import keccak

IssuerId = NewType("IssuerId", str)
"""`keccak256(abi.encode(scheme, identifier))` as `0x` and 64 lower-case hexadecimal digits.

Where earlier registrations of the identifier were annulled their number is encoded as a third value, so that a new
entity inherits neither keys nor log.
"""

MAX_GENERATIONS = 64
"""So many annulled registrations of one identifier are followed; more than any honest registrar has to undo."""

_ISSUER_ID = re.compile(r"0x[0-9a-f]{64}\Z")
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _mod_97_10(text: str) -> int:
    """ISO/IEC 7064 MOD 97-10: letters become 10 to 35; a right text leaves 1."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def _lei_is_right(identifier: str) -> bool:
    return _mod_97_10(identifier) == 1


def _gln_is_right(identifier: str) -> bool:
    """Weights 3 and 1 from the right of the first 12 digits; the thirteenth makes a multiple of 10."""
    weighted = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(identifier[:12]))
    return (weighted + int(identifier[12])) % 10 == 0


def _uscc_is_right(identifier: str) -> bool:
    """Weights 3^i modulo 31 over the first 17 characters; the last makes a multiple of 31 (GB 32100-2015, 5.7)."""
    weighted = sum(_USCC_ALPHABET.index(character) * pow(3, at, 31) for at, character in enumerate(identifier[:17]))
    return (weighted + _USCC_ALPHABET.index(identifier[17])) % 31 == 0


def _only_shape(identifier: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _SchemeRule:
    shape: re.Pattern[str]
    expected: str
    is_right: Callable[[str], bool]


_RULES = {
    "LEI": _SchemeRule(re.compile(r"[0-9A-Z]{18}[0-9]{2}\Z"), "20 characters, the last two digits", _lei_is_right),
    "EUID": _SchemeRule(
        re.compile(r"[A-Z]{2}[0-9A-Z]{1,20}\.[0-9A-Z][0-9A-Z./_-]{0,39}\Z"),
        "country, register, a point and the number, like DEK1101R.HRB116737",
        _only_shape,
    ),
    "VAT": _SchemeRule(re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}\Z"), "country and number, like DE136695976", _only_shape),
    "GLN": _SchemeRule(re.compile(r"[0-9]{13}\Z"), "13 digits", _gln_is_right),
    "USCC": _SchemeRule(
        re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}\Z"),
        "18 characters without I, O, S, V and Z, the third to eighth digits",
        _uscc_is_right,
    ),
}

SCHEMES = tuple(_RULES)
"""Registers whose identifiers we know how to write: LEI, EUID, VAT, GLN, USCC."""


def normal_identifier(scheme: str, identifier: str) -> str:
    """The one spelling of an identifier: capital letters, no spaces.

    Args:
        scheme: One of `SCHEMES`.
        identifier: As somebody typed it.

    Raises:
        LedgerError: unknown scheme, wrong shape or wrong check digits.
    """
    rule = _RULES.get(scheme)
    if rule is None:
        raise LedgerError("unknown scheme of legal entities", expected=", ".join(SCHEMES), found=scheme)
    # Only ASCII is folded: other alphabets have letters that merely look alike.
    text = identifier.replace(" ", "")
    text = text.upper() if text.isascii() else text
    if not rule.shape.match(text):
        raise LedgerError(f"not a {scheme} identifier", where=scheme, expected=rule.expected, found=identifier)
    if not rule.is_right(text):
        raise LedgerError(
            f"the {scheme} identifier fails its check digits",
            where=scheme,
            found=identifier,
            hint="a character may be mistyped or swapped",
        )
    return text


@lru_cache(maxsize=10_000)
def issuer_id(scheme: str, identifier: str, generation: int = 0) -> IssuerId:
    """The id of a legal entity on the chain.

    Args:
        scheme: One of `SCHEMES`.
        identifier: In any spelling `normal_identifier` takes.
        generation: How many registrations of that identifier were annulled before this one.

    Raises:
        LedgerError: unknown scheme, wrong shape or wrong check digits.
    """
    if not 0 <= generation < 1 << 256:
        raise LedgerError("not a number of annulled registrations", expected="0 to 2^256-1", found=generation)
    return IssuerId("0x" + keccak(_abi_encoded(scheme, normal_identifier(scheme, identifier), generation)).hex())


def _abi_encoded(scheme: str, identifier: str, generation: int) -> bytes:
    """`abi.encode` of two strings and a number that is not 0, written out so that verifying needs no ABI library."""
    numbers = [generation.to_bytes(32, "big")] if generation else []
    heads, tails = b"", b""
    for text in (scheme, identifier):
        data = text.encode()
        heads += (32 * (2 + len(numbers)) + len(tails)).to_bytes(32, "big")
        tails += len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)
    return heads + b"".join(numbers) + tails


def issuer_id_bytes(text: str) -> bytes:
    """The 32 raw bytes of an issuer id.

    Raises:
        LedgerError: another spelling.
    """
    if not isinstance(text, str) or not _ISSUER_ID.match(text):
        raise LedgerError("not an issuer id", expected="0x and 64 lower-case hexadecimal digits", found=text)
    return bytes.fromhex(text[2:])


def issuer_id_text(raw: bytes) -> IssuerId:
    """The text of 32 raw bytes.

    Raises:
        LedgerError: not 32 bytes.
    """
    if len(raw) != 32:
        raise LedgerError("not an issuer id", expected="32 bytes", found=f"{len(raw)} bytes")
    return IssuerId("0x" + raw.hex())
