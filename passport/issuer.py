"""The front door of the SDK: `Issuer` turns inventories into signed, stored passports with a place in the log.

issued = issuer.issue(inventory)     # footprint, statement, rows, passport: signed and stored
issuer.anchor()                      # the batch's checkpoint goes to the chain
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.arithmetic import data_quality, exempted_percent, primary_data_share, sum_contributions
from passport.arithmetic.contribution import Contribution
from passport.arithmetic.quality import RATINGS, QualityInput
from passport.arithmetic.quanta import from_decimal, to_text
from passport.arithmetic.rows import quality_input, recompute_row, texts_of
from passport.credentials import Signer, jcs, new_salt, read_secured, row_document, sign_document
from passport.errors import IssueError, NotFoundError, PassportError, ReservationError
from passport.exchange.pact import read_body
from passport.ledger.checkpoint import OutboxCheckpoint
from passport.ledger.outbox import Outbox
from passport.model import schema
from passport.model.base import time_text
from passport.model.credential import LINK_PREDECESSOR, LINK_STATEMENT, LINK_UPSTREAM, Link, Place, build_credential
from passport.model.digest import Digest, digest_of, to_sha256
from passport.model.facts import PassportFacts, passport_facts, unix_time
from passport.model.footprint import FootprintTexts, UpstreamFacts
from passport.model.inventory import Inventory, PassportInput
from passport.model.party import Party
from passport.model.row import row_of
from passport.model.sameness import overlap, period_of, product_of, same_product
from passport.model.statement import StatementIds, build_statement, validity_end
from passport.store import DocumentKind, DocumentRef, Store

CREDENTIAL_TYPE = "application/vc"
STATEMENT_TYPE = "application/json"
_ATTEMPTS = 5
_UUID_BYTES = 16

Accept = Callable[[UpstreamFacts], None]
"""Judges an upstream document before anything is built on it; raises `IssueError` to refuse it."""


@dataclass(frozen=True, slots=True)
class IssuedPassport:
    """One passport as it was signed and stored.

    Attributes:
        id: The passport's id.
        digest: Digest of the credential without proof: what is anchored and what buyers pin.
        statement_digest: Digest of the footprint statement.
        total: Total excluding biogenic uptake, kg CO2e per `declared`.
        declared: The declared amount and unit.
        leaf_index: Its place in the log.
        name: The product's name.
    """

    id: str
    digest: Digest
    statement_digest: Digest
    total: str
    declared: str
    leaf_index: int
    name: str


@dataclass(frozen=True, slots=True)
class LogPlace:
    """The issuer's log: registry and log as CAIP-10, genesis hash, and its id on the registry."""

    registry: str
    log: str
    genesis: str
    issuer_id: str

    def leaf(self, index: int) -> Place:
        """The place of one leaf."""
        return Place(self.registry, self.log, self.genesis, self.issuer_id, index)


@dataclass(frozen=True, slots=True)
class _Calculated:
    """A footprint with the rows it is the sum of."""

    footprint: FootprintTexts
    rows: tuple[bytes, ...]
    hashes: tuple[Digest, ...]
    upstream: tuple[UpstreamFacts, ...]


