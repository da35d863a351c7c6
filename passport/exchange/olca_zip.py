"""An `olca-schema` JSON-LD package (openLCA) as a supply graph: processes, exchanges, providers, impact categories.

Each process is one product: its quantitative reference (of a treatment, the waste it takes in), in the reference unit
of that flow; co-products carry nothing. An input, or waste sent away, is supplied by its default provider, else by the
only process whose reference it is; where none is, it counts as nothing, which the notes say, and where several are and
none is named, it is refused. Avoided products count as taken less. Columns are the impact categories of the package,
or, without any, its elementary flows: what comes out is positive, what goes in negative.
Spreads are those of the exchanges; that of a reference amount is not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from passport.errors import BoundError, DocumentError
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph
from passport.exchange.olca_spreads import exchange_spreads
from passport.exchange.olca_units import Entity, FlowUnits, flow_units, number_of, reference
from passport.exchange.stated_spreads import combined
from passport.exchange.zip_members import Members, open_members

MAX_MEMBER_BYTES = 64 * 2**20
MAX_CELLS = 10**8
"""Products times columns of direct emissions."""

_PRODUCT, _WASTE, _ELEMENTARY = "PRODUCT_FLOW", "WASTE_FLOW", "ELEMENTARY_FLOW"


@dataclass(slots=True)
class _Process:
    """A process with what it is for."""

    id: str
    where: str
    told: Entity
    flow: str
    made: float


@dataclass(slots=True)
class _Edges:
    """What was linked so far."""

    supplier: list[int] = field(default_factory=list)
    consumer: list[int] = field(default_factory=list)
    amount: list[float] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    told: list[Entity] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def read_olca_zip(path: Path) -> NamedGraph:
    """Read a package, a zip or a folder of its files.

    Raises:
        DocumentError: Damaged, not of this format, or with a process that cannot be a product; names file and exchange.
        UnitError: An amount in a unit in which its flow is not measured.
        BoundError: Larger than what is read.
        GraphError: The numbers make no supply graph.
    """
    with open_members(path) as members:
        flows = _flows(members)
        processes = [_process(told, flows, where) for where, told in _entities(members, "processes")]
        categories = [told for _, told in _entities(members, "lcia_categories")]
        if not processes:
            raise DocumentError("no processes", where=str(path), expected="files processes/*.json", found="none")
        locations = {str(told.get("@id")): told for _, told in _entities(members, "locations")}
    edges = _Edges()
    makers: dict[str, list[int]] = {}
    for number, process in enumerate(processes):
        makers.setdefault(process.flow, []).append(number)
    columns, factors = _columns(categories, flows, processes, str(path))
    direct = np.zeros((len(processes), len(columns)))
    emissions: list[tuple[str, Entity]] = []
    terms: list[tuple[int, int, float]] = []
    numbers = {process.id: number for number, process in enumerate(processes)}
    for number, process in enumerate(processes):
        for where, entry in _others(process):
            flow = _flow(entry, flows, where)
            amount = flow.in_reference_unit(number_of(entry, "amount", where=where), entry, where=where) / process.made
            if flow.kind == _ELEMENTARY:
                for column, factor in factors.get(str(reference(entry, "flow")), ()):
                    emitted = factor * amount * (1 if categories or not _is_input(entry) else -1)
                    direct[number, column] += emitted
                    terms.append((len(emissions), number * len(columns) + column, emitted))
                emissions.append((where, entry))
            else:
                _link(
                    edges,
                    entry,
                    number,
                    amount,
                    where=where,
                    flow=flow,
                    processes=processes,
                    numbers=numbers,
                    makers=makers,
                )
    ids = [process.id for process in processes]
    places = edges.places
    entry_of, cells, values = (
        (np.array(each) for each in zip(*terms, strict=True)) if terms else (np.zeros(0, int),) * 3
    )
    taken = exchange_spreads(list(zip(places, edges.told, strict=True)), edges.left_out)
    spreads = combined(cells, values, exchange_spreads(emissions, edges.left_out).rows(entry_of), count=direct.size)
    unread = sum(_states(process) for process in processes)
    if unread:
        edges.left_out["spreads of reference amounts are not read: taken as exact"] += unread
    named = NamedGraph(
        graph=supply_graph(
            np.array(edges.supplier, dtype=np.int32),
            np.array(edges.consumer, dtype=np.int32),
            edges.amount,
            direct,
            ids=ids,
            columns=columns,
            where=lambda row: places[row] if places else str(path),
        ),
        ids=ids,
        names=[str(process.told.get("name") or process.id) for process in processes],
        units=Labels.of(flows[process.flow].unit for process in processes),
        columns=columns,
        source=str(path),
        tags={
            "location": Labels.of(_location(process.told, locations) for process in processes),
            "category": Labels.of(_category(process.told) for process in processes),
        },
        notes=tuple(f"{count} {what}" for what, count in sorted(edges.left_out.items())),
    )
    return named.with_spreads(edges=taken, direct=spreads.reshaped(*direct.shape))


def _states(process: _Process) -> bool:
    """Whether a process says how far its reference amount may be off."""
    told = next(entry for entry in process.told["exchanges"] if _is_reference(entry)).get("uncertainty")
    return isinstance(told, dict) and told.get("distributionType") not in (None, "NONE")


def _link(
    edges: _Edges,
    entry: Entity,
    consumer: int,
    amount: float,
    *,
    where: str,
    flow: FlowUnits,
    processes: list[_Process],
    numbers: dict[str, int],
    makers: dict[str, list[int]],
) -> None:
    """Find who supplies an exchange, and add the edge."""
    is_avoided = bool(entry.get("isAvoidedProduct", entry.get("avoidedProduct", False)))
    takes = _is_input(entry) == (flow.kind == _PRODUCT)
    if not takes and not is_avoided:
        edges.left_out["co-products carry nothing: all stands on the reference product"] += 1
        return
    flow_id = str(reference(entry, "flow"))
    named = reference(entry, "defaultProvider")
    if named is not None and named in numbers:
        supplier = numbers[named]
        if processes[supplier].flow != flow_id:
            edges.left_out["inputs are co-products of their provider and count as nothing"] += 1
            return
    else:
        known = makers.get(flow_id, [])
        if len(known) > 1:
            raise DocumentError(
                "an input that several processes supply",
                where=f"{where}, {flow.name}",
                expected="a default provider",
                found=", ".join(str(processes[maker].told.get("name")) for maker in known[:5]),
            )
        if not known:
            edges.left_out["inputs or wastes that no process here supplies or treats count as nothing"] += 1
            return
        supplier = known[0]
    edges.supplier.append(supplier)
    edges.consumer.append(consumer)
    edges.amount.append(-amount if is_avoided else amount)
    edges.places.append(where)
    edges.told.append(entry)


def _entities(members: Members, folder: str) -> Iterator[tuple[str, Entity]]:
    """The entities of one kind, each with its file."""
    for name in members.names:
        parts = name.split("/")
        if len(parts) < 2 or parts[-2] != folder or not parts[-1].endswith(".json"):
            continue
        where = members.where(name)
        try:
            told = orjson.loads(members.read(name, max_bytes=MAX_MEMBER_BYTES))
        except orjson.JSONDecodeError as error:
            raise DocumentError("not JSON", where=where, found=error) from error
        if not isinstance(told, dict) or not isinstance(told.get("@id"), str):
            raise DocumentError("not an entity", where=where, expected="an object with @id")
        yield where, told


def _flows(members: Members) -> dict[str, FlowUnits]:
    groups = {told["@id"]: told for _, told in _entities(members, "unit_groups")}
    properties = {told["@id"]: told for _, told in _entities(members, "flow_properties")}
    try:
        return {
            told["@id"]: flow_units(told, properties, groups, where=where)
            for where, told in _entities(members, "flows")
        }
    except (TypeError, AttributeError) as error:
        raise DocumentError("not a flow", where=str(members.path), found=error) from error


def _process(told: Entity, flows: dict[str, FlowUnits], where: str) -> _Process:
    """A process with its reference: how much of which flow."""
    exchanges = told.get("exchanges")
    if not isinstance(exchanges, list) or not all(isinstance(entry, dict) for entry in exchanges):
        raise DocumentError(
            "a process without exchanges", where=where, expected="a list", found=type(exchanges).__name__
        )
    found = [entry for entry in exchanges if _is_reference(entry)]
    if len(found) != 1:
        expected = "one quantitative reference"
        raise DocumentError("a process whose product is not clear", where=where, expected=expected, found=len(found))
    flow = _flow(found[0], flows, where)
    if flow.kind == _ELEMENTARY or _is_input(found[0]) != (flow.kind == _WASTE):
        expected = "a product that comes out, or waste that goes in"
        raise DocumentError("a reference that is no product", where=where, expected=expected, found=flow.name)
    made = flow.in_reference_unit(number_of(found[0], "amount", where=where), found[0], where=where)
    if made <= 0:
        raise DocumentError("a reference amount that is not above 0", where=where, expected="more than 0", found=made)
    return _Process(str(told["@id"]), where, told, str(reference(found[0], "flow")), made)


def _others(process: _Process) -> Iterator[tuple[str, Entity]]:
    """Everything but the reference, with where it stands."""
    for number, entry in enumerate(process.told["exchanges"], start=1):
        if not _is_reference(entry):
            yield f"{process.where}, exchange {number}", entry


def _columns(
    categories: list[Entity], flows: dict[str, FlowUnits], processes: list[_Process], where: str
) -> tuple[tuple[Column, ...], dict[str, list[tuple[int, float]]]]:
    """The columns, and what a reference unit of each flow gives to which of them."""
    factors: dict[str, list[tuple[int, float]]] = {}
    if not categories:
        used = {str(reference(entry, "flow")) for process in processes for _, entry in _others(process)}
        kept = [flow for flow in flows if flow in used and flows[flow].kind == _ELEMENTARY]
        columns = tuple(Column(flows[flow].name, flows[flow].unit) for flow in kept)
        factors = {flow: [(number, 1.0)] for number, flow in enumerate(kept)}
    else:
        columns = tuple(Column(str(each.get("name")), str(each.get("refUnit") or "not stated")) for each in categories)
        for number, category in enumerate(categories):
            place = f"{where}: impact category {category.get('name')}"
            for entry in category.get("impactFactors") or []:
                flow = _flow(entry, flows, place)
                if reference(entry, "location") is not None:
                    raise DocumentError(
                        "a factor for one place", where=place, expected="factors that hold everywhere", found=flow.name
                    )
                per_unit = flow.in_reference_unit(1.0, entry, where=place)
                value = number_of(entry, "value", where=place) / per_unit
                factors.setdefault(str(reference(entry, "flow")), []).append((number, value))
    if len(columns) * len(processes) > MAX_CELLS:
        hint = "export the package with an impact method"
        raise BoundError(
            "too many columns", where=where, expected=f"at most {MAX_CELLS} cells", found=len(columns), hint=hint
        )
    if not columns:
        raise DocumentError("no emissions", where=where, expected="elementary flows or impact categories", found="none")
    return columns, factors


def _flow(entry: Entity, flows: dict[str, FlowUnits], where: str) -> FlowUnits:
    flow_id = reference(entry, "flow") if isinstance(entry, dict) else None
    if flow_id not in flows:
        raise DocumentError("a flow that is not there", where=where, expected="a file in flows/", found=flow_id)
    return flows[flow_id]


def _is_reference(entry: Entity) -> bool:
    return bool(entry.get("isQuantitativeReference", entry.get("quantitativeReference", False)))


def _is_input(entry: Entity) -> bool:
    return bool(entry.get("isInput", entry.get("input", False)))


def _location(told: Entity, locations: dict[str, Entity]) -> str | None:
    """The code of a process' location, else its name."""
    named: Any = told.get("location")
    if not isinstance(named, dict):
        return None
    full = locations.get(str(named.get("@id")), {})
    return str(full.get("code") or named.get("name") or "") or None


def _category(told: Entity) -> str | None:
    """The category of a process, as a path or by its name."""
    named: Any = told.get("category")
    if isinstance(named, dict):
        named = named.get("name")
    return str(named) if named else None
