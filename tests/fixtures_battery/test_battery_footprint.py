"""The footprint of the battery chain, computed a second time and held against mass, metals and published studies.

One pack comes to 93.05 kg CO2e per kWh of its nominal capacity of 60.1344 kWh (288 cells of 58 Ah and 3.6 V).
Published values for nickel-based cathodes run from 59 to 115, Nature Communications 2024, s41467-024-54634-y, read at
second hand.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from functools import cache

import pytest
from battery_chain import TOP, edges, footprint, levels, named, own, quantity_of, raw, without_uptake

PACK_CAPACITY_KWH = Fraction(288) * 58 * Fraction("3.6") / 1000


def test_the_pack_has_a_plausible_footprint() -> None:
    """93.05 kg CO2e per kWh of capacity, between 50 and 120 as published cradle-to-gate studies have it."""
    per_kwh = without_uptake(footprint(TOP)) / PACK_CAPACITY_KWH
    assert 50 <= per_kwh <= 120
    assert round(per_kwh, 2) == Fraction("93.05")


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("nickel-sulphate", "4", "6.5"),  # kg/kg; 5.48 in Istrate et al. 2024
        ("lithium-carbonate", "2.5", "5"),  # kg/kg; 3.62 from brine in Istrate et al. 2024
        ("lithium-hydroxide", "6.5", "8.5"),  # kg/kg; 7.70 from brine in Istrate et al. 2024
        ("graphite-anode", "12", "16"),  # kg/kg; 13.8 in Surovtseva et al. 2022
        ("grid-power", "0.55", "0.65"),  # kg/kWh; Ember has 0.56 to 0.58 for China before line losses
        ("sea-freight", "0.016", "0.02"),
        ("road-freight", "0.1", "0.11"),
        ("air-freight", "1", "1.4"),
    ],
)
def test_products_lie_where_published_studies_put_them(name: str, low: str, high: str) -> None:
    """Per kilogram, kilowatt hour or tonne-kilometre, against the value named beside the row."""
    assert Fraction(low) <= without_uptake(footprint(name)) / Fraction(raw()[name]["declaredAmount"]) <= Fraction(high)


def test_the_chain_is_deep_whole_and_has_diamonds() -> None:
    """At least five tiers, nobody left out, and suppliers whose product enters by several ways."""

    @cache
    def depth(name: str) -> int:
        return 1 + max((depth(child) for child, _ in edges(name)), default=0)

    buyers: dict[str, set[str]] = defaultdict(set)
    for name in raw():
        for child, _ in edges(name):
            buyers[child].add(name)
    assert depth(TOP) == 8  # pack, module, cell, cathode, precursor, nickel sulphate, mixed hydroxide, ore
    assert set(levels()) == set(raw())
    assert buyers["aluminium-ingot"] == {"aluminium-foil", "aluminium-profile"}
    assert buyers["mixed-hydroxide"] == {"nickel-sulphate", "cobalt-sulphate"}
    assert buyers["grid-power"] == {"ncm811-precursor", "ncm811-cell"}
    assert len(buyers["sea-freight"]) >= 8


def test_contributions_add_up_to_the_total() -> None:
    """What each company emits itself, times how much of it stands behind a pack, is the whole: the other way round."""
    assert sum(without_uptake(own(name)) * times for name, times in levels().items()) == without_uptake(footprint(TOP))


def test_one_supplier_withholds_little() -> None:
    """The electrolyte's statement is not handed out, and answers for less than 15 % of gross emissions."""
    withheld = [name for name, document in raw().items() if document.get("disclosure") == "withheld"]
    assert withheld == ["electrolyte"]
    share = without_uptake(footprint("electrolyte")) * levels()["electrolyte"] / without_uptake(footprint(TOP))
    assert Fraction("0.01") < share < Fraction("0.15")


def test_what_is_left_out_stays_below_three_percent() -> None:
    """PACT allows 3 % in sum; each product's own exemption nests with those below it."""

    @cache
    def left_out(name: str) -> Fraction:
        rows = [(without_uptake(own(name)), Fraction(0))]
        rows += [(without_uptake(footprint(child)) * times, left_out(child)) for child, times in edges(name)]
        whole = sum(weight / (1 - share) for weight, share in rows) / (
            1 - Fraction(raw()[name]["exempted"]["percent"]) / 100
        )
        return 1 - sum(weight for weight, _ in rows) / whole

    assert all(0 < left_out(name) < Fraction(3, 100) for name in raw())
    assert Fraction("0.01") < left_out(TOP) < Fraction("0.025")


@pytest.mark.parametrize(
    ("name", "inputs", "low", "high"),
    [
        (TOP, "modules housing steel copper coolant plastics", "0.98", "1.02"),
        ("battery-module", "cells plates busbars plastics adhesive", "0.98", "1.02"),
        (
            "ncm811-cell",
            "cathode anode electrolyte aluminium-foil copper separator pvdf carbon-black cmc sbr can terminals",
            "1",
            "1.1",
        ),
        ("ncm811-cathode", "precursor lithium", "1", "1.5"),
        ("aluminium-foil", "ingot", "1", "1.1"),
        ("aluminium-profile", "ingot", "1", "1.1"),
        ("graphite-anode", "needle-coke", "1", "1.5"),
        ("electrolyte", "lipf6 lithium-carbonate ethylene-oxide methanol carbon-monoxide", "0.8", "1.1"),
    ],
)
def test_what_goes_in_weighs_what_comes_out(name: str, inputs: str, low: str, high: str) -> None:
    """The mass of the named inputs per mass of product; ethylene carbonate takes carbon dioxide besides."""
    document = raw()[name]
    entries = {entry["id"]: entry for entry in document["inputs"]}
    mass = Fraction(0)
    for entry in map(entries.__getitem__, inputs.split()):
        if entry["unit"] == "piece":
            child = raw()[named()[entry["product"]]]
            mass += Fraction(entry["quantity"]) * Fraction(child["massPerDeclaredUnit"])
        else:
            mass += quantity_of(document, entry, "kilogram")
    assert Fraction(low) <= mass / Fraction(document["massPerDeclaredUnit"]) <= Fraction(high)


