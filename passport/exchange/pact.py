"""PACT v3 product footprints read as upstream documents that nobody signed.

A footprint comes as PACT's API serves it, one, an array of them, or either under `data`. Reading is strict where a
number or a time would have to be guessed (then the document is refused) and lenient where a document only breaks a
rule of the standard: what it says is kept as it says it, and each broken rule is named among its `problems`.

    for footprint in read_footprints(Path("supplier.json").read_bytes()):
        print(footprint.product_name, footprint.total_excluding, [str(p.code) for p in footprint.problems])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from passport.credentials.canonical import jcs_parsed, parse, parse_canonical
from passport.errors import BoundError, DocumentError, SchemaError
from passport.exchange.pact_footprint import Code, ImportedFootprint, Problem
from passport.exchange.pact_problems import find_problems, repeated_id
from passport.model.amount import read_decimal
from passport.model.components import CARBON_CONTENTS, COMPONENTS, TOTAL_EXCLUDING, TOTAL_INCLUDING
from passport.model.digest import digest_of
from passport.model.schema import check
from passport.model.schema_words import json_path
from passport.model.units import read_unit

__all__ = ["MAX_FOOTPRINTS", "Code", "ImportedFootprint", "Problem", "read_body", "read_footprints"]

KIND = "pact-3.0-productfootprint-reading"
MAX_FOOTPRINTS = 10_000
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200

_GEOGRAPHIES = ("geographyCountrySubdivision", "geographyCountry", "geographyRegionOrSubregion")
_RATINGS = ("technologicalDQR", "geographicalDQR", "temporalDQR")


def read_footprints(data: bytes, *, max_footprints: int = MAX_FOOTPRINTS) -> tuple[ImportedFootprint, ...]:
    """Read every product footprint of a document.

    Args:
        data: A ProductFootprint, an array of them, or an object with either under `data`, as UTF-8 JSON.
        max_footprints: A document with more is refused.

    Returns:
        The footprints in the document's order, at least one.

    Raises:
        BoundError: Too large, too deep, or too many footprints.
        SchemaError: A footprint that PACT's schema refuses; says where and how to mend it.
        AmountError: A field that should be a number and is none, or out of range.
        CanonicalError: A number that has no canonical form.
        DocumentError: Not JSON, a key twice, another PACT version, a time that is none, nothing declared.
    """
    found = _located(parse(data), max_footprints)
    footprints = [
        _read(footprint, position=position, path=path, original=data)
        for position, (path, footprint) in enumerate(found)
    ]
    digests: dict[str, set[str]] = {}
    for footprint in footprints:
        digests.setdefault(footprint.id.lower(), set()).add(footprint.digest)
    return tuple(
        footprint
        if len(digests[footprint.id.lower()]) == 1
        else replace(footprint, problems=(*footprint.problems, repeated_id(footprint.id)))
        for footprint in footprints
    )


def read_body(body: bytes) -> ImportedFootprint:
    """Read one footprint as it is stored and pinned: in canonical form, without the status it was received with.

    Raises:
        DocumentError: Not one footprint without status, or what `read_footprints` refuses.
        CanonicalError: Not in canonical form.
    """
    document = parse_canonical(body)
    if not isinstance(document, dict) or "status" in document:
        raise DocumentError("not a stored footprint", where="$", expected="one product footprint without status")
    judged = {**document, "status": "Active"}  # PACT's schema wants one; either would do
    return replace(_read(judged, position=0, path="$", original=body), status=None)


def _located(document: Any, max_footprints: int) -> list[tuple[str, Any]]:
    """Each footprint with the JSON path that leads to it."""
    root: list[str | int] = []
    if isinstance(document, dict) and "data" in document and "pcf" not in document:
        document = document["data"]
        root = ["data"]
    if not isinstance(document, list):
        return [(json_path(root), document)]
    if not document:
        raise DocumentError("no product footprint in it", where=json_path(root), expected="at least one", found="none")
    if len(document) > max_footprints:
        raise BoundError(
            "too many product footprints",
            where=json_path(root),
            expected=f"at most {max_footprints}",
            found=len(document),
        )
    return [(json_path([*root, index]), footprint) for index, footprint in enumerate(document)]


def _read(footprint: Any, *, position: int, path: str, original: bytes) -> ImportedFootprint:
    _check_version(footprint, path)
    try:
        check(KIND, footprint)
    except SchemaError as error:
        where = path + (error.where or "$")[1:]
        raise SchemaError(
            error.message, where=where, expected=error.expected, found=error.found, hint=error.hint
        ) from None
    body = jcs_parsed({name: value for name, value in footprint.items() if name != "status"}, exact_integers=True)
    pcf: Mapping[str, Any] = footprint["pcf"]
    amounts = _Amounts(pcf, f"{path}.pcf")
    dqi = None if "dqi" not in pcf else _Amounts(pcf["dqi"], f"{path}.pcf.dqi")
    imported = ImportedFootprint(
        id=footprint["id"],
        position=position,
        original=original,
        body=body,
        digest=digest_of(body),
        spec_version=footprint["specVersion"],
        status=footprint["status"],
        created=_moment(footprint["created"], f"{path}.created"),
        preceding_ids=tuple(footprint.get("precedingPfIds", ())),
        company_name=footprint["companyName"],
        company_ids=tuple(footprint["companyIds"]),
        product_name=footprint["productNameCompany"],
        product_ids=tuple(footprint["productIds"]),
        classifications=tuple(footprint.get("productClassifications", ())),
        declared_unit=read_unit(pcf["declaredUnitOfMeasurement"], where=f"{path}.pcf.declaredUnitOfMeasurement"),
        declared_amount=amounts.positive("declaredUnitAmount"),
        mass_kg=amounts.required("productMassPerDeclaredUnit"),
        period_start=_moment(pcf["referencePeriodStart"], f"{path}.pcf.referencePeriodStart"),
        period_end=_moment(pcf["referencePeriodEnd"], f"{path}.pcf.referencePeriodEnd"),
        valid_from=_optional_moment(footprint, "validityPeriodStart", path),
        valid_until=_optional_moment(footprint, "validityPeriodEnd", path),
        geography=next((pcf[name] for name in _GEOGRAPHIES if name in pcf), None),
        components=amounts.stated(COMPONENTS),
        carbon_contents=amounts.stated(CARBON_CONTENTS),
        total_excluding=amounts.required(TOTAL_EXCLUDING),
        total_including=amounts.required(TOTAL_INCLUDING),
        outbound_logistics=amounts.optional("outboundLogisticsGhgEmissions"),
        primary_data_share=amounts.optional("primaryDataShare"),
        data_quality=None if dqi is None else _ratings(dqi),
        exempted_percent=amounts.required("exemptedEmissionsPercent"),
        gwp=tuple(pcf["ipccCharacterizationFactors"]),
        packaging_included=pcf.get("packagingEmissionsIncluded"),
        ccs_included=pcf.get("ccsTechnologicalCO2CaptureIncluded"),
    )
    return replace(imported, problems=find_problems(imported))


def _check_version(footprint: Any, path: str) -> None:
    """Say so when it is a footprint of another major version, instead of listing all that differs."""
    version = footprint.get("specVersion") if isinstance(footprint, dict) else None
    if isinstance(version, str) and version.partition(".")[0].isdecimal() and not version.startswith("3."):
        raise DocumentError(
            "another major version of PACT",
            where=f"{path}.specVersion",
            expected="3.x",
            found=version,
            hint="ask the supplier for the version 3 form of this footprint",
        )


@dataclass(frozen=True, slots=True)
class _Amounts:
    """The numbers of one JSON object, each refused with its place if it is none."""

    fields: Mapping[str, Any]
    path: str

    def required(self, name: str) -> Decimal:
        return read_decimal(self.fields[name], where=f"{self.path}.{name}")

    def optional(self, name: str) -> Decimal | None:
        return self.required(name) if name in self.fields else None

    def stated(self, names: Iterable[str]) -> dict[str, Decimal]:
        return {name: self.required(name) for name in names if name in self.fields}

    def positive(self, name: str) -> Decimal:
        amount = self.required(name)
        if amount <= 0:
            raise DocumentError(
                "nothing is declared", where=f"{self.path}.{name}", expected="more than zero", found=amount
            )
        return amount


def _ratings(dqi: _Amounts) -> tuple[Decimal, Decimal, Decimal]:
    technological, geographical, temporal = (dqi.required(name) for name in _RATINGS)
    return technological, geographical, temporal


def _moment(text: str, where: str) -> datetime:
    """A time of an RFC 3339 document, in UTC."""
    try:
        moment = datetime.fromisoformat(text.upper())
        if EARLIEST_YEAR <= moment.year <= LATEST_YEAR and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except ValueError:
        pass  # such as a leap second, which the schema takes and the calendar here has no place for
    raise DocumentError(
        "not a time we can place",
        where=where,
        expected=f"a time such as 2025-01-31T00:00:00Z between the years {EARLIEST_YEAR} and {LATEST_YEAR}",
        found=text,
    )


def _optional_moment(fields: Mapping[str, Any], name: str, path: str) -> datetime | None:
    return _moment(fields[name], f"{path}.{name}") if name in fields else None
