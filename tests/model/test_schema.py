"""Schema errors name the place, what was expected and found, and how to mend it; judging is bounded."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from importlib import resources
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import SchemaError, UsageError
from passport.model.schema import KINDS, MAX_LISTED_VALUES, check, errors, is_valid, load_schema
from passport.model.schema_words import explain, json_path

DPP = "untp-dpp-0.7.0-reading"
PACT = "pact-3.0-productfootprint-reading"

FOOTPRINT: dict[str, Any] = {
    "id": "f4b1225a-bd44-4c8e-861d-079e4e1dfd69",
    "specVersion": "3.0.0",
    "created": "2026-03-01T00:00:00Z",
    "status": "Active",
    "companyName": "Example Mills",
    "companyIds": ["urn:lei:5493001KJTIIGC8Y1R12"],
    "productDescription": "",
    "productIds": ["urn:gtin:4712345060507"],
    "productNameCompany": "Steel coil",
    "pcf": {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": "1",
        "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": "2025-01-01T00:00:00Z",
        "referencePeriodEnd": "2026-01-01T00:00:00Z",
        "geographyCountry": "FR",
        "pcfExcludingBiogenicUptake": "2.1",
        "pcfIncludingBiogenicUptake": "2.1",
        "fossilGhgEmissions": "2.1",
        "fossilCarbonContent": "0",
        "ipccCharacterizationFactors": ["AR6"],
        "crossSectoralStandards": ["ISO14067"],
        "exemptedEmissionsPercent": "0",
    },
}


NAMES = [*FOOTPRINT, *FOOTPRINT["pcf"], "@context", "type", "issuer", "credentialSubject", "performanceClaim"]


def set_pcf(name: str, value: object) -> Any:
    def change(footprint: Any) -> None:
        footprint["pcf"][name] = value

    return change


# Each: what is done to a valid footprint, then where, message, expected, found, hint of the error.
FAULTS: dict[str, tuple[Any, str, str, str, str, str | None]] = {
    "required field missing": (
        lambda f: f["pcf"].pop("fossilGhgEmissions"),
        "$.pcf.fossilGhgEmissions", 'the field "fossilGhgEmissions" is missing', "a decimal number as text",
        "no such field", 'add "fossilGhgEmissions"',
    ),
    "required field misspelt": (
        lambda f: f["pcf"].update(fossilGHGemissions=f["pcf"].pop("fossilGhgEmissions")),
        "$.pcf.fossilGhgEmissions", 'the field "fossilGhgEmissions" is missing', "a decimal number as text",
        "no such field", 'rename "fossilGHGemissions"',
    ),
    "null": (
        set_pcf("primaryDataShare", None),
        "$.pcf.primaryDataShare", "wrong type of value", "text", "null",
        "leave an optional field out where nothing is known",
    ),
    "number instead of text": (
        set_pcf("primaryDataShare", 12.5),
        "$.pcf.primaryDataShare", "wrong type of value", "text", "the number 12.5",
        "write the number as text, in quotation marks",
    ),
    "text instead of array": (
        set_pcf("ipccCharacterizationFactors", "AR6"),
        "$.pcf.ipccCharacterizationFactors", "wrong type of value", "an array", '"AR6"',
        "an array also for a single one: [...]",
    ),
    "text instead of boolean": (
        set_pcf("packagingEmissionsIncluded", "true"),
        "$.pcf.packagingEmissionsIncluded", "wrong type of value", "true or false", '"true"',
        "leave out the quotation marks",
    ),
    "value outside the list": (
        set_pcf("declaredUnitOfMeasurement", "kilograms"),
        "$.pcf.declaredUnitOfMeasurement", "not one of the values allowed here",
        'one of "piece", "kilogram", "liter", "cubic meter", "square meter", "kilowatt hour", "megajoule", '
        '"ton kilometer", "hour", "megabit second"',
        '"kilograms"', 'did you mean "kilogram"?',
    ),
    "wrong pattern": (
        set_pcf("ipccCharacterizationFactors", ["AR6", "sixth"]),
        "$.pcf.ipccCharacterizationFactors[1]", "text in the wrong form", "an assessment report such as AR6", '"sixth"',
        None,
    ),
    "wrong format": (
        lambda f: f.update(created="2026-03-01"),
        "$.created", "not a date-time", "a time with its zone such as 2025-01-31T00:00:00Z", '"2026-03-01"', None,
    ),
    "empty array": (
        lambda f: f.update(productIds=[]),
        "$.productIds", "too few items", "1 or more items", "an empty array", None,
    ),
    "empty text": (
        lambda f: f.update(companyName=""),
        "$.companyName", "text too short", "1 or more characters", '""', None,
    ),
    "item twice": (
        lambda f: f.update(companyIds=["urn:a:b", "urn:a:b"]),
        "$.companyIds", "an array that repeats an item", "each item once", "an array of 2",
        "leave out the repetitions",
    ),
    "fields that exclude each other": (
        set_pcf("geographyRegionOrSubregion", "Europe"),
        "$.pcf.geographyRegionOrSubregion", 'a field that excludes "geographyCountry"', "only one of the two",
        '"Europe"', "leave one of them out",
    ),
}  # fmt: skip


def test_every_kind_has_its_file_and_every_file_its_kind() -> None:
    files = {entry.name for entry in resources.files("passport.model").joinpath("schemas").iterdir()}
    assert files == {f"{kind}.json" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_itself_valid_and_named_after_its_kind(kind: str) -> None:
    schema = load_schema(kind)
    assert jsonschema_rs.meta.is_valid(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:carbon-passport:schema:{kind}"


def test_a_loaded_schema_is_the_callers_own() -> None:
    load_schema(PACT)["type"] = "array"
    assert load_schema(PACT)["type"] == "object"


def test_a_valid_document_passes() -> None:
    assert is_valid(PACT, FOOTPRINT)
    assert errors(PACT, FOOTPRINT) == []
    check(PACT, FOOTPRINT)


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_named(name: str) -> None:
    change, where, message, expected, found, hint = FAULTS[name]
    document = copy.deepcopy(FOOTPRINT)
    change(document)
    assert not is_valid(PACT, document)
    with pytest.raises(SchemaError) as caught:
        check(PACT, document)
    error = caught.value
    assert error.message == f"{message} (schema {PACT})"
    assert (error.where, error.expected, error.found, error.hint) == (where, expected, found, hint)
    assert [fault.where for fault in errors(PACT, document)] == [where]


def test_unknown_and_misspelt_fields_of_a_closed_object() -> None:
    subject = {"countryOfProduction": {"contryCode": "FR", "x": 1}}
    faults = {(e.where, e.message): e for e in errors(DPP, {"credentialSubject": subject})}
    unknown = faults[("$.credentialSubject.countryOfProduction", f"unknown field (schema {DPP})")]
    assert unknown.found == '"contryCode", "x"'
    assert unknown.hint == 'did you mean "countryCode"?'
    missing = faults[
        ("$.credentialSubject.countryOfProduction.countryCode", f'the field "countryCode" is missing (schema {DPP})')
    ]
    assert missing.hint == 'rename "contryCode"'


def test_array_items_that_are_prescribed() -> None:
    wrong = {"type": ["VerifiableCredential"], "@context": ["https://www.w3.org/2018/credentials/v1", "x"]}
    assert {(e.where, e.expected) for e in errors(DPP, wrong)} >= {
        ("$.type", '"DigitalProductPassport" among the items'),
        ("$['@context'][0]", '"https://www.w3.org/ns/credentials/v2"'),
        ("$['@context'][1]", '"https://vocabulary.uncefact.org/untp/0.7.0/context/"'),
    }


def test_a_condition_between_fields() -> None:
    claim = {"claimedPerformance": [{"measure": {"value": 1, "unit": "KGM"}}]}
    found = errors(DPP, {"credentialSubject": {"performanceClaim": [claim]}}, limit=50)
    where = "$.credentialSubject.performanceClaim[0].claimedPerformance[0].metric"
    assert [e.hint for e in found if e.where == where] == ['add "metric"']


def test_of_alternatives_the_one_the_document_chose_is_explained() -> None:
    row = {"id": "a", "kind": "direct", "known": "measured", "name": "kiln", "per": "declaredUnit", "emission": {}}
    found = errors("row-1.0", row)
    assert {(e.where, e.message) for e in found} >= {
        ("$", "unknown field (schema row-1.0)"),
        ("$.emissions", 'the field "emissions" is missing (schema row-1.0)'),
        ("$.contribution", 'the field "contribution" is missing (schema row-1.0)'),
    }
    assert 'rename "emission"' in [e.hint for e in found]
    with pytest.raises(SchemaError, match="schema row-1") as caught:
        check("row-1.0", row)
    assert caught.value.where in [e.where for e in found]
    (other,) = errors("row-1.0", row | {"kind": "other"})
    assert other.message == "no combination allowed here (schema row-1.0)"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ([], "$"),
        (["pcf", "dqi"], "$.pcf.dqi"),
        (["@context", 1], "$['@context'][1]"),
        (["it's", "a\\b"], "$['it\\'s']['a\\\\b']"),
        (["a" * 1000], "$." + "a" * 318 + "..."),
    ],
)
def test_places_are_written_as_json_paths(path: list[str | int], text: str) -> None:
    assert json_path(path) == text


@pytest.mark.parametrize(
    "value",
    [b"bytes", {1: 2}, {"a": {1, 2}}, object()],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    document = {**FOOTPRINT, "companyName": value}
    assert not is_valid(PACT, document)
    with pytest.raises(SchemaError, match="not a JSON document"):
        check(PACT, document)
    assert len(errors(PACT, document)) == 1


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), 10**5000, -(2**70)], ids=["nan", "inf", "long", "negative"]
)
def test_numbers_beyond_all_bounds_are_shown_short(number: float) -> None:
    with pytest.raises(SchemaError, match="wrong type of value") as caught:
        check(PACT, {**FOOTPRINT, "companyName": number})
    assert len(str(caught.value)) < 300


def test_nesting_without_end_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    document = {**FOOTPRINT, "comment": deep}
    assert not is_valid(PACT, document)
    with pytest.raises(SchemaError):
        check(PACT, document)
    assert len(errors(PACT, document)) == 1


def test_messages_stay_short_whatever_is_found() -> None:
    keys = {f"{'k' * 1000}{n}": n for n in range(1000)}
    subject = {"countryOfProduction": keys, "idGranularity": "g" * 10_000, "productCategory": keys}
    for error in errors(DPP, {"credentialSubject": subject}, limit=1000):
        assert len(str(error)) < 2500


def test_the_number_of_faults_is_bounded() -> None:
    many = {**FOOTPRINT, "companyIds": [*range(1000)]}
    assert len(errors(PACT, many)) == 20
    assert len(errors(PACT, many, limit=3)) == 3
    assert len(errors(PACT, many, limit=5000)) == 1000


def test_of_a_huge_document_only_the_first_fault_is_looked_for() -> None:
    huge = {**FOOTPRINT, "companyIds": [*range(MAX_LISTED_VALUES)]}
    (only,) = errors(PACT, huge)
    assert only.where == "$.companyIds[0]"
    assert errors(PACT, {**FOOTPRINT, "comments": [7] * MAX_LISTED_VALUES}) == []


@pytest.mark.parametrize("judge", [check, is_valid, errors, lambda kind, _: load_schema(kind)])
def test_an_unknown_kind_is_wrong_use(judge: Any) -> None:
    with pytest.raises(UsageError, match=f"one of .*{PACT}.*found 'statement'"):
        judge("statement", {})


@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=6)
        ),
    )
)
def test_the_three_ways_to_judge_agree(document: Any) -> None:
    for kind in (DPP, PACT):
        valid = is_valid(kind, document)
        assert valid == (errors(kind, document) == [])
        assert valid == (errors(kind, document, limit=1) == [])
        with nullcontext() if valid else pytest.raises(SchemaError):
            check(kind, document)


# Each: schema, document, then message, expected, found, hint.
KEYWORDS: list[tuple[dict[str, Any], Any, tuple[str, str, str, str | None]]] = [
    ({"maximum": 1}, 1.5, ("number too large", "at most 1", "the number 1.5", None)),
    ({"minimum": 0}, -1, ("number too small", "at least 0", "the number -1", None)),
    ({"exclusiveMinimum": 0}, 0, ("number too small", "more than 0", "the number 0", None)),
    ({"exclusiveMaximum": 0}, 0, ("number too large", "less than 0", "the number 0", None)),
    ({"multipleOf": 256}, 255, ("not a multiple", "a multiple of 256", "the number 255", None)),
    ({"maxLength": 2}, "abc", ("text too long", "at most 2 characters", '"abc"', None)),
    ({"maxItems": 1}, [1, 2], ("too many items", "at most 1 items", "an array of 2", None)),
    ({"minProperties": 1}, {}, ("too few fields", "1 or more fields", "an empty object", None)),
    ({"maxProperties": 1}, {"a": 1, "b": 1}, ("too many fields", "at most 1 fields", 'an object with "a", "b"', None)),
    ({"type": ["string", "null"]}, False, ("wrong type of value", "null or text", "false", None)),
    ({"pattern": "^a$"}, "b", ("text in the wrong form", "text that matches ^a$", '"b"', None)),
    (
        {"pattern": "^a$", "description": "the letter a"},
        "b" * 100,
        ("text in the wrong form", "the letter a", f'"{"b" * 80}..." (100 characters)', None),
    ),
    ({"not": {}, "description": "nothing"}, 1, ("no combination allowed here", "nothing", "the number 1", None)),
    ({"not": {}}, 1, ("no combination allowed here", 'what the keyword "not" asks for', "the number 1", None)),
    ({"items": False}, [1], ("a field that may not stand here", "no such field", "the number 1", "leave it out")),
    (
        {"properties": {f"field{n}": {} for n in range(10)}, "additionalProperties": False},
        {"zzz": 1},
        (
            "unknown field",
            "only the fields of the schema",
            '"zzz"',
            "leave it out; known here: " + ", ".join(f'"field{n}"' for n in range(8)) + " and 2 more",
        ),
    ),
    (
        {"unevaluatedProperties": False},
        {"a": 1},
        ("unknown field", "only the fields of the schema", '"a"', "leave it out"),
    ),
    ({"required": ["a"]}, {}, ('the field "a" is missing', "a value", "no such field", 'add "a"')),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "document", "words"), KEYWORDS, ids=lambda value: str(value)[:40])
def test_every_keyword_has_its_words(schema: Any, document: Any, words: tuple[str, str, str, str | None]) -> None:
    (error,) = jsonschema_rs.Draft202012Validator(schema, mask="value").iter_errors(document)
    explained = explain(error, kind="some", schema=schema)
    assert (explained.message, explained.expected, explained.found, explained.hint) == (
        f"{words[0]} (schema some)", *words[1:],
    )  # fmt: skip


def test_an_error_of_another_schema_is_still_worded() -> None:
    (error,) = jsonschema_rs.Draft202012Validator({"properties": {"a": {"pattern": "^b"}}}).iter_errors({"a": "c"})
    assert explain(error, kind="some", schema={}).expected == "text that matches ^b"
