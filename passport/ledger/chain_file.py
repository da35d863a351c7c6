"""The one SQLite file of an embedded chain: content-addressed nodes, the blocks, and a receipt per transaction.

Reading needs no EVM. A block becomes visible as one SQLite transaction with `synchronous=FULL`: after a crash or
`kill -9` the file holds every block whose writer returned, and no half block. Writers of all processes queue at the
file lock of SQLite.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import RLock
from typing import Any

from passport.errors import LedgerError, LedgerUnavailableError
from passport.ledger.chain_id import format_address, format_chain_id
from passport.ledger.proofs import block_of_header
from passport.ledger.protocol import BlockRef, Receipt
from passport.ledger.trie_walk import EMPTY_ROOT

APPLICATION_ID = 0x63504C31
"""SQLite `application_id` of our chain files ("cPL1")."""

FORMAT_VERSION = 1
_SCHEMA = """
CREATE TABLE chain (chain_id INTEGER NOT NULL, genesis_hash BLOB NOT NULL);
CREATE TABLE node (hash BLOB PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE block (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE);
CREATE TABLE receipt (tx_hash BLOB PRIMARY KEY, block INTEGER NOT NULL, status INTEGER NOT NULL,
                      gas_used INTEGER NOT NULL, contract BLOB) WITHOUT ROWID;
"""
_NODE_CACHE = 20_000
"""Nodes kept in memory: at most about 10 MB."""


@contextlib.contextmanager
def _speaking(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise LedgerUnavailableError(
                "the chain file is locked by another process", where=str(path), hint="try again when it has finished"
            ) from error
        if "full" in text or "disk I/O error" in text:
            raise LedgerUnavailableError(
                "the chain file cannot grow; the block was not kept and nothing acknowledged is lost",
                where=str(path),
                found=text,
                hint="free disk space, then send the same transaction again",
            ) from error
        if "readonly" in text or "unable to open" in text:
            raise LedgerError("the chain file cannot be opened for writing", where=str(path), found=text) from error
        raise LedgerError("the chain file cannot be read", where=str(path), found=text) from error
    except sqlite3.DatabaseError as error:
        raise LedgerError(
            "the chain file is damaged or not a chain file",
            where=str(path),
            found=str(error),
            hint="restore it from a backup; it has not been changed",
        ) from error


class ChainFile:
    """An open chain file. Share it between threads if you like; between processes, open it in each.

    Args:
        path: An existing chain file.
        lock_timeout_s: How long a writer waits for another before `LedgerUnavailableError`.

    Raises:
        LedgerError: no such file, not a chain file, damaged, or of a newer format.
    """

    def __init__(self, path: Path, *, lock_timeout_s: float = 30.0) -> None:
        self.path = path
        self._thread_lock = RLock()
        self._nodes: dict[bytes, bytes] = {}
        if not path.is_file():
            raise LedgerError("there is no chain file", where=str(path), hint="create a chain first")
        with _speaking(path):
            self._db = _connect(path, lock_timeout_s)
            try:
                self.chain_id, self.genesis_hash = self._identify()
                self._check_size()
                self._check_head()
            except BaseException:
                self._db.close()
                raise

    @classmethod
    def create(cls, path: Path, *, chain_id: int, genesis_header_rlp: bytes) -> None:
        """Write a new chain file that holds a genesis block; it appears under `path` complete or not at all.

        Raises:
            LedgerError: `path` exists or cannot be written.
        """
        format_chain_id(chain_id)
        genesis = block_of_header(genesis_header_rlp)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            with _speaking(path):
                db = sqlite3.connect(draft, isolation_level=None)
                try:
                    db.executescript(_SCHEMA)
                    db.execute("INSERT INTO chain VALUES (?, ?)", (chain_id, genesis.hash))
                    db.execute("INSERT INTO node VALUES (?, ?)", (genesis.hash, genesis_header_rlp))
                    db.execute("INSERT INTO block VALUES (0, ?)", (genesis.hash,))
                    db.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
                    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    db.execute("PRAGMA journal_mode = WAL")
                finally:
                    db.close()
            _publish(draft, path)
        finally:
            draft.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file; the object is of no use afterwards."""
        self._db.close()

    def head(self) -> BlockRef:
        """The newest block."""
        return block_of_header(self.header(None))

    def header(self, number_or_hash: int | bytes | None) -> bytes:
        """The RLP header of one block; None is the head.

        Raises:
            LedgerError: there is no such block.
        """
        if number_or_hash is None:
            row = self._one("SELECT hash FROM block ORDER BY number DESC LIMIT 1")
        elif isinstance(number_or_hash, bytes):
            row = self._one("SELECT hash FROM block WHERE hash = ?", number_or_hash)
        else:
            row = self._one("SELECT hash FROM block WHERE number = ?", number_or_hash)
        if row is None:
            name = "0x" + number_or_hash.hex() if isinstance(number_or_hash, bytes) else number_or_hash
            raise LedgerError("the chain has no such block", where=str(self.path), found=name)
        return self.node(row[0])

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """The receipt of a transaction, or None if no block holds it."""
        row = self._one(
            "SELECT r.block, b.hash, r.status, r.gas_used, r.contract"
            " FROM receipt r JOIN block b ON b.number = r.block WHERE r.tx_hash = ?",
            tx_hash,
        )
        if row is None:
            return None
        number, block_hash, status, gas_used, contract = row
        address = None if contract is None else format_address(contract)
        return Receipt(tx_hash, number, block_hash, bool(status), gas_used, address)

    def transactions_in(self, number: int) -> int:
        """How many transactions a block holds."""
        count: int = self._one("SELECT count(*) FROM receipt WHERE block = ?", number)[0]
        return count

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock: the head stays the head, and what `append` adds becomes durable together or not at all.

        Raises:
            LedgerUnavailableError: another writer did not finish in time, or the disk is full.
        """
        with self._thread_lock, _speaking(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # SQLite has already rolled back by itself when the disk was full.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def append(self, header_rlp: bytes, *, nodes: Mapping[bytes, bytes], receipt: Receipt) -> None:
        """Add one block with its one transaction; only within `writing`."""
        self._db.executemany("INSERT OR IGNORE INTO node VALUES (?, ?)", nodes.items())
        self._db.execute("INSERT OR IGNORE INTO node VALUES (?, ?)", (receipt.block_hash, header_rlp))
        self._db.execute("INSERT INTO block VALUES (?, ?)", (receipt.block_number, receipt.block_hash))
        contract = None if receipt.contract_address is None else bytes.fromhex(receipt.contract_address[2:])
        self._db.execute(
            "INSERT INTO receipt VALUES (?, ?, ?, ?, ?)",
            (receipt.tx_hash, receipt.block_number, int(receipt.status), receipt.gas_used, contract),
        )

    def find_node(self, node_hash: bytes) -> bytes | None:
        """The content of this hash (trie node, header or code), or None if the file does not hold it."""
        content = self._nodes.get(node_hash)
        if content is None:
            row = self._one("SELECT content FROM node WHERE hash = ?", node_hash)
            if row is None:
                return None
            content = bytes(row[0])
            # Content never changes under its hash, so what is cached stays right whoever writes.
            if len(self._nodes) >= _NODE_CACHE:
                self._nodes.clear()
            self._nodes[node_hash] = content
        return content

    def node(self, node_hash: bytes) -> bytes:
        """The content of this hash, which must be there.

        Raises:
            LedgerError: it is not: the file is damaged.
        """
        content = self.find_node(node_hash)
        if content is None:
            raise LedgerError(
                "the chain file lacks a node it needs",
                where=str(self.path),
                found="0x" + node_hash.hex(),
                hint="the file is damaged; restore it from a backup",
            )
        return content

    def _one(self, query: str, *arguments: bytes | int) -> Any:
        with self._thread_lock, _speaking(self.path):
            return self._db.execute(query, arguments).fetchone()

    def _identify(self) -> tuple[int, bytes]:
        """Refuse files of others before anything is read from or written to them."""
        application_id = self._one("PRAGMA application_id")[0]
        version = self._one("PRAGMA user_version")[0]
        if application_id != APPLICATION_ID:
            raise LedgerError(
                "not a chain file", where=str(self.path), expected="the file of an embedded chain", found="another file"
            )
        if version != FORMAT_VERSION:
            raise LedgerError(
                "a chain file of another format", where=str(self.path), expected=FORMAT_VERSION, found=version
            )
        chain_id, genesis_hash = self._one("SELECT chain_id, genesis_hash FROM chain")
        return chain_id, genesis_hash

    def _check_size(self) -> None:
        """Notice a file cut within its last page, which SQLite would fill up with zeros."""
        page_bytes = self._one("PRAGMA page_size")[0]
        size_bytes = self.path.stat().st_size
        journal = self.path.with_name(self.path.name + "-wal")
        # While the journal holds pages, its copying into the file may have been interrupted: that is not a damage.
        if size_bytes % page_bytes and not (journal.is_file() and journal.stat().st_size):
            raise LedgerError(
                "the chain file is damaged: it ends within a page",
                where=str(self.path),
                expected=f"a multiple of {page_bytes} bytes",
                found=f"{size_bytes} bytes",
                hint="restore it from a backup; it has not been changed",
            )

    def _check_head(self) -> None:
        """Notice a damaged file at once, by the few nodes every use of it needs."""
        head_rlp = self.node(self._one("SELECT hash FROM block ORDER BY number DESC LIMIT 1")[0])
        head = block_of_header(head_rlp)
        genesis = block_of_header(self.node(self.genesis_hash))
        newest = self._one("SELECT number, hash FROM block ORDER BY number DESC LIMIT 1")
        if newest != (head.number, head.hash) or (genesis.number, genesis.hash) != (0, self.genesis_hash):
            raise LedgerError(
                "the chain file contradicts itself", where=str(self.path), hint="restore it from a backup"
            )
        if head.state_root != EMPTY_ROOT:
            self.node(head.state_root)


def _connect(path: Path, lock_timeout_s: float) -> sqlite3.Connection:
    # mode=rw: a file that has vanished is an error here, not a new empty database.
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=lock_timeout_s,
    )
    db.execute("PRAGMA synchronous = FULL")
    return db


def _publish(draft: Path, path: Path) -> None:
    """Give the finished draft its name without ever overwriting another file, durably."""
    try:
        os.link(draft, path)
    except FileExistsError as error:
        raise LedgerError(
            "there is a file of this name already", where=str(path), hint="open it, or choose another path"
        ) from error
    except OSError as error:
        raise LedgerError("the chain file cannot be created", where=str(path), found=str(error)) from error
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
