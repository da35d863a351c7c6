"""Inventories made from the unit processes of the US Life Cycle Inventory database (NREL, 2018 release).

Method, and where it is coarser than a footprint for sale would be:

- A process carries all its burdens on its reference product, its co-products none.
- Greenhouse gases count by `GWP100`. Biogenic CO2, its uptake by plants and its release alike, counts as nothing.
- Inputs that no process of the database makes, and waste whose treatment it does not have, are declared as missing.
- Carbon contents and masses are not in the database and stand as 0, which `comment` says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from passport.carbon.gwp import gwp_set
from passport.errors import AmountError, DocumentError
from passport.exchange.uslci_tables import UNITS, Exchange, Process, UsLci, read_uslci
from passport.model.amount import MAX_DECIMALS, round_fraction, to_text
from passport.model.inventory import INVENTORY_FORMAT, Inventory, Stage
from passport.model.units import PACT_UNITS, Unit

__all__ = ["GWP100", "GWP_SET", "UNCOUNTED", "UsLci", "inventories_for", "read_uslci"]

GWP_SET = "AR6-GWP100"
"""The set of `passport.carbon.gwp` that all gases count by."""

_COUNTED: Mapping[str, tuple[str, str]] = {
    "CO2_fossil": ("CO2", "fossilGhgEmissions"),
    "CO2_land_transformation": ("CO2", "landUseChangeGhgEmissions"),
    "CH4_fossil": ("CH4-fossil", "fossilGhgEmissions"),
    "CH4_biogenic": ("CH4-non-fossil", "biogenicNonCO2Emissions"),
    "N2O": ("N2O", "fossilGhgEmissions"),
    "CF4": ("CF4", "fossilGhgEmissions"),
    "CFC11": ("CFC-11", "fossilGhgEmissions"),
    "CFC12": ("CFC-12", "fossilGhgEmissions"),
    "HCFC22": ("HCFC-22", "fossilGhgEmissions"),
    "HFC23": ("HFC-23", "fossilGhgEmissions"),
    "HFC32": ("HFC-32", "fossilGhgEmissions"),
    "SF6": ("SF6", "fossilGhgEmissions"),
}
"""The database's gases that count, each as the set names it, with the PACT component it counts in."""


class _Potentials(Mapping[str, tuple[str, str]]):
    """Potential and component by gas, looked up when asked: importing this module reads no file."""

    def __getitem__(self, gas: str) -> tuple[str, str]:
        name, component = _COUNTED[gas]
        return str(gwp_set(GWP_SET).potential(name)), component

    def __iter__(self) -> Iterator[str]:
        return iter(_COUNTED)

    def __len__(self) -> int:
        return len(_COUNTED)


GWP100: Mapping[str, tuple[str, str]] = _Potentials()
"""kg CO2e per kg of gas over 100 years, with the PACT component it counts in, by the database's name of the gas."""

UNCOUNTED = frozenset({"CO2_biogenic", "CO2_in_air_uptake"})
"""Gases that the database lists and that count as nothing here."""

_PLACE = "https://www.lcacommons.gov/nrel/search"
_COUNTRIES = frozenset({"US", "CA", "AU"})
"""Of the database's locations those that are countries; the others are regions such as RNA (North America) and GLO."""
_DATABASE_COUNTRY = "US"
_TRANSPORT = frozenset({Unit.TON_KILOMETER, Unit.KILOGRAM_KILOMETER, Unit.PASSENGER_KILOMETER})
_MIN_ROW_KG_CO2E = Fraction(1, 10**9)
"""Rows are rounded to 15 decimals: above this they keep 6 digits."""


def inventories_for(
    database: UsLci, process_id: str, *, product_base: str = "https://uslci.example/processes/"
) -> list[Inventory]:
    """The inventories of a process and of everything upstream of it, suppliers first.

    Each process is one product with the id `product_base` + its UUID, and builds on its suppliers' passports by
    product id. The covered quantity of the process asked for is its reference amount; that of the others is the
    smallest multiple of theirs by a power of ten that covers what the processes above take of them.

    Args:
        database: The database.
        process_id: UUID of the process at the top.
        product_base: The beginning of all product ids, an https URL.

    Raises:
        NotFoundError: There is no such process.
        DocumentError: The processes form a loop, or one of them cannot be stated as an inventory; says why.
        UnitError: A process takes its supplier's product in a unit that does not convert to the supplier's.
    """
    order = database.suppliers_first(process_id)
    scales = _scales(database, order)
    return [_inventory(database.processes[member], scale=scales[member], product_base=product_base) for member in order]


