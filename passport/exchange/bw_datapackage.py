"""A `bw_processing` datapackage (Brightway) as a supply graph, from its files alone: `datapackage.json` and `.npy`.

Technosphere: rows are products, columns activities; the product that an activity is for is the one of its own id, else
the only one it makes. With T the matrix and r the product of activity j, one unit of r needs -T[i,j] / T[r,j] of each
other product i; a treatment's negative T[r,j] is taken as it is. Emissions are columns of their own, or, where there
are characterization factors, one column for each group of these (one impact category). Uncertainties, weightings and
normalizations are not read, which the notes say.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from scipy.sparse import csr_array

from passport.errors import BoundError, DocumentError
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph
from passport.exchange.zip_members import Members, open_members

HEAD = "datapackage.json"
UNIT = "not stated"

MAX_HEAD_BYTES = 64 * 2**20
MAX_ARRAY_BYTES = 2 * 2**30
MAX_CELLS = 10**8
"""Products times columns of direct emissions."""

_TECHNOSPHERE, _BIOSPHERE, _CHARACTERIZATION = "technosphere_matrix", "biosphere_matrix", "characterization_matrix"

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Entries of a matrix, each place once."""

    row: Ids
    col: Ids
    value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """One group of resources: the entries it gives to one matrix."""

    matrix: str
    name: str
    where: str
    entries: _Entries
    adds: bool


def read_datapackage(path: Path, *others: Path) -> NamedGraph:
    """Read a datapackage, and others that belong to it (the factors of an impact category, a background database).

    Args:
        path: A folder or zip with `datapackage.json`.
        others: More of them; later ones replace entries of earlier ones, unless they say that they add.

    Raises:
        DocumentError: Damaged, not of this format, or activities without one product each; names file and activity.
        BoundError: Larger than what is read.
        GraphError: The numbers make no supply graph.
    """
    groups: list[_Group] = []
    notes: list[str] = []
    with ExitStack() as stack:
        for each in (path, *others):
            groups += _groups(stack.enter_context(open_members(each)), notes)
    technosphere = _matrix(groups, _TECHNOSPHERE)
    if technosphere is None:
        raise DocumentError("no technosphere", where=str(path), expected=f"resources of {_TECHNOSPHERE}", found="none")
    activities, product_of, made = _references(technosphere, str(path))
    supplier, consumer, amount = _edges(technosphere, activities, product_of, made)
    columns, direct = _direct(groups, activities, str(path))
    ids = [str(product) for product in product_of]
    graph = supply_graph(
        supplier,
        consumer,
        amount,
        direct / made[:, np.newaxis],
        ids=ids,
        columns=columns,
        where=lambda row: f"{path}: activity {activities[consumer[row]]}",
    )
    units = Labels(np.full(len(ids), -1, dtype=np.int32), ())
    return NamedGraph(graph, ids, ids, units, columns, str(path), notes=tuple(dict.fromkeys(notes)))


def _groups(members: Members, notes: list[str]) -> Iterator[_Group]:
    """The groups of a package, in its order."""
    where = members.where(HEAD)
    try:
        head = orjson.loads(members.read(HEAD, max_bytes=MAX_HEAD_BYTES))
        resources = [entry for entry in head["resources"] if "matrix" in entry]
        groups: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        for entry in resources:
            groups.setdefault((str(entry["matrix"]), str(entry["group"])), {})[str(entry["kind"])] = entry
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DocumentError("not a datapackage", where=where, found=f"{type(error).__name__}: {error}") from error
    for (matrix, group), kinds in groups.items():
        if matrix not in (_TECHNOSPHERE, _BIOSPHERE, _CHARACTERIZATION):
            notes.append(f"{matrix} is not read")
            continue
        if "distributions" in kinds:
            notes.append("uncertainties are not read: amounts are those of the data")
        yield _Group(
            matrix,
            group,
            f"{where}: group {group}",
            _entries(members, kinds, is_sum=bool(head.get("sum_intra_duplicates", True)), where=f"{where}: {group}"),
            adds=bool(head.get("sum_inter_duplicates", False)),
        )


