"""The footprint that contents state, beside the one that the passport itself computes: one number twice.

A passport computes the stages up to the gate, per declared unit. Contents state those and the stages beyond, per
functional unit. One piece gives as many functional units as contents say (of a battery the kilowatt hours over its
service life), so that

    stated stage  =  sum of the stage's rows / (declared amount x functional units a piece)

and the stages up to the gate together are the passport's total, whoever may see its rows. Where the declared unit is
the functional unit itself, a piece is not spoken of. All of it is exact; a stated number may be off by half a unit of
its last digit. What is beyond the gate is stated and computed nowhere here: nobody says of it that it was compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from passport.model.profile import Profile
from passport.model.profile_figures import is_too_coarse, parts_of
from passport.model.profile_fit import Misfit
from passport.model.profile_rules import FootprintAttributes
from passport.model.quantity import Quantity, decimal_text, read_quantity
from passport.model.units import Unit

FUNCTIONAL_UNITS: Final = {"kWh": Unit.KILOWATT_HOUR}
"""Functional units that an inventory may declare its amounts per."""
_SIGNIFICANT_DIGITS: Final = 12


class Computed(NamedTuple):
    """What a passport computes of itself.

    Attributes:
        declared_amount: What its amounts are per.
        declared_unit: Of that.
        mass_kg: Of the declared amount.
        total_kg_co2e: Of the declared amount, excluding biogenic uptake.
        rows: Stage of an input and contribution in kg CO2e of each row; None where not all of them are at hand.
    """

    declared_amount: Fraction
    declared_unit: str
    mass_kg: Fraction
    total_kg_co2e: Fraction
    rows: Sequence[tuple[str, Fraction]] | None


class Comparison(NamedTuple):
    """What came of the two.

    Attributes:
        misfits: Where they differ, with both figures.
        unknown: What could not be compared, and why.
        is_left_open: Whether not even the total was.
    """

    misfits: tuple[Misfit, ...]
    unknown: tuple[str, ...]
    is_left_open: bool = False


def compare_footprint(profile: Profile, values: Mapping[str, Any], computed: Computed) -> Comparison:
    """Compare the footprint that contents state with what the passport computes.

    Args:
        profile: That the contents follow.
        values: The attributes that are shown, of all sets together.
        computed: What the passport computes.

    Returns:
        Nothing at all where the profile knows of no footprint.
    """
    stated = profile.footprint
    if stated is None:
        return Comparison((), ())
    units = _units_in(profile, stated, values, computed)
    if isinstance(units, str):
        return Comparison((), (units,), is_left_open=True)
    misfits = [*_mass(stated, values, computed)]
    whole, parts = read_quantity(values.get(stated.whole)), parts_of(profile, values)
    if whole is None or parts is None:
        lacking = stated.whole if whole is None else stated.parts
        return Comparison(tuple(misfits), (f"{lacking} is not stated as the profile asks",), is_left_open=True)
    coarse = next((each for each in (whole, *parts.values()) if is_too_coarse(each, whole.exact)), None)
    if coarse is not None:
        unknown = (f"{coarse.amount} {coarse.unit} has too few digits to be compared",)
        return Comparison(tuple(misfits), unknown, is_left_open=True)
    gate = [stage.name for stage in profile.stages if stage.stages]
    misfits += _together(stated, parts, gate, computed, units)
    left = []
    if computed.rows is None:
        left.append("not all rows are at hand, so the stages were compared together and not one by one")
    else:
        misfits += _one_by_one(profile, stated, parts, computed.rows, units)
    beyond = [stage.name for stage in profile.stages if not stage.stages]
    if beyond:
        left.append(f"{', '.join(beyond)}: stated, and beyond what the passport computes")
    return Comparison(tuple(misfits), tuple(left))


def _units_in(
    profile: Profile, stated: FootprintAttributes, values: Mapping[str, Any], computed: Computed
) -> Fraction | str:
    """How many functional units the declared amount gives, or why that is unknown."""
    unit = computed.declared_unit
    functional = profile.functional_unit.unit if profile.functional_unit else None
    if functional in FUNCTIONAL_UNITS and unit == FUNCTIONAL_UNITS[functional]:
        return computed.declared_amount
    if unit != Unit.PIECE:
        return f"the declared unit is {unit}, and a footprint per {functional or 'piece'} was stated"
    if stated.per is None:
        return computed.declared_amount
    per = read_quantity(values.get(stated.per))
    if per is None or per.exact <= 0:
        return f"{stated.per} is not stated, so that nobody knows how many {functional} a piece gives"
    return computed.declared_amount * per.exact


def _mass(stated: FootprintAttributes, values: Mapping[str, Any], computed: Computed) -> Iterator[Misfit]:
    """The mass of one piece is stated of the declared amount too: what is per another thing than it says shows here."""
    mass = read_quantity(values.get(stated.mass)) if stated.mass else None
    if mass is None or mass.unit != "kg":
        return
    pieces = computed.declared_amount
    if computed.declared_unit != Unit.PIECE:
        per = read_quantity(values.get(stated.per)) if stated.per else None
        if per is None or per.exact <= 0:
            return
        pieces = computed.declared_amount / per.exact
    found = computed.mass_kg / pieces
    if abs(found - mass.exact) > mass.slack:
        yield Misfit(str(stated.mass), _ANOTHER_MASS, f"{_text(found)} kg", f"{mass.amount} kg")


def _together(
    stated: FootprintAttributes, parts: Mapping[str, Quantity], gate: Sequence[str], computed: Computed, units: Fraction
) -> Iterator[Misfit]:
    """The stages up to the gate are the passport's total."""
    total = computed.total_kg_co2e / units
    read = [parts[name] for name in gate]
    found = sum((each.exact for each in read), Fraction(0))
    if abs(total - found) > sum((each.slack for each in read), Fraction(0)):
        where = f"{stated.parts}: {' + '.join(gate)}"
        yield Misfit(where, _ANOTHER_TOTAL, f"{_text(total)} {read[0].unit}", f"{decimal_text(found)} {read[0].unit}")


def _one_by_one(
    profile: Profile,
    stated: FootprintAttributes,
    parts: Mapping[str, Quantity],
    rows: Sequence[tuple[str, Fraction]],
    units: Fraction,
) -> Iterator[Misfit]:
    """Each stage up to the gate is the sum of its rows; one without rows is unknown, and unknown is not zero."""
    for stage in profile.stages:
        if not stage.stages:
            continue
        part, names = parts[stage.name], [str(each) for each in stage.stages]
        own = [amount for name, amount in rows if name in names]
        where = f"{stated.parts}: {stage.name}"
        if not own:
            expected = f"an input of {' or '.join(names)}; unknown is not zero"
            yield Misfit(where, _NO_ROWS, expected, f"{part.amount} {part.unit}")
        elif abs(sum(own, Fraction(0)) / units - part.exact) > part.slack:
            found = f"{part.amount} {part.unit}"
            yield Misfit(where, _ANOTHER_STAGE, f"{_text(sum(own, Fraction(0)) / units)} {part.unit}", found)


_ANOTHER_MASS: Final = "not the mass that the passport counts with"
_ANOTHER_TOTAL: Final = "not the total that the passport computes"
_ANOTHER_STAGE: Final = "not the sum of the stage's rows"
_NO_ROWS: Final = "no row of the stage"


def _text(value: Fraction) -> str:
    """An amount for people to compare: exact if it has few digits, else to twelve significant ones."""
    exact = decimal_text(value)
    digits = exact.strip("-").replace(".", "").lstrip("0")
    return exact if len(digits) <= _SIGNIFICANT_DIGITS else decimal_text(value, exact=False)
