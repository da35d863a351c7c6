"""`agreement`: claim, characteristics and statement say the same, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from passport.model.components import COMPONENTS
from passport.model.credential import metric_name, number_matches
from passport.model.facts import PassportFacts
from verifier.outcome import Check, CheckId, failed, passed

_NUMBERS = ("modelNumber", "batchNumber", "itemNumber")


def check_agreement(facts: PassportFacts, credential: Mapping[str, Any], statement: Mapping[str, Any] | None) -> Check:
    """Compare everything that is stated twice in one passport and its statement (if that is at hand)."""
    for where, expected, found in _differences(facts, credential, statement):
        return failed(CheckId.AGREEMENT, f"{where} differ", expected=expected, found=found)
    return passed(CheckId.AGREEMENT)


def _differences(
    facts: PassportFacts, credential: Mapping[str, Any], statement: Mapping[str, Any] | None
) -> Iterator[tuple[str, object, object]]:
    claim = credential["credentialSubject"]["performanceClaim"][0]
    upstream = facts.upstream
    total = upstream.footprint.total
    performance = claim["claimedPerformance"][0]
    if not number_matches(performance["measure"]["value"], total):
        yield "claim and characteristics: total", total, performance["measure"]["value"]
    words = metric_name(upstream.declared_amount, upstream.declared_unit)
    if performance["metric"]["name"] != words:
        yield "claim and characteristics: metric", words, performance["metric"]["name"]
    dates = claim["applicablePeriod"]
    if (dates["startDate"], dates["endDate"]) != (facts.period[0][:10], facts.period[1][:10]):
        yield "claim and characteristics: period", facts.period, dates
    if facts.covered_unit != upstream.declared_unit:
        yield "covered quantity and declared amount: unit", upstream.declared_unit, facts.covered_unit
    if statement is not None:
        yield from _statement_differences(facts, statement)


def _statement_differences(facts: PassportFacts, statement: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    data = statement["extensions"][0]["data"]
    pcf = statement["pcf"]
    upstream = facts.upstream
    footprint = upstream.footprint
    quality = footprint.data_quality
    pairs: tuple[tuple[str, object, object], ...] = (
        ("passport id", facts.id, data["passportId"]),
        ("product", facts.subject_id, data["subjectId"]),
        ("granularity", facts.granularity, data["granularity"]),
        ("model, batch and item number", facts.numbers, tuple(data.get(name) for name in _NUMBERS)),
        ("declared unit", upstream.declared_unit, pcf["declaredUnitOfMeasurement"]),
        ("declared amount", upstream.declared_amount, pcf["declaredUnitAmount"]),
        ("mass", upstream.mass_per_declared_unit, pcf["productMassPerDeclaredUnit"]),
        ("period", facts.period, (pcf["referencePeriodStart"], pcf["referencePeriodEnd"])),
        ("GWP set", list(upstream.gwp), pcf["ipccCharacterizationFactors"]),
        ("total excluding uptake", footprint.total, pcf["pcfExcludingBiogenicUptake"]),
        ("total including uptake", footprint.total_including_uptake, pcf["pcfIncludingBiogenicUptake"]),
        ("components", dict(footprint.components), {name: pcf[name] for name in COMPONENTS if name in pcf}),
        ("unattributed", footprint.unattributed, data["unattributed"]),
        ("primary data share", footprint.primary_data_share, pcf.get("primaryDataShare")),
        ("data quality", quality and {f"{name}DQR": rating for name, rating in quality.items()}, pcf.get("dqi")),
        ("exempted percent", footprint.exempted_percent, pcf["exemptedEmissionsPercent"]),
        ("missing inputs", facts.missing_inputs, len(data["missing"])),
        ("packaging flag", facts.packaging_emissions_included, pcf["packagingEmissionsIncluded"]),
        ("CCS flag", facts.ccs_included, pcf["ccsTechnologicalCO2CaptureIncluded"]),
        ("issuer's name", facts.issuer_name, statement["companyName"]),
    )
    for name, expected, found in pairs:
        if expected != found:
            yield f"characteristics and statement: {name}", expected, found
