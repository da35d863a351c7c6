"""OpenTimestamps: hash operations that lead from a file to the Merkle root in the header of a Bitcoin block.

A proof is a tree of operations whose branches end in attestations. Of those a Bitcoin attestation can be checked: what
the operations arrive at must be the Merkle root of the block at that height, whose header the verifier knows. A pending
one is a calendar's promise and decides nothing. The format is that of the reference client's detached files, version 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256

from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger.timestamp_token import Timestamped
from passport.model.keccak import keccak

MAX_PROOF_BYTES = 1 << 20
MAX_OPERATIONS = 10_000
MAX_DEPTH = 256
"""Of forks within forks; the reference client stops there too."""

HEADER_BYTES = 80
_MAGIC = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294")
_VERSION = 1
_MAX_MESSAGE_BYTES = 4096
_ATTESTATION, _FORK = 0x00, 0xFF
_APPEND, _PREPEND, _REVERSE, _HEXLIFY = 0xF0, 0xF1, 0xF2, 0xF3
_SHA256 = 0x08
_BITCOIN = bytes.fromhex("0588960d73d71901")
_PENDING = bytes.fromhex("83dfe30d2ef90c8e")
_TAG_BYTES = 8
_MAX_ATTESTATION_BYTES = 8192


@dataclass(frozen=True, slots=True)
class BitcoinHeader:
    """A block header that the verifier knows to be in the Bitcoin chain.

    Args:
        height: Its height.
        raw: The 80 bytes of the header.

    Raises:
        ProofError: not a header.
    """

    height: int
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != HEADER_BYTES or self.height < 0:
            raise ProofError("not the header of a Bitcoin block", expected=f"{HEADER_BYTES} bytes", found=len(self.raw))

    @property
    def hash(self) -> str:
        """The block's hash as Bitcoin's users write it."""
        return sha256(sha256(self.raw).digest()).digest()[::-1].hex()

    @property
    def merkle_root(self) -> bytes:
        """Root over the block's transactions, in the order of the header's bytes."""
        return self.raw[36:68]

    @property
    def time(self) -> int:
        """What the miner said the time was, unix seconds; within about two hours of it."""
        return int.from_bytes(self.raw[68:72], "little")


@dataclass(frozen=True, slots=True)
class Attestation:
    """The end of one branch.

    Args:
        message: What the operations arrive at.
        height: Of the Bitcoin block said to have that Merkle root; None for other attestations.
        calendar: The calendar that promises to have it in a block, of a pending one.
    """

    message: bytes
    height: int | None = None
    calendar: str | None = None


class _Reader:
    """Reads a proof's bytes in order."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._data)

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise ProofError("the OpenTimestamps proof is cut short", found=f"{len(self._data)} bytes")
        taken, self._at = self._data[self._at : end], end
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """An unsigned LEB128."""
        value = 0
        for shift in range(0, 63, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
        raise ProofError("a number in the OpenTimestamps proof is too large")

    def sized(self, limit: int) -> bytes:
        length = self.number()
        if length > limit:
            raise ProofError(
                "a part of the OpenTimestamps proof is too long", expected=f"at most {limit}", found=length
            )
        return self.take(length)


def attestations(proof: bytes, message: bytes) -> tuple[Attestation, ...]:
    """Run a proof's operations from a file's content to the ends of its branches.

    Raises:
        ProofError: not such a proof, or not of this content.
    """
    if len(proof) > MAX_PROOF_BYTES:
        raise ProofError("not an OpenTimestamps proof", expected=f"at most {MAX_PROOF_BYTES} bytes", found=len(proof))
    reader = _Reader(proof)
    if not proof.startswith(_MAGIC) or reader.take(len(_MAGIC)) != _MAGIC or reader.number() != _VERSION:
        raise ProofError("not an OpenTimestamps proof of version 1")
    if reader.byte() != _SHA256:
        raise ProofError("the OpenTimestamps proof is not of a SHA-256", expected="a file stamped by its SHA-256")
    stamped, digest = reader.take(sha256().digest_size), sha256(message).digest()
    if stamped != digest:
        raise ProofError("the OpenTimestamps proof is of another file", expected=digest.hex(), found=stamped.hex())
    found = tuple(_branches(reader, digest))
    if not reader.is_at_end:
        raise ProofError("the OpenTimestamps proof goes on after its end")
    return found


def _branches(reader: _Reader, digest: bytes) -> Iterator[Attestation]:
    """Every attestation, in the order of the file; the messages at open forks wait on a stack."""
    waiting: list[bytes] = []
    message = digest
    for _ in range(MAX_OPERATIONS):
        tag = reader.byte()
        if tag == _FORK:
            waiting.append(message)
            if len(waiting) > MAX_DEPTH:
                raise ProofError("the OpenTimestamps proof forks too deeply", expected=f"at most {MAX_DEPTH}")
        elif tag == _ATTESTATION:
            yield _attestation(reader, message)
            if not waiting:
                return
            message = waiting.pop()
        else:
            message = _apply(tag, reader, message)
    raise ProofError("the OpenTimestamps proof has too many operations", expected=f"at most {MAX_OPERATIONS}")


def _attestation(reader: _Reader, message: bytes) -> Attestation:
    tag = reader.take(_TAG_BYTES)
    payload = _Reader(reader.sized(_MAX_ATTESTATION_BYTES))
    if tag == _BITCOIN:
        found = Attestation(message, height=payload.number())
    elif tag == _PENDING:
        found = Attestation(message, calendar=payload.sized(1000).decode("ascii", "replace"))
    else:
        return Attestation(message)
    if not payload.is_at_end:
        raise ProofError("an attestation in the OpenTimestamps proof goes on after its end")
    return found


def _apply(tag: int, reader: _Reader, message: bytes) -> bytes:
    if tag in (_APPEND, _PREPEND):
        argument = reader.sized(_MAX_MESSAGE_BYTES)
        if not argument:
            raise ProofError("an operation in the OpenTimestamps proof does nothing")
        result = message + argument if tag == _APPEND else argument + message
    elif tag in _UNARY:
        result = _UNARY[tag](message)
    else:
        raise ProofError("an operation that OpenTimestamps does not have", found=f"{tag:#04x}")
    if len(result) > _MAX_MESSAGE_BYTES:
        raise ProofError("the OpenTimestamps proof arrives at too long a message")
    return result


def _ripemd160(message: bytes) -> bytes:
    # OpenSSL 3 has it only as a legacy; it stands in proofs since Bitcoin hashes public keys with it.
    from Crypto.Hash import RIPEMD160

    return RIPEMD160.new(message).digest()


_UNARY: Mapping[int, Callable[[bytes], bytes]] = {
    0x02: lambda message: sha1(message, usedforsecurity=False).digest(),
    0x03: _ripemd160,
    _SHA256: lambda message: sha256(message).digest(),
    0x67: keccak,
    _REVERSE: lambda message: message[::-1],
    _HEXLIFY: lambda message: message.hex().encode(),
}


def verify_opentimestamps(proof: bytes, message: bytes, headers: Mapping[int, BitcoinHeader]) -> Timestamped:
    """Check a detached proof over a message.

    Args:
        proof: The content of the `.ots` file.
        message: What was timestamped.
        headers: Bitcoin's headers by height, as far as the verifier knows them.

    Raises:
        ProofError: not such a proof, not of this message, or a block it names has another Merkle root.
        LedgerUnavailableError: it decides nothing yet: pending, or in a block whose header is not known here.
    """
    found = attestations(proof, message)
    in_blocks = [(each, headers.get(each.height)) for each in found if each.height is not None]
    proven = [header for each, header in in_blocks if header and header.merkle_root == each.message]
    if proven:
        earliest = min(proven, key=lambda header: header.time)
        return Timestamped(earliest.time, f"Bitcoin block {earliest.height}")
    for each, header in in_blocks:
        if header:
            raise ProofError(
                "the Bitcoin block has another Merkle root",
                where=f"block {header.height}",
                expected=header.merkle_root.hex(),
                found=each.message.hex(),
            )
    if in_blocks:
        heights = ", ".join(str(each.height) for each, _ in in_blocks)
        raise LedgerUnavailableError(
            "the header of the Bitcoin block is not known", where=f"block {heights}", hint="add it to the trust file"
        )
    calendars = ", ".join(each.calendar for each in found if each.calendar) or "an attestation of another kind"
    raise LedgerUnavailableError("the timestamp is pending: in no Bitcoin block yet", found=calendars)
