"""The status lists of our own passports, for readers who know no chain: made of what the chain says, and signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from passport.credentials import Signer, read_secured, sign_document
from passport.credentials.status_list import (
    MIN_ENTRIES,
    StatusEntry,
    StatusList,
    StatusPurpose,
    build_status_credential,
    read_status_entries,
)
from passport.filing import file_status_list
from passport.issuer.upstream import documents_of
from passport.ledger.passport_log import PassportLogView, StatusKind, StatusRecord
from passport.model.credential import STATUS_LISTS_FOLDER, credential_issuer
from passport.model.facts import passport_facts
from passport.model.party import Party
from passport.store import DocumentKind, Store

VALID_FOR = timedelta(days=30)
"""As long as audits take the chain's own state by default."""


class SignedList(NamedTuple):
    """A list as it was signed: where it is served, how many passports it speaks of, and how many bits are set."""

    url: str
    passports: int
    listed: int


def entry_of(base_url: str, leaf_index: int) -> StatusEntry:
    """The entry of a passport: its place in the log says it all, so that no index is drawn or kept.

    Args:
        base_url: Where the company publishes, without a final slash.
        leaf_index: The passport's leaf.
    """
    number, index = divmod(leaf_index, MIN_ENTRIES)
    return StatusEntry(f"{base_url}/{STATUS_LISTS_FOLDER}/revocation-{number}.json", index, StatusPurpose.REVOCATION)


def sign_status_lists(
    store: Store, log: PassportLogView, *, party: Party, did: str, signer: Signer, now: datetime
) -> list[SignedList]:
    """Sign every list that our passports name, as the chain says now; what is corrected is revoked to these readers.

    Args:
        store: Where passports are, and where the lists go.
        log: The log contract at the moment that counts.
        party: The legal entity.
        did: Its DID.
        signer: Its credential key.
        now: The moment of signing, aware.
    """
    bits: dict[str, tuple[StatusPurpose, dict[int, bool]]] = {}
    for entry, status in _entries(store, log):
        _, indexes = bits.setdefault(entry.list_url, (entry.purpose, {}))
        indexes[entry.index] = _is_set(entry.purpose, status)
    signed = []
    for url, (purpose, indexes) in bits.items():
        listed = [index for index, is_set in indexes.items() if is_set]
        document = build_status_credential(
            StatusList.of(purpose, listed),
            url=url,
            issuer=credential_issuer(did, party),
            valid_from=now,
            valid_until=now + VALID_FOR,
        )
        file_status_list(store, sign_document(document, signer, now).body, own=True)
        signed.append(SignedList(url, len(indexes), len(listed)))
    return signed


def _entries(store: Store, log: PassportLogView) -> Iterator[tuple[StatusEntry, StatusRecord]]:
    """The entries of our anchored passports, with what the chain says of each."""
    for ref in documents_of(store, DocumentKind.PASSPORT):
        if not ref.own:
            continue
        secured = read_secured(store.get_document(DocumentKind.PASSPORT, ref.digest), canonical=True)
        for entry in read_status_entries(secured.document):
            place = passport_facts(secured.document, secured.doc_hash).place
            head = log.head(place.issuer_id)
            if head is not None and place.leaf_index < head.size:
                yield entry, log.status(place.issuer_id, place.leaf_index)
            else:
                yield entry, StatusRecord(place.leaf_index, revoked=False, suspended=False, successor=None)


def _is_set(purpose: StatusPurpose, status: StatusRecord) -> bool:
    if purpose is StatusPurpose.SUSPENSION:
        return status.suspended
    is_corrected = status.successor is not None and status.successor.kind == StatusKind.CORRECTED
    return status.revoked or is_corrected
