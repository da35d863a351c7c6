"""Refuse to state a delivery that does not bear out what is bought: every audit would fail it."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from passport.credentials.delivery import Purchase, check_delivery
from passport.errors import IssueError, PassportError
from passport.filing import find_events, verify_event
from passport.issuer.upstream import facts_in
from passport.model.digest import Digest
from passport.model.footprint import UpstreamFacts
from passport.model.inventory import PassportInput
from passport.model.party import Party
from passport.model.untp import registered_id
from passport.store import Store


def check_stated_delivery(
    store: Store, entry: PassportInput, upstream: UpstreamFacts, *, buyer: Party, buyer_did: str, now: datetime
) -> None:
    """Judge the delivery that an input names, but for its quantity, which takes the whole inventory.

    Args:
        store: Where events and passports are.
        entry: The input.
        upstream: What it is built on.
        buyer: Who issues.
        buyer_did: Under which DID.
        now: The moment of issuing, aware.

    Raises:
        IssueError: The delivery is not at hand, or does not bear out the purchase.
    """
    if entry.delivery is None:
        return
    where = f"input {entry.id}"
    body = next(find_events(store, entry.delivery), None)
    if body is None:
        raise IssueError(
            "the delivery is not in the store",
            where=where,
            found=entry.delivery,
            hint="take it in first: `passport import delivery FILE`",
        )
    if upstream.document != "passport":
        raise IssueError(
            "a delivery of something that has no passport", where=where, found=upstream.id, hint="leave `delivery` out"
        )
    supplier = facts_in(store, Digest(upstream.digest))
    purchase = Purchase(
        delivery=entry.delivery,
        buyer=registered_id(buyer),
        buyer_did=buyer_did,
        supplier=f"{supplier.scheme}:{supplier.identifier}",
        supplier_did=supplier.issuer_did,
        subject_id=supplier.subject_id,
        granularity=supplier.granularity,
        passport_digest=upstream.digest,
        declared_amount=upstream.declared_amount,
        mass_per_declared_unit=upstream.mass_per_declared_unit,
        unit=upstream.declared_unit,
        drawn=Fraction(0),
    )
    try:
        check_delivery(verify_event(store, body, at=now), purchase)
    except PassportError as error:
        raise IssueError(
            f"the delivery: {error.message}",
            where=where,
            expected=error.expected,
            found=error.found,
            hint=error.hint or "ask the supplier for the right one, or leave `delivery` out",
        ) from error
