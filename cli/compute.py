"""What `passport compute` finds in a graph, as values for a page or for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cli.graphs import column_of, final_products, per
from passport.carbon.charts import Basis, Captions, Tree, tree_chart
from passport.carbon.contributions import Breakdown, by_input_tag, by_supplier, by_tag, by_tier
from passport.errors import UsageError
from passport.exchange.spread_coverage import (
    Stated,
    UnstatedShares,
    count_stated,
    drawn_spreads,
    unstated_shares,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passport.carbon import MonteCarlo, Spreads, Variance
    from passport.carbon.first_order import Share
    from passport.exchange.named_graph import NamedGraph

MAX_SUMMARY: Final = 20
MAX_SUPPLIERS: Final = 20
TIER: Final = "tier"
_QUANTILES: Final = (0.025, 0.5, 0.975)
_TOP_SHARES: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        products: Ids or names; none means the final products.
        column: Which column decides what is large; None for that of greenhouse gases.
        by: Splits beside that by supplier.
        cutoff: Share of the total down to which paths are followed.
        max_nodes: Places shown at most.
        samples: How many to draw; None for none.
        seed: Of the draws.
        gsd: Geometric standard deviation of whatever the file states none for; None: that does not move.
    """

    products: tuple[str, ...]
    column: str | None
    by: tuple[str, ...]
    cutoff: float
    max_nodes: int
    samples: int | None
    seed: int
    gsd: float | None


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """One product's footprint as uncertain as its inputs are, in the column asked for.

    Attributes:
        samples: How many were drawn.
        seed: With which seed.
        mean: Of the samples.
        standard_deviation: Of the samples.
        low: 2.5 % of the samples are below.
        median: Half of them are.
        high: 2.5 % of them are above.
        first_order: Standard deviation by first-order propagation.
        shares: The inputs with the largest shares of the variance, by name.
        unstated_emissions: Share of the gross footprint that is emitted where no spread is stated; None without one.
        unstated_anywhere: Share of it that rests on at least one number without a stated spread; None without one.
    """

    samples: int
    seed: int
    mean: float
    standard_deviation: float
    low: float
    median: float
    high: float
    first_order: float
    shares: tuple[tuple[str, float], ...]
    unstated_emissions: float | None
    unstated_anywhere: float | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """From what samples were drawn.

    Attributes:
        stated: How many numbers have a spread in the file.
        gsd: The geometric standard deviation that was taken for the others; None: they did not move.
    """

    stated: Stated
    gsd: float | None

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        found = self.stated
        return {
            "amounts": {"count": found.amounts, "stated": found.amounts_stated},
            "emissions": {"count": found.emissions, "stated": found.emissions_stated},
            "gsd_of_the_rest": None if found.is_all else self.gsd,
        }


@dataclass(frozen=True, slots=True)
class Split:
    """A breakdown with the names of its parts."""

    breakdown: Breakdown
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductReport:
    """One product: its footprint, split in every way asked for, and its heaviest paths."""

    number: int
    footprint: NDArray[np.float64]
    splits: tuple[Split, ...]
    tree: Tree
    unexplained: float
    unexplained_gross: float
    coverage: float | None
    stopped_by: tuple[str, ...]
    uncertainty: Uncertainty | None


@dataclass(frozen=True, slots=True)
class Report:
    """What was computed for some products.

    Attributes:
        named: The graph.
        column: The column that decides what is large.
        products: Those reported on.
        others: Final products that are only listed.
        drawn: From what samples were drawn, if any were.
    """

    named: NamedGraph
    column: int
    products: tuple[ProductReport, ...]
    others: tuple[int, ...]
    drawn: Drawn | None

    def to_json(self) -> dict[str, Any]:
        """As JSON values; every number under its column's name."""
        return {
            **_head(self.named),
            **({} if self.drawn is None else {"spreads": self.drawn.to_json()}),
            "products": [_product_json(self.named, self.column, product) for product in self.products],
            "others": [_footprint_json(self.named, number, self.footprint(number)) for number in self.others],
        }

    def footprint(self, number: int) -> NDArray[np.float64]:
        """The footprint of one product, a number a column."""
        return np.atleast_1d(self.named.graph.footprints()[number])


@dataclass(frozen=True, slots=True)
class EveryFootprint:
    """Footprints of all products, and what draws say of them."""

    named: NamedGraph
    column: int
    simulated: MonteCarlo | None
    drawn: Drawn | None

    def rows(self) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Each product's number and footprint."""
        footprints = self.named.graph.footprints()
        yield from enumerate(footprints.reshape(len(footprints), -1))

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        products = [_footprint_json(self.named, number, values) for number, values in self.rows()]
        document: dict[str, Any] = {**_head(self.named), "products": products}
        if self.simulated is not None and self.drawn is not None:
            document["spreads"] = self.drawn.to_json()
            document["monte_carlo"] = {"samples": self.simulated.samples, "seed": self.simulated.seed}
            names = [column.name for column in self.named.columns]
            pairs = (("mean", self.simulated.mean), ("standard_deviation", self.simulated.standard_deviation))
            for key, array in pairs:
                for product, row in zip(products, array.reshape(len(products), -1).tolist(), strict=True):
                    product[key] = dict(zip(names, row, strict=True))
            lacking = unstated_shares(self.named, column=self.column)
            for product, emissions, anywhere in zip(products, lacking.emissions, lacking.anywhere, strict=True):
                product["unstated"] = _unstated_json(self.named, self.column, _known(emissions), _known(anywhere))
        return document


