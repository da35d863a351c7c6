"""Checkpoints of an issuer's log: what the chain says of one, and how far one of our own has come on its way there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passport.errors import LedgerError
from passport.ledger.account import SignedTransaction
from passport.ledger.chain_id import parse_account_id

_ISSUER_ID = re.compile(r"0x[0-9a-f]{64}\Z")


def log_key(contract: str, issuer_id: str) -> str:
    """The name of one issuer's log on one chain: `<CAIP-10 of the PassportLog>#<issuerId>`.

    Raises:
        LedgerError: either part is malformed.
    """
    parse_account_id(contract)
    if not isinstance(issuer_id, str) or not _ISSUER_ID.match(issuer_id):
        raise LedgerError("not an issuer id", expected="0x and 64 lower-case hexadecimal digits", found=issuer_id)
    return f"{contract}#{issuer_id}"


def parse_log_key(key: str) -> tuple[str, str]:
    """Split a log's name into the CAIP-10 id of its contract and the issuer id.

    Raises:
        LedgerError: not in the form `log_key` writes.
    """
    contract, _, issuer_id = key.partition("#")
    log_key(contract, issuer_id)
    return contract, issuer_id


@dataclass(frozen=True, slots=True)
class LogCheckpoint:
    """A checkpoint as the chain holds it.

    Args:
        seq: Its number in the issuer's log; the first is 1.
        prev_size: Leaves at the checkpoint before.
        size: Leaves it covers.
        root: RFC 9162 root of those leaves, 32 bytes.
        time: Block time, unix seconds.
        block_number: The block that took it in.
        key_no: The registry's number of the account that signed it.
    """

    seq: int
    prev_size: int
    size: int
    root: bytes
    time: int
    block_number: int
    key_no: int


class CheckpointState(StrEnum):
    """How far one of our own checkpoints has come. `final` is the only one that may be told as "anchored"."""

    PREPARED = "prepared"
    """Leaves and root are frozen; nothing is signed."""

    SUBMITTED = "submitted"
    """The signed transaction is stored, and sent or about to be."""

    INCLUDED = "included"
    """In the chain, in a block that might still be replaced."""

    FINAL = "final"
    """In the chain for good."""


@dataclass(frozen=True, slots=True)
class OutboxCheckpoint:
    """One of our own checkpoints on its way to the chain.

    Args:
        seq: Its number in the log; the first is 1.
        prev_size: Leaves at the checkpoint before.
        size: Leaves it covers.
        root: RFC 9162 root of those leaves, 32 bytes.
        frontier: Hashes of the log's full subtrees at `size`, from which the next root follows.
        prepared_at: When it was frozen, UTC.
        state: How far it has come.
        transaction: What was signed for it last, from `submitted` on.
        anchored: What the chain holds, from `included` on.
        earlier: What was signed for it before, oldest first: any of them may be the one that gets in.
        signed_at: The chain's time when `transaction` was signed, unix seconds.
    """

    seq: int
    prev_size: int
    size: int
    root: bytes
    frontier: bytes
    prepared_at: datetime
    state: CheckpointState = CheckpointState.PREPARED
    transaction: SignedTransaction | None = None
    anchored: LogCheckpoint | None = None
    earlier: tuple[SignedTransaction, ...] = ()
    signed_at: int | None = None
