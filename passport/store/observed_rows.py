"""Blocks of chains that are watched: gas, transactions and validators by number, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select

from passport.ledger.chain_id import Address
from passport.ledger.observed import ObservedBlock
from passport.store.schema import observed_blocks
from passport.store.session import Session

MAX_ROWS = 200_000
"""The most blocks one `observed_use` lists."""


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
                "validators": None if each.validators is None else json.dumps(each.validators),
            }
            for each in blocks
        ]
        with self._writing() as connection:
            connection.execute(insert(observed_blocks), rows)

    def forget_observed(self, chain: str, *, first: int) -> int:
        """Drop the blocks from a number on, which the chain has replaced.

        Args:
            chain: The chain's name.
            first: The first that goes.

        Returns:
            How many there were.
        """
        of_chain = (observed_blocks.c.chain == chain, observed_blocks.c.number >= first)
        with self._writing() as connection:
            return connection.execute(delete(observed_blocks).where(*of_chain)).rowcount

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

    def observed_validators(self, chain: str) -> tuple[Address, ...] | None:
        """Who may make blocks, as the newest block says that says it; None where none does."""
        query = (
            select(observed_blocks.c.validators)
            .where(observed_blocks.c.chain == chain, observed_blocks.c.validators.is_not(None))
            .order_by(observed_blocks.c.number.desc())
            .limit(1)
        )
        with self._reading() as connection:
            text = connection.execute(query).scalar_one_or_none()
        return None if text is None else tuple(Address(each) for each in json.loads(text))

    def observed_producers(self, chain: str, *, first: int) -> int:
        """How many different makers the blocks from a number on name."""
        query = select(func.count(observed_blocks.c.producer.distinct())).where(
            observed_blocks.c.chain == chain, observed_blocks.c.number >= first
        )
        with self._reading() as connection:
            found: int = connection.execute(query).scalar_one()
        return found
