"""`SupplyGraph`: products, what each uses of the others and emits itself, and what follows for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon.changes import Changes
from passport.carbon.columns import (
    check_count,
    check_finite,
    distinct_names,
    finite_numbers,
    keys,
    product_numbers,
    refuse_masked,
)
from passport.carbon.first_order import FirstOrder, Variance
from passport.carbon.kernels import Kernel, chosen
from passport.carbon.monte_carlo import MAX_BYTES, MonteCarlo, Unproductive, simulate
from passport.carbon.order import Topology, find_topology
from passport.carbon.paths import DEFAULT_CUTOFF, DEFAULT_MAX_DEPTH, DEFAULT_MAX_NODES, PathTree, follow
from passport.carbon.propagation import Road
from passport.carbon.solve import Solver, solve_cold
from passport.carbon.spreads import Spreads
from passport.carbon.structure_request import Structure
from passport.carbon.sweep import residual
from passport.carbon.update import update
from passport.errors import GraphError, UnproductiveError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Dependents:
    """Who depends on a product.

    Attributes:
        products: (d,) int32, itself and every product that needs it, directly or through others; suppliers first.
        units: (d,) units of the product in one unit of each.
    """

    products: NDArray[np.int32]
    units: Floats


class SupplyGraph:
    """n products and m edges; made by `from_edges`.

    The model: one unit of product j uses `amount` units of each of its suppliers i and emits `direct` itself, so its
    footprint is f_j = e_j + sum over i of a_ij f_i. Edges between the same two products are summed.

    Results are the same, bit for bit, however many threads there are and, but for products in loops, whichever kernel
    does the work; in loops they agree to a relative 1e-12 or better. The residual |f - e - A^T f| of every product in a
    loop is taken, and of every other by a second sum in another order (with several columns: of one product in 64, and
    of all by `residual`); a result that does not solve its equations to `solve.RESIDUAL` is never handed out.
    """

    __slots__ = (
        "_columns",
        "_consumer",
        "_direct",
        "_edge_ids",
        "_footprints",
        "_given_amount",
        "_kernel",
        "_number_of",
        "_products",
        "_ranked_amounts",
        "_residual",
        "_road",
        "_solver",
        "_supplier",
        "_topology",
    )

    def __init__(
        self,
        supplier: NDArray[np.int32],
        consumer: NDArray[np.int32],
        amount: Floats | None,
        direct: Floats,
        *,
        columns: tuple[str, ...] | None,
        products: Sequence[str] | None,
        edge_ids: NDArray[np.uint64] | None,
        kernel: Kernel = "auto",
    ) -> None:
        self._supplier = supplier
        self._consumer = consumer
        self._given_amount = amount
        self._direct = direct
        self._columns = columns
        self._products = products
        self._edge_ids = edge_ids
        self._kernel = chosen(kernel)
        self._topology: Topology | None = None
        self._solver: Solver | None = None
        self._ranked_amounts: Floats | None = None
        self._footprints: Floats | None = None
        self._residual: float | None = None
        self._road: Road | None = None
        self._number_of: dict[str, int] | None = None

    @classmethod
    def from_edges(
        cls,
        supplier: ArrayLike,
        consumer: ArrayLike,
        amount: ArrayLike,
        direct: ArrayLike,
        *,
        columns: Sequence[str] | None = None,
        products: Sequence[str] | None = None,
        edge_ids: ArrayLike | None = None,
        kernel: Kernel = "auto",
    ) -> SupplyGraph:
        """Make a graph from columns of numbers; they are copied, unless nobody can write to them (`flags.writeable`).

        Args:
            supplier: (m,) whole numbers from 0 to n-1: the product that is used.
            consumer: (m,) whole numbers from 0 to n-1: the product that uses it.
            amount: (m,) units of the supplier's product per unit of the consumer's; below zero for what is displaced.
            direct: (n,) or (n, K) emissions of each product's own making, per unit.
            columns: K different names of the columns of `direct`.
            products: n different names of the products, used in errors and reports.
            edge_ids: (m,) whole numbers that key random draws (else the row number does).
            kernel: `numba` or `numpy`; `auto` is numba where it is installed, unless PASSPORT_KERNEL says otherwise.

        Raises:
            GraphError: The columns make no supply graph; the error names the row.
            UnproductiveError: An edge says that a product needs a whole unit of itself for a unit.
        """
        emissions = finite_numbers(direct, name="direct", dimensions=(1, 2))
        n = len(emissions)
        if emissions.size == 0:
            raise GraphError(
                "a graph without products or columns",
                where="direct",
                expected="a row per product, and a column at least",
                found=f"shape {emissions.shape}",
            )
        check_count(n, what="products", name="direct")
        suppliers = product_numbers(supplier, name="supplier", n_products=n)
        consumers = product_numbers(consumer, name="consumer", n_products=n)
        amounts = finite_numbers(amount, name="amount")
        for name, array in (("consumer", consumers), ("amount", amounts)):
            if len(array) != len(suppliers):
                raise GraphError(
                    "columns of different lengths",
                    where=name,
                    expected=f"{len(suppliers)} rows, as many as `supplier` has",
                    found=len(array),
                )
        loops = np.flatnonzero(suppliers == consumers)
        loops = loops[amounts[loops] >= 1]
        if len(loops):
            row = int(loops[0])
            raise UnproductiveError(
                "a product needs at least one unit of itself for each unit",
                loop=(int(suppliers[row]),),
                where=f"amount[{row}]",
                expected="less than 1",
                found=float(amounts[row]),
            )
        width = 1 if emissions.ndim == 1 else emissions.shape[1]
        return cls(
            suppliers,
            consumers,
            amounts,
            emissions,
            columns=None if columns is None else tuple(distinct_names(columns, name="columns", count=width)),
            products=None if products is None else distinct_names(products, name="products", count=n),
            edge_ids=None if edge_ids is None else keys(edge_ids, n_edges=len(suppliers)),
            kernel=kernel,
        )

    @property
    def n_products(self) -> int:
        """Number of products."""
        return len(self._direct)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self._supplier)

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Names of the columns of `direct`, if they have any."""
        return self._columns

    @property
    def products(self) -> Sequence[str] | None:
        """Names of the products, if they have any."""
        return self._products

    @property
    def supplier(self) -> NDArray[np.int32]:
        """(m,) the product used by each edge; read-only."""
        return _read_only(self._supplier)

    @property
    def consumer(self) -> NDArray[np.int32]:
        """(m,) the product that uses it; read-only."""
        return _read_only(self._consumer)

    @property
    def amount(self) -> Floats:
        """(m,) units of the supplier's product per unit of the consumer's; read-only."""
        return _read_only(self._amount)

    @property
    def direct(self) -> Floats:
        """(n,) or (n, K) emissions of each product's own making; read-only."""
        return _read_only(self._direct)

    @property
    def edge_ids(self) -> NDArray[np.uint64]:
        """(m,) keys of random draws; read-only."""
        if self._edge_ids is None:
            self._edge_ids = np.arange(self.n_edges, dtype=np.uint64)
        return _read_only(self._edge_ids)

    @property
    def kernel(self) -> str:
        """What does the work: `numba` or `numpy`."""
        return self._kernel

    @property
    def topology(self) -> Topology:
        """The order of the products, found on first use and kept."""
        if self._topology is None:
            self._topology = find_topology(
                self._supplier, self._consumer, n_products=self.n_products, kernel=self._kernel
            )
        return self._topology

    @property
    def _amount(self) -> Floats:
        """(m,) amounts in the caller's order; put back into it where only those in rank order are kept."""
        if self._given_amount is None:
            ranked, self._given_amount = self._ranked(), np.empty(self.n_edges)
            self._given_amount[self.topology.edge] = ranked
        return self._given_amount

    @_amount.setter
    def _amount(self, amount: Floats) -> None:
        self._given_amount, self._ranked_amounts = amount, None

    def with_numbers(self, amount: ArrayLike | None = None, direct: ArrayLike | None = None) -> SupplyGraph:
        """The same products and edges with other numbers; what depends on the edges alone is shared.

        Args:
            amount: (m,) amounts; None: as here.
            direct: (n,) or (n, K) direct emissions; None: as here.

        Raises:
            GraphError: They do not fit, or are not finite.
        """
        emissions = self._direct if direct is None else finite_numbers(direct, name="direct", dimensions=(1, 2))
        if len(emissions) != self.n_products or emissions.size == 0:
            raise GraphError(
                "wrong shape", where="direct", expected=f"{self.n_products} rows", found=f"shape {emissions.shape}"
            )
        keeps_columns = emissions.shape == self._direct.shape
        graph = SupplyGraph(
            self._supplier,
            self._consumer,
            self._amount.copy() if amount is None and self._road is not None else None,
            emissions.copy() if direct is None else emissions,
            columns=self._columns if keeps_columns else None,
            products=self._products,
            edge_ids=self._edge_ids,
            kernel=self._kernel,
        )
        graph._topology, graph._solver = self.topology, self._prepared()
        graph._number_of = self._number_of
        if amount is not None:
            refuse_masked(amount, name="amount")
            given = np.asarray(amount)
            if given.dtype != np.float64 or given.shape != (self.n_edges,):
                given = finite_numbers(amount, name="amount")
            if len(given) != self.n_edges:
                raise GraphError("wrong shape", where="amount", expected=f"{self.n_edges} rows", found=len(given))
            # Putting them in order copies them; they are put back only for those who ask.
            graph._ranked_amounts, is_finite = graph._solver.amounts(given)
            if not is_finite:  # or too large to be summed
                check_finite(given, name="amount")
        elif self._road is None:
            graph._ranked_amounts = self._ranked()
        return graph

    def product_number(self, product: int | str) -> int:
        """The number of a product given by number or name.

        Raises:
            GraphError: There is no such product.
        """
        if isinstance(product, str):
            if self._number_of is None:
                self._number_of = {name: number for number, name in enumerate(self._products or ())}
            if product not in self._number_of:
                raise GraphError("no product of that name", where="product", found=repr(product))
            return self._number_of[product]
        try:
            number = index(product)
        except TypeError as error:
            raise GraphError(
                "neither a product's number nor its name", where="product", found=f"{product!r}"
            ) from error
        if not 0 <= number < self.n_products:
            raise GraphError("no such product", where="product", expected=f"0 to {self.n_products - 1}", found=number)
        return number

    def product_name(self, product: int) -> str:
        """How a product is called in errors and reports: its name, else its number."""
        return str(product) if self._products is None else self._products[product]

    def footprints(self) -> Floats:
        """Footprints of all products, in the shape of `direct`; read-only, and kept until an update.

        Raises:
            UnproductiveError: Some products need at least as much of each other as they make.
        """
        if self._footprints is None:
            if self._road is not None:
                self._footprints = self._road.live.in_product_order()
            elif self._topology is None and self._kernel == "numba" and self._direct.size == self.n_products:
                self._footprints, self._residual, self._topology = solve_cold(
                    self._supplier, self._consumer, self._amount, self._direct, name_of=self.product_name
                )
            if self._footprints is None:
                self._footprints, self._residual = self._prepared().solve(
                    self._ranked(), self._direct, name_of=self.product_name
                )
        return _read_only(self._footprints)

    def residual(self) -> float:
        """The largest |f - e - A^T f| of a product, relative to what its sum is made of, for the numbers as they are.

        Evidence for whoever relies on them: as it was taken when they were computed, after an update taken now of the
        footprints as `footprints` hands them out.
        """
        footprints = self.footprints()
        if self._residual is None or self._road is not None:
            shape = (self.n_products, -1)
            matrix = self.topology.matrix_of(self._ranked())
            order = self.topology.order
            self._residual = residual(matrix, self._direct.reshape(shape)[order], footprints.reshape(shape)[order])
        return self._residual

    def footprint(self, product: int | str) -> float | Floats:
        """The footprint of one product: a number, or K numbers where `direct` has K columns.

        Looked up where all footprints are known; else only what is upstream of the product is looked at.

        Raises:
            UnproductiveError: Products upstream need at least as much of each other as they make.
        """
        number = self.product_number(product)
        if self._footprints is None and self._road is None:
            needs = self.requirements(number)
            upstream = np.flatnonzero(needs)
            # NumPy's own sum: its order is fixed, that of a product of matrices is not.
            found = (self._direct[upstream].T * needs[upstream]).sum(axis=-1)
        elif self._footprints is None and self._road is not None:
            found = self._road.live.found[self.topology.rank[number]]
        else:
            found = self.footprints()[number]
        return float(found) if self._direct.ndim == 1 else np.array(found)

    def requirements(self, product: int | str) -> Floats:
        """(n,) units of every product that one unit of `product` needs, itself included.

        Only what is upstream of the product is looked at.

        Raises:
            UnproductiveError: Products upstream need at least as much of each other as they make.
        """
        rank = int(self.topology.rank[self.product_number(product)])
        return self._prepared().needs(self._ranked(), rank, name_of=self.product_name)[self.topology.rank]

    def contributions(
        self,
        product: int | str,
        *,
        cutoff: float = DEFAULT_CUTOFF,
        max_depth: int = DEFAULT_MAX_DEPTH,
        max_nodes: int = DEFAULT_MAX_NODES,
        column: int | str = 0,
    ) -> PathTree:
        """The heaviest paths of one product's footprint as a tree, and what they leave unexplained.

        The arguments are those of `paths.follow`; splits by supplier, tier and tag are in `contributions`.
        """
        return follow(self, product, cutoff=cutoff, max_depth=max_depth, max_nodes=max_nodes, column=column)

    def dependents(self, product: int | str) -> Dependents:
        """Who depends on a product, and how many units of it are in one unit of each."""
        topology = self.topology
        rank = int(topology.rank[self.product_number(product)])
        units = self._prepared().units(self._ranked(), rank, name_of=self.product_name)
        reached = np.flatnonzero(units)
        return Dependents(topology.order[reached], units[reached])

    def update(
        self,
        *,
        direct: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
        amounts: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
        absolute: float = 0.0,
        relative: float = 0.0,
        **structure: Unpack[Structure],
    ) -> Changes:
        """Change numbers, edges or products, and compute again only what follows; see `passport.carbon.update`.

        A refused update leaves the graph as it was. Arrays that the graph has handed out before its first update keep
        their numbers; `direct` and `amount` taken later show each update.

        Args:
            direct: New direct emissions: products with their emissions as a mapping, or as two columns.
            amounts: New amounts: edges with their amounts as a mapping, or as two columns. An edge is its row, or
                (supplier, consumer) where there is one edge between them.
            absolute: List only products that changed by more than this, in the unit of `direct` ...
            relative: ... and by more than this share of their old footprint.
            structure: Edges and products to add and to remove, by the names in `structure_request.Structure`.

        Raises:
            GraphError: Something in it is not in the graph or is no finite number, or there is no answer.
            UnproductiveError: Some products would need at least as much of each other as they make.
        """
        return update(self, direct=direct, amounts=amounts, absolute=absolute, relative=relative, **structure)

    def variance(self, product: int | str, *, edges: Spreads | None = None, direct: Spreads | None = None) -> Variance:
        """First-order variance of one product's footprint, with every input's part; for many products `FirstOrder`.

        Args:
            product: Its number or name.
            edges: Spreads of the m amounts; None: they are exact.
            direct: Spreads of the n (or n x K) direct emissions; None: they are exact.
        """
        return FirstOrder(self, edges=edges, direct=direct).variance(product)

    def monte_carlo(
        self,
        *,
        samples: int,
        seed: int,
        edges: Spreads | None = None,
        direct: Spreads | None = None,
        products: Iterable[int | str] | None = None,
        unproductive: Unproductive = Unproductive.REFUSE,
        threads: int | None = None,
        compiled: bool | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> MonteCarlo:
        """Footprints of all products under many draws of the uncertain inputs: see `monte_carlo.simulate`."""
        return simulate(
            self,
            samples=samples,
            seed=seed,
            edges=edges,
            direct=direct,
            products=products,
            unproductive=unproductive,
            threads=threads,
            compiled=compiled,
            max_bytes=max_bytes,
        )

    def _prepared(self) -> Solver:
        """What solves this topology, kept."""
        if self._solver is None or self._solver.topology is not self.topology:
            self._solver = Solver(self.topology, kernel=self._kernel)
        return self._solver

    def _ranked(self) -> Floats:
        """(m,) amounts in the order of the topology."""
        if self._road is not None:
            return self._road.live.amounts  # kept up to date by each update
        if self._ranked_amounts is None or len(self._ranked_amounts) != self.n_edges:
            self._ranked_amounts, _ = self._prepared().amounts(self._amount)
        return self._ranked_amounts


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
