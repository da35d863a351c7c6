"""`agreement`: claim, characteristics, statement and pins say the same, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from passport.model.party import SCHEME_URI, Scheme
from verifier.outcome import Check, CheckId, failed, passed

_NUMBERS = ("modelNumber", "batchNumber", "itemNumber")
_NUMBER_AT = {Granularity.BATCH: 1, Granularity.ITEM: 2}


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
) -> Iterator[tuple[str, object, object]]:
    yield from _claim_differences(facts, credential)
    yield from _own_differences(facts, credential)
    if statement is not None:
        yield from _statement_differences(facts, credential, statement)
        yield from _row_differences(facts, rows, withheld_rows)


def _claim_differences(facts: PassportFacts, credential: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    claim = credential["credentialSubject"]["performanceClaim"][0]
    upstream = facts.upstream
    amount, unit = upstream.declared_amount, upstream.declared_unit
    performance = claim["claimedPerformance"][0]
    dates = claim["applicablePeriod"]
    if not number_matches(performance["measure"]["value"], upstream.footprint.total):
        yield "claim and characteristics: total", upstream.footprint.total, performance["measure"]["value"]
    metric = performance["metric"]
    pairs: tuple[tuple[str, object, object], ...] = (
        ("metric", (METRIC_ID, metric_name(amount, unit)), (metric["id"], metric["name"])),
        ("period", (facts.period[0][:10], facts.period[1][:10]), (dates["startDate"], dates["endDate"])),
        ("name", claim_name(amount, unit), claim["name"]),
        (
            "description",
            claim_description(upstream.footprint.total, amount, unit, upstream.gwp),
            claim["description"],
        ),
        ("criterion", claim_criteria(), claim["referenceCriteria"]),
        ("topic", claim_topics(), claim["conformityTopic"]),
        ("id", claim_id(facts.id), claim["id"]),
        ("date", credential["validFrom"][:10], claim["claimDate"]),
    )
    for name, expected, found in pairs:
        if expected != found:
            yield f"claim and characteristics: {name}", expected, found


def _own_differences(facts: PassportFacts, credential: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """What the passport says of itself in two places outside its claim."""
    upstream = facts.upstream
    if facts.covered_unit != upstream.declared_unit:
        yield "covered quantity and declared amount: unit", upstream.declared_unit, facts.covered_unit
    if facts.granularity == Granularity.ITEM and facts.covered_amount != upstream.declared_amount:
        yield "covered quantity and declared amount: of one item", upstream.declared_amount, facts.covered_amount
    position = _NUMBER_AT.get(Granularity(facts.granularity))
    if position is not None and facts.numbers[position] is None:
        yield "granularity and numbers", f"a {_NUMBERS[position]}", f"none for granularity {facts.granularity}"
    if credential["name"] != credential_name(facts.subject_name):
        yield "title and product: name", credential_name(facts.subject_name), credential["name"]
    for name, is_included in (
        ("packagingGhgEmissions", facts.packaging_emissions_included),
        ("ccsTechnologicalCO2Capture", facts.ccs_included),
        ("technologicalCO2Removals", facts.ccs_included),
    ):
        if name in upstream.footprint.components and not is_included:
            yield "flags and components", f"no {name}", f"{name} {upstream.footprint.components[name]}"
    entity = credential["issuer"]["issuerAlsoKnownAs"][0]
    named = (SCHEME_URI[Scheme(facts.scheme)] + facts.identifier, facts.issuer_name)
    if (entity["id"], entity["name"]) != named:
        yield "issuer and its registered id: legal entity", named, (entity["id"], entity["name"])


def _statement_differences(
    facts: PassportFacts, credential: Mapping[str, Any], statement: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    data = statement["extensions"][0]["data"]
    pcf = statement["pcf"]
    subject = credential["credentialSubject"]
    upstream = facts.upstream
    footprint = upstream.footprint
    quality = footprint.data_quality
    claim = subject["performanceClaim"][0]
    country = pcf.get("geographyCountry") or pcf["geographyCountrySubdivision"][:2]
    pairs: tuple[tuple[str, object, object], ...] = (
        ("passport id", facts.id, data["passportId"]),
        ("product", facts.subject_id, data["subjectId"]),
        ("product's name", facts.subject_name, statement["productNameCompany"]),
        ("product's description", subject["description"], statement["productDescription"]),
        ("granularity", facts.granularity, data["granularity"]),
        ("model, batch and item number", facts.numbers, tuple(data.get(name) for name in _NUMBERS)),
        ("country", facts.country, country),
        ("declared unit", upstream.declared_unit, pcf["declaredUnitOfMeasurement"]),
        ("declared amount", upstream.declared_amount, pcf["declaredUnitAmount"]),
        ("mass", upstream.mass_per_declared_unit, pcf["productMassPerDeclaredUnit"]),
        ("period", facts.period, (pcf["referencePeriodStart"], pcf["referencePeriodEnd"])),
        ("date of issue", credential["validFrom"], statement["created"]),
        ("begin of validity", credential["validFrom"], statement["validityPeriodStart"]),
        ("end of validity", credential["validUntil"], statement["validityPeriodEnd"]),
        ("statement id", statement["id"], facts.statement.url.rsplit("/", 1)[-1].removeprefix("urn:uuid:")),
        ("GWP set", list(upstream.gwp), pcf["ipccCharacterizationFactors"]),
        ("standards", claim["referenceStandard"], claim_standards(pcf["crossSectoralStandards"])),
        ("total excluding uptake", footprint.total, pcf["pcfExcludingBiogenicUptake"]),
        ("total including uptake", footprint.total_including_uptake, pcf["pcfIncludingBiogenicUptake"]),
        ("components", dict(footprint.components), {name: pcf[name] for name in COMPONENTS if name in pcf}),
        ("unattributed", footprint.unattributed, data["unattributed"]),
        ("primary data share", footprint.primary_data_share, pcf.get("primaryDataShare")),
        ("data quality", quality and {f"{name}DQR": rating for name, rating in quality.items()}, pcf.get("dqi")),
        ("exempted percent", footprint.exempted_percent, pcf["exemptedEmissionsPercent"]),
        ("uncertainty", footprint.uncertainty, data.get("uncertainty")),
        ("missing inputs", facts.missing_inputs, len(data["missing"])),
        ("packaging flag", facts.packaging_emissions_included, pcf["packagingEmissionsIncluded"]),
        ("CCS flag", facts.ccs_included, pcf["ccsTechnologicalCO2CaptureIncluded"]),
        ("issuer's name", facts.issuer_name, statement["companyName"]),
    )
    for name, expected, found in pairs:
        if expected != found:
            yield f"characteristics and statement: {name}", expected, found


def _row_differences(
    facts: PassportFacts, rows: Sequence[Mapping[str, Any]], withheld_rows: int
) -> Iterator[tuple[str, object, object]]:
    """An issuer that shows its chain shows the one it calculated with; a row names the fields its copy leaves open."""
    used = [row for row in rows if row["kind"] == "passport"]
    for row in used:
        absent = [name for name in COMPONENTS if name not in row["upstream"]["components"]]
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
