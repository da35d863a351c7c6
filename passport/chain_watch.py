"""Follow a chain into the store: blocks with their gas and transactions, and what that comes to in a year.

What a node says is kept as it says it. Blocks that the chain has replaced are dropped and read again, so that what is
kept is one chain, block after block. Of the oldest only the sums are kept, so that a store does not grow for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from passport.errors import LedgerError, LedgerUnavailableError, UsageError
from passport.ledger.chain_id import ChainRef
from passport.ledger.observed import Observable, ObservedBlock
from passport.store import Store
from passport.store.observed_rows import MAX_ROWS, BlockUse, PastUse

DEFAULT_SPAN: Final = 1000
"""So many blocks are read back where a chain is watched for the first time."""

MAX_REPLACED: Final = 1000
"""No more blocks than that are dropped because a node shows others: then one of its answers is the likelier fault."""

MIN_KEPT: Final = MAX_REPLACED + 1
"""No fewer blocks are kept: a chain that replaces all of them could not be told from another chain."""

SECONDS_A_YEAR: Final = 8766 * 3600
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Followed:
    """What one look at a chain did.

    Attributes:
        added: Blocks that are new.
        replaced: Blocks that were kept and are gone from the chain.
        head: The chain's newest block.
        is_behind: More blocks are there than were read.
    """

    added: int
    replaced: int
    head: int
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """What the newest blocks that are kept come to; a rate of their time as if it lasted a year, no year's total.

    Attributes:
        chain: The chain's name.
        first: Number of the first block.
        last: Number of the last.
        first_time: Its time, unix seconds.
        last_time: The last one's.
        gas_used: Gas of all blocks.
        gas_limit: Gas that they could have held.
        transactions: How many they hold.
        gas_a_year: Gas a year at the rate of these blocks, or None: fewer than two blocks, or no time between them.
        transactions_a_year: The same of transactions.
        validators: How many may make blocks, where blocks say so; else None.
        producers: How many different makers they name; None where none names one.
        past: What the blocks before the kept ones come to, of which nothing else is left; None where there are none.
    """

    chain: str
    first: int
    last: int
    first_time: int
    last_time: int
    gas_used: int
    gas_limit: int
    transactions: int
    gas_a_year: float | None
    transactions_a_year: float | None
    validators: int | None
    producers: int | None
    past: PastUse | None = None

    @property
    def blocks(self) -> int:
        """How many blocks these are."""
        return self.last - self.first + 1

    @property
    def seconds_a_block(self) -> float | None:
        """Mean time between two blocks, or None."""
        return (self.last_time - self.first_time) / (self.blocks - 1) if self.blocks > 1 else None

    @property
    def utilisation(self) -> float | None:
        """Share of the gas limit that is used, or None where blocks may hold none."""
        return self.gas_used / self.gas_limit if self.gas_limit else None

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON values."""
        return {
            "chain": self.chain,
            "first": self.first,
            "last": self.last,
            "blocks": self.blocks,
            "first_time": self.first_time,
            "last_time": self.last_time,
            "gas_used": self.gas_used,
            "gas_limit": self.gas_limit,
            "utilisation": self.utilisation,
            "transactions": self.transactions,
            "seconds_a_block": self.seconds_a_block,
            "period_kind": "annualised snapshot",
            "gas_a_year": self.gas_a_year,
            "transactions_a_year": self.transactions_a_year,
            "validators": self.validators,
            "producers": self.producers,
            "past": None if self.past is None else self.past._asdict(),
        }


def watched_name(chain: ChainRef) -> str:
    """The name under which a chain's blocks are kept: two chains of one number are two chains."""
    return f"{chain.caip2} {chain.genesis_hash}"


