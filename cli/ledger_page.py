"""The pages that the commands about the ledger's own footprint print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from cli.output import Output, plain

if TYPE_CHECKING:
    from passport.ledger_footprint import Estimate, Figure
    from passport.ledger_footprint.data_centre import CeilingVerdict
    from passport.ledger_footprint.decisions import BreakEven, PaidBack, Row
    from passport.ledger_footprint.measure import Measure
    from passport.ledger_footprint.monte_carlo import Simulated
    from passport.ledger_footprint.quantities import Energy, Quantity
    from passport.ledger_footprint.replaced import Replaced

ENDS = ("low", "central", "high")
UNITS: Final[dict[str, tuple[str, str]]] = {
    "energy": ("Wh", "kWh"),
    "ghg_location": ("g", "kg"),
    "ghg_market": ("g", "kg"),
    "embodied": ("g", "kg"),
    "ewaste_gross": ("g", "kg"),
    "ewaste_net": ("g", "kg"),
    "water": ("L", "L"),
}
"""Units of measures on a page, of one passport and of a year; of a cost, the currency of its price."""


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


def show_rows(output: Output, rows: Sequence[Row], *, volume: int, by: Measure) -> None:
    """Chains side by side by one measure, per passport and a year; those that are unknown with their reason."""
    prices = [row.estimate.price for row in rows if row.estimate is not None and row.estimate.price is not None]
    small, large = UNITS.get(by.value, (None, None))
    if by.value == "shadow_cost" and prices:
        price = prices[0]
        measure = output.word("ledger.shadow_cost", market=price.market, currency=price.currency, date=price.date)
        shown = yearly = price.currency
    else:
        measure = output.word(f"ledger.{by.value}")
        suffix = " CO2e" if by.value in ("ghg_location", "ghg_market", "embodied") else ""
        shown, yearly = f"{small}{suffix}", f"{large}{suffix}"
    output.page(Text(output.word("ledger.volume", volume=f"{volume:,}", measure=measure)))
    table = _table(output, "ledger.chain")
    table.add_column(output.word("ledger.yearly", unit=yearly), justify="right")
    for row in rows:
        if row.each is not None and row.yearly is not None:
            ends = [_number(_in(getattr(row.each, end), small)) for end in ENDS]
            table.add_row(plain(row.chain), *ends, shown, _number(_in(row.yearly.central, large)))
    output.page(table)
    for row in rows:
        if row.each is None:
            output.result(output.word("ledger.missing", name=row.chain, reason=row.reason))


def show_replaced(output: Output, replaced: Sequence[Replaced], rows: Sequence[Row]) -> None:
    """Each baseline with its sources, and what passports on each chain save against it.

    Why a chain cannot be estimated stands above already, once for all.
    """
    estimated = {row.chain for row in rows if row.estimate is not None}
    for each in replaced:
        key = "ledger.baseline_shared" if each.baseline.is_shared else "ledger.baseline"
        facts = {"name": each.baseline.name, "pieces": f"{each.pieces:g}", "piece": each.baseline.piece}
        output.page(Text(""), Text(output.word(key, **facts)))
        table = _table(output, "ledger.instead")
        table.add_column(output.word("ledger.yearly", unit="kg CO2e"), justify="right")
        ends = [_number(getattr(each.each, end).in_unit("g")) for end in ENDS]
        table.add_row(plain(each.baseline.name), *ends, "g CO2e", _number(each.yearly.central.amount))
        output.page(table)
        for source in dict.fromkeys(said.source for said in each.each.inputs):
            output.result(
                output.word("ledger.source", title=source.title, date=source.date, status=source.status.value)
            )
        table = _table(output, "ledger.net")
        for name, net in each.net.items():
            if net is not None:
                ends = [_number(getattr(net, end).amount) for end in ENDS]
                table.add_row(plain(name), *ends, "kg CO2e")
        if table.row_count:
            output.page(table)
        for name in sorted(estimated & each.unknown.keys()):
            reason = each.unknown[name]
            output.result(output.word("ledger.missing", name=name, reason=reason))
    if replaced:
        output.result(output.word("ledger.net_is_not_all"))


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


def show_paid_back(output: Output, paid: PaidBack, *, own: str, baseline: str, is_stated: bool) -> None:
    """The volume that pays a chain back, and what is not in it."""
    ends = {end: f"{getattr(paid.passports_per_year, end).amount:,.0f}" for end in ENDS}
    output.result(output.word("ledger.paid_back", own=own, baseline=baseline, **ends))
    output.result(
        output.word(
            "ledger.paid_sides",
            fixed=_number(paid.fixed.central.amount),
            avoided=_number(paid.avoided.central.in_unit("g")),
        )
    )
    if not is_stated:
        output.remark(output.word("ledger.chain_alone"), style="yellow")


def show_measured(
    output: Output, energy: Figure[Energy], *, label: str, cpu_seconds: float, passports: int | None, code: int
) -> None:
    """Energy of one run of a command, and of each passport, with the way it was found."""
    output.result(output.word(f"measured.{label}", label=label, cpu=f"{cpu_seconds:.3g}"))
    for name, parts in (("whole", 1), ("each", passports)):
        if parts is not None:
            ends = {end: f"{getattr(energy, end).amount / parts:.3g}" for end in ENDS}
            output.result(output.word(f"measured.{name}", **ends))
    if energy.filled_in:
        output.result(output.word("ledger.filled_in", names=", ".join(energy.filled_in)))
    if code:
        output.remark(output.word("measured.failed", code=code), style="yellow")


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


def _in(quantity: Quantity, unit: str | None) -> float:
    return quantity.amount if unit is None else quantity.in_unit(unit)


def _number(number: float) -> str:
    """Three significant figures: more than the data bear."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"
