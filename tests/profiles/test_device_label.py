"""The label of a device: a server's and a phone's, whose figures follow from each other, and each way to be wrong."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from passport.model.content import ContentSets
from passport.model.profile import profile
from passport.model.profile_check import misfits_of_contents

ROOT = Path(__file__).parents[2]
LABEL, PRODUCT = profile("device-label/1"), profile("product/1")
DAY = date(2026, 11, 22)


def contents_of(name: str) -> dict[str, Any]:
    read = yaml.safe_load((ROOT / "docs" / "example" / "profile" / f"{name}.yaml").read_text("utf-8"))
    stated = ContentSets.model_validate(read["contentSets"])
    return {each: dict(stated.values_of(each)) for each in stated.set_names}


SERVER, SHIRT = contents_of("server"), contents_of("shirt")


def told(sets: dict[str, Any], of: Any = LABEL) -> list[str]:
    return [str(each) for each in misfits_of_contents(of, sets, granularity="model", at=DAY)]


def phone() -> dict[str, Any]:
    """A charge of 15 Wh every day, from the wall 18 Wh: 6.57 kWh a year, and 4 years of them at 0.25 kg are 6.57 kg."""
    first = {
        "deviceKind": "smartphone",
        "modelIdentifier": {"supplier": "Hand Works", "model": "H-3"},
        "configuration": "256 GB",
        "energyMeasurement": {"standard": "The one that the act names"},
        "energyPerYear": "6.57 kWh/year",
        "energyScenario": "One charge a day, 18 Wh from the wall, 365 days",
        "energyClass": {"class": "B", "act": "(EU) 2023/1669"},
        "batteryEndurance": {"perCycle": "41.5 h", "cycles": "1000"},
        "freeFallReliabilityClass": "A",
        "repairabilityClass": "C",
        "ingressProtection": "IP68",
        "lifetime": "4 years",
        "lifetimeBasis": {"kind": "assumed", "source": "Study, section 2"},
        "carbonFootprint": "62.57 kg CO2e",
        "carbonFootprintByStage": [
            {"stage": name, "carbonFootprint": f"{kg} kg CO2e"}
            for name, kg in (
                ("RawMaterials", "31.00"),
                ("Production", "22.00"),
                ("Distribution", "2.00"),
                ("Use", "6.57"),
                ("EndOfLife", "1.00"),
            )
        ],
        "deviceMass": "0.19 kg",
        "useElectricity": {
            "factor": "0.25 kg CO2e/kWh",
            "place": "EU",
            "year": "2025",
            "basis": "location",
            "source": "Table",
        },
        "beyondGateSource": "Study, section 4",
    }
    return {"1": first, "2": {}, "3": {}, "4": {}}


def test_a_server_and_a_phone_follow() -> None:
    assert told(SERVER) == []
    assert told(phone()) == []


def test_each_kind_is_asked_for_what_its_label_shows() -> None:
    server, handset = copy.deepcopy(SERVER), phone()
    for name in ("powerSupply", "powerStates"):
        del server["1"][name]
    for name in (
        "energyClass",
        "batteryEndurance",
        "freeFallReliabilityClass",
        "repairabilityClass",
        "ingressProtection",
    ):
        del handset["1"][name]
    assert [each.partition(",")[0] for each in told(server)] == [
        "set 1: powerStates: missing",
        "set 1: powerSupply: missing",
    ]
    assert [each.partition("; ")[0] for each in told(handset)] == [
        f"set 1: {name}: missing, by Delegated Regulation (EU) 2023/1669 (as secondary sources tell it)"
        for name in (
            "energyClass",
            "batteryEndurance",
            "freeFallReliabilityClass",
            "repairabilityClass",
            "ingressProtection",
        )
    ]


Change = Callable[[dict[str, Any]], object]
WRONG: dict[str, tuple[Change, str]] = {
    "less energy than power and hours give": (
        lambda s: s.update(energyPerYear="1500 kWh/year"),
        "energyPerYear: not what powerStates come to in 365 days; expected 1752 kWh/year, found 1500 kWh/year",
    ),
    "a day of thirty hours": (
        lambda s: s["powerStates"][0].update(hoursPerDay="14 h"),
        "powerStates: hours that are not a day's; expected 24 h, found 30 h",
    ),
    "a state twice": (
        lambda s: s["powerStates"].append({"state": "idle", "power": "20 W"}),
        "set 1: powerStates: one state twice; expected each once, found 'idle'",
    ),
    "a shorter use": (
        lambda s: s.update(lifetime="8 years"),
        "stage Use: not energyPerYear x lifetime x useElectricity.factor; expected 3504 kg CO2e, found 2628 kg CO2e",
    ),
    "something beside electricity that is not there": (
        lambda s: s.update(useOther="400 kg CO2e"),
        r"stage Use: not energyPerYear x lifetime x useElectricity.factor \+ useOther; expected 3028 kg CO2e",
    ),
    "no power": (
        lambda s: s.update(energyPerYear="0 kWh/year"),
        "set 1: energyPerYear: out of its bounds; expected an exact number in kWh/year, above 0",
    ),
    "a class of its own": (
        lambda s: s.update(energyClass={"class": "A+++", "act": "ours"}),
        "set 1: energyClass.class: not a known word; expected one of A, B, C, D, E, F, G, found",
    ),
    "a factor without a basis": (
        lambda s: s["useElectricity"].pop("basis"),
        "set 1: useElectricity.basis: missing; expected one of location, market",
    ),
    "a score with a unit": (
        lambda s: s["activeStateEfficiency"].update(score="31.4 W"),
        "set 1: activeStateEfficiency.score: not a number; expected an exact number without a unit",
    ),
}


@pytest.mark.parametrize(("change", "reason"), WRONG.values(), ids=WRONG)
def test_what_does_not_follow_is_named(change: Change, reason: str) -> None:
    sets = copy.deepcopy(SERVER)
    change(sets["1"])
    found = told(sets)
    assert any(re.search(reason, each) for each in found), found


def test_rounding_is_allowed_for_and_no_more() -> None:
    """245 W may be 244.5 to 245.5, and so on: the energy of a year may be off by what power and hours may."""
    sets = copy.deepcopy(SERVER)
    sets["1"]["energyPerYear"] = "1753 kWh/year"
    assert told(sets) == []
    sets["1"]["energyPerYear"] = "2000 kWh/year"
    assert len(told(sets)) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda s: s["materials"][1].update(share="30 %"),
            "set 1: materials: the sum of share exceeds its whole.*found 110 %",
        ),
        (lambda s: s["materials"][1].update(name="Cotton"), "set 1: materials: one name twice"),
        (lambda s: s.update(expectedLifetime="0 years"), "set 1: expectedLifetime: out of its bounds"),
        (lambda s: s["manufacturer"].update(name="unknown"), "set 1: manufacturer.name: a placeholder says nothing"),
        (lambda s: s.update(endOfLife="data:text/html,x"), "set 1: endOfLife: not a link"),
    ],
)
def test_a_textile_that_does_not_follow(change: Change, reason: str) -> None:
    sets = copy.deepcopy(SHIRT)
    assert told(sets, PRODUCT) == []
    change(sets["1"])
    (found,) = told(sets, PRODUCT)
    assert re.search(reason, found), found
