"""Which passports a new one comes in the place of, and which of those still supply somebody.

A successor takes over what its predecessors spent of contracts and certificates. Where somebody is built on one of them
and counts on what it spent, that must not be spent again for other goods.
"""

from __future__ import annotations

from collections.abc import Iterator

from passport.errors import NotFoundError
from passport.issuer.upstream import facts_in
from passport.model.base import time_text
from passport.model.digest import Digest
from passport.model.facts import PassportFacts, unix_time
from passport.model.inventory import Inventory
from passport.model.sameness import SameProduct, overlap, period_of, product_of, same_product
from passport.store import Store
from passport.store.instruments import Replaced


def product_of_inventory(inventory: Inventory) -> SameProduct:
    """What to compare of the product of an inventory."""
    product = inventory.product
    return same_product(
        product.id,
        granularity=str(product.granularity),
        numbers=(product.model_number, product.batch_number, product.item_number),
        facility_id=inventory.facility.id,
        declared_unit=str(inventory.declared_unit),
    )


def replaced_by(store: Store, inventory: Inventory, predecessor: Digest | None) -> tuple[Replaced, ...]:
    """The passports whose uses of contracts and certificates a new one takes over: versions of the same goods.

    Args:
        store: Where our passports are.
        inventory: What is to be issued.
        predecessor: The passport that it names.
    """
    product = product_of_inventory(inventory)
    period = (unix_time(time_text(inventory.period.start)), unix_time(time_text(inventory.period.end)))
    found = []
    for facts in _line(store, predecessor):
        if product_of(facts) != product or not overlap(period_of(facts), period):
            break  # other goods: theirs stays spent
        found.append(Replaced(facts.id, still_supplies(store, Digest(facts.digest))))
    return tuple(found)


def still_supplies(store: Store, digest: Digest) -> bool:
    """Whether anything in a store is built on a passport: an opened row, or a pin in public.

    Args:
        store: Where documents are.
        digest: Of the passport.
    """
    if store.is_in_a_row(digest):
        return True
    return any(
        pin.digest == digest
        for other in store.passports_that_mention(digest)
        for pin in facts_in(store, other).upstream_pins
    )


def _line(store: Store, predecessor: Digest | None) -> Iterator[PassportFacts]:
    """A passport and those before it, as far as the store has them; pins are hashes, so they lead in no circle."""
    while predecessor is not None:
        try:
            facts = facts_in(store, predecessor)
        except NotFoundError:
            return
        yield facts
        predecessor = Digest(facts.predecessor.digest) if facts.predecessor else None
