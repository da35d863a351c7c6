"""The issuing schemas are closed: whatever single field of a built document is changed for the worse, it is refused."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from document_samples import credential, rows, statement

from passport.errors import SchemaError
from passport.issuer.status_lists import entry_of
from passport.model.amount import AMOUNT_PATTERN
from passport.model.schema import check, is_valid

Path = tuple[str | int, ...]

AMOUNT = re.compile(AMOUNT_PATTERN)
TIME = re.compile(r"[0-9-]{10}T[0-9:]{8}Z")
FREE_TEXT = {
    "name", "names", "zh", "nl", "description", "code", "version", "geography", "reason", "comment", "companyName",
    "schemeName", "linkName", "productDescription", "productNameCompany", "modelNumber", "batchNumber", "itemNumber",
    "boundaryProcessesDescription", "exemptedEmissionsDescription", "allocationRulesDescription",
    "crossSectoralStandards",
}  # fmt: skip
"""Fields that hold any text: of these only the type, emptiness and length are judged."""
MAY_BE_NULL = {"delivery", "ledgerCeiling"}
MAY_BE_EMPTY = {"missing", "unknownFields"}
MAY_HAVE_EITHER_SIGN = {"total", "unattributed", "totalIncludingUptake"} | {
    "pcfExcludingBiogenicUptake",
    "pcfIncludingBiogenicUptake",
}
OPTIONAL = {
    "uncertainty", "dataQuality", "evidence", "digest", "url", "primaryDataShare", "relatedDocument", "names",
    "modelNumber", "batchNumber", "itemNumber", "precedingPfIds", "productClassifications", "comment", "dqi",
    "allocationRulesDescription", "secondaryEmissionFactorSources", "profileDigest", "credentialStatus",
}  # fmt: skip
OPEN_TABLES = {"components", "emissions", "names", "pcf"}
"""Tables of which single fields may be left out."""
UNIQUE = {
    "rows", "gwp", "ipccCharacterizationFactors", "companyIds", "productIds", "productClassifications",
    "crossSectoralStandards", "precedingPfIds", "unknownFields",
}  # fmt: skip
ONE = {"performanceClaim", "claimedPerformance", "issuerAlsoKnownAs", "extensions", "type", "@context"}
"""Lists that hold what they hold, and no more."""


def documents() -> dict[str, tuple[str, Any]]:
    direct, factor, upstream = rows()
    upstream["unknownFields"] = ["landCarbonLeakage", "landAreaOccupation"]
    return {
        "direct row": ("row-1.0", direct),
        "factor row": ("row-1.0", factor),
        "passport row": ("row-1.0", upstream),
        "statement": ("statement-1.0-issuing", statement()),
        "passport": ("untp-dpp-0.7.0-issuing", credential()),
        "passport with a status list": (
            "untp-dpp-0.7.0-issuing",
            {**credential(), "credentialStatus": entry_of("https://kakao.example", 200_000).to_json()},
        ),
    }


DOCUMENTS = documents()


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value with the path to it, the document itself first."""
    yield path, value
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from places(entry, (*path, key))
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from places(entry, (*path, index))


