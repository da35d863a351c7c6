"""The outbox's side of the store: reserved leaves, frozen checkpoints and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, select, update

from passport.errors import ConflictError, StoreError
from passport.ledger.account import SignedTransaction
from passport.ledger.checkpoint import CheckpointState, LogCheckpoint, OutboxCheckpoint
from passport.ledger.merkle import Frontier
from passport.ledger.outbox_ports import OpenLeaf
from passport.store.logs import Logs
from passport.store.schema import earlier_transactions, log_checkpoints, logs, open_leaves, void_leaves
from passport.store.session import from_us, to_us

_GO_ON_ELSEWHERE = "two copies of one workspace wrote: go on with the newer copy, and issue there what was issued here"

# Made once: SQLAlchemy looks at a statement it knows for less time than at a new one like it.
_LAST_OPEN = select(func.max(open_leaves.c.leaf_index)).where(open_leaves.c.log_id == bindparam("log_id"))
_RESERVE = insert(open_leaves)
_FILL = (
    update(open_leaves)
    .where(
        open_leaves.c.log_id == bindparam("of_log"),
        open_leaves.c.leaf_index == bindparam("of_index"),
        open_leaves.c.token == bindparam("of_token"),
        open_leaves.c.entry.is_(None),
    )
    .values(entry=bindparam("entry"))
)


class OutboxRows(Logs):
    """The repository behind `passport.ledger.outbox_ports.OutboxStore`."""

    def _own(self, connection: Connection, log_key: str) -> int:
        found = self._lock_log(connection, log_key)
        if found is None or not found[1]:
            raise StoreError("not a log of our own", where=log_key)
        return found[0]

    def open_own_log(self, log_key: str) -> None:
        """Begin a log of our own unless it is there; keep other writers from it until the transaction ends.

        Raises:
            ConflictError: the log is stored as somebody else's.
        """
        with self._writing() as connection:
            if not self._ensure_log(connection, log_key, own=True)[1]:
                raise ConflictError(
                    "this log is stored as somebody else's",
                    where=log_key,
                    hint="a copy of it was taken in before this workspace became its owner's: use a new workspace",
                )

    def reserve_leaf(self, log_key: str, token: bytes) -> int:
        """Reserve the lowest index not yet taken, and return it."""
        with self._writing() as connection:
            log_id = self._own(connection, log_key)
            last = connection.execute(_LAST_OPEN, {"log_id": log_id}).scalar_one()
            index = self._size(connection, log_id) if last is None else int(last) + 1
            connection.execute(_RESERVE, {"log_id": log_id, "leaf_index": index, "token": token})
            return index

    def open_leaves(self, log_key: str) -> list[OpenLeaf]:
        """Reserved leaves that are in no checkpoint, by index."""
        return self._open_leaves(log_key)

    def open_leaf(self, log_key: str, index: int) -> OpenLeaf | None:
        """One of them."""
        found = self._open_leaves(log_key, open_leaves.c.leaf_index == index)
        return found[0] if found else None

    def _open_leaves(self, log_key: str, *conditions: ColumnElement[bool]) -> list[OpenLeaf]:
        with self._reading() as connection:
            rows = connection.execute(
                select(open_leaves)
                .join(logs)
                .where(logs.c.key == log_key, *conditions)
                .order_by(open_leaves.c.leaf_index)
            )
            return [
                OpenLeaf(row.leaf_index, bytes(row.token), None if row.entry is None else bytes(row.entry))
                for row in rows
            ]

    def fill_leaf(self, log_key: str, index: int, token: bytes, entry: bytes) -> bool:
        """Set the entry of a leaf reserved with this token; False when there is no such leaf or it is filled."""
        with self._writing() as connection:
            # Locked, so that no checkpoint closes over the leaf before this is committed.
            found = self._lock_log(connection, log_key)
            if found is None:
                return False
            filled = connection.execute(
                _FILL, {"of_log": found[0], "of_index": index, "of_token": token, "entry": entry}
            )
            return filled.rowcount == 1

    def freeze(
        self, log_key: str, checkpoint: OutboxCheckpoint, entries: Sequence[bytes], void_nonces: Mapping[int, bytes]
    ) -> None:
        """Append `entries` to the log, drop its open leaves, keep the nonces of the void ones, add the checkpoint.

        Raises:
            StoreError: the checkpoint is not the log's next.
        """
        with self._writing() as connection:
            log_id = self._own(connection, log_key)
            size = self._size(connection, log_id)
            next_seq = self._last_seq(connection, log_id) + 1
            if (checkpoint.seq, checkpoint.prev_size, checkpoint.size) != (next_seq, size, size + len(entries)):
                raise StoreError("not the log's next checkpoint", where=log_key, found=f"checkpoint {checkpoint.seq}")
            self._append_entries(connection, log_id, size, entries)
            connection.execute(delete(open_leaves).where(open_leaves.c.log_id == log_id))
            if void_nonces:
                connection.execute(
                    insert(void_leaves),
                    [{"log_id": log_id, "leaf_index": at, "nonce": nonce} for at, nonce in void_nonces.items()],
                )
            connection.execute(insert(log_checkpoints), {"log_id": log_id, **_columns(checkpoint)})

    def continue_own_log(self, log_key: str, entries: Sequence[bytes], checkpoints: Sequence[LogCheckpoint]) -> None:
        """Take over what another copy of this store has brought into our own log; keep it only if the chain holds it.

        Args:
            log_key: Our own log; one that was stored as somebody else's becomes ours.
            entries: From index 0 on, up to the last checkpoint.
            checkpoints: All of the log's, by `seq`, as the chain holds them.

        Raises:
            ConflictError: Entries, checkpoints or documents of this store contradict it; nothing is changed.
        """
        with self.transaction(), self._step() as connection:
            log_id, own = self._ensure_log(connection, log_key, own=True)
            size = self._size(connection, log_id)
            try:
                self._compare_entries(connection, log_key, log_id, entries[:size])
            except ConflictError as error:
                error.hint = _GO_ON_ELSEWHERE
                raise
            if len(entries) <= size and own:
                self.put_foreign_log(log_key, entries, checkpoints)
                return
            for leaf in self._open_leaves(log_key):
                is_taken = leaf.index < len(entries) and leaf.entry is not None
                if is_taken and leaf.entry != entries[leaf.index]:
                    raise ConflictError(
                        "a passport was signed here for a leaf that another copy of this workspace has used",
                        where=f"{log_key}, leaf {leaf.index}",
                        hint=_GO_ON_ELSEWHERE,
                    )
            self._append_entries(connection, log_id, size, entries[size:])
            connection.execute(
                delete(open_leaves).where(open_leaves.c.log_id == log_id, open_leaves.c.leaf_index < len(entries))
            )
            if not own:
                connection.execute(update(logs).where(logs.c.id == log_id).values(own=True))
                connection.execute(delete(log_checkpoints).where(log_checkpoints.c.log_id == log_id))
                self._open.locked_logs.pop(log_key, None)
            known = self._last_seq(connection, log_id)
            frontier = Frontier()
            for checkpoint in checkpoints:
                frontier.extend(entries[checkpoint.prev_size : checkpoint.size])
                if checkpoint.seq > known:
                    connection.execute(
                        insert(log_checkpoints), {"log_id": log_id, **_columns(_final(checkpoint, frontier))}
                    )

    def outbox(self, log_key: str, *, unfinished: bool = False) -> list[OutboxCheckpoint]:
        """Our own checkpoints of this log by `seq`; `unfinished`: those that are not final."""
        query = (
            select(log_checkpoints)
            .join(logs)
            .where(logs.c.key == log_key, log_checkpoints.c.state.is_not(None))
            .order_by(log_checkpoints.c.seq)
        )
        if unfinished:
            query = query.where(log_checkpoints.c.state != CheckpointState.FINAL.value)
        with self._reading() as connection:
            rows = connection.execute(query).all()
            earlier = _earlier(connection, rows)
            return [_checkpoint(row, earlier.get(row.seq, ())) for row in rows]

    def outbox_checkpoint(self, log_key: str, seq: int | None = None) -> OutboxCheckpoint | None:
        """One of them; without `seq`, the last."""
        query = (
            select(log_checkpoints)
            .join(logs)
            .where(logs.c.key == log_key, log_checkpoints.c.state.is_not(None))
            .order_by(log_checkpoints.c.seq.desc())
            .limit(1)
        )
        if seq is not None:
            query = query.where(log_checkpoints.c.seq == seq)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else _checkpoint(row, _earlier(connection, [row]).get(row.seq, ()))

    def next_nonce(self, sender: str) -> int:
        """One more than the highest nonce signed for with this account in checkpoints still `submitted`; else 0."""
        query = select(func.max(log_checkpoints.c.tx_nonce)).where(
            log_checkpoints.c.state == CheckpointState.SUBMITTED.value, log_checkpoints.c.tx_sender == sender
        )
        with self._reading() as connection:
            highest = connection.execute(query).scalar_one()
        return 0 if highest is None else int(highest) + 1

    def advance(self, log_key: str, old: OutboxCheckpoint, new: OutboxCheckpoint) -> bool:
        """Replace `old` by `new`, unless another process has moved it on: then False, and nothing is changed."""
        with self._writing() as connection:
            log_id = self._own(connection, log_key)
            at = (log_checkpoints.c.log_id == log_id, log_checkpoints.c.seq == old.seq)
            row = connection.execute(select(log_checkpoints).where(*at).with_for_update()).one_or_none()
            if row is None or _checkpoint(row, _earlier(connection, [row]).get(row.seq, ())) != old:
                return False
            connection.execute(update(log_checkpoints).where(*at).values(_columns(new)))
            added = new.earlier[len(old.earlier) :]
            if added:
                connection.execute(
                    insert(earlier_transactions),
                    [
                        {"log_id": log_id, "seq": old.seq, "attempt": attempt, **_transaction_columns(signed)}
                        for attempt, signed in enumerate(added, len(old.earlier))
                    ],
                )
            return True

    def void_nonce(self, log_key: str, index: int) -> bytes | None:
        """The nonce that opens a void leaf; None when the leaf is not void."""
        with self._reading() as connection:
            nonce = connection.execute(
                select(void_leaves.c.nonce).join(logs).where(logs.c.key == log_key, void_leaves.c.leaf_index == index)
            ).scalar_one_or_none()
        return None if nonce is None else bytes(nonce)

    def void_nonces(self, log_key: str) -> dict[int, bytes]:
        """The nonces of all void leaves by index, which open them to whoever audits the whole log."""
        with self._reading() as connection:
            rows = connection.execute(
                select(void_leaves.c.leaf_index, void_leaves.c.nonce)
                .join(logs)
                .where(logs.c.key == log_key)
                .order_by(void_leaves.c.leaf_index)
            )
            return {row.leaf_index: bytes(row.nonce) for row in rows}


def _final(checkpoint: LogCheckpoint, frontier: Frontier) -> OutboxCheckpoint:
    """A checkpoint of our own that the chain holds, with the log's right edge at its end."""
    return OutboxCheckpoint(
        checkpoint.seq,
        checkpoint.prev_size,
        checkpoint.size,
        checkpoint.root,
        frontier=frontier.to_bytes(),
        prepared_at=datetime.fromtimestamp(checkpoint.time, UTC),
        state=CheckpointState.FINAL,
        transaction=None,
        anchored=checkpoint,
    )


