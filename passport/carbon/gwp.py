"""Global warming potentials: versioned sets of the IPCC's figures, and kilograms of gas as kilograms of CO2e.

>>> gwp_set("AR6-GWP100").kg_co2e({"CH4-fossil": "2", "N2O": "0.5"})
Fraction(1961, 10)

A sum speaks one set. Methane is said to be fossil or not: AR6 counts 29.8 for the one and 27 for the other. The
figures, each set with its tables, stand in `data/gwp.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType

from passport.errors import ArithmeticRuleError

GRACE_RULE = "PACT grace year"
"""The name under which sums of several reports may be mixed for a while.

PACT Methodology 3.0 asks for the latest report's GWP100. After a new one there is one reporting year of grace in which
several may be mixed, and the footprint then names all of them.
"""

GRACE = timedelta(days=365)
"""A reporting year: a period that begins less than this after the newest report of a mixture is within its grace."""

_SEPARATORS = re.compile(r"[-_ ]")


@dataclass(frozen=True, slots=True)
class GwpSet:
    """One set: a report, a horizon, with or without climate-carbon feedback.

    Attributes:
        id: Its name, `AR6-GWP100`.
        report: The report, as PACT writes it: `AR6`.
        horizon_years: Years that the warming is added up over.
        has_feedback: Whether the climate-carbon feedback is counted for gases other than CO2.
        published: When the report's working group I came out.
        version: Of our table; goes with every result.
        sources: The tables the figures are from.
        potentials: kg CO2e per kg of gas, by the gas's name.
    """

    id: str
    report: str
    horizon_years: int
    has_feedback: bool
    published: date
    version: str
    sources: tuple[str, ...]
    potentials: Mapping[str, Decimal]

    @property
    def label(self) -> str:
        """Set and version of the table, as they are stored with a result."""
        return f"{self.id}/{self.version}"

    def potential(self, gas: str) -> Decimal:
        """The kg CO2e of one kg of a gas; `HFC134a`, `hfc-134a` and `HFC-134a` are one gas.

        Raises:
            ArithmeticRuleError: No such gas in this set, or methane of unsaid origin.
        """
        known = self.potentials.get(gas)
        if known is None:
            known = self.potentials.get(_spelled(gas, self.potentials))
        if known is None:
            raise _unknown_gas(gas, self)
        return known

    def kg_co2e(self, masses_kg: Mapping[str, Decimal | Fraction | int | str]) -> Fraction:
        """What masses of gases amount to, exactly.

        Args:
            masses_kg: kg of each gas; text is read as a decimal number.

        Raises:
            ArithmeticRuleError: A gas that this set does not know, or a mass that is no exact number.
        """
        return sum((_exact(mass, gas) * Fraction(self.potential(gas)) for gas, mass in masses_kg.items()), Fraction(0))


def gwp_sets() -> tuple[GwpSet, ...]:
    """All sets, oldest report first."""
    return tuple(_table().values())


def gwp_set(name: str) -> GwpSet:
    """The set of a name, with or without the version of our table (`AR6-GWP100`, `AR6-GWP100/1`).

    A bare report (`AR6`) is its GWP100 as PACT means it: of AR5, without feedback.

    Raises:
        ArithmeticRuleError: No such set, or another version of the table.
    """
    bare, _, version = name.partition("/")
    found = _table().get(bare) or _table().get(f"{bare}-GWP100")
    if found is None or version not in ("", found.version):
        raise ArithmeticRuleError(
            "no such set of global warming potentials",
            expected=f"one of {', '.join(each.label for each in gwp_sets())}",
            found=name,
        )
    return found


def check_mixture(
    reports: Collection[str], *, rule: str | None = None, period_start: date, where: str | None = None
) -> None:
    """Refuse a sum over several reports, unless PACT's grace year is invoked by name and still runs.

    Args:
        reports: The reports of all inputs (`AR5`, `AR6`), each as PACT writes it.
        rule: `GRACE_RULE`, or None.
        period_start: The first day of the reference period.
        where: What is summed, for the error.

    Raises:
        ArithmeticRuleError: More than one report without the rule, with another rule, or outside the grace year.
    """
    names = sorted(set(reports))
    if len(names) == 1:
        return
    if rule != GRACE_RULE:
        raise ArithmeticRuleError(
            "sets of global warming potentials are mixed",
            where=where,
            expected=f"one of them, or the rule {GRACE_RULE!r} by name",
            found=", ".join(names) if rule is None else f"{', '.join(names)}, rule {rule!r}",
        )
    newest = max((gwp_set(name) for name in names), key=lambda each: each.published)
    ends = newest.published + GRACE
    if not newest.published <= period_start < ends:
        raise ArithmeticRuleError(
            f"the grace year of {newest.report} does not cover this period",
            where=where,
            expected=f"a period that begins from {newest.published} to before {ends}",
            found=f"{period_start}, with {', '.join(names)}",
            hint=f"bring all inputs to {newest.report}",
        )


@cache
def _table() -> Mapping[str, GwpSet]:
    """The sets of the data file by name."""
    text = resources.files("passport.carbon").joinpath("data", "gwp.json").read_text(encoding="utf-8")
    data = json.loads(text)
    made = {
        name: GwpSet(
            id=name,
            report=said["report"],
            horizon_years=said["horizon_years"],
            has_feedback=said["feedback"],
            published=date.fromisoformat(said["published"]),
            version=data["version"],
            sources=tuple(data["sources"][source] for source in said["sources"]),
            potentials=MappingProxyType(
                {gas: Decimal(values[name]) for gas, values in data["gases"].items() if name in values}
            ),
        )
        for name, said in data["sets"].items()
    }
    return MappingProxyType(made)


def _spelled(gas: str, potentials: Mapping[str, Decimal]) -> str:
    """The table's spelling of a gas, or the gas as it was given."""
    wanted = _SEPARATORS.sub("", gas).casefold()
    return next((name for name in potentials if _SEPARATORS.sub("", name).casefold() == wanted), gas)


def _unknown_gas(gas: str, used: GwpSet) -> ArithmeticRuleError:
    if _SEPARATORS.sub("", gas).casefold() in ("ch4", "methane"):
        return ArithmeticRuleError(
            "methane of unsaid origin", expected="CH4-fossil or CH4-non-fossil", found=gas, where=used.id
        )
    return ArithmeticRuleError(
        "no global warming potential of this gas in the set",
        where=used.id,
        expected=f"one of {', '.join(used.potentials)}",
        found=gas,
        hint="unknown is not zero: use a set that has it, or list the emission as missing",
    )


def _exact(mass: Decimal | Fraction | int | str, gas: str) -> Fraction:
    try:
        return Fraction(Decimal(mass) if isinstance(mass, str) else mass)
    except (InvalidOperation, ValueError, OverflowError, TypeError) as error:
        raise ArithmeticRuleError("not an exact mass", where=gas, expected="kg as a number", found=mass) from error