def every_footprint(named: NamedGraph, asked: Asked) -> EveryFootprint:
    """The footprint of every product.

    Raises:
        GraphError: There are none.
        UsageError: Samples of a file without uncertainties.
    """
    named.graph.footprints()
    column = column_of(named, asked.column)
    simulated = drawn = None
    if asked.samples is not None:
        edges, direct = _spreads(named, asked)
        simulated = named.graph.monte_carlo(samples=asked.samples, seed=asked.seed, edges=edges, direct=direct)
        drawn = Drawn(count_stated(named, column=column), asked.gsd)
    return EveryFootprint(named, column, simulated, drawn)


def compute_report(named: NamedGraph, asked: Asked) -> Report:
    """Report on the products asked for, or else on the final product; several final products are only listed.

    Raises:
        NotFoundError: No such product or column.
        GraphError: There are no footprints.
        UsageError: No such split, or samples of a file without uncertainties.
    """
    column = column_of(named, asked.column)
    for by in asked.by:
        if by != TIER and by not in named.tags and by not in named.edge_tags:
            known = ", ".join([TIER, *named.tags, *named.edge_tags])
            raise UsageError("the file has no such tag", where="--by", expected=known, found=by)
    numbers = [named.product(product) for product in asked.products]
    others: tuple[int, ...] = ()
    if not numbers:
        final = [int(number) for number in final_products(named)]
        if not final:
            raise UsageError(
                "every product is used by another", where=named.source, hint="name one with --product, or ask for --all"
            )
        numbers, others = (final, ()) if len(final) == 1 else ([], tuple(final))
    if asked.samples is not None and not numbers:
        raise UsageError(
            "samples of which product", found=f"{len(others)} final products", hint="--product ID or --all"
        )
    simulated, first_order = _simulate(named, asked, numbers)
    products, drawn, lacking = [], None, None
    if simulated is not None:
        drawn, lacking = Drawn(count_stated(named, column=column), asked.gsd), unstated_shares(named, column=column)
    for number in dict.fromkeys(numbers):
        uncertainty = None
        if simulated is not None and first_order is not None and lacking is not None:
            uncertainty = _uncertainty(named, simulated, first_order[number], lacking, number, column)
        products.append(_product(named, asked, number, column, uncertainty))
    return Report(named, column, tuple(products), others, drawn)


def split_by(named: NamedGraph, number: int, by: str, *, column: int) -> Split:
    """A product's footprint by tier, by a tag of those who emit, or of its inputs; largest in a column first."""
    if by == TIER:
        found = by_tier(named.graph, number)
        return Split(found, tuple(str(key) for key in found.keys))
    if by in named.edge_tags:
        labels = named.edge_tags[by]
        found = by_input_tag(named.graph, number, labels.codes)
    else:
        labels = named.tags[by]
        found = by_tag(named.graph, number, labels.codes)
    found = found.largest(len(found.keys), column=column)
    return Split(found, tuple(labels.labels[key] for key in found.keys))


def captions_of(named: NamedGraph) -> Captions:
    """What the products are called, and which of them could not be broken down."""
    status = named.tags.get("status")
    marks = {}
    if status is not None:
        marks = {int(number): status.labels[status.codes[number]] for number in np.flatnonzero(status.codes >= 0)}
    return Captions(named.names, marks)


def basis_of(named: NamedGraph, number: int, column: int, boundary: str) -> Basis:
    """What the numbers of a product are."""
    several = named.columns[column].name if len(named.columns) > 1 else None
    return Basis(named.names[number], named.columns[column].unit, per(named, number), boundary, several)


def _product(
    named: NamedGraph, asked: Asked, number: int, column: int, uncertainty: Uncertainty | None
) -> ProductReport:
    graph = named.graph
    suppliers = by_supplier(graph, number).largest(MAX_SUPPLIERS, column=column)
    splits = [Split(suppliers, tuple(named.names[key] for key in suppliers.keys))]
    splits += [split_by(named, number, by, column=column) for by in asked.by]
    tree = graph.contributions(number, cutoff=asked.cutoff, max_nodes=asked.max_nodes, column=column)
    coverage = float(np.atleast_1d(tree.coverage)[column])
    return ProductReport(
        number=number,
        footprint=np.atleast_1d(graph.footprints()[number]),
        splits=tuple(splits),
        tree=tree_chart(tree, basis_of(named, number, column, ""), captions_of(named)),
        unexplained=float(np.atleast_1d(tree.unexplained)[column]),
        unexplained_gross=float(np.atleast_1d(tree.hidden_gross.sum(axis=0))[column]),
        coverage=coverage if np.isfinite(coverage) else None,
        stopped_by=tuple(sorted(tree.stopped_by)),
        uncertainty=uncertainty,
    )


