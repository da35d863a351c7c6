"""When two passports of one issuer speak of the same thing, so that only one of them may be current.

The same product, granularity, numbers and plant, declared in units of the same dimension, for periods that overlap. Two
batches or items with different numbers are two products.
"""

from __future__ import annotations

from passport.model.facts import PassportFacts, unix_time
from passport.model.units import dimension, read_unit

SameProduct = tuple[str, str, tuple[str | None, str | None, str | None], str, str]
"""What two passports of one product have in common, the period apart."""

Period = tuple[int, int]
"""Beginning and end of a reference period, unix seconds; the end is outside."""


def same_product(
    subject_id: str,
    *,
    granularity: str,
    numbers: tuple[str | None, str | None, str | None],
    facility_id: str,
    declared_unit: str,
) -> SameProduct:
    """What to compare of a product.

    Args:
        subject_id: The product's id.
        granularity: Model, batch or item.
        numbers: Model, batch and item number.
        facility_id: The plant.
        declared_unit: The unit that the footprint is stated for; only its dimension counts.

    Raises:
        UnitError: Not a unit.
    """
    return subject_id, granularity, numbers, facility_id, str(dimension(read_unit(declared_unit)))


def product_of(facts: PassportFacts) -> SameProduct:
    """What to compare of a passport's product."""
    return same_product(
        facts.subject_id,
        granularity=facts.granularity,
        numbers=facts.numbers,
        facility_id=facts.facility_id,
        declared_unit=facts.upstream.declared_unit,
    )


def period_of(facts: PassportFacts) -> Period:
    """A passport's reference period."""
    start, end = facts.period
    return unix_time(start), unix_time(end)


def overlap(one: Period, other: Period) -> bool:
    """Whether two periods have a second in common; one that begins when the other ends has none."""
    return one[0] < other[1] and other[0] < one[1]
