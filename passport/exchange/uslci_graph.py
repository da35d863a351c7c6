"""The process graph of the US Life Cycle Inventory database (NREL, 2018 release), loops included.

One product a process, per unit of its reference product; who supplies whom is what `linked_edges` publishes, amounts
are those of the exchanges, exactly converted. Emissions count by `passport.exchange.uslci.GWP100`, each gas also by
itself. What the database cuts off is no part of the graph and is counted in the notes.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np

from passport.errors import DocumentError
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph
from passport.exchange.uslci import GWP100, UNCOUNTED
from passport.exchange.uslci_tables import Exchange, Process, UsLci, read_uslci

TOTAL = "climate change, IPCC AR6 GWP100"


def read_uslci_graph(folder: Path) -> NamedGraph:
    """Read the tables and make the graph of all processes.

    Raises:
        DocumentError: A table is missing or damaged, or a gas or unit is not known here.
        UnitError: A process takes its supplier's product in a unit that does not convert to the supplier's.
    """
    return uslci_graph(read_uslci(folder), source=f"US LCI tables in {folder}")


def uslci_graph(database: UsLci, *, source: str = "US LCI database") -> NamedGraph:
    """The graph of all processes of a database, in its order.

    Columns are the total, the PACT components it is made of, and each gas by itself; what a process takes out of the
    air counts as negative.
    """
    numbers = {process_id: number for number, process_id in enumerate(database.processes)}
    components = sorted({component for _, component in GWP100.values()})
    gases = sorted(GWP100) + sorted(UNCOUNTED)
    columns = (
        Column(TOTAL, "kg CO2e"),
        *(Column(component, "kg CO2e") for component in components),
        *(Column(gas, "kg") for gas in gases),
    )
    place = {column.name: number for number, column in enumerate(columns)}
    direct = np.zeros((len(numbers), len(columns)))
    supplier, consumer, amount, places = [], [], [], []
    cut_off = 0
    for process_id, process in database.processes.items():
        emitted: defaultdict[str, Fraction] = defaultdict(Fraction)
        for entry in process.exchanges:
            if entry.provider:
                supplier.append(numbers[entry.provider])
                consumer.append(numbers[process_id])
                amount.append(float(database.taken(entry, process) / process.output))
                places.append(f"{process.name}: {entry.name}")
            elif entry.gas:
                _emit(entry, process, into=emitted)
            elif entry.kind == "waste" or (entry.is_input and entry.kind == "product"):
                cut_off += 1
        for name, kilograms in emitted.items():
            direct[numbers[process_id], place[name]] = float(kilograms / process.output)
    ids = list(numbers)
    processes = database.processes.values()
    return NamedGraph(
        graph=supply_graph(
            np.array(supplier, dtype=np.int32),
            np.array(consumer, dtype=np.int32),
            amount,
            direct,
            ids=ids,
            columns=columns,
            where=lambda row: places[row] if places else source,
        ),
        ids=ids,
        names=[process.name for process in processes],
        units=Labels.of(process.unit for process in processes),
        columns=columns,
        source=source,
        tags={
            "location": Labels.of(process.location for process in processes),
            "category": Labels.of(process.category for process in processes),
        },
        notes=(
            f"{cut_off} product and waste flows that no process of the database supplies or treats count as nothing",
        ),
    )


def _emit(entry: Exchange, process: Process, *, into: defaultdict[str, Fraction]) -> None:
    """Add an exchange of a gas to its columns."""
    where = f"{process.name}: {entry.name}"
    if entry.unit != "kg":
        raise DocumentError("an emission that is not in kg", where=where, expected="kg", found=entry.unit)
    kilograms = Fraction(entry.quantity) * (-1 if entry.is_input else 1)
    if entry.gas in GWP100:
        potential, component = GWP100[entry.gas]
        into[TOTAL] += kilograms * Fraction(potential)
        into[component] += kilograms * Fraction(potential)
    elif entry.gas not in UNCOUNTED:
        known = ", ".join(sorted(UNCOUNTED | set(GWP100)))
        raise DocumentError(
            "a gas whose warming potential is not known here", where=where, expected=f"one of {known}", found=entry.gas
        )
    into[entry.gas] += kilograms
