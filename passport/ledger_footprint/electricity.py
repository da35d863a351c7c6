"""What electricity emits: by location always, by market beside it, with certificates that are spent once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive, exact, total
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.profiles import FactorSet, GenerationMix
from passport.ledger_footprint.quantities import CarbonIntensity, Energy, GhgMass


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a kind of electricity.

    Attributes:
        id: Its number in its registry.
        energy: How much it is for.
        period: When that was generated.
        country: On which grid.
        retirement: The registry's proof that it was retired; without it, it counts nothing.
        intensity: What that electricity emits.
        spent: What was drawn from it already, for other passports.
    """

    id: str
    energy: Energy
    period: Period
    country: str
    retirement: str
    intensity: CarbonIntensity
    spent: Energy = field(default_factory=lambda: Energy(0))


@dataclass(frozen=True, slots=True)
class Draw:
    """What one estimate takes from a certificate.

    Attributes:
        certificate: Its id.
        energy: How much.
    """

    certificate: str
    energy: Energy


@dataclass(frozen=True, slots=True)
class MarketBased:
    """A market-based account.

    Attributes:
        ghg: What it comes to.
        draws: What it takes from certificates, to be noted as spent.
        is_residual_filled_in: Whether the grid's average stands in for a residual mix that nobody states.
    """

    ghg: Figure[GhgMass]
    draws: tuple[Draw, ...]
    is_residual_filled_in: bool


def location_based(energy: Figure[Energy], *, intensity: Figure[CarbonIntensity]) -> Figure[GhgMass]:
    """Energy times the average of the grid where it is used: energy's own range is in the result's."""
    return derive(lambda kwh, kg: kwh.emitting(kg), energy, intensity)


def market_based(
    energy: Figure[Energy],
    *,
    location: Figure[CarbonIntensity],
    residual: Figure[CarbonIntensity] | None,
    certificates: Sequence[Certificate],
    period: Period,
    countries: Collection[str],
) -> MarketBased:
    """What certificates cover at their intensity, the rest at the residual mix.

    Args:
        energy: What is used.
        location: The grid's average: stands in for a residual mix that nobody states, and that is said.
        residual: What is left of the grid when others' certificates are taken out.
        certificates: What was retired for this; first come, first drawn.
        period: Certificates are of the same time.
        countries: And of these grids.

    Raises:
        ArithmeticRuleError: A certificate of another time or grid, not retired, named twice, or spent before; or more
            certificates than energy.
    """
    seen: set[str] = set()
    left, draws, covered = energy.central, [], GhgMass(0)
    for each in certificates:
        _check(each, seen=seen, period=period, countries=countries)
        seen.add(each.id)
        if left.amount <= 0:
            raise ArithmeticRuleError(
                "certificates for more than is used", where=each.id, expected=f"{energy.central!r} in all"
            )
        taken = min(each.energy - each.spent, left, key=lambda quantity: quantity.amount)
        draws.append(Draw(each.id, taken))
        covered = covered + taken.emitting(each.intensity)
        left = left - taken
    share = left.ratio(energy.central) if energy.central.amount else 0.0
    rest = location_based(energy * share, intensity=residual or location)
    whole = exact(covered) + rest
    return MarketBased(whole, tuple(draws), residual is None and share > 0)


def _check(each: Certificate, *, seen: Collection[str], period: Period, countries: Collection[str]) -> None:
    if each.id in seen:
        raise ArithmeticRuleError("a certificate is named twice", where=each.id)
    if not each.retirement:
        raise ArithmeticRuleError("no proof that the certificate was retired", where=each.id)
    if each.country not in countries:
        expected = ", ".join(sorted(countries)) or "a chain whose grid is known by country"
        raise ArithmeticRuleError("of another grid", where=each.id, expected=expected, found=each.country)
    if each.period.first > period.last or each.period.last < period.first:
        raise ArithmeticRuleError("of another time", where=each.id, expected=str(period), found=str(each.period))
    if each.spent >= each.energy:
        raise ArithmeticRuleError("the certificate is spent", where=each.id, found=f"{each.spent!r} of {each.energy!r}")


def fossil_share(mix: GenerationMix) -> float:
    """Share of a country's generation that is fossil, 0 to 1."""
    whole = mix.fossil.central + mix.clean.central
    return mix.fossil.central.ratio(whole)


def future_intensity(
    outlook: Sequence[GenerationMix], *, at: date, factors: FactorSet, fossil: str, clean: str
) -> Figure[CarbonIntensity]:
    """A country's intensity in a year to come: its outlook's shares times two factors of one set.

    Between two years of the outlook the fossil share is taken on a line; outside, nothing is said.

    Args:
        outlook: By year, rising.
        at: The day.
        factors: One set.
        fossil: Which of its factors stands for fossil generation: `coal`.
        clean: And which for the rest: `hydro`.

    Raises:
        ArithmeticRuleError: The day is outside the outlook, or the set has no such factor.
    """
    for name in (fossil, clean):
        if name not in factors.factors:
            expected = f"one of {', '.join(factors.factors)}"
            raise ArithmeticRuleError("no such factor in the set", where=factors.name, expected=expected, found=name)
    years = [mix.year for mix in outlook]
    if not years[0] <= at.year <= years[-1]:
        raise ArithmeticRuleError("outside the outlook", expected=f"{years[0]} to {years[-1]}", found=at.year)
    after = next(number for number, year in enumerate(years) if year >= at.year)
    before = max(0, after - 1) if years[after] > at.year else after
    span = years[after] - years[before]
    weight = (at.year - years[before]) / span if span else 0.0
    share = fossil_share(outlook[before]) * (1 - weight) + fossil_share(outlook[after]) * weight
    mixed = factors.factors[fossil] * share + factors.factors[clean] * (1 - share)
    inputs = tuple(dict.fromkeys(i for mix in (outlook[before], outlook[after]) for i in mix.fossil.inputs))
    return Figure(mixed, mixed, mixed, inputs)


def mixed_intensity(
    generation: Mapping[str, Energy], *, factors: FactorSet, of_set: str | None = None
) -> CarbonIntensity:
    """Intensity of electricity by what it is made from, with factors of one set.

    Args:
        generation: Energy by kind of source.
        factors: The set.
        of_set: The set that the caller's other numbers are made with; another one is refused.

    Raises:
        ArithmeticRuleError: Sets are mixed, or a kind of source has no factor.
    """
    if of_set is not None and of_set != factors.name:
        raise ArithmeticRuleError("sets of factors are mixed", expected=of_set, found=factors.name)
    unknown = sorted(set(generation) - set(factors.factors))
    if unknown:
        raise ArithmeticRuleError("no factor in the set", where=factors.name, found=", ".join(unknown))
    whole = total((exact(energy) for energy in generation.values()), Energy).central
    emitted = total((exact(energy.emitting(factors.factors[kind])) for kind, energy in generation.items()), GhgMass)
    return emitted.central.per(whole)
