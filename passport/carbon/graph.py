"""`SupplyGraph`: products, what each uses of the others and emits itself, and what follows for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from passport.carbon.blocks import solve_block
from passport.carbon.changes import Changes
from passport.carbon.first_order import FirstOrder, Variance
from passport.carbon.monte_carlo import MAX_BYTES, MonteCarlo, Unproductive, simulate
from passport.carbon.order import INT32_MAX, Topology, find_topology
from passport.carbon.paths import DEFAULT_CUTOFF, DEFAULT_MAX_DEPTH, DEFAULT_MAX_NODES, PathTree, follow
from passport.carbon.propagation import Road
from passport.carbon.spreads import Spreads
from passport.carbon.sweep import sweep
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
    """

    __slots__ = (
        "_amount",
        "_columns",
        "_consumer",
        "_direct",
        "_edge_ids",
        "_footprints",
        "_number_of",
        "_products",
        "_road",
        "_supplier",
        "_topology",
    )

    def __init__(
        self,
        supplier: NDArray[np.int32],
        consumer: NDArray[np.int32],
        amount: Floats,
        direct: Floats,
        *,
        columns: tuple[str, ...] | None,
        products: Sequence[str] | None,
        edge_ids: NDArray[np.uint64] | None,
    ) -> None:
        self._supplier = supplier
        self._consumer = consumer
        self._amount = amount
        self._direct = direct
        self._columns = columns
        self._products = products
        self._edge_ids = edge_ids
        self._topology: Topology | None = None
        self._footprints: Floats | None = None
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
    ) -> SupplyGraph:
        """Make a graph from columns of numbers.

        Args:
            supplier: (m,) whole numbers from 0 to n-1: the product that is used.
            consumer: (m,) whole numbers from 0 to n-1: the product that uses it.
            amount: (m,) units of the supplier's product per unit of the consumer's.
            direct: (n,) or (n, K) emissions of each product's own making, per unit.
            columns: K names of the columns of `direct`.
            products: n different names of the products, used in errors and reports.
            edge_ids: (m,) whole numbers that key random draws (else the row number does).

        Raises:
            GraphError: The columns make no supply graph; the error names the row.
        """
        emissions = _floats(direct, "direct", dimensions=(1, 2))
        n = len(emissions)
        if n == 0:
            raise GraphError("a graph without products", where="direct", expected="at least one row", found="none")
        suppliers, consumers = _indices(supplier, "supplier", n), _indices(consumer, "consumer", n)
        amounts = _floats(amount, "amount", dimensions=(1,))
        for name, array in (("consumer", consumers), ("amount", amounts)):
            if len(array) != len(suppliers):
                raise GraphError(
                    "columns of different lengths", where=name, expected=f"{len(suppliers)} rows", found=len(array)
                )
        loops = np.flatnonzero((suppliers == consumers) & (amounts >= 1))
        if len(loops):
            row = int(loops[0])
            raise UnproductiveError(
                "a product needs at least one unit of itself for each unit",
                loop=(int(suppliers[row]),),
                where=f"amount[{row}]",
                expected="less than 1",
                found=amounts[row],
            )
        ids = None if edge_ids is None else np.asarray(edge_ids).astype(np.uint64)
        names = None if columns is None else tuple(columns)
        return cls(suppliers, consumers, amounts, emissions, columns=names, products=products, edge_ids=ids)

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
    def topology(self) -> Topology:
        """The order of the products, found on first use and kept."""
        if self._topology is None:
            self._topology = find_topology(self._supplier, self._consumer, n_products=self.n_products)
        return self._topology

    def with_numbers(self, amount: Floats, direct: Floats) -> SupplyGraph:
        """The same products and edges with other numbers; the order of the products is shared.

        Args:
            amount: (m,) amounts.
            direct: (n,) or (n, K) direct emissions.
        """
        graph = SupplyGraph(
            self._supplier,
            self._consumer,
            _floats(amount, "amount", dimensions=(1,)),
            _floats(direct, "direct", dimensions=(1, 2)),
            columns=self._columns,
            products=self._products,
            edge_ids=self._edge_ids,
        )
        graph._topology = self.topology
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
        number = int(product)
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
            self._footprints = self._solve(self._direct) if self._road is None else self._road.live.in_product_order()
        return _read_only(self._footprints)

    def footprint(self, product: int | str) -> float | Floats:
        """The footprint of one product: a number, or K numbers where `direct` has K columns."""
        found = self.footprints()[self.product_number(product)]
        return float(found) if self._direct.ndim == 1 else found

    def requirements(self, product: int | str) -> Floats:
        """(n,) units of every product that one unit of `product` needs, itself included."""
        number = self.product_number(product)
        swapped = SupplyGraph(
            self._consumer,
            self._supplier,
            self._amount,
            self._direct,
            columns=None,
            products=self._products,
            edge_ids=None,
        )
        return swapped._solve(_unit(self.n_products, number))

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
        number = self.product_number(product)
        units = self._solve(_unit(self.n_products, number))
        topology = self.topology
        reached = topology.order[units[topology.order] != 0]
        return Dependents(reached, units[reached])

    def update(
        self,
        *,
        direct: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
        amounts: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike] | None = None,
        absolute: float = 0.0,
        relative: float = 0.0,
    ) -> Changes:
        """Change numbers, and compute again only what follows; see `passport.carbon.update`.

        A refused update leaves the graph as it was. Arrays that the graph has handed out before its first update keep
        their numbers; `direct` and `amount` taken later show each update.

        Args:
            direct: New direct emissions: products with their emissions as a mapping, or as two columns.
            amounts: New amounts: edges with their amounts as a mapping, or as two columns. An edge is its row, or
                (supplier, consumer) where there is one edge between them.
            absolute: List only products that changed by more than this, in the unit of `direct` ...
            relative: ... and by more than this share of their old footprint.

        Raises:
            GraphError: Something in it is not in the graph or is no finite number, or there is no answer.
            UnproductiveError: Some products would need at least as much of each other as they make.
        """
        return update(self, direct=direct, amounts=amounts, absolute=absolute, relative=relative)

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

    def _solve(self, direct: Floats) -> Floats:
        """Footprints for other direct emissions."""
        topology = self.topology
        matrix = topology.matrix(self._amount)

        def block(start: int, end: int, outside: Floats) -> Floats:
            inner = csr_array(matrix[start:end, start:end])
            try:
                return solve_block(inner, outside)
            except UnproductiveError as error:
                loop = tuple(int(topology.order[start + place]) for place in error.loop)
                names = " -> ".join(self.product_name(number) for number in loop[:20])
                raise UnproductiveError(error.message, loop=loop, where=names) from error

        ranked = direct.reshape(self.n_products, -1)[topology.order]
        found = np.empty_like(ranked)
        found[topology.order] = sweep(topology, matrix, ranked, solve_block=block)
        return found.reshape(direct.shape)


