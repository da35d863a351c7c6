"""The pages that the commands about the ledger's own footprint print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cli.output import Output, plain

if TYPE_CHECKING:
    from passport.ledger_footprint import Estimate, Figure
    from passport.ledger_footprint.data_centre import CeilingVerdict
    from passport.ledger_footprint.decisions import BreakEven, Row
    from passport.ledger_footprint.monte_carlo import Simulated

ENDS = ("low", "central", "high")


def show_estimate(output: Output, found: Estimate, simulated: dict[str, Simulated] | None) -> None:
    """One passport: quantities with their ranges, points of view, and what is filled in or unknown."""
    output.page(
        Text(output.word("ledger.head", chain=found.chain, edition=found.edition, rule=found.rule, at=found.at)),
        Text(output.word("ledger.unit")),
    )
    table = _table(output, "ledger.quantity")
    lines: list[tuple[str, Figure[Any] | None, str | None]] = [
        ("energy", found.energy, "Wh"),
        ("ghg_location", found.ghg_location, "g"),
        ("ghg_market", found.ghg_market, "g"),
        ("embodied", found.embodied, "g"),
        ("ewaste_gross", found.waste_gross, "g"),
        ("ewaste_net", found.waste_net, "g"),
        ("water", found.water, "L"),
    ]
    for name, figure, unit in lines:
        _line(output, table, output.word(f"ledger.{name}"), figure, unit)
    if found.shadow_cost is not None and found.price is not None:
        name = output.word(
            "ledger.shadow_cost", market=found.price.market, currency=found.price.currency, date=found.price.date
        )
        _line(output, table, name, found.shadow_cost, None, shown=found.price.currency)
    for name, view, unit in (
        ("attributional", found.attributional, "Wh"),
        ("marginal", found.marginal, "Wh"),
        ("network_total", found.network_total, "GWh"),
    ):
        _line(output, table, output.word(f"ledger.{name}"), view.energy if view else None, unit)
    output.page(table)
    if simulated:
        _show_simulated(output, simulated)
    if found.filled_in:
        output.result(output.word("ledger.filled_in", names=", ".join(found.filled_in)))
    for name, reason in found.missing.items():
        output.result(output.word("ledger.missing", name=name, reason=reason))
    for warning in found.warnings:
        output.result(output.word("ledger.warning", warning=warning))


def show_ceilings(output: Output, verdicts: Sequence[CeilingVerdict]) -> None:
    """Each bound of a policy: met, not met, or unknown because nobody stated the number."""
    for each in verdicts:
        verdict = "unknown" if each.passes is None else "passed" if each.passes else "failed"
        output.result(
            output.word(
                "ledger.ceiling",
                policy=each.ceiling,
                term=each.term,
                bound=each.bound,
                found="-" if each.found is None else f"{each.found:g}",
                verdict=output.word(f"outcome.{verdict}"),
            )
        )


def show_rows(output: Output, rows: Sequence[Row], *, volume: int) -> None:
    """Chains side by side, g CO2e per passport and kg a year; those that cannot be estimated with their reason."""
    output.page(Text(output.word("ledger.volume", volume=f"{volume:,}")))
    table = _table(output, "ledger.chain")
    table.add_column(output.word("ledger.yearly"), justify="right")
    for row in rows:
        if row.estimate is not None and row.yearly_ghg is not None:
            ends = [_number(getattr(row.estimate.ghg_location, end).in_unit("g")) for end in ENDS]
            table.add_row(plain(row.chain), *ends, "g CO2e", _number(row.yearly_ghg.central.amount))
    output.page(table)
    for row in rows:
        if row.estimate is None:
            output.result(output.word("ledger.missing", name=row.chain, reason=row.reason))


def show_break_even(output: Output, found: BreakEven, *, own: str, public: str, batch: int | None) -> None:
    """The volume, and what stands on both sides of it."""
    ends = {end: f"{getattr(found.passports_per_year, end).amount:,.0f}" for end in ENDS}
    output.result(output.word("ledger.break_even", own=own, public=public, **ends))
    output.result(
        output.word(
            "ledger.sides",
            fixed=_number(found.fixed.central.amount),
            public=_number(found.public.central.in_unit("g")),
        )
    )
    if batch is not None:
        output.result(output.word("ledger.batch", batch=f"{batch:,}"))


def _show_simulated(output: Output, simulated: dict[str, Simulated]) -> None:
    for name, each in simulated.items():
        output.result(
            output.word(
                "ledger.simulated",
                name=name,
                mean=_number(each.mean),
                low=_number(each.p2_5),
                high=_number(each.p97_5),
                unit=each.unit,
            )
        )


def _table(output: Output, first: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(output.word(first))
    for end in ENDS:
        table.add_column(output.word(f"ledger.{end}"), justify="right")
    table.add_column("")
    return table


def _line(
    output: Output, table: Table, name: str, figure: Figure[Any] | None, unit: str | None, *, shown: str = ""
) -> None:
    if figure is None:
        table.add_row(Text(name), *(output.word("ledger.unknown") for _ in ENDS), "")
        return
    numbers = [getattr(figure, end) for end in ENDS]
    texts = [_number(each.in_unit(unit) if unit else each.amount) for each in numbers]
    suffix = " CO2e" if figure.kind.__name__ == "GhgMass" else ""
    table.add_row(Text(name), *texts, shown or f"{unit}{suffix}")


def _number(number: float) -> str:
    """Three significant figures: more than the data bear."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"
