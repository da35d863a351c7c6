"""Whether a delivery bears out a purchase: a move event by the supplier that names buyer, passport and enough of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from passport.arithmetic.quanta import ONE, from_text
from passport.arithmetic.scale import passport_scale
from passport.credentials.untp_credential import VerifiedCredential
from passport.errors import DeliveryError, DocumentError
from passport.model.facts import unix_time
from passport.model.units import Unit
from passport.model.untp import measure

_MOVE: Final = "MoveEvent"


class Purchase(NamedTuple):
    """What a row of a buyer's footprint says that it bought.

    Attributes:
        delivery: The digest of the delivery that the row names.
        buyer: The buyer's legal entity, `SCHEME:identifier`, as its passport states it.
        buyer_did: The buyer's DID.
        supplier: The supplier's legal entity, as the upstream passport states it.
        supplier_did: The supplier's DID.
        subject_id: The product's id in the upstream passport.
        granularity: `model`, `batch` or `item`, as the upstream passport has it.
        passport_digest: The upstream passport's digest.
        declared_amount: The upstream's declared amount.
        mass_per_declared_unit: Its mass per declared amount, kilograms; "0" if it has none.
        unit: Its declared unit.
        drawn: How much the buyer's whole covered output takes of it, in that unit, exactly.
    """

    delivery: str
    buyer: str
    buyer_did: str
    supplier: str
    supplier_did: str
    subject_id: str
    granularity: str
    passport_digest: str
    declared_amount: str
    mass_per_declared_unit: str
    unit: str
    drawn: Fraction


class Delivered(NamedTuple):
    """What a delivery brought of one product.

    Attributes:
        amount: How much, in the unit of the purchase, exactly.
        consignment: The consignment's id: two documents about one consignment are about the same goods.
        at: When, unix seconds.
    """

    amount: Fraction
    consignment: str
    at: int


def check_delivery(event: VerifiedCredential, purchase: Purchase) -> Delivered:
    """Check that a delivery bears out a purchase; the event's signature has been verified.

    Args:
        event: The traceability event.
        purchase: What the buyer says.

    Returns:
        What was delivered, so that several purchases of it can be added up.

    Raises:
        DeliveryError: Another document, kind of event, supplier, buyer, product or passport, not enough of it,
            or a date that is no day of the calendar.
        UnitError: Units that do not convert.
    """
    _equal("delivery", purchase.delivery, event.doc_hash)
    (moved,) = event.document["credentialSubject"]
    if _MOVE not in moved["type"]:
        raise DeliveryError("not a delivery", where="type", expected=_MOVE, found=moved["type"][0])
    _equal("supplier", purchase.supplier_did, event.issuer_did)
    parties = {each["role"]: each["party"] for each in moved["relatedParty"]}
    _equal("supplier", purchase.supplier, parties["consignor"]["registeredId"])
    _equal("supplier", purchase.supplier_did, parties["consignor"]["id"])
    _equal("supplier", purchase.supplier, event.document["issuer"]["issuerAlsoKnownAs"][0]["registeredId"])
    _equal("buyer", purchase.buyer, parties["consignee"]["registeredId"])
    _equal("buyer", purchase.buyer_did, parties["consignee"]["id"])
    _check_measures(moved)
    delivered = Fraction(0)
    for shown, each in zip(moved["movedProduct"], moved["exactQuantity"], strict=True):
        if each["product"] == purchase.subject_id and each["passport"] == purchase.passport_digest:
            _equal("granularity", purchase.granularity, shown["product"]["idGranularity"])
            delivered += _in_declared_unit(each["amount"], each["unit"], purchase)
    if not delivered:
        raise DeliveryError(
            "the delivery does not name this product with this passport",
            where="passport",
            expected=f"{purchase.subject_id} {purchase.passport_digest}",
            found="; ".join(f"{each['product']} {each['passport']}" for each in moved["exactQuantity"]),
        )
    if delivered < purchase.drawn:
        raise DeliveryError(
            "less was delivered than is used",
            where="quantity",
            expected=f"at least {float(purchase.drawn):.12g} {purchase.unit}",
            found=f"{float(delivered):.12g} {purchase.unit}",
        )
    return Delivered(delivered, moved["consignmentId"], _time_of(moved["eventDate"]))


def _time_of(text: str) -> int:
    try:
        return unix_time(text)
    except DocumentError as error:
        raise DeliveryError(
            "delivered on no day of the calendar", where="eventDate", expected=error.expected, found=text
        ) from error


def _in_declared_unit(amount: str, unit: str, purchase: Purchase) -> Fraction:
    """A delivered amount in the upstream's declared unit; a mass also by its signed mass per declared unit, as rows."""
    declared = from_text(purchase.declared_amount)
    numerator, denominator = passport_scale(
        from_text(amount),
        Unit(unit),
        declared,
        Unit(purchase.unit),
        from_text(purchase.mass_per_declared_unit),
        where="quantity",
    )
    return Fraction(numerator * declared, denominator * ONE)


def _check_measures(moved: Mapping[str, Any]) -> None:
    """The measures that UNTP's readers see are the exact quantities that are counted here."""
    shown = [(each["product"]["id"], each["quantity"]) for each in moved["movedProduct"]]
    exact = []
    for each in moved["exactQuantity"]:
        if each["unit"] not in set(Unit):
            raise DeliveryError("an unknown unit", where="exactQuantity", found=each["unit"])
        exact.append((each["product"], measure(each["amount"], each["unit"])))
    if shown != exact:
        raise DeliveryError(
            "the delivery's measures are not its exact quantities", where="movedProduct", expected=exact, found=shown
        )


def _equal(what: str, expected: str, found: str) -> None:
    if expected != found:
        raise DeliveryError(f"another {what}", where=what, expected=expected, found=found)
