"""The footprint statement: a PACT v3 ProductFootprint without `status`, with one salted hash per row.

PACT Technical Specifications 3.0, `ProductFootprint` and `CarbonFootprint`. `status` is left out because PACT lets it
change after publication; it is added when the statement is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passport.model.amount import to_text
from passport.model.base import time_text
from passport.model.footprint import FootprintTexts
from passport.model.inputs import DirectInput, FactorInput, PassportInput, RowInput
from passport.model.inventory import Inventory

STATEMENT_FORMAT = "carbon-passport/statement/1.0"
STATEMENT_SCHEMA_URI = "urn:carbon-passport:schema:statement-1.0"
PACT_SPEC_VERSION = "3.0.0"
VALIDITY_YEARS = 3
"""PACT: a footprint is valid for at most three years after its reference period."""


@dataclass(frozen=True, slots=True)
class StatementIds:
    """The names a statement and its passport go by."""

    footprint_id: str
    passport_id: str
    preceding_footprint_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accounting:
    """How the amounts came about, as far as the rows alone do not say it.

    Attributes:
        row_inputs: The inputs as rows have them.
        allocation_rules: How joint processes are allocated, in words.
        extension: Members of our extension: `allocation`, `electricity`.
    """

    row_inputs: Sequence[RowInput]
    allocation_rules: str | None = None
    extension: Mapping[str, Any] = field(default_factory=dict)


def validity_end(period_end: datetime) -> datetime:
    """The last moment a footprint of that period is valid."""
    try:
        return period_end.replace(year=period_end.year + VALIDITY_YEARS)
    except ValueError:  # 29 February
        return period_end.replace(year=period_end.year + VALIDITY_YEARS, day=28)


def build_statement(
    inventory: Inventory,
    footprint: FootprintTexts,
    *,
    ids: StatementIds,
    company_name: str,
    company_ids: Sequence[str],
    row_hashes: Sequence[str],
    created: datetime,
    accounting: Accounting | None = None,
) -> dict[str, Any]:
    """Write the statement of one product.

    Args:
        inventory: The issuer's account.
        footprint: The amounts, as the arithmetic gave them.
        ids: Names of statement, passport and predecessors.
        company_name: Who states it.
        company_ids: Their URNs; at least one.
        row_hashes: One salted hash per row, in the rows' order.
        created: When it is stated.
        accounting: How the amounts came about; left out for an inventory each of whose inputs is a row as it stands.

    Returns:
        The statement as JSON values.
    """
    said = accounting or _as_it_stands(inventory)
    statement: dict[str, Any] = {
        "id": ids.footprint_id,
        "specVersion": PACT_SPEC_VERSION,
        "created": time_text(created),
        "validityPeriodStart": time_text(max(created, inventory.period.end)),
        "validityPeriodEnd": time_text(validity_end(inventory.period.end)),
        "companyName": company_name,
        "companyIds": list(company_ids),
        "productDescription": inventory.product.description,
        "productIds": list(inventory.product.pact_ids),
        "productNameCompany": inventory.product.name,
        "pcf": _carbon_footprint(inventory, footprint, said),
        "extensions": [
            {
                "specVersion": PACT_SPEC_VERSION,
                "dataSchema": STATEMENT_SCHEMA_URI,
                "data": {**_extension(inventory, footprint, ids.passport_id, row_hashes), **said.extension},
            }
        ],
    }
    if inventory.product.classifications:
        statement["productClassifications"] = list(inventory.product.classifications)
    if ids.preceding_footprint_ids:
        statement["precedingPfIds"] = list(ids.preceding_footprint_ids)
    if inventory.comment:
        statement["comment"] = inventory.comment
    return statement


def _extension(
    inventory: Inventory, footprint: FootprintTexts, passport_id: str, row_hashes: Sequence[str]
) -> dict[str, Any]:
    product = inventory.product
    data: dict[str, Any] = {
        "format": STATEMENT_FORMAT,
        "passportId": passport_id,
        "subjectId": product.id,
        "granularity": str(product.granularity),
        "ownExemptedPercent": to_text(inventory.exempted.percent),
        "unattributed": footprint.unattributed,
        "missing": [{"name": m.name, "reason": m.reason, "stage": str(m.stage)} for m in inventory.missing],
        "rows": list(row_hashes),
    }
    for name, number in _numbers(inventory).items():
        data[name] = number
    if inventory.gwp_rule is not None:
        data["gwpRule"] = inventory.gwp_rule
    if footprint.uncertainty is not None:
        data["uncertainty"] = dict(footprint.uncertainty)
    return data


def _numbers(inventory: Inventory) -> dict[str, str]:
    product = inventory.product
    numbers = {
        "modelNumber": product.model_number,
        "batchNumber": product.batch_number,
        "itemNumber": product.item_number,
    }
    return {name: number for name, number in numbers.items() if number is not None}


def _carbon_footprint(inventory: Inventory, footprint: FootprintTexts, accounting: Accounting) -> dict[str, Any]:
    pcf: dict[str, Any] = {
        "declaredUnitOfMeasurement": str(inventory.declared_unit),
        "declaredUnitAmount": to_text(inventory.declared_amount),
        "productMassPerDeclaredUnit": to_text(inventory.mass_per_declared_unit),
        "referencePeriodStart": time_text(inventory.period.start),
        "referencePeriodEnd": time_text(inventory.period.end),
        "boundaryProcessesDescription": inventory.boundary,
        "pcfExcludingBiogenicUptake": footprint.total,
        "pcfIncludingBiogenicUptake": footprint.total_including_uptake,
        **footprint.components,
        **{name: to_text(amount) for name, amount in inventory.carbon_contents.items()},
        "packagingEmissionsIncluded": inventory.packaging_emissions_included,
        "ccsTechnologicalCO2CaptureIncluded": inventory.ccs_technological_co2_capture_included,
        "ipccCharacterizationFactors": list(inventory.gwp),
        "crossSectoralStandards": list(inventory.standards),
        "exemptedEmissionsPercent": footprint.exempted_percent,
        "exemptedEmissionsDescription": inventory.exempted.reason,
    }
    if inventory.subdivision:
        pcf["geographyCountrySubdivision"] = inventory.subdivision
    else:
        pcf["geographyCountry"] = inventory.country
    if accounting.allocation_rules:
        pcf["allocationRulesDescription"] = accounting.allocation_rules
    sources = secondary_sources(accounting.row_inputs)
    if sources:
        pcf["secondaryEmissionFactorSources"] = sources
    if footprint.primary_data_share is not None:
        pcf["primaryDataShare"] = footprint.primary_data_share
    if footprint.data_quality is not None:
        pcf["dqi"] = pact_dqi(footprint.data_quality)
    return pcf


def pact_dqi(ratings: Mapping[str, str]) -> dict[str, str]:
    """Our ratings under PACT's names."""
    return {f"{name}DQR": rating for name, rating in ratings.items()}


def secondary_sources(row_inputs: Iterable[RowInput]) -> list[dict[str, str]]:
    """Name and version of every secondary emission factor used, once each, in order of name."""
    pairs = {
        (entry.factor.source.name, entry.factor.source.version)
        for entry in row_inputs
        if isinstance(entry, FactorInput) and not entry.factor.primary
    }
    return [{"name": name, "version": version} for name, version in sorted(pairs)]


def _as_it_stands(inventory: Inventory) -> Accounting:
    rows = [entry for entry in inventory.inputs if isinstance(entry, DirectInput | FactorInput | PassportInput)]
    return Accounting(rows, inventory.allocation if isinstance(inventory.allocation, str) else None)
