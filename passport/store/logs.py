"""Logs as the store holds them: entries in tiles of 256, checkpoints; the logs of others only ever extend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, bindparam, func, insert, select, update

from passport.errors import ConflictError, StoreError
from passport.ledger.checkpoint import LogCheckpoint, parse_log_key
from passport.ledger.merkle import HASH_BYTES, MerkleLog
from passport.store.engine import insert_or_ignore
from passport.store.schema import log_checkpoints, log_tiles, logs
from passport.store.session import Session

TILE_ENTRIES = 256
"""Entries in one row of the database: 8 KiB, and a word of the contract's status bitmap."""

_TILE_BYTES = TILE_ENTRIES * HASH_BYTES

_LOCK = select(logs.c.id, logs.c.own).where(logs.c.key == bindparam("key")).with_for_update()


class Logs(Session):
    """The repository of logs."""

    def _lock_log(self, connection: Connection, key: str) -> tuple[int, bool] | None:
        """Row number and ownership of a log, kept from other writers until the current transaction ends."""
        locked = self._open.locked_logs.get(key)
        if locked is None:
            row = connection.execute(_LOCK, {"key": key}).one_or_none()
            if row is None:
                return None
            locked = self._open.locked_logs[key] = (row.id, row.own)
        return locked

    def _ensure_log(self, connection: Connection, key: str, *, own: bool) -> tuple[int, bool]:
        found = self._lock_log(connection, key)
        if found is None:
            parse_log_key(key)
            connection.execute(insert_or_ignore(connection, logs), {"key": key, "own": own, "size": 0})
            found = self._lock_log(connection, key)
        if found is None:
            raise StoreError("a log that was just made is missing", where=key)
        return found

    def _size(self, connection: Connection, log_id: int) -> int:
        return int(connection.execute(select(logs.c.size).where(logs.c.id == log_id)).scalar_one())

    def log_keys(self) -> list[str]:
        """The names of all logs in the store, own and foreign."""
        with self._reading() as connection:
            return list(connection.execute(select(logs.c.key).order_by(logs.c.id)).scalars())

    def log_size(self, log_key: str) -> int:
        """How many entries of this log are stored; 0 for an unknown one."""
        with self._reading() as connection:
            size = connection.execute(select(logs.c.size).where(logs.c.key == log_key)).scalar_one_or_none()
        return size or 0

    def log_entries(self, log_key: str, *, start: int = 0, stop: int | None = None) -> list[bytes]:
        """The stored entries of a log from `start` to before `stop`; none for an unknown log."""
        with self._reading() as connection:
            row = connection.execute(select(logs.c.id, logs.c.size).where(logs.c.key == log_key)).one_or_none()
            if row is None:
                return []
            log_id, size = row
            stop = size if stop is None else min(stop, size)
            if start >= stop:
                return []
            first = start // TILE_ENTRIES
            packed = b"".join(self._tiles(connection, log_id, first, (stop - 1) // TILE_ENTRIES))
        offset = (start - first * TILE_ENTRIES) * HASH_BYTES
        end = offset + (stop - start) * HASH_BYTES
        if len(packed) < end:
            raise StoreError("entries of a log are missing from the store", where=log_key)
        return [packed[at : at + HASH_BYTES] for at in range(offset, end, HASH_BYTES)]

    def merkle_log(self, log_key: str, *, size: int | None = None) -> MerkleLog:
        """The log's tree, up to `size` entries, to take proofs from."""
        log = MerkleLog()
        log.extend(self.log_entries(log_key, stop=size))
        return log

    def log_checkpoints(self, log_key: str) -> list[LogCheckpoint]:
        """What the chain holds of this log, by `seq`, as far as stored here; `outbox` has those under way."""
        with self._reading() as connection:
            rows = connection.execute(
                select(log_checkpoints)
                .join(logs)
                .where(logs.c.key == log_key, log_checkpoints.c.block_number.is_not(None))
                .order_by(log_checkpoints.c.seq)
            )
            return [
                LogCheckpoint(r.seq, r.prev_size, r.size, bytes(r.root), r.time, r.block_number, r.key_no) for r in rows
            ]

    def put_foreign_log(
        self, log_key: str, entries: Sequence[bytes], checkpoints: Sequence[LogCheckpoint] = ()
    ) -> None:
        """Keep what is known of somebody's log: its entries from the first on, and final checkpoints.

        What is stored stays: a shorter copy is compared and changes nothing, a longer one extends it. It may also be
        told of an own log, and is compared then; only the outbox extends that.

        Args:
            log_key: `<CAIP-10 of the PassportLog>#<issuerId>`.
            entries: From index 0 on.
            checkpoints: Any of the log's checkpoints that are final.

        Raises:
            ConflictError: an entry or checkpoint differs from what is stored; nothing is changed.
        """
        for index, entry in enumerate(entries):
            if len(entry) != HASH_BYTES:
                raise ConflictError("not an entry of a log", where=f"{log_key}, leaf {index}", expected="32 bytes")
        with self.transaction(), self._step() as connection:
            log_id, own = self._ensure_log(connection, log_key, own=False)
            size = self._size(connection, log_id)
            self._compare_entries(connection, log_key, log_id, entries[:size])
            if own and len(entries) > size:
                raise ConflictError(
                    "somebody knows more entries of our own log than we do",
                    where=f"{log_key}, leaf {size}",
                    expected=f"{size} entries",
                    found=f"{len(entries)} entries",
                    hint="is this an old copy of the workspace?",
                )
            self._append_entries(connection, log_id, size, entries[size:])
            stored = {
                row.seq: LogCheckpoint(
                    row.seq, row.prev_size, row.size, bytes(row.root), row.time, row.block_number, row.key_no
                )
                for row in connection.execute(select(log_checkpoints).where(log_checkpoints.c.log_id == log_id))
            }
            fresh = []
            for each in checkpoints:
                if each.seq not in stored:
                    fresh.append(each)
                known = stored.setdefault(each.seq, each)
                # Our own may still be on its way, or in a block that is replaced later.
                if known != each and not (own and _tree(known) == _tree(each)):
                    raise ConflictError(
                        "the log's checkpoint differs from the one stored",
                        where=f"{log_key}, checkpoint {each.seq}",
                        expected=known,
                        found=each,
                    )
            if own and fresh:
                raise ConflictError(
                    "somebody knows a checkpoint of our own log that we never made",
                    where=f"{log_key}, checkpoint {fresh[0].seq}",
                    found=fresh[0],
                )
            if fresh:
                connection.execute(
                    insert(log_checkpoints),
                    [
                        {
                            "log_id": log_id,
                            "seq": each.seq,
                            "prev_size": each.prev_size,
                            "size": each.size,
                            "root": each.root,
                            "time": each.time,
                            "block_number": each.block_number,
                            "key_no": each.key_no,
                        }
                        for each in fresh
                    ],
                )

    def _tiles(self, connection: Connection, log_id: int, first: int, last: int) -> Iterator[bytes]:
        rows = connection.execute(
            select(log_tiles.c.entries)
            .where(log_tiles.c.log_id == log_id, log_tiles.c.tile.between(first, last))
            .order_by(log_tiles.c.tile)
        )
        return (bytes(entries) for entries in rows.scalars())

    def _compare_entries(self, connection: Connection, log_key: str, log_id: int, entries: Sequence[bytes]) -> None:
        last = (len(entries) - 1) // TILE_ENTRIES
        for tile, stored in enumerate(self._tiles(connection, log_id, 0, last) if entries else ()):
            start = tile * TILE_ENTRIES
            told = b"".join(entries[start : start + TILE_ENTRIES])
            if stored[: len(told)] == told:
                continue
            at = next(at for at in range(0, len(told), HASH_BYTES) if stored[at : at + 32] != told[at : at + 32])
            raise ConflictError(
                "the log's entry differs from the one stored",
                where=f"{log_key}, leaf {start + at // HASH_BYTES}",
                expected=stored[at : at + HASH_BYTES].hex(),
                found=told[at : at + HASH_BYTES].hex(),
            )

    def _append_entries(self, connection: Connection, log_id: int, size: int, entries: Sequence[bytes]) -> None:
        """Add entries to a log that has `size`."""
        if not entries:
            return
        tile, rest = divmod(size, TILE_ENTRIES)
        at_tile = (log_tiles.c.log_id == log_id, log_tiles.c.tile == tile)
        begun = 0
        if rest:
            kept = b"".join(self._tiles(connection, log_id, tile, tile))
            begun = TILE_ENTRIES - rest
            filled = kept + b"".join(entries[:begun])
            connection.execute(update(log_tiles).where(*at_tile).values(entries=filled))
            tile += 1
        packed = b"".join(entries[begun:])
        new = [
            {"log_id": log_id, "tile": tile + number, "entries": packed[at : at + _TILE_BYTES]}
            for number, at in enumerate(range(0, len(packed), _TILE_BYTES))
        ]
        if new:
            connection.execute(insert(log_tiles), new)
        connection.execute(update(logs).where(logs.c.id == log_id).values(size=size + len(entries)))

    def _last_seq(self, connection: Connection, log_id: int) -> int:
        last = connection.execute(
            select(func.max(log_checkpoints.c.seq)).where(log_checkpoints.c.log_id == log_id)
        ).scalar_one()
        return last or 0


def _tree(checkpoint: LogCheckpoint) -> tuple[int, int, bytes]:
    return checkpoint.prev_size, checkpoint.size, checkpoint.root
