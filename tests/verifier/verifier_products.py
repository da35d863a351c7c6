"""The products of the verifier's tests: inventories as they stand in files, and a footprint that nobody signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WITHHELD = "cable"
"""The product whose maker keeps its statement."""


def product_id(name: str) -> str:
    """The id of a product of this world."""
    return f"https://id.example/01/{name}"


def factor(components: Mapping[str, str], unit: str = "kilowatt hour", *, primary: bool = False) -> dict[str, Any]:
    """An emission factor per one unit."""
    return {
        "name": "a factor",
        "amount": "1",
        "unit": unit,
        "components": dict(components),
        "source": {"name": "factors of the tests", "version": "1"},
        "year": 2025,
        "geography": "GLO",
        "primary": primary,
    }


def direct(name: str, components: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A direct input."""
    return {
        "id": name,
        "kind": "direct",
        "name": name,
        "stage": "mainProduction",
        "known": "measured",
        "emissions": dict(components),
        **more,
    }


def used(name: str, quantity: str, unit: str, **more: Any) -> dict[str, Any]:
    """An input that stands on another product of this world."""
    return {
        "id": name,
        "kind": "passport",
        "name": name,
        "stage": "rawMaterialAcquisition",
        "known": "measured",
        "quantity": quantity,
        "unit": unit,
        "product": product_id(name),
        **more,
    }


def inventory(name: str, country: str, inputs: Sequence[Mapping[str, Any]], **changes: Any) -> dict[str, Any]:
    """An inventory as it stands in a file, for 1 kg out of 10,000 unless changed."""
    document: dict[str, Any] = {
        "format": "carbon-passport/inventory/1.0",
        "product": {
            "id": product_id(name),
            "pactIds": [f"urn:example:product:{name}"],
            "name": f"Product {name}",
            "names": {"zh": f"产品{name}"},
            "description": f"What the tests call {name}",
            "idScheme": {"id": "https://id.example", "name": "ids of the tests"},
            "granularity": "batch",
            "batchNumber": f"{name}-2025",
            "category": [
                {"code": "1", "name": "things", "schemeId": "https://scheme.example", "schemeName": "of the tests"}
            ],
        },
        "declaredUnit": "kilogram",
        "declaredAmount": "1",
        "massPerDeclaredUnit": "1",
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": country,
        "facility": {"id": f"https://id.example/414/{name}", "name": f"plant of {name}"},
        "standards": ["ISO14067", "PACT-3.0"],
        "gwp": ["AR6"],
        "boundary": "Cradle to gate.",
        "exempted": {"percent": "0", "reason": "nothing left out"},
        "carbonContents": {"fossilCarbonContent": "0"},
        "packagingEmissionsIncluded": False,
        "coveredQuantity": "10000",
        "upstreamPublic": True,
        "inputs": [dict(entry) for entry in inputs],
    }
    return {**document, **changes}


def pact_footprint(**changes: Any) -> dict[str, Any]:
    """A footprint of a coating that its maker sent as PACT has it, with 4 % of it unattributed."""
    pcf: dict[str, Any] = {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": "1",
        "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": "2025-01-01T00:00:00Z",
        "referencePeriodEnd": "2026-01-01T00:00:00Z",
        "geographyCountry": "AT",
        "pcfExcludingBiogenicUptake": "2.50",
        "pcfIncludingBiogenicUptake": "2.50",
        "fossilGhgEmissions": "2.40",
        "fossilCarbonContent": "0.00",
        "ipccCharacterizationFactors": ["AR6"],
        "crossSectoralStandards": ["ISO14067"],
        "exemptedEmissionsPercent": "0.0",
        "exemptedEmissionsDescription": "none",
        "packagingEmissionsIncluded": False,
        "boundaryProcessesDescription": "Cradle to gate.",
        "primaryDataShare": "40",
    }
    document: dict[str, Any] = {
        "id": "11111111-2222-4333-8444-555555555555",
        "specVersion": "3.0.0",
        "status": "Active",
        "created": "2026-02-01T00:00:00Z",
        "companyName": "Lackfabrik (not signed)",
        "companyIds": ["urn:example:company:coating"],
        "productDescription": "A coating",
        "productIds": [product_id("coating").replace("https://id.example/01/", "urn:example:product:")],
        "productNameCompany": "Coating",
        "pcf": {**pcf, **changes.pop("pcf", {})},
    }
    return {**document, **changes}


def inventories() -> list[tuple[str, dict[str, Any]]]:
    """Whose inventory it is, and the inventory; suppliers first."""
    return [
        (
            "mine",
            inventory(
                "ore",
                "CL",
                [
                    direct("diesel", {"fossilGhgEmissions": "20000"}, per="period"),
                    direct("clearing", {"landUseChangeGhgEmissions": "0.5", "landAreaOccupation": "1000"}),
                ],
                exempted={"percent": "1", "reason": "offices"},
            ),
        ),
        (
            "power",
            inventory(
                "grid",
                "DE",
                [
                    {
                        "id": "coal",
                        "kind": "factor",
                        "name": "coal",
                        "stage": "mainProduction",
                        "known": "measured",
                        "quantity": "2.5",
                        "unit": "kilowatt hour",
                        "factor": factor({"fossilGhgEmissions": "0.34", "biogenicNonCO2Emissions": "0.001"}),
                    }
                ],
                declaredUnit="kilowatt hour",
                massPerDeclaredUnit="0",
                coveredQuantity="1000000",
            ),
        ),
        (
            "smelter",
            inventory(
                "metal",
                "FI",
                [
                    used("ore", "3", "kilogram"),
                    used("grid", "14.000001", "kilowatt hour"),
                    direct("anodes", {"fossilGhgEmissions": "1.6", "biogenicCO2Uptake": "-0.25"}),
                ],
                coveredQuantity="3000",
            ),
        ),
        (
            "parts",
            inventory(
                "housing",
                "CZ",
                [
                    used("metal", "4.2", "kilogram"),
                    used("grid", "9", "megajoule", stage="mainProduction"),
                    {**used("coating", "150", "gram"), "product": "urn:example:product:coating"},
                ],
                declaredUnit="piece",
                massPerDeclaredUnit="4",
                coveredQuantity="500",
            ),
        ),
        (
            "cables",
            inventory(
                "cable",
                "PL",
                [used("metal", "0.7", "kilogram"), direct("drawing", {"fossilGhgEmissions": "0.11"})],
                declaredUnit="kilogram",
                coveredQuantity="1000",
                upstreamPublic=False,
            ),
        ),
        (
            "maker",
            inventory(
                "pack",
                "DE",
                [
                    used("housing", "8", "kilogram"),
                    used("metal", "1", "kilogram"),
                    used("cable", "0.5", "kilogram"),
                    direct("welding", {"fossilGhgEmissions": "2"}),
                    direct("gas", {"fossilGhgEmissions": "120"}, per="period", known="estimated"),
                ],
                declaredUnit="piece",
                massPerDeclaredUnit="12",
                coveredQuantity="100",
            ),
        ),
    ]
