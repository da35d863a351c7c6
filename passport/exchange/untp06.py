"""UNTP 0.6 digital product passports of others: the facts they state, and by name those that they leave unknown.

Version 0.6 has a scorecard where 0.7 has claims. It says neither components nor the amount, period, potentials or
exemptions behind its one figure; nothing of that is guessed here. Signatures are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from passport.credentials.canonical import jcs_parsed, parse
from passport.errors import SchemaError
from passport.model.amount import to_text
from passport.model.digest import Digest, digest_of
from passport.model.units import Unit
from passport.model.untp import REC_20

MAX_CLAIMS: Final = 1000
NEVER_STATED: Final = (
    "components",
    "totalIncludingUptake",
    "unattributed",
    "declaredAmount",
    "massPerDeclaredUnit",
    "coveredQuantity",
    "period",
    "gwp",
    "exemptedPercent",
    "dataQuality",
)
"""What our passports state of a footprint and version 0.6 has no place for."""

_CONTEXT: Final = re.compile(
    r"https://test\.uncefact\.org/vocabulary/untp/dpp/(0\.6\.[0-9]{1,3}(?:-beta[0-9]{1,3})?)/\Z"
)
_ANY_CONTEXT: Final = "https://test.uncefact.org/vocabulary/untp/dpp/0.6."
_V2: Final = "https://www.w3.org/ns/credentials/v2"
_HARMLESS: Final = frozenset({"https://www.w3.org/ns/credentials/undefined-terms/v2"})
_SCOPES: Final = frozenset({"None", "CradleToGate", "CradleToGrave"})
_GRANULARITIES: Final = frozenset({"model", "batch", "item"})
_UNITS: Final = {code: unit for unit, code in REC_20.items()}


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The one footprint that version 0.6 states.

    Attributes:
        kg_co2e_per_declared_unit: Its figure; a JSON number in its shortest digits.
        declared_unit_code: The unit as stated, a code of UN/ECE Recommendation 20.
        declared_unit: The same as one of our units; None for a code that is none of them.
        scope: `CradleToGate`, `CradleToGrave`, or None where it is stated as none.
        primary_data_ratio: Share of primary data, from 0 to 1.
        reporting_standard: The standard's name, None where none is stated.
    """

    kg_co2e_per_declared_unit: str
    declared_unit_code: str
    declared_unit: Unit | None
    scope: str | None
    primary_data_ratio: str
    reporting_standard: str | None


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """A conformity claim.

    Attributes:
        id: Its id, None where it has none.
        topic: Its topic, a word of version 0.6.
        conformance: Whether it says that the product conforms; None where it does not say.
        criteria: Ids of the criteria it is measured against.
        evidence: Where its evidence is, None without any.
    """

    id: str | None
    topic: str
    conformance: bool | None
    criteria: tuple[str, ...]
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Untp06Passport:
    """What a passport of version 0.6 states; None is not stated.

    Attributes:
        version: Of UNTP: `0.6.0`, `0.6.1`, or a beta such as `0.6.0-beta1`, in which the UN signed its own sample.
        digest: Of its canonical form without proof.
        id: The credential's id.
        issuer_id: Who issued it.
        issuer_name: The issuer's name.
        valid_from: As stated.
        valid_until: As stated.
        product_id: The product's id.
        product_name: Its name.
        granularity: `model`, `batch` or `item`.
        batch_number: As stated.
        item_number: Its serial number.
        facility_id: Where it was made.
        country: Code of the country of production.
        footprint: The scorecard of emissions.
        claims: The conformity claims.
        unknown: Names of facts about the footprint that our passports state and this one does not.
    """

    version: str
    digest: Digest
    id: str
    issuer_id: str
    issuer_name: str | None
    valid_from: str | None
    valid_until: str | None
    product_id: str
    product_name: str
    granularity: str | None
    batch_number: str | None
    item_number: str | None
    facility_id: str | None
    country: str | None
    footprint: Scorecard | None
    claims: tuple[StatedClaim, ...]
    unknown: tuple[str, ...]


def read_untp06(data: bytes) -> Untp06Passport:
    """Read a passport of UNTP 0.6.

    Args:
        data: The credential as JSON, with or without an embedded proof.

    Raises:
        BoundError: Too long, or nested too deep.
        DocumentError: Not JSON, or a key twice.
        SchemaError: Not a passport of version 0.6, or a fact that is no such fact; says where.
    """
    document = _object(parse(data), "$")
    version = _version(document)
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    issuer = _object(_present(document, "issuer", "$"), "issuer")
    subject = _object(_present(document, "credentialSubject", "$"), "credentialSubject")
    # Until the beta the subject was the product itself.
    is_flat = "-beta" in version
    at = "credentialSubject" if is_flat else "credentialSubject.product"
    product = subject if is_flat else _object(_present(subject, "product", "credentialSubject"), at)
    facility = _object(product.get("producedAtFacility", {}), f"{at}.producedAtFacility")
    footprint = _scorecard(subject)
    unknown = NEVER_STATED if footprint else ("total", "primaryDataShare", *NEVER_STATED)
    return Untp06Passport(
        version=version,
        digest=digest_of(jcs_parsed(unsecured)),
        id=_text(document, "id", "$"),
        issuer_id=_text(issuer, "id", "issuer"),
        issuer_name=_maybe(issuer, "name", "issuer"),
        valid_from=_maybe(document, "validFrom", "$"),
        valid_until=_maybe(document, "validUntil", "$"),
        product_id=_text(product, "id", at),
        product_name=_text(product, "name", at),
        granularity=_granularity(subject),
        batch_number=_maybe(product, "batchNumber", at),
        item_number=_maybe(product, "serialNumber", at),
        facility_id=_maybe(facility, "id", f"{at}.producedAtFacility"),
        country=_maybe(product, "countryOfProduction", at),
        footprint=footprint,
        claims=tuple(_claims(subject)),
        unknown=unknown,
    )


