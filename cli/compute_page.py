"""The page that `passport compute` prints."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree as Branches

from cli.graphs import per
from cli.output import Output, plain
from passport.exchange.pictures.figures import amount, figure, share

if TYPE_CHECKING:
    from cli.compute import Drawn, EveryFootprint, ProductReport, Report, Split, Uncertainty
    from passport.carbon.charts import Place

MAX_LISTED: Final = 20
MAX_COLUMNS: Final = 4
_CHUNK: Final = 10_000


def show_all(output: Output, table: EveryFootprint) -> None:
    """One line a product: id, name, and a footprint a column, with what is said of all of them in the first line."""
    named = table.named
    heads = ["id", "name", "per", *(f"{column.name} [{column.unit}]" for column in named.columns)]
    simulated = table.simulated
    if simulated is not None:
        heads += [f"{words} {column.name}" for words in ("mean", "standard deviation") for column in named.columns]
        mean = simulated.mean.reshape(named.graph.n_products, -1)
        deviation = simulated.standard_deviation.reshape(named.graph.n_products, -1)
    output.raw(("\t".join(map(plain, heads)) + "\n").encode())
    rows = table.rows()
    while chunk := list(islice(rows, _CHUNK)):
        lines = []
        for number, values in chunk:
            numbers = [repr(float(value)) for value in values]
            if simulated is not None:
                numbers += [repr(float(value)) for value in (*mean[number], *deviation[number])]
            lines.append(
                "\t".join((*map(plain, (named.ids[number], named.names[number], per(named, number))), *numbers))
            )
        output.raw(("\n".join(lines) + "\n").encode())
    if table.drawn is not None:
        output.remark(_drawn(output, table.drawn).plain)


def show_report(output: Output, report: Report) -> None:
    """Each product with its splits and paths; final products that were not asked for as a list."""
    named = report.named
    output.page(
        Text(
            output.word(
                "compute.graph",
                source=named.source,
                products=f"{named.graph.n_products:,}",
                edges=f"{named.graph.n_edges:,}",
            ),
            style="dim",
        )
    )
    for product in report.products:
        output.page("", *_product(output, report, product))
    if len(named.columns) > MAX_COLUMNS:
        output.remark(output.word("compute.columns", columns=", ".join(column.name for column in named.columns)))
    if report.others:
        output.page("", _others(output, report))
        if not report.products:
            output.remark(f"{output.word('hint')}: {output.word('compute.name_one')}")


def _product(output: Output, report: Report, product: ProductReport) -> list[RenderableType]:
    named, column = report.named, report.named.columns[report.column]
    total = float(product.footprint[report.column])
    title = Text(plain(named.names[product.number]), style="bold")
    unit_of = per(named, product.number)
    for position in _shown(report):
        each, value = named.columns[position], product.footprint[position]
        said = output.word("compute.total", total=figure(float(value)), unit=each.unit, per=unit_of)
        named_column = f"  {plain(each.name)}" if len(named.columns) > 1 else ""
        title.append(f"\n{plain(said)}{named_column}", style="" if position == report.column else "dim")
    parts: list[RenderableType] = [title]
    for split in product.splits:
        parts += ["", _split(output, report, split, total)]
    parts += ["", _tree(output, product, total), _unexplained(output, product, total, column.unit)]
    if product.uncertainty is not None:
        parts += ["", _uncertainty(output, product.uncertainty, column.unit)]
        parts += [] if report.drawn is None else [_drawn(output, report.drawn), _lacking(output, product.uncertainty)]
    return parts


def _shown(report: Report) -> list[int]:
    """The columns on a page: all if they are few, else the one that was asked for."""
    count = len(report.named.columns)
    return list(range(count)) if count <= MAX_COLUMNS else [report.column]


def _grid(title: str, *heads: str) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    table.add_column(title, overflow="fold")
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _split(output: Output, report: Report, split: Split, total: float) -> Table:
    """Own, parts and rest in the column asked for; both signs where a part has both."""
    found, column = split.breakdown, report.column
    unit = report.named.columns[column].unit
    table = _grid(output.word(f"compute.by.{found.by}"), unit, output.word("compute.share"), "")

    def pick(values: object) -> float:
        import numpy as np

        return float(np.atleast_1d(np.asarray(values))[column])

    def line(name: str, value: float, remark: str = "") -> None:
        table.add_row(plain(name), figure(value), share(value, total), Text(remark, style="dim"))

    own, rest = pick(found.own), pick(found.rest)
    if own:
        line(output.word("compute.own"), own)
    parts = list(zip(split.names, found.values, found.positive, found.negative, strict=True))
    for name, value, positive, negative in parts[:MAX_LISTED]:
        up, down = pick(positive), pick(negative)
        both = output.word("compute.both", positive=figure(up), negative=figure(down)) if up and down else ""
        said = output.word("compute.tier", number=name) if found.by == "tier" else name
        line(said, pick(value), both)
    more = sum(pick(value) for _, value, _, _ in parts[MAX_LISTED:])
    if rest + more:
        words = {"tier": "compute.beyond", "tag": "compute.untagged", "input": "compute.untagged"}
        line(output.word(words.get(found.by, "compute.rest")), rest + more)
    line(output.word("compute.sum"), total)
    return table


def _tree(output: Output, product: ProductReport, total: float) -> Branches:
    places = product.tree.places
    root = Branches(_label(output, places[0], total), guide_style="dim")
    branches = [root]
    for place in places[1:]:
        branches.append(branches[place.parent or 0].add(_label(output, place, total)))
    return root


def _label(output: Output, place: Place, total: float) -> Text:
    label = Text(plain(place.name), style="bold" if place.parent is None else "")
    label.append(f"  {amount(place.value, total)}")
    if place.mark:
        label.append(f"  {output.word(f'plot.{place.mark}')}", style="yellow")
    return label


def _unexplained(output: Output, product: ProductReport, total: float, unit: str) -> Text:
    said = output.word(
        "compute.unexplained",
        places=len(product.tree.places),
        coverage=share(product.coverage, 1.0) if product.coverage is not None else "?",
        rest=amount(product.unexplained, total),
        unit=unit,
    )
    text = Text(said)
    if abs(product.unexplained_gross) > 1.001 * abs(product.unexplained):
        text.append(
            f"\n{output.word('compute.cancelling', gross=figure(product.unexplained_gross), unit=unit)}", "yellow"
        )
    if product.stopped_by:
        bounds = ", ".join(output.word(f"compute.stopped.{bound}") for bound in product.stopped_by)
        text.append(f"\n{output.word('compute.stopped', bounds=bounds)}", "dim")
    return text


def _uncertainty(output: Output, found: Uncertainty, unit: str) -> Table:
    table = _grid(output.word("compute.uncertainty", samples=f"{found.samples:,}", seed=found.seed), unit)
    for key, value in (
        ("mean", found.mean),
        ("deviation", found.standard_deviation),
        ("first_order", found.first_order),
        ("low", found.low),
        ("median", found.median),
        ("high", found.high),
    ):
        table.add_row(output.word(f"compute.{key}"), figure(value))
    for name, part in found.shares[:5]:
        table.add_row(output.word("compute.variance_of", name=name), share(part, 1.0))
    return table


def _drawn(output: Output, drawn: Drawn) -> Text:
    """How many numbers have a spread, and what became of those without."""
    found = drawn.stated
    said = output.word(
        "compute.stated",
        amounts_stated=f"{found.amounts_stated:,}",
        amounts=f"{found.amounts:,}",
        emissions_stated=f"{found.emissions_stated:,}",
        emissions=f"{found.emissions:,}",
    )
    text = Text(said, style="dim")
    if not found.is_all:
        if drawn.gsd is None:
            text.append(f"\n{output.word('compute.unmoved')}", "yellow")
        else:
            text.append(f"\n{output.word('compute.taken', gsd=f'{drawn.gsd:g}')}", "yellow")
    return text


def _lacking(output: Output, found: Uncertainty) -> Text:
    """What share of the footprint has no stated spread."""
    emissions, anywhere = (
        "?" if part is None else share(part, 1.0) for part in (found.unstated_emissions, found.unstated_anywhere)
    )
    return Text(output.word("compute.unstated", emissions=emissions, anywhere=anywhere), style="dim")


def _others(output: Output, report: Report) -> Table:
    named = report.named
    shown = _shown(report)
    heads = [f"{named.columns[place].name} [{named.columns[place].unit}]" for place in shown]
    table = _grid(output.word("compute.final"), output.word("compute.per"), *heads)
    for number in report.others[:MAX_LISTED]:
        values = [figure(float(report.footprint(number)[place])) for place in shown]
        table.add_row(plain(named.names[number]), per(named, number), *values)
    if len(report.others) > MAX_LISTED:
        table.add_row(output.word("compute.more", count=f"{len(report.others) - MAX_LISTED:,}"))
    return table
