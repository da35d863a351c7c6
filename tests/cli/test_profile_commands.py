"""`passport profile`: what there is, what it asks for, inventories held against it; `verify --role` says the same."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from cli_runs import ROOT, Copied, Passport
from test_present_commands import INVENTORY, MAKER

from passport.model.role_map import ANNEX_XIII

BATTERY: dict[str, Any] = json.loads((ROOT / "tests" / "profiles" / "battery_contents.json").read_text("utf-8"))
PACK: dict[str, Any] = {
    **INVENTORY,
    "declaredUnit": "piece",
    "massPerDeclaredUnit": "450",
    "inputs": [
        {**INVENTORY["inputs"][0], "id": stage, "stage": stage, "emissions": {"fossilGhgEmissions": kg}}
        for stage, kg in (("rawMaterialAcquisition", "2080"), ("mainProduction", "600"))
    ],
    "profile": "battery/1",
    "contentSets": {"roleMap": ANNEX_XIII, "sets": BATTERY},
}


def write(file: Path, inventory: dict[str, Any]) -> Path:
    file.write_text(json.dumps(inventory), "utf-8")
    return file


def test_list_and_show(passport: Passport) -> None:
    listed = passport("profile", "list", "--json")
    assert [each["name"] for each in listed.json["profiles"]] == ["battery/1", "device-label/1", "product/1"]
    assert "电池护照" in passport("profile", "list", "--lang", "zh").out
    page = passport("profile", "show", "battery/1")
    assert page.code == 0
    assert "footprint per kWh: one kilowatt hour of the total energy provided over the service life" in page.out
    assert "classes: 0 tables as known on 2026-09-30" in page.out
    assert (
        "1 ratedCapacity: Rated capacity; an exact number in Ah, above 0; required for model, batch, item; "
        "Regulation (EU) 2023/1542, Annex XIII, point 1(g) (read) "
        "[urn:samm:io.BatteryPass.Performance:1.2.0#ratedCapacity]"
    ) in page.out
    assert "Annex VI Part A (as secondary sources tell it) [urn:samm" in page.out
    assert "known of Regulation (EU) 2023/1542, Annex VI Part A: as secondary sources tell it" in page.out
    assert (
        "stage Recycling: End of life and recycling (beyond the gate: stated, not computed by the passport)" in page.out
    )
    assert "with total and rows, pieces by energyOverServiceLife" in page.out
    assert "required for model, batch, item where batteryCategory is ev" in page.out
    whole = passport("profile", "show", "product/1", "--json").json["profile"]
    assert whole == json.loads((ROOT / "passport" / "model" / "profiles" / "product-1.json").read_text("utf-8"))
    unknown = passport("profile", "show", "battery/9")
    assert (unknown.code, unknown.out) == (2, "")
    assert "a profile that nobody here knows" in unknown.err


def test_check(passport: Passport, tmp_path: Path) -> None:
    good = write(tmp_path / "good.json", PACK)
    done = passport("profile", "check", good)
    assert (done.code, done.out) == (0, f"{good}: follows battery/1\n")
    bent = copy.deepcopy(PACK)
    bent["contentSets"]["sets"]["1"] |= {"ratedCapacity": "94 kWh", "colour": "blue"}
    bad = write(tmp_path / "bad.json", bent)
    told = passport("profile", "check", bad)
    assert told.code == 1
    assert "  set 1: ratedCapacity: another unit; expected an exact number in Ah, above 0, found '94 kWh'" in told.out
    assert told.out.endswith(f"{bad}: 1 things do not fit battery/1\n")
    assert "not in the profile, so not judged: colour" in told.err
    nameless = write(tmp_path / "nameless.json", {**PACK, "profile": None})
    assert passport("profile", "check", nameless).code == 3
    newer = write(tmp_path / "newer.json", {**PACK, "profile": "battery/9"})
    found = passport("profile", "check", good, newer, nameless, "--json")
    assert found.code == 3
    assert [(each["outcome"], each["reason"]) for each in found.json["files"]] == [
        ("passed", None),
        ("unknown", "a profile that nobody here knows"),
        ("unknown", "the inventory names no profile"),
    ]
    both = passport("profile", "check", tmp_path, "--json")
    assert (both.code, len(both.json["files"])) == (1, 4)
    other = passport("profile", "check", good, "--profile", "product/1", "--json")
    assert other.code == 1
    assert [each["where"] for each in other.json["files"][0]["misfits"]] == [
        f"set 1: {name}" for name in ("manufacturer", "materials", "expectedLifetime", "endOfLife")
    ]
    assert "ratedCapacity" in other.json["files"][0]["outside"]


def test_issued_shown_and_judged(world: Copied, passport: Passport) -> None:
    """What does not follow is not issued; what was issued is judged again by whoever is shown it."""
    bent = copy.deepcopy(PACK)
    del bent["contentSets"]["sets"]["1"]["renewableContent"]
    refused = passport("issue", write(world.folder / "bent.json", bent), *world.at(MAKER))
    assert refused.code == 1
    assert "does not follow the profile battery/1: set 1: renewableContent: missing" in refused.err
    lower = copy.deepcopy(PACK)
    lower["inputs"][1]["emissions"] = {"fossilGhgEmissions": "900"}
    told = passport("issue", write(world.folder / "lower.json", lower), *world.at(MAKER))
    assert told.code == 1
    assert "not the total that the passport computes; expected 0.0745 kg CO2e/kWh; found 0.067 kg CO2e/kWh" in told.err
    issued = passport("issue", write(world.folder / "pack.json", PACK), *world.at(MAKER), "--json")
    assert issued.code == 0, issued.err
    for command in (("anchor", *world.at(MAKER)), ("publish", *world.at(MAKER)[:2])):
        assert passport(*command).code == 0
    auditor = world.folder / "auditor"
    assert passport("import", world.folder / MAKER / "public", "--workspace", auditor).code == 0
    shown = world.folder / "public.json"
    name = issued.json["passports"][0]["id"]
    assert passport("present", name, *world.at(MAKER), "--role", "public", "-o", shown).code == 0
    options = ("--workspace", auditor, *world.trust, "--role", "public")
    judged = passport("verify", shown, *options, "--json")
    assert (judged.code, judged.json["verdict"]) == (0, "passed")
    assert judged.json["contents"] == {"outcome": "passed", "expected": None, "found": "battery/1", "reason": None}
    assert judged.json["disclosed"]["sets"]["1"]["profile"] == "battery/1"
    page = passport("verify", shown, *options)
    assert "contents by their profile  passed; battery/1" in page.out
    assert "Distribution, Recycling: stated, and beyond what the passport computes" in json.dumps(judged.json)