@dataclass(frozen=True, slots=True)
class _Document:
    """A document to be stored."""

    kind: DocumentKind
    digest: Digest
    body: bytes
    id: str
    media_type: str = STATEMENT_TYPE


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
    ) -> None:
        self._party = party
        self._did = did
        self._base_url = base_url
        self._store = store
        self._outbox = outbox
        self._signer = signer
        self._place = place
        self._accept = accept
        self._clock = clock
        self._random_bytes = random_bytes

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
        self._check_new(inventory, digest_of(inventory_body))
        _check_period(inventory, now)
        calculated = self._calculate(inventory, now)
        _check_flags(inventory, calculated.footprint)
        predecessor = self._predecessor(inventory)
        self._check_versions(inventory)
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
        for _ in range(_ATTEMPTS):
            reservation = self._outbox.reserve()
            credential = build_credential(
                inventory,
                calculated.footprint,
                passport_id=passport_id,
                did=self._did,
                party=self._party,
                place=self._place.leaf(reservation.index),
                salt=new_salt(self._random_bytes),
                statement=link,
                upstream=_upstream_links(calculated.upstream) if inventory.upstream_public else (),
                predecessor=predecessor,
                issued=now,
                valid_until=validity_end(inventory.period.end),
            )
            schema.check("untp-dpp-0.7.0-issuing", credential)
            signed = sign_document(credential, self._signer, now)
            digest = signed.doc_hash
            try:
                with self._store.transaction():
                    self._outbox.fill(reservation, to_sha256(digest))
                    for document in (
                        _Document(DocumentKind.PASSPORT, digest, signed.body, passport_id, CREDENTIAL_TYPE),
                        _Document(DocumentKind.STATEMENT, statement_digest, statement_body, statement_id),
                        _Document(DocumentKind.INVENTORY, digest_of(inventory_body), inventory_body, passport_id),
                    ):
                        self._put(document, inventory.product.id)
                    self._store.put_rows(statement_digest, list(zip(calculated.hashes, calculated.rows, strict=True)))
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
        return self._outbox.anchor_batch(steady=steady)

    def _calculate(self, inventory: Inventory, now: datetime) -> _Calculated:
        declared, covered = from_decimal(inventory.declared_amount), from_decimal(inventory.covered_quantity)
        contributions: list[Contribution] = []
        qualities: list[QualityInput] = []
        bodies: list[bytes] = []
        upstream: list[UpstreamFacts] = []
        for entry in inventory.inputs:
            child = None
            if isinstance(entry, PassportInput):
                child = self._upstream(entry, inventory, now)
                upstream.append(child)
            row = row_of(entry, child)
            contribution = recompute_row(row, declared, covered)
            row["contribution"] = {
                "components": texts_of(contribution.components),
                "total": to_text(contribution.total),
                "unattributed": to_text(contribution.unattributed),
            }
            schema.check("row-1.0", row)
            contributions.append(contribution)
            qualities.append(quality_input(row, contribution))
            bodies.append(row_document(row, new_salt(self._random_bytes)))
        totals = sum_contributions(contributions)
        share, ratings = primary_data_share(qualities), data_quality(qualities)
        footprint = FootprintTexts(
            components=texts_of(totals.components),
            total=to_text(totals.excluding),
            total_including_uptake=to_text(totals.including),
            unattributed=to_text(totals.unattributed),
            primary_data_share=None if share is None else to_text(share),
            data_quality=None if ratings is None else dict(zip(RATINGS, map(to_text, ratings), strict=True)),
            exempted_percent=to_text(exempted_percent(qualities, from_decimal(inventory.exempted.percent))),
        )
        return _Calculated(footprint, tuple(bodies), tuple(map(digest_of, bodies)), tuple(upstream))

    def _upstream(self, entry: PassportInput, inventory: Inventory, now: datetime) -> UpstreamFacts:
        """The upstream document of an input, found, judged by the inventory's own rules and by `accept`."""
        where = f"input {entry.id}"
        if entry.product == inventory.product.id:
            raise IssueError("the product lists itself", where=where, hint="solve loops inside one inventory")
        facts, valid_until = self._find(entry, where)
        if valid_until is not None and valid_until < now.timestamp():
            raise IssueError(
                "the upstream passport has expired", where=where, found=facts.id, hint="ask the supplier for a new one"
            )
        if facts.gwp != inventory.gwp:
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
        facts = max((self._facts(ref.digest) for ref in reversed(passports)), key=lambda each: each.valid_from)
        return facts.upstream, facts.valid_until

    def _named(self, kind: DocumentKind, entry: PassportInput) -> list[DocumentRef]:
        """Every stored document of a kind under the id that an input gives, in the order of arrival."""
        return list(self._all(kind, document_id=entry.passport, subject_id=entry.product))

    def _all(
        self, kind: DocumentKind, *, document_id: str | None = None, subject_id: str | None = None
    ) -> Iterator[DocumentRef]:
        after: int | None = None
        while page := self._store.find_documents(kind, document_id=document_id, subject_id=subject_id, after=after):
            yield from page
            after = page[-1].sequence

    def _check_new(self, inventory: Inventory, digest: Digest) -> None:
        """Refuse an inventory that was issued before: two passports would say the same, and both be current."""
        for ref in self._all(DocumentKind.INVENTORY, subject_id=inventory.product.id):
            if ref.own and ref.digest == digest:
                raise IssueError(
                    "this inventory has been issued already",
                    where=inventory.product.id,
                    found=ref.document_id,
                    hint="to replace that passport, name it as `predecessor`",
                )

    def _check_versions(self, inventory: Inventory) -> None:
        """Refuse a second current passport for one product and period: every audit would report equivocation."""
        product = inventory.product
        wanted = same_product(
            product.id,
            granularity=str(product.granularity),
            numbers=(product.model_number, product.batch_number, product.item_number),
            facility_id=inventory.facility.id,
            declared_unit=str(inventory.declared_unit),
        )
        period = (unix_time(time_text(inventory.period.start)), unix_time(time_text(inventory.period.end)))
        own = [self._facts(ref.digest) for ref in self._all(DocumentKind.PASSPORT, subject_id=product.id) if ref.own]
        same = {facts.digest: facts for facts in own if product_of(facts) == wanted}
        replaced = {
            facts.predecessor.digest
            for facts in same.values()
            if facts.predecessor
            and facts.predecessor.digest in same
            and overlap(period_of(facts), period_of(same[facts.predecessor.digest]))
        }
        for facts in same.values():
            if not overlap(period_of(facts), period) or facts.digest in replaced or facts.id == inventory.predecessor:
                continue
            raise IssueError(
                "there is a current passport for this product already, and their periods overlap",
                where=product.id,
                expected=f"another period than {' to '.join(facts.period)}",
                found=facts.id,
                hint=f"to replace it, name it as `predecessor: {facts.id}`",
            )

    def _facts(self, digest: Digest) -> PassportFacts:
        secured = read_secured(self._store.get_document(DocumentKind.PASSPORT, digest), canonical=True)
        schema.check("untp-dpp-0.7.0-issuing", secured.document)
        return passport_facts(secured.document, secured.doc_hash)

    def _predecessor(self, inventory: Inventory) -> Link | None:
        if inventory.predecessor is None:
            return None
        refs = self._store.find_documents(DocumentKind.PASSPORT, document_id=inventory.predecessor, own=True)
        if not refs:
            raise IssueError("the predecessor is not one of our passports", found=inventory.predecessor)
        return Link(
            refs[-1].document_id, "Version that this one replaces", refs[-1].digest, CREDENTIAL_TYPE, LINK_PREDECESSOR
        )

    def _put(self, document: _Document, subject_id: str) -> None:
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


