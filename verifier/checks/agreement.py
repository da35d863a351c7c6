"""`agreement`: claim, characteristics, statement and pins say the same, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from passport.model.components import COMPONENTS
from passport.model.credential import (
    METRIC_ID,
    claim_criteria,
    claim_description,
    claim_id,
    claim_name,
    claim_standards,
    claim_topics,
    credential_name,
    metric_name,
    number_matches,
)
from passport.model.facts import PassportFacts
from passport.model.inventory import Granularity
from passport.model.party import SCHEME_URI
from passport.model.statement import pact_dqi
from passport.model.tolerance import claim_tolerance, tolerance_matches
from verifier.outcome import Check, CheckId, failed, passed

_NUMBERS = ("modelNumber", "batchNumber", "itemNumber")
_NUMBER_AT = {str(Granularity.BATCH): 1, str(Granularity.ITEM): 2}
_SCHEME_URI = {str(scheme): uri for scheme, uri in SCHEME_URI.items()}
_ITEM = str(Granularity.ITEM)
_Difference = tuple[str, object, object]


def check_agreement(
    facts: PassportFacts,
    credential: Mapping[str, Any],
    statement: Mapping[str, Any] | None,
    rows: Sequence[Mapping[str, Any]] = (),
    *,
    withheld_rows: int = 0,
) -> Check:
    """Compare everything that is stated twice in one passport, its statement and its rows, as far as they are at hand.

    Args:
        facts: What the passport states.
        credential: The passport without proof.
        statement: Its statement, None when it is withheld.
        rows: The opened rows.
        withheld_rows: How many rows of the statement are not opened.
    """
    for where, expected, found in _differences(facts, credential, statement, rows, withheld_rows):
        return failed(CheckId.AGREEMENT, f"{where} differ", expected=expected, found=found)
    return passed(CheckId.AGREEMENT)


def _differences(
    facts: PassportFacts,
    credential: Mapping[str, Any],
    statement: Mapping[str, Any] | None,
    rows: Sequence[Mapping[str, Any]],
    withheld_rows: int,
) -> Iterator[_Difference]:
    yield from _claim_differences(facts, credential)
    yield from _own_differences(facts, credential)
    if statement is not None:
        yield from _statement_differences(facts, credential, statement)
        yield from _row_differences(facts, rows, withheld_rows)


_CLAIM = ("metric", "period", "name", "description", "criterion", "topic", "id", "date")
_CRITERIA, _TOPICS = claim_criteria(), claim_topics()


def _claim_differences(facts: PassportFacts, credential: Mapping[str, Any]) -> Iterator[_Difference]:
    claim = credential["credentialSubject"]["performanceClaim"][0]
    upstream = facts.upstream
    amount, unit, total = upstream.declared_amount, upstream.declared_unit, upstream.footprint.total
    performance = claim["claimedPerformance"][0]
    metric = performance["metric"]
    dates = claim["applicablePeriod"]
    if not number_matches(performance["measure"]["value"], total):
        yield "claim and characteristics: total", total, performance["measure"]["value"]
    if len(performance["measure"]) > 2:  # passports from before tolerances have none beside a stated uncertainty
        yield from _tolerance_differences(performance["measure"], total, upstream.footprint.uncertainty)
    expected = (
        (METRIC_ID, metric_name(amount, unit)),
        (facts.period[0][:10], facts.period[1][:10]),
        claim_name(amount, unit),
        claim_description(total, amount, unit, upstream.gwp),
        _CRITERIA,
        _TOPICS,
        claim_id(facts.id),
        credential["validFrom"][:10],
    )
    found = (
        (metric["id"], metric["name"]),
        (dates["startDate"], dates["endDate"]),
        claim["name"],
        claim["description"],
        claim["referenceCriteria"],
        claim["conformityTopic"],
        claim["id"],
        claim["claimDate"],
    )
    if expected != found:
        yield from _named("claim and characteristics", _CLAIM, expected, found)


def _tolerance_differences(
    measure: Mapping[str, Any], total: str, uncertainty: Mapping[str, str] | None
) -> Iterator[_Difference]:
    redone = claim_tolerance(total, uncertainty)
    found = (measure.get("upperTolerance"), measure.get("lowerTolerance"))
    if redone is None:
        yield "claim and characteristics: tolerance", "none: no uncertainty is stated of all of the total", found
    elif not all(map(tolerance_matches, found, redone)):
        yield "claim and characteristics: tolerance", tuple(redone), found


def _named(
    places: str, names: Sequence[str], expected: Sequence[object], found: Sequence[object]
) -> Iterator[_Difference]:
    """What differs, field by field: only asked for when something does."""
    for name, one, other in zip(names, expected, found, strict=True):
        if one != other:
            yield f"{places}: {name}", one, other


def _own_differences(facts: PassportFacts, credential: Mapping[str, Any]) -> Iterator[_Difference]:
    """What the passport says of itself in two places outside its claim."""
    upstream = facts.upstream
    if facts.covered_unit != upstream.declared_unit:
        yield "covered quantity and declared amount: unit", upstream.declared_unit, facts.covered_unit
    if facts.granularity == _ITEM and facts.covered_amount != upstream.declared_amount:
        yield "covered quantity and declared amount: of one item", upstream.declared_amount, facts.covered_amount
    position = _NUMBER_AT.get(facts.granularity)
    if position is not None and facts.numbers[position] is None:
        yield "granularity and numbers", f"a {_NUMBERS[position]}", f"none for granularity {facts.granularity}"
    if credential["name"] != credential_name(facts.subject_name):
        yield "title and product: name", credential_name(facts.subject_name), credential["name"]
    components = upstream.footprint.components
    if not facts.packaging_emissions_included and "packagingGhgEmissions" in components:
        yield from _unflagged("packagingGhgEmissions", components)
    if not facts.ccs_included:
        for name in ("ccsTechnologicalCO2Capture", "technologicalCO2Removals"):
            if name in components:
                yield from _unflagged(name, components)
    entity = credential["issuer"]["issuerAlsoKnownAs"][0]
    named = (_SCHEME_URI[facts.scheme] + facts.identifier, facts.issuer_name)
    if (entity["id"], entity["name"]) != named:
        yield "issuer and its registered id: legal entity", named, (entity["id"], entity["name"])


def _unflagged(name: str, components: Mapping[str, str]) -> Iterator[_Difference]:
    yield "flags and components", f"no {name}", f"{name} {components[name]}"


_STATEMENT = (
    "passport id",
    "product",
    "product's name",
    "product's description",
    "granularity",
    "model, batch and item number",
    "country",
    "declared unit",
    "declared amount",
    "mass",
    "period",
    "date of issue",
    "begin of validity",
    "end of validity",
    "statement id",
    "GWP set",
    "standards",
    "total excluding uptake",
    "total including uptake",
    "components",
    "unattributed",
    "primary data share",
    "data quality",
    "exempted percent",
    "uncertainty",
    "missing inputs",
    "packaging flag",
    "CCS flag",
    "issuer's name",
)


def _statement_differences(
    facts: PassportFacts, credential: Mapping[str, Any], statement: Mapping[str, Any]
) -> Iterator[_Difference]:
    data = statement["extensions"][0]["data"]
    pcf = statement["pcf"]
    subject = credential["credentialSubject"]
    upstream = facts.upstream
    components, total, including, unattributed, share, quality, exempted, uncertainty = upstream.footprint
    expected = (
        facts.id,
        facts.subject_id,
        facts.subject_name,
        subject["description"],
        facts.granularity,
        facts.numbers,
        facts.country,
        upstream.declared_unit,
        upstream.declared_amount,
        upstream.mass_per_declared_unit,
        facts.period,
        credential["validFrom"],
        credential["validFrom"],
        credential["validUntil"],
        statement["id"],
        list(upstream.gwp),
        subject["performanceClaim"][0]["referenceStandard"],
        total,
        including,
        components,
        unattributed,
        share,
        quality and pact_dqi(quality),
        exempted,
        uncertainty,
        facts.missing_inputs,
        facts.packaging_emissions_included,
        facts.ccs_included,
        facts.issuer_name,
    )
    found = (
        data["passportId"],
        data["subjectId"],
        statement["productNameCompany"],
        statement["productDescription"],
        data["granularity"],
        (data.get("modelNumber"), data.get("batchNumber"), data.get("itemNumber")),
        pcf.get("geographyCountry") or pcf["geographyCountrySubdivision"][:2],
        pcf["declaredUnitOfMeasurement"],
        pcf["declaredUnitAmount"],
        pcf["productMassPerDeclaredUnit"],
        (pcf["referencePeriodStart"], pcf["referencePeriodEnd"]),
        statement["created"],
        statement["validityPeriodStart"],
        statement["validityPeriodEnd"],
        facts.statement.url.rsplit("/", 1)[-1].removeprefix("urn:uuid:"),
        pcf["ipccCharacterizationFactors"],
        _standards(tuple(pcf["crossSectoralStandards"])),
        pcf["pcfExcludingBiogenicUptake"],
        pcf["pcfIncludingBiogenicUptake"],
        {name: pcf[name] for name in COMPONENTS if name in pcf},
        data["unattributed"],
        pcf.get("primaryDataShare"),
        pcf.get("dqi"),
        pcf["exemptedEmissionsPercent"],
        data.get("uncertainty"),
        len(data["missing"]),
        pcf["packagingEmissionsIncluded"],
        pcf["ccsTechnologicalCO2CaptureIncluded"],
        statement["companyName"],
    )
    if expected != found:
        yield from _named("characteristics and statement", _STATEMENT, expected, found)


@lru_cache(maxsize=256)
def _standards(names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The standards as a claim lists them; most passports follow the same few."""
    return claim_standards(names)


def _row_differences(
    facts: PassportFacts, rows: Sequence[Mapping[str, Any]], withheld_rows: int
) -> Iterator[_Difference]:
    """An issuer that shows its chain shows the one it calculated with; a row names the fields its copy leaves open."""
    used = [row for row in rows if row["kind"] == "passport"]
    for row in used:
        components = row["upstream"]["components"]
        absent = [name for name in COMPONENTS if name not in components]
        if row["unknownFields"] != absent:
            yield f"row {row['id']}: unknown fields and copied components", absent, row["unknownFields"]
    if not facts.upstream_pins:
        return
    pinned = {(pin.url, pin.digest) for pin in facts.upstream_pins}
    calculated = {(row["upstream"]["id"], row["upstream"]["digest"]) for row in used}
    if calculated - pinned:
        yield "pins and rows: upstream", sorted(pinned), sorted(calculated)
    if pinned - calculated and not withheld_rows:
        yield "pins and rows: upstream", sorted(pinned), sorted(calculated)
