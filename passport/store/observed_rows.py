"""Blocks of chains that are watched: gas and transactions by number, validators where they change, sums of the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from passport.ledger.chain_id import Address
from passport.ledger.observed import ObservedBlock
from passport.store.schema import observed_blocks, observed_past, observed_validators
from passport.store.session import Session

MAX_ROWS = 200_000
"""The most blocks one `observed_use` lists."""

MAX_SETS: Final = 1000
"""No more sets of validators than that are kept of a chain: a node may say another one in every block."""

_PAGE = 5000


class BlockUse(NamedTuple):
    """What one block used.

    Attributes:
        number: Its number.
        hash: Its hash.
        timestamp: Its time, unix seconds.
        gas_used: Gas of its transactions.
        gas_limit: Gas that it could have held.
        transactions: How many it holds.
    """

    number: int
    hash: bytes
    timestamp: int
    gas_used: int
    gas_limit: int
    transactions: int


class PastUse(NamedTuple):
    """What the blocks come to that were watched and are kept no longer.

    Attributes:
        first: Number of the first.
        first_time: Its time, unix seconds.
        last: Number of the last; the next one is kept.
        last_time: Its time.
        gas_used: Gas of all.
        gas_limit: Gas that they could have held.
        transactions: How many they held.
    """

    first: int
    first_time: int
    last: int
    last_time: int
    gas_used: int
    gas_limit: int
    transactions: int


class ObservedBlocks(Session):
    """The repository of blocks that were watched."""

    def put_observed(self, chain: str, blocks: Sequence[ObservedBlock]) -> None:
        """Keep blocks that follow those that are kept; all or none.

        Args:
            chain: The chain's name.
            blocks: In the order of their numbers.

        Raises:
            StoreError: One of them is kept already.
        """
        if not blocks:
            return
        rows = [
            {
                "chain": chain,
                "number": each.block.number,
                "hash": each.block.hash,
                "timestamp": each.block.timestamp,
                "gas_used": each.gas_used,
                "gas_limit": each.gas_limit,
                "transactions": each.transactions,
                "producer": each.producer,
            }
            for each in blocks
        ]
        with self._writing() as connection:
            connection.execute(insert(observed_blocks), rows)
            known = connection.execute(_newest_validators(chain)).scalar_one_or_none()
            changes = []
            for each in blocks:
                said = None if each.validators is None else json.dumps(each.validators)
                if said is not None and said != known:
                    changes.append({"chain": chain, "number": each.block.number, "validators": said})
                    known = said
            if changes:
                connection.execute(insert(observed_validators), changes[-MAX_SETS:])
                _drop_old_sets(connection, chain)

    def forget_observed(self, chain: str, *, first: int) -> int:
        """Drop the blocks from a number on, which the chain has replaced.

        Args:
            chain: The chain's name.
            first: The first that goes.

        Returns:
            How many there were.
        """
        with self._writing() as connection:
            for table in (observed_validators, observed_blocks):
                gone = connection.execute(delete(table).where(table.c.chain == chain, table.c.number >= first))
            if not connection.execute(select(observed_blocks.c.number).where(observed_blocks.c.chain == chain)).first():
                connection.execute(delete(observed_past).where(observed_past.c.chain == chain))  # nothing follows it
            return gone.rowcount

    def drop_observed(self, chain: str, *, keep: int) -> int:
        """Drop the oldest blocks, so that no more are kept than asked for; what they come to is added to the past.

        Args:
            chain: The chain's name.
            keep: So many of the newest stay; 1 or more.

        Returns:
            How many were dropped.
        """
        numbers = observed_blocks.c.number
        of_chain = observed_blocks.c.chain == chain
        with self._writing() as connection:
            newest = connection.execute(select(func.max(numbers)).where(of_chain)).scalar_one_or_none()
            if newest is None:
                return 0
            first_kept, dropped = newest - max(keep, 1) + 1, 0
            names = ("number", "timestamp", "gas_used", "gas_limit", "transactions")
            oldest = (
                select(*(observed_blocks.c[name] for name in names))
                .where(of_chain, numbers < first_kept)
                .order_by(numbers)
                .limit(_PAGE)
            )
            while rows := connection.execute(oldest).all():
                _add_to_past(connection, chain, [tuple(row) for row in rows])
                connection.execute(delete(observed_blocks).where(of_chain, numbers <= rows[-1][0]))
                dropped += len(rows)
            if dropped:
                sets = observed_validators.c
                in_force = select(func.max(sets.number)).where(sets.chain == chain, sets.number <= first_kept)
                number = connection.execute(in_force).scalar_one_or_none()
                if number is not None:
                    connection.execute(delete(observed_validators).where(sets.chain == chain, sets.number < number))
            return dropped

    def observed_past(self, chain: str) -> PastUse | None:
        """What the blocks of a chain come to that are kept no longer; None where none was dropped."""
        with self._reading() as connection:
            row = connection.execute(select(observed_past).where(observed_past.c.chain == chain)).mappings().first()
        return None if row is None else _past(row)

    def observed_use(self, chain: str, *, last: int | None = None, limit: int = MAX_ROWS) -> list[BlockUse]:
        """The newest blocks that are kept, the oldest of them first.

        Args:
            chain: The chain's name.
            last: Only blocks up to this number.
            limit: At most so many.
        """
        names = BlockUse._fields
        query = select(*(observed_blocks.c[name] for name in names)).where(observed_blocks.c.chain == chain)
        if last is not None:
            query = query.where(observed_blocks.c.number <= last)
        query = query.order_by(observed_blocks.c.number.desc()).limit(min(limit, MAX_ROWS))
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [BlockUse(row[0], bytes(row[1]), *row[2:]) for row in reversed(rows)]

    def observed_count(self, chain: str) -> int:
        """How many blocks of a chain are kept."""
        with self._reading() as connection:
            query = select(func.count()).select_from(observed_blocks).where(observed_blocks.c.chain == chain)
            found: int = connection.execute(query).scalar_one()
        return found

    def observed_sets(self, chain: str) -> int:
        """How many changes of the validators are kept, with the first that was said."""
        with self._reading() as connection:
            query = select(func.count()).select_from(observed_validators).where(observed_validators.c.chain == chain)
            found: int = connection.execute(query).scalar_one()
        return found

    def observed_validators(self, chain: str) -> tuple[Address, ...] | None:
        """Who may make blocks, as the newest block says that says it; None where none does."""
        with self._reading() as connection:
            text = connection.execute(_newest_validators(chain)).scalar_one_or_none()
        return None if text is None else tuple(Address(each) for each in json.loads(text))

    def observed_producers(self, chain: str, *, first: int) -> int:
        """How many different makers the blocks from a number on name."""
        query = select(func.count(observed_blocks.c.producer.distinct())).where(
            observed_blocks.c.chain == chain, observed_blocks.c.number >= first
        )
        with self._reading() as connection:
            found: int = connection.execute(query).scalar_one()
        return found


def _newest_validators(chain: str) -> Any:
    sets = observed_validators.c
    return select(sets.validators).where(sets.chain == chain).order_by(sets.number.desc()).limit(1)


def _drop_old_sets(connection: Connection, chain: str) -> None:
    sets = observed_validators.c
    too_many = select(sets.number).where(sets.chain == chain).order_by(sets.number.desc()).offset(MAX_SETS).limit(1)
    number = connection.execute(too_many).scalar_one_or_none()
    if number is not None:
        connection.execute(delete(observed_validators).where(sets.chain == chain, sets.number <= number))


def _past(row: Any) -> PastUse:
    numbers = {name: int(row[name]) for name in PastUse._fields}
    return PastUse(**numbers)


def _add_to_past(connection: Connection, chain: str, rows: Sequence[tuple[int, ...]]) -> None:
    """Rows of number, time, gas used, gas limit and transactions, the oldest first, that follow what is there."""
    of_chain = observed_past.c.chain == chain
    found = connection.execute(select(observed_past).where(of_chain)).mappings().first()
    before = None if found is None else _past(found)
    used, limit, transactions = (sum(row[at] for row in rows) for at in (2, 3, 4))
    values = {
        "chain": chain,
        "first": rows[0][0] if before is None else before.first,
        "first_time": rows[0][1] if before is None else before.first_time,
        "last": rows[-1][0],
        "last_time": rows[-1][1],
        "gas_used": str(used + (before.gas_used if before else 0)),
        "gas_limit": str(limit + (before.gas_limit if before else 0)),
        "transactions": transactions + (before.transactions if before else 0),
    }
    connection.execute(delete(observed_past).where(of_chain))
    connection.execute(insert(observed_past), [values])