def order_inventories(inventories: Sequence[Inventory]) -> list[Inventory]:
    """Order inventories so that each comes after those it builds on.

    Raises:
        IssueError: Two inventories for one product, or a cycle; the message names it.
    """
    by_product: dict[str, Inventory] = {}
    for inventory in inventories:
        if inventory.product.id in by_product:
            raise IssueError("two inventories for one product", where=inventory.product.id)
        by_product[inventory.product.id] = inventory
    needs: dict[str, list[str]] = {
        product: [entry.product for entry in inventory.passport_inputs if entry.product in by_product and entry.product]
        for product, inventory in by_product.items()
    }
    ordered: list[Inventory] = []
    done: set[str] = set()
    for start in needs:
        _visit(start, needs, done, ordered, by_product)
    return ordered


def _visit(
    start: str,
    needs: Mapping[str, Sequence[str]],
    done: set[str],
    ordered: list[Inventory],
    by_product: Mapping[str, Inventory],
) -> None:
    """Depth first without recursion, so that a chain of thousands is no problem."""
    path: list[tuple[str, int]] = [(start, 0)]
    open_products = {start: 0}
    while path:
        product, position = path[-1]
        if product in done or position == len(needs[product]):
            path.pop()
            open_products.pop(product, None)
            if product not in done:
                done.add(product)
                ordered.append(by_product[product])
            continue
        path[-1] = (product, position + 1)
        child = needs[product][position]
        if child in open_products:
            cycle = [name for name, _ in path[open_products[child] :]] + [child]
            raise IssueError(
                "passports cannot build on each other in a circle",
                found=" -> ".join(cycle),
                hint="put the loop into one inventory, or use an emission factor for one of its inputs",
            )
        if child not in done:
            open_products[child] = len(path)
            path.append((child, 0))


def _check_period(inventory: Inventory, now: datetime) -> None:
    if inventory.period.end > now:
        raise IssueError(
            "the reference period is not over",
            where=inventory.product.id,
            expected=f"an end before {now.isoformat()}",
            found=inventory.period.end.isoformat(),
        )
    if validity_end(inventory.period.end) <= now:
        raise IssueError(
            "the reference period is more than three years old",
            where=inventory.product.id,
            found=inventory.period.end.isoformat(),
            hint="PACT footprints are valid for three years after their reference period",
        )


def _check_flags(inventory: Inventory, footprint: FootprintTexts) -> None:
    stated = footprint.components
    flagged = (
        ("packagingGhgEmissions", inventory.packaging_emissions_included, "packagingEmissionsIncluded"),
        (
            "ccsTechnologicalCO2Capture",
            inventory.ccs_technological_co2_capture_included,
            "ccsTechnologicalCO2CaptureIncluded",
        ),
        (
            "technologicalCO2Removals",
            inventory.ccs_technological_co2_capture_included,
            "ccsTechnologicalCO2CaptureIncluded",
        ),
    )
    for component, is_included, flag in flagged:
        if component in stated and not is_included:
            raise IssueError(
                f"an input states {component}",
                where=f"{inventory.product.id}: {flag}",
                expected="true",
                found="false",
                hint="PACT allows the field only when the flag says that it is included",
            )


def _upstream_links(upstream: Sequence[UpstreamFacts]) -> list[Link]:
    """One pin for each different upstream document, in the order of the inventory."""
    links: dict[str, Link] = {}
    for facts in upstream:
        kind = CREDENTIAL_TYPE if facts.document == "passport" else STATEMENT_TYPE
        links.setdefault(facts.digest, Link(facts.id, "Upstream passport", facts.digest, kind, LINK_UPSTREAM))
    return list(links.values())


def _imported_facts(body: bytes, where: str) -> tuple[UpstreamFacts, int | None]:
    try:
        footprint = read_body(body)
        return footprint.upstream_facts(), int(footprint.valid_until.timestamp()) if footprint.valid_until else None
    except PassportError as error:
        raise IssueError(f"the imported footprint cannot be built on: {error}", where=where) from error


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
