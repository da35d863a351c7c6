"""Edges and products that a caller wants added and removed, checked before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon.change_request import NONE, Floats, Numbers, edge_rows, numbers, product_numbers, whole_numbers
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

_NO_AMOUNTS: Floats = np.zeros(0)


class Structure(TypedDict, total=False):
    """Edges and products to add and to remove, all by the numbers that they have before the update."""

    add_products: ArrayLike
    """(k,) or (k, K) direct emissions of new products, numbered behind those that there are."""
    add_names: Sequence[str]
    """(k,) their names, in a graph whose products have names."""
    add_edges: tuple[ArrayLike, ArrayLike, ArrayLike]
    """Columns supplier, consumer, amount of new edges, among old and new products."""
    add_edge_ids: ArrayLike
    """Keys of their random draws; else the next ones."""
    remove_edges: Iterable[int | tuple[int | str, int | str]]
    """Edges, each by row or by supplier and consumer."""
    remove_products: Iterable[int | str]
    """Products that nothing uses, or nothing that stays; what they use themselves is removed with them."""


@dataclass(frozen=True, slots=True, eq=False)
class Restructuring:
    """Edges and products to add and to remove, and numbers to change, checked; numbers are those before the change.

    Attributes:
        products: Whose direct emissions change.
        emissions: To what.
        edges: Rows of the edges whose amount changes.
        amounts: To what.
        added: (k,) or (k, K) direct emissions of the products to add, which are numbered behind those that there are.
        names: Their names; None in a graph without names.
        supplier: Of the edges to add.
        consumer: Of the edges to add.
        added_amounts: Of the edges to add.
        edge_ids: Keys of the edges to add; None: the next ones.
        removed_edges: Rows, in order.
        removed_products: Numbers, in order.
    """

    products: Numbers
    emissions: Floats
    edges: Numbers
    amounts: Floats
    added: Floats
    names: tuple[str, ...] | None
    supplier: Numbers
    consumer: Numbers
    added_amounts: Floats
    edge_ids: NDArray[np.uint64] | None
    removed_edges: Numbers
    removed_products: Numbers


def read(
    graph: SupplyGraph,
    *,
    products: Numbers,
    emissions: Floats,
    edges: Numbers,
    amounts: Floats,
    add_products: Any = None,
    add_names: Sequence[str] | None = None,
    add_edges: Any = None,
    add_edge_ids: Any = None,
    remove_edges: Any = None,
    remove_products: Any = None,
) -> Restructuring:
    """Check a restructuring; the arguments are those of `SupplyGraph.update`.

    Raises:
        GraphError: It does not fit the graph.
    """
    n = graph.n_products
    added = graph._direct[:0]
    if add_products is not None:
        count = len(np.atleast_1d(np.asarray(add_products, dtype=object)))
        added = numbers(add_products, "add_products", (count, *graph._direct.shape[1:]))
    names = _names(graph, add_names, len(added))
    supplier, consumer, added_amounts = NONE, NONE, _NO_AMOUNTS
    if add_edges is not None:
        if not isinstance(add_edges, tuple) or len(add_edges) != 3:
            raise GraphError("not three columns", where="add_edges", expected="(supplier, consumer, amount)")
        new = {name: n + place for place, name in enumerate(names or ())}
        ends = [_ends(graph, column, new, n + len(added)) for column in add_edges[:2]]
        supplier, consumer = ends
        if len(supplier) != len(consumer):
            expected = f"{len(supplier)} consumers"
            raise GraphError("columns of different lengths", where="add_edges", expected=expected, found=len(consumer))
        added_amounts = numbers(add_edges[2], "add_edges", (len(supplier),))
    edge_ids = None
    if add_edge_ids is not None:
        edge_ids = whole_numbers(add_edge_ids, "add_edge_ids", 1 << 63, what="key").astype(np.uint64)
        if len(edge_ids) != len(supplier):
            raise GraphError(
                "not a key for each edge", where="add_edge_ids", expected=len(supplier), found=len(edge_ids)
            )
    asked = NONE if remove_edges is None else edge_rows(graph, _listed(remove_edges), "remove_edges")
    gone = NONE if remove_products is None else product_numbers(graph, _listed(remove_products), "remove_products")
    removed_edges = _removed_edges(graph, asked, gone)
    _refuse_if_any(products, gone, "direct", "a product that is removed")
    _refuse_if_any(edges, removed_edges, "amounts", "an edge that is removed")
    _refuse_if_any(np.concatenate((supplier, consumer)), gone, "add_edges", "a product that is removed")
    if len(gone) == n and not len(added):
        raise GraphError("no product would be left", where="remove_products", found=f"all {n}")
    return Restructuring(
        products=products,
        emissions=emissions,
        edges=edges,
        amounts=amounts,
        added=added,
        names=names,
        supplier=supplier,
        consumer=consumer,
        added_amounts=added_amounts,
        edge_ids=edge_ids,
        removed_edges=removed_edges,
        removed_products=np.sort(gone),
    )


def _listed(values: Any) -> Any:
    return values if isinstance(values, list | np.ndarray) else list(values)


def _names(graph: SupplyGraph, names: Sequence[str] | None, count: int) -> tuple[str, ...] | None:
    if graph._products is None:
        if names is not None:
            raise GraphError("names in a graph without names", where="add_names")
        return None
    given = tuple(names or ())
    if len(given) != count:
        raise GraphError("not a name for each added product", where="add_names", expected=count, found=len(given))
    known = set(graph._products)
    for place, name in enumerate(given):
        if name in known:
            raise GraphError("a name that there is already", where=f"add_names[{place}]", found=repr(name))
        known.add(name)
    return given


def _ends(graph: SupplyGraph, column: Any, new: dict[str, int], n: int) -> Numbers:
    if isinstance(column, list | tuple):
        column = [
            (new[each] if each in new else graph.product_number(each)) if isinstance(each, str) else each
            for each in column
        ]
    return whole_numbers(column, "add_edges", n, what="product")


def _removed_edges(graph: SupplyGraph, asked: Numbers, gone: Numbers) -> Numbers:
    """Edges to remove: those asked for, and what the removed products use.

    Raises:
        GraphError: Something that stays uses a removed product.
    """
    if not len(gone):
        return np.sort(asked)
    is_gone = np.zeros(graph.n_products, dtype=np.bool_)
    is_gone[gone] = True
    is_removed = is_gone[graph._consumer]
    is_removed[asked] = True
    left = np.flatnonzero(is_gone[graph._supplier] & ~is_removed)
    if len(left):
        row = int(left[0])
        used, user = (graph.product_name(int(column[row])) for column in (graph._supplier, graph._consumer))
        raise GraphError(
            "a product that others use",
            where="remove_products",
            found=f"{used}, which {user} uses (edge {row})",
            hint="remove its uses as well: what is left out lowers no footprint unnoticed",
        )
    return np.flatnonzero(is_removed)


def _refuse_if_any(given: Numbers, removed: Numbers, where: str, what: str) -> None:
    both = np.intersect1d(given, removed)
    if len(both):
        raise GraphError(what, where=where, found=int(both[0]))
