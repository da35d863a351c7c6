"""Rows, statements and passports that the builders write: what stands in them, and who takes them as valid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from document_samples import (
    ALL_COMPONENTS,
    CREATED,
    DIGEST,
    FOOTPRINT,
    PASSPORT_ID,
    PLACE,
    STATEMENT_ID,
    UPSTREAM,
    credential,
    inventory,
    inventory_json,
    rows,
    statement,
)
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.canonical import jcs, parse
from passport.credentials.status_list import StatusEntry, StatusPurpose
from passport.errors import DocumentError
from passport.issuer.status_lists import entry_of
from passport.model.components import COMPONENTS
from passport.model.credential import claim_number, number_matches
from passport.model.facts import passport_facts, unix_time
from passport.model.inventory import Granularity
from passport.model.row import row_of
from passport.model.schema import check
from passport.model.statement import validity_end

# --- what is built is valid ------------------------------------------------------------------------------------------


def small_inventory() -> Any:
    """An inventory with nothing optional in it."""
    document = inventory_json()
    for name in ("subdivision", "companyIds", "allocation", "comment", "ledgerCeiling", "predecessor", "missing"):
        del document[name]
    for name in ("names", "modelNumber", "batchNumber", "itemNumber", "classifications"):
        del document["product"][name]
    document["product"]["granularity"] = "model"
    document["carbonContents"] = {"fossilCarbonContent": "0"}
    document["packagingEmissionsIncluded"] = document["ccsTechnologicalCO2CaptureIncluded"] = False
    document["inputs"] = document["inputs"][1:]
    for entry in document["inputs"]:
        for name in ("uncertainty", "dataQuality", "evidence"):
            del entry[name]
    document["inputs"][0]["factor"]["primary"] = True
    return inventory(**{name: document.get(name) for name in inventory_json()})


SMALL_FOOTPRINT = FOOTPRINT._replace(
    components={"fossilGhgEmissions": "0"},
    total="0",
    total_including_uptake="0",
    unattributed="0",
    primary_data_share=None,
    data_quality=None,
)


def documents() -> Iterator[tuple[str, str, Any]]:
    """Name, kind and document, of the fullest and of the barest."""
    small = small_inventory()
    for name, row in zip(("direct", "factor", "passport"), rows(), strict=True):
        yield f"{name} row", "row-1.0", row
    for name, row in zip(("factor", "passport"), rows(small), strict=True):
        yield f"bare {name} row", "row-1.0", row
    yield "statement", "statement-1.0-issuing", statement()
    yield "bare statement", "statement-1.0-issuing", statement(small, SMALL_FOOTPRINT)
    yield "passport", "untp-dpp-0.7.0-issuing", credential()
    yield "bare passport", "untp-dpp-0.7.0-issuing", credential(small, SMALL_FOOTPRINT, has_links=False)


CASES = list(documents())
BY_NAME = {name: document for name, _, document in CASES}


@pytest.mark.parametrize(("kind", "document"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_built_passes_its_issuing_schema(kind: str, document: Any) -> None:
    check(kind, document)
    assert parse(jcs(document)) == document


@pytest.mark.shared
@pytest.mark.parametrize("name", ["passport", "bare passport"])
def test_passports_pass_the_published_untp_schema(shared: Path, name: str) -> None:
    published = json.loads((shared / "standards/untp/0.7.0/schema/DigitalProductPassport.json").read_bytes())
    judge = jsonschema_rs.Draft202012Validator(published, validate_formats=True, offline=True)
    judge.validate(BY_NAME[name])
    assert not judge.is_valid(BY_NAME[name] | {"validFrom": "yesterday"})


@pytest.mark.shared
@pytest.mark.parametrize("name", ["statement", "bare statement"])
@pytest.mark.parametrize("status", ["Active", "Deprecated"])
def test_statements_with_a_status_pass_the_published_pact_schema(shared: Path, name: str, status: str) -> None:
    api = yaml.safe_load((shared / "standards/pact/openapi_v3_0.yaml").read_text(encoding="utf-8"))
    published = {
        "$ref": "#/components/schemas/ProductFootprint",
        "components": {"schemas": api["components"]["schemas"]},
    }
    judge = jsonschema_rs.Draft202012Validator(published, validate_formats=True, offline=True)
    judge.validate(BY_NAME[name] | {"status": status})
    assert not judge.is_valid(BY_NAME[name]), "PACT wants a status; it is no part of what is hashed"


@pytest.mark.shared
def test_the_entry_of_a_status_list_is_what_the_published_schema_takes(shared: Path) -> None:
    """Leaf 200,000 is entry 68,928 of the second list: a list has 131,072."""
    published = json.loads((shared / "standards/untp/0.7.0/schema/DigitalProductPassport.json").read_bytes())
    judge = jsonschema_rs.Draft202012Validator(published, validate_formats=True, offline=True)
    entry = entry_of("https://kakao.example", 200_000)
    url = "https://kakao.example/status-lists/revocation-1.json"
    assert entry == StatusEntry(url, 68_928, StatusPurpose.REVOCATION)
    judge.validate({**credential(), "credentialStatus": entry.to_json()})


@pytest.mark.shared
def test_a_standard_of_any_name_gives_a_uri_the_published_schema_takes(shared: Path) -> None:
    """The name of a standard becomes part of a URN."""
    published = json.loads((shared / "standards/untp/0.7.0/schema/DigitalProductPassport.json").read_bytes())
    judge = jsonschema_rs.Draft202012Validator(published, validate_formats=True, offline=True)
    names = ["ISO 14067:2018", "产品碳足迹 <GB/T 24067>", 'a"b\\c^`{}|#?%', "x"]
    document = credential(inventory(standards=names))
    check("untp-dpp-0.7.0-issuing", document)
    judge.validate(document)
    standards = document["credentialSubject"]["performanceClaim"][0]["referenceStandard"]
    assert [standard["name"] for standard in standards] == names
    assert standards[0]["id"] == "urn:carbon-passport:standard:ISO-14067%3A2018"


# --- rows ------------------------------------------------------------------------------------------------------------


def test_a_direct_row() -> None:
    assert rows()[0] == {
        "id": "press",
        "kind": "direct",
        "known": "measured",
        "name": "Press",
        "per": "declaredUnit",
        "stage": "mainProduction",
        "uncertainty": {"distribution": "lognormal", "spread": "1.2"},
        "dataQuality": {"technological": "1.5", "geographical": "1", "temporal": "2"},
        "evidence": [{"uri": "https://kakao.example/bill", "digest": DIGEST, "name": "Bill"}],
        "emissions": ALL_COMPONENTS,
        "contribution": {"components": ALL_COMPONENTS, "total": "6.5125", "unattributed": "0"},
    }


def test_a_factor_row_keeps_the_factor_with_its_source() -> None:
    """2.5 MWh a period x 0.04 kg/kWh / 4000 kg = 0.025 kg."""
    row = rows()[1]
    assert row["factor"] == inventory_json()["inputs"][1]["factor"]
    assert (row["quantity"], row["unit"], row["per"]) == ("2.5", "megawatt hour", "period")
    assert row["contribution"]["components"] == {"fossilGhgEmissions": "0.025"}


def test_a_passport_row_copies_what_the_upstream_states() -> None:
    """1.25 kg of the upstream: 1.25 x 6.5125 = 8.140625, of which 1.25 x 0.05 nobody attributes."""
    row = rows()[2]
    assert row["upstream"] == {
        "components": ALL_COMPONENTS,
        "dataQuality": FOOTPRINT.data_quality,
        "declaredAmount": "1",
        "declaredUnit": "kilogram",
        "digest": DIGEST,
        "document": "passport",
        "exemptedPercent": "1.25",
        "gwp": ["AR6"],
        "id": UPSTREAM.id,
        "massPerDeclaredUnit": "1",
        "primaryDataShare": "62.5",
        "subjectId": "https://beans.example/products/beans",
        "total": "6.5125",
        "unattributed": "0.05",
    }
    assert row["unknownFields"] == []
    assert row["delivery"] == DIGEST
    assert row["contribution"]["total"] == "8.140625"
    assert row["contribution"]["unattributed"] == "0.0625"
    assert row["contribution"]["components"]["biogenicCO2Uptake"] == "-0.625"


def test_what_the_upstream_does_not_state_is_listed_as_unknown() -> None:
    entry = inventory().inputs[2]
    row = row_of(entry, UPSTREAM._replace(footprint=SMALL_FOOTPRINT))
    assert row["unknownFields"] == [name for name in COMPONENTS if name != "fossilGhgEmissions"]
    assert {"primaryDataShare", "dataQuality"}.isdisjoint(row["upstream"])


def test_a_passport_row_needs_the_upstream() -> None:
    with pytest.raises(ValueError, match="input beans: the upstream facts are needed"):
        row_of(inventory().inputs[2])


def test_a_row_takes_shares_and_ratings_with_as_many_decimals_as_an_import_has() -> None:
    fine = FOOTPRINT._replace(
        primary_data_share="33.333333333333333",
        exempted_percent="0.123456789012345",
        data_quality={"technological": "1.333333333333333", "geographical": "5", "temporal": "1"},
    )
    row = row_of(inventory().inputs[2], UPSTREAM._replace(footprint=fine, document="imported"))
    check("row-1.0", row | {"contribution": {"components": {}, "total": "0", "unattributed": "0"}})


# --- statements ------------------------------------------------------------------------------------------------------


def test_the_statement_says_what_the_inventory_says() -> None:
    made = statement()
    pcf = made["pcf"]
    assert "status" not in made
    assert made["id"] == STATEMENT_ID
    assert made["created"] == made["validityPeriodStart"] == "2026-03-01T12:30:15Z"
    assert made["validityPeriodEnd"] == "2029-01-01T00:00:00Z"
    assert (pcf["referencePeriodStart"], pcf["referencePeriodEnd"]) == ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
    assert (pcf["declaredUnitAmount"], pcf["declaredUnitOfMeasurement"]) == ("1", "kilogram")
    assert (pcf["pcfExcludingBiogenicUptake"], pcf["pcfIncludingBiogenicUptake"]) == ("6.5125", "6.0125")
    assert {name: pcf[name] for name in COMPONENTS} == ALL_COMPONENTS
    assert pcf["biogenicCarbonContent"] == "0.136363636363636"
    assert pcf["dqi"] == {"technologicalDQR": "1.55", "geographicalDQR": "2.45", "temporalDQR": "2.65"}
    assert pcf["geographyCountrySubdivision"] == "NL-NH"
    assert "geographyCountry" not in pcf
    assert pcf["secondaryEmissionFactorSources"] == [{"name": "Some table", "version": "2024"}]
    (extension,) = made["extensions"]
    data = extension["data"]
    assert data["passportId"] == PASSPORT_ID
    assert data["ownExemptedPercent"] == "0.5"
    assert data["unattributed"] == "0.05"
    assert data["missing"] == [{"name": "Pallets", "stage": "packaging", "reason": "No data"}]
    assert len(data["rows"]) == 3


def test_what_is_not_known_is_left_out_of_the_statement() -> None:
    """PACT: a field that is not defined is absent, never null; secondary sources only where they were used."""
    made = BY_NAME["bare statement"]
    pcf = made["pcf"]
    absent = {"precedingPfIds", "comment", "productClassifications"} - {"precedingPfIds"}
    assert absent.isdisjoint(made)
    assert {"dqi", "primaryDataShare", "secondaryEmissionFactorSources", "allocationRulesDescription"}.isdisjoint(pcf)
    assert pcf["geographyCountry"] == "NL"
    assert {name for name in COMPONENTS if name in pcf} == {"fossilGhgEmissions"}
    assert b"null" not in jcs(made)


@pytest.mark.parametrize(
    ("end", "valid"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), datetime(2027, 2, 28, 12, tzinfo=UTC)),
    ],
)
def test_a_footprint_is_valid_for_three_years_after_its_period(end: datetime, valid: datetime) -> None:
    assert validity_end(end) == valid


# --- the claim's number ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "number"),
    [
        ("0", "0"),
        ("6.5125", "6.5125"),
        ("-3", "-3"),
        ("5595.428053129844317", "5595.42805313"),
        ("0.333333333333333", "0.333333333333"),
        ("1.000000000005", "1"),  # a tie: 1.00000000000|5 goes to the even last digit
        ("1.000000000015", "1.00000000002"),  # a tie: 1.00000000001|5
        ("1.000000000005000000001"[:17], "1"),
        ("1.00000000000501", "1.00000000001"),
        ("999999999999.5", "1000000000000"),
        ("999999999999999", "1000000000000000"),
        ("123456789012345.5", "123456789012000"),
        ("0.000000000000001", "1e-15"),
        ("-0.000000000000123", "-1.23e-13"),
    ],
)
def test_the_claims_number_by_hand(total: str, number: str) -> None:
    """Half to even at 12 significant digits, in the shortest form that JSON (RFC 8785) has for it."""
    made = claim_number(total)
    assert jcs(made).decode() == number
    assert number_matches(made, total)


amounts = st.integers(-(10**30) + 1, 10**30 - 1)


@given(amounts, st.integers(0, 15))
def test_the_claims_number_survives_json(quanta: int, shift: int) -> None:
    total = format(Decimal(f"{quanta // 10**shift}E-15"), "f")
    number = claim_number(total)
    assert Decimal(repr(number)) == Context(prec=12, rounding=ROUND_HALF_EVEN).create_decimal(total)
    again = json.loads(json.dumps(number))
    assert again == number
    assert parse(jcs({"value": number})) == {"value": number}
    assert number_matches(again, total)


@pytest.mark.parametrize(
    ("number", "total"),
    [(6.5126, "6.5125"), (6, "6.5125"), ("6.5125", "6.5125"), (True, "1"), (None, "0"), (float("nan"), "0"),
     (float("inf"), "0"), (5595.428053129844, "5595.428053129844317"), (-1, "1")],
)  # fmt: skip
def test_another_number_does_not_match(number: object, total: str) -> None:
    assert not number_matches(number, total)


# --- passports -------------------------------------------------------------------------------------------------------


def test_the_passport_says_the_same_in_claim_and_characteristics() -> None:
    subject = credential()["credentialSubject"]
    (claim,) = subject["performanceClaim"]
    stated = subject["characteristics"]["carbonPassport"]
    (performance,) = claim["claimedPerformance"]
    assert performance["measure"] == {"value": 6.5125, "unit": "KGM"}
    assert performance["metric"]["name"] == (
        "Product carbon footprint, cradle-to-gate, excluding biogenic uptake, kg CO2e per 1 kilogram"
    )
    assert claim["name"] == "Product carbon footprint, cradle-to-gate, per 1 kilogram"
    assert claim["description"] == "6.5125 kg CO2e per 1 kg, cradle-to-gate, GWP100 AR6"
    assert claim["applicablePeriod"] == {"startDate": "2025-01-01", "endDate": "2026-01-01"}
    assert claim["claimDate"] == "2026-03-01"
    assert stated["total"] == "6.5125"
    assert stated["components"] == ALL_COMPONENTS
    assert stated["coveredQuantity"] == {"amount": "4000", "unit": "kilogram"}
    assert stated["place"] == PLACE.to_json()
    assert stated["missingInputs"] == 1
    assert stated["ledgerCeiling"] == {"amount": "0.001", "minimumBatch": 64, "profileDigest": DIGEST}
    assert [link["linkName"] for link in subject["relatedDocument"]] == [
        "Upstream passport",
        "Version that this one replaces",
    ]


def test_what_is_not_there_is_left_out_of_the_passport() -> None:
    subject = BY_NAME["bare passport"]["credentialSubject"]
    assert {"modelNumber", "batchNumber", "itemNumber", "relatedDocument"}.isdisjoint(subject)
    stated = subject["characteristics"]["carbonPassport"]
    assert {"primaryDataShare", "dataQuality"}.isdisjoint(stated)
    assert stated["ledgerCeiling"] is None
    assert "names" not in subject["characteristics"]


# --- reading facts ---------------------------------------------------------------------------------------------------


def test_the_facts_are_what_was_built() -> None:
    facts = passport_facts(credential(), DIGEST)
    assert (facts.id, facts.digest) == (PASSPORT_ID, DIGEST)
    assert (facts.issuer_did, facts.issuer_name) == ("did:web:kakao.example", "Kakao Mill")
    assert (facts.scheme, facts.identifier) == ("LEI", "999900KITANAMI000191")
    assert (facts.subject_id, facts.subject_name) == ("https://kakao.example/products/butter", "Cocoa butter")
    assert (facts.granularity, facts.numbers) == (Granularity.BATCH, ("CB-1", "L7", "7"))
    assert (facts.facility_id, facts.country) == ("https://kakao.example/plants/1", "NL")
    assert facts.valid_from == int(CREATED.timestamp())
    assert facts.valid_until == int(datetime(2029, 1, 1, tzinfo=UTC).timestamp())
    assert facts.place == PLACE
    assert (facts.covered_amount, facts.covered_unit) == ("4000", "kilogram")
    assert facts.period == ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
    assert (facts.missing_inputs, facts.packaging_emissions_included, facts.ccs_included) == (1, True, True)
    assert facts.statement.url == f"https://kakao.example/statements/{STATEMENT_ID}"
    assert [(pin.url, pin.digest) for pin in facts.upstream_pins] == [(UPSTREAM.id, DIGEST)]
    assert facts.predecessor is not None
    assert facts.predecessor.url == "urn:uuid:1"
    assert facts.upstream.document == "passport"
    assert facts.upstream.footprint == FOOTPRINT
    assert facts.upstream.copy_for_row() == UPSTREAM.copy_for_row() | {
        "id": PASSPORT_ID,
        "subjectId": "https://kakao.example/products/butter",
    }


def test_the_facts_of_a_bare_passport() -> None:
    facts = passport_facts(BY_NAME["bare passport"], DIGEST)
    assert (facts.upstream_pins, facts.predecessor, facts.numbers) == ((), None, (None, None, None))
    assert facts.upstream.footprint == SMALL_FOOTPRINT


@pytest.mark.parametrize("version", ["carbon-passport/passport/2.0", "carbon-passport/passport/1.1", "passport"])
def test_a_passport_of_another_format_is_refused(version: str) -> None:
    document = credential()
    document["credentialSubject"]["characteristics"]["carbonPassport"]["format"] = version
    with pytest.raises(DocumentError, match=f"another passport format; expected .*/passport/1.0; found {version}"):
        passport_facts(document, DIGEST)


@pytest.mark.parametrize("count", [0, 2])
def test_a_passport_pins_one_statement(count: int) -> None:
    document = credential()
    (claim,) = document["credentialSubject"]["performanceClaim"]
    claim["evidence"] = claim["evidence"] * count
    with pytest.raises(DocumentError, match=f"pins one statement; expected 1 statement link; found {count}"):
        passport_facts(document, DIGEST)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("validFrom", "2026-02-29T00:00:00Z", "not a moment; expected 2025-01-01T00:00:00Z"),
        ("validUntil", "2026-04-31T00:00:00Z", "not a moment"),
        ("start", "2025-02-30T00:00:00Z", "not a moment"),
        ("end", "2025-06-31T00:00:00Z", "not a moment"),
        ("end", "2025-01-01T00:00:00Z", "a period that ends before it starts"),
        ("end", "2024-12-31T23:59:59Z", "a period that ends before it starts"),
    ],
)
def test_a_time_that_is_none_is_refused(place: str, value: str, words: str) -> None:
    """The schema's pattern takes 30 February; the calendar does not."""
    document = credential()
    period = document["credentialSubject"]["characteristics"]["carbonPassport"]["period"]
    (period if place in period else document)[place] = value
    check("untp-dpp-0.7.0-issuing", document)
    with pytest.raises(DocumentError, match=words):
        passport_facts(document, DIGEST)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1970-01-01T00:00:00Z", 0), ("2026-11-22T10:00:00Z", 1795341600), ("1969-12-31T23:59:59Z", -1)],
)
def test_times_as_unix_seconds(text: str, seconds: int) -> None:
    """The second was looked up with `date -u -d @1795341600`."""
    assert unix_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "2026-11-22", "2026-11-22T10:00:00+00:00", "2026-11-22T24:00:00Z", None, 7], ids=repr
)
def test_another_spelling_of_a_time_is_no_moment(text: Any) -> None:
    with pytest.raises(DocumentError, match="not a moment"):
        unix_time(text)
