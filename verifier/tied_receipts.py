"""Tie the blocks of receipts to the block of a bundle, by the chain's own history or by headers one after another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from passport.errors import LedgerError
from passport.ledger.ancestry import (
    HISTORY_BLOCKS,
    HISTORY_CODE_HASH,
    HISTORY_CONTRACT,
    MAX_ANCESTORS,
    base_of,
    history_slot,
)
from passport.ledger.protocol import BlockRef, Ledger
from passport.model.keccak import keccak


@dataclass
class Ties:
    """What a bundle needs beside its receipts.

    Attributes:
        headers: Of blocks before the bundle's own, by height.
        slots: Slots of the history contract to be proven in the state of the bundle's own block.
        nodes: Nodes of the state tries of blocks before it.
    """

    headers: dict[int, bytes] = field(default_factory=dict)
    slots: set[int] = field(default_factory=set)
    nodes: set[bytes] = field(default_factory=set)


def tie(ledger: Ledger, as_of: BlockRef, numbers: Collection[int]) -> Ties:
    """What shows that blocks are before another, as far as it can be had and is within bounds.

    Args:
        ledger: The chain.
        as_of: The block that a bundle is as of.
        numbers: Heights of the blocks with its receipts.
    """
    ties = Ties()
    rest = set(numbers) - {as_of.number}
    if rest and _keeps_history(ledger, as_of):
        rest = _tie_by_history(ledger, as_of, rest, ties)
    reached = [number for number in rest if as_of.number - number <= MAX_ANCESTORS]
    if reached:
        try:
            found = {number: ledger.header(number) for number in range(min(reached), as_of.number)}
        except LedgerError:
            return ties
        ties.headers.update(found)
    return ties


def _keeps_history(ledger: Ledger, block: BlockRef) -> bool:
    try:
        return keccak(ledger.code(HISTORY_CONTRACT, block=block)) == HISTORY_CODE_HASH
    except LedgerError:
        return False


def _tie_by_history(ledger: Ledger, as_of: BlockRef, numbers: Iterable[int], ties: Ties) -> set[int]:
    """Tie what the history leads to; what is left is returned."""
    rest: set[int] = set()
    lowest, can_go_on = as_of.number, True
    for number in sorted(numbers, reverse=True):
        base = base_of(as_of.number, number)
        while can_go_on and lowest > base:
            can_go_on = _step_back(ledger, as_of, lowest, ties)
            lowest -= HISTORY_BLOCKS
        if not can_go_on or not _keep(ledger, as_of, base, number, ties):
            rest.add(number)
    return rest


def _step_back(ledger: Ledger, as_of: BlockRef, base: int, ties: Ties) -> bool:
    """Lead from one block to the one a whole round of the history before it."""
    further = base - HISTORY_BLOCKS
    if len(ties.headers) >= MAX_ANCESTORS or not _keep(ledger, as_of, base, further, ties):
        return False
    try:
        ties.headers[further] = ledger.header(further)
    except LedgerError:
        return False
    return True


def _keep(ledger: Ledger, as_of: BlockRef, base: int, number: int, ties: Ties) -> bool:
    """Whether the state of the block at `base` keeps the hash of the one at `number`; what proves it is kept."""
    slot = history_slot(number)
    try:
        block = as_of if base == as_of.number else ledger.block(base)
        word = ledger.state(block).storage(HISTORY_CONTRACT, slot)
        if word.to_bytes(32, "big") != ledger.block(number).hash:
            return False
        if base == as_of.number:
            ties.slots.add(slot)
        else:
            ties.nodes.update(ledger.evidence(block, {HISTORY_CONTRACT: {slot}}).nodes)
    except LedgerError:
        return False
    return True
