"""A `bw_processing` datapackage (Brightway) as a supply graph, from its files alone: `datapackage.json` and `.npy`.

Technosphere: rows are products, columns activities; the product that an activity is for is the one of its own id, else
the only one it makes. With T the matrix and r the product of activity j, one unit of r needs -T[i,j] / T[r,j] of each
other product i; a treatment's negative T[r,j] is taken as it is. Emissions are columns of their own, or, where there
are characterization factors, one column for each group of these (one impact category). Spreads are those of
`distributions`; those of what activities make and of characterization factors, weightings and normalizations are not
read, which the notes say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from scipy.sparse import csr_array

from passport.errors import BoundError, DocumentError
from passport.exchange.bw_entries import Entries, Floats, Ids, entries_of, merged
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph
from passport.exchange.stated_spreads import StatedSpreads, combined
from passport.exchange.zip_members import Members, open_members

HEAD = "datapackage.json"
UNIT = "not stated"

MAX_HEAD_BYTES = 64 * 2**20
MAX_CELLS = 10**8
"""Products times columns of direct emissions."""

_TECHNOSPHERE, _BIOSPHERE, _CHARACTERIZATION = "technosphere_matrix", "biosphere_matrix", "characterization_matrix"

_OF_PRODUCTS = "spreads of what activities make are not read: taken as exact"
_OF_FACTORS = "spreads of characterization factors are not read: taken as exact"


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """One group of resources: the entries it gives to one matrix."""

    matrix: str
    name: str
    where: str
    entries: Entries
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
    unread: dict[str, None] = {}
    notes = Counter[str]()
    with ExitStack() as stack:
        for each in (path, *others):
            groups += _groups(stack.enter_context(open_members(each)), unread, notes)
    technosphere = _matrix(groups, _TECHNOSPHERE)
    if technosphere is None:
        raise DocumentError("no technosphere", where=str(path), expected=f"resources of {_TECHNOSPHERE}", found="none")
    activities, product_of, made = _references(technosphere, str(path))
    supplier, consumer, amount, taken = _edges(technosphere, activities, product_of, made)
    columns, direct, emitted = _direct(groups, activities, str(path))
    _count_unread(groups, int(technosphere.moves.sum()) - int(taken.moves.sum()), notes)
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
    told = (*unread, *(f"{count} {what}" for what, count in sorted(notes.items())))
    return NamedGraph(graph, ids, ids, units, columns, str(path), notes=told).with_spreads(
        edges=taken.stated, direct=emitted
    )


def _count_unread(groups: list[_Group], of_products: int, notes: Counter[str]) -> None:
    """Say how many spreads have no place in the graph."""
    of_factors = sum(int(group.entries.moves.sum()) for group in groups if group.matrix == _CHARACTERIZATION)
    counts = {_OF_PRODUCTS: of_products, _OF_FACTORS: of_factors}
    notes.update({what: count for what, count in counts.items() if count})


def _groups(members: Members, unread: dict[str, None], notes: Counter[str]) -> Iterator[_Group]:
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
            unread.setdefault(f"{matrix} is not read")
            continue
        yield _Group(
            matrix,
            group,
            f"{where}: group {group}",
            entries_of(
                members,
                kinds,
                is_sum=bool(head.get("sum_intra_duplicates", True)),
                where=f"{where}: {group}",
                notes=notes,
            ),
            adds=bool(head.get("sum_inter_duplicates", False)),
        )


def _matrix(groups: list[_Group], matrix: str) -> Entries | None:
    """All groups of a matrix together: a later entry replaces an earlier one, unless its package adds them."""
    found: Entries | None = None
    for group in groups:
        if group.matrix == matrix:
            own = group.entries
            if found is not None:
                own = merged(Entries.joined(found, own), is_sum=group.adds)
            found = own
    return found


def _references(technosphere: Entries, where: str) -> tuple[Ids, Ids, Floats]:
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


def _edges(technosphere: Entries, activities: Ids, product_of: Ids, made: Floats) -> tuple[Ids, Ids, Floats, Entries]:
    """What each activity takes per unit of its product; what it makes of others counts as taken less."""
    order = np.argsort(product_of)
    consumer = np.searchsorted(activities, technosphere.col)
    supplier = order[np.searchsorted(product_of[order], technosphere.row)]
    taken = (supplier != consumer) & (technosphere.value != 0)
    supplier, consumer, entries = supplier[taken], consumer[taken], technosphere.rows(taken)
    return supplier, consumer, -entries.value / made[consumer], entries


def _direct(
    groups: list[_Group], activities: Ids, where: str
) -> tuple[tuple[Column, ...], Floats, StatedSpreads | None]:
    """Direct emissions of each activity, by flow or by impact category, and their spreads if any is stated."""
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
    stated = biosphere.stated if biosphere.stated.is_any else None
    if not factors:
        cells = places[0] * len(flows) + places[1]
        spreads = None
        if stated is not None:
            spreads = combined(cells, biosphere.value, stated, count=count * len(activities))
            spreads = spreads.reshaped(len(activities), count)
        return tuple(Column(f"flow {flow}", UNIT) for flow in flows), emitted.toarray(), spreads
    columns = tuple(Column(group.name, UNIT) for group in factors)
    each = [_factors(group, flows) for group in factors]
    direct = np.column_stack([np.asarray(emitted @ factor) for factor in each])
    if stated is None:
        return columns, direct, None
    found = [combined(places[0], biosphere.value * f[places[1]], stated, count=len(activities)) for f in each]
    return columns, direct, StatedSpreads.joined(found).reshaped(count, len(activities)).turned()


def _factors(group: _Group, flows: Ids) -> Floats:
    """A factor for each flow, 0 where the category has none."""
    entries = group.entries
    if len(np.unique(entries.row)) != len(entries.row):
        raise DocumentError("several factors for one flow", where=group.where, expected="factors that hold everywhere")
    factors = np.zeros(len(flows))
    used = np.isin(entries.row, flows)
    factors[np.searchsorted(flows, entries.row[used])] = entries.value[used]
    return factors
