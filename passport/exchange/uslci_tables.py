"""The US Life Cycle Inventory database (NREL, 2018 release), read from the tables of its public-domain reduction.

Four tables of CSV under gzip: `processes`, `exchanges` (products, waste and greenhouse gases, per the reference amount
of their process; some with a distribution, lognormal ones with its geometric standard deviation), `flows` (names), and
`linked_edges`, which says which process supplies which. Amounts keep the database's own digits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from passport.errors import DocumentError, NotFoundError
from passport.exchange.csv_rows import read_number, read_rows
from passport.model.amount import read_decimal
from passport.model.units import Unit, conversion

UNITS: Mapping[str, tuple[Unit, Decimal]] = {
    "kg": (Unit.KILOGRAM, Decimal(1)),
    "t": (Unit.KILOGRAM, Decimal(1000)),
    "sh tn": (Unit.POUND, Decimal(2000)),
    "t*km": (Unit.TON_KILOMETER, Decimal(1)),
    "kg*km": (Unit.KILOGRAM_KILOMETER, Decimal(1)),
    "p*km": (Unit.PASSENGER_KILOMETER, Decimal(1)),
    "kWh": (Unit.KILOWATT_HOUR, Decimal(1)),
    "MWh": (Unit.MEGAWATT_HOUR, Decimal(1)),
    "MJ": (Unit.MEGAJOULE, Decimal(1)),
    "btu": (Unit.MEGAJOULE, Decimal("0.00105505585262")),
    "m3": (Unit.CUBIC_METER, Decimal(1)),
    "cu ft": (Unit.CUBIC_METER, Decimal("0.028316846592")),
    "l": (Unit.LITER, Decimal(1)),
    "gal": (Unit.US_GALLON, Decimal(1)),
    "m2": (Unit.SQUARE_METER, Decimal(1)),
    "ha": (Unit.SQUARE_METER, Decimal(10000)),
    "m": (Unit.METER, Decimal(1)),
    "h": (Unit.HOUR, Decimal(1)),
    "Item(s)": (Unit.PIECE, Decimal(1)),
}
"""The database's units in ours: short ton 2000 lb, BTU of the International Table (1055.05585262 J), foot 0.3048 m."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One flow of a process, per its reference amount.

    Attributes:
        flow_id: UUID of the flow.
        name: Name of the flow.
        kind: `product`, `elementary` or `waste`.
        is_input: Whether it goes into the process.
        gas: The greenhouse gas it is (a key of `GWP100` or `UNCOUNTED`), or empty.
        quantity: In the database's own digits.
        unit: The database's own unit, a key of `UNITS` or one that we do not read.
        provider: The process that supplies it, where there is one.
        distribution: The database's word for how it is spread (`log_normal`, `triangle`, `uniform`), or empty.
        geometric_sd: Of a lognormal quantity, as the database has it; None where it has none.
    """

    flow_id: str
    name: str
    kind: str
    is_input: bool
    gas: str
    quantity: Decimal
    unit: str
    provider: str | None
    distribution: str = ""
    geometric_sd: float | None = None

    def quantity_in_our_unit(self, *, where: str) -> tuple[Unit, Fraction]:
        """The quantity in a unit of ours.

        Raises:
            DocumentError: The unit is not among `UNITS`.
        """
        if self.unit not in UNITS:
            raise DocumentError("a unit that is not read here", where=where, found=f"{self.unit} of {self.name}")
        unit, factor = UNITS[self.unit]
        return unit, Fraction(self.quantity) * Fraction(factor)


@dataclass(frozen=True, slots=True)
class Process:
    """One unit process.

    Attributes:
        id: Its UUID.
        name: Its name.
        location: The database's location code (`US`, `RNA`, `GLO` ...).
        category: The industry it is filed under.
        valid_until: Until when its data were meant to hold, as a date, or empty.
        reference: Its reference product.
        exchanges: Everything else that goes in and out.
    """

    id: str
    name: str
    location: str
    category: str
    valid_until: str
    reference: Exchange
    exchanges: tuple[Exchange, ...]

    @property
    def unit(self) -> Unit:
        """The reference product's unit, in ours."""
        return self.reference.quantity_in_our_unit(where=self.name)[0]

    @property
    def output(self) -> Fraction:
        """How much of its reference product the exchanges are for, in `unit`."""
        return self.reference.quantity_in_our_unit(where=self.name)[1]

    @property
    def suppliers(self) -> tuple[str, ...]:
        """The processes that supply it, each once, in the order of its inputs."""
        return tuple(dict.fromkeys(entry.provider for entry in self.exchanges if entry.provider))