def field_of(path: Path) -> str:
    """The name of the field that a value belongs to."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def worse_texts(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """What a text that is no free text must not become."""
    field = field_of(path)
    yield "blank before", " " + text
    yield "line end", text + "\n"
    if TIME.fullmatch(text):
        yield "offset", text.replace("Z", "+00:00")
        yield "lower case z", text.replace("Z", "z")
        yield "fraction", text.replace("Z", ".0Z")
        yield "blank for T", text.replace("T", " ")
        yield "month 13", text[:5] + "13" + text[7:]
        yield "hour 24", text[:11] + "24" + text[13:]
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        yield "month 13", text[:5] + "13" + text[7:]
        yield "short year", text[1:]
    elif text.startswith("uEi"):
        yield "trailing bits", text[:-1] + "R"
        yield "short", text[:-1]
        yield "padded", text + "="
    elif text.startswith("0x"):
        yield "upper case", text.upper()
        yield "short", text[:-1]
    elif text.startswith("eip155"):
        yield "other chain family", text.replace("eip155", "bip122")
        yield "short", text[:-1]
    elif field == "salt":
        yield "short", text[:-1]
        yield "trailing bits", text[:-1] + "B"
    elif AMOUNT.fullmatch(text):
        yield "float", float(text)
        yield "exponent", text + "e0"
        yield "trailing zero", text + ("0" if "." in text else ".0")
        yield "leading zero", text.replace("-", "-0") if "-" in text else "0" + text
        yield "plus", "+" + text
        yield "comma", text.replace(".", ",") if "." in text else text + ",5"
        yield "too many decimals", "0.0000000000000001"
        yield "minus nothing", "-0"
        if field not in MAY_HAVE_EITHER_SIGN and "contribution" not in path:
            yield "wrong sign", text[1:] if text.startswith("-") else "-" + (text if text != "0" else "1")
    elif not re.match(r"https?:|urn:", text, re.IGNORECASE) and field not in ("registeredId", "id"):
        if text != text.swapcase():
            yield "other case", text.swapcase()
        yield "longer", text + "x"


def worse_values(path: Path, value: Any) -> Iterator[tuple[str, Any]]:
    """What a value must not become."""
    field = field_of(path)
    in_list = bool(path) and isinstance(path[-1], int)
    if value is not None and not (field in MAY_BE_NULL and not in_list and path[-1] == field):
        yield "null", None
    if isinstance(value, bool):
        yield from (("number", int(value)), ("text", str(value).lower()))
    elif isinstance(value, int | float):
        yield from (("text", str(value)), ("truth", True))
        if isinstance(value, int):
            yield from (("fraction", value + 0.5), ("negative", -1))
    elif isinstance(value, str):
        yield from (("number", 7), ("truth", True), ("list", [value]), ("object", {"x": value}), ("empty", ""))
        yield "much too long", value + "x" * 2001
        if field not in FREE_TEXT:
            yield from worse_texts(path, value)
    elif isinstance(value, list):
        yield from (("object", {}), ("text", "x"))
        if field not in MAY_BE_EMPTY:
            yield "empty", []
        if field in UNIQUE:
            yield "one twice", [*value, value[0]]
        if field in ONE:
            yield "one more", [*value, copy.deepcopy(value[0])]
    elif isinstance(value, dict):
        yield from (("list", []), ("text", "x"), ("number", 7))


def mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """Documents with one field changed for the worse, each with what was done."""
    for path, value in places(document):
        where = ".".join(map(str, path)) or "$"
        for what, worse in worse_values(path, value):
            if path:
                yield f"{where}: {what}", changed(document, path, worse)
        if isinstance(value, dict):
            yield f"{where}: extra key", changed(document, (*path, "x_extra"), "x")
            for key in value:
                yield f"{where}.{key}: misspelt", renamed(document, path, key, key + "_")
                yield f"{where}.{key}: in other case", renamed(document, path, key, key.swapcase())
                table = field_of(path)
                is_optional = key in OPTIONAL or (table, key) == ("evidence", "name")
                if not is_optional and (table not in OPEN_TABLES or (table == "pcf" and key in REQUIRED_PCF)):
                    yield f"{where}.{key}: left out", renamed(document, path, key, None)


REQUIRED_PCF = {
    "declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit", "referencePeriodStart",
    "referencePeriodEnd", "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "fossilGhgEmissions",
    "fossilCarbonContent", "ipccCharacterizationFactors", "crossSectoralStandards", "exemptedEmissionsPercent",
    "exemptedEmissionsDescription", "boundaryProcessesDescription", "packagingEmissionsIncluded",
    "ccsTechnologicalCO2CaptureIncluded", "geographyCountrySubdivision",
}  # fmt: skip


def parent_of(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def changed(document: Any, path: Path, value: Any) -> Any:
    made = copy.deepcopy(document)
    parent_of(made, path[:-1])[path[-1]] = value
    return made


def renamed(document: Any, path: Path, key: str, name: str | None) -> Any:
    made = copy.deepcopy(document)
    parent = parent_of(made, path)
    value = parent.pop(key)
    if name is not None:
        parent[name] = value
    return made


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_change_for_the_worse_is_refused(name: str) -> None:
    kind, document = DOCUMENTS[name]
    assert is_valid(kind, document)
    tried = list(mutations(document))
    assert len(tried) > 300
    assert [what for what, worse in tried if is_valid(kind, worse)] == []


# Rules over two fields, which a schema of single fields would let pass.
TOGETHER: dict[str, tuple[str, Any]] = {
    "packaging emissions though not included": ("packagingEmissionsIncluded", False),
    "captured carbon though not included": ("ccsTechnologicalCO2CaptureIncluded", False),
    "country beside its subdivision": ("geographyCountry", "NL"),
}


@pytest.mark.parametrize(("name", "value"), TOGETHER.values(), ids=TOGETHER)
def test_fields_that_exclude_each_other(name: str, value: Any) -> None:
    document = statement()
    document["pcf"][name] = value
    assert not is_valid("statement-1.0-issuing", document)


@pytest.mark.parametrize(
    ("kind", "path", "version"),
    [
        ("statement-1.0-issuing", ("extensions", 0, "data", "format"), "carbon-passport/statement/2.0"),
        ("statement-1.0-issuing", ("extensions", 0, "dataSchema"), "urn:carbon-passport:schema:statement-2.0"),
        ("statement-1.0-issuing", ("specVersion",), "4.0.0"),
        (
            "untp-dpp-0.7.0-issuing",
            ("credentialSubject", "characteristics", "carbonPassport", "format"),
            "carbon-passport/passport/2.0",
        ),
    ],
)
def test_other_versions_are_named_as_such(kind: str, path: Path, version: str) -> None:

    document = changed(statement() if kind.startswith("statement") else credential(), path, version)
    with pytest.raises(SchemaError) as caught:
        check(kind, document)
    assert str(caught.value.where).endswith(str(path[-1]))
    assert version in str(caught.value.found)
