"""First-order variance of a footprint, and whose it is: the law of propagation of uncertainty.

For one unit of product p with requirements s and footprints f: df_p/da_ij = s_j f_i and df_p/de_j = s_j, so that
u^2(f_p) = sum of (s_j f_i u(a_ij))^2 + sum of (s_j u(e_j))^2, where inputs that are one unknown (a shared parameter)
are summed before squaring, with their signs. Everything is taken at the inputs' means: footprints of a graph without
loops are linear in each input, so that the mean is exact where inputs are independent, and so is the variance where
only direct emissions are uncertain. Variances are never passed on from tier to tier: a supplier that is reached on two
ways is one supplier, and its errors add before they are squared.

The logarithmic form does the same for ln f at the medians: sum of (x/f df/dx sigma_x)^2, for footprints that are a
product rather than a sum.

Source: JCGM 100:2008, Guide to the expression of uncertainty in measurement, 5.1 and 5.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from passport.carbon.spreads import Spreads
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]


class InputKind(StrEnum):
    """What an uncertain input is."""

    EDGE = "edge"
    DIRECT = "direct"
    PARAMETER = "parameter"


@dataclass(frozen=True, slots=True)
class Share:
    """One unknown's share of a footprint's variance.

    Attributes:
        kind: An edge, a direct emission, or a parameter that several of them share.
        number: Row of the edge, product, or number of the parameter.
        share: Its part of the first-order variance; all parts add up to 1.
    """

    kind: InputKind
    number: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Variance:
    """The first-order variance of one product's footprint; with K columns, of each.

    Attributes:
        product: Its number.
        mean: (K,) the footprint at the inputs' means.
        variance: (K,) of the footprint.
        edge_terms: (m, K) signed standard deviation that each edge causes; zero where it shares a parameter.
        direct_terms: (n, K) the same of direct emissions.
        parameters: (P,) numbers of the shared parameters.
        parameter_terms: (P, K) the same of each, all inputs that share it together.
    """

    product: int
    mean: Floats
    variance: Floats
    edge_terms: Floats
    direct_terms: Floats
    parameters: NDArray[np.int64]
    parameter_terms: Floats

    @property
    def standard_deviation(self) -> Floats:
        """(K,) square root of the variance."""
        return np.sqrt(self.variance)

    @property
    def variation(self) -> Floats:
        """(K,) coefficient of variation, standard deviation / |mean|; not a number where the mean is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.mean != 0, self.standard_deviation / np.abs(self.mean), np.nan)

    def shares(self, *, top: int = 10, column: int = 0) -> tuple[Share, ...]:
        """The unknowns with the largest shares, largest first.

        Args:
            top: At most so many.
            column: Of which column of emissions.
        """
        whole = self.variance[column]
        if not whole > 0:
            return ()
        found: list[Share] = []
        for kind, column_terms, numbers in (
            (InputKind.EDGE, self.edge_terms, None),
            (InputKind.DIRECT, self.direct_terms, None),
            (InputKind.PARAMETER, self.parameter_terms, self.parameters),
        ):
            terms = column_terms[:, column] ** 2
            for row in _largest(terms, top):
                number = int(row if numbers is None else numbers[row])
                found.append(Share(kind, number, float(terms[row] / whole)))
        return tuple(sorted(found, key=lambda share: -share.share)[:top])


@dataclass(frozen=True, slots=True, eq=False)
class _SharedInputs:
    """Which inputs share which parameter.

    Attributes:
        parameters: (P,) numbers, ascending.
        edges: Rows of the edges that share one, and `edge_places` where it stands among `parameters`.
        edge_places: See `edges`.
        products: Rows of the direct emissions that share one, with their column and place.
        columns: See `products`.
        product_places: See `products`.
    """

    parameters: NDArray[np.int64]
    edges: NDArray[np.int64]
    edge_places: NDArray[np.int64]
    products: NDArray[np.int64]
    columns: NDArray[np.int64]
    product_places: NDArray[np.int64]

    @classmethod
    def of(cls, edges: Spreads, direct: Spreads, n_columns: int) -> _SharedInputs:
        """Find them."""
        of_products = np.broadcast_to(
            direct.parameter.reshape(len(direct.parameter), -1), (len(direct.kind), n_columns)
        )
        rows = np.flatnonzero(edges.parameter >= 0)
        products, columns = np.nonzero(of_products >= 0)
        edge_parameters, product_parameters = edges.parameter[rows], of_products[products, columns]
        parameters = np.unique(np.concatenate((edge_parameters, product_parameters)))
        places = np.searchsorted(parameters, edge_parameters), np.searchsorted(parameters, product_parameters)
        return cls(parameters, rows, places[0], products, columns, places[1])

    def sums(self, edge_terms: Floats, direct_terms: Floats) -> Floats:
        """(P, K) sums of the terms of the inputs that share each parameter."""
        found = np.zeros((len(self.parameters), direct_terms.shape[1]))
        np.add.at(found, self.edge_places, edge_terms[self.edges])
        np.add.at(found, (self.product_places, self.columns), direct_terms[self.products, self.columns])
        return found


