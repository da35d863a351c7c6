"""`Issuer`: turns inventories into signed, stored passports with a place in the log."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from passport.arithmetic.quanta import from_decimal, to_text
from passport.credentials import Signer, jcs, new_salt, read_secured, sign_document
from passport.credentials.content_sets import Committed, commit
from passport.errors import ConflictError, IssueError, NotFoundError, ReservationError
from passport.issuer.calculation import Calculated, calculate
from passport.issuer.deliveries import check_stated_delivery
from passport.issuer.did_pin import DidPin
from passport.issuer.lineage import check_lineage, lineage_of
from passport.issuer.order import order_inventories
from passport.issuer.refusals import check_figures, check_flags, check_new, check_period, check_profile, check_versions
from passport.issuer.standing import Standing
from passport.issuer.stated_footprint import check_stated_footprint
from passport.issuer.status_lists import entry_of
from passport.issuer.succession import replaced_by
from passport.issuer.upstream import UpstreamDocuments, upstream_links
from passport.issuer.values import (
    CREDENTIAL_TYPE,
    STATEMENT_TYPE,
    Accept,
    IssuedPassport,
    LogPlace,
    StoredDocument,
)
from passport.ledger.checkpoint import OutboxCheckpoint
from passport.ledger.outbox import Outbox
from passport.model import schema
from passport.model.credential import LINK_PREDECESSOR, LINK_STATEMENT, Link, build_credential
from passport.model.digest import Digest, digest_of, to_sha256
from passport.model.facts import passport_facts
from passport.model.footprint import UpstreamFacts
from passport.model.inventory import Inventory, LedgerCeiling, PassportInput
from passport.model.party import Party
from passport.model.statement import StatementIds, build_statement, validity_end
from passport.store import DocumentKind, Store
from passport.store.instruments import Replaced

_ATTEMPTS = 5
_UUID_BYTES = 16


class Issuer:
    """Issues and anchors the passports of one legal entity.

    Args:
        party: Who answers for them.
        did: The DID they are signed under.
        base_url: Where they are published, without a final slash; None for issuers without a host (`did:key`).
        store: Where everything is kept.
        outbox: The way into the entity's log.
        signer: The credential key.
        place: The log.
        accept: Judges each upstream document before it is built on, for example `Verifier.accept`.
        clock: The time, aware, UTC.
        random_bytes: Secure randomness for ids and salts.
        standing: What the chain says of key and passports before one is issued; without it nothing is asked.
        ledger_ceiling: What is promised of the ledger's own footprint where an inventory promises nothing.
        names_status_list: Passports name an entry of a status list, for readers who know no chain.
    """

    def __init__(
        self,
        *,
        party: Party,
        did: str,
        base_url: str | None,
        store: Store,
        outbox: Outbox,
        signer: Signer,
        place: LogPlace,
        accept: Accept,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes] = os.urandom,
        standing: Standing | None = None,
        ledger_ceiling: LedgerCeiling | None = None,
        names_status_list: bool = False,
    ) -> None:
        self._names_status_list = names_status_list
        self._party = party
        self._did = did
        self._base_url = base_url
        self._store = store
        self._outbox = outbox
        self._signer = signer
        self._place = place
        self._upstream = UpstreamDocuments(store, accept)
        self._clock = clock
        self._random_bytes = random_bytes
        self._standing = standing
        self._ledger_ceiling = ledger_ceiling
        self._did_pin = DidPin(store, did=did, base_url=base_url, signer=signer)

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self._store

    def issue_all(
        self, inventories: Sequence[Inventory], *, progress: Callable[[IssuedPassport], None] | None = None
    ) -> list[IssuedPassport]:
        """Issue several inventories, those that others build on first.

        Raises:
            IssueError: A cycle between them, or one that must not be issued; those before it stay issued.
        """
        issued = []
        for inventory in order_inventories(inventories):
            issued.append(self.issue(inventory))
            if progress:
                progress(issued[-1])
        return issued

    def issue(self, inventory: Inventory) -> IssuedPassport:
        """Compute, sign and store the passport of one inventory.

        Raises:
            IssueError: The inventory must not be issued as it stands; says why.
            PassportError: A unit that does not convert, an amount that does not fit, the store or key failing.
        """
        now = self._clock()
        inventory_body = jcs(inventory.to_json())
        if self._standing is not None:
            self._standing.check_key(self._signer.multikey)
            self._standing.check_log(self._store.log_size(self._outbox.log_key))
        check_new(self._store, inventory, digest_of(inventory_body))
        check_period(inventory, now)
        check_profile(inventory, now)
        did_document = self._did_pin.current()
        calculated = self._calculate(inventory, now)
        check_flags(inventory, calculated.footprint)
        check_figures(inventory, calculated.footprint)
        check_stated_footprint(inventory, calculated)
        predecessor = self._predecessor(inventory)
        replaced = Digest(predecessor.digest) if predecessor else None
        self._check_versions(inventory)
        lineage = lineage_of(self._store, inventory)
        passport_id = self._name("passports")
        statement_id = str(self._uuid())
        statement = build_statement(
            inventory,
            calculated.footprint,
            ids=StatementIds(statement_id, passport_id, _preceding(self._store, predecessor)),
            company_name=self._party.name,
            company_ids=inventory.company_ids or self._party.company_ids or (self._party.urn,),
            row_hashes=calculated.hashes,
            created=now,
            accounting=calculated.accounting,
        )
        schema.check("statement-1.0-issuing", statement)
        statement_body = jcs(statement)
        statement_digest = digest_of(statement_body)
        link = Link(
            url=f"{self._base_url}/statements/{statement_id}" if self._base_url else f"urn:uuid:{statement_id}",
            name="Footprint statement (PACT v3 ProductFootprint)",
            digest=statement_digest,
            media_type=STATEMENT_TYPE,
            link_type=LINK_STATEMENT,
        )
        content = self._commit(inventory, calculated, passport_id)
        for _ in range(_ATTEMPTS):
            reservation = self._outbox.reserve()
            credential = build_credential(
                self._with_ceiling(inventory),
                calculated.footprint,
                passport_id=passport_id,
                did=self._did,
                party=self._party,
                place=self._place.leaf(reservation.index),
                salt=new_salt(self._random_bytes),
                statement=link,
                upstream=upstream_links(calculated.upstream) if inventory.upstream_public else (),
                predecessor=predecessor,
                issued=now,
                valid_until=validity_end(inventory.period.end),
                content_sets=content.commitments if content else None,
                status=self._status_entry(reservation.index),
                lineage=lineage,
                did_document=did_document,
            )
            schema.check("untp-dpp-0.7.0-issuing", credential)
            if lineage:
                used = [each.digest for each in calculated.upstream]
                check_lineage(self._store, passport_facts(credential, ""), used=used)
            signed = sign_document(credential, self._signer, now)
            digest = signed.doc_hash
            try:
                with self._store.transaction():
                    self._outbox.fill(reservation, to_sha256(digest))
                    for document in (
                        StoredDocument(DocumentKind.PASSPORT, digest, signed.body, passport_id, CREDENTIAL_TYPE),
                        StoredDocument(DocumentKind.STATEMENT, statement_digest, statement_body, statement_id),
                        StoredDocument(DocumentKind.INVENTORY, digest_of(inventory_body), inventory_body, passport_id),
                    ):
                        self._put(document, inventory.product.id)
                    if content:
                        openings = jcs(content.openings)
                        kind = DocumentKind.CONTENT_OPENINGS
                        self._put(
                            StoredDocument(kind, digest_of(openings), openings, passport_id), inventory.product.id
                        )
                    self._store.put_rows(statement_digest, list(zip(calculated.hashes, calculated.rows, strict=True)))
                    self._spend(calculated, passport_id, replaced_by(self._store, inventory, replaced))
            except ReservationError:
                continue  # a checkpoint closed over the index while the document was signed
            return IssuedPassport(
                id=passport_id,
                digest=digest,
                statement_digest=statement_digest,
                total=calculated.footprint.total,
                declared=f"{to_text(from_decimal(inventory.declared_amount))} {inventory.declared_unit}",
                leaf_index=reservation.index,
                name=inventory.product.name,
            )
        raise IssueError(
            "checkpoints close faster than a passport is signed",
            where=inventory.product.id,
            hint="anchor less often, or issue again",
        )

    def anchor(self, *, steady: bool = False) -> tuple[OutboxCheckpoint, ...]:
        """Freeze what was issued into a checkpoint and bring it to the chain; safe to repeat after any failure.

        Args:
            steady: Make a checkpoint even if nothing was issued, so that the rhythm tells nothing.
        """
        if self._standing is not None:
            self._standing.check_log(self._store.log_size(self._outbox.log_key))
        return self._outbox.anchor_batch(steady=steady)

    def _with_ceiling(self, inventory: Inventory) -> Inventory:
        if self._ledger_ceiling is None or inventory.ledger_ceiling is not None:
            return inventory
        return inventory.model_copy(update={"ledger_ceiling": self._ledger_ceiling})

    def _calculate(self, inventory: Inventory, now: datetime) -> Calculated:
        def upstream_of(entry: PassportInput) -> UpstreamFacts:
            facts = self._upstream.facts_of(entry, inventory, now)
            check_stated_delivery(self._store, entry, facts, buyer=self._party, buyer_did=self._did, now=now)
            return facts

        return calculate(inventory, upstream_of, random_bytes=self._random_bytes)

    def _status_entry(self, leaf_index: int) -> dict[str, Any] | None:
        if not self._names_status_list:
            return None
        if self._base_url is None:
            raise IssueError("a status list is served under a URL, and this issuer has no host")
        return entry_of(self._base_url, leaf_index).to_json()

    def _commit(self, inventory: Inventory, calculated: Calculated, passport_id: str) -> Committed | None:
        """Commit to what is disclosed by role, if the inventory states any such content."""
        content = inventory.contents
        if content is None:
            return None
        rows = {str(role): calculated.hashes_of(set(inputs)) for role, inputs in content.row_audiences.items()}
        return commit(content, passport_id=passport_id, rows=rows, random_bytes=self._random_bytes)

    def _check_versions(self, inventory: Inventory) -> None:
        check_versions(self._store, inventory, self._standing)

    def _predecessor(self, inventory: Inventory) -> Link | None:
        if inventory.predecessor is None:
            return None
        refs = self._store.find_documents(DocumentKind.PASSPORT, document_id=inventory.predecessor, own=True)
        if not refs:
            raise IssueError("the predecessor is not one of our passports", found=inventory.predecessor)
        return Link(
            refs[-1].document_id, "Version that this one replaces", refs[-1].digest, CREDENTIAL_TYPE, LINK_PREDECESSOR
        )

    def _spend(self, calculated: Calculated, passport_id: str, replaces: Sequence[Replaced]) -> None:
        """Use up what the passport's electricity claims of contracts and certificates; predecessors give back."""
        try:
            self._store.spend(calculated.spent, passport_id=passport_id, replaces=replaces)
        except ConflictError as error:
            raise IssueError(
                error.message, where=error.where, expected=error.expected, found=error.found, hint=error.hint
            ) from error

    def _put(self, document: StoredDocument, subject_id: str) -> None:
        self._store.put_document(
            document.kind,
            document.digest,
            document.body,
            document_id=document.id,
            issuer_id=self._place.issuer_id,
            subject_id=subject_id,
            own=True,
            media_type=document.media_type,
        )

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(bytes=self._random_bytes(_UUID_BYTES), version=4)

    def _name(self, folder: str) -> str:
        name = self._uuid()
        return f"{self._base_url}/{folder}/{name}" if self._base_url else f"urn:uuid:{name}"


def _preceding(store: Store, predecessor: Link | None) -> tuple[str, ...]:
    """The PACT ids of the statements that a new one replaces."""
    if predecessor is None:
        return ()
    try:
        secured = read_secured(store.get_document(DocumentKind.PASSPORT, Digest(predecessor.digest)), canonical=True)
    except NotFoundError:
        return ()
    facts = passport_facts(secured.document, secured.doc_hash)
    return (facts.statement.url.rsplit("/", 1)[-1].removeprefix("urn:uuid:"),)
