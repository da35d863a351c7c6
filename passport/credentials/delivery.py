"""Whether a delivery bears out a purchase: a move event by the supplier that names buyer, passport and enough of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from passport.credentials.untp_credential import VerifiedCredential
from passport.errors import DeliveryError
from passport.model.amount import from_text
from passport.model.units import Unit, conversion
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
        passport_digest: The upstream passport's digest.
        drawn: How much the buyer's whole covered output takes of it, exactly.
        unit: The unit of `drawn`.
    """

    delivery: str
    buyer: str
    buyer_did: str
    supplier: str
    supplier_did: str
    subject_id: str
    passport_digest: str
    drawn: Fraction
    unit: str


class DeliveryUses:
    """Which purchase each delivery was named by: a second one has no goods behind it."""

    def __init__(self) -> None:
        self._uses: dict[str, str] = {}

    def use(self, delivery: str, by: str) -> None:
        """Use a delivery up.

        Args:
            delivery: Its digest.
            by: Passport and row that name it.

        Raises:
            DeliveryError: Another purchase has named it.
        """
        before = self._uses.setdefault(delivery, by)
        if before != by:
            raise DeliveryError("a delivery used a second time", where=by, expected="one purchase", found=before)


def check_delivery(event: VerifiedCredential, purchase: Purchase) -> None:
    """Check that a delivery bears out a purchase; the event's signature has been verified.

    Args:
        event: The traceability event.
        purchase: What the buyer says.

    Raises:
        DeliveryError: Another document, kind of event, supplier, buyer, product or passport, or not enough of it.
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
    delivered = Fraction(0)
    _check_measures(moved)
    for each in moved["exactQuantity"]:
        if each["product"] == purchase.subject_id and each["passport"] == purchase.passport_digest:
            ratio = conversion(Unit(each["unit"]), Unit(purchase.unit), where="quantity")
            delivered += Fraction(from_text(each["amount"])) * ratio
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
