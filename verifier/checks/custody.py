"""`custody`: the deliveries that rows name are the supplier's own word, of that product, to that buyer, and enough.

A delivery is in no log, so nothing proves when it was signed but the passport that names its digest: it was there when
that one was anchored. The key must have been good at both moments, the one that the delivery states and that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from passport.arithmetic.quanta import ONE
from passport.credentials import read_secured
from passport.credentials.any_key import verify_by_any_key
from passport.credentials.delivery import Delivered, Purchase, check_delivery
from passport.credentials.untp_credential import VerifiedCredential, verify_credential
from passport.errors import CanonicalError, DocumentError, LedgerError, LedgerUnavailableError, PassportError
from passport.model.facts import PassportFacts, passport_facts, unix_time
from passport.model.traceability_event import SCHEMA
from verifier.chain_facts import ChainFacts
from verifier.checks.completeness import ROWS_WITHHELD, STATEMENT_WITHHELD
from verifier.checks.double_counting import used_by_versions
from verifier.checks.identity import KeyStatementMissingError, why_not_signer
from verifier.checks.signature import names_a_bound_key
from verifier.issuer_keys import IssuerKeys, NamedKeys
from verifier.outcome import Check, CheckId, Note, Outcome, Severity, failed, passed, time_words, unknown
from verifier.record import NOTHING_DELIVERED, Delivery, NodeKind, NodeRecord
from verifier.source import Source

STATEMENT_WITHHELD_ROW = unknown(CheckId.CUSTODY, STATEMENT_WITHHELD)
ROWS_WITHHELD_ROW = unknown(CheckId.CUSTODY, ROWS_WITHHELD)

Drawn = Mapping[str, Sequence[int | Fraction | None]]
"""By digest, what every parent's whole output draws of a node, quanta of its unit; None if unknown."""


def nothing_delivered(*, is_open: bool, withheld_rows: int) -> Check:
    """The row of a passport whose opened rows name no delivery; one of three that all such passports share."""
    if not is_open:
        return STATEMENT_WITHHELD_ROW
    return ROWS_WITHHELD_ROW if withheld_rows else NOTHING_DELIVERED


class _Use(NamedTuple):
    """A purchase that its delivery bears out by itself."""

    record: NodeRecord
    row_id: str
    drawn: Fraction
    delivered: Fraction


class _Signed(NamedTuple):
    """A delivery whose signature holds.

    Attributes:
        event: The delivery.
        multikey: The key that made it.
        method: The key's verification method.
        named: What the DID documents at hand have under that method.
    """

    event: VerifiedCredential
    multikey: str
    method: str
    named: NamedKeys

    def is_good_at(self, time: int) -> bool:
        """Whether no DID document says that the key had ended by then, or another says that it had not."""
        return self.multikey in self.named.keys_at(self.method, datetime.fromtimestamp(time, UTC))


class _Unknown(Exception):  # noqa: N818  # no error: a question that stays open
    """Why a delivery cannot be judged."""


class _Wrong(Exception):  # noqa: N818
    """Why a delivery does not bear out its purchase."""

    def __init__(self, reason: str, expected: object, found: object) -> None:
        super().__init__(reason)
        self.expected = expected
        self.found = found


