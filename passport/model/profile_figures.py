"""Whether figures that contents state follow from each other, as the profile's rules say, digit by digit.

A stated number may be off by half a unit of its last digit, and what follows from several may be off by what each of
them gives. A number whose last digit is worth too much of the whole is too coarse to be held against anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from passport.model.profile import Profile
from passport.model.profile_fit import COUNT, Misfit, misfits_of
from passport.model.profile_rules import EnergyBound, FootprintAttributes, Rising, UsePhase
from passport.model.profile_shape import ListShape
from passport.model.quantity import Quantity, decimal_text, read_quantity

COARSEST: Final = Fraction(1, 50)
"""The most that one unit of a number's last digit may be of the whole."""
DAYS_A_YEAR: Final = 365
HOURS_A_DAY: Final = 24
WATTS_A_KILOWATT: Final = 1000

Values = Mapping[str, Any]


def misfits_of_figures(profile: Profile, values: Values) -> Iterator[Misfit]:
    """Figures that contradict each other.

    Args:
        profile: Whose rules they are.
        values: The attributes that are shown, of all sets together.
    """
    if profile.footprint is not None:
        yield from _misfits_of_footprint(profile, profile.footprint, values)
    for rule in profile.rising:
        yield from _misfits_of_rising(rule, values)
    if profile.energy_bound is not None:
        yield from _misfits_of_energy(profile.energy_bound, values)
    if profile.use_phase is not None:
        yield from _misfits_of_use(profile, profile.use_phase, values)


def parts_of(profile: Profile, values: Values) -> dict[str, Quantity] | None:
    """The stated footprint of each life-cycle stage by its name; None unless each stands there once, in one unit."""
    stated = profile.footprint
    attribute = profile.attribute(stated.parts) if stated else None
    whole = read_quantity(values.get(stated.whole)) if stated else None
    if stated is None or attribute is None or whole is None or stated.parts not in values:
        return None
    parts = values[stated.parts]
    if not isinstance(attribute.value, ListShape) or next(misfits_of(attribute.value, parts, stated.parts), None):
        return None
    read = {part[stated.stage]: quantity for part in parts if (quantity := read_quantity(part[stated.amount]))}
    names = sorted(stage.name for stage in profile.stages)
    if sorted(part[stated.stage] for part in parts) != names or any(each.unit != whole.unit for each in read.values()):
        return None
    return read


def is_too_coarse(quantity: Quantity, whole: Fraction) -> bool:
    """Whether one unit of a number's last digit is worth more of a whole than can be compared."""
    return whole != 0 and 2 * quantity.slack > COARSEST * abs(whole)


def _misfits_of_footprint(profile: Profile, stated: FootprintAttributes, values: Values) -> Iterator[Misfit]:
    """The parts, one for each stage, add up to the whole: each may be off by half a unit of its last digit."""
    attribute, whole = profile.attribute(stated.parts), read_quantity(values.get(stated.whole))
    parts = values.get(stated.parts)
    if attribute is None or not isinstance(attribute.value, ListShape) or whole is None or parts is None:
        return
    if next(misfits_of(attribute.value, parts, stated.parts), None):
        return  # said already
    where = f"set {attribute.set}: {stated.parts}"
    expected, found = [stage.name for stage in profile.stages], [part[stated.stage] for part in parts]
    if sorted(expected) != sorted(found):
        yield Misfit(where, "not each stage once", ", ".join(expected), ", ".join(found)[:200])
        return
    read = [quantity for part in parts if (quantity := read_quantity(part[stated.amount])) is not None]
    if any(quantity.unit != whole.unit for quantity in read):
        yield Misfit(where, "parts in another unit than the whole", whole.unit, ", ".join(each.unit for each in read))
        return
    coarse = next((each for each in (whole, *read) if is_too_coarse(each, whole.exact)), None)
    if coarse is not None:
        yield Misfit(
            where,
            "digits too coarse to add up",
            f"a last digit worth at most {_percent(COARSEST)} of {stated.whole}",
            f"{coarse.amount} {coarse.unit}",
        )
        return
    total = sum((quantity.exact for quantity in read), Fraction(0))
    if abs(total - whole.exact) > sum((each.slack for each in (*read, whole)), Fraction(0)):
        yield Misfit(
            where,
            "the stages do not add up",
            f"{whole.amount} {whole.unit}, by {stated.whole}",
            f"{decimal_text(total)} {whole.unit}",
        )
        return
    yield from _misfits_of_absolute(profile, stated, values, whole)


