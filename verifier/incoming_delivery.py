"""Take in a delivery that somebody hands in: addressed to us, signed by who made what was delivered, and not too many.

Whoever hands it in need not be known: the event's own signature says whose word it is. Nothing is stored before it has
been judged; whether it bears out a purchase is for `custody`, when a row names it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple

from passport.credentials import read_secured
from passport.credentials.delivery import Purchase, check_delivery
from passport.credentials.vc_jwt import read_vc_jwt
from passport.errors import DeliveryRefusedError, LedgerUnavailableError, NotFoundError, PassportError, ResolutionError
from passport.filing import file_event, find_events, verify_event_with_key
from passport.issuer.upstream import facts_in
from passport.ledger.entity import issuer_id as compute_issuer_id
from passport.model import schema, traceability_event
from passport.model.digest import Digest
from passport.model.facts import PassportFacts, unix_time
from passport.model.party import Party
from passport.model.untp import registered_id
from passport.store import DocumentKind, Store
from verifier.chain_facts import ChainFacts
from verifier.checks.identity import KeyStatementMissingError, why_not_signer
from verifier.source import Source
from verifier.trust import Trust

MAX_DELIVERY_BYTES: Final = 256 * 1024
MAX_OF_ONE_SUPPLIER: Final = 10_000
MAX_PRODUCTS: Final = 100
_MOVE: Final = "MoveEvent"
_SKEW: Final = timedelta(seconds=300)


class TakenDelivery(NamedTuple):
    """A delivery that is kept here.

    Attributes:
        digest: Its document hash: what `delivery` of an input names.
        supplier: Who signed it, a DID.
        supplier_id: Who that is, `SCHEME:identifier`.
        is_new: Whether it was not kept before.
        is_by_registry: Whether the registry of a trusted chain says that the key is the supplier's; otherwise a DID
            document at hand does.
    """

    digest: str
    supplier: str
    supplier_id: str
    is_new: bool
    is_by_registry: bool


def take_in_delivery(
    store: Store, body: bytes, *, party: Party, did: str, at: datetime, source: Source, trust: Trust | None
) -> TakenDelivery:
    """Judge a delivery and keep it; one that is kept already changes nothing.

    Args:
        store: Where.
        body: As received; a JSON object, or a compact JWS.
        party: Who we are.
        did: Our DID.
        at: Now, aware.
        source: Where the registry's state and keys' own statements come from.
        trust: What is trusted; without it the DID documents at hand say who signed.

    Raises:
        DeliveryRefusedError: Too long, no delivery, not to us, of what we hold no passport for, not signed by its
            maker, or one too many; `reason` says which.
        LedgerUnavailableError: The registry cannot be asked.
    """
    if len(body) > MAX_DELIVERY_BYTES:
        raise DeliveryRefusedError(
            "longer than a delivery", where="body", expected=f"at most {MAX_DELIVERY_BYTES} bytes", found=len(body)
        )
    # 1. A delivery, and to us: what costs nothing to ask.
    document, doc_hash = _read(body)
    _check_addressee(document, party, did)
    # 2. Of products whose passports we hold, by their maker.
    supplied = _passports(store, document)
    _check_date(document, at)
    # 3. Signed by a key of that maker's, as far as can be told here.
    try:
        event, multikey = verify_event_with_key(store, body, at=at)
        for facts in supplied:
            check_delivery(event, _purchase(doc_hash, facts, party, did))
    except ResolutionError as error:
        raise _refused(error, "unknown-supplier") from error
    except PassportError as error:
        raise _refused(error, "invalid-delivery") from error
    asked = {(facts.place._replace(leaf_index=0), facts.scheme, facts.identifier): facts for facts in supplied}
    answers = [_check_registry(facts, multikey, source, trust) for facts in asked.values()]  # each may refuse it
    is_by_registry = all(answers)
    # 4. Kept once, whoever signs it anew and however often it is handed in.
    signer = f"{supplied[0].scheme}:{supplied[0].identifier}"
    if any(_is_signed(store, known, at) for known in find_events(store, doc_hash)):
        return TakenDelivery(doc_hash, event.issuer_did, signer, is_new=False, is_by_registry=is_by_registry)
    kept = store.find_documents(DocumentKind.TRACEABILITY_EVENT, issuer_id=event.issuer_did, limit=MAX_OF_ONE_SUPPLIER)
    if len(kept) >= MAX_OF_ONE_SUPPLIER:
        raise DeliveryRefusedError(
            "as many deliveries of this supplier are kept as are taken in",
            reason="too-many-deliveries",
            expected=f"at most {MAX_OF_ONE_SUPPLIER}",
        )
    is_new = file_event(store, body)
    return TakenDelivery(doc_hash, event.issuer_did, signer, is_new=is_new, is_by_registry=is_by_registry)


def _read(body: bytes) -> tuple[dict[str, Any], Digest]:
    """The event without proof, in the shape of ours, with its hash; nothing of it is verified."""
    try:
        if body[:1] == b"{":
            secured = read_secured(body, canonical=True, max_bytes=MAX_DELIVERY_BYTES)
            document, doc_hash = secured.document, secured.doc_hash
        else:
            jwt = read_vc_jwt(body, canonical=True, max_bytes=MAX_DELIVERY_BYTES)
            document, doc_hash = jwt.document, jwt.doc_hash
        schema.check(traceability_event.SCHEMA, document)
    except PassportError as error:
        raise _refused(error, "invalid-delivery") from error
    (moved,) = document["credentialSubject"]
    if _MOVE not in moved["type"]:
        raise DeliveryRefusedError("not a delivery", where="type", expected=_MOVE, found=moved["type"][0])
    if len(moved["exactQuantity"]) > MAX_PRODUCTS:
        raise DeliveryRefusedError(
            "too many products in one delivery", expected=f"at most {MAX_PRODUCTS}", found=len(moved["exactQuantity"])
        )
    return document, doc_hash


def _check_addressee(document: dict[str, Any], party: Party, did: str) -> None:
    (moved,) = document["credentialSubject"]
    to = next((each["party"] for each in moved["relatedParty"] if each["role"] == "consignee"), None)
    named = None if to is None else (to["registeredId"], to["id"])
    if named != (registered_id(party), did):
        raise DeliveryRefusedError(
            "the delivery is to somebody else",
            reason="not-addressed-here",
            where="relatedParty",
            expected=f"{registered_id(party)}, {did}",
            found="nobody" if named is None else ", ".join(named),
        )


def _passports(store: Store, document: dict[str, Any]) -> list[PassportFacts]:
    """The facts of the passports that a delivery names; all by who signs it."""
    (moved,) = document["credentialSubject"]
    found: dict[str, PassportFacts] = {}
    for each in moved["exactQuantity"]:
        digest = each["passport"]
        try:
            facts = None if digest is None else facts_in(store, Digest(digest))
        except NotFoundError:
            facts = None
        if facts is None or facts.issuer_did != document["issuer"]["id"]:
            raise DeliveryRefusedError(
                "no passport of this product by who signs the delivery is held here",
                reason="unknown-supplier",
                where="exactQuantity",
                found=f"{each['product']} {digest}",
                hint="the buyer takes in the supplier's publication first",
            )
        found[facts.digest] = facts
    return list(found.values())


def _check_date(document: dict[str, Any], at: datetime) -> None:
    (moved,) = document["credentialSubject"]
    try:
        delivered = unix_time(moved["eventDate"])
    except PassportError as error:
        raise _refused(error, "invalid-delivery") from error
    if delivered > (at + _SKEW).timestamp():
        raise DeliveryRefusedError("a delivery that is still to come", where="eventDate", found=moved["eventDate"])


def _check_registry(facts: PassportFacts, multikey: str, source: Source, trust: Trust | None) -> bool:
    """Ask the registry whose key it is; False where no chain is trusted or at hand.

    Raises:
        DeliveryRefusedError: It says that the key is not the supplier's, or not good now.
        LedgerUnavailableError: It gives no answer.
    """
    if trust is None:
        return False
    place = facts.place
    chain = trust.chain_of(place.registry, place.log, place.genesis)
    state = source.state(chain) if chain else None
    if chain is None or state is None:
        return False
    try:
        time = state.block.timestamp
        known = ChainFacts(chain, state, source)
        _check_name(facts, known)
        fault = next(why_not_signer(facts, multikey, source, known, time), None)
    except KeyStatementMissingError as missing:
        raise DeliveryRefusedError(str(missing), reason="unknown-supplier") from missing
    except (DeliveryRefusedError, LedgerUnavailableError):
        raise
    except PassportError as error:
        raise _refused(error, "unknown-supplier") from error
    if fault is not None:
        reason, expected, found = fault
        raise DeliveryRefusedError(
            f"the delivery's signer: {reason}", reason="unknown-supplier", expected=expected, found=found
        )
    return True


def _check_name(facts: PassportFacts, chain: ChainFacts) -> None:
    """Refuse a passport that states one entity and is in the log of another: it would lend its signer that name."""
    issuer_id = facts.place.issuer_id
    if compute_issuer_id(facts.scheme, facts.identifier) == issuer_id:
        return
    if not chain.registry.is_id_of(issuer_id, facts.scheme, facts.identifier):
        raise DeliveryRefusedError(
            "the passport names another entity than the registry has under its log's id",
            reason="unknown-supplier",
            expected=issuer_id,
            found=f"{facts.scheme}:{facts.identifier}",
        )


def _is_signed(store: Store, body: bytes, at: datetime) -> bool:
    try:
        verify_event_with_key(store, body, at=at)
    except PassportError:
        return False
    return True


def _purchase(doc_hash: str, supplier: PassportFacts, buyer: Party, buyer_did: str) -> Purchase:
    return Purchase(
        delivery=doc_hash,
        buyer=registered_id(buyer),
        buyer_did=buyer_did,
        supplier=f"{supplier.scheme}:{supplier.identifier}",
        supplier_did=supplier.issuer_did,
        subject_id=supplier.subject_id,
        granularity=supplier.granularity,
        passport_digest=supplier.digest,
        declared_amount=supplier.upstream.declared_amount,
        mass_per_declared_unit=supplier.upstream.mass_per_declared_unit,
        unit=supplier.upstream.declared_unit,
        drawn=Fraction(0),
    )


def _refused(error: PassportError, reason: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(
        f"the delivery: {error.message}",
        reason=reason,
        where=error.where,
        expected=error.expected,
        found=error.found,
        hint=error.hint,
    )