class Custody:
    """Judges the deliveries of an audit.

    Args:
        source: Where deliveries and passports come from.
        keys: The keys of issuers.
        chain_of: The chain that a passport names, if it is trusted and can be read.
        at: The moment that is judged, unix seconds.
        skew_s: How far clocks may differ.
        max_bytes: The longest delivery that is read.

    Attributes:
        signed_with: The key whose signature verified, as Multikey, by digest of the delivery.
    """

    def __init__(
        self,
        source: Source,
        keys: IssuerKeys,
        chain_of: Callable[[PassportFacts], ChainFacts | None],
        *,
        at: int,
        skew_s: int,
        max_bytes: int,
    ) -> None:
        self.signed_with: dict[str, str] = {}
        self._source = source
        self._keys = keys
        self._chain_of = chain_of
        self._at = at
        self._skew_s = skew_s
        self._max_bytes = max_bytes
        self._suppliers: dict[str, PassportFacts | None] = {}

    def judge(self, records: Mapping[str, NodeRecord], drawn: Drawn) -> None:
        """Put the row of every passport that names deliveries, those included that several use up together."""
        uses: dict[tuple[str, str, str], list[_Use]] = {}
        for record in records.values():
            if record.deliveries:
                record.put(self._judge_node(record, records, uses))
                _note_partial(record)
        for shared in uses.values():
            _judge_shared(shared, drawn)

    def _judge_node(
        self, record: NodeRecord, records: Mapping[str, NodeRecord], uses: dict[tuple[str, str, str], list[_Use]]
    ) -> Check:
        """The worst of a passport's deliveries; each that holds by itself is kept to be added up."""
        open_reason: str | None = None
        wrong: Check | None = None
        for delivery in record.deliveries:
            where = f"row {delivery.row_id}"
            try:
                delivered, supplier = self._judge_one(delivery, record, records.get(delivery.child))
            except _Unknown as error:
                open_reason = open_reason or f"{where}: {error}"
                continue
            except _Wrong as error:
                wrong = wrong or failed(
                    CheckId.CUSTODY, f"{where}: {error}", expected=error.expected, found=error.found
                )
                continue
            key = (supplier, delivered.consignment, delivery.child)
            amount = Fraction(delivery.drawn or 0) / ONE
            uses.setdefault(key, []).append(_Use(record, delivery.row_id, amount, delivered.amount))
        if wrong is not None:
            return wrong
        if open_reason is not None:
            return unknown(CheckId.CUSTODY, open_reason)
        return passed(CheckId.CUSTODY) if record.is_open else ROWS_WITHHELD_ROW

    def _judge_one(self, delivery: Delivery, buyer: NodeRecord, child: NodeRecord | None) -> tuple[Delivered, str]:
        """What was delivered, and by whom, `SCHEME:identifier`.

        Raises:
            _Unknown: It cannot be decided.
            _Wrong: The delivery does not bear out what the row says.
        """
        body = self._source.delivery(delivery.digest)
        if body is None:
            raise _Unknown("the delivery is not at hand")
        if len(body) > self._max_bytes:
            raise _Unknown(f"the delivery is larger than {self._max_bytes} bytes")
        supplier = self._supplier(child)
        if supplier is None:
            raise _Unknown("the passport that was delivered is not at hand, or nobody signed it")
        moment = self._at if buyer.signed_at is None else buyer.signed_at
        signed = self._verified(body, supplier, moment)
        if signed.is_good_at(moment):
            self.signed_with[delivery.digest] = signed.multikey
        if delivery.drawn is None:
            raise _Unknown("the quantity of the row cannot be converted")
        purchase = _purchase(delivery, supplier, Fraction(delivery.drawn) / ONE)
        try:
            delivered = check_delivery(signed.event, purchase)
        except PassportError as error:
            raise _Wrong(error.message, error.expected, error.found) from error
        self._judge_time(delivered.at, buyer)
        if child is None or child.outcome(CheckId.IDENTITY) is not Outcome.PASSED:
            raise _Unknown("who answers for the passport that was delivered is not settled")
        self._judge_signer(signed, supplier, buyer)
        return delivered, purchase.supplier

    def _supplier(self, child: NodeRecord | None) -> PassportFacts | None:
        """What the delivered passport states; None if it is not at hand, cannot be read or was signed by nobody."""
        if child is None or child.kind is not NodeKind.PASSPORT or not child.copy_hash:
            return None
        if child.digest not in self._suppliers:
            self._suppliers[child.digest] = _facts(self._source.passport(child.digest), child.digest)
        return self._suppliers[child.digest]

    def _verified(self, body: bytes, supplier: PassportFacts, moment: int) -> _Signed:
        """The event with the key that signed it, whenever that key's end is."""
        at = datetime.fromtimestamp(moment, UTC)
        did, pin = supplier.issuer_did, supplier.did_document
        pinned = pin.digest if pin else None
        asked: list[tuple[str, NamedKeys]] = []

        def keys_of(verification_method: str) -> Sequence[str]:
            named = verification_method.partition("#")[0]
            if named != did:
                raise _Wrong("another supplier", did, named)
            found = self._keys.named(did, verification_method, pinned)
            if found is None:
                raise _Unknown("the supplier's DID document is not at hand")
            asked.append((verification_method, found))
            return found.keys_at(verification_method, None)

        try:
            event, multikey = verify_by_any_key(
                lambda lookup: verify_credential(
                    body, SCHEMA, lookup, at=at, skew=timedelta(seconds=self._skew_s), max_bytes=self._max_bytes
                ),
                keys_of,
            )
            return _Signed(event, multikey, *asked[-1])
        except PassportError as error:
            if asked:
                self._check_documents(supplier)
            raise _Wrong(f"the delivery: {error.message}", error.expected, error.found) from error

    def _check_documents(self, supplier: PassportFacts) -> None:
        """Strangers' DID documents count against nobody, and are asked of the chain only where nothing else decides."""
        did, chain = supplier.issuer_did, self._chain_of(supplier)
        if chain is None or did.startswith("did:key:"):
            return
        try:
            pinned = supplier.did_document.digest if supplier.did_document else None
            is_suppliers = names_a_bound_key(self._keys.all_of(did, pinned), supplier, chain)
        except LedgerUnavailableError as error:
            raise _Unknown(str(error)) from error
        if not is_suppliers:
            raise _Unknown("no DID document at hand names a key that the registry has bound to the supplier")

    def _judge_time(self, delivered: int, buyer: NodeRecord) -> None:
        """Goods are delivered before the passport that was made of them is signed."""
        if buyer.signed_at is None:
            return
        if delivered > buyer.signed_at + self._skew_s:
            raise _Wrong(
                "delivered only after the passport that names it was anchored",
                f"at most {time_words(buyer.signed_at)}",
                time_words(delivered),
            )

    def _judge_signer(self, signed: _Signed, supplier: PassportFacts, buyer: NodeRecord) -> None:
        """The key spoke for the supplier when the delivery says so, and still when the buyer's passport proves it."""
        if buyer.signed_at is None:
            raise _Unknown("when the passport that names the delivery was signed is not proven")
        chain = self._chain_of(supplier)
        if chain is None:
            raise _Unknown("who signed the delivery cannot be told without the supplier's chain")
        stated, proven = unix_time(signed.event.document["validFrom"]), buyer.signed_at
        try:
            at_stated, at_its_latest, at_proven = (
                next(why_not_signer(supplier, signed.multikey, self._source, chain, time), None)
                for time in (min(stated, proven), min(stated + self._skew_s, proven), proven)
            )
            if at_stated is not None and at_its_latest is not None:
                self._check_documents(supplier)
                reason, expected, found = at_its_latest
                raise _Wrong(f"the delivery's signer: {reason}", expected, found)
            if at_proven is not None:
                raise _Unknown(f"nothing proves that the delivery was signed before: {at_proven[0]}")
            if not signed.is_good_at(min(stated, proven)):
                raise _Wrong(
                    "the delivery's signer: its key had ended by the supplier's DID document",
                    "a key that had not",
                    signed.method,
                )
            if not signed.is_good_at(proven):
                raise _Unknown("nothing proves that the delivery was signed before its key's end in the DID document")
        except KeyStatementMissingError as missing:
            raise _Unknown(str(missing)) from missing
        except (LedgerError, DocumentError, CanonicalError) as error:
            raise _Unknown(str(error)) from error


