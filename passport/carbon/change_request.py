"""What a caller wants changed in a graph, checked before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon.columns import refuse_masked
from passport.errors import GraphError

if TYPE_CHECKING:
    from passport.carbon.graph import SupplyGraph

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Product: TypeAlias = int | str
Edge: TypeAlias = int | tuple[Product, Product]
"""An edge by its row, or by supplier and consumer where there is one edge between them."""

NONE = np.zeros(0, dtype=np.int64)
NONE.flags.writeable = False


def direct_changes(
    graph: SupplyGraph, direct: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike]
) -> tuple[Numbers, Floats]:
    """Products and their new direct emissions."""
    keys, values = _pairs(direct, "direct")
    products = product_numbers(graph, keys, "direct")
    return products, numbers(values, "direct", (len(products), *graph._direct.shape[1:]))


def amount_changes(
    graph: SupplyGraph, amounts: Mapping[Any, ArrayLike] | tuple[ArrayLike, ArrayLike]
) -> tuple[Numbers, Floats]:
    """Edges' rows and their new amounts."""
    keys, values = _pairs(amounts, "amounts")
    edges = edge_rows(graph, keys, "amounts")
    return edges, numbers(values, "amounts", (len(edges),))


def _pairs(changes: Any, where: str) -> tuple[Any, Any]:
    if isinstance(changes, Mapping):
        return list(changes.keys()), list(changes.values())
    if not isinstance(changes, tuple) or len(changes) != 2:
        raise GraphError(
            "neither a mapping nor two columns",
            where=where,
            expected="{which: number} or (which, numbers)",
            found=changes,
        )
    return changes


def product_numbers(graph: SupplyGraph, products: Any, where: str, *, n_added: int = 0) -> Numbers:
    """Different products, given by number or name.

    Args:
        graph: The graph.
        products: What the caller gave.
        where: What it is called.
        n_added: How many products an update adds behind those that there are.
    """
    n = graph.n_products + n_added
    if isinstance(products, list | tuple):
        products = [graph.product_number(each) if isinstance(each, str) else each for each in products]
    return _different(whole_numbers(products, where, n, what="product"), where)


def edge_rows(graph: SupplyGraph, edges: Any, where: str) -> Numbers:
    """Different edges, each given by row or by supplier and consumer."""
    if isinstance(edges, list | tuple):
        edges = [_edge_between(graph, each, where) if isinstance(each, tuple) else each for each in edges]
    return _different(whole_numbers(edges, where, graph.n_edges, what="edge"), where)


def _edge_between(graph: SupplyGraph, ends: tuple[Any, ...], where: str) -> int:
    if len(ends) != 2:
        raise GraphError("not an edge", where=where, expected="a row, or (supplier, consumer)", found=ends)
    supplier, consumer = (graph.product_number(end) for end in ends)
    topology = graph.topology
    row = topology.rank[consumer]
    low, high = topology.indptr[row], topology.indptr[row + 1]
    found = topology.edge[low:high][topology.indices[low:high] == topology.rank[supplier]]
    names = f"{graph.product_name(supplier)} -> {graph.product_name(consumer)}"
    if len(found) == 0:
        raise GraphError("no edge between these products", where=where, found=names, hint="add it with add_edges")
    if len(found) > 1:
        rows = sorted(found.tolist())
        raise GraphError(
            "several edges between these products", where=where, expected="an edge's row", found=f"{names}: {rows}"
        )
    return int(found[0])


def whole_numbers(values: Any, where: str, n: int, *, what: str) -> Numbers:
    """A column of numbers from 0 to n-1."""
    if isinstance(values, list | tuple):
        try:
            values = [index(value) for value in values]
            array = np.array(values, dtype=np.int64)
        except (TypeError, OverflowError) as error:
            raise GraphError("not whole numbers", where=where, expected=f"{what} numbers", found=values) from error
    else:
        array = np.asarray(values)
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            expected = "one dimension of whole numbers"
            raise GraphError("not whole numbers", where=where, expected=expected, found=f"{array.dtype} {array.shape}")
    if len(array):
        lowest, highest = int(array.min()), int(array.max())
        if lowest < 0 or highest >= n:
            found = lowest if lowest < 0 else highest
            raise GraphError(f"no such {what}", where=where, expected=f"0 to {n - 1}", found=found)
    return array.astype(np.int64)


def _different(array: Numbers, where: str) -> Numbers:
    if len(array) > 1:
        ordered = np.sort(array)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if len(twice):
            raise GraphError("given twice", where=where, found=int(twice[0]))
    return array


def numbers(values: Any, where: str, shape: tuple[int, ...]) -> Floats:
    """Finite numbers of that shape."""
    refuse_masked(values, name=where)
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise GraphError("not numbers", where=where, expected=f"numbers of shape {shape}", found=values) from error
    if array.shape != shape and not (array.size == 0 and shape[0] == 0):
        raise GraphError("wrong shape", where=where, expected=shape, found=array.shape)
    is_finite = np.isfinite(array)
    if not is_finite.all():
        row = tuple(int(place) for place in np.argwhere(~is_finite)[0])
        raise GraphError("not a finite number", where=f"{where}[{', '.join(map(str, row))}]", found=array[row])
    return array.reshape(shape)
