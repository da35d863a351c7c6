"""Products with joint processes, electricity, materials and loops, in the verifier's world; and lies about them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forge import Draft, Forged
from verifier_products import direct, factor, inventory, used
from verifier_world import NOW, World, hand_over, issuer_for, reopen, ticking

from passport.credentials import parse_canonical, read_secured
from passport.exchange.process_shares import process_words, read_process
from passport.ledger import EmbeddedChain
from passport.model.inventory import Inventory
from passport.store import Store

YEAR = {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}


NEW_YEAR = {"start": "2025-01-01T00:00:00Z", "end": "2025-01-02T00:00:00Z"}


def certificate(quantity: str, **more: Any) -> dict[str, Any]:
    return {
        "instrument": "certificate",
        "registry": "EECS",
        "trackingId": "GO-1",
        "issuedQuantity": "1000",
        "quantity": quantity,
        "unit": "kilowatt hour",
        "period": YEAR,
        "country": "FI",
        "factor": factor({"fossilGhgEmissions": "0.01"}),
        **more,
    }


def power(quantity: str, country: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "power",
        "kind": "electricity",
        "name": "power",
        "stage": "mainProduction",
        "per": "period",
        "known": "measured",
        "quantity": quantity,
        "unit": "kilowatt hour",
        "country": country,
        "grid": factor({"fossilGhgEmissions": "0.4"}),
        **more,
    }


RESIDUAL = {"basis": "residualMix", "factor": factor({"fossilGhgEmissions": "0.7"})}
JOINT = {
    "method": "mass",
    "reason": "for the tests",
    "product": "alloy",
    "subdivided": ["casting"],
    "outputs": [
        {"id": "alloy", "name": "Alloy", "quantity": "3000", "unit": "kilogram"},
        {"id": "matte", "name": "Matte", "quantity": "1", "unit": "tonne"},
    ],
}
EXPANDED = {
    "method": "systemExpansion",
    "reason": "for the tests",
    "product": "steam",
    "outputs": [
        {"id": "steam", "name": "Steam", "quantity": "10000", "unit": "kilogram"},
        {"id": "ash", "name": "Ash", "quantity": "100", "unit": "kilogram", "displacedPerUnit": "0.5"},
        {
            "id": "heat",
            "name": "Heat",
            "quantity": "1000",
            "unit": "kilogram",
            "displaces": {"name": "Power", "unit": "kilowatt hour", "perUnit": "0.2", "passport": None},
        },
    ],
}
CREDIT = {
    "id": "credit",
    "kind": "factor",
    "name": "sand that the ash replaces",
    "stage": "mainProduction",
    "per": "period",
    "known": "calculated",
    "quantity": "50",
    "unit": "kilogram",
    "factor": factor({"fossilGhgEmissions": "2"}, "kilogram"),
    "substitutes": "ash",
}

GLASS = {
    "id": "glass",
    "kind": "material",
    "name": "glass",
    "stage": "rawMaterialAcquisition",
    "known": "measured",
    "quantity": "4",
    "unit": "kilogram",
    "recycledContent": "0.25",
    "virgin": factor({"fossilGhgEmissions": "1.2"}, "kilogram"),
    "recycling": factor({"fossilGhgEmissions": "0.4"}, "kilogram"),
    "endOfLife": {"recycled": "0.5", "disposal": factor({"fossilGhgEmissions": "0.01"}, "kilogram")},
}


def internal_use(name: str, process: str, quantity: str, unit: str) -> dict[str, Any]:
    return {"id": name, "kind": "internal", "process": process, "quantity": quantity, "unit": unit}


# A tonne of steam takes 0.4 of 100 kWh, and those 0.5 t of steam; a door takes 0.5 t: levels 0.625 and 0.25.
LOOP = [
    {
        "id": "steam-plant",
        "name": "Boiler",
        "amount": "1",
        "unit": "tonne",
        "inputs": [
            direct("boiler-gas", {"fossilGhgEmissions": "60"}),
            internal_use("pumps", "turbine", "40", "kilowatt hour"),
        ],
    },
    {
        "id": "turbine",
        "name": "Turbine",
        "amount": "100",
        "unit": "kilowatt hour",
        "inputs": [
            used("steam", "2", "kilogram") | {"id": "bought-steam"},
            internal_use("turbine-steam", "steam-plant", "500", "kilogram"),
        ],
    },
]
HEAT_CREDIT = {**used("grid", "200", "kilowatt hour", per="period"), "id": "heat-credit", "substitutes": "heat"}

# alloy: joint, with electricity of which 600 kWh are certified; 3/4 of that is the alloy's: 450 of 1000 kWh.
# sheet: electricity that spends 550 kWh, the rest of the same certificate. steam: an expanded system, and a gas.
PRODUCTS = [
    (
        "smelter",
        inventory(
            "alloy",
            "FI",
            [
                used("ore", "3", "kilogram"),
                power("1000", "FI", instruments=[certificate("600")], rest=RESIDUAL),
                direct("casting", {"fossilGhgEmissions": "300"}, per="period"),
            ],
            coveredQuantity="3000",
            allocation=JOINT,
        ),
    ),
    (
        "parts",
        inventory(
            "sheet",
            "CZ",
            [
                used("alloy", "1.5", "kilogram"),
                power("550", "CZ", instruments=[certificate("550", country="FI", market="European Union")]),
            ],
            coveredQuantity="500",
        ),
    ),
    (
        "power",
        inventory(
            "steam",
            "DE",
            [
                direct("boiler", {"fossilGhgEmissions": "5000", "biogenicNonCO2Emissions": "1"}, per="period"),
                {
                    "id": "leak",
                    "kind": "gases",
                    "name": "leak",
                    "stage": "mainProduction",
                    "per": "period",
                    "known": "measured",
                    "gases": [{"gas": "CH4-fossil", "quantity": "10"}],
                },
                CREDIT,
                HEAT_CREDIT,
            ],
            allocation=EXPANDED,
        ),
    ),
    (
        "maker",
        inventory(
            "door",
            "DE",
            [
                used("alloy", "1", "kilogram"),
                used("sheet", "2", "kilogram"),
                used("steam", "1", "kilogram"),
                GLASS,
                internal_use("drying", "steam-plant", "0.5", "tonne"),
            ],
            internal=LOOP,
            coveredQuantity="100",
        ),
    ),
]
MAKERS = {document["product"]["id"].rpartition("/")[2]: company for company, document in PRODUCTS}


def build_accounting(folder: Path) -> None:
    """Into a copy of the verifier's world in a folder: more products, issued and anchored as all others are."""
    with EmbeddedChain.open(folder / "chain.db", clock=ticking()) as chain:
        world = reopen(folder, chain)
        stores = {key: Store.open(folder / f"{key}.db", clock=lambda: NOW) for key in world.companies}
        for key, document in PRODUCTS:
            for other, foreign in stores.items():
                if other != key:
                    hand_over(foreign, stores[key])
            issuer = issuer_for(world.companies[key], stores[key], chain)
            if document["product"]["id"].endswith("/steam"):  # its heat displaces what the passport of the grid is of
                document = copy.deepcopy(document)
                document["allocation"]["outputs"][2]["displaces"]["passport"] = world.issued["grid"].id
            issuer.issue(Inventory.model_validate(document))
            issuer.anchor()
        for store in stores.values():
            store.close()