def _facts(body: bytes | None, digest: str) -> PassportFacts | None:
    """The facts of a passport that was examined before."""
    if body is None:
        return None
    try:
        secured = read_secured(body, canonical=True)
        return passport_facts(secured.document, digest) if secured.doc_hash == digest else None
    except PassportError:
        return None


def _purchase(delivery: Delivery, supplier: PassportFacts, drawn: Fraction) -> Purchase:
    return Purchase(
        delivery=delivery.digest,
        buyer=delivery.buyer,
        buyer_did=delivery.buyer_did,
        supplier=f"{supplier.scheme}:{supplier.identifier}",
        supplier_did=supplier.issuer_did,
        subject_id=supplier.subject_id,
        granularity=supplier.granularity,
        passport_digest=supplier.digest,
        declared_amount=supplier.upstream.declared_amount,
        mass_per_declared_unit=supplier.upstream.mass_per_declared_unit,
        unit=supplier.upstream.declared_unit,
        drawn=drawn,
    )


def _note_partial(record: NodeRecord) -> None:
    """Say so where a passport names deliveries for some of its upstream and not for the rest."""
    if len(record.deliveries) < len(record.edges):
        text = f"{len(record.deliveries)} of {len(record.edges)} rows that are built on others name a delivery"
        record.note(Note("delivery_not_stated", Severity.INFO, text))


def _judge_shared(uses: Sequence[_Use], drawn: Drawn) -> None:
    """Fail every passport that draws on a consignment of which all together draw more than was delivered."""
    if len(uses) < 2:  # judged by itself
        return
    delivered = min(use.delivered for use in uses)
    products: dict[object, dict[str, tuple[NodeRecord, Fraction]]] = {}
    for use in uses:
        versions = products.setdefault(use.record.sameness or use.record.digest, {})
        _, before = versions.get(use.record.digest, (use.record, Fraction(0)))
        versions[use.record.digest] = use.record, before + use.drawn
    used = sum((used_by_versions(list(versions.values()), drawn) for versions in products.values()), Fraction(0))
    if used <= delivered:
        return
    named = ", ".join(f"{use.record.id} row {use.row_id}" for use in uses[:5])
    for use in uses:
        if use.record.outcome(CheckId.CUSTODY) is Outcome.FAILED:
            continue
        use.record.put(
            failed(
                CheckId.CUSTODY,
                f"row {use.row_id}: one delivery is used up by more than it brought: {named}",
                expected=f"at most {float(delivered):.12g}",
                found=f"{float(used):.12g}",
            )
        )