def _kg_co2e(entry: Exchange) -> Fraction:
    """The emission that an exchange of a counted gas is."""
    return Fraction(entry.quantity) * Fraction(GWP100[entry.gas][0])


@dataclass(slots=True)
class _Scale:
    """The powers of ten by which a process is stated.

    Attributes:
        covered: Of the reference amount: the output that the inventory covers.
        declared: Of the unit: the declared amount.
    """

    covered: int
    declared: int


def _scales(database: UsLci, order: list[str]) -> dict[str, _Scale]:
    """Cover what the processes above take, keep every digit of the data, and keep small rows above the rounding."""
    wanted: defaultdict[str, Fraction] = defaultdict(Fraction)
    scales: dict[str, _Scale] = {}
    for member in reversed(order):
        process = database.processes[member]
        reference = process.output
        stated = [entry.quantity_in_our_unit(where=process.name)[1] for entry in process.exchanges if entry.provider]
        stated += [_kg_co2e(entry) for entry in process.exchanges if entry.gas in GWP100]
        digits = max((_decimals(amount) for amount in [reference, *stated]), default=0) - MAX_DECIMALS
        covered = max(_power(wanted[member] / reference), digits, 0)
        scales[member] = _Scale(covered, 0)
        for entry in process.exchanges:
            if entry.provider:
                taken = database.taken(entry, process)
                wanted[entry.provider] += taken * 10**covered
    totals: dict[str, Fraction] = {}
    for member in order:
        process = database.processes[member]
        reference = process.output
        rows = [_kg_co2e(entry) for entry in process.exchanges if entry.gas in GWP100]
        rows += [
            database.taken(entry, process) * totals[entry.provider] for entry in process.exchanges if entry.provider
        ]
        totals[member] = sum(rows, Fraction(0)) / reference
        smallest = min((abs(row) for row in rows if row), default=reference)
        scales[member].declared = _power(_MIN_ROW_KG_CO2E * reference / smallest)
    return scales


def _power(least: Fraction) -> int:
    """The smallest power of ten, from 0, that reaches `least`."""
    power = 0
    while 10**power < least:
        power += 1
    return power


def _decimals(exact: Fraction) -> int:
    """How many decimals an amount has; those of the database are decimals throughout."""
    power = 0
    while (exact * 10**power).denominator != 1:
        power += 1
    return power