def _spreads(named: NamedGraph, asked: Asked) -> tuple[Spreads | None, Spreads | None]:
    edges, direct = drawn_spreads(named, gsd=asked.gsd)
    if edges is None and direct is None:
        raise UsageError(
            "the file states no uncertainty, and unknown is not zero",
            where=named.source,
            hint="--gsd 1.2 takes this geometric standard deviation for all amounts and emissions",
        )
    return edges, direct


def _simulate(
    named: NamedGraph, asked: Asked, numbers: list[int]
) -> tuple[MonteCarlo | None, dict[int, Variance] | None]:
    if asked.samples is None:
        return None, None
    edges, direct = _spreads(named, asked)
    graph = named.graph
    simulated = graph.monte_carlo(
        samples=asked.samples, seed=asked.seed, edges=edges, direct=direct, products=list(dict.fromkeys(numbers))
    )
    return simulated, {number: graph.variance(number, edges=edges, direct=direct) for number in numbers}


def _uncertainty(
    named: NamedGraph,
    simulated: MonteCarlo,
    first_order: Variance,
    lacking: UnstatedShares,
    number: int,
    column: int,
) -> Uncertainty:
    low, median, high = (float(value) for value in simulated.quantiles(number, _QUANTILES, column=column))
    shares = first_order.shares(top=_TOP_SHARES, column=column)
    return Uncertainty(
        samples=simulated.samples,
        seed=simulated.seed,
        mean=float(np.atleast_1d(simulated.mean[number])[column]),
        standard_deviation=float(np.atleast_1d(simulated.standard_deviation[number])[column]),
        low=low,
        median=median,
        high=high,
        first_order=float(first_order.standard_deviation[column]),
        shares=tuple((_input_name(named, share), float(share.share)) for share in shares),
        unstated_emissions=_known(lacking.emissions[number]),
        unstated_anywhere=_known(lacking.anywhere[number]),
    )


def _known(share: float) -> float | None:
    """A share, if there is one."""
    return float(share) if np.isfinite(share) else None


def _unstated_json(named: NamedGraph, column: int, emissions: float | None, anywhere: float | None) -> dict[str, Any]:
    return {"column": named.columns[column].name, "emissions": emissions, "anywhere": anywhere}


def _input_name(named: NamedGraph, share: Share) -> str:
    from passport.carbon.first_order import InputKind

    if share.kind is InputKind.EDGE:
        supplier, consumer = named.graph.supplier[share.number], named.graph.consumer[share.number]
        return f"{named.names[int(supplier)]} → {named.names[int(consumer)]}"
    return named.names[share.number] if share.kind is InputKind.DIRECT else f"{share.kind} {share.number}"


def _head(named: NamedGraph) -> dict[str, Any]:
    return {
        "source": named.source,
        "graph": {"products": named.graph.n_products, "edges": named.graph.n_edges},
        "columns": [{"name": column.name, "unit": column.unit} for column in named.columns],
        "notes": list(named.notes),
    }


def _footprint_json(named: NamedGraph, number: int, values: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "id": named.ids[number],
        "name": named.names[number],
        "per": per(named, number),
        "footprint": _columns(named, values),
    }


def _columns(named: NamedGraph, values: NDArray[np.float64]) -> dict[str, float]:
    return {column.name: float(value) for column, value in zip(named.columns, np.atleast_1d(values), strict=True)}


def _product_json(named: NamedGraph, column: int, product: ProductReport) -> dict[str, Any]:
    document = _footprint_json(named, product.number, product.footprint)
    document["splits"] = [_split_json(named, split) for split in product.splits]
    tree = product.tree.to_json()
    document["paths"] = {
        "column": named.columns[column].name,
        "unit": named.columns[column].unit,
        "places": tree["places"],
        "unexplained": product.unexplained,
        "unexplained_gross": product.unexplained_gross,
        "coverage": product.coverage,
        "stopped_by": list(product.stopped_by),
    }
    if product.uncertainty is not None:
        found = product.uncertainty
        document["uncertainty"] = {
            "column": named.columns[column].name,
            "samples": found.samples,
            "seed": found.seed,
            "mean": found.mean,
            "standard_deviation": found.standard_deviation,
            "quantiles": {"0.025": found.low, "0.5": found.median, "0.975": found.high},
            "first_order_standard_deviation": found.first_order,
            "unstated": _unstated_json(named, column, found.unstated_emissions, found.unstated_anywhere),
            "shares_of_variance": [{"input": name, "share": share} for name, share in found.shares],
        }
    return document


def _split_json(named: NamedGraph, split: Split) -> dict[str, Any]:
    found = split.breakdown
    parts = zip(found.keys, split.names, found.values, found.positive, found.negative, strict=True)
    return {
        "by": found.by,
        "own": _columns(named, found.own),
        "rest": _columns(named, found.rest),
        "parts": [
            {
                **({"id": named.ids[key]} if found.by == "supplier" else {}),
                "name": name,
                "value": _columns(named, value),
                "positive": _columns(named, positive),
                "negative": _columns(named, negative),
            }
            for key, name, value, positive, negative in parts
        ],
    }
