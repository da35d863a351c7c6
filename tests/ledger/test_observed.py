"""What blocks say of a chain's use: validators in extra data as clients write them, and answers that are malformed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]  # the library ships no types

from passport.errors import LedgerError
from passport.ledger.chain_id import format_address
from passport.ledger.extra_data import MAX_EXTRA_BYTES, validators_of
from passport.ledger.observed import read_observed

SIGNERS = [bytes([number]) * 20 for number in (1, 2, 3, 4)]
NAMES = tuple(format_address(each) for each in SIGNERS)
VANITY = bytes(32)
SEAL = b"\x07" * 65

EXTRA: dict[str, tuple[bytes, tuple[str, ...] | None]] = {
    "QBFT": (rlp.encode([VANITY, SIGNERS, [], b"", [SEAL] * 3]), NAMES),
    "IBFT 2.0": (rlp.encode([VANITY, SIGNERS, b"", bytes(4), [SEAL] * 3]), NAMES),
    "Istanbul": (VANITY + rlp.encode([SIGNERS, SEAL, [SEAL] * 3]), NAMES),
    "Clique, an epoch's first block": (VANITY + b"".join(SIGNERS) + SEAL, NAMES),
    "Clique, any other block": (VANITY + SEAL, None),
    "a client's name": (b"geth", None),
    "nothing": (b"", None),
    "no addresses": (rlp.encode([VANITY, [b"\x01" * 19], [], b"", []]), None),
    "nobody": (rlp.encode([VANITY, [], [], b"", []]), None),
    "more than is read": (rlp.encode([VANITY, SIGNERS * 1000, [], b"", []]), None),
    "Bor: each validator's address and power": (
        VANITY + b"".join(each + (10_000).to_bytes(20, "big") for each in SIGNERS) + SEAL,
        None,
    ),
    "addresses that do not ascend": (VANITY + b"".join(reversed(SIGNERS)) + SEAL, None),
    "an address twice": (VANITY + SIGNERS[0] * 2 + SEAL, None),
    "a list without end": (b"\xc1" * 3000, None),
    "too long": (bytes(MAX_EXTRA_BYTES + 1), None),
}


@pytest.mark.parametrize(("extra", "expected"), EXTRA.values(), ids=EXTRA.keys())
def test_validators_where_blocks_say_them(extra: bytes, expected: tuple[str, ...] | None) -> None:
    assert validators_of(extra, number=30_000) == expected


def answer() -> dict[str, Any]:
    return {
        "number": "0x7",
        "hash": "0x" + "07" * 32,
        "parentHash": "0x" + "06" * 32,
        "timestamp": "0x64",
        "stateRoot": "0x" + "01" * 32,
        "gasUsed": "0x5208",
        "gasLimit": "0xa410",
        "miner": "0x" + "02" * 20,
        "extraData": "0x" + EXTRA["QBFT"][0].hex(),
        "transactions": ["0x" + "03" * 32],
    }


def test_an_answer_by_hand() -> None:
    found = read_observed(answer())
    assert (found.block.number, found.block.timestamp, found.gas_used, found.gas_limit) == (7, 100, 21_000, 42_000)
    assert (found.transactions, found.validators, found.producer) == (1, NAMES, format_address(b"\x02" * 20))
    assert found.parent_hash == b"\x06" * 32


BENT: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "more gas than it may": (lambda said: said.update(gasUsed="0xffffff"), "used more gas than it may"),
    "a negative gas": (lambda said: said.update(gasUsed="-0x1"), "what its protocol does not allow"),
    "no gas": (lambda said: said.pop("gasUsed"), "what its protocol does not allow"),
    "gas beyond all bounds": (lambda said: said.update(gasLimit="0x" + "f" * 17), "does not allow"),
    "no list of transactions": (lambda said: said.update(transactions=5), "what its protocol does not allow"),
    "a short parent": (lambda said: said.update(parentHash="0x00"), "what its protocol does not allow"),
}


@pytest.mark.parametrize(("bend", "reason"), BENT.values(), ids=BENT.keys())
def test_what_no_node_may_say(bend: Callable[[dict[str, Any]], Any], reason: str) -> None:
    said = answer()
    bend(said)
    with pytest.raises(LedgerError, match=reason):
        read_observed(said)
