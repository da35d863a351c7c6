"""A process that issues documents and anchors them until it is killed: `python issuing_process.py FOLDER`.

Each line it writes, `DIGEST INDEX`, is a promise: this document is stored and will be in the log at that index.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from log_chain import LogChain

from passport.errors import ReservationError
from passport.ledger.checkpoint import log_key
from passport.ledger.outbox import Outbox
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store

ISSUER = "0x" + "5a" * 32
KEY = log_key("eip155:1337:0x52908400098527886E0F7030069857D2E4169EE7", ISSUER)
DOCUMENTS_A_BATCH = 3


def clock() -> datetime:
    return datetime(2026, 11, 22, 10, tzinfo=UTC)


def open_outbox(store: Store, folder: Path) -> Outbox:
    return Outbox(store, LogChain(folder / "chain"), log_key=KEY, clock=clock, padding_leaves=8)


def issue(store: Store, outbox: Outbox, text: str) -> tuple[str, int]:
    """One document from reservation to storage, again when a checkpoint closed in between."""
    while True:
        reservation = outbox.reserve()
        body = f"{text} at {reservation.index}".encode()
        try:
            with store.transaction():
                store.put_document(DocumentKind.PASSPORT, digest_of(body), body, document_id=text, own=True)
                outbox.fill(reservation, sha256(body).digest())
        except ReservationError:
            continue
        return digest_of(body), reservation.index


def main(folder: Path) -> None:
    with Store.open(folder / "store.db", clock=clock) as store:
        outbox = open_outbox(store, folder)
        outbox.run()
        count = 0
        while True:
            for _ in range(DOCUMENTS_A_BATCH):
                digest, index = issue(store, outbox, f"{os.getpid()}-{count}")
                sys.stdout.write(f"{digest} {index}\n")
                sys.stdout.flush()
                count += 1
            outbox.anchor_batch()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