def _unit(n: int, number: int) -> Floats:
    demand = np.zeros(n)
    demand[number] = 1.0
    return demand


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _floats(values: ArrayLike, name: str, *, dimensions: tuple[int, ...]) -> Floats:
    array = np.array(values, dtype=np.float64, order="C")
    if array.ndim not in dimensions:
        raise GraphError("wrong shape", where=name, expected=f"{dimensions} dimensions", found=array.shape)
    bad = ~np.isfinite(array)
    if bad.any():
        row = tuple(int(place) for place in np.argwhere(bad)[0])
        raise GraphError("not a finite number", where=f"{name}[{', '.join(map(str, row))}]", found=array[row])
    return array


def _indices(values: ArrayLike, name: str, n: int) -> NDArray[np.int32]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise GraphError("wrong shape", where=name, expected="one dimension", found=array.shape)
    if array.size and array.dtype.kind not in "iu":
        raise GraphError("not whole numbers", where=name, expected="an integer column", found=array.dtype)
    if n > INT32_MAX or len(array) > INT32_MAX:
        raise GraphError("too large", where=name, expected=f"at most {INT32_MAX} rows", found=max(n, len(array)))
    bad = (array < 0) | (array >= n)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise GraphError("no such product", where=f"{name}[{row}]", expected=f"0 to {n - 1}", found=array[row])
    return array.astype(np.int32)
