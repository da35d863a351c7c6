"""A small chain with nothing but a log contract, for tests of the outbox: one file, any number of processes.

It keeps the rules that matter to an outbox: an account's nonces follow each other, a transaction is in one block or
none, a commit stands on the log's present size and never twice, blocks may be replaced until they are deep enough.
`test_log_chain.py` tests it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from passport.errors import LedgerUnavailableError, TransactionError
from passport.ledger.account import SignedTransaction
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.outbox_ports import ChainLook
from passport.ledger.protocol import Receipt

GENESIS_TIME = 1_790_000_000
SECONDS_A_BLOCK = 12


class LogChain:
    """The anchor of one account on such a chain.

    Args:
        path: The chain's file; it is made when missing.
        account: Who signs.
        is_instant: Every transaction is sealed into a block at once.
        finality_blocks: A block is final when this many stand on it.
    """

    def __init__(self, path: Path, *, account: str = "A", is_instant: bool = True, finality_blocks: int = 0) -> None:
        self.path = path
        self.account = account
        self.is_instant = is_instant
        self.finality_blocks = finality_blocks
        self.is_reachable = True
        self.is_suspended = False
        self.bid = 100
        self.price = 0
        with self._file() as file:
            file.execute("CREATE TABLE IF NOT EXISTS pool (hash BLOB PRIMARY KEY, raw BLOB)")
            file.execute("CREATE TABLE IF NOT EXISTS blocks (number INTEGER PRIMARY KEY, salt TEXT)")
            file.execute("CREATE TABLE IF NOT EXISTS sealed (hash BLOB PRIMARY KEY, block INTEGER, raw BLOB)")

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        file = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        try:
            file.execute("PRAGMA synchronous = OFF")  # the power does not fail in these tests
            file.execute("PRAGMA journal_mode = MEMORY")
            file.execute("BEGIN IMMEDIATE")
            yield file
            file.execute("COMMIT")
        finally:
            file.close()

    # --- the anchor --------------------------------------------------------------------------------------------------

    @property
    def sender(self) -> str:
        return self.account

    def prepare(
        self,
        issuer_id: str,
        prev_size: int,
        root: bytes,
        size: int,
        *,
        min_nonce: int = 0,
        instead_of: SignedTransaction | None = None,
    ) -> SignedTransaction:
        self._reach()
        with self._file() as file:
            nonce = max(min_nonce, self._nonce(file, self.account))
            bid = self.bid
            if instead_of is not None:
                nonce, bid = instead_of.nonce, max(bid, json.loads(instead_of.raw)["bid"] * 9 // 8 + 1)
            head = self._state(file).get(issuer_id, [])
            refusal = self._refusal(head, prev_size, root, size)
        if refusal:
            raise TransactionError("the contract would refuse it", found=refusal)
        fields = {"account": self.account, "nonce": nonce, "bid": bid, "issuer": issuer_id}
        raw = json.dumps({**fields, "prev_size": prev_size, "root": root.hex(), "size": size}).encode()
        return SignedTransaction(raw, sha256(raw).digest(), nonce, self.account)

    def send(self, raw: bytes) -> None:
        self._reach()
        tx = json.loads(raw)
        tx_hash = sha256(raw).digest()
        with self._file() as file:
            pooled = file.execute("SELECT 1 FROM pool WHERE hash = ?", (tx_hash,)).fetchone()
            if pooled:
                return
            if tx["nonce"] < self._nonce(file, tx["account"]):
                raise TransactionError("nonce too low", where="nonce")
            for other_hash, other_raw in file.execute("SELECT hash, raw FROM pool").fetchall():
                other = json.loads(other_raw)
                if (other["account"], other["nonce"]) != (tx["account"], tx["nonce"]):
                    continue
                if tx["bid"] * 10 < other["bid"] * 11:
                    raise TransactionError("replacement transaction underpriced", where="fee")
                file.execute("DELETE FROM pool WHERE hash = ?", (other_hash,))
            file.execute("INSERT INTO pool VALUES (?, ?)", (tx_hash, raw))
            if self.is_instant:
                self._mine(file)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        self._reach()
        with self._file() as file:
            row = file.execute("SELECT block, raw FROM sealed WHERE hash = ?", (tx_hash,)).fetchone()
            if row is None:
                return None
            tx = json.loads(row[1])
            held = [c for c in self._state(file).get(tx["issuer"], []) if c.root.hex() == tx["root"]]
            worked = any(tx_hash == self._author(file, checkpoint) for checkpoint in held)
        return Receipt(tx_hash, row[0], sha256(b"block %d" % row[0]).digest(), worked, 62_076, None)

    def anchored(self, issuer_id: str, root: bytes, *, final: bool = False) -> LogCheckpoint | None:
        self._reach()
        with self._file() as file:
            newest = self._height(file) - (self.finality_blocks if final else 0)
            for checkpoint in self._state(file).get(issuer_id, []):
                if checkpoint.root == root and checkpoint.block_number <= newest:
                    return checkpoint
        return None

    def sealed_nonce(self) -> int:
        self._reach()
        with self._file() as file:
            return self._nonce(file, self.account)

    def look(self, issuer_id: str, root: bytes) -> ChainLook:
        held = self.anchored(issuer_id, root)
        is_final = held is not None and held == self.anchored(issuer_id, root, final=True)
        with self._file() as file:
            log = self._state(file).get(issuer_id, [])
            time = GENESIS_TIME + SECONDS_A_BLOCK * self._height(file)
        return ChainLook(held, is_final, log[-1].size if log else 0, time)

    # --- what the world does -----------------------------------------------------------------------------------------

    def mine(self, blocks: int = 1) -> None:
        """Seal what waits in the pool, in order of nonce; then empty blocks."""
        with self._file() as file:
            for _ in range(blocks):
                self._mine(file)

    def replace_blocks(self, depth: int) -> None:
        """A fork wins: the last blocks are gone, and their transactions with them."""
        with self._file() as file:
            height = self._height(file)
            file.execute("DELETE FROM sealed WHERE block > ?", (height - depth,))
            file.execute("DELETE FROM blocks WHERE number > ?", (height - depth,))
            for number in range(height - depth + 1, height + 1):
                file.execute("INSERT INTO blocks VALUES (?, 'fork')", (number,))

    def forget_pool(self) -> None:
        """The node restarts and loses what waited."""
        with self._file() as file:
            file.execute("DELETE FROM pool")

    def checkpoints(self, issuer_id: str) -> list[LogCheckpoint]:
        """The issuer's log, in order."""
        with self._file() as file:
            return self._state(file).get(issuer_id, [])

    def sealed(self) -> int:
        """How many transactions are in blocks, reverted ones too."""
        with self._file() as file:
            return int(file.execute("SELECT count(*) FROM sealed").fetchone()[0])

    # --- inside ------------------------------------------------------------------------------------------------------

    def _reach(self) -> None:
        if not self.is_reachable:
            raise LedgerUnavailableError("the chain is out of reach")

    def _height(self, file: sqlite3.Connection) -> int:
        return int(file.execute("SELECT coalesce(max(number), 0) FROM blocks").fetchone()[0])

    def _nonce(self, file: sqlite3.Connection, account: str) -> int:
        sealed = [json.loads(row[0]) for row in file.execute("SELECT raw FROM sealed")]
        return sum(tx["account"] == account for tx in sealed)

    def _mine(self, file: sqlite3.Connection) -> None:
        number = self._height(file) + 1
        file.execute("INSERT INTO blocks VALUES (?, '')", (number,))
        waiting = [(json.loads(raw), tx_hash, raw) for tx_hash, raw in file.execute("SELECT hash, raw FROM pool")]
        for tx, tx_hash, raw in sorted(waiting, key=lambda each: each[0]["nonce"]):
            if tx["nonce"] != self._nonce(file, tx["account"]) or tx["bid"] < self.price:
                continue
            file.execute("INSERT INTO sealed VALUES (?, ?, ?)", (tx_hash, number, raw))
            file.execute("DELETE FROM pool WHERE hash = ?", (tx_hash,))

    def _refusal(self, log: list[LogCheckpoint], prev_size: int, root: bytes, size: int) -> str | None:
        head = log[-1].size if log else 0
        if self.is_suspended:
            return "IssuerSuspended"
        if prev_size != head:
            return f"WrongPrevSize({prev_size}, {head})"
        if size <= head:
            return "SizeNotGrowing"
        if any(root == known.root for known in log):
            return "RootKnown"
        return None

    def _author(self, file: sqlite3.Connection, checkpoint: LogCheckpoint) -> bytes | None:
        for tx_hash, number, raw in file.execute("SELECT hash, block, raw FROM sealed ORDER BY block, rowid"):
            tx = json.loads(raw)
            if number == checkpoint.block_number and tx["root"] == checkpoint.root.hex():
                return bytes(tx_hash)
        return None

    def _state(self, file: sqlite3.Connection) -> dict[str, list[LogCheckpoint]]:
        """All logs, by running every sealed transaction again."""
        logs: dict[str, list[LogCheckpoint]] = {}
        for number, raw in file.execute("SELECT block, raw FROM sealed ORDER BY block, rowid"):
            tx = json.loads(raw)
            log = logs.setdefault(tx["issuer"], [])
            root = bytes.fromhex(tx["root"])
            head = log[-1].size if log else 0
            if tx["prev_size"] != head or tx["size"] <= head or any(root == known.root for known in log):
                continue  # reverted
            time = GENESIS_TIME + SECONDS_A_BLOCK * number
            log.append(LogCheckpoint(len(log) + 1, head, tx["size"], root, time, number, key_no=1))
        return logs