def _entries(members: Members, kinds: dict[str, dict[str, Any]], *, is_sum: bool, where: str) -> _Entries:
    """The entries of one group, each place once."""
    lacking = [kind for kind in ("indices", "data") if kind not in kinds]
    if lacking:
        raise DocumentError("a group without its arrays", where=where, expected=lacking[0], found=", ".join(kinds))
    for kind, entry in kinds.items():
        if entry.get("category", "vector") != "vector" or entry.get("format", "npy") != "npy":
            found = f"{kind}: {entry.get('category')} as {entry.get('format')}"
            hint = "write one vector of data, with the serializer for NumPy"
            raise DocumentError(
                "arrays that are not read here", where=where, expected="vectors as npy", found=found, hint=hint
            )
    indices = _array(members, kinds["indices"], where)
    if indices.dtype.names is None or not {"row", "col"} <= set(indices.dtype.names):
        raise DocumentError("not indices", where=where, expected="fields row and col", found=indices.dtype)
    data = _array(members, kinds["data"], where)
    flip = _array(members, kinds["flip"], where) if "flip" in kinds else np.zeros(len(data), dtype=bool)
    if data.dtype.kind not in "fiu" or flip.dtype.kind != "b" or not len(indices) == len(data) == len(flip):
        found = f"{len(indices)} indices, {len(data)} {data.dtype}, {len(flip)} {flip.dtype}"
        raise DocumentError("arrays that do not fit each other", where=where, expected="equal lengths", found=found)
    values = np.where(flip, -data.astype(np.float64), data.astype(np.float64))
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise DocumentError("not a finite number", where=f"{where}, entry {int(bad[0])}", found=values[bad[0]])
    entries = _Entries(indices["row"].astype(np.int64), indices["col"].astype(np.int64), values)
    return _merged(entries, is_sum=is_sum)


