"""Inventories of one or many products as a supply graph, as they would be issued, but all at once and with loops.

One unit of each product is the amount that its footprint is declared for. Direct emissions and factors are computed as
issuing computes them; an input with a product is an edge from the inventory of that product, which has to be among
them. Columns are the total excluding biogenic uptake and every PACT component that is stated. Inputs that are declared
as missing count as nothing, which the notes say. Spreads are those of the inputs (`inventory_spreads`).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from passport.arithmetic.contribution import Contribution
from passport.arithmetic.level import level_scale
from passport.arithmetic.quanta import from_decimal, to_decimal
from passport.arithmetic.rows import recompute_row, upstream_scale
from passport.arithmetic.scale import UNITY, Scale, period_scale
from passport.arithmetic.share import share_scale
from passport.errors import DocumentError
from passport.exchange.inventory_file import InventoryFile, read_inventories
from passport.exchange.inventory_spreads import InventorySpreads
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph
from passport.exchange.row_inputs import row_plans
from passport.model.amount import to_text
from passport.model.components import COMPONENTS, TOTAL_EXCLUDING
from passport.model.inputs import PassportInput
from passport.model.inventory import Inventory, Per


def read_inventory_graph(path: Path) -> NamedGraph:
    """Read an inventory file, or a folder of them.

    Raises:
        DocumentError: A file that is no inventory; a product that no inventory or more than one is of.
        ArithmeticRuleError: An inventory that breaks a rule of the arithmetic.
        UnitError: An amount in a unit that does not convert to its supplier's.
        GraphError: The numbers make no supply graph.
    """
    return inventory_graph(read_inventories([path]), source=str(path))


def inventory_graph(files: Iterable[InventoryFile], *, source: str) -> NamedGraph:
    """The graph of these inventories, in their order.

    Args:
        files: One for each product.
        source: What they are, for people.

    Raises:
        DocumentError: As `read_inventory_graph`.
        ArithmeticRuleError: As `read_inventory_graph`.
        UnitError: As `read_inventory_graph`.
        GraphError: As `read_inventory_graph`.
    """
    files = list(files)
    numbers = _numbers(files)
    inventories = [file.inventory for file in files]
    _check_potentials(files)
    supplier, consumer, amount, places, stages = [], [], [], [], []
    direct: list[dict[str, Fraction]] = []
    spreads = InventorySpreads()
    for number, file in enumerate(files):
        inventory, own = file.inventory, dict[str, Fraction]()
        rows = []
        declared, covered = from_decimal(inventory.declared_amount), from_decimal(inventory.covered_quantity)
        for entry, extra in row_plans(inventory):
            where = f"{file.path}: input {entry.id}"
            row = entry.model_dump(mode="json", by_alias=True, exclude_none=True) | extra
            if isinstance(entry, PassportInput):
                maker = _maker(entry, numbers, where)
                used = upstream_scale(row, _upstream(inventories[maker]), where)
                if entry.per is Per.PERIOD:
                    used = used.times(period_scale(declared, covered, where=where))
                share = (share_scale(row, where=where) or UNITY).times(level_scale(row) or UNITY)
                sign = 1 if entry.substitutes is None else -1
                supplier.append(maker)
                consumer.append(number)
                amount.append(sign * float(_fraction(used.times(share))))
                places.append(where)
                stages.append(str(entry.stage))
                spreads.add_edge(entry.uncertainty, where=where)
            else:
                parts = _parts(recompute_row(row, declared, covered))
                for name, part in parts.items():
                    own[name] = own.get(name, Fraction(0)) + part
                rows.append((row, entry.uncertainty, {name: float(part) for name, part in parts.items()}, where))
        spreads.add_rows(number, rows)
        direct.append(own)
    stated = [name for name in COMPONENTS if any(name in own for own in direct)]
    columns = (Column(TOTAL_EXCLUDING, "kg CO2e"), *(Column(name, COMPONENTS[name].unit) for name in stated))
    table = [[float(own.get(column.name, 0)) for column in columns] for own in direct]
    ids = [inventory.product.id for inventory in inventories]
    missing = sum(len(inventory.missing) for inventory in inventories)
    notes = (f"{missing} inputs that are declared as missing count as nothing",) if missing else ()
    named = NamedGraph(
        graph=supply_graph(
            np.array(supplier, dtype=np.int32),
            np.array(consumer, dtype=np.int32),
            amount,
            table,
            ids=ids,
            columns=columns,
            where=lambda row: places[row] if places else source,
        ),
        ids=ids,
        names=[inventory.product.name for inventory in inventories],
        units=[f"{to_text(inventory.declared_amount)} {inventory.declared_unit}" for inventory in inventories],
        columns=columns,
        source=source,
        tags={
            "country": Labels.of(inventory.country for inventory in inventories),
            "location": Labels.of(inventory.facility.name for inventory in inventories),
            "subject": Labels.of(next(iter(inventory.company_ids), None) for inventory in inventories),
        },
        edge_tags={"stage": Labels.of(stages)},
        notes=(*notes, *spreads.notes()),
    )
    return named.with_spreads(
        edges=spreads.edges(), direct=spreads.direct(len(ids), [column.name for column in columns])
    )


def _numbers(files: list[InventoryFile]) -> dict[str, int]:
    """Which inventory is of which product."""
    numbers: dict[str, int] = {}
    for number, file in enumerate(files):
        other = numbers.setdefault(file.inventory.product.id, number)
        if other != number:
            raise DocumentError(
                "two inventories of one product",
                where=str(file.path),
                expected=f"another product than that of {files[other].path}",
                found=file.inventory.product.id,
            )
    return numbers


def _check_potentials(files: list[InventoryFile]) -> None:
    """Refuse to add up what was weighed by different sets of warming potentials."""
    sets = {file.inventory.gwp: file.path for file in files}
    if len(sets) > 1:
        told = "; ".join(f"{', '.join(gwp)} in {path}" for gwp, path in sets.items())
        raise DocumentError(
            "inventories by different sets of global warming potentials",
            where=str(files[0].path),
            expected="one set",
            found=told,
        )


def _maker(entry: PassportInput, numbers: dict[str, int], where: str) -> int:
    """Whose product an input is."""
    if entry.product is None or entry.product not in numbers:
        raise DocumentError(
            "an input that no inventory here is of",
            where=where,
            expected="the `product` of one of the inventories",
            found=entry.product or f"the passport {entry.passport}",
            hint="put the supplier's inventory beside this one; of passports, audit or plot the issued product",
        )
    return numbers[entry.product]


def _upstream(inventory: Inventory) -> dict[str, Any]:
    """What the arithmetic needs of a supplier."""
    return {
        "declaredAmount": to_text(inventory.declared_amount),
        "declaredUnit": str(inventory.declared_unit),
        "massPerDeclaredUnit": to_text(inventory.mass_per_declared_unit),
    }


def _parts(contribution: Contribution) -> dict[str, Fraction]:
    """What a row contributes to which columns."""
    parts = {TOTAL_EXCLUDING: contribution.total, **contribution.components}
    return {name: Fraction(to_decimal(quanta)) for name, quanta in parts.items()}


def _fraction(scale: Scale) -> Fraction:
    return Fraction(scale.numerator, scale.denominator)
