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


@dataclass(frozen=True)
class _Step:
    """What proves one hash that the state of a block keeps: a slot of the newest state, or nodes of an older one's."""

    slots: frozenset[int] = frozenset()
    nodes: frozenset[bytes] = frozenset()


def _tie_by_history(ledger: Ledger, as_of: BlockRef, numbers: Iterable[int], ties: Ties) -> set[int]:
    """Tie what the history leads to; what is left is returned. A way that leads nowhere leaves nothing behind."""
    rest: set[int] = set()
    steps: dict[int, tuple[_Step, bytes]] = {}
    lowest, can_go_on = as_of.number, True
    for number in sorted(numbers, reverse=True):
        base = base_of(as_of.number, number)
        while can_go_on and lowest > base:
            further = lowest - HISTORY_BLOCKS
            step = _step_back(ledger, as_of, lowest, further) if len(steps) < MAX_ANCESTORS else None
            can_go_on = step is not None
            if step is not None:
                steps[further] = step
                lowest = further
        last = _kept(ledger, as_of, base, number) if lowest <= base else None
        if last is None:
            rest.add(number)
            continue
        _add(ties, last)
        while base < as_of.number and base not in ties.headers:
            back, ties.headers[base] = steps[base]
            _add(ties, back)
            base += HISTORY_BLOCKS
    return rest


def _add(ties: Ties, step: _Step) -> None:
    ties.slots.update(step.slots)
    ties.nodes.update(step.nodes)


def _step_back(ledger: Ledger, as_of: BlockRef, base: int, further: int) -> tuple[_Step, bytes] | None:
    """What leads from one block to the one a whole round of the history before it, and that one's header."""
    step = _kept(ledger, as_of, base, further)
    try:
        return None if step is None else (step, ledger.header(further))
    except LedgerError:
        return None


def _kept(ledger: Ledger, as_of: BlockRef, base: int, number: int) -> _Step | None:
    """What proves that the state of the block at `base` keeps the hash of the one at `number`; None: it does not."""
    slot = history_slot(number)
    try:
        block = as_of if base == as_of.number else ledger.block(base)
        word = ledger.state(block).storage(HISTORY_CONTRACT, slot)
        if word.to_bytes(32, "big") != ledger.block(number).hash:
            return None
        if base == as_of.number:
            return _Step(slots=frozenset((slot,)))
        return _Step(nodes=frozenset(ledger.evidence(block, {HISTORY_CONTRACT: {slot}}).nodes))
    except LedgerError:
        return None