def follow(
    chain: Observable,
    store: Store,
    *,
    first: int | None = None,
    max_blocks: int = DEFAULT_SPAN,
    keep: int = MAX_ROWS,
) -> Followed:
    """Read the blocks that are not kept yet, the oldest first.

    Args:
        chain: The chain.
        store: Where blocks are kept.
        first: Where to begin with a chain that nothing is kept of; without it the newest `max_blocks`.
        max_blocks: Read at most so many; call again for the rest.
        keep: Of so many blocks each is kept, of older ones the sums; at least `MIN_KEPT`.

    Raises:
        UsageError: Fewer to keep than that, or a beginning that would leave a gap after what is kept, or lies beyond
            the chain's head.
        LedgerUnavailableError: The chain replaced blocks while it was read, or is out of reach: call again.
        LedgerError: Something malformed, or a history that differs by more than `MAX_REPLACED` blocks.
    """
    if keep < MIN_KEPT:
        raise UsageError(
            "too few blocks to tell a chain by", where="kept blocks", expected=f"{MIN_KEPT} or more", found=keep
        )
    name, head = watched_name(chain.chain), chain.head().number
    last, replaced = _last_that_holds(chain, store, name, head)
    if last is None:
        start = max(0, head - max_blocks + 1) if first is None else first
        if start > head:
            raise UsageError("the chain is not that long", where="first block", expected=f"at most {head}", found=first)
    else:
        start = last.number + 1
        if first is not None and first > start:
            expected = f"{start} or less: blocks up to {last.number} are kept"
            raise UsageError("a gap in what is kept", where="first block", expected=expected, found=first)
    stop = min(head + 1, start + max_blocks)
    before = None if last is None else last.hash
    for batch in range(start, stop, _BATCH):
        read = _read(chain, range(batch, min(batch + _BATCH, stop)), before)
        with store.transaction():
            store.put_observed(name, read)
            store.drop_observed(name, keep=keep)
        before = read[-1].block.hash
    return Followed(max(0, stop - start), replaced, head, stop <= head)


def watched(chain: ChainRef, store: Store, *, max_blocks: int = MAX_ROWS) -> Watched | None:
    """What the newest blocks that are kept of a chain come to; None if none are.

    Args:
        chain: The chain.
        store: Where blocks are kept.
        max_blocks: Of at most so many blocks.
    """
    name = watched_name(chain)
    rows = store.observed_use(name, limit=max_blocks)
    if not rows:
        return None
    seconds = rows[-1].timestamp - rows[0].timestamp
    # The first block's gas was used before its time, and so before the time that is divided by.
    gas, transactions = sum(row.gas_used for row in rows[1:]), sum(row.transactions for row in rows[1:])
    validators = store.observed_validators(name)
    producers = store.observed_producers(name, first=rows[0].number)
    return Watched(
        chain=name,
        first=rows[0].number,
        last=rows[-1].number,
        first_time=rows[0].timestamp,
        last_time=rows[-1].timestamp,
        gas_used=sum(row.gas_used for row in rows),
        gas_limit=sum(row.gas_limit for row in rows),
        transactions=sum(row.transactions for row in rows),
        gas_a_year=gas / seconds * SECONDS_A_YEAR if seconds > 0 else None,
        transactions_a_year=transactions / seconds * SECONDS_A_YEAR if seconds > 0 else None,
        validators=None if validators is None else len(validators),
        producers=producers or None,
        past=store.observed_past(name),
    )


def _last_that_holds(chain: Observable, store: Store, name: str, head: int) -> tuple[BlockUse | None, int]:
    """The newest block to go on from, after those that the chain has replaced were dropped; and how many these were.

    What lies beyond the node's head is not replaced by that: a node that lags behind shows nothing in its place.
    """
    newest = next(iter(store.observed_use(name, limit=1)), None)
    below, differing = head, 0
    while rows := store.observed_use(name, last=below, limit=_BATCH):
        for row in reversed(rows):
            if chain.observe(row.number).block.hash == row.hash:
                return (row, store.forget_observed(name, first=row.number + 1)) if differing else (newest, 0)
            differing += 1
            if differing > MAX_REPLACED:
                raise LedgerError(
                    "more blocks than chains replace are others than those that are kept",
                    where=f"block {row.number}",
                    expected=f"at most {MAX_REPLACED}",
                    hint="nothing was dropped: is it the right node? else watch it from another workspace",
                )
        below = rows[0].number - 1
    return (None, store.forget_observed(name, first=0)) if differing else (newest, 0)


def _read(chain: Observable, numbers: Sequence[int], before: bytes | None) -> list[ObservedBlock]:
    found: list[ObservedBlock] = []
    for number in numbers:
        block = chain.observe(number)
        if before is not None and block.parent_hash != before:
            raise LedgerUnavailableError(
                "the chain replaced blocks while it was read", where=f"block {number}", hint="run again"
            )
        found.append(block)
        before = block.block.hash
    return found