class FirstOrder:
    """First-order variances of the products of a graph as it stands; later changes of the graph are not seen.

    Args:
        graph: The graph.
        edges: Spreads of its m amounts; None: they are exact.
        direct: Spreads of its n (or n x K) direct emissions; None: they are exact.

    Raises:
        GraphError: The spreads do not fit the graph.
        UnproductiveError: A loop needs, at the means of its amounts, at least as much of itself as it makes.
    """

    def __init__(self, graph: SupplyGraph, *, edges: Spreads | None = None, direct: Spreads | None = None) -> None:
        n, m = graph.n_products, graph.n_edges
        emissions = graph.direct.reshape(n, -1)
        if edges is None:
            edges = Spreads.normal(np.zeros(m))
        elif edges.shape != (m,):
            raise GraphError("the spreads do not fit the graph", where="edges", expected=f"({m},)", found=edges.shape)
        if direct is None:
            direct = Spreads.normal(np.zeros(n))
        elif direct.shape not in ((n,), (n, 1), emissions.shape):
            expected = f"({n},) or {emissions.shape}"
            raise GraphError("the spreads do not fit the graph", where="direct", expected=expected, found=direct.shape)
        self._graph, self._edges, self._direct = graph, edges, direct
        self._at_means = graph.with_numbers(graph.amount * edges.mean_factor, emissions * _by_row(direct.mean_factor))
        self._edge_sd = self._at_means.amount * edges.variation
        self._direct_sd = self._at_means.direct * _by_row(direct.variation)
        self._shared = _SharedInputs.of(edges, direct, emissions.shape[1])
        self._at_medians: SupplyGraph | None = None

    def variance(self, product: int | str) -> Variance:
        """The variance of one product's footprint, with every input's part."""
        return self._propagate(self._at_means, self._edge_sd, self._direct_sd, product)

    def log_variance(self, product: int | str, *, column: int = 0) -> float:
        """The variance of the logarithm of one product's footprint, (ln GSD)^2.

        Args:
            product: Which.
            column: Of which column of emissions.

        Raises:
            GraphError: The footprint is zero.
        """
        if self._at_medians is None:
            emissions = self._graph.direct.reshape(self._graph.n_products, -1)
            self._at_medians = self._graph.with_numbers(
                self._graph.amount * self._edges.median_factor, emissions * _by_row(self._direct.median_factor)
            )
        graph = self._at_medians
        terms = self._propagate(
            graph, graph.amount * self._edges.sigma, graph.direct * _by_row(self._direct.sigma), product
        )
        middle = float(terms.mean[column])
        if middle == 0:
            raise GraphError("a footprint of zero has no logarithm", where=self._graph.product_name(terms.product))
        return float(terms.variance[column]) / middle**2

    def gsd(self, product: int | str, *, column: int = 0) -> float:
        """The geometric standard deviation that the logarithmic form gives."""
        return math.exp(math.sqrt(self.log_variance(product, column=column)))

    def _propagate(self, graph: SupplyGraph, edge_sd: Floats, direct_sd: Floats, product: int | str) -> Variance:
        number = graph.product_number(product)
        needs = graph.requirements(number)
        footprints = graph.footprints()
        edge_terms = (needs[graph.consumer] * edge_sd)[:, None] * footprints[graph.supplier]
        direct_terms = needs[:, None] * direct_sd
        shared = self._shared
        sums = shared.sums(edge_terms, direct_terms)
        edge_terms[shared.edges] = 0.0
        direct_terms[shared.products, shared.columns] = 0.0
        variance = _squares(edge_terms) + _squares(direct_terms) + _squares(sums)
        return Variance(number, footprints[number].copy(), variance, edge_terms, direct_terms, shared.parameters, sums)


def _squares(terms: Floats) -> Floats:
    """Sum of squares down each column."""
    return np.asarray(np.einsum("i...,i...->...", terms, terms))


def _by_row(factor: Floats) -> Floats:
    """A column of factors, or K of them, to multiply (n, K) numbers with."""
    return factor.reshape(len(factor), -1)


def _largest(values: Floats, top: int) -> Iterator[int]:
    """Rows of the largest values above zero."""
    count = min(top, len(values))
    if count > 0:
        for row in np.argpartition(values, len(values) - count)[len(values) - count :]:
            if values[row] > 0:
                yield int(row)
