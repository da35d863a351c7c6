"""Give a signed statement about a ledger its leaf in the signer's log, as a passport has one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from passport.credentials import Signer
from passport.errors import IssueError, ReservationError
from passport.ledger.outbox import Outbox
from passport.ledger_reports.signing import Statement, sign_statement
from passport.model.credential import Place
from passport.model.digest import to_sha256
from passport.model.party import Party
from passport.store import DocumentKind, Store

_ATTEMPTS: Final = 5
_CREDENTIAL_TYPE: Final = "application/vc"


def sign_and_reserve(
    statement: Statement,
    *,
    outbox: Outbox,
    store: Store,
    place_of: Callable[[int], Place],
    signer: Signer,
    did: str,
    party: Party,
    statement_id: str,
    now: datetime,
) -> bytes:
    """Sign a statement that names its leaf, and put its hash there; the next checkpoint takes it to the chain.

    Args:
        statement: What is said.
        outbox: The way into the signer's log.
        store: Where the statement is kept, in the transaction that fills its leaf.
        place_of: The place of a leaf, by its index.
        signer: The credential key.
        did: The DID that the key is under.
        party: The entity of the key.
        statement_id: The credential's id, a URI.
        now: When.

    Returns:
        The signed bytes.

    Raises:
        IssueError: Checkpoints close faster than a statement is signed.
        UsageError: The statement is another entity's.
    """
    for _ in range(_ATTEMPTS):
        reservation = outbox.reserve()
        place = place_of(reservation.index)
        signed = sign_statement(
            statement, signer=signer, did=did, party=party, statement_id=statement_id, now=now, place=place
        )
        try:
            with store.transaction():
                outbox.fill(reservation, to_sha256(signed.doc_hash))
                store.put_document(
                    DocumentKind.LEDGER_STATEMENT,
                    signed.doc_hash,
                    signed.body,
                    document_id=statement_id,
                    issuer_id=place.issuer_id,
                    own=True,
                    media_type=_CREDENTIAL_TYPE,
                )
        except ReservationError:
            continue  # a checkpoint closed over the index while the statement was signed
        return signed.body
    raise IssueError("checkpoints close faster than a statement is signed", hint="anchor less often, or sign again")