# Mass fractions of the metal that counts: molar masses, and the grades stated in the products' names.
METAL = {
    ("lithium-brine", "Li"): Fraction("0.06"),
    ("lithium-carbonate", "Li"): Fraction("0.1878"),
    ("lithium-hydroxide", "Li"): Fraction("0.1654"),
    ("ncm811-cathode", "Li"): Fraction("0.0713"),
    ("limonite-ore", "Ni"): Fraction("0.011"),
    ("mixed-hydroxide", "Ni"): Fraction("0.39"),
    ("mixed-hydroxide", "Ni+Co"): Fraction("0.425"),
    ("nickel-sulphate", "Ni"): Fraction("0.2233"),
    ("nickel-sulphate", "Ni+Co"): Fraction("0.2233"),
    ("ncm811-precursor", "Ni"): Fraction("0.5084"),
    ("ncm811-cathode", "Ni"): Fraction("0.4827"),
    ("cobalt-sulphate", "Co"): Fraction("0.2097"),
    ("ncm811-precursor", "Co"): Fraction("0.0638"),
    ("ncm811-cathode", "Co"): Fraction("0.0606"),
}


@pytest.mark.parametrize(
    ("name", "child", "metal", "least"),
    [
        ("lithium-carbonate", "lithium-brine", "Li", "0.85"),
        ("lithium-hydroxide", "lithium-carbonate", "Li", "0.95"),
        ("ncm811-cathode", "lithium-hydroxide", "Li", "0.93"),
        ("mixed-hydroxide", "limonite-ore", "Ni", "0.85"),
        ("nickel-sulphate", "mixed-hydroxide", "Ni+Co", "0.95"),
        ("ncm811-precursor", "nickel-sulphate", "Ni", "0.97"),
        ("ncm811-precursor", "cobalt-sulphate", "Co", "0.97"),
        ("ncm811-cathode", "ncm811-precursor", "Ni", "0.98"),
        ("ncm811-cathode", "ncm811-precursor", "Co", "0.98"),
    ],
)
def test_metals_are_neither_made_nor_lost_beyond_the_yield(name: str, child: str, metal: str, least: str) -> None:
    """The metal in the product per metal in what it is made of: at most 1, at least the yield."""
    times = dict(edges(name))[child] * Fraction(raw()[child]["declaredAmount"])
    made = METAL[name, metal] * Fraction(raw()[name]["declaredAmount"])
    assert Fraction(least) <= made / (times * METAL[child, metal]) <= 1


def test_nobody_buys_more_than_was_made() -> None:
    """Over the year, all buyers in the chain together take at most the covered quantity."""
    bought: dict[str, Fraction] = defaultdict(Fraction)
    for name, document in raw().items():
        made = Fraction(document["coveredQuantity"]) / Fraction(document["declaredAmount"])
        for child, times in edges(name):
            bought[child] += times * made * Fraction(raw()[child]["declaredAmount"])
    assert set(bought) == set(raw()) - {TOP}
    assert [child for child, taken in bought.items() if taken > Fraction(raw()[child]["coveredQuantity"])] == []


def test_carbon_contents_fit_the_mass_and_the_uptake() -> None:
    """No product holds more carbon than it weighs, and uptake is the biogenic carbon held, times 44/12."""
    for name, document in raw().items():
        contents = {content: Fraction(value) for content, value in document["carbonContents"].items()}
        held = contents["fossilCarbonContent"] + contents.get("biogenicCarbonContent", 0)
        assert held <= Fraction(document["massPerDeclaredUnit"]), name
        uptake = footprint(name).get("biogenicCO2Uptake", Fraction(0))
        assert uptake == -contents.get("biogenicCarbonContent", Fraction(0)) * 44 / 12, name
    assert Fraction(raw()[TOP]["carbonContents"]["biogenicCarbonContent"]) > 0


def test_the_special_components_stand_where_they_are_true() -> None:
    """Forest cleared for ore, methane of wood fires, kerosene and packaging reach the pack; flags agree with rows."""
    assert own("limonite-ore")["landUseChangeGhgEmissions"] > 0
    assert {name for name in raw() if own(name).get("aircraftGhgEmissions")} == {"air-freight"}
    assert {name for name in raw() if own(name).get("packagingGhgEmissions")} == {"ncm811-cell", TOP}
    for component in (
        "landUseChangeGhgEmissions",
        "biogenicNonCO2Emissions",
        "aircraftGhgEmissions",
        "packagingGhgEmissions",
    ):
        assert 0 < footprint(TOP)[component] < without_uptake(footprint(TOP)) / 20
    for name, document in raw().items():
        assert (document["packagingEmissionsIncluded"] == "true") == ("packagingGhgEmissions" in footprint(name)), name
