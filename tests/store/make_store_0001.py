"""Write `data/store_0001.sql`, a database of the first revision: `python make_store_0001.py`.

Only good while 0001 is the newest revision; what older versions wrote is not rewritten afterwards.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from passport.ledger.account import SignedTransaction
from passport.ledger.checkpoint import LogCheckpoint, log_key
from passport.ledger.merkle import root
from passport.ledger.outbox import Outbox
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store

CONTRACT = "eip155:1337:0x52908400098527886E0F7030069857D2E4169EE7"
KEY = log_key(CONTRACT, "0x" + "5a" * 32)
ENTRIES = [sha256(b"entry %d" % number).digest() for number in range(300)]


class _OneAnswer:
    """A chain that has whatever was sent to it, for good."""

    def __init__(self) -> None:
        self.sent = False

    def prepare(self, issuer_id: str, prev_size: int, root: bytes, size: int) -> SignedTransaction:
        return SignedTransaction(b"raw", sha256(b"raw").digest(), 7)

    def send(self, raw: bytes) -> None:
        self.sent = True

    def receipt(self, tx_hash: bytes) -> None:
        return None

    def anchored(self, issuer_id: str, root: bytes, *, final: bool = False) -> LogCheckpoint | None:
        return LogCheckpoint(1, 0, 8, root, 1_790_000_012, 12, 3) if self.sent else None


def fill(path: Path, clock: Callable[[], datetime]) -> None:
    """Use every table."""
    numbers = count()
    with Store.open(path, clock=clock) as store:
        outbox = Outbox(
            store,
            _OneAnswer(),
            log_key=KEY,
            clock=clock,
            random_bytes=lambda length: sha256(b"%d" % next(numbers)).digest()[:length],
            padding_leaves=8,
        )
        reservation = outbox.reserve()
        body = b'{"id":"urn:uuid:1"}'
        row = b'{"row":{"stage":"production"},"salt":"AAAA"}'
        with store.transaction():
            store.put_document(
                DocumentKind.PASSPORT,
                digest_of(body),
                body,
                document_id="urn:uuid:1",
                issuer_id="did:web:a.example",
                subject_id="urn:item:1",
                own=True,
                media_type="application/vc",
            )
            store.put_rows(digest_of(b"statement"), [(digest_of(row), row)])
            outbox.fill(reservation, sha256(b"document").digest())
        outbox.anchor_batch()
        outbox.fill(outbox.reserve(), sha256(b"second").digest())
        outbox.close_batch()
        outbox.reserve()
        checkpoint = LogCheckpoint(1, 0, 256, root(ENTRIES[:256]), 1_790_000_024, 9, 3)
        store.put_foreign_log(log_key(CONTRACT, "0x" + "77" * 32), ENTRIES, [checkpoint])
        store.set_setting("language", {"first": "zh", "then": ["en"]})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "store.db"
        fill(database, lambda: datetime(2026, 11, 22, 10, tzinfo=UTC))
        file = sqlite3.connect(database)
        text = "\n".join(file.iterdump()) + "\n"
        file.close()
    Path(__file__).with_name("data").joinpath("store_0001.sql").write_text(text, "utf-8")