@dataclass(frozen=True, slots=True)
class UsLci:
    """The database by process id."""

    processes: Mapping[str, Process]

    def taken(self, entry: Exchange, process: Process) -> Fraction:
        """What `process` takes of its supplier's product by `entry`, in the supplier's unit.

        Raises:
            DocumentError: The entry has no supplier in the database, or a unit that is not read here.
            UnitError: The supplier measures its product in something else.
        """
        if entry.provider is None:
            raise DocumentError("an exchange that nobody supplies", where=process.name, found=entry.name)
        unit, quantity = entry.quantity_in_our_unit(where=process.name)
        supplier = self.processes[entry.provider]
        return quantity * conversion(unit, supplier.unit, where=f"{process.name}: {entry.name}")

    def suppliers_first(self, process_id: str) -> list[str]:
        """A process and everything upstream of it, each after its suppliers.

        Raises:
            NotFoundError: There is no such process.
            DocumentError: Processes upstream supply each other; the loop is named.
        """
        graph: dict[str, tuple[str, ...]] = {}
        waiting = [process_id]
        while waiting:
            current = waiting.pop()
            if current not in graph:
                if current not in self.processes:
                    raise NotFoundError("no process of that id", expected="a process of the database", found=current)
                graph[current] = self.processes[current].suppliers
                waiting.extend(graph[current])
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            loop = [self.processes[member].name for member in error.args[1]]
            raise DocumentError(
                "processes that supply each other",
                where=self.processes[process_id].name,
                expected="a tree of suppliers",
                found=" <- ".join(loop),
                hint="passports build on passports that are already there; a loop is solved inside one inventory",
            ) from error


def read_uslci(folder: Path | str) -> UsLci:
    """Read the database from its four tables.

    Args:
        folder: Where `processes.csv.gz`, `exchanges.csv.gz`, `flows.csv.gz` and `linked_edges.csv.gz` lie.

    Raises:
        DocumentError: A table is missing, damaged or does not fit the others.
    """
    folder = Path(folder)
    heads = {row["process_id"]: row for row in _rows(folder / "processes.csv.gz", "process_id", "name", "location")}
    names = {row["flow_id"]: row["name"] for row in _rows(folder / "flows.csv.gz", "flow_id", "name")}
    links: defaultdict[str, set[str]] = defaultdict(set)
    for row in _rows(folder / "linked_edges.csv.gz", "input_process_id", "output_process_id"):
        links[row["output_process_id"]].add(row["input_process_id"])
    table = folder / "exchanges.csv.gz"
    exchanges: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    references: dict[str, dict[str, str]] = {}
    for row in _rows(table, "process_id", "flow_id", "ghg", "kind", "direction", "reference", "amount", "unit"):
        if row["reference"] == "1":
            references[row["process_id"]] = row
        else:
            exchanges[row["process_id"]].append(row)
    processes = {}
    for process_id, head in heads.items():
        if process_id not in references:
            raise DocumentError("a process without reference product", where=str(table), found=process_id)
        if not read_decimal(references[process_id]["amount"], where=f"{table}: process {process_id}") > 0:
            raise DocumentError("a process without output", where=str(table), expected="more than 0", found=process_id)
        makers = {references[maker]["flow_id"]: maker for maker in links[process_id] if maker in references}
        processes[process_id] = Process(
            id=process_id,
            name=head["name"],
            location=head["location"],
            category=head.get("category", ""),
            valid_until=head.get("valid_until", ""),
            reference=_exchange(references[process_id], names, {}, table),
            exchanges=tuple(_exchange(row, names, makers, table) for row in exchanges[process_id]),
        )
    return UsLci(processes)


def _rows(table: Path, *columns: str) -> Iterator[dict[str, str]]:
    """The rows of a table, which has at least these columns."""
    return (row for _, row in read_rows(table, *columns))


def _exchange(row: Mapping[str, str], names: Mapping[str, str], makers: Mapping[str, str], table: Path) -> Exchange:
    flow_id, is_input = row["flow_id"], row["direction"] == "in"
    where = f"{table}: process {row['process_id']}, flow {flow_id}"
    deviation = row.get("geometric_sd")
    return Exchange(
        flow_id=flow_id,
        name=names.get(flow_id) or flow_id,
        kind=row["kind"],
        is_input=is_input,
        gas=row["ghg"],
        quantity=read_decimal(row["amount"], where=where),
        unit=row["unit"],
        provider=makers.get(flow_id) if is_input and row["kind"] == "product" else None,
        distribution=row.get("distribution") or "",
        geometric_sd=read_number(deviation, where=f"{where}: geometric_sd") if deviation else None,
    )
