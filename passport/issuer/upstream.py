"""The upstream documents of an inventory: found in the store, judged by the inventory's own rules and by `accept`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from passport.credentials import parse_canonical, read_secured
from passport.errors import IssueError, PassportError
from passport.exchange.pact import read_body
from passport.exchange.untp06 import NEVER_STATED, is_untp06
from passport.issuer.values import CREDENTIAL_TYPE, STATEMENT_TYPE, Accept
from passport.model import schema
from passport.model.credential import LINK_UPSTREAM, Link
from passport.model.digest import Digest
from passport.model.facts import PassportFacts, passport_facts
from passport.model.footprint import UpstreamFacts
from passport.model.inventory import Inventory, PassportInput
from passport.store import DocumentKind, DocumentRef, Store


class UpstreamDocuments:
    """Finds what an inventory builds on.

    Args:
        store: Where it is kept.
        accept: Judges each before it is built on.
    """

    def __init__(self, store: Store, accept: Accept) -> None:
        self._store = store
        self._accept = accept

    def facts_of(self, entry: PassportInput, inventory: Inventory, now: datetime) -> UpstreamFacts:
        """The upstream document of an input, found, judged by the inventory's own rules and by `accept`."""
        where = f"input {entry.id}"
        if entry.product == inventory.product.id:
            raise IssueError("the product lists itself", where=where, hint="solve loops inside one inventory")
        facts, valid_until = self._find(entry, where)
        if valid_until is not None and valid_until < now.timestamp():
            raise IssueError(
                "the upstream passport has expired", where=where, found=facts.id, hint="ask the supplier for a new one"
            )
        if facts.gwp != inventory.gwp and not (inventory.gwp_rule and set(facts.gwp) <= set(inventory.gwp)):
            raise IssueError(
                "the upstream uses another set of global warming potentials",
                where=where,
                expected=", ".join(inventory.gwp),
                found=", ".join(facts.gwp),
            )
        self._accept(facts)
        return facts

    def _find(self, entry: PassportInput, where: str) -> tuple[UpstreamFacts, int | None]:
        """The newest stored document an input means, with the end of its validity.

        Ids are claims of whoever wrote a document: where they do not settle which one is meant, nobody chooses for us.
        """
        passports, imports = self._named(DocumentKind.PASSPORT, entry), self._named(DocumentKind.IMPORTED, entry)
        newest = next(reversed(passports or imports), None)
        if newest is None:
            raise IssueError(
                "the upstream passport is not in the store",
                where=where,
                found=entry.passport or entry.product,
                hint="receive it from the supplier first: `passport import`",
            )
        if entry.digest is not None:
            passports = [ref for ref in passports if ref.digest == entry.digest]
            imports = [ref for ref in imports if ref.digest == entry.digest]
            if not passports and not imports:
                raise IssueError(
                    "the upstream passport is another", where=where, expected=entry.digest, found=newest.digest
                )
        if not passports:
            return _imported_facts(self._store.get_document(DocumentKind.IMPORTED, imports[-1].digest), where)
        if entry.passport is not None and len(passports) > 1:
            raise IssueError(
                "two different passports have this id",
                where=where,
                found=", ".join(ref.digest for ref in passports),
                hint="ask the supplier which one holds, and give its `digest`",
            )
        issuers = {ref.issuer_id for ref in passports}
        if len(issuers) > 1:
            raise IssueError(
                "more than one issuer has passports of this product",
                where=where,
                found=", ".join(sorted(map(str, issuers))),
                hint="name the one you buy from by its id (`passport`) instead of the product's",
            )
        facts = max(
            (facts_in(self._store, ref.digest) for ref in reversed(passports)), key=lambda each: each.valid_from
        )
        return facts.upstream, facts.valid_until

    def _named(self, kind: DocumentKind, entry: PassportInput) -> list[DocumentRef]:
        """Every stored document of a kind under the id that an input gives, in the order of arrival."""
        return list(documents_of(self._store, kind, document_id=entry.passport, subject_id=entry.product))


def documents_of(
    store: Store, kind: DocumentKind, *, document_id: str | None = None, subject_id: str | None = None
) -> Iterator[DocumentRef]:
    """Every stored document so described, page by page, in the order of arrival."""
    after: int | None = None
    while page := store.find_documents(kind, document_id=document_id, subject_id=subject_id, after=after):
        yield from page
        after = page[-1].sequence


def facts_in(store: Store, digest: Digest) -> PassportFacts:
    """What a stored passport says.

    Raises:
        PassportError: It is none of ours, or not there.
    """
    secured = read_secured(store.get_document(DocumentKind.PASSPORT, digest), canonical=True)
    schema.check("untp-dpp-0.7.0-issuing", secured.document)
    return passport_facts(secured.document, secured.doc_hash)


def upstream_links(upstream: Sequence[UpstreamFacts]) -> list[Link]:
    """One pin for each different upstream document, in the order of the inventory."""
    links: dict[str, Link] = {}
    for facts in upstream:
        kind = CREDENTIAL_TYPE if facts.document == "passport" else STATEMENT_TYPE
        links.setdefault(facts.digest, Link(facts.id, "Upstream passport", facts.digest, kind, LINK_UPSTREAM))
    return list(links.values())


def _imported_facts(body: bytes, where: str) -> tuple[UpstreamFacts, int | None]:
    if is_untp06(parse_canonical(body)):
        raise IssueError(
            "a passport of UNTP 0.6 does not state what a row has to copy",
            where=where,
            expected=", ".join(NEVER_STATED),
            hint="ask the supplier for a PACT footprint, or state its figure as a `factor` with its source",
        )
    try:
        footprint = read_body(body)
        return footprint.upstream_facts(), int(footprint.valid_until.timestamp()) if footprint.valid_until else None
    except PassportError as error:
        raise IssueError(f"the imported footprint cannot be built on: {error}", where=where) from error
