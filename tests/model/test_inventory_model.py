"""The inventory refuses what no passport could stand on, and says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from document_samples import DIGEST, inventory, inventory_json
from pydantic import ValidationError

from passport.model.base import time_text
from passport.model.inventory import Disclosure, Inventory, Known, PassportInput, Per
from passport.model.party import SCHEME_URI, Party, Scheme

Change = Callable[[dict[str, Any]], object]


def put(path: str, value: object) -> Change:
    """Sets what stands at a path such as `inputs.1.factor.amount`."""

    def change(document: Any) -> None:
        *parents, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
        for step in parents:
            document = document[step]
        document[last] = value

    return change


def drop(path: str) -> Change:
    def change(document: Any) -> None:
        *parents, last = path.split(".")
        for step in parents:
            document = document[int(step) if step.isdecimal() else step]
        del document[last]

    return change


FOSSIL = {"fossilGhgEmissions": "1"}
EVIDENCE = {"uri": "https://kakao.example/bill"}

# What is done to a valid inventory, where the fault is, and what is said of it.
REFUSED: dict[str, tuple[Change, str, str]] = {
    "another major version": (
        put("format", "carbon-passport/inventory/2.0"), "format", "Input should be 'carbon-passport/inventory/1.0'",
    ),
    "another minor version": (
        put("format", "carbon-passport/inventory/1.1"), "format", "Input should be 'carbon-passport/inventory/1.0'",
    ),
    "no format": (drop("format"), "format", "Field required"),
    "misspelt field": (put("declaredUnitt", "kilogram"), "declaredUnitt", "Extra inputs are not permitted"),
    "misspelt field below": (put("product.idscheme", {}), "product.idscheme", "Extra inputs are not permitted"),
    "missing field": (drop("coveredQuantity"), "coveredQuantity", "Field required"),
    "float": (put("declaredAmount", 1.5), "declaredAmount", "a float has already lost its digits"),
    "truth value as amount": (put("declaredAmount", True), "declaredAmount", "not an exact number"),
    "words as amount": (put("declaredAmount", "one"), "declaredAmount", "not a number"),
    "too many decimals": (put("declaredAmount", "0.0000000000000001"), "declaredAmount", "amount does not fit"),
    "too many digits": (put("coveredQuantity", "1e15"), "coveredQuantity", "amount does not fit"),
    "exponent": (put("coveredQuantity", "1e31"), "coveredQuantity", "number out of range"),
    "nothing declared": (put("declaredAmount", "0"), "declaredAmount", "must be more than zero, found 0"),
    "negative declared amount": (put("declaredAmount", "-1"), "declaredAmount", "must be more than zero, found -1"),
    "nothing covered": (put("coveredQuantity", "0"), "coveredQuantity", "must be more than zero, found 0"),
    "negative mass": (put("massPerDeclaredUnit", "-1"), "massPerDeclaredUnit", "must not be negative, found -1"),
    "unit of nobody": (put("declaredUnit", "stone"), "declaredUnit", "Input should be 'liter', 'kilogram'"),
    "unit that PACT does not declare": (
        put("declaredUnit", "tonne"), "declaredUnit", "a declared unit is one of PACT's: liter, kilogram",
    ),
    "period of no length": (
        put("period.end", "2025-01-01T00:00:00Z"), "period", "period ends before it starts",
    ),
    "period backwards": (put("period.end", "2024-01-01T00:00:00Z"), "period", "period ends before it starts"),
    "time without zone": (put("period.start", "2025-01-01T00:00:00"), "period.start", "not a time with zone"),
    "no time": (put("period.start", "spring"), "period.start", "not a time, expected 2025-01-01T00:00:00Z"),
    "no time without end": (put("period.start", "A" * 5000), "period.start", "found '" + "A" * 79 + " ["),
    "day that is none": (put("period.start", "2025-02-29T00:00:00Z"), "period.start", "not a time, expected"),
    "time before year one": (put("period.start", "0001-01-01T00:00:00+01:00"), "period.start", "outside the years"),
    "number as time": (put("period.start", 1735689600), "period.start", "not a time with zone"),
    "country in lower case": (put("country", "nl"), "country", "should match pattern"),
    "country by name": (put("country", "Netherlands"), "country", "should match pattern"),
    "subdivision of another country": (
        put("subdivision", "DE-BY"), "", "the subdivision DE-BY does not lie in NL",
    ),
    "product id without https": (put("product.id", "http://kakao.example/1"), "product.id", "should match pattern"),
    "product without PACT id": (put("product.pactIds", []), "product.pactIds", "at least 1 item"),
    "PACT id that is no URN": (put("product.pactIds", ["https://x.example"]), "product.pactIds.0", "match pattern"),
    "PACT id twice": (put("product.pactIds", ["urn:a:1", "urn:a:1"]), "product.pactIds", "'urn:a:1' stands there"),
    "too many PACT ids": (
        put("product.pactIds", [f"urn:a:{number}" for number in range(21)]), "product.pactIds", "at most 20 items",
    ),
    "product without category": (put("product.category", []), "product.category", "at least 1 item"),
    "product without name": (put("product.name", "  "), "product.name", "at least 1 character"),
    "product with a novel as name": (put("product.name", "x" * 501), "product.name", "at most 500 characters"),
    "name in no language": (put("product.names", {"CHINESE": "x"}), "product.names.CHINESE.[key]", "match pattern"),
    "batch without number": (drop("product.batchNumber"), "product", "granularity batch needs batchNumber"),
    "item without number": (
        lambda d: d["product"].update(granularity="item", itemNumber=None), "product", "item needs itemNumber",
    ),
    "item that covers more than itself": (
        put("product.granularity", "item"), "", "an item covers itself: coveredQuantity must be 1",
    ),
    "granularity of nobody": (put("product.granularity", "lot"), "product.granularity", "'model', 'batch' or 'item'"),
    "two sets of warming potentials": (
        put("gwp", ["AR5", "AR6"]), "", "one set of global warming potentials is expected, found AR5, AR6",
    ),
    "one set twice": (put("gwp", ["AR6", "AR6"]), "", "one set of global warming potentials is expected"),
    "no set": (put("gwp", []), "gwp", "at least 1 item"),
    "set of nobody": (put("gwp", ["SAR"]), "gwp.0", "should match pattern"),
    "no standard": (put("standards", []), "standards", "at least 1 item"),
    "standard twice": (put("standards", ["A", "A "]), "standards", "'A' stands there twice"),
    "too many standards": (put("standards", list(map(str, range(21)))), "standards", "at most 20 items"),
    "company id twice": (put("companyIds", ["urn:a:1"] * 2), "companyIds", "'urn:a:1' stands there twice"),
    "everything left out": (put("exempted.percent", "100"), "exempted.percent", "below 100 percent, found 100"),
    "less than nothing left out": (put("exempted.percent", "-1"), "exempted.percent", "at least 0 and below 100"),
    "left out without reason": (put("exempted.reason", ""), "exempted.reason", "at least 1 character"),
    "carbon content of nobody": (
        put("carbonContents.carbon", "1"), "carbonContents", "unknown carbon content 'carbon'; expected fossilCarbon",
    ),
    "no fossil carbon content": (
        drop("carbonContents.fossilCarbonContent"), "carbonContents", "fossilCarbonContent is required",
    ),
    "negative carbon content": (
        put("carbonContents.fossilCarbonContent", "-1"), "carbonContents.fossilCarbonContent", "must not be negative",
    ),
    "no inputs": (put("inputs", []), "inputs", "at least 1 item"),
    "two inputs of one id": (put("inputs.1.id", "press"), "", "two inputs have the id 'press'"),
    "input of no kind": (drop("inputs.0.kind"), "inputs.0", "Unable to extract tag using discriminator 'kind'"),
    "input of another kind": (put("inputs.0.kind", "import"), "inputs.0", "'import' found using 'kind' does not match"),
    "input id with blank": (put("inputs.0.id", "a b"), "inputs.0.direct.id", "should match pattern"),
    "input id too long": (put("inputs.0.id", "a" * 101), "inputs.0.direct.id", "should match pattern"),
    "stage of nobody": (put("inputs.0.stage", "mining"), "inputs.0.direct.stage", "'rawMaterialAcquisition'"),
    "known by hearsay": (put("inputs.0.known", "guessed"), "inputs.0.direct.known", "'measured', 'calculated'"),
    "too much evidence": (put("inputs.0.evidence", [EVIDENCE] * 101), "inputs.0.direct.evidence", "at most 100 items"),
    "evidence with a bad digest": (
        put("inputs.0.evidence.0.digest", DIGEST[:-1] + "R"), "inputs.0.direct.evidence.0.digest", "match pattern",
    ),
    "rating below one": (
        put("inputs.0.dataQuality.temporal", "0.9"), "inputs.0.direct.dataQuality.temporal",
        "a data quality rating lies between 1 (best) and 5, found 0.9",
    ),
    "rating above five": (
        put("inputs.0.dataQuality.temporal", "5.1"), "inputs.0.direct.dataQuality.temporal", "found 5.1",
    ),
    "rating left out": (drop("inputs.0.dataQuality.temporal"), "inputs.0.direct.dataQuality.temporal", "required"),
    "spread of nothing": (
        put("inputs.0.uncertainty.spread", "0"), "inputs.0.direct.uncertainty.spread", "must be more than zero",
    ),
    "unknown component": (
        put("inputs.0.emissions.co2", "1"), "inputs.0.direct.emissions", "unknown component; expected one of fossilGhg",
    ),
    "negative emission": (
        put("inputs.0.emissions.fossilGhgEmissions", "-1"), "inputs.0.direct.emissions",
        "fossilGhgEmissions has the wrong sign; expected zero or more; found -1",
    ),
    "positive removal": (
        put("inputs.0.emissions.technologicalCO2Removals", "1"), "inputs.0.direct.emissions",
        "technologicalCO2Removals has the wrong sign; expected zero or less; found 1",
    ),
    "parts without their whole": (
        put("inputs.0.emissions", {"packagingGhgEmissions": "1"}), "inputs.0.direct.emissions",
        "states only parts of fields that are not stated",
    ),
    "emissions of nothing": (put("inputs.0.emissions", {}), "inputs.0.direct.emissions", "at least 1 item"),
    "factor in another dimension": (
        put("inputs.1.unit", "kilogram"), "inputs.1.factor",
        "input power: kilogram does not convert to kilowatt hour; expected a unit of energy; found kilogram (mass)",
    ),
    "factor per nothing": (put("inputs.1.factor.amount", "0"), "inputs.1.factor.factor.amount", "more than zero"),
    "factor with a wrong sign": (
        put("inputs.1.factor.components", {"biogenicCO2Uptake": "1"}), "inputs.1.factor.factor.components",
        "biogenicCO2Uptake has the wrong sign",
    ),
    "factor without source version": (
        drop("inputs.1.factor.source.version"), "inputs.1.factor.factor.source.version", "Field required",
    ),
    "factor of another age": (put("inputs.1.factor.year", 1899), "inputs.1.factor.factor.year", "greater than or"),
    "negative quantity": (put("inputs.1.quantity", "-1"), "inputs.1.factor.quantity", "must not be negative, found -1"),
    "no upstream reference": (
        drop("inputs.2.product"), "inputs.2.passport", "give either `passport` (the upstream passport's id) or",
    ),
    "two upstream references": (
        put("inputs.2.passport", "urn:uuid:1"), "inputs.2.passport", "give either `passport`",
    ),
    "ceiling of no batch": (put("ledgerCeiling.minimumBatch", 0), "ledgerCeiling.minimumBatch", "greater than or"),
    "ceiling below nothing": (put("ledgerCeiling.amount", "-1"), "ledgerCeiling.amount", "must not be negative"),
    "missing input without reason": (drop("missing.0.reason"), "missing.0.reason", "Field required"),
    "too much missing": (
        put("missing", [{"name": "x", "stage": "use", "reason": "y"}] * 1001), "missing", "at most 1000 items",
    ),
    "disclosure to some": (put("disclosure", "friends"), "disclosure", "'open' or 'withheld'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_each_mistake_is_named_where_it_is(case: tuple[Change, str, str]) -> None:
    change, where, words = case
    document = inventory_json()
    change(document)
    with pytest.raises(ValidationError, match=re.escape(words)) as caught:
        Inventory.model_validate(document)
    places = [".".join(map(str, error["loc"])) for error in caught.value.errors()]
    assert places[0] == where
    assert [place for place in places if not where.startswith(place)] == []


def test_the_whole_inventory_is_read_and_written_back() -> None:
    read = inventory()
    written = read.to_json()
    assert Inventory.model_validate(written) == read
    assert Inventory.model_validate(written).to_json() == written
    given = inventory_json()
    for entry in given["inputs"]:
        entry.setdefault("per", "declaredUnit")
    assert written == given


def test_amounts_are_brought_to_the_one_spelling() -> None:
    """People write 1.50, +2 and whole numbers; documents do not."""
    read = inventory(declaredAmount="1.50", coveredQuantity=4000, massPerDeclaredUnit="+2e-1")
    assert (read.declared_amount, read.covered_quantity) == (Decimal("1.5"), Decimal(4000))
    written = read.to_json()
    assert (written["declaredAmount"], written["coveredQuantity"]) == ("1.5", "4000")
    assert written["massPerDeclaredUnit"] == "0.2"


def test_what_is_not_said_is_the_cautious_choice() -> None:
    document = inventory_json()
    for name in ("disclosure", "upstreamPublic", "ccsTechnologicalCO2CaptureIncluded", "missing", "ledgerCeiling"):
        del document[name]
    for name in ("known",):
        assert name in document["inputs"][0]
    read = Inventory.model_validate(document)
    assert (read.disclosure, read.upstream_public, read.missing, read.ledger_ceiling) == (
        Disclosure.OPEN,
        False,
        (),
        None,
    )
    assert read.ccs_technological_co2_capture_included is False
    assert (read.inputs[0].per, read.inputs[0].known) == (Per.DECLARED_UNIT, Known.MEASURED)
    assert read.passport_inputs == (read.inputs[2],)
    assert isinstance(read.inputs[2], PassportInput)


def test_an_inventory_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        inventory().country = "DE"  # type: ignore[misc]  # that is the point


# --- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 22, 10, tzinfo=UTC), "2026-11-22T10:00:00Z"),
        (datetime(2026, 11, 22, 10, 0, 0, 999_999, tzinfo=UTC), "2026-11-22T10:00:00Z"),
        (datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2025-12-31T23:30:00Z"),
        (datetime(999, 1, 1, tzinfo=UTC), "0999-01-01T00:00:00Z"),
    ],
)
def test_times_are_written_in_utc_and_whole_seconds(moment: datetime, text: str) -> None:
    assert time_text(moment) == text


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="a time without zone"):
        time_text(datetime(2026, 1, 1))


# --- parties ---------------------------------------------------------------------------------------------------------

PARTY = {"scheme": "LEI", "identifier": "999900KITANAMI000191", "name": "Kakao Mill", "country": "NL"}


def test_a_party_has_a_uri_and_a_urn_of_its_register() -> None:
    party = Party.model_validate(PARTY)
    assert party.uri == "https://search.gleif.org/#/record/999900KITANAMI000191"
    assert party.urn == "urn:lei:999900KITANAMI000191"
    assert set(SCHEME_URI) == set(Scheme)
    assert Party.model_validate(party.to_json()) == party


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"scheme": "DUNS"}, "scheme", "'LEI', 'EUID', 'VAT', 'GLN' or 'USCC'"),
        ({"identifier": ""}, "identifier", "at least 1 character"),
        ({"identifier": "a b"}, "identifier", "should match pattern"),
        ({"identifier": "x" * 101}, "identifier", "at most 100 characters"),
        ({"country": "NLD"}, "country", "should match pattern"),
        ({"names": {"ZH": "x"}}, "names.ZH", "should match pattern"),
        ({"roles": ["king"]}, "roles.0", "'manufacturer'"),
        ({"companyIds": ["lei:1"]}, "companyIds.0", "should match pattern"),
        ({"vat": "1"}, "vat", "Extra inputs"),
    ],
)
def test_a_party_is_refused_where_it_is_wrong(change: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)) as caught:
        Party.model_validate(PARTY | change)
    assert where in ".".join(map(str, caught.value.errors()[0]["loc"]))