def is_untp06(document: Any) -> bool:
    """Whether a document says that it is a passport of version 0.6."""
    contexts = document.get("@context") if isinstance(document, dict) else None
    return isinstance(contexts, list) and any(
        isinstance(each, str) and each.startswith("https://test.uncefact.org/vocabulary/untp/dpp/0.6.")
        for each in contexts
    )


def _version(document: Mapping[str, Any]) -> str:
    contexts, kinds = document.get("@context"), document.get("type")
    if not isinstance(contexts, list) or not contexts or contexts[0] != _V2:
        raise SchemaError("another first context", where="@context", expected=_V2, found=str(contexts)[:200])
    found = [match[1] for each in contexts if isinstance(each, str) and (match := _CONTEXT.match(each))]
    if len(found) != 1 or not isinstance(kinds, list) or "DigitalProductPassport" not in kinds:
        raise SchemaError(
            "not a digital product passport of UNTP 0.6",
            where="@context, type",
            expected="https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/ and DigitalProductPassport",
            found=f"{contexts} {kinds}",
        )
    for each in contexts[1:]:
        if not isinstance(each, str) or not (_CONTEXT.match(each) or each in _HARMLESS):
            raise SchemaError(
                "a context by which the terms may mean something else", where="@context", found=str(each)[:200]
            )
    return found[0]


def _scorecard(subject: Mapping[str, Any]) -> Scorecard | None:
    at = "credentialSubject.emissionsScorecard"
    if "emissionsScorecard" not in subject:
        return None
    card = _object(subject["emissionsScorecard"], at)
    scope = _text(card, "operationalScope", at)
    if scope not in _SCOPES:
        raise SchemaError("no scope", where=f"{at}.operationalScope", expected=", ".join(sorted(_SCOPES)), found=scope)
    ratio = _number(card, "primarySourcedRatio", at)
    if not 0 <= ratio <= 1:
        raise SchemaError("no ratio", where=f"{at}.primarySourcedRatio", expected="0 to 1", found=ratio)
    standard = _object(card.get("reportingStandard", {}), f"{at}.reportingStandard")
    code = _text(card, "declaredUnit", at)
    return Scorecard(
        kg_co2e_per_declared_unit=to_text(_number(card, "carbonFootprint", at)),
        declared_unit_code=code,
        declared_unit=_UNITS.get(code),
        scope=None if scope == "None" else scope,
        primary_data_ratio=to_text(ratio),
        reporting_standard=_maybe(standard, "name", f"{at}.reportingStandard"),
    )


def _claims(subject: Mapping[str, Any]) -> Iterator[StatedClaim]:
    claims = _list(subject.get("conformityClaim", []), "credentialSubject.conformityClaim")
    for number, each in enumerate(claims):
        at = f"credentialSubject.conformityClaim[{number}]"
        claim = _object(each, at)
        conformance = claim.get("conformance")
        if conformance is not None and not isinstance(conformance, bool):
            raise SchemaError("neither true nor false", where=f"{at}.conformance", found=str(conformance)[:80])
        criteria = _list(claim.get("assessmentCriteria", []), f"{at}.assessmentCriteria")
        evidence = _object(claim.get("conformityEvidence", {}), f"{at}.conformityEvidence")
        yield StatedClaim(
            id=_maybe(claim, "id", at),
            topic=_text(claim, "conformityTopic", at),
            conformance=conformance,
            criteria=tuple(
                _text(_object(one, f"{at}.assessmentCriteria[{n}]"), "id", f"{at}.assessmentCriteria[{n}]")
                for n, one in enumerate(criteria)
            ),
            evidence=_maybe(evidence, "linkURL", f"{at}.conformityEvidence"),
        )


def _granularity(subject: Mapping[str, Any]) -> str | None:
    stated = _maybe(subject, "granularityLevel", "credentialSubject")
    if stated is not None and stated not in _GRANULARITIES:
        raise SchemaError("no granularity", where="credentialSubject.granularityLevel", found=stated)
    return stated


def _number(holder: Mapping[str, Any], name: str, where: str) -> Decimal:
    value = _present(holder, name, where)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SchemaError("not a number", where=f"{where}.{name}", found=str(value)[:80])
    try:
        return Decimal(to_text(Decimal(repr(value))))
    except ValueError as error:
        raise SchemaError(f"a number beyond what amounts hold: {error}", where=f"{where}.{name}") from error


def _text(holder: Mapping[str, Any], name: str, where: str) -> str:
    value = _present(holder, name, where)
    if not isinstance(value, str) or not value:
        raise SchemaError("not a text", where=f"{where}.{name}", found=str(value)[:80])
    return value


def _maybe(holder: Mapping[str, Any], name: str, where: str) -> str | None:
    return _text(holder, name, where) if name in holder else None


def _present(holder: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in holder:
        raise SchemaError("missing", where=f"{where}.{name}")
    return holder[name]


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SchemaError("not an object", where=where, found=type(value).__name__)
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_CLAIMS:
        raise SchemaError("not a list, or too long a one", where=where, expected=f"at most {MAX_CLAIMS}")
    return value
