"""Reading PACT footprints: facts as stated, refusals with their reason, and every broken rule by its own name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import (
    AmountError,
    ArithmeticRuleError,
    BoundError,
    CanonicalError,
    DocumentError,
    PassportError,
    SchemaError,
)
from passport.exchange.pact import Code, ImportedFootprint, read_footprints
from passport.exchange.pact_footprint import exact_decimal, rounding
from passport.model.digest import to_sha256

# A birch board, by hand: 0.9 fossil + 0.25 land use + 0.1 land management - 0.05 removed + 0.02 methane = 1.22;
# 0.45 kg biogenic carbon x 44/12 = 1.65 taken up, so -0.43 with it.
BOARD: dict[str, Any] = {
    "id": "F4b1225a-bd44-4c8e-861d-079e4e1dfd69",
    "specVersion": "3.0.0",
    "precedingPfIds": ["079e425a-464f-528d-341d-4a944a1dfd70"],
    "created": "2026-03-01T08:00:00+01:00",
    "status": "Active",
    "validityPeriodStart": "2026-01-01T00:00:00Z",
    "validityPeriodEnd": "2029-01-01T00:00:00Z",
    "companyName": "Birch Works",
    "companyIds": ["urn:lei:5493001KJTIIGC8Y1R12"],
    "productDescription": "Birch board",
    "productIds": ["urn:gtin:4712345060507", "urn:pact:birch.example:supplier-id:44"],
    "productClassifications": ["urn:cpc:31210", "urn:pact:productclassification:un-cpc:31210"],
    "productNameCompany": "Board 18 mm",
    "pcf": {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": "1",
        "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": "2025-01-01T00:00:00Z",
        "referencePeriodEnd": "2026-01-01t00:00:00.000z",
        "geographyCountrySubdivision": "FI-18",
        "pcfExcludingBiogenicUptake": "1.22",
        "pcfIncludingBiogenicUptake": "-0.43",
        "fossilGhgEmissions": "0.90",
        "landUseChangeGhgEmissions": "0.25",
        "landManagementFossilGhgEmissions": "0.3",
        "landManagementBiogenicCO2Emissions": "1e-1",
        "landManagementBiogenicCO2Removals": "-0.05",
        "biogenicNonCO2Emissions": "+0.02",
        "biogenicCO2Uptake": "-1.65",
        "landAreaOccupation": "2",
        "packagingEmissionsIncluded": True,
        "packagingGhgEmissions": "0.01",
        "outboundLogisticsGhgEmissions": "0.04",
        "ccsTechnologicalCO2CaptureIncluded": False,
        "fossilCarbonContent": "0",
        "biogenicCarbonContent": "0.45",
        "ipccCharacterizationFactors": ["AR5", "AR6"],
        "crossSectoralStandards": ["ISO14067", "PACT-3.0"],
        "exemptedEmissionsPercent": "2.5",
        "primaryDataShare": "72",
        "dqi": {"technologicalDQR": "1.5", "geographicalDQR": "1", "temporalDQR": "5"},
    },
}
PCF = "$.pcf."


def as_bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def read(document: object) -> ImportedFootprint:
    (footprint,) = read_footprints(as_bytes(document))
    return footprint


def board(top: dict[str, Any] | None = None, **pcf: Any) -> dict[str, Any]:
    """The board with some fields changed; None takes one away."""
    document = copy.deepcopy(BOARD)
    for holder, changes in ((document, top or {}), (document["pcf"], pcf)):
        for name, value in changes.items():
            if value is None:
                del holder[name]
            else:
                holder[name] = value
    return document


def test_facts_are_what_the_document_states() -> None:
    received = as_bytes(BOARD)
    (footprint,) = read_footprints(received)
    assert footprint.original is received
    assert footprint.id == "F4b1225a-bd44-4c8e-861d-079e4e1dfd69"
    assert footprint.preceding_ids == ("079e425a-464f-528d-341d-4a944a1dfd70",)
    assert (footprint.company_name, footprint.company_ids) == ("Birch Works", ("urn:lei:5493001KJTIIGC8Y1R12",))
    assert footprint.product_name == "Board 18 mm"
    assert footprint.product_ids == ("urn:gtin:4712345060507", "urn:pact:birch.example:supplier-id:44")
    assert (footprint.declared_amount, footprint.declared_unit, footprint.mass_kg) == (1, "kilogram", 1)
    assert footprint.created == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert (footprint.period_start, footprint.period_end) == (
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert footprint.valid_until == datetime(2029, 1, 1, tzinfo=UTC)
    assert footprint.geography == "FI-18"
    assert footprint.components == {
        "fossilGhgEmissions": Decimal("0.9"),
        "landUseChangeGhgEmissions": Decimal("0.25"),
        "landManagementBiogenicCO2Emissions": Decimal("0.1"),
        "landManagementBiogenicCO2Removals": Decimal("-0.05"),
        "biogenicNonCO2Emissions": Decimal("0.02"),
        "biogenicCO2Uptake": Decimal("-1.65"),
        "landManagementFossilGhgEmissions": Decimal("0.3"),
        "packagingGhgEmissions": Decimal("0.01"),
        "landAreaOccupation": Decimal(2),
    }
    assert footprint.carbon_contents == {"fossilCarbonContent": 0, "biogenicCarbonContent": Decimal("0.45")}
    assert (footprint.total_excluding, footprint.total_including) == (Decimal("1.22"), Decimal("-0.43"))
    assert footprint.outbound_logistics == Decimal("0.04")
    assert footprint.primary_data_share == 72
    assert footprint.data_quality == (Decimal("1.5"), 1, 5)
    assert footprint.exempted_percent == Decimal("2.5")
    assert footprint.gwp == ("AR5", "AR6")
    assert (footprint.packaging_included, footprint.ccs_included) == (True, False)
    assert footprint.problems == ()


def test_what_is_not_stated_is_unknown() -> None:
    absent = ("biogenicCO2Uptake", "primaryDataShare", "dqi", "outboundLogisticsGhgEmissions", "packagingGhgEmissions")
    gone = dict.fromkeys([*absent, "packagingEmissionsIncluded", "geographyCountrySubdivision"])
    footprint = read(board({"validityPeriodStart": None, "validityPeriodEnd": None}, **gone))
    assert "biogenicCO2Uptake" not in footprint.components
    assert "packagingGhgEmissions" not in footprint.components
    assert footprint.primary_data_share is footprint.data_quality is footprint.outbound_logistics is None
    assert footprint.packaging_included is footprint.geography is footprint.valid_from is footprint.valid_until is None


def test_the_digest_is_of_the_canonical_form_without_status() -> None:
    footprint = read(BOARD)
    without = {name: value for name, value in BOARD.items() if name != "status"}
    assert footprint.body == rfc8785.dumps(without)
    assert to_sha256(footprint.digest) == sha256(footprint.body).digest()
    assert read(board({"status": "Deprecated"})).digest == footprint.digest
    assert read(dict(reversed(BOARD.items()))).digest == footprint.digest
    assert read(board({"comment": ""})).digest != footprint.digest
    assert read(board(exemptedEmissionsPercent="2.50")).digest != footprint.digest


@pytest.mark.parametrize(
    "wrap",
    [lambda f: f, lambda f: [f], lambda f: {"data": f}, lambda f: {"data": [f]}, lambda f: {**f, "data": 1}],
    ids=["alone", "array", "answer to get", "answer to list", "with a field of its own named data"],
)
def test_the_forms_a_footprint_comes_in(wrap: Callable[[Any], Any]) -> None:
    assert read(wrap(BOARD)).product_name == "Board 18 mm"


def test_many_keep_their_order_and_share_the_bytes() -> None:
    ids = [f"f4b1225a-bd44-4c8e-861d-{number:012}" for number in range(50)]
    received = as_bytes([board({"id": footprint_id}) for footprint_id in ids])
    footprints = read_footprints(received)
    assert [footprint.id for footprint in footprints] == ids
    assert [footprint.position for footprint in footprints] == list(range(50))
    assert all(footprint.original is received for footprint in footprints)


REFUSALS: dict[str, tuple[bytes, type[PassportError], str]] = {
    "not JSON": (b"{", DocumentError, "not JSON"),
    "not UTF-8": (b'"\xff"', DocumentError, "not JSON"),
    "nothing": (b"", DocumentError, "not JSON"),
    "a key twice": (as_bytes(BOARD)[:-1] + b', "id": "x"}', DocumentError, "a key stands twice in one object.*'id'"),
    "a key twice below": (
        as_bytes(BOARD).replace(b'"dqi": {', b'"dqi": {"temporalDQR": "1", '), DocumentError, "a key stands twice",
    ),
    "nesting": (b"[" * 101 + b"]" * 101, BoundError, "nested too deep"),
    "an empty list": (b"[]", DocumentError, r"\$: no product footprint in it"),
    "an empty answer": (b'{"data": []}', DocumentError, r"\$\.data: no product footprint in it"),
    "no object": (b"[7]", SchemaError, r"\$\[0\]: wrong type of value .*expected an object; found the number 7"),
    "a field missing": (
        as_bytes({"data": [BOARD, board(fossilGhgEmissions=None)]}), SchemaError,
        r'\$\.data\[1\]\.pcf\.fossilGhgEmissions: the field "fossilGhgEmissions" is missing .*found no such field',
    ),
    "a number in place of text": (
        as_bytes(board(fossilGhgEmissions=0.9)), SchemaError,
        r"\$\.pcf\.fossilGhgEmissions: .*expected text; found the number 0.9 \(hint: write the number as text",
    ),
    "null": (as_bytes(BOARD).replace(b'"72"', b"null"), SchemaError, r"\$\.pcf\.primaryDataShare: .*found null"),
    "text that is no number": (
        as_bytes(board(landCarbonLeakage="n/a")), AmountError, r"\$\.pcf\.landCarbonLeakage: not a number.*found 'n/a'",
    ),
    "a number with grouping": (as_bytes(board(fossilGhgEmissions="1,000")), AmountError, "not a number"),
    "a rating that is no number": (
        as_bytes(board(dqi={"technologicalDQR": "", "geographicalDQR": "1", "temporalDQR": "1"})), AmountError,
        r"\$\.pcf\.dqi\.technologicalDQR: not a number",
    ),
    "an exponent out of range": (as_bytes(board(fossilGhgEmissions="1e31")), AmountError, "number out of range"),
    "nothing declared": (
        as_bytes(board(declaredUnitAmount="0")), DocumentError, r"\$\.pcf\.declaredUnitAmount: nothing is declared",
    ),
    "less than nothing declared": (as_bytes(board(declaredUnitAmount="-1")), DocumentError, "nothing is declared"),
    "version 2": (
        as_bytes(board({"specVersion": "2.3.0"})), DocumentError,
        r"another major version of PACT; expected 3.x; found 2.3.0 \(hint: ask the supplier",
    ),
    "version 30": (as_bytes(board({"specVersion": "30.0.0"})), DocumentError, "another major version of PACT"),
    "no time zone": (as_bytes(board({"created": "2026-03-01T08:00:00"})), SchemaError, "not a date-time"),
    "a leap second": (
        as_bytes(board({"created": "2016-12-31T23:59:60Z"})), DocumentError, r"\$\.created: not a time we can place",
    ),
    "before the calendar": (as_bytes(board({"created": "0000-01-01T00:00:00Z"})), DocumentError, "not a time we can"),
    "the end of time": (
        as_bytes(board(referencePeriodEnd="9999-12-31T23:59:59-23:00")), DocumentError,
        r"\$\.pcf\.referencePeriodEnd: not a time we can place",
    ),
    "an integer beyond 64 bits": (
        as_bytes(board({"extensions": [{"specVersion": "1", "dataSchema": "urn:x:y", "data": {"n": 2**64}}]})),
        BoundError, "an integer beyond 64 bits",
    ),
    "an integer without canonical form": (
        as_bytes(board({"extensions": [{"specVersion": "1", "dataSchema": "urn:x:y", "data": {"n": 2**53}}]})),
        CanonicalError, "9007199254740992",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_say_why(name: str) -> None:
    data, error, message = REFUSALS[name]
    with pytest.raises(error, match=message):
        read_footprints(data)


def test_the_number_of_footprints_is_bounded() -> None:
    with pytest.raises(BoundError, match="too many product footprints; expected at most 2; found 3"):
        read_footprints(as_bytes([BOARD] * 3), max_footprints=2)
    assert len(read_footprints(as_bytes([BOARD] * 2), max_footprints=2)) == 2


# Each: what is changed, then the problems as (code, field, expected, found).
BROKEN: dict[str, tuple[dict[str, Any], list[tuple[str, str, str, str]]]] = {
    "components below the total": (
        board(pcfExcludingBiogenicUptake="1.50", pcfIncludingBiogenicUptake="-0.15"),
        [("unattributed", PCF + "pcfExcludingBiogenicUptake", "1.22, give or take 0.075 kg CO2e",
          "1.50: 0.28 kg CO2e (18.7 %) belong to no component")],
    ),
    "components above the total": (
        board(pcfExcludingBiogenicUptake="1.00", pcfIncludingBiogenicUptake="-0.65"),
        [("components-above-total", PCF + "pcfExcludingBiogenicUptake", "1.22, give or take 0.075 kg CO2e",
          "1.00 kg CO2e")],
    ),
    "including is not excluding plus uptake": (
        board(pcfIncludingBiogenicUptake="1.22"),
        [("sum-including-uptake", PCF + "pcfIncludingBiogenicUptake", "-0.43, give or take 0.015 kg CO2e",
          "1.22 kg CO2e")],
    ),
    "totals differ without uptake": (
        board(biogenicCO2Uptake=None),
        [("sum-including-uptake", PCF + "pcfIncludingBiogenicUptake", "1.22, give or take 0.01 kg CO2e",
          "-0.43 kg CO2e")],
    ),
    "land management above fossil": (
        board(landManagementFossilGhgEmissions="0.96"),
        [("part-above-whole", PCF + "landManagementFossilGhgEmissions", "at most 0.9 kg CO2e", "0.96 kg CO2e")],
    ),
    "aircraft above all that was emitted": (  # 1.22 + 0.05 removed = 1.27 emitted, and 0.08 of rounding
        board(aircraftGhgEmissions="1.36"),
        [("part-above-whole", PCF + "aircraftGhgEmissions", "at most 1.27 kg CO2e", "1.36 kg CO2e")],
    ),
    "a negative emission": (
        board(landCarbonLeakage="-0.1"), [("sign", PCF + "landCarbonLeakage", "zero or more", "-0.1")],
    ),
    "a positive removal": (
        board(landManagementBiogenicCO2Removals="0.05", pcfExcludingBiogenicUptake="1.32",
              pcfIncludingBiogenicUptake="-0.33"),
        [("sign", PCF + "landManagementBiogenicCO2Removals", "zero or less", "0.05")],
    ),
    "a negative mass": (
        board(productMassPerDeclaredUnit="-1"), [("sign", PCF + "productMassPerDeclaredUnit", "zero or more", "-1")],
    ),
    "a negative content": (
        board(recycledCarbonContent="-0.1"), [("sign", PCF + "recycledCarbonContent", "zero or more", "-0.1")],
    ),
    "negative outbound logistics": (
        board(outboundLogisticsGhgEmissions="-1"),
        [("sign", PCF + "outboundLogisticsGhgEmissions", "zero or more", "-1")],
    ),
    "uptake against content": (  # 0.30 x 44/12 = 1.1, give or take 0.005 + 0.005 x 44/12
        board(biogenicCarbonContent="0.30"),
        [("uptake-carbon", PCF + "biogenicCO2Uptake", "-1.1, give or take 0.0233333333333 kg CO2e for 0.30 kg carbon",
          "-1.65 kg CO2e")],
    ),
    "more carbon than mass": (
        board(fossilCarbonContent="0.57"),
        [("carbon-above-mass", PCF + "fossilCarbonContent", "at most 1 kg", "1.02 kg carbon")],
    ),
    "a fraction for a percentage": (
        board(primaryDataShare="0.72"),
        [("primary-data-share-fraction", PCF + "primaryDataShare", "72 if it is a fraction", "0.72")],
    ),
    "one, which is more likely a whole": (
        board(primaryDataShare="1"),
        [("primary-data-share-fraction", PCF + "primaryDataShare", "100 if it is a fraction", "1")],
    ),
    "more than all primary": (
        board(primaryDataShare="101"), [("primary-data-share-range", PCF + "primaryDataShare", "0 to 100", "101")],
    ),
    "less than none primary": (
        board(primaryDataShare="-0.1"), [("primary-data-share-range", PCF + "primaryDataShare", "0 to 100", "-0.1")],
    ),
    "ratings off the scale": (
        board(dqi={"technologicalDQR": "0", "geographicalDQR": "5", "temporalDQR": "5.01"}),
        [("rating-range", PCF + "dqi.technologicalDQR", "1 (best) to 5", "0"),
         ("rating-range", PCF + "dqi.temporalDQR", "1 (best) to 5", "5.01")],
    ),
    "much left out": (
        board(exemptedEmissionsPercent="3.01"),
        [("exempted-limit", PCF + "exemptedEmissionsPercent", "at most 3 %", "3.01 %")],
    ),
    "less than nothing left out": (
        board(exemptedEmissionsPercent="-1"),
        [("exempted-range", PCF + "exemptedEmissionsPercent", "0 to 100", "-1")],
    ),
    "packaging although not included": (
        board(packagingEmissionsIncluded=False),
        [("packaging-flag", PCF + "packagingGhgEmissions", "no such field", "0.01")],
    ),
    "capture although not included": (
        board(ccsTechnologicalCO2Capture="0", technologicalCO2Removals="0.0"),
        [("ccs-flag", PCF + "ccsTechnologicalCO2Capture", "no such field", "0"),
         ("ccs-flag", PCF + "technologicalCO2Removals", "no such field", "0.0")],
    ),
    "a period that runs backwards": (
        board(referencePeriodStart="2026-01-01T00:00:00Z"),
        [("period-order", PCF + "referencePeriodEnd", "later than 2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")],
    ),
    "valid before the period has ended": (
        board({"validityPeriodStart": "2025-12-31T23:59:59Z"}),
        [("validity-start", "$.validityPeriodStart", "2026-01-01T00:00:00Z or later", "2025-12-31T23:59:59Z")],
    ),
    "valid for no time": (
        board({"validityPeriodEnd": "2026-01-01T00:00:00Z"}),
        [("validity-order", "$.validityPeriodEnd", "later than 2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")],
    ),
    "valid for too long": (
        board({"validityPeriodEnd": "2029-01-01T00:00:01Z"}),
        [("validity-length", "$.validityPeriodEnd", "2029-01-01T00:00:00Z or earlier", "2029-01-01T00:00:01Z")],
    ),
    "identifiers that are no URN": (
        board({"companyIds": ["urn:x:1", "urn::a", "urn:ab:"]}),
        [("urn-shape", f"$.companyIds[{n}]", "such as urn:gtin:4712345060507", urn)
         for n, urn in enumerate(["urn:x:1", "urn::a", "urn:ab:"])],
    ),
    "product ids outside PACT's form": (
        board({"productIds": ["urn:pact:product:x", "urn:pact:no domain:product-id:x", "urn:PACT:plain:product-id:x"]}),
        [("urn-shape", "$.productIds[0]", "urn:pact:domain:type:id, such as urn:pact:example.com:product-id:44055",
          "urn:pact:product:x"),
         ("urn-shape", "$.productIds[1]", "such as urn:gtin:4712345060507", "urn:pact:no domain:product-id:x"),
         ("urn-shape", "$.productIds[2]", "urn:pact:domain:type:id, such as urn:pact:example.com:product-id:44055",
          "urn:PACT:plain:product-id:x")],
    ),
    "a class outside PACT's form": (
        board({"productClassifications": ["urn:pact:un-cpc:1"]}),
        [("urn-shape", "$.productClassifications[0]",
          "urn:pact:domain:type:id, such as urn:pact:example.com:product-id:44055", "urn:pact:un-cpc:1")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_rule_is_named_and_nothing_else(name: str) -> None:
    document, expected = BROKEN[name]
    found = read(document).problems
    assert [(str(p.code), p.field, p.expected, p.found) for p in found] == expected
    assert all(p.message for p in found)


def test_every_code_is_tried_here() -> None:
    tried = {code for _, problems in BROKEN.values() for code, *_ in problems}
    assert tried | {"id-repeated"} == {str(code) for code in Code}


def test_a_broken_document_keeps_what_it_says() -> None:
    footprint = read(board(primaryDataShare="0.72", pcfExcludingBiogenicUptake="9"))
    assert footprint.primary_data_share == Decimal("0.72")
    assert footprint.total_excluding == 9


def test_one_id_with_two_contents_is_reported_on_both() -> None:
    other = board({"id": BOARD["id"].lower(), "comment": "changed"})
    first, second, third = read_footprints(as_bytes([BOARD, other, board({"id": BOARD["id"].replace("9", "8")})]))
    assert [p.code for p in first.problems] == [p.code for p in second.problems] == [Code.ID_REPEATED]
    assert third.problems == ()
    same = read_footprints(as_bytes([BOARD, board({"status": "Deprecated"})]))
    assert [footprint.problems for footprint in same] == [(), ()]


@pytest.mark.parametrize(
    ("fossil", "total", "codes"),
    [
        # Half units: 4 x 0.005 and 0.05 for the components (1e-1 has one decimal), then the total's own.
        ("0.90", "1.29", []),
        ("0.90", "1.30", ["unattributed"]),
        ("0.90", "1.290", []),
        ("0.90", "1.291", ["unattributed"]),
        ("0.9", "1.30", []),  # fossil with one digit: 0.05 in place of 0.005
        ("1", "1.8", []),  # a whole number of kg: half a kg
        ("1", "2.0", ["unattributed"]),
    ],
)
def test_sums_may_differ_by_half_a_unit_of_each_last_digit(fossil: str, total: str, codes: list[str]) -> None:
    document = board(
        fossilGhgEmissions=fossil,
        pcfExcludingBiogenicUptake=total,
        pcfIncludingBiogenicUptake=total,
        biogenicCO2Uptake=None,
    )
    found = [str(p.code) for p in read(document).problems]
    assert found == codes


def test_zeros_and_exponents_excuse_nothing() -> None:
    assert rounding(Decimal("1.20"), Decimal("0.00"), Decimal(7)) == Fraction(51, 100)
    assert rounding(Decimal(0), Decimal("0e30"), Decimal("-0")) == 0
    assert rounding(Decimal("3e5")) == Fraction(1, 2)
    loose = board(pcfExcludingBiogenicUptake="1.5", pcfIncludingBiogenicUptake="-0.15", technologicalCO2Removals="0e30")
    loose["pcf"]["ccsTechnologicalCO2CaptureIncluded"] = True
    assert [str(p.code) for p in read(loose).problems] == ["unattributed"]


@given(st.lists(st.decimals(-(10**30), 10**30, allow_nan=False, places=20), max_size=5))
def test_exact_decimals_equal_their_sums(amounts: list[Decimal]) -> None:
    exact = sum(map(Fraction, amounts), Fraction())
    assert Fraction(exact_decimal(exact)) == exact


def test_upstream_facts_for_a_row() -> None:
    footprint = read(board(pcfExcludingBiogenicUptake="1.5", pcfIncludingBiogenicUptake="-0.15"))
    assert footprint.upstream_facts().copy_for_row() == {
        "components": {
            "fossilGhgEmissions": "0.9",
            "landUseChangeGhgEmissions": "0.25",
            "landManagementBiogenicCO2Emissions": "0.1",
            "landManagementBiogenicCO2Removals": "-0.05",
            "biogenicNonCO2Emissions": "0.02",
            "biogenicCO2Uptake": "-1.65",
            "landManagementFossilGhgEmissions": "0.3",
            "packagingGhgEmissions": "0.01",
            "landAreaOccupation": "2",
        },
        "dataQuality": {"technological": "1.5", "geographical": "1", "temporal": "5"},
        "declaredAmount": "1",
        "declaredUnit": "kilogram",
        "digest": footprint.digest,
        "document": "imported",
        "exemptedPercent": "2.5",
        "gwp": ["AR5", "AR6"],
        "id": "urn:uuid:f4b1225a-bd44-4c8e-861d-079e4e1dfd69",
        "massPerDeclaredUnit": "1",
        "primaryDataShare": "72",
        "subjectId": "urn:gtin:4712345060507",
        "total": "1.5",
        "unattributed": "0.28",
    }


def test_components_above_the_total_cannot_be_built_on() -> None:
    footprint = read(board(pcfExcludingBiogenicUptake="1.0"))
    with pytest.raises(ArithmeticRuleError, match=r"components exceed the total; expected at least 1\.22; found 1"):
        footprint.upstream_facts()
    assert read(board(pcfExcludingBiogenicUptake="1.20")).upstream_facts().footprint.unattributed == "-0.02"


def test_amounts_that_do_not_fit_our_documents_cannot_be_built_on() -> None:
    footprint = read(board(landAreaOccupation="1e20"))
    with pytest.raises(AmountError, match="amount does not fit"):
        footprint.upstream_facts()


EVERYWHERE = {"unattributed", "primary-data-share-fraction", "urn-shape"}
"""In all of PACT's samples: fossil is the only summed component and falls short of the total; the share of primary
data is a fraction; product ids read urn:pact:product:..., without a domain."""
UPTAKE_ONLY = {"uptake-carbon"}
BOTH = {"uptake-carbon", "carbon-above-mass"}
FURTHER: dict[str, set[str]] = {
    # Looked at one by one: biogenic carbon x 44/12 against the uptake; fossil + biogenic carbon against the mass.
    "basf-cetearyl-001": BOTH,  # 0.68 kg C -> 2.49, stated 1.20; 0.55 + 0.68 kg C in 1 kg
    "croda-shea-butter-001": BOTH,  # 0.72 -> 2.64, stated 1.40; 0.58 + 0.72 in 1
    "gattefosse-emulwax-001": BOTH,  # 0.55 -> 2.02, stated 1.30; 0.48 + 0.55 in 1
    "ioi-glycerin-usp-001": UPTAKE_ONLY,  # 0.39 -> 1.43, stated 1.10
    "solvay-sles-70-001": UPTAKE_ONLY,  # 0.32 -> 1.17, stated 0.90
    "firmenich-floral-conc-001": UPTAKE_ONLY,  # 0.20 -> 0.73, stated 1.50
    "cgi-lipstick-bullet-001": UPTAKE_ONLY,  # 0.30 -> 1.10, stated 1.50
    "schwan-kohl-core-001": UPTAKE_ONLY,  # 0.15 -> 0.55, stated 0.70
    "chanel-no5-edp-100-001": UPTAKE_ONLY,  # 0.08 -> 0.29, stated 0.20
    "logitech-ergo-mouse-001": UPTAKE_ONLY,  # 0.02 -> 0.07, stated 0.20
    "foxconn-pcba-main-001": {"carbon-above-mass"},  # 0.04 kg fossil carbon in 0.032 kg
}


@pytest.mark.shared
@pytest.mark.parametrize("sector", ["cosmetics", "electronics"])
def test_problems_of_the_published_samples(shared: Path, sector: str) -> None:
    samples = shared / "standards/pact/samples"
    whole = read_footprints((samples / f"{sector}_sample.json").read_bytes())
    tiers = [read_footprints((samples / f"{sector}_tier_{tier}_sample.json").read_bytes()) for tier in (1, 2, 3)]
    assert [len(tier) for tier in tiers] == [10, 10, 10]
    assert {f.digest for f in whole} == {f.digest for tier in tiers for f in tier}
    seen = set()
    for footprint in (*whole, *tiers[0], *tiers[1], *tiers[2]):
        (product,) = footprint.product_ids
        name = product.removeprefix("urn:pact:product:")
        seen.add(name)
        codes = [str(problem.code) for problem in footprint.problems]
        assert len(codes) == len(set(codes))
        assert set(codes) == EVERYWHERE | FURTHER.get(name, set()), name
    assert len(seen) == 30
    assert len(seen & FURTHER.keys()) == {"cosmetics": 9, "electronics": 2}[sector]


@pytest.mark.shared
def test_the_unattributed_part_of_the_published_samples(shared: Path) -> None:
    """From 0.6 % (gold wire: 50 of 8200) to 21 % (soap bar: 0.08 of 0.38)."""
    shares = {}
    for sector in ("cosmetics", "electronics"):
        for footprint in read_footprints((shared / f"standards/pact/samples/{sector}_sample.json").read_bytes()):
            upstream = footprint.upstream_facts().footprint
            shares[footprint.product_ids[0]] = Fraction(upstream.unattributed) / Fraction(upstream.total)
    assert min(shares.items(), key=lambda item: item[1]) == ("urn:pact:product:umicore-au-wire-001", Fraction(50, 8200))
    assert max(shares.items(), key=lambda item: item[1]) == (
        "urn:pact:product:dove-beauty-bar-100g-001",
        Fraction(8, 38),
    )
