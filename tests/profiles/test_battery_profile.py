"""The battery profile beside what is published: Annex XIII's points, the Battery Pass data model's names and words."""

from __future__ import annotations

import copy
import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from passport.model.profile import Profile, profile
from passport.model.profile_check import misfits_of_contents, outside_profile, profile_of
from passport.model.profile_fit import misfits_of
from passport.model.profile_shape import ChoiceShape, ListShape, ObjectShape, Shape

BATTERY = profile("battery/1")
CONTENTS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("battery_contents.json").read_text("utf-8"))
DAY = date(2026, 11, 22)
ASPECTS = {
    "CarbonFootprint": "CarbonFootprintForBatteries",
    "Circularity": "Circularity",
    "GeneralProductInformation": "GeneralProductInformation",
    "Labels": "Labeling",
    "MaterialComposition": "MaterialComposition",
    "Performance": "PerformanceAndDurability",
    "SupplyChainDueDiligence": "SupplyChainDueDiligence",
}


def read(shared: Path, name: str) -> Any:
    """A published file, which is in UTF-8 beside the original or itself."""
    folder = shared / "standards" / "batterypass" / "1.2.0"
    place = folder / "utf8" / name
    return json.loads((place if place.exists() else folder / name).read_text("utf-8-sig"))


def identifiers(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "x-samm-aspect-model-urn" in value:
            yield value["x-samm-aspect-model-urn"]
        for entry in value.values():
            yield from identifiers(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from identifiers(entry)


def words(value: Any, name: str) -> set[str]:
    """The words that the published schema allows for a characteristic."""
    return set(value["components"]["schemas"][name]["enum"])


def choices(shape: Shape, *path: str) -> set[str]:
    for member in path:
        shape = shape.items if isinstance(shape, ListShape) else shape
        assert isinstance(shape, ObjectShape)
        shape = shape.members[member]
    assert isinstance(shape, ChoiceShape)
    return set(shape.values)


def shape_of(name: str, of: Profile = BATTERY) -> Shape:
    attribute = of.attribute(name)
    assert attribute is not None
    return attribute.value


def told(sets: dict[str, dict[str, Any]], granularity: str = "model") -> list[str]:
    return [str(each) for each in misfits_of_contents(BATTERY, sets, granularity=granularity, at=DAY)]


def test_every_identifier_is_published(shared: Path) -> None:
    published = {aspect: set(identifiers(read(shared, f"{file}-schema.json"))) for aspect, file in ASPECTS.items()}
    own = [each.name for each in BATTERY.attributes if each.reference is None]
    assert own == ["energyOverServiceLife", "declarationOfConformityNumber", "noFormerPassport"]
    for attribute in BATTERY.attributes:
        if attribute.reference is None:
            continue
        match = re.fullmatch(r"urn:samm:io\.BatteryPass\.(\w+):1\.2\.0#\w+", attribute.reference or "")
        assert match, attribute.name
        assert attribute.reference in published[match[1]]


def test_words_are_the_published_ones(shared: Path) -> None:
    general = read(shared, "GeneralProductInformation-schema.json")
    schemas = {name: read(shared, f"{name}-schema.json") for name in ("Circularity", "Labeling")}
    footprint = read(shared, "CarbonFootprintForBatteries-schema.json")
    everywhere = [
        set(schema["enum"])
        for each in (general, footprint, *schemas.values())
        for schema in each["components"]["schemas"].values()
        if "enum" in schema
    ]
    for name, path in (
        ("batteryCategory", ()),
        ("batteryStatus", ()),
        ("carbonFootprintPerLifecycleStage", ("lifecycleStage",)),
        ("recycledContent", ("recycledMaterial",)),
        ("dismantlingAndRemovalInformation", ("documentType",)),
        ("labels", ("labelingSubject",)),
    ):
        assert choices(shape_of(name), *path) in everywhere, name
    assert {stage.name for stage in BATTERY.stages} == words(footprint, "LifecycleStage")


def test_each_point_of_the_annex_is_asked_for_in_its_set(shared: Path) -> None:
    """Points and sets as in the table of access; set 4 is asked of items alone."""
    table = (shared / "standards" / "batterypass" / "annex-xiii-access.csv").read_text("utf-8")
    sets = {"public": "1", "restricted-2": "2", "restricted-3": "3", "restricted-4": "4"}
    points = {row["point"]: sets[row["disclosure_set"]] for row in csv.DictReader(table.splitlines())}
    asked: dict[str, set[str]] = {}
    for attribute in BATTERY.attributes:
        for point in re.findall(r"Annex XIII, point (\d(?:\(\w\))?)", attribute.source):
            asked.setdefault(point, set()).add(attribute.set)
        if attribute.required:
            assert (attribute.required == ("item",)) == (attribute.set == "4"), attribute.name
    assert asked == {point: {name} for point, name in points.items()}


def test_published_examples_fit_where_they_are_sound(shared: Path) -> None:
    composition = read(shared, "MaterialComposition-payload.json")
    circularity = read(shared, "Circularity.json")
    assert list(misfits_of(shape_of("batteryChemistry"), composition["batteryChemistry"], "x")) == []
    for name, links in (
        ("dismantlingAndRemovalInformation", ["documentURL"]),
        ("sparePartSources", ["supplierWebAddress"]),
    ):
        # The published examples link by telnet: no reader can follow that, and all else is sound.
        found = list(misfits_of(shape_of(name), circularity[name], "x"))
        assert [(each.where.rpartition(".")[2], each.message) for each in found] == [
            (link, "not a link") for link in links
        ]
    recycled = [
        each | {share: f"{each[share]} %" for share in ("preConsumerShare", "postConsumerShare")}
        for each in circularity["recycledContent"]
    ]
    assert recycled[0]["preConsumerShare"] == "54.426945 %"
    # Of one material 111 % are recycled there; with less of it all else is sound.
    (misfit,) = misfits_of(shape_of("recycledContent"), recycled, "x")
    assert misfit.found == "111.317013 %"
    recycled[0]["postConsumerShare"] = "45 %"
    assert list(misfits_of(shape_of("recycledContent"), recycled, "x")) == []


def test_published_nonsense_does_not_fit(shared: Path) -> None:
    """The example of the footprint passes its own schema with minus 1.8E308, one stage of four and a class of noise."""
    payload = read(shared, "CarbonFootprintForBatteries-payload.json")
    sets = copy.deepcopy(CONTENTS)
    sets["1"] |= {
        "batteryCarbonFootprint": f"{payload['batteryCarbonFootprint']} kg CO2e/kWh",
        "carbonFootprintPerformanceClass": payload["carbonFootprintPerformanceClass"],
    }
    found = told(sets)
    assert found[0].startswith("set 1: batteryCarbonFootprint: not a number with its unit; expected an exact number")
    assert found[1].startswith("carbonFootprintPerformanceClass: a class of nothing")
    sets["1"]["batteryCarbonFootprint"] = "0.071 kg CO2e/kWh"
    sets["1"]["carbonFootprintPerLifecycleStage"] = [
        {"lifecycleStage": each["lifecycleStage"], "carbonFootprint": "0.071 kg CO2e/kWh"}
        for each in payload["carbonFootprintPerLifecycleStage"]
    ]
    found = told(sets)
    assert found[0] == (
        "set 1: carbonFootprintPerLifecycleStage: not each stage once; expected RawMaterialExtraction, "
        "MainProduction, Distribution, Recycling, found RawMaterialExtraction"
    )
    assert "no classes apply to 'ev' on 2026-11-22, as known on 2026-09-30" in found[1]
    assert "found 'eOMtThyhVNLWUZNRcBaQKxI'" in found[1]


def test_a_whole_account_follows() -> None:
    assert told(CONTENTS) == []
    assert outside_profile(BATTERY, CONTENTS) == []
    assert profile_of(CONTENTS) is None


def test_an_item_states_its_own_state_too() -> None:
    found = told(CONTENTS, "item")
    assert [each.partition(";")[0].partition(", by")[0] for each in found] == [
        "set 1: manufacturingDate: missing",
        "set 4: batteryStatus: missing",
        "set 4: stateOfCertifiedEnergy: missing",
    ]
    whole = copy.deepcopy(CONTENTS)
    whole["1"]["manufacturingDate"] = "2026-03"
    whole["4"] = {"batteryStatus": "Original", "stateOfCertifiedEnergy": "100 %"}
    assert told(whole, "item") == []
    whole["1"]["batteryCategory"] = "lmt"
    assert [each.partition(", by")[0] for each in told(whole, "item")] == [
        "set 4: remainingCapacity: missing",
        "set 4: evolutionOfSelfDischarge: missing",
    ]


Change = Callable[[dict[str, Any]], object]
WRONG: dict[str, tuple[Change, str]] = {
    "missing": (
        lambda s: s["1"].pop("ratedCapacity"),
        "set 1: ratedCapacity: missing, by Regulation .*point 1.g.; expected an exact number in Ah",
    ),
    "another unit": (
        lambda s: s["1"].update(ratedCapacity="94 kWh"),
        "set 1: ratedCapacity: another unit; expected .* Ah, above 0, found '94 kWh'",
    ),
    "no unit": (lambda s: s["1"].update(ratedCapacity="94"), "set 1: ratedCapacity: not a number with its unit"),
    "two spaces": (lambda s: s["1"].update(ratedCapacity="94  Ah"), "set 1: ratedCapacity: not a number with its unit"),
    "words for a number": (
        lambda s: s["1"].update(ratedCapacity="unknown Ah"),
        "set 1: ratedCapacity: not a number with its unit",
    ),
    "below zero": (lambda s: s["1"].update(ratedCapacity="-1 Ah"), "set 1: ratedCapacity: out of its bounds"),
    "above a hundred": (
        lambda s: s["1"].update(renewableContent="100.1 %"),
        "set 1: renewableContent: out of its bounds; expected .*at most 100",
    ),
    "not a word of the list": (
        lambda s: s["1"].update(batteryCategory="car"),
        "set 1: batteryCategory: not a known word; .*lmt, ev, industrial, stationary, found 'car'",
    ),
    "a list for a text": (lambda s: s["1"].update(batteryCategory=["ev"]), "set 1: batteryCategory: not a text"),
    "a text for a list": (lambda s: s["1"].update(labels="none"), "set 1: labels: not a list"),
    "an empty list": (
        lambda s: s["1"].update(labels=[]),
        "set 1: labels: too short a list; expected at least 1, found 0",
    ),
    "no URI": (
        lambda s: s["1"].update(carbonFootprintStudy="in the drawer"),
        "set 1: carbonFootprintStudy: not a link",
    ),
    "no count": (
        lambda s: s["1"].update(expectedNumberOfCycles="1500.5"),
        "set 1: expectedNumberOfCycles: not a count",
    ),
    "no day": (lambda s: s["1"].update(manufacturingDate="2026-02-30"), "set 1: manufacturingDate: not a date"),
    "no month": (lambda s: s["1"].update(manufacturingDate="2026-13"), "set 1: manufacturingDate: not a date"),
    "a member lacks": (
        lambda s: s["1"]["batteryChemistry"].pop("clearName"),
        "set 1: batteryChemistry.clearName: missing",
    ),
    "a member too many": (
        lambda s: s["1"]["batteryChemistry"].update(colour="blue"),
        "set 1: batteryChemistry: a member that is not in the profile; .*found 'colour'",
    ),
    "within a list": (
        lambda s: s["2"]["batteryMaterials"][0].update(batteryMaterialMass="8.2 lb"),
        r"set 2: batteryMaterials\[0\].batteryMaterialMass: another unit",
    ),
    "in the wrong set": (
        lambda s: s["1"].update(resultOfTestReport=s["3"].pop("resultOfTestReport")),
        "set 1: resultOfTestReport: in the wrong set; expected set 3, found set 1",
    ),
    "stages do not add up": (
        lambda s: s["1"].update(batteryCarbonFootprint="0.080 kg CO2e/kWh"),
        "the stages do not add up; expected 0.080 kg CO2e/kWh, by batteryCarbonFootprint, found 0.071",
    ),
    "a stage twice": (
        lambda s: s["1"]["carbonFootprintPerLifecycleStage"][3].update(lifecycleStage="Distribution"),
        "not each stage once",
    ),
    "a share for a stage": (
        lambda s: s["1"]["carbonFootprintPerLifecycleStage"][3].update(carbonFootprint="4 %"),
        r"carbonFootprintPerLifecycleStage\[3\].carbonFootprint: another unit",
    ),
    "a class": (lambda s: s["1"].update(carbonFootprintPerformanceClass="A"), "no classes apply to 'ev' on 2026-11-22"),
    "unknown for a class": (
        lambda s: s["1"].update(carbonFootprintPerformanceClass="unknown"),
        "no classes apply to 'ev'.*found 'unknown'",
    ),
    "nothing for something": (lambda s: s["1"].update(batteryMass="0 kg"), "set 1: batteryMass: out of its bounds"),
    "a placeholder": (
        lambda s: s["1"]["batteryChemistry"].update(clearName="TBD"),
        "set 1: batteryChemistry.clearName: a placeholder says nothing; expected a text, found 'TBD'",
    ),
    "a dash": (lambda s: s["1"].update(extinguishingAgent=["-"]), r"extinguishingAgent\[0\]: not a text"),
    "a script for a link": (
        lambda s: s["1"].update(carbonFootprintStudy="javascript:alert(document.cookie)"),
        "set 1: carbonFootprintStudy: not a link; expected a link such as https",
    ),
    "telnet": (
        lambda s: s["1"].update(carbonFootprintStudy="telnet://192.0.2.16:80/"),
        "carbonFootprintStudy: not a link",
    ),
    "a link to nowhere": (
        lambda s: s["1"].update(carbonFootprintStudy="https:///x"),
        "carbonFootprintStudy: not a link",
    ),
    "letters that look alike in a link": (
        lambda s: s["1"].update(carbonFootprintStudy="https://w\u0435serbogen.example/x"),
        "carbonFootprintStudy: not a link",
    ),
    "a number in two spellings": (
        lambda s: s["1"].update(batteryMass="0450 kg"),
        "batteryMass: not a number with its unit",
    ),
    "made tomorrow": (
        lambda s: s["1"].update(manufacturingDate="2026-11-23"),
        "set 1: manufacturingDate: a day that is yet to come; expected at most 2026-11-22, found '2026-11-23'",
    ),
    "made next month": (
        lambda s: s["1"].update(manufacturingDate="2026-12"),
        "set 1: manufacturingDate: a day that is yet to come",
    ),
    "the least above the most": (
        lambda s: s["1"].update(minimumVoltage="360 V"),
        "nominalVoltage: below minimumVoltage; expected at least 360 V, by minimumVoltage, found 355 V",
    ),
    "cold above warm": (
        lambda s: s["1"]["temperatureRangeIdleState"].update(lowest="61 °C"),
        "temperatureRangeIdleState.highest: below temperatureRangeIdleState.lowest",
    ),
    "shares above their whole": (
        lambda s: s["1"]["recycledContent"][0].update(postConsumerShare="95 %"),
        r"recycledContent\[0\]: the sum of preConsumerShare and postConsumerShare exceeds its whole; .*found 105 %",
    ),
    "one material twice": (
        lambda s: s["1"]["recycledContent"].append({**s["1"]["recycledContent"][0], "postConsumerShare": "80 %"}),
        "set 1: recycledContent: one recycledMaterial twice; expected each once, found 'Cobalt'",
    ),
    "more energy than the battery can give": (
        lambda s: s["1"].update(energyOverServiceLife="56824 kWh"),
        "energyOverServiceLife: more than ratedCapacity, maximumVoltage and expectedNumberOfCycles can give; "
        "expected at most 56823 kWh, found 56824 kWh",
    ),
    "another footprint of the whole battery": (
        lambda s: s["1"].update(absoluteCarbonFootprint="2680 kg CO2e"),
        "absoluteCarbonFootprint: not batteryCarbonFootprint times energyOverServiceLife; expected 2840 kg.*found 2680",
    ),
    "zeros for stages": (
        lambda s: s["1"].update(
            batteryCarbonFootprint="2 kg CO2e/kWh",
            carbonFootprintPerLifecycleStage=[
                {**each, "carbonFootprint": "0 kg CO2e/kWh"} for each in s["1"]["carbonFootprintPerLifecycleStage"]
            ],
        ),
        "digits too coarse to add up; expected a last digit worth at most 2 % of batteryCarbonFootprint, found 2 kg",
    ),
    "an odd part": (
        lambda s: s["1"]["initialInternalResistance"][0].update(batteryComponent="the lot"),
        r"initialInternalResistance\[0\].batteryComponent: not a known word; expected one of pack, module, cell",
    ),
}


@pytest.mark.parametrize(("change", "reason"), WRONG.values(), ids=WRONG)
def test_what_does_not_follow_is_named(change: Change, reason: str) -> None:
    sets = copy.deepcopy(CONTENTS)
    change(sets)
    found, *others = told(sets)
    assert re.search(reason, found) or (others and re.search(reason, others[0])), found
    assert len(others) <= 1, others


def test_sums_are_exact_beyond_what_decimals_hold() -> None:
    """Forty digits of kilograms, and half a kilogram too much: arithmetic of 28 digits would not see it."""
    sets = copy.deepcopy(CONTENTS)
    huge = "1" + "0" * 34
    sets["1"]["batteryCarbonFootprint"] = f"{huge}.0 kg CO2e/kWh"
    parts = dict(
        zip(
            ("RawMaterialExtraction", "MainProduction", "Distribution", "Recycling"),
            (huge + ".5", "0.0", "0.0", "0.0"),
            strict=True,
        )
    )
    sets["1"]["carbonFootprintPerLifecycleStage"] = [
        {"lifecycleStage": name, "carbonFootprint": f"{kg} kg CO2e/kWh"} for name, kg in parts.items()
    ]
    (found,) = told(sets)
    assert "the stages do not add up" in found


@pytest.mark.parametrize("cycles", ["9" * 5000, "٣", "01500"])
def test_cycles_that_are_no_count_are_told_and_not_counted_with(cycles: str) -> None:
    sets = copy.deepcopy(CONTENTS)
    sets["1"]["expectedNumberOfCycles"] = cycles
    (found,) = told(sets)
    assert found.startswith("set 1: expectedNumberOfCycles: not a count")


def test_only_what_was_read_is_said_to_be_law() -> None:
    """Of each attribute it is known how far its source is; a reader who lacks one is told no more than that."""
    sets = copy.deepcopy(CONTENTS)
    del sets["1"]["batteryMass"], sets["1"]["energyOverServiceLife"], sets["1"]["ratedCapacity"]
    found = [each.partition("missing, by ")[2].partition(";")[0] for each in told(sets)]
    assert found == [
        "Regulation (EU) 2023/1542, Annex XIII, point 1(a), by Annex VI Part A (as secondary sources tell it)",
        "this profile's own choice",
        "Regulation (EU) 2023/1542, Annex XIII, point 1(g)",
    ]


LIVES: dict[str, tuple[dict[str, str], bool, list[str]]] = {
    "a first life": ({"batteryStatus": "Original"}, False, []),
    "a first life with a former one": (
        {"batteryStatus": "Original"},
        True,
        ["batteryStatus: a first life with former"],
    ),
    "a later life": ({"batteryStatus": "Repurposed"}, True, []),
    "a later life without a former one": (
        {"batteryStatus": "Repurposed"},
        False,
        ["links.former: a later life without a former one, by Regulation (EU) 2023/1542, Article 77(7)"],
    ),
    "and why": ({"batteryStatus": "Reused", "noFormerPassport": "Placed on the market in 2019"}, False, []),
    "why, and one": (
        {"batteryStatus": "Reused", "noFormerPassport": "Placed on the market in 2019"},
        True,
        ["noFormerPassport: a reason for what is not so; expected nothing: leave it out, found links to former lives"],
    ),
    "why, in a first life": (
        {"batteryStatus": "Original", "noFormerPassport": "There was none"},
        False,
        ["noFormerPassport: a reason for what is not so"],
    ),
    "waste": ({"batteryStatus": "Waste"}, True, []),
}


@pytest.mark.parametrize(("state", "linked", "expected"), LIVES.values(), ids=LIVES)
def test_a_later_life_links_to_former_ones(state: dict[str, str], linked: bool, expected: list[str]) -> None:
    sets = copy.deepcopy(CONTENTS)
    sets["1"]["manufacturingDate"] = "2026-03"
    sets["4"] = {"stateOfCertifiedEnergy": "80 %", **state}
    found = misfits_of_contents(BATTERY, sets, granularity="item", at=DAY, has_former=linked)
    assert len(found) == len(expected)
    assert all(str(misfit).startswith(start) for misfit, start in zip(found, expected, strict=True)), found
    assert misfits_of_contents(BATTERY, sets, granularity="item", at=DAY) == []


def test_rounded_stages_may_be_off_by_their_last_digits() -> None:
    """Five numbers to three digits: five times half a thousandth."""
    sets = copy.deepcopy(CONTENTS)
    sets["1"]["batteryCarbonFootprint"] = "0.073 kg CO2e/kWh"
    assert told(sets) == []
    sets["1"]["batteryCarbonFootprint"] = "0.074 kg CO2e/kWh"
    assert len(told(sets)) == 1


def test_what_is_not_shown_is_not_judged() -> None:
    assert told({name: CONTENTS[name] for name in ("1",)}) == []
    assert told({"2": {}})[0].startswith("set 2: batteryMaterials: missing")


def test_other_attributes_are_told_and_not_judged() -> None:
    sets = copy.deepcopy(CONTENTS)
    sets["1"] |= {"colour": "blue", "profile": "battery/1"}
    assert told(sets) == []
    assert outside_profile(BATTERY, sets) == ["colour"]
    assert profile_of(sets) == "battery/1"


def with_classes(*tables: dict[str, Any]) -> Profile:
    made = BATTERY.to_json()
    made["performanceClasses"]["tables"] = list(tables)
    return Profile.model_validate(made)


TABLE: dict[str, Any] = {
    "kinds": ["ev"],
    "since": "2027-02-18",
    "unit": "kg CO2e/kWh",
    "classes": [{"name": "A", "upTo": "0.05"}, {"name": "B", "upTo": "0.071"}, {"name": "C"}],
    "source": "A made-up act",
}


def test_a_class_follows_from_the_table_of_its_day() -> None:
    """The bound belongs to the class below it; before its day a table says nothing."""
    made = with_classes(TABLE)
    sets = copy.deepcopy(CONTENTS)

    def found(name: str, at: date) -> list[str]:
        sets["1"]["carbonFootprintPerformanceClass"] = name
        return [str(each) for each in misfits_of_contents(made, sets, granularity="model", at=at)]

    assert found("B", date(2027, 2, 18)) == []
    assert found("A", date(2027, 2, 18)) == [
        "carbonFootprintPerformanceClass: not the class that batteryCarbonFootprint is in, by A made-up act; "
        "expected B, found 'A'"
    ]
    assert "no classes apply to 'ev' on 2027-02-17" in found("B", date(2027, 2, 17))[0]
    sets["1"]["batteryCategory"] = "lmt"
    assert "no classes apply to 'lmt' on 2027-02-18" in found("B", date(2027, 2, 18))[0]


@pytest.mark.parametrize(
    ("classes", "reason"),
    [
        ([{"name": "A", "upTo": "2"}, {"name": "B", "upTo": "1"}, {"name": "C"}], "classes rise"),
        ([{"name": "A"}, {"name": "B"}], "classes rise"),
        ([{"name": "A", "upTo": "2"}], "classes rise"),
    ],
)
def test_a_table_that_leaves_gaps_is_none(classes: list[dict[str, str]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        with_classes(TABLE | {"classes": classes})
