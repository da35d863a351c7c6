"""Receipts in a bundle: trie nodes below headers of blocks that the bundle ties to its own block.

| section  | key                                       | payload                                              |
|----------|-------------------------------------------|------------------------------------------------------|
| ancestor | block number, 15 digits                   | RLP of that block's header, base64url                |
| receipt  | block number, 15 digits `:` position, 6   | nodes of its receipts trie, base64url, a dot between |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from passport.errors import BoundError, DocumentError, LedgerError
from passport.ledger.ancestry import Ancestry
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.proofs import block_of_header
from passport.ledger.protocol import BlockRef
from passport.ledger.receipt_proof import ReceiptEvidence
from verifier.bundle import BundleFile, from_base64url, to_base64url
from verifier.trust import KnownBlock

MAX_RECEIPTS: Final = 100_000
"""Receipts that one bundle carries: one a checkpoint, and those of statuses."""

MAX_RECEIPT_TEXT_BYTES: Final = 128 << 20
"""All of them together: what is read of them is kept in memory."""

_KEY: Final = re.compile(r"([0-9]{15}):([0-9]{6})\Z")
_DOT: Final = b"."


def ancestor_key(number: int) -> str:
    """Under which key the header of a block stands."""
    return f"{number:015d}"


def receipt_key(evidence: ReceiptEvidence) -> str:
    """Under which key a receipt stands."""
    return f"{block_of_header(evidence.header_rlp).number:015d}:{evidence.index:06d}"


def receipt_payload(evidence: ReceiptEvidence) -> bytes:
    """The nodes that prove a receipt, as a bundle writes them."""
    return _DOT.join(map(to_base64url, evidence.nodes))


class BundleReceipts:
    """A `ReceiptSource` over one bundle.

    Args:
        bundle: The bundle.
        header_rlp: The header of its own block, which is trusted.
        ancestry: What it shows of the blocks before that.
        known: Blocks that the trust file knows besides.
    """

    def __init__(self, bundle: BundleFile, header_rlp: bytes, ancestry: Ancestry, known: Sequence[KnownBlock]) -> None:
        self._bundle = bundle
        self._own = block_of_header(header_rlp).number, header_rlp
        self._ancestry = ancestry
        self._known = {(block.number, block.hash) for block in known}
        self._keys: dict[int, list[str]] | None = None
        self._problem: DocumentError | None = None
        self._evidence: dict[str, ReceiptEvidence] = {}

    def commits(self, checkpoint: LogCheckpoint) -> Sequence[ReceiptEvidence]:
        """Those in the block that took the checkpoint in."""
        return [self._read(key) for key in self._numbered().get(checkpoint.block_number, ())]

    def statuses(self, issuer_id: str, first_block: int) -> Sequence[ReceiptEvidence]:
        """All from that block on: what they say is not known before they are read."""
        return [self._read(key) for number, keys in self._numbered().items() if number >= first_block for key in keys]

    def is_known(self, block: BlockRef) -> bool:
        """Whether the bundle's headers, or the state of its block, lead to that block, or the trust file has it.

        What came after the bundle's own block does not count, whoever knows it.
        """
        if block.number > self._own[0]:
            return False
        if self._ancestry.hash_at(block.number) == block.hash:
            return True
        return (block.number, "0x" + block.hash.hex()) in self._known

    def used(self, evidence: ReceiptEvidence) -> None:
        """Mark its line, and its block's header."""
        self._bundle.get("receipt", receipt_key(evidence))
        number = block_of_header(evidence.header_rlp).number
        if number != self._own[0]:  # whose header stands in a section of its own
            self._bundle.get("ancestor", ancestor_key(number))

    def _numbered(self) -> dict[int, list[str]]:
        """The keys of all receipts by block, or why they are refused: read once, for each checkpoint asks."""
        if self._problem is not None:
            raise self._problem
        if self._keys is None:
            try:
                self._keys = self._read_keys()
            except DocumentError as error:
                self._problem = error
                raise
        return self._keys

    def _read_keys(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        total = 0
        for count, key in enumerate(self._bundle.keys("receipt")):
            match = _KEY.match(key)
            if match is None:
                raise DocumentError("not a receipt's key", where=f"receipt {key[:40]}")
            total += len(self._bundle.peek("receipt", key) or b"")
            if count >= MAX_RECEIPTS or total > MAX_RECEIPT_TEXT_BYTES:
                expected = f"at most {MAX_RECEIPTS}, of {MAX_RECEIPT_TEXT_BYTES} bytes"
                raise BoundError("too many receipts", where=f"receipt {key}", expected=expected)
            found.setdefault(int(match[1]), []).append(key)
        return found

    def _read(self, key: str) -> ReceiptEvidence:
        if key not in self._evidence:
            where, number = f"receipt {key}", int(key[:15])
            payload = self._bundle.peek("receipt", key) or b""
            header = header_in(self._bundle, number) if number != self._own[0] else self._own[1]
            if header is None:
                raise DocumentError("the header of a receipt's block is missing", where=where)
            nodes = tuple(from_base64url(each, where=where) for each in payload.split(_DOT))
            try:
                evidence = ReceiptEvidence(header, int(key[16:]), nodes)
                if receipt_key(evidence) != key:
                    raise DocumentError("a receipt under another block's number", where=where)
            except LedgerError as error:
                raise DocumentError(f"not the proof of a receipt: {error}", where=where) from error
            self._evidence[key] = evidence
        return self._evidence[key]


def header_in(bundle: BundleFile, number: int) -> bytes | None:
    """The header that a bundle holds of the block at a height; marks nothing."""
    payload = bundle.peek("ancestor", ancestor_key(number))
    return None if payload is None else from_base64url(payload, where=f"ancestor {number}")
