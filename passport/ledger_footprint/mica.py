"""Sustainability indicators of a network as Regulation (EU) 2023/1114 wants them, with what else must be said of them.

What is due, and when: Delegated Regulation (EU) 2025/422, articles 4 to 6; its fields are in `mica_fields`. Only what
the estimator knows is stated; every other number is null with its reason, because unknown is not zero.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.disclosures import Finding, check_identity, needs_supplementary
from passport.ledger_footprint.electricity import location_based
from passport.ledger_footprint.figures import Figure, derive, exact
from passport.ledger_footprint.mica_fields import FIELDS, SOURCES_OF, Field, Form, Group, rounded, unrounded
from passport.ledger_footprint.network import Network
from passport.ledger_footprint.period import Period, PeriodKind
from passport.ledger_footprint.quantities import Count, Energy, GhgMass, Ratio

MICA_FORMAT: Final = "carbon-passport/mica-indicators/1.0"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who discloses, and of what.

    Attributes:
        name: S.1.
        lei: S.2.
        asset: S.3.
        incentive: S.5, incentive mechanism and fees.
        is_platform: Runs a trading platform or an exchange: article 3(1), point (16), letters (b), (c) and (d).
        is_white_paper: Draws up a white paper, for which the supplementary fields are due whatever it runs (article 4).
        scope1_t: S.12, where stated: t CO2e of sources that nodes control.
        renewable_percent: S.10, where stated.
    """

    name: str
    lei: str
    asset: str
    incentive: str
    is_platform: bool
    scope1_t: float | None = None
    renewable_percent: float | None = None
    is_white_paper: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """One field.

    Attributes:
        field: Its number.
        name: What it is.
        group: Who has to state it.
        form: How the annex wants it written.
        unit: Its unit, or None for text.
        value: What is stated, in that form, or None: unknown.
        low: Lower end of a number.
        high: Upper end.
        unrounded: The number itself, where its form leaves too little of it.
        note: What of it the number holds, where that is not all.
        reason: Why nothing is stated.
    """

    field: str
    name: str
    group: Group
    form: Form
    unit: str | None
    value: str | None
    low: str | None = None
    high: str | None = None
    unrounded: str | None = None
    note: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """The field as JSON values; numbers are text, as they were rounded."""
        return {
            "field": self.field,
            "name": self.name,
            "group": self.group.value,
            "form": self.form.value,
            "unit": self.unit,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unrounded": self.unrounded,
            "note": self.note,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Indicators:
    """A disclosure.

    Attributes:
        fields: In the order of their numbers.
        is_supplementary_due: Whether the supplementary fields have to be stated.
        lacking: Fields that have to be stated and are not.
        identity: Whether (S.12 + S.13) / S.8 = S.14 / S.11; None where one is unknown.
        warnings: What a reader must know.
    """

    fields: tuple[Indicator, ...]
    is_supplementary_due: bool
    lacking: tuple[str, ...]
    identity: Finding | None
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The disclosure as JSON values."""
        return {
            "format": MICA_FORMAT,
            "supplementary_due": self.is_supplementary_due,
            "lacking": list(self.lacking),
            "identity": None if self.identity is None else self.identity.reason,
            "warnings": list(self.warnings),
            "fields": [each.to_json() for each in self.fields],
        }

    def to_csv(self) -> str:
        """The disclosure as a table, RFC 4180: a line a field."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self.fields[0].to_json()), lineterminator="\r\n")
        writer.writeheader()
        for each in self.fields:
            writer.writerow({key: _inert(value) for key, value in each.to_json().items()})
        return text.getvalue()


def indicators(
    network: Network, *, provider: Provider, accept_snapshot: bool = False, transactions: Figure[Count] | None = None
) -> Indicators:
    """The indicators of one network for the year of its account.

    Args:
        network: The year of the network.
        provider: Who discloses.
        accept_snapshot: State an annualised snapshot too, marked as such; it is no calendar year's total.
        transactions: Of the same year, where the account has none.

    Raises:
        ArithmeticRuleError: An account that is no total of a year, or a percentage that is none.
    """
    period = network.profile.period
    warnings = _period_warnings(period, accept_snapshot)
    if provider.renewable_percent is not None and not 0 <= provider.renewable_percent <= 100:
        raise ArithmeticRuleError(
            "not a percentage", where="S.10", expected="0 to 100", found=provider.renewable_percent
        )
    counted = transactions or network.profile.transactions
    scope2 = location_based(network.energy, intensity=network.intensity)
    scope1 = None if provider.scope1_t is None else exact(_scope1(provider.scope1_t))
    stated: dict[str, Figure[Any] | None] = {"S.8": network.energy, "S.13": scope2, "S.19": network.intensity}
    reasons: dict[str, str] = {}
    if counted is None:
        reasons |= dict.fromkeys(("S.11", "S.14", "S.27"), "the transactions of the year are not stated")
    else:
        stated["S.11"] = _each(network.energy, counted, Energy)
        stated["S.14"] = _each(scope2 if scope1 is None else scope1 + scope2, counted, GhgMass)
        if network.waste is not None:
            stated["S.27"] = derive(
                lambda waste, n: type(waste)(waste.amount / n.amount), network.waste, falling=(counted,)
            )
    if network.embodied is not None:
        stated["S.20"] = network.embodied
    if network.waste is not None:
        stated["S.22"] = network.waste
        if network.reuse.filled_in:
            reasons["S.23"] = "what is reused or recycled is not stated of this network, and unknown is not nothing"
        else:
            stated["S.23"] = _left(network.reuse)
    if network.profile.water is not None:
        stated["S.31"] = network.profile.water
    given = {"S.12": provider.scope1_t, "S.10": provider.renewable_percent}
    said = _texts(network, provider)
    numbers = tuple(_indicator(spec, stated, given, said, reasons) for spec in FIELDS)
    fields = _with_sources(numbers, network, stated)
    is_due = needs_supplementary(
        network.energy.central, is_platform=provider.is_platform, is_white_paper=provider.is_white_paper
    )
    due = (Group.MANDATORY, Group.SUPPLEMENTARY) if is_due else (Group.MANDATORY,)
    lacking = tuple(each.field for each in fields if each.group in due and each.value is None)
    identity = _identity({each.field: each.unrounded or each.value for each in fields})
    lost = [f"{each.field} is {each.unrounded} {each.unit}" for each in fields if each.unrounded is not None]
    if lost:
        warnings.append(f"the annex's five digits after the point leave little or nothing of it: {'; '.join(lost)}")
    if counted is not None:
        warnings.append(
            "S.11 and S.14 are the year's totals over its transactions, whatever those asked of the network"
        )
        if scope1 is None:
            warnings.append("S.14 is of scope 2 alone: S.12 is not stated, and unknown is not zero")
    filled = sorted(
        {each.name for figure in stated.values() if figure is not None for each in figure.inputs if each.is_filled_in}
    )
    if filled:
        warnings.append(f"stands in for what nobody states: {', '.join(filled)}")
    return Indicators(fields, is_due, lacking, identity, tuple(warnings))


def _scope1(tonnes: float) -> GhgMass:
    if not tonnes >= 0:
        raise ArithmeticRuleError("emissions cannot be negative", where="S.12", expected="0 t or more", found=tonnes)
    return GhgMass.of(tonnes, "t")


def _identity(values: Mapping[str, str | None]) -> Finding | None:
    """(S.12 + S.13) / S.8 = S.14 / S.11, of the numbers as they are stated; S.14 is of S.13 alone without S.12."""
    numbers = [float(values[name] or 0) for name in ("S.8", "S.13", "S.11", "S.14")]
    if not all(numbers):
        return None
    kwh, tonnes, kwh_each, kg_each = numbers
    tonnes += float(values["S.12"] or 0)
    return check_identity(
        energy=Energy(kwh), ghg=GhgMass.of(tonnes, "t"), energy_each=Energy(kwh_each), ghg_each=GhgMass(kg_each)
    )


def _indicator(
    spec: Field,
    stated: Mapping[str, Figure[Any] | None],
    given: Mapping[str, float | None],
    said: Mapping[str, str],
    reasons: Mapping[str, str],
) -> Indicator:
    text, low, high = said.get(spec.number), None, None
    figure, number = stated.get(spec.number), given.get(spec.number)
    if figure is not None and spec.in_unit is not None:
        number = figure.central.in_unit(spec.in_unit)
        low, high = (rounded(each.in_unit(spec.in_unit), spec.form) for each in (figure.low, figure.high))
    whole = None
    if number is not None:
        text, whole = rounded(number, spec.form), unrounded(number, spec.form)
    reason = None if text is not None else reasons.get(spec.number, spec.reason)
    note = None if text is None else spec.note
    return Indicator(
        spec.number, spec.name, spec.group, spec.form, spec.unit, text, low, high, whole, note=note, reason=reason
    )


def _with_sources(
    numbers: tuple[Indicator, ...], network: Network, stated: Mapping[str, Figure[Any] | None]
) -> tuple[Indicator, ...]:
    """The same with their sources and methodologies, wherever a number that they are about is stated."""
    values = {each.field: each.value for each in numbers}
    made = []
    for each in numbers:
        about = [name for name in SOURCES_OF.get(each.field, ()) if values[name] is not None]
        if about:
            each = replace(each, value=_sources(network, about, stated), reason=None)
        elif each.field in SOURCES_OF:
            each = replace(each, reason=f"none of {', '.join(SOURCES_OF[each.field])} is stated")
        made.append(each)
    return tuple(made)


def _sources(network: Network, about: Sequence[str], stated: Mapping[str, Figure[Any] | None]) -> str:
    """What article 6 wants said: sources, that these are estimates and of which numbers, and that nothing is offset."""
    profile = network.profile
    figures = {name: figure for name in about if (figure := stated.get(name)) is not None}
    inputs = [said for figure in figures.values() for said in figure.inputs]
    used = dict.fromkeys(f"{said.source.title} ({said.source.date})" for said in inputs)
    given = [name for name in about if name not in figures]
    parts = [f"estimated: {', '.join(figures)}"] if figures else []
    parts += [f"as whoever discloses states it: {', '.join(given)}"] if given else []
    parts.append(f"{network.method.value}, account {profile.label} of {profile.period}")
    parts.append(f"sources: {'; '.join(used)}" if used else "sources: not stated")
    if set(about) & {"S.13", "S.14", "S.19"}:
        parts.append("location-based")
    parts.append("no offsets are taken into account")
    parts.append("not included: how missing data were estimated beyond these sources, links to their providers")
    return ". ".join(parts)


def _texts(network: Network, provider: Provider) -> dict[str, str]:
    profile = network.profile
    return {
        "S.1": provider.name,
        "S.2": provider.lei,
        "S.3": provider.asset,
        "S.4": profile.consensus.value,
        "S.5": provider.incentive,
        "S.6": profile.period.first.isoformat(),
        "S.7": profile.period.last.isoformat(),
    }


def _period_warnings(period: Period, accept_snapshot: bool) -> list[str]:
    if period.kind is PeriodKind.SNAPSHOT or not period.is_yearly:
        if not accept_snapshot:
            raise ArithmeticRuleError(
                "not a year's total, which S.8 is",
                where="S.8",
                expected="an account of a whole year",
                found=str(period),
                hint="another account of the chain, or say that a snapshot will do",
            )
        return [f"S.8 is {period.kind.value} of {period.first}..{period.last}, not a calendar year's total"]
    if (period.first, period.last) != (date(period.first.year, 1, 1), date(period.first.year, 12, 31)):
        return [f"S.8 is of {period.first}..{period.last}, which is no calendar year"]
    return []


def _each(total: Figure[Any], counted: Figure[Count], kind: type[Any]) -> Figure[Any]:
    return derive(lambda whole, n: kind(whole.amount / n.amount), total, falling=(counted,))


def _left(reuse: Figure[Ratio]) -> Figure[Ratio]:
    """What is not reused or recycled: the more is, the less is left."""
    return derive(lambda part: Ratio(1 - part.amount), falling=(reuse,))


def _inert(text: str | None) -> str:
    """A cell that no spreadsheet takes for a formula: names in it were written by strangers."""
    if text is None:
        return ""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