def _misfits_of_absolute(
    profile: Profile, stated: FootprintAttributes, values: Values, whole: Quantity
) -> Iterator[Misfit]:
    """The footprint of one piece is that of one functional unit, as often as a piece gives it."""
    absolute = read_quantity(values.get(stated.absolute)) if stated.absolute else None
    per = read_quantity(values.get(stated.per)) if stated.per else None
    if absolute is None or per is None:
        return
    follows, slack = _product((whole, per))
    attribute = profile.attribute(stated.absolute or "")
    if attribute is not None and abs(follows - absolute.exact) > slack + absolute.slack:
        yield Misfit(
            f"set {attribute.set}: {attribute.name}",
            f"not {stated.whole} times {stated.per}",
            f"{decimal_text(follows)} {absolute.unit}",
            f"{absolute.amount} {absolute.unit}",
        )


def _misfits_of_rising(rule: Rising, values: Values) -> Iterator[Misfit]:
    read = [(path, quantity) for path in rule.paths if (quantity := read_quantity(value_at(values, path))) is not None]
    for (lower, least), (upper, most) in pairwise(read):
        if least.unit == most.unit and least.exact > most.exact:
            expected = f"at least {least.amount} {least.unit}, by {lower}"
            yield Misfit(upper, f"below {lower}", expected, f"{most.amount} {most.unit}")


def _misfits_of_energy(rule: EnergyBound, values: Values) -> Iterator[Misfit]:
    """Ah times V are Wh: no more can be delivered than in that many full cycles at the highest voltage."""
    energy, capacity, voltage = (read_quantity(values.get(name)) for name in (rule.energy, rule.capacity, rule.voltage))
    cycles = values.get(rule.cycles)
    if (
        energy is None
        or capacity is None
        or voltage is None
        or not (isinstance(cycles, str) and COUNT.fullmatch(cycles))
    ):
        return
    if capacity.exact <= 0 or voltage.exact <= 0:
        return  # said already
    most = capacity.exact * voltage.exact * int(cycles) / WATTS_A_KILOWATT
    if energy.exact > most:
        yield Misfit(
            rule.energy,
            f"more than {rule.capacity}, {rule.voltage} and {rule.cycles} can give",
            f"at most {decimal_text(most)} {energy.unit}",
            f"{energy.amount} {energy.unit}",
        )


def _misfits_of_use(profile: Profile, rule: UsePhase, values: Values) -> Iterator[Misfit]:
    energy = read_quantity(values.get(rule.energy))
    if energy is None:
        return
    yield from _misfits_of_states(rule, values, energy)
    lifetime, factor = read_quantity(values.get(rule.lifetime)), read_quantity(value_at(values, rule.factor))
    stated = (parts_of(profile, values) or {}).get(rule.stage)
    if lifetime is None or factor is None or stated is None:
        return
    follows, slack = _product((energy, lifetime, factor))
    other = read_quantity(values.get(rule.other))
    if other is not None:
        follows, slack = follows + other.exact, slack + other.slack
    if abs(follows - stated.exact) > slack + stated.slack:
        terms = f"{rule.energy} x {rule.lifetime} x {rule.factor}" + (f" + {rule.other}" if other else "")
        yield Misfit(
            f"stage {rule.stage}",
            f"not {terms}",
            f"{decimal_text(follows)} {stated.unit}",
            f"{stated.amount} {stated.unit}",
        )


def _misfits_of_states(rule: UsePhase, values: Values, energy: Quantity) -> Iterator[Misfit]:
    """Power by state over the hours of a day gives the energy of a year, where hours are stated at all."""
    timed = [
        (power, hours)
        for state in _objects(values.get(rule.states))
        if (power := read_quantity(state.get(rule.power))) and (hours := read_quantity(state.get(rule.hours)))
    ]
    if not timed:
        return
    day = sum((hours.exact for _, hours in timed), Fraction(0))
    if day != HOURS_A_DAY:
        yield Misfit(rule.states, "hours that are not a day's", f"{HOURS_A_DAY} h", f"{decimal_text(day)} h")
        return
    scale = Fraction(DAYS_A_YEAR, WATTS_A_KILOWATT)
    products = [_product(pair) for pair in timed]
    follows = scale * sum((amount for amount, _ in products), Fraction(0))
    slack = scale * sum((each for _, each in products), Fraction(0))
    if abs(follows - energy.exact) > slack + energy.slack:
        yield Misfit(
            rule.energy,
            f"not what {rule.states} come to in {DAYS_A_YEAR} days",
            f"{decimal_text(follows)} {energy.unit}",
            f"{energy.amount} {energy.unit}",
        )


def _product(factors: Sequence[Quantity]) -> tuple[Fraction, Fraction]:
    """A product, and what it may be off by where each factor may be off by half a unit of its last digit."""
    exact = most = Fraction(1)
    for each in factors:
        exact *= each.exact
        most *= abs(each.exact) + each.slack
    return exact, most - abs(exact)


def value_at(values: Values, path: str) -> object:
    """The value at `a` or `a.b`; None if there is none."""
    name, _, member = path.partition(".")
    value = values.get(name)
    if not member:
        return value
    return value.get(member) if isinstance(value, Mapping) else None


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []


def _percent(share: Fraction) -> str:
    return f"{decimal_text(100 * share)} %"
