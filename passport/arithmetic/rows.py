"""One row of a calculation: from its stated inputs to its contribution, the same way for issuer and verifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.arithmetic.contribution import Contribution, StatedFootprint, contribute, emit, total_of
from passport.arithmetic.level import level_scale
from passport.arithmetic.quality import ALL_PRIMARY, RATINGS, WORST_RATING, QualityInput
from passport.arithmetic.quanta import from_text, to_decimal, to_text
from passport.arithmetic.scale import UNITY, Scale, factor_scale, passport_scale, period_scale
from passport.arithmetic.share import share_scale
from passport.errors import ArithmeticRuleError
from passport.model.components import COMPONENTS, check_sign
from passport.model.inventory import PRIMARY, Per
from passport.model.units import Unit

_PRIMARY = frozenset(str(known) for known in PRIMARY)
_TECHNOLOGICAL, _GEOGRAPHICAL, _TEMPORAL = RATINGS
_UNKNOWN_RATINGS = (WORST_RATING, WORST_RATING, WORST_RATING)
_SIGNS = {name: component.sign for name, component in COMPONENTS.items()}
_PERIOD = str(Per.PERIOD)
_UNITS: dict[str, Unit] = {str(unit): unit for unit in Unit}


def quanta_of(components: Mapping[str, str]) -> dict[str, int]:
    """The amounts of a component table in quanta."""
    return {name: from_text(text) for name, text in components.items()}


def texts_of(components: Mapping[str, int]) -> dict[str, str]:
    """A component table in its one spelling."""
    return {name: to_text(amount) for name, amount in components.items()}


def recompute_row(row: Mapping[str, Any], declared_amount: int, covered_quantity: int) -> Contribution:
    """The contribution that a row's stated inputs give; what the row itself claims is not looked at.

    Args:
        row: A row of our row schema, kind `direct`, `factor` or `passport`.
        declared_amount: The product's declared amount, quanta.
        covered_quantity: The product's covered quantity in its declared unit, quanta.

    Raises:
        ArithmeticRuleError: A sign rule is broken, the upstream's own sum is wrong, or the result keeps too few digits.
        UnitError: Units that do not convert.
    """
    where = f"row {row['id']}"
    kind = row["kind"]
    scale = period_scale(declared_amount, covered_quantity, where=where) if row["per"] == _PERIOD else UNITY
    share = share_scale(row, where=where) if "share" in row else None
    if share is not None:
        scale = scale.times(share)
    level = level_scale(row) if "level" in row else None
    if level is not None:
        scale = scale.times(level)
    if kind == "direct":
        return emit(_signed(row["emissions"], where), scale, where=where)
    quantity, unit = from_text(row["quantity"]), _UNITS[row["unit"]]
    if kind == "factor":
        factor = row["factor"]
        activity = factor_scale(quantity, unit, from_text(factor["amount"]), _UNITS[factor["unit"]], where=where)
        if "substitutes" in row:  # a credit: what a co-product displaces is counted off
            activity = Scale(-activity.numerator, activity.denominator)
        return emit(
            _signed(factor["components"], where), activity if scale is UNITY else activity.times(scale), where=where
        )
    upstream = row["upstream"]
    used = upstream_scale(row, upstream, where)
    if "substitutes" in row:
        used = Scale(-used.numerator, used.denominator)
    components = _signed(upstream["components"], where)
    stated = StatedFootprint(components, from_text(upstream["total"]), from_text(upstream["unattributed"]))
    _check_sum(stated, is_imported=upstream["document"] == "imported", where=where)
    return contribute(stated, used if scale is UNITY else used.times(scale), where=where)


def upstream_scale(row: Mapping[str, Any], upstream: Mapping[str, Any], where: str) -> Scale:
    """How many declared amounts of the upstream product the row's quantity is, before any scaling from the period."""
    return passport_scale(
        from_text(row["quantity"]),
        _UNITS[row["unit"]],
        from_text(upstream["declaredAmount"]),
        _UNITS[upstream["declaredUnit"]],
        from_text(upstream["massPerDeclaredUnit"]),
        where=where,
    )


def stated_contribution(row: Mapping[str, Any]) -> Contribution:
    """The contribution that a row claims."""
    claimed = row["contribution"]
    return Contribution(
        quanta_of(claimed["components"]), from_text(claimed["total"]), from_text(claimed["unattributed"])
    )


def quality_input(row: Mapping[str, Any], contribution: Contribution) -> QualityInput:
    """What the row brings to primary data share, data quality and nested cut-off.

    PACT 4.2.2: direct emissions from primary data count in full, a factor only if it is primary too, a supplier's
    footprint with the supplier's own share (none stated: 0), and nothing counts whose activity is secondary.
    """
    kind = row["kind"]
    is_primary = row["known"] in _PRIMARY
    exempted = 0
    share = 0
    if kind == "passport":
        upstream = row["upstream"]
        exempted = from_text(upstream["exemptedPercent"])
        stated_share = upstream.get("primaryDataShare")
        if is_primary and stated_share is not None:
            share = from_text(stated_share)
        rated = upstream.get("dataQuality")
    else:
        if is_primary and (kind == "direct" or row["factor"]["primary"]):
            share = ALL_PRIMARY
        rated = row.get("dataQuality")
    ratings = _UNKNOWN_RATINGS if rated is None else ratings_of(rated)
    return QualityInput(abs(contribution.total), share, ratings, exempted)


def _check_sum(stated: StatedFootprint, *, is_imported: bool, where: str) -> None:
    """Refuse a copy whose total holds more or less than it says.

    In a passport the components add up to the total; in an imported footprint what is missing is its unattributed part.
    """
    components, total, unattributed = stated
    expected = total_of(components) + (unattributed if is_imported else 0)
    if total != expected:
        raise ArithmeticRuleError(
            "the upstream's components do not add up to its total",
            where=where,
            expected=f"{to_text(expected)} kg CO2e",
            found=f"{to_text(total)} kg CO2e",
        )


def ratings_of(stated: Mapping[str, str]) -> tuple[int, int, int]:
    """Data quality ratings in quanta, in the order of `RATINGS`."""
    return from_text(stated[_TECHNOLOGICAL]), from_text(stated[_GEOGRAPHICAL]), from_text(stated[_TEMPORAL])


def _signed(components: Mapping[str, str], where: str) -> dict[str, int]:
    """The amounts in quanta, after PACT's sign rule for each."""
    amounts = quanta_of(components)
    for name, amount in amounts.items():
        sign = _SIGNS.get(name)
        if sign is None or amount * sign < 0:
            check_sign(name, to_decimal(amount), where=where)
    return amounts
