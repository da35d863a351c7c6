"""The chain of fixtures/battery, read and computed from the files alone: every scalar text, every amount a fraction.

Nothing here uses the package's arithmetic or its table of units, so that its results can be held against these.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "battery"
TOP = "traction-pack"
SUMMED = (
    "fossilGhgEmissions",
    "landUseChangeGhgEmissions",
    "landManagementBiogenicCO2Emissions",
    "landManagementBiogenicCO2Removals",
    "technologicalCO2Removals",
    "ccsTechnologicalCO2Capture",
    "biogenicNonCO2Emissions",
)
# How many of the second unit the first is; written out here so that the package's own table is not what is trusted.
CONVERSIONS = {
    ("tonne", "kilogram"): Fraction(1000),
    ("megawatt hour", "kilowatt hour"): Fraction(1000),
    ("gigawatt hour", "kilowatt hour"): Fraction(1000000),
    ("terajoule", "gigajoule"): Fraction(1000),
    ("kilogram kilometer", "ton kilometer"): Fraction(1, 1000),
}


@cache
def companies() -> dict[str, Any]:
    """The list of companies, every scalar as text."""
    return yaml.load((FIXTURE / "companies.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506


@cache
def raw() -> dict[str, dict[str, Any]]:
    """Every inventory by the name of its file, every scalar as text."""
    files = sorted((FIXTURE / "inventories").rglob("*.yaml"))
    return {path.stem: yaml.load(path.read_text("utf-8"), yaml.BaseLoader) for path in files}  # noqa: S506


@cache
def company_of() -> dict[str, str]:
    """The folder, which is the company's key, of each inventory."""
    return {path.stem: path.parent.name for path in (FIXTURE / "inventories").rglob("*.yaml")}


@cache
def named() -> dict[str, str]:
    """The inventory that describes a product id."""
    return {document["product"]["id"]: name for name, document in raw().items()}


def factor_of(source: str, target: str) -> Fraction:
    """How many `target` one `source` is."""
    return Fraction(1) if source == target else CONVERSIONS[source, target]


def scale_of(document: dict[str, Any], entry: dict[str, Any]) -> Fraction:
    """What takes an entry to the declared amount."""
    if entry.get("per") == "period":
        return Fraction(document["declaredAmount"]) / Fraction(document["coveredQuantity"])
    return Fraction(1)


def quantity_of(document: dict[str, Any], entry: dict[str, Any], unit: str) -> Fraction:
    """An entry's quantity in `unit`, for the declared amount."""
    return Fraction(entry["quantity"]) * factor_of(entry["unit"], unit) * scale_of(document, entry)


@cache
def edges(name: str) -> tuple[tuple[str, Fraction], ...]:
    """The suppliers' products in one product, in declared amounts of each."""
    document = raw()[name]
    found = []
    for entry in document["inputs"]:
        if entry["kind"] == "passport":
            child = raw()[named()[entry["product"]]]
            quantity = quantity_of(document, entry, child["declaredUnit"])
            found.append((named()[entry["product"]], quantity / Fraction(child["declaredAmount"])))
    return tuple(found)


@cache
def own(name: str) -> dict[str, Fraction]:
    """The components of the direct and factor rows of one product."""
    document = raw()[name]
    total: dict[str, Fraction] = defaultdict(Fraction)
    for entry in document["inputs"]:
        if entry["kind"] == "direct":
            for component, amount in entry["emissions"].items():
                total[component] += Fraction(amount) * scale_of(document, entry)
        elif entry["kind"] == "factor":
            times = quantity_of(document, entry, entry["factor"]["unit"]) / Fraction(entry["factor"].get("amount", 1))
            for component, amount in entry["factor"]["components"].items():
                total[component] += Fraction(amount) * times
    return dict(total)


@cache
def footprint(name: str) -> dict[str, Fraction]:
    """Every component of one product per declared amount, suppliers first."""
    total: dict[str, Fraction] = defaultdict(Fraction, own(name))
    for child, times in edges(name):
        for component, amount in footprint(child).items():
            total[component] += amount * times
    return dict(total)


def without_uptake(components: dict[str, Fraction]) -> Fraction:
    """PACT's total excluding biogenic uptake."""
    return sum((components.get(name, Fraction(0)) for name in SUMMED), Fraction(0))


@cache
def levels() -> dict[str, Fraction]:
    """How much of each product, in its declared amounts, stands behind one pack along all ways."""
    found: dict[str, Fraction] = defaultdict(Fraction)

    def add(name: str, times: Fraction) -> None:
        found[name] += times
        for child, per_one in edges(name):
            add(child, times * per_one)

    add(TOP, Fraction(1))
    return dict(found)
