"""Documents of an invented maker of cocoa butter, with every field that there is, built as the issuer builds them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from passport.arithmetic.quanta import from_decimal, to_text
from passport.arithmetic.rows import recompute_row, texts_of
from passport.model.credential import (
    LINK_PREDECESSOR,
    LINK_STATEMENT,
    LINK_UPSTREAM,
    Link,
    Place,
    build_credential,
)
from passport.model.digest import digest_of
from passport.model.footprint import FootprintTexts, UpstreamFacts
from passport.model.inventory import Inventory, PassportInput
from passport.model.party import Party
from passport.model.row import row_of
from passport.model.statement import StatementIds, build_statement

DIGEST = digest_of(b"abc")
CREATED = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
PASSPORT_ID = "https://kakao.example/passports/1c0f2f0e-9a37-4f0e-8a56-3a2f0f9e6b11"
STATEMENT_ID = "9b2f8f52-4b4f-4c53-9d7e-2d6f0d1f6a22"

ALL_COMPONENTS = {
    "fossilGhgEmissions": "1.75",
    "landUseChangeGhgEmissions": "5",
    "landManagementBiogenicCO2Emissions": "0.25",
    "landManagementBiogenicCO2Removals": "-0.125",
    "technologicalCO2Removals": "-0.0625",
    "ccsTechnologicalCO2Capture": "-0.5",
    "biogenicNonCO2Emissions": "0.2",
    "biogenicCO2Uptake": "-0.5",
    "landManagementFossilGhgEmissions": "0.7",
    "aircraftGhgEmissions": "0.01",
    "packagingGhgEmissions": "0.02",
    "landCarbonLeakage": "0.3",
    "landAreaOccupation": "2.5",
}

PARTY = Party.model_validate(
    {"scheme": "LEI", "identifier": "999900KITANAMI000191", "name": "Kakao Mill", "country": "NL"}
)

FOOTPRINT = FootprintTexts(
    components=ALL_COMPONENTS,
    total="6.5125",
    total_including_uptake="6.0125",
    unattributed="0.05",
    primary_data_share="62.5",
    data_quality={"technological": "1.55", "geographical": "2.45", "temporal": "2.65"},
    exempted_percent="1.25",
)

UPSTREAM = UpstreamFacts(
    id="https://beans.example/passports/0d8f1c7e-30c5-4a8c-9d53-6a1f0b2c3d44",
    digest=DIGEST,
    document="passport",
    subject_id="https://beans.example/products/beans",
    declared_unit="kilogram",
    declared_amount="1",
    mass_per_declared_unit="1",
    gwp=("AR6",),
    footprint=FOOTPRINT,
)

PLACE = Place(
    registry="eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3",
    log="eip155:31337:0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
    genesis="0x" + "ab" * 32,
    issuer_id="0x" + "cd" * 32,
    leaf_index=300,
)

UPSTREAM_LINK = Link(UPSTREAM.id, "Upstream passport", DIGEST, "application/vc", LINK_UPSTREAM)
PREDECESSOR_LINK = Link("urn:uuid:1", "Version that this one replaces", DIGEST, "application/vc", LINK_PREDECESSOR)
STATEMENT_LINK = Link(
    f"https://kakao.example/statements/{STATEMENT_ID}",
    "Footprint statement (PACT v3 ProductFootprint)",
    DIGEST,
    "application/json",
    LINK_STATEMENT,
)


def inventory_json() -> dict[str, Any]:
    """An inventory with every field."""
    alike = {
        "stage": "mainProduction",
        "known": "measured",
        "uncertainty": {"distribution": "lognormal", "spread": "1.2"},
        "dataQuality": {"technological": "1.5", "geographical": "1", "temporal": "2"},
        "evidence": [{"uri": "https://kakao.example/bill", "digest": DIGEST, "name": "Bill"}],
    }
    whole = {
        "format": "carbon-passport/inventory/1.0",
        "product": {
            "id": "https://kakao.example/products/butter",
            "pactIds": ["urn:pact:kakao.example:product-id:butter"],
            "name": "Cocoa butter",
            "names": {"zh": "可可脂", "nl": "Cacaoboter"},
            "description": "Deodorised, in cartons of 25 kg",
            "idScheme": {"id": "https://kakao.example", "name": "Kakao Mill"},
            "granularity": "batch",
            "modelNumber": "CB-1",
            "batchNumber": "L7",
            "itemNumber": "7",
            "category": [
                {"code": "23", "name": "Food", "schemeId": "https://cpc.example/", "schemeName": "UN CPC 2.1"}
            ],
            "classifications": ["urn:pact:productclassification:un-cpc:2163"],
        },
        "declaredUnit": "kilogram",
        "declaredAmount": "1",
        "massPerDeclaredUnit": "1",
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": "NL",
        "subdivision": "NL-NH",
        "facility": {"id": "https://kakao.example/plants/1", "name": "Zaandam"},
        "companyIds": ["urn:lei:999900KITANAMI000191"],
        "standards": ["ISO14067", "PACT-3.0", "GB/T 24067-2024"],
        "gwp": ["AR6"],
        "boundary": "Cradle to gate",
        "exempted": {"percent": "0.5", "reason": "Labels"},
        "carbonContents": {
            "fossilCarbonContent": "0",
            "biogenicCarbonContent": "0.136363636363636",
            "recycledCarbonContent": "0",
            "ccuCarbonContent": "0",
            "packagingBiogenicCarbonContent": "0.01",
        },
        "packagingEmissionsIncluded": True,
        "ccsTechnologicalCO2CaptureIncluded": True,
        "coveredQuantity": "4000",
        "allocation": "By mass",
        "comment": "For tests",
        "disclosure": "open",
        "upstreamPublic": True,
        "ledgerCeiling": {"amount": "0.001", "minimumBatch": 64, "profileDigest": DIGEST},
        "predecessor": "urn:uuid:1",
        "missing": [{"name": "Pallets", "stage": "packaging", "reason": "No data"}],
        "inputs": [
            {"id": "press", "kind": "direct", "name": "Press", "emissions": ALL_COMPONENTS} | alike,
            {
                "id": "power",
                "kind": "factor",
                "name": "Electricity",
                "per": "period",
                "quantity": "2.5",
                "unit": "megawatt hour",
                "factor": {
                    "name": "Grid mix",
                    "amount": "1",
                    "unit": "kilowatt hour",
                    "components": {"fossilGhgEmissions": "0.04"},
                    "source": {"name": "Some table", "version": "2024", "url": "https://factors.example/2024"},
                    "year": 2024,
                    "geography": "NL",
                    "primary": False,
                },
            }
            | alike,
            {
                "id": "beans",
                "kind": "passport",
                "name": "Cocoa beans",
                "quantity": "1.25",
                "unit": "kilogram",
                "product": UPSTREAM.subject_id,
                "delivery": DIGEST,
            }
            | alike,
        ],
    }
    fresh: dict[str, Any] = json.loads(json.dumps(whole))  # nothing is shared, inside or with the next one
    return fresh


def inventory(**changes: Any) -> Inventory:
    """The inventory, with top-level fields changed; None takes one out."""
    document = inventory_json() | changes
    return Inventory.model_validate({name: value for name, value in document.items() if value is not None})


def statement(of: Inventory | None = None, footprint: FootprintTexts = FOOTPRINT) -> dict[str, Any]:
    """The statement of an inventory."""
    return build_statement(
        of or inventory(),
        footprint,
        ids=StatementIds(STATEMENT_ID, PASSPORT_ID, ("5fd1bb5c-1b39-4b3c-8f6c-2f9d4b5c6d7e",)),
        company_name=PARTY.name,
        company_ids=("urn:lei:999900KITANAMI000191",),
        row_hashes=(digest_of(b"1"), digest_of(b"2"), digest_of(b"3")),
        created=CREATED,
    )


def credential(
    of: Inventory | None = None, footprint: FootprintTexts = FOOTPRINT, *, has_links: bool = True
) -> dict[str, Any]:
    """The credential of an inventory."""
    return build_credential(
        of or inventory(),
        footprint,
        passport_id=PASSPORT_ID,
        did="did:web:kakao.example",
        party=PARTY,
        place=PLACE,
        salt="AAAAAAAAAAAAAAAAAAAAAA",
        statement=STATEMENT_LINK,
        upstream=[UPSTREAM_LINK] if has_links else [],
        predecessor=PREDECESSOR_LINK if has_links else None,
        issued=CREATED,
        valid_until=datetime(2029, 1, 1, tzinfo=UTC),
    )


def rows(of: Inventory | None = None) -> list[dict[str, Any]]:
    """The rows of an inventory with their contributions."""
    of = of or inventory()
    made = []
    for entry in of.inputs:
        row = row_of(entry, UPSTREAM if isinstance(entry, PassportInput) else None)
        contribution = recompute_row(row, from_decimal(of.declared_amount), from_decimal(of.covered_quantity))
        row["contribution"] = {
            "components": texts_of(contribution.components),
            "total": to_text(contribution.total),
            "unattributed": to_text(contribution.unattributed),
        }
        made.append(row)
    return made
