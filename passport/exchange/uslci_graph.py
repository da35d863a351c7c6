"""The process graph of the US Life Cycle Inventory database (NREL, 2018 release), loops included.

One product a process, per unit of its reference product; who supplies whom is what `linked_edges` publishes, amounts
are those of the exchanges, exactly converted. Emissions count by `passport.exchange.uslci.GWP100`, each gas also by
itself. What the database cuts off is no part of the graph and is counted in the notes. Spreads are those of its
lognormal exchanges; of its triangular and uniform ones these tables have no parameters, so that they state none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np

from passport.errors import DocumentError
from passport.exchange.lca_distributions import (
    LOGNORMAL,
    NORMAL,
    TRIANGULAR,
    UNDEFINED,
    UNIFORM,
    Distributions,
    around,
)
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph
from passport.exchange.stated_spreads import StatedSpreads, combined
from passport.exchange.uslci import GWP100, UNCOUNTED
from passport.exchange.uslci_tables import Exchange, Process, UsLci, read_uslci

_OTHER = TRIANGULAR + 1
_KINDS = {"": UNDEFINED, "log_normal": LOGNORMAL, "normal": NORMAL, "triangle": TRIANGULAR, "uniform": UNIFORM}

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
    taken: list[Exchange] = []
    emissions: list[Exchange] = []
    terms: list[tuple[int, int, float]] = []
    cut_off = 0
    for process_id, process in database.processes.items():
        emitted: defaultdict[str, Fraction] = defaultdict(Fraction)
        for entry in process.exchanges:
            if entry.provider:
                supplier.append(numbers[entry.provider])
                consumer.append(numbers[process_id])
                amount.append(float(database.taken(entry, process) / process.output))
                places.append(f"{process.name}: {entry.name}")
                taken.append(entry)
            elif entry.gas:
                own = _emitted(entry, process)
                for name, kilograms in own.items():
                    emitted[name] += kilograms
                    cell = numbers[process_id] * len(columns) + place[name]
                    terms.append((len(emissions), cell, float(kilograms / process.output)))
                emissions.append(entry)
            elif entry.kind == "waste" or (entry.is_input and entry.kind == "product"):
                cut_off += 1
        for name, kilograms in emitted.items():
            direct[numbers[process_id], place[name]] = float(kilograms / process.output)
    notes = Counter[str]()
    edges = _stated(taken, notes)
    entry_of, cells, values = (
        (np.array(each) for each in zip(*terms, strict=True)) if terms else (np.zeros(0, int),) * 3
    )
    spreads = combined(cells, values, _stated(emissions, notes).rows(entry_of), count=direct.size)
    ids = list(numbers)
    processes = database.processes.values()
    named = NamedGraph(
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
            *(f"{count} {what}" for what, count in sorted(notes.items())),
        ),
    )
    return named.with_spreads(edges=edges, direct=spreads.reshaped(*direct.shape))


def _stated(entries: list[Exchange], notes: Counter[str]) -> StatedSpreads:
    """The spreads of exchanges; the tables have the parameter of lognormal ones only."""
    amounts = np.array([float(entry.quantity) for entry in entries])
    kinds = np.array([_KINDS.get(entry.distribution, _OTHER) for entry in entries], dtype=np.int64)
    given = np.array([np.nan if entry.geometric_sd is None else entry.geometric_sd for entry in entries])
    unknown = np.full(len(entries), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        stated = Distributions(kinds, np.log(np.abs(amounts)), np.log(given), unknown, unknown)
    return around(amounts, stated, notes)


def _emitted(entry: Exchange, process: Process) -> dict[str, Fraction]:
    """What an exchange of a gas adds to which columns."""
    where = f"{process.name}: {entry.name}"
    if entry.unit != "kg":
        raise DocumentError("an emission that is not in kg", where=where, expected="kg", found=entry.unit)
    kilograms = Fraction(entry.quantity) * (-1 if entry.is_input else 1)
    found = {entry.gas: kilograms}
    if entry.gas in GWP100:
        potential, component = GWP100[entry.gas]
        found |= {TOTAL: kilograms * Fraction(potential), component: kilograms * Fraction(potential)}
    elif entry.gas not in UNCOUNTED:
        known = ", ".join(sorted(UNCOUNTED | set(GWP100)))
        raise DocumentError(
            "a gas whose warming potential is not known here", where=where, expected=f"one of {known}", found=entry.gas
        )
    return found
