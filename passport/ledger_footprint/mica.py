"""Sustainability indicators of a network as Regulation (EU) 2023/1114 wants them: fields, units, thresholds, rounding.

Fields and units: Delegated Regulation (EU) 2025/422, annex, in the numbering of ESMA's final report; the single numbers
within S.22 to S.28 and S.29 to S.32 were not compared with the Official Journal. Only what the estimator knows is
stated; every other number is null with its reason, because unknown is not zero.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any, Final

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.disclosures import Finding, check_identity, needs_supplementary
from passport.ledger_footprint.electricity import location_based
from passport.ledger_footprint.figures import Figure, derive, exact
from passport.ledger_footprint.network import Network
from passport.ledger_footprint.period import Period, PeriodKind
from passport.ledger_footprint.quantities import Count, Energy, GhgMass, Ratio

MICA_FORMAT: Final = "carbon-passport/mica-indicators/1.0"
DECIMALS: Final = 5
"""Digits after the point, rounded and not cut; a number of which fewer digits would be left keeps three."""

_SIGNIFICANT: Final = 3


class Group(StrEnum):
    """Who has to state a field."""

    MANDATORY = "mandatory"
    SUPPLEMENTARY = "supplementary"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who discloses, and of what.

    Attributes:
        name: S.1.
        lei: S.2.
        asset: S.3.
        incentive: S.5, incentive mechanism and fees.
        is_platform: Runs a trading platform or an exchange: article 3(1), point (16), letters (b), (c) and (d).
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


@dataclass(frozen=True, slots=True)
class Indicator:
    """One field.

    Attributes:
        field: Its number.
        name: What it is.
        group: Who has to state it.
        unit: Its unit, or None for text.
        value: What is stated, rounded, or None: unknown.
        low: Lower end of a number.
        high: Upper end.
        reason: Why nothing is stated.
    """

    field: str
    name: str
    group: Group
    unit: str | None
    value: str | None
    low: str | None = None
    high: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """The field as JSON values; numbers are text, as they were rounded."""
        return {
            "field": self.field,
            "name": self.name,
            "group": self.group.value,
            "unit": self.unit,
            "value": self.value,
            "low": self.low,
            "high": self.high,
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
        stated["S.23"] = _left(network.reuse)
    if network.profile.water is not None:
        stated["S.31"] = network.profile.water
    given = {"S.12": provider.scope1_t, "S.10": provider.renewable_percent}
    said = _texts(network, provider)
    fields = tuple(_indicator(spec, stated, given, said, reasons) for spec in _FIELDS)
    is_due = needs_supplementary(network.energy.central, is_platform=provider.is_platform)
    due = (Group.MANDATORY, Group.SUPPLEMENTARY) if is_due else (Group.MANDATORY,)
    lacking = tuple(each.field for each in fields if each.group in due and each.value is None)
    identity = _identity({each.field: each.value for each in fields})
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


def rounded(number: float) -> str:
    """A number of a disclosure: five digits after the point, half to even, and never rounded away to nothing."""
    exact = Decimal(repr(float(number)))
    places = DECIMALS
    if exact:
        places = max(DECIMALS, _SIGNIFICANT - 1 - exact.adjusted())
    text = format(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class _Field:
    number: str
    name: str
    group: Group
    unit: str | None = None
    in_unit: str | None = None
    reason: str = "not known to the estimator"


_M, _S, _O = Group.MANDATORY, Group.SUPPLEMENTARY, Group.OPTIONAL
_FIELDS: Final = (
    _Field("S.1", "Name", _M),
    _Field("S.2", "Relevant legal entity identifier", _M),
    _Field("S.3", "Name of the crypto-asset", _M),
    _Field("S.4", "Consensus mechanism", _M),
    _Field("S.5", "Incentive mechanisms and applicable fees", _M),
    _Field("S.6", "Beginning of the period to which the disclosure relates", _M, "date"),
    _Field("S.7", "End of the period to which the disclosure relates", _M, "date"),
    _Field("S.8", "Energy consumption", _M, "kWh per calendar year", "kWh"),
    _Field("S.9", "Energy consumption sources and methodologies", _M),
    _Field("S.10", "Renewable energy consumption", _S, "%", None, "the share of renewable energy is not stated"),
    _Field("S.11", "Energy intensity", _S, "kWh per transaction", "kWh"),
    _Field(
        "S.12",
        "Scope 1 DLT GHG emissions, controlled",
        _S,
        "t CO2e",
        None,
        "emissions of sources that nodes control are not stated",
    ),
    _Field("S.13", "Scope 2 DLT GHG emissions, purchased", _S, "t CO2e", "t"),
    _Field("S.14", "GHG intensity", _S, "kg CO2e per transaction", "kg"),
    _Field("S.15", "Key energy sources and methodologies", _S),
    _Field("S.16", "Key GHG sources and methodologies", _S),
    _Field("S.17", "Energy mix", _O, "%"),
    _Field("S.18", "Energy use reduction", _O),
    _Field("S.19", "Carbon intensity", _O, "kg CO2e per kWh", "kg/kWh"),
    _Field("S.20", "Scope 3 DLT GHG emissions, value chain (making the hardware alone)", _O, "t CO2e", "t"),
    _Field("S.21", "GHG emissions reduction targets or commitments", _O),
    _Field("S.22", "Generation of waste electrical and electronic equipment", _O, "t", "t"),
    _Field("S.23", "Non-recycled WEEE ratio", _O, "%", "%"),
    _Field("S.24", "Generation of hazardous waste", _O, "t"),
    _Field("S.25", "Generation of waste (all types)", _O, "t"),
    _Field("S.26", "Non-recycled waste ratio (all types)", _O, "%"),
    _Field("S.27", "Waste intensity (WEEE alone)", _O, "g per transaction", "g"),
    _Field("S.28", "Waste reduction targets or commitments", _O),
    _Field("S.29", "Impact of the use of equipment on natural resources", _O),
    _Field("S.30", "Natural resources use reduction targets or commitments", _O),
    _Field("S.31", "Water use", _O, "m3", "m3"),
    _Field("S.32", "Non-recycled water ratio", _O, "%"),
    _Field("S.33", "Other energy sources and methodologies", _O),
    _Field("S.34", "Other GHG sources and methodologies", _O),
    _Field("S.35", "Waste sources and methodologies", _O),
    _Field("S.36", "Natural resources sources and methodologies", _O),
)


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
    spec: _Field,
    stated: Mapping[str, Figure[Any] | None],
    given: Mapping[str, float | None],
    said: Mapping[str, str],
    reasons: Mapping[str, str],
) -> Indicator:
    text, low, high = said.get(spec.number), None, None
    figure, number = stated.get(spec.number), given.get(spec.number)
    if figure is not None and spec.in_unit is not None:
        low, text, high = (rounded(each.in_unit(spec.in_unit)) for each in (figure.low, figure.central, figure.high))
    elif number is not None:
        text = rounded(number)
    reason = None if text is not None else reasons.get(spec.number, spec.reason)
    return Indicator(spec.number, spec.name, spec.group, spec.unit, text, low, high, reason)


def _texts(network: Network, provider: Provider) -> dict[str, str]:
    profile = network.profile
    sources = sorted({f"{each.source.title} ({each.source.date})" for each in network.energy.inputs})
    ghg = sorted({f"{each.source.title} ({each.source.date})" for each in network.intensity.inputs})
    method = f"{network.method.value}; account {profile.label} of {profile.period}"
    return {
        "S.1": provider.name,
        "S.2": provider.lei,
        "S.3": provider.asset,
        "S.4": profile.consensus.value,
        "S.5": provider.incentive,
        "S.6": profile.period.first.isoformat(),
        "S.7": profile.period.last.isoformat(),
        "S.9": f"{method}: {'; '.join(sources)}",
        "S.15": f"{method}: {'; '.join(sources)}",
        "S.16": f"location-based: {'; '.join(ghg)}",
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
