"""Signed notes: text with Ed25519 signatures below it, as C2SP signed-note and Go's checksum database write them.

    text, which ends with a line end

    — name base64(key id, signature)

A signature is found by the name and the id of its key; those of keys one does not know are ignored, so that a log and
its witnesses can sign one note. See https://c2sp.org/signed-note.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passport.errors import ProofError

MAX_NOTE_BYTES = 1 << 16
"""A note that is longer is not read."""

MAX_SIGNATURES = 64
"""A note with more signatures is not read; C2SP demands that 16 are."""

KEY_ID_BYTES = 4
PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64

_DASH = "\u2014"
_SIGNATURE_LINE = re.compile(rf"{_DASH} ([^\s+]+) ([A-Za-z0-9+/=]+)\Z")
_KEY_NAME = re.compile(r"[^\s+]+\Z")
_VERIFIER_KEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\Z")

Sign = Callable[[bytes], bytes]
"""Makes the Ed25519 signature of a message with a private key that stays where it is."""


class NoteAlgorithm(IntEnum):
    """What a key's signatures are, by the byte that its id is made with."""

    ED25519 = 0x01
    """Of the note's text: how a log signs."""

    COSIGNATURE_V1 = 0x04
    """Of the text and the time at which it was seen: how a witness signs (C2SP tlog-cosignature)."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """The public key of somebody who signs notes.

    Args:
        name: Its owner's name, such as a URL without its scheme; no spaces, no plus.
        algorithm: What it signs.
        public: The Ed25519 key, 32 bytes.

    Raises:
        ProofError: not such a name or key.
    """

    name: str
    algorithm: NoteAlgorithm
    public: bytes

    def __post_init__(self) -> None:
        if not _KEY_NAME.match(self.name) or not _is_plain(self.name):
            raise ProofError("not the name of a note's key", expected="no spaces, no plus", found=self.name)
        if len(self.public) != PUBLIC_KEY_BYTES:
            raise ProofError("not an Ed25519 public key", where=self.name, expected=f"{PUBLIC_KEY_BYTES} bytes")

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before its signatures."""
        data = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return sha256(data).digest()[:KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key in one line, a vkey: name, id and key."""
        encoded = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check an Ed25519 signature.

        Raises:
            ProofError: it is not this key's signature of the message.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise ProofError("a note's signature does not verify", where=self.name) from error


def parse_note_key(text: str) -> NoteKey:
    """Read a vkey.

    Raises:
        ProofError: not a key in that form, its id is not its own, or its algorithm is none that we verify.
    """
    match = _VERIFIER_KEY.match(text)
    if not match:
        raise ProofError("not the public key of a note", expected="<name>+<key id>+<base64>", found=text)
    encoded = _decode(match[3], "key", match[1])
    try:
        algorithm = NoteAlgorithm(encoded[0] if encoded else 0)
    except ValueError as error:
        expected = "1 (Ed25519) or 4 (cosignature/v1)"
        raise ProofError("not an algorithm we verify notes with", where=match[1], expected=expected) from error
    key = NoteKey(match[1], algorithm, encoded[1:])
    if key.key_id.hex() != match[2]:
        raise ProofError("the id is not that of the key", where=match[1], expected=key.key_id.hex(), found=match[2])
    return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line below a note.

    Args:
        name: Whose key it says it is.
        key_id: Which key, 4 bytes.
        signature: What follows, of whatever algorithm the key is for.
    """

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line, with its end."""
        return f"{_DASH} {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text with signatures; nobody may act on the text before a signature of a trusted key has been verified.

    Args:
        text: The text, with the line end it ends with.
        signatures: The lines below it.
    """

    text: str
    signatures: tuple[NoteSignature, ...] = ()

    def to_bytes(self) -> bytes:
        """The note as it is served."""
        return (self.text + "\n" + "".join(signature.line for signature in self.signatures)).encode()

    def of(self, key: NoteKey) -> bytes | None:
        """What stands for the signature of that key, not verified; None when it did not sign."""
        for each in self.signatures:
            if (each.name, each.key_id) == (key.name, key.key_id):
                return each.signature
        return None

    def with_signatures(self, added: Iterable[NoteSignature]) -> SignedNote:
        """The note with more signatures; a later one of the same key takes the earlier one's place.

        Raises:
            ProofError: more of them than are read.
        """
        kept = {(each.name, each.key_id): each for each in self.signatures}
        kept.update({(each.name, each.key_id): each for each in added})
        if len(kept) > MAX_SIGNATURES:
            raise ProofError("too many signatures", expected=f"at most {MAX_SIGNATURES}", found=len(kept))
        return replace(self, signatures=tuple(kept.values()))

    def signed_by(self, keys: Iterable[NoteKey]) -> tuple[NoteKey, ...]:
        """Which of these Ed25519 keys signed the text.

        Raises:
            ProofError: none did, or a line that names one of them does not verify.
        """
        found = []
        for key in keys:
            lines = [each for each in self.signatures if (each.name, each.key_id) == (key.name, key.key_id)]
            if not lines or key.algorithm is not NoteAlgorithm.ED25519:
                continue
            for each in lines:  # every one: a note with a false line of a known key is no note (C2SP signed-note)
                key.verify(self.text.encode(), each.signature)
            found.append(key)
        if not found:
            raise ProofError("the note is signed by none of the keys that are trusted for it")
        return tuple(found)


def sign_note(text: str, key: NoteKey, sign: Sign) -> SignedNote:
    """Sign a text.

    Args:
        text: What is signed; ends with a line end.
        key: The public key, of algorithm `ED25519`.
        sign: Signs with its private key.

    Raises:
        ProofError: a text that no note can have, or the signature is not that of the key.
    """
    _check_text(text)
    signature = sign(text.encode())
    key.verify(text.encode(), signature)
    return SignedNote(text, (NoteSignature(key.name, key.key_id, signature),))


def parse_note(data: bytes) -> SignedNote:
    """Read a signed note.

    Raises:
        ProofError: not a note, or one larger than we read.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise ProofError("the note is too long", expected=f"at most {MAX_NOTE_BYTES} bytes", found=len(data))
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise ProofError("a note is UTF-8") from error
    text, separator, below = whole.rpartition("\n\n")
    if not separator or not below.endswith("\n"):
        raise ProofError("not a signed note", expected="text, an empty line, and lines with signatures")
    return SignedNote(_check_text(text + "\n"), parse_signatures(below))


def parse_signatures(lines: str) -> tuple[NoteSignature, ...]:
    """Read the lines below a note.

    Raises:
        ProofError: not such lines, or more of them than we read.
    """
    found = []
    if not lines.endswith("\n"):
        raise ProofError("the lines with a note's signatures end with a line end")
    for line in lines[:-1].split("\n"):
        match = _SIGNATURE_LINE.match(line)
        data = _decode(match[2], "signature", match[1]) if match and _is_plain(match[1]) else b""
        if match is None or len(data) <= KEY_ID_BYTES:
            raise ProofError("not the signature of a note", expected=f"{_DASH} <name> <base64>", found=line)
        found.append(NoteSignature(match[1], data[:KEY_ID_BYTES], data[KEY_ID_BYTES:]))
    if len(found) > MAX_SIGNATURES:
        raise ProofError("too many signatures", expected=f"at most {MAX_SIGNATURES}", found=len(found))
    return tuple(found)


def decode_base64(text: str, what: str, where: str | None = None) -> bytes:
    """Read base64 in its one spelling.

    Raises:
        ProofError: anything else.
    """
    return _decode(text, what, where)


def _decode(text: str, what: str, where: str | None) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofError(f"the {what} is not base64", where=where, found=text) from error
    if base64.b64encode(data).decode() != text:
        raise ProofError(f"the {what} is not in the one spelling base64 has", where=where, found=text)
    return data


def _check_text(text: str) -> str:
    if not text.endswith("\n") or len(text) < 2:
        raise ProofError("a note's text ends with a line end")
    if not _is_plain(text.replace("\n", "")):
        raise ProofError("a note has no control characters but line ends")
    return text


def _is_plain(text: str) -> bool:
    return all(character >= " " for character in text)