def _array(members: Members, entry: dict[str, Any], where: str) -> NDArray[Any]:
    name = str(entry.get("path"))
    try:
        array: NDArray[Any] = np.load(io.BytesIO(members.read(name, max_bytes=MAX_ARRAY_BYTES)), allow_pickle=False)
    except (ValueError, EOFError, SyntaxError, MemoryError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(
            "not an npy file", where=members.where(name), expected="a whole array", found=error
        ) from error
    if array.ndim != 1:
        raise DocumentError("not a vector", where=f"{where}: {name}", expected="one dimension", found=array.shape)
    return array


def _merged(entries: _Entries, *, is_sum: bool) -> _Entries:
    """Each place once: the sum of its entries, or the last one."""
    places = np.stack([entries.row, entries.col], axis=1)
    unique, inverse = np.unique(places, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    values = np.zeros(len(unique))
    if is_sum:
        np.add.at(values, inverse, entries.value)
    else:
        values[inverse] = entries.value  # of several the last one stays
    return _Entries(unique[:, 0], unique[:, 1], values)


def _matrix(groups: list[_Group], matrix: str) -> _Entries | None:
    """All groups of a matrix together: a later entry replaces an earlier one, unless its package adds them."""
    found: _Entries | None = None
    for group in groups:
        if group.matrix == matrix:
            own = group.entries
            if found is not None:
                row, col = np.concatenate([found.row, own.row]), np.concatenate([found.col, own.col])
                value = np.concatenate([found.value, own.value])
                own = _merged(_Entries(row, col, value), is_sum=group.adds)
            found = own
    return found


def _references(technosphere: _Entries, where: str) -> tuple[Ids, Ids, Floats]:
    """The activities, the product each is for, and how much of it a column makes."""
    kept = technosphere.value != 0
    row, col, value = technosphere.row[kept], technosphere.col[kept], technosphere.value[kept]
    activities = np.unique(technosphere.col)
    product_of, made = activities.copy(), np.zeros(len(activities))
    own = row == col
    made[np.searchsorted(activities, col[own])] = value[own]
    makes = (value > 0) & ~np.isin(row, row[own])  # of what is no other activity's own product, or waste to treat
    outputs = np.bincount(np.searchsorted(activities, col[makes]), minlength=len(activities))
    lone = makes & (outputs[np.searchsorted(activities, col)] == 1) & (made[np.searchsorted(activities, col)] == 0)
    places = np.searchsorted(activities, col[lone])
    product_of[places], made[places] = row[lone], value[lone]
    without = np.flatnonzero(made == 0)
    if len(without):
        number = int(without[0])
        raise DocumentError(
            "an activity whose product is not clear",
            where=f"{where}: activity {activities[number]}",
            expected="a product of the activity's own id, or just one output above 0",
            found=f"{outputs[number]} outputs",
        )
    unique, counts = np.unique(product_of, return_counts=True)
    products = np.unique(row)
    if len(unique) != len(product_of) or not np.isin(products, unique).all():
        several = unique[counts > 1] if len(unique) != len(product_of) else products[~np.isin(products, unique)]
        raise DocumentError(
            "a product that is not of one activity",
            where=f"{where}: product {several[0]}",
            expected="one activity for each product",
            found=f"{int((product_of == several[0]).sum())} activities",
        )
    return activities, product_of, made


def _edges(
    technosphere: _Entries, activities: Ids, product_of: Ids, made: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """What each activity takes per unit of its product; what it makes of others counts as taken less."""
    order = np.argsort(product_of)
    consumer = np.searchsorted(activities, technosphere.col)
    supplier = order[np.searchsorted(product_of[order], technosphere.row)]
    taken = (supplier != consumer) & (technosphere.value != 0)
    supplier, consumer = supplier[taken], consumer[taken]
    return supplier, consumer, -technosphere.value[taken] / made[consumer]


def _direct(groups: list[_Group], activities: Ids, where: str) -> tuple[tuple[Column, ...], Floats]:
    """Direct emissions of each activity, by flow or by impact category."""
    biosphere = _matrix(groups, _BIOSPHERE)
    if biosphere is None:
        raise DocumentError("no emissions", where=where, expected=f"resources of {_BIOSPHERE}", found="none")
    known = np.isin(biosphere.col, activities)
    if not known.all():
        stray = biosphere.col[~known][0]
        raise DocumentError("emissions of no activity", where=where, expected="activities", found=f"activity {stray}")
    flows = np.unique(biosphere.row)
    places = (np.searchsorted(activities, biosphere.col), np.searchsorted(flows, biosphere.row))
    emitted = csr_array((biosphere.value, places), shape=(len(activities), len(flows)))
    factors = [group for group in groups if group.matrix == _CHARACTERIZATION]
    count = len(factors) or len(flows)
    if count * len(activities) > MAX_CELLS:
        hint = "add a datapackage of an impact category"
        raise BoundError("too many columns", where=where, expected=f"at most {MAX_CELLS} cells", found=count, hint=hint)
    if not factors:
        return tuple(Column(f"flow {flow}", UNIT) for flow in flows), emitted.toarray()
    columns = tuple(Column(group.name, UNIT) for group in factors)
    return columns, np.column_stack([np.asarray(emitted @ _factors(group, flows)) for group in factors])


def _factors(group: _Group, flows: Ids) -> Floats:
    """A factor for each flow, 0 where the category has none."""
    entries = group.entries
    if len(np.unique(entries.row)) != len(entries.row):
        raise DocumentError("several factors for one flow", where=group.where, expected="factors that hold everywhere")
    factors = np.zeros(len(flows))
    used = np.isin(entries.row, flows)
    factors[np.searchsorted(flows, entries.row[used])] = entries.value[used]
    return factors
