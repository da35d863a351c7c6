"""Units of quantity as a closed list, with exact conversion inside a dimension.

The ten units of PACT v3 keep their PACT names; the others are the energy, mass and transport units that activity data
come in. Factors are exact by definition: the SI prefixes, 1 kWh = 3.6 MJ, 1 min = 60 s, the international pound
(0.45359237 kg, 1959 agreement), the statute mile (1.609344 km) and the US gallon (3.785411784 L, 231 cubic inches).
A dimension is never left without a factor that a document states.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from passport.errors import UnitError


class Dimension(StrEnum):
    """What a unit measures; units of different dimensions do not convert."""

    VOLUME = "volume"
    MASS = "mass"
    ENERGY = "energy"
    FREIGHT = "freight transport"
    PASSENGER = "passenger transport"
    DISTANCE = "distance"
    AREA = "area"
    COUNT = "count"
    TIME = "time"
    DATA = "data"


class Unit(StrEnum):
    """Every unit a quantity may have; PACT's ten first."""

    LITER = "liter"
    KILOGRAM = "kilogram"
    CUBIC_METER = "cubic meter"
    KILOWATT_HOUR = "kilowatt hour"
    MEGAJOULE = "megajoule"
    TON_KILOMETER = "ton kilometer"
    SQUARE_METER = "square meter"
    PIECE = "piece"
    HOUR = "hour"
    MEGABIT_SECOND = "megabit second"
    GRAM = "gram"
    TONNE = "tonne"
    POUND = "pound"
    MILLILITER = "milliliter"
    US_GALLON = "US gallon"
    WATT_HOUR = "watt hour"
    MEGAWATT_HOUR = "megawatt hour"
    GIGAWATT_HOUR = "gigawatt hour"
    KILOJOULE = "kilojoule"
    GIGAJOULE = "gigajoule"
    TERAJOULE = "terajoule"
    KILOGRAM_KILOMETER = "kilogram kilometer"
    PASSENGER_KILOMETER = "passenger kilometer"
    KILOMETER = "kilometer"
    METER = "meter"
    MILE = "mile"
    MINUTE = "minute"
    SECOND = "second"
    DAY = "day"


PACT_UNITS = frozenset(list(Unit)[:10])
"""The units that a PACT v3 footprint may declare."""

_FACTORS: dict[Unit, tuple[Dimension, Fraction]] = {
    Unit.LITER: (Dimension.VOLUME, Fraction(1)),
    Unit.KILOGRAM: (Dimension.MASS, Fraction(1)),
    Unit.CUBIC_METER: (Dimension.VOLUME, Fraction(1000)),
    Unit.KILOWATT_HOUR: (Dimension.ENERGY, Fraction(36, 10)),
    Unit.MEGAJOULE: (Dimension.ENERGY, Fraction(1)),
    Unit.TON_KILOMETER: (Dimension.FREIGHT, Fraction(1)),
    Unit.SQUARE_METER: (Dimension.AREA, Fraction(1)),
    Unit.PIECE: (Dimension.COUNT, Fraction(1)),
    Unit.HOUR: (Dimension.TIME, Fraction(3600)),
    Unit.MEGABIT_SECOND: (Dimension.DATA, Fraction(1)),
    Unit.GRAM: (Dimension.MASS, Fraction(1, 1000)),
    Unit.TONNE: (Dimension.MASS, Fraction(1000)),
    Unit.POUND: (Dimension.MASS, Fraction(45359237, 100000000)),
    Unit.MILLILITER: (Dimension.VOLUME, Fraction(1, 1000)),
    Unit.US_GALLON: (Dimension.VOLUME, Fraction(3785411784, 1000000000)),
    Unit.WATT_HOUR: (Dimension.ENERGY, Fraction(36, 10000)),
    Unit.MEGAWATT_HOUR: (Dimension.ENERGY, Fraction(3600)),
    Unit.GIGAWATT_HOUR: (Dimension.ENERGY, Fraction(3600000)),
    Unit.KILOJOULE: (Dimension.ENERGY, Fraction(1, 1000)),
    Unit.GIGAJOULE: (Dimension.ENERGY, Fraction(1000)),
    Unit.TERAJOULE: (Dimension.ENERGY, Fraction(1000000)),
    Unit.KILOGRAM_KILOMETER: (Dimension.FREIGHT, Fraction(1, 1000)),
    Unit.PASSENGER_KILOMETER: (Dimension.PASSENGER, Fraction(1)),
    Unit.KILOMETER: (Dimension.DISTANCE, Fraction(1)),
    Unit.METER: (Dimension.DISTANCE, Fraction(1, 1000)),
    Unit.MILE: (Dimension.DISTANCE, Fraction(1609344, 1000000)),
    Unit.MINUTE: (Dimension.TIME, Fraction(60)),
    Unit.SECOND: (Dimension.TIME, Fraction(1)),
    Unit.DAY: (Dimension.TIME, Fraction(86400)),
}

_RATIOS: dict[tuple[Unit, Unit], Fraction] = {}
"""Conversions that were asked for before."""

_SYMBOLS: dict[Unit, str] = {
    Unit.LITER: "L",
    Unit.KILOGRAM: "kg",
    Unit.CUBIC_METER: "m3",
    Unit.KILOWATT_HOUR: "kWh",
    Unit.MEGAJOULE: "MJ",
    Unit.TON_KILOMETER: "t km",
    Unit.SQUARE_METER: "m2",
    Unit.PIECE: "piece",
    Unit.HOUR: "h",
    Unit.MEGABIT_SECOND: "Mbit s",
}


def read_unit(text: object, *, where: str | None = None) -> Unit:
    """The unit of that name.

    Raises:
        UnitError: Unknown name; the message lists the known ones.
    """
    try:
        return Unit(text)  # type: ignore[arg-type]  # any object may be asked for; the enum refuses it
    except ValueError:
        raise UnitError("unknown unit", where=where, expected=f"one of {', '.join(Unit)}", found=repr(text)) from None


def dimension(unit: Unit) -> Dimension:
    """What `unit` measures."""
    return _FACTORS[unit][0]


def conversion(source: Unit, target: Unit, *, where: str | None = None) -> Fraction:
    """How many `target` one `source` is, exactly.

    Raises:
        UnitError: The units measure different things.
    """
    known = _RATIOS.get((source, target))
    if known is not None:
        return known
    source_dimension, source_factor = _FACTORS[source]
    target_dimension, target_factor = _FACTORS[target]
    if source_dimension is not target_dimension:
        raise UnitError(
            f"{source} does not convert to {target}",
            where=where,
            expected=f"a unit of {target_dimension}",
            found=f"{source} ({source_dimension})",
            hint="state the quantity in the supplier's declared unit",
        )
    ratio = _RATIOS[source, target] = source_factor / target_factor
    return ratio


def symbol(unit: Unit) -> str:
    """The short sign of a unit for people (`kWh`), or its name where it has none."""
    return _SYMBOLS.get(unit, str(unit))