def draft_of(world: World, product: str) -> Draft:
    """The honest passport of one of the four products, taken apart."""
    issued = world.issued[product]
    document = read_secured(world.source.passports[issued.digest]).document
    statement, rows = world.papers[product]
    draft = Draft(
        world,
        world.companies[MAKERS[product]],
        document,
        parse_canonical(statement),
        [parse_canonical(row) for row in rows],
        issued.digest,
    )
    hashes = draft.data["rows"]
    draft.rows.sort(key=lambda entry: hashes.index(_hash(entry)))
    draft.rename()
    return draft


def _hash(entry: dict[str, Any]) -> str:
    from passport.credentials import jcs
    from passport.model.digest import digest_of

    return digest_of(jcs(entry))


def lie(world: World, product: str, change: Callable[[Draft], None]) -> Forged:
    """An honest passport with something changed, its rows and sums re-done over the lie."""
    draft = draft_of(world, product)
    change(draft)
    draft.recompute()
    draft.settle()
    return draft.publish()


def share_of(name: str, share: str | None) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        row = draft.row(name)
        row.pop("share", None)
        if share is not None:
            row["share"] = share

    return change


def stated(section: str, **members: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.data[section].update(members)


def dropped(section: str) -> Callable[[Draft], None]:
    return lambda draft: draft.data.pop(section)


def heavier_matte(draft: Draft) -> None:
    draft.data["allocation"]["outputs"][1]["quantity"] = "2"


def all_lighter(draft: Draft) -> None:
    """More co-product than there was, and every share after it: nothing here says how much there really was."""
    heavier_matte(draft)
    draft.data["allocation"]["share"] = "3/5"
    for name in ("ore", "power.1", "power.rest"):
        draft.row(name)["share"] = "3/5"
    draft.data["electricity"] = {"locationBased": "0.08", "marketBased": "0.0572", "restAtGridAverage": False}
    draft.pcf["allocationRulesDescription"] = process_words(read_process(draft.data["allocation"]))


def greener_rest(draft: Draft) -> None:
    electricity = draft.row("power.rest")["electricity"]
    electricity["basis"] = "gridAverage"
    draft.data["electricity"]["restAtGridAverage"] = True


SAND = {
    "name": "Sand",
    "unit": "kilogram",
    "perUnit": "0.5",
    "factor": factor({"fossilGhgEmissions": "1"}, "kilogram"),
}


def dropped_ratio(draft: Draft) -> None:
    del draft.data["allocation"]["outputs"][1]["displacedPerUnit"]


def gas(**members: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.row("leak")["gases"]["masses"][0].update(members)