def _columns(checkpoint: OutboxCheckpoint) -> dict[str, Any]:
    signed, held = checkpoint.transaction, checkpoint.anchored
    return {
        "seq": checkpoint.seq,
        "prev_size": checkpoint.prev_size,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "time": held.time if held else None,
        "block_number": held.block_number if held else None,
        "key_no": held.key_no if held else None,
        "state": checkpoint.state.value,
        "prepared_at_us": to_us(checkpoint.prepared_at),
        "frontier": checkpoint.frontier,
        "signed_at": checkpoint.signed_at,
        **_transaction_columns(signed),
    }


def _transaction_columns(signed: SignedTransaction | None) -> dict[str, Any]:
    return {
        "tx_raw": signed.raw if signed else None,
        "tx_hash": signed.hash if signed else None,
        "tx_nonce": signed.nonce if signed else None,
        "tx_sender": signed.sender if signed else None,
    }


def _earlier(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, tuple[SignedTransaction, ...]]:
    """What was signed before for checkpoints of one log, by `seq`."""
    signed = [row.seq for row in rows if row.tx_raw is not None]
    if not signed:
        return {}
    found: dict[int, tuple[SignedTransaction, ...]] = {}
    query = (
        select(earlier_transactions)
        .where(
            earlier_transactions.c.log_id == rows[0].log_id,
            earlier_transactions.c.seq.between(min(signed), max(signed)),
        )
        .order_by(earlier_transactions.c.seq, earlier_transactions.c.attempt)
    )
    for row in connection.execute(query):
        found[row.seq] = (*found.get(row.seq, ()), _transaction(row))
    return found


def _transaction(row: Row[Any]) -> SignedTransaction:
    return SignedTransaction(bytes(row.tx_raw), bytes(row.tx_hash), row.tx_nonce, row.tx_sender)


def _checkpoint(row: Row[Any], earlier: tuple[SignedTransaction, ...]) -> OutboxCheckpoint:
    tree = (row.seq, row.prev_size, row.size, bytes(row.root))
    return OutboxCheckpoint(
        *tree,
        frontier=bytes(row.frontier),
        prepared_at=from_us(row.prepared_at_us),
        state=CheckpointState(row.state),
        transaction=None if row.tx_raw is None else _transaction(row),
        anchored=None if row.block_number is None else LogCheckpoint(*tree, row.time, row.block_number, row.key_no),
        earlier=earlier,
        signed_at=row.signed_at,
    )