def _inventory(process: Process, *, scale: _Scale, product_base: str) -> Inventory:
    """One process as an inventory."""
    unit = process.unit
    if unit not in PACT_UNITS:
        raise DocumentError(
            "a product in a unit that footprints do not have",
            where=process.name,
            expected=f"one of {', '.join(sorted(PACT_UNITS))}",
            found=unit,
        )
    inputs = []
    missing = []
    for number, entry in enumerate(process.exchanges, start=1):
        if entry.provider or entry.gas in GWP100:
            inputs.append(_input(entry, process, number=number, covered=scale.covered, product_base=product_base))
        elif entry.gas and entry.gas not in UNCOUNTED:
            raise DocumentError(
                "a gas whose warming potential is not known here",
                where=process.name,
                expected=f"one of {', '.join(sorted(UNCOUNTED | set(GWP100)))}",
                found=entry.gas,
            )
        elif entry.kind == "waste" or (entry.is_input and entry.kind == "product"):
            missing.append(_missing(entry))
    if not inputs:
        raise DocumentError(
            "a process of which nothing is counted",
            where=process.name,
            expected="a greenhouse gas or an input that another process supplies",
            hint="a passport states what is known; of this process nothing is",
        )
    try:
        return Inventory.model_validate(
            _head(process, unit, product_base)
            | {
                "declaredAmount": str(10**scale.declared),
                "coveredQuantity": _text(process.output * 10**scale.covered, process.name),
                "inputs": inputs,
                "missing": missing,
            },
            by_alias=True,
            by_name=False,
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(map(str, first["loc"]))
        raise DocumentError(
            "cannot be stated as an inventory", where=f"{process.name}: {path}", found=first["msg"]
        ) from error


def _head(process: Process, unit: Unit, product_base: str) -> dict[str, Any]:
    """All of an inventory but its amounts."""
    category = process.category or "uncategorised"
    carried = [entry.name for entry in process.exchanges if entry.kind == "product" and not entry.is_input]
    allocation = "All burdens stand on the reference product."
    if carried:
        allocation += f" Co-products carry none: {'; '.join(carried)}."
    return {
        "format": INVENTORY_FORMAT,
        "product": {
            "id": product_base + process.id,
            "pactIds": [f"urn:uuid:{process.id}"],
            "name": process.name,
            "description": f"Unit process of the US Life Cycle Inventory database, location {process.location}",
            "idScheme": {"id": _PLACE, "name": "US LCI process UUID"},
            "granularity": "model",
            "category": [
                {"code": category, "name": category, "schemeId": _PLACE, "schemeName": "US LCI process category"}
            ],
        },
        "declaredUnit": unit,
        "massPerDeclaredUnit": "1" if unit is Unit.KILOGRAM else "0",
        "period": {"start": "2018-01-01T00:00:00Z", "end": "2019-01-01T00:00:00Z"},
        "country": process.location if process.location in _COUNTRIES else _DATABASE_COUNTRY,
        "facility": {"id": product_base + process.id, "name": f"Unit process, location {process.location}"},
        "standards": ["ISO14044"],
        "gwp": ["AR6"],
        "boundary": "Cradle to gate as far as the database links its processes; what it cuts off is listed as missing.",
        "exempted": {
            "percent": "0",
            "reason": "Nothing is exempted; what the database leaves out is listed as missing.",
        },
        "carbonContents": {"fossilCarbonContent": "0"},
        "packagingEmissionsIncluded": False,
        "allocation": allocation[:2000],
        "comment": _comment(process, unit),
        "upstreamPublic": True,
    }


def _comment(process: Process, unit: Unit) -> str:
    said = [
        "Source: US LCI database, NREL, release 2018 (public domain).",
        "The database states no carbon content: 0 stands for not stated.",
        "Biogenic CO2, taken up or released, counts as nothing.",
    ]
    if unit is not Unit.KILOGRAM:
        said.append("The database states no mass per unit: 0 stands for not stated.")
    if process.location not in _COUNTRIES:
        said.append(f"Location {process.location} is no country; {_DATABASE_COUNTRY} is that of the database.")
    if process.valid_until:
        said.append(f"Its authors meant the data to hold until {process.valid_until}.")
    return " ".join(said)


def _input(entry: Exchange, process: Process, *, number: int, covered: int, product_base: str) -> dict[str, Any]:
    """An exchange that counts: emission of a gas, or product of a supplier, for the covered quantity."""
    where = f"{process.name}: {entry.name}"
    said = {"name": entry.name, "stage": _stage(entry), "per": "period", "known": "default"}
    if entry.quantity < 0 or (entry.gas and entry.is_input):
        raise DocumentError(
            "an exchange with the wrong sign",
            where=where,
            expected="greenhouse gases that leave the process, inputs of zero or more",
            found=f"{entry.quantity} {entry.unit} {'in' if entry.is_input else 'out'}",
        )
    if entry.provider:
        unit, quantity = entry.quantity_in_our_unit(where=where)
        return said | {
            "id": f"x{number}-{entry.provider[:8]}",
            "kind": "passport",
            "quantity": _text(quantity * 10**covered, where),
            "unit": unit,
            "product": product_base + entry.provider,
        }
    if entry.unit != "kg":
        raise DocumentError("an emission that is not in kg", where=where, expected="kg", found=entry.unit)
    potential, component = GWP100[entry.gas]
    return said | {
        "id": f"x{number}-{entry.gas}",
        "kind": "direct",
        "name": f"{entry.name} ({entry.gas}, GWP100 {potential})",
        "emissions": {component: _text(_kg_co2e(entry) * 10**covered, where)},
    }


def _missing(entry: Exchange) -> dict[str, str]:
    reason = "no process of the database makes it"
    if entry.kind == "waste":
        reason = "the database does not have its treatment"
    return {"name": entry.name, "stage": _stage(entry), "reason": f"Cut off: {reason}."}


def _stage(entry: Exchange) -> str:
    if entry.kind == "waste" or entry.gas:
        return Stage.PRODUCTION
    unit, _ = UNITS.get(entry.unit, (None, None))
    return Stage.INBOUND_TRANSPORT if unit in _TRANSPORT else Stage.RAW_MATERIAL


def _text(exact: Fraction, where: str) -> str:
    """An amount as text with every digit; the scales see to it that 15 decimals suffice."""
    try:
        return to_text(round_fraction(exact))
    except AmountError as error:
        raise DocumentError("an amount that does not fit", where=where, found=error.message) from error
