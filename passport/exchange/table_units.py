"""The units that tables write, as ours: names, signs and a few multiples; and what two texts convert by."""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType

from passport.exchange.uslci_tables import UNITS
from passport.model.units import Unit, conversion, dimension

TABLE_UNITS = MappingProxyType(
    {str(unit): (unit, Fraction(1)) for unit in Unit}
    | {text: (unit, Fraction(factor)) for text, (unit, factor) in UNITS.items()}
    | {
        text: (unit, Fraction(factor))
        for text, unit, factor in (
            ("g", Unit.GRAM, 1),
            ("mg", Unit.GRAM, "1/1000"),
            ("lb", Unit.POUND, 1),
            ("lb av", Unit.POUND, 1),
            ("L", Unit.LITER, 1),
            ("ml", Unit.MILLILITER, 1),
            ("mL", Unit.MILLILITER, 1),
            ("Wh", Unit.WATT_HOUR, 1),
            ("GWh", Unit.GIGAWATT_HOUR, 1),
            ("kJ", Unit.KILOJOULE, 1),
            ("GJ", Unit.GIGAJOULE, 1),
            ("TJ", Unit.TERAJOULE, 1),
            ("tkm", Unit.TON_KILOMETER, 1),
            ("t km", Unit.TON_KILOMETER, 1),
            ("ton kilometer", Unit.TON_KILOMETER, 1),
            ("pkm", Unit.PASSENGER_KILOMETER, 1),
            ("km", Unit.KILOMETER, 1),
            ("mi", Unit.MILE, 1),
            ("min", Unit.MINUTE, 1),
            ("s", Unit.SECOND, 1),
            ("d", Unit.DAY, 1),
            ("pcs", Unit.PIECE, 1),
            ("Mbit s", Unit.MEGABIT_SECOND, 1),
        )
    }
)
"""What a text stands for: a unit of ours and how many of it."""


def ratio(source: str, target: str) -> Fraction | None:
    """How many `target` one `source` is, exactly; None if they do not convert.

    A text that is no unit of ours (money, a currency's year) converts to itself and to nothing else.
    """
    if source == target:
        return Fraction(1)
    if source not in TABLE_UNITS or target not in TABLE_UNITS:
        return None
    (from_unit, from_count), (to_unit, to_count) = TABLE_UNITS[source], TABLE_UNITS[target]
    if dimension(from_unit) is not dimension(to_unit):
        return None
    return from_count * conversion(from_unit, to_unit) / to_count


def describe(text: str) -> str:
    """A unit with what it measures, for errors."""
    return f"{text} ({dimension(TABLE_UNITS[text][0])})" if text in TABLE_UNITS else f"{text} (not a unit known here)"
