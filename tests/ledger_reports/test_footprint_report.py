"""The signed footprint of a ledger: by hand, redone, and with numbers that do not follow from each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from ledger_world import KINDS, LedgerWorld

from passport.errors import ArithmeticRuleError, PassportError, SchemaError, UsageError
from passport.ledger_footprint import Catalogue, Method, Source, Transaction, Usage, estimate, figure
from passport.ledger_footprint.figures import Status
from passport.ledger_footprint.metered import metered_profile
from passport.ledger_footprint.network import network_of
from passport.ledger_footprint.quantities import Ratio
from passport.ledger_footprint.rule import Rule
from passport.ledger_reports import (
    Evidence,
    LedgerFootprintReport,
    Metering,
    build_report,
    check_report,
    follow_custody,
    node_reading,
    read_statement,
)
from passport.ledger_reports.signing import shaped

AT = date(2026, 11, 22)
DATA = Catalogue.shipped()
PUE = figure(Ratio, "1", 1.5, name="pue", source=Source("tests", "tests", "2026", "ours"), low=1.2, high=1.8)


def published(world: LedgerWorld, rule: Rule = Rule.PER_GAS) -> LedgerFootprintReport:
    """Of a public chain."""
    network = network_of(DATA.chain("ethereum", at=AT), catalogue=DATA, at=AT)
    return build_report(network, signed_by=world.entity("north"), rule=rule, at=AT, data_sha256=DATA.digest)


def metered(world: LedgerWorld) -> tuple[LedgerFootprintReport, Evidence]:
    """Of a chain of two operators with three meters and four nodes."""
    signed = [
        world.signed(name, world.reading(name, node, kwh))
        for name, node, kwh in (("north", "n1", "10"), ("north", "n2", "12.5"), ("south", "s1", "7.5"))
    ]
    readings = [(each, node_reading(each)) for each in signed]
    profile = metered_profile([each for _, each in readings], chain="ours", nodes_in_all=4, pue=PUE)
    handed = world.signed("north", world.handover("north", "12.5"))
    received = world.signed("recycler", world.receipt("north", handed.digest, ("2", "8", "1")))
    report = build_report(
        network_of(profile, catalogue=DATA, at=AT),
        signed_by=world.entity("north"),
        rule=Rule.PER_TRANSACTION,
        at=AT,
        data_sha256=DATA.digest,
        passports_a_year=10_000,
        readings=readings,
        metering=Metering.of(4, PUE),
        custody=follow_custody([handed], [received]),
    )
    return report, Evidence(signed, [handed], [received], DATA)


def test_a_published_network(ledger_world: LedgerWorld) -> None:
    """What the estimator says for 50,000 gas is 50,000 times what the report says for one unit."""
    report = published(ledger_world)
    check_report(report)
    assert report.per_unit is not None
    assert report.per_unit.unit == "unit of gas"
    usage = Usage((Transaction(gas=50_000),))
    said = estimate("ethereum", usage=usage, method=Method(rule="per_gas"), at=AT)
    assert 50_000 * float(report.per_unit.energy_kwh.central) == pytest.approx(said.energy.central.amount)
    assert 50_000 * float(report.per_unit.ghg_location_kg.high) == pytest.approx(said.ghg_location.high.amount)
    assert {each.source.id for each in report.inputs} >= {"eth-span", "eth-span-intensity", "gas-limits"}
    assert report.missing["water"] == "not published of this network"
    assert report.totals.water_l is None


def test_a_metered_network_by_hand(ledger_world: LedgerWorld) -> None:
    """30 kWh of three machines at PUE 1.5, a fourth like them, 8766/168 weeks a year, among 10,000 passports."""
    report, evidence = metered(ledger_world)
    found = check_report(report, evidence)
    assert found.stated == {}
    assert len(found.redone) == 4
    assert report.method.energy == "meters of the nodes"
    kwh = 30 * 1.5 * 4 / 3 * 8766 / 168
    assert float(report.totals.energy_kwh.central) == pytest.approx(kwh)
    assert report.per_unit is not None
    assert report.per_unit.unit == "passport"
    assert float(report.per_unit.energy_kwh.central) == pytest.approx(kwh / 10_000)
    assert [(each.entity.name, str(each.kwh)) for each in report.participants] == [
        ("North Oy", "22.5"),
        ("South Oy", "7.5"),
    ]
    assert report.custody is not None
    assert (report.custody.handed_kg, report.custody.received_kg) == (12.5, 11)
    assert "ours: unmetered nodes" in {each.name for each in report.inputs if each.filled_in}


def test_there_and_back(ledger_world: LedgerWorld) -> None:
    """Signed, read, and redone with its readings."""
    report, evidence = metered(ledger_world)
    data = ledger_world.sign("north", report)
    back = read_statement(data, KINDS, key_lookup=ledger_world.lookup("north"))
    assert back.statement == report
    check_report(back.statement, evidence)


def _put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = document
        for each in parents:
            place = place[int(each) if each.isdigit() else each]
        place[last] = value

    return change


def _all(*changes: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for each in changes:
            each(document)

    return change


def _divided(document: dict[str, Any]) -> None:
    """A grid a hundred times as clean, carried through all that follows from it: no number contradicts another."""
    for place, name in (
        ("totals", "intensityKgPerKwh"),
        ("totals", "ghgLocationKg"),
        ("perUnit", "ghgLocationKg"),
    ):
        ends = document[place][name]
        document[place][name] = {
            end: f"{Decimal(text) / 100:.25f}".rstrip("0").rstrip(".") for end, text in ends.items()
        }


LIES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "less GHG than its energy": (_put("totals.ghgLocationKg.low", "1"), "is not energy times intensity"),
    "a cleaner grid": (_put("totals.intensityKgPerKwh.high", "0.99"), "is not energy times intensity"),
    "less per passport": (_put("perUnit.energyKwh.low", "0"), "is not the total over the units"),
    "more passports": (_put("perUnit.unitsAYear.high", "20000"), "is not the total over the units"),
    "shared among nobody": (_put("perUnit.unitsAYear.low", "0"), "shared among nobody"),
    "more recycled": (_put("custody.recycledKg", "9"), "the masses do not add up"),
    "more received": (_put("custody.handedKg", "10"), "the masses do not add up"),
    "a participant's meters": (_put("participants.0.kwh", "20"), "the readings do not add up"),
    "another operator's meters": (_put("participants.0.entity.identifier", "X"), "a reading of another operator"),
    "another time": (_put("period.first", "2026-11-01"), "a reading of another operator, chain or time"),
    "fewer nodes": (_put("metering.nodesInAll", 3), "is not what the readings give"),
    "better buildings": (_put("metering.pue.low", "1"), "is not what the readings give"),
    "a week's rate as a year's total": (_put("periodKind", "total"), "a rate of some days is not a year's total"),
    "per unit of gas by another rule": (_put("perUnit.unit", "unit of gas"), "is not the unit of the rule"),
    "per transaction instead of passports": (_put("perUnit.unit", "transaction"), "is not what the data give"),
    "a participant without a meter": (_put("participants.0.readings", []), "energy without a reading"),
    "a grid a hundred times as clean": (_divided, "is not what the data give"),
    "a published figure instead of meters": (_put("method.energy", "published"), "is not what the data give"),
    "hardware that took nothing": (
        _all(
            _put("totals.embodiedKg", dict.fromkeys(("low", "central", "high"), "0")),
            lambda d: d["missing"].pop("embodied"),
        ),
        "is not what the data give",
    ),
    "hardware that is unknown, and nothing": (
        _put("totals.embodiedKg", dict.fromkeys(("low", "central", "high"), "0")),
        "stated, and said to be unknown",
    ),
    "water that is left out": (lambda d: d["missing"].pop("water"), "absent without a reason"),
    "an input that is left out": (lambda d: d["inputs"].pop(), "is not what the data give"),
    "an input filled in and not said so": (
        lambda d: [each.update(filledIn=False) for each in d["inputs"]],
        "is not what the data give",
    ),
    "a better source": (_put("inputs.0.source.title", "a calibrated meter"), "is not what the data give"),
    "recycled instead of disposed of": (
        _all(_put("custody.recycledKg", "9"), _put("custody.disposedKg", "0")),
        "is not what handovers and receipts give",
    ),
    "no metering": (lambda d: d.pop("metering"), "readings go with how they were used"),
}


@pytest.mark.parametrize(("change", "match"), LIES.values(), ids=LIES.keys())
def test_numbers_that_do_not_follow(
    ledger_world: LedgerWorld, change: Callable[[dict[str, Any]], None], match: str
) -> None:
    """Each lie is found by what it contradicts."""
    report, evidence = metered(ledger_world)
    document = report.to_json()
    change(document)
    with pytest.raises(ArithmeticRuleError, match=match):
        check_report(shaped(LedgerFootprintReport, document, where="report"), evidence)


def test_what_cannot_be_redone_is_named(ledger_world: LedgerWorld) -> None:
    """Neither failed nor passed: readings, handovers and data that are not at hand, and data that are others."""
    report, evidence = metered(ledger_world)
    alone = check_report(report)
    assert alone.redone == ("what follows from what it states",)
    assert set(alone.stated) == {"energy", "custody", "data"}
    assert alone.stated["energy"] == "the readings that it adds up are not at hand"
    without = check_report(report, replace(evidence, receipts=()))
    assert without.stated == {"custody": "1 of the handovers and receipts that it follows are not at hand"}
    assert check_report(report, replace(evidence, catalogue=None)).stated == {
        "data": "no data of chains and grids are at hand"
    }
    # The same grids by other data: redone all the same. A grid that they do not bear out stays as stated.
    document = report.to_json()
    document["method"]["dataSha256"] = "0" * 64
    assert check_report(shaped(LedgerFootprintReport, document, where="report"), evidence).stated == {}
    _divided(document)
    found = check_report(shaped(LedgerFootprintReport, document, where="report"), evidence)
    assert set(found.stated) == {"data"}
    assert "made with other data than are at hand, by which totals.ghgLocationKg.central is" in found.stated["data"]
    strange = published(ledger_world).to_json()
    strange["edition"] = "of next year"
    with pytest.raises(ArithmeticRuleError, match="the data that it names do not give such a report"):
        check_report(shaped(LedgerFootprintReport, strange, where="report"), Evidence(catalogue=DATA))
    strange["method"]["dataSha256"] = "0" * 64
    found = check_report(shaped(LedgerFootprintReport, strange, where="report"), Evidence(catalogue=DATA))
    assert "which do not know of it" in found.stated["data"]


def test_a_public_chain_is_redone_out_of_the_data(ledger_world: LedgerWorld) -> None:
    """All of it, with a stated overhead too; a tenth of the energy, carried through, is not what the data give."""
    report = published(ledger_world)
    assert check_report(report, Evidence(catalogue=DATA)).stated == {}
    pue = figure(Ratio, "1", 1.2, name="stated: pue", source=Source("stated", "stated", "2026", "user", Status.USER))
    network = network_of(DATA.chain("gnosis", at=AT), catalogue=DATA, at=AT, pue=pue)
    of_gnosis = build_report(
        network, signed_by=ledger_world.entity("north"), rule=Rule.PER_GAS, at=AT, data_sha256=DATA.digest
    )
    assert check_report(of_gnosis, Evidence(catalogue=DATA)).stated == {}
    document = of_gnosis.to_json()
    for each in document["inputs"]:
        if each["name"] == "stated: pue":
            each["values"] = dict.fromkeys(("low", "central", "high"), "1")
    with pytest.raises(ArithmeticRuleError, match="is not what the data give"):
        check_report(shaped(LedgerFootprintReport, document, where="report"), Evidence(catalogue=DATA))


def test_readings_that_are_missing_or_twice(ledger_world: LedgerWorld) -> None:
    """What cannot be added up is not taken for added up."""
    report, evidence = metered(ledger_world)
    some = check_report(report, replace(evidence, readings=evidence.readings[1:]))
    count = len(evidence.readings)
    assert some.stated["energy"] == f"1 of the {count} readings that it adds up are not at hand"
    assert "energy, out of the readings" not in some.redone
    strangers = check_report(
        report, replace(evidence, readings=[ledger_world.signed("south", ledger_world.reading("south", "n9", "5"))])
    )
    assert strangers.stated["energy"] == "the readings that it adds up are not at hand"
    document = report.to_json()
    document["participants"][0]["kwh"] = "0.001"
    with pytest.raises(ArithmeticRuleError, match=r"readings come to more than all of them|do not add up"):
        check_report(
            shaped(LedgerFootprintReport, document, where="report"), replace(evidence, readings=evidence.readings[:1])
        )
    document = report.to_json()
    document["participants"][0]["readings"] *= 2
    with pytest.raises(ArithmeticRuleError, match="a reading is counted twice"):
        check_report(shaped(LedgerFootprintReport, document, where="report"), evidence)


SHAPES: dict[str, tuple[str, object, str]] = {
    "bounds out of order": ("totals.energyKwh.low", "999999999999", "bounds are out of order"),
    "a number with an exponent": ("totals.energyKwh.low", "1e3", "String should match pattern"),
    "a second spelling": ("totals.energyKwh.low", "1.0", "String should match pattern"),
    "a rule without a name": ("method.rule", "per_luck", "Input should be"),
    "another unit": ("perUnit.unit", "block", "Input should be"),
    "no inputs": ("inputs", [], "at least 1 item"),
}


@pytest.mark.parametrize(("path", "value", "match"), SHAPES.values(), ids=SHAPES.keys())
def test_another_shape(ledger_world: LedgerWorld, path: str, value: object, match: str) -> None:
    """Closed, and strict in every number."""
    report, _ = metered(ledger_world)
    document = report.to_json()
    _put(path, value)(document)
    with pytest.raises(SchemaError, match=match):
        shaped(LedgerFootprintReport, document, where="report")


def test_reports_that_are_not_made(ledger_world: LedgerWorld) -> None:
    """By a rule that gives nothing per unit; with readings and not how they were used; of a chain without the count."""
    cases: list[tuple[Callable[[], object], type[PassportError], str]] = [
        (
            lambda: build_report(
                network_of(DATA.chain("ethereum", at=AT), catalogue=DATA, at=AT),
                signed_by=ledger_world.entity("north"),
                rule=Rule.PER_GAS,
                at=AT,
                data_sha256=DATA.digest,
                passports_a_year=10,
            ),
            UsageError,
            "others use this chain too",
        ),
        (lambda: published(ledger_world, Rule.PER_FEE), UsageError, "nothing stands per unit by this rule"),
        (
            lambda: build_report(
                network_of(DATA.chain("ethereum", at=AT), catalogue=DATA, at=AT),
                signed_by=ledger_world.entity("north"),
                rule=Rule.PER_GAS,
                at=AT,
                data_sha256=DATA.digest,
                metering=Metering.of(1, PUE),
            ),
            UsageError,
            "readings go with how they were used",
        ),
    ]
    for make, error, match in cases:
        with pytest.raises(error, match=match):
            make()
    without = published(ledger_world, Rule.PER_TRANSACTION)
    check_report(without)
    assert without.per_unit is None
    assert without.missing["per_unit"] == "the account states no number of units for per_transaction"


def test_a_number_without_end_is_text(ledger_world: LedgerWorld) -> None:
    """A source may be called 1e999999999: nobody works that out, it is not the source that the data name."""
    document = published(ledger_world).to_json()
    source = document["inputs"][0]["source"]
    for text in ("1e999999999", "-9E+999999999", "1/3", "7" * 1900):
        source["date"] = text
        report = LedgerFootprintReport.model_validate(document)
        with pytest.raises(ArithmeticRuleError, match="is not what the data give"):
            check_report(report, Evidence(catalogue=Catalogue.shipped()))
