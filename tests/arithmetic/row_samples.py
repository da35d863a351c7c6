"""Rows as they stand in documents, and their sum as the next document states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from passport.arithmetic import Contribution, Totals, sum_contributions
from passport.arithmetic.quanta import from_text, to_text
from passport.arithmetic.rows import recompute_row, texts_of

ALIKE = {"id": "r", "name": "r", "stage": "mainProduction", "known": "measured", "per": "declaredUnit"}


def direct(emissions: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A row of measured emissions."""
    return {**ALIKE, "kind": "direct", "emissions": dict(emissions), **more}


def factor(
    quantity: str, unit: str, components: Mapping[str, str], *, per: str = "1", factor_unit: str, **more: Any
) -> dict[str, Any]:
    """A row of an activity times a factor, which is stated for `per` `factor_unit`."""
    stated = {"amount": per, "unit": factor_unit, "components": dict(components), "primary": False}
    return {**ALIKE, "kind": "factor", "quantity": quantity, "unit": unit, "factor": stated, **more}


def upstream(
    components: Mapping[str, str],
    total: str,
    *,
    unattributed: str = "0",
    amount: str = "1",
    unit: str = "kilogram",
    mass: str = "1",
    document: str = "passport",
) -> dict[str, Any]:
    """What an upstream document states, as a buyer copies it."""
    return {
        "components": dict(components),
        "declaredAmount": amount,
        "declaredUnit": unit,
        "document": document,
        "exemptedPercent": "0",
        "massPerDeclaredUnit": mass,
        "total": total,
        "unattributed": unattributed,
    }


def passport(quantity: str, unit: str, stated: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A row of a quantity of an upstream product."""
    return {**ALIKE, "kind": "passport", "quantity": quantity, "unit": unit, "upstream": dict(stated), **more}


def contribution(row: Mapping[str, Any], *, declared: str = "1", covered: str = "1") -> Contribution:
    """The row's contribution to a product."""
    return recompute_row(row, from_text(declared), from_text(covered))


def total(row: Mapping[str, Any], *, declared: str = "1", covered: str = "1") -> str:
    """The total of the row's contribution as text."""
    return to_text(contribution(row, declared=declared, covered=covered).total)


def sum_rows(rows: Sequence[Mapping[str, Any]], *, declared: str = "1", covered: str = "1") -> Totals:
    """The product's footprint."""
    return sum_contributions([contribution(row, declared=declared, covered=covered) for row in rows])


def stated(totals: Totals, *, amount: str = "1", unit: str = "kilogram") -> dict[str, Any]:
    """What the product's own passport says, for the next level."""
    return upstream(
        texts_of(totals.components),
        to_text(totals.excluding),
        unattributed=to_text(totals.unattributed),
        amount=amount,
        unit=unit,
    )
