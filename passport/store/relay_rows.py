"""The relay's side of the store: the orders that it took, what it signed for them, and how much that was."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, func, insert, select

from passport.ledger.account import SignedTransaction
from passport.ledger.relay_client import RelayedState
from passport.ledger.relay_ports import OrderKind, RelayedOrder, Taken
from passport.store.outbox_rows import OutboxRows
from passport.store.schema import relayed_orders, relayed_transactions
from passport.store.session import from_us, to_us

_DONE = (RelayedState.FINAL.value, RelayedState.FAILED.value)


class RelayRows(OutboxRows):
    """The repository behind `passport.ledger.relay_ports.RelayStore`."""

    def next_nonce(self, sender: str) -> int:
        """One more than the highest nonce signed for with this account in what is not in a block yet; else 0.

        Whoever relays may anchor with the same account.
        """
        query = select(func.max(relayed_orders.c.tx_nonce)).where(
            relayed_orders.c.state == RelayedState.SUBMITTED.value, relayed_orders.c.tx_sender == sender
        )
        with self._reading() as connection:
            highest = connection.execute(query).scalar_one()
        return max(super().next_nonce(sender), 0 if highest is None else int(highest) + 1)

    def relayed_order(self, digest: bytes) -> RelayedOrder | None:
        """One order."""
        with self._reading() as connection:
            row = connection.execute(
                select(relayed_orders).where(relayed_orders.c.digest == digest.hex())
            ).one_or_none()
            return None if row is None else _order(connection, row)

    def relayed_in_slot(self, slot: str) -> RelayedOrder | None:
        """The order for a slot that is in no block yet, as far as is known."""
        query = (
            select(relayed_orders)
            .where(relayed_orders.c.slot == slot, relayed_orders.c.state == RelayedState.SUBMITTED.value)
            .order_by(relayed_orders.c.tx_nonce)
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else _order(connection, row)

    def unfinished_orders(self) -> list[RelayedOrder]:
        """Orders that are neither final nor failed, by the nonces of their transactions."""
        query = (
            select(relayed_orders)
            .where(relayed_orders.c.state.not_in(_DONE))
            .order_by(relayed_orders.c.tx_nonce, relayed_orders.c.digest)
        )
        with self._reading() as connection:
            return [_order(connection, row) for row in connection.execute(query).all()]

    def taken_since(self, moment: datetime, *, kind: OrderKind | None = None, issuer_id: str | None = None) -> Taken:
        """What was taken since a moment, failed orders among it; of one kind, for one issuer."""
        conditions = [relayed_orders.c.accepted_at_us > to_us(moment)]
        if kind is not None:
            conditions.append(relayed_orders.c.kind == kind)
        if issuer_id is not None:
            conditions.append(relayed_orders.c.issuer_id == issuer_id)
        counted = func.count(), func.coalesce(func.sum(relayed_orders.c.gas), 0)
        query = select(*counted, func.min(relayed_orders.c.accepted_at_us)).where(*conditions)
        with self._reading() as connection:
            count, gas, oldest = connection.execute(query).one()
        return Taken(int(count), int(gas), None if oldest is None else from_us(oldest))

    def put_relayed(self, order: RelayedOrder) -> None:
        """Store an order, in the place of an earlier state of it."""
        name = order.digest.hex()
        with self._writing() as connection:
            connection.execute(delete(relayed_transactions).where(relayed_transactions.c.digest == name))
            connection.execute(delete(relayed_orders).where(relayed_orders.c.digest == name))
            connection.execute(insert(relayed_orders), {"digest": name, **_columns(order)})
            if order.earlier:
                connection.execute(
                    insert(relayed_transactions),
                    [
                        {"digest": name, "attempt": attempt, **_transaction_columns(signed)}
                        for attempt, signed in enumerate(order.earlier)
                    ],
                )


def _columns(order: RelayedOrder) -> dict[str, Any]:
    return {
        "kind": order.kind,
        "issuer_id": order.issuer_id,
        "slot": order.slot,
        "body": order.body,
        "deadline": order.deadline,
        "accepted_at_us": to_us(order.accepted_at),
        "state": order.state.value,
        "gas": order.gas,
        "signed_at": order.signed_at,
        "block_number": order.block_number,
        "reason": order.reason,
        **_transaction_columns(order.transaction),
    }


def _transaction_columns(signed: SignedTransaction) -> dict[str, Any]:
    return {"tx_raw": signed.raw, "tx_hash": signed.hash, "tx_nonce": signed.nonce, "tx_sender": signed.sender}


def _transaction(row: Row[Any]) -> SignedTransaction:
    return SignedTransaction(bytes(row.tx_raw), bytes(row.tx_hash), row.tx_nonce, row.tx_sender)


def _order(connection: Connection, row: Row[Any]) -> RelayedOrder:
    earlier = connection.execute(
        select(relayed_transactions)
        .where(relayed_transactions.c.digest == row.digest)
        .order_by(relayed_transactions.c.attempt)
    )
    return RelayedOrder(
        digest=bytes.fromhex(row.digest),
        kind=cast(OrderKind, row.kind),
        issuer_id=row.issuer_id,
        slot=row.slot,
        body=bytes(row.body),
        deadline=row.deadline,
        accepted_at=from_us(row.accepted_at_us),
        state=RelayedState(row.state),
        gas=row.gas,
        transaction=_transaction(row),
        signed_at=row.signed_at,
        earlier=tuple(_transaction(each) for each in earlier),
        block_number=row.block_number,
        reason=row.reason,
    )
