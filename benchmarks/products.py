"""Inventories to measure with: a plain product with direct emissions, power, parts, and text until it has its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.world import Company
from passport.model.inventory import Inventory

SMALL_BYTES = 5_800
"""A plain passport."""

LARGE_BYTES = 15_400
"""A passport of a battery, with all it must say."""

_TEXT = "Machined from one piece, hardened, ground and washed; for the housing of a drive. "
_DESCRIPTION_ROOM = 1900
_LANGUAGES = ("bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "hr", "hu", "it")
_MEMBER_BYTES = len('"de":"",')


def product_id(number: int) -> str:
    """The id of a product."""
    return f"https://id.company.example/01/{number:014d}"


def inventory(number: int, *, parts: Sequence[int] = (), padding_bytes: int = 0) -> Inventory:
    """The inventory of product `number`.

    Args:
        number: Names the product.
        parts: Numbers of the products that go into it, each with a passport of its own.
        padding_bytes: By how much more text its passport is to be longer.
    """
    description, names = _text(padding_bytes)
    document: dict[str, Any] = {
        "format": "carbon-passport/inventory/1.0",
        "product": {
            "id": product_id(number),
            "pactIds": [f"urn:pact:company.example:product-id:{number}"],
            "name": f"Product {number:06d}",
            "names": {"zh": "产品", **names},
            "description": description,
            "idScheme": {"id": "https://id.gs1.org", "name": "GS1 Digital Link"},
            "granularity": "model",
            "category": [
                {
                    "code": "46410",
                    "name": "Cells",
                    "schemeId": "https://unstats.un.org/cpc",
                    "schemeName": "UN CPC",
                }
            ],
        },
        "declaredUnit": "kilogram",
        "declaredAmount": 1,
        "massPerDeclaredUnit": 1,
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": "DE",
        "facility": {"id": "https://id.gs1.org/414/9520000000004", "name": "Plant"},
        "standards": ["ISO14067"],
        "gwp": ["AR6"],
        "boundary": "Cradle to gate",
        "exempted": {"percent": 0, "reason": "none"},
        "carbonContents": {"fossilCarbonContent": 0},
        "packagingEmissionsIncluded": False,
        "coveredQuantity": 1_000_000,
        "upstreamPublic": True,
        "inputs": [_DIRECT, _POWER, *map(_part, parts)],
    }
    return Inventory.model_validate(document)


def padding_for(company: Company, size_bytes: int, *, number: int, parts: Sequence[int] = ()) -> int:
    """By how much a passport must be padded to be of that size; finds out by issuing product `number` without."""
    plain = len(company.signed(company.issue(inventory(number, parts=parts))))
    return max(0, size_bytes - plain)


_DIRECT = {
    "id": "direct",
    "kind": "direct",
    "name": "Burning gas",
    "stage": "mainProduction",
    "known": "measured",
    "emissions": {"fossilGhgEmissions": "1.5", "biogenicCO2Uptake": "-0.2"},
}
_POWER = {
    "id": "power",
    "kind": "factor",
    "name": "Power",
    "stage": "mainProduction",
    "known": "measured",
    "quantity": "2.5",
    "unit": "kilowatt hour",
    "factor": {
        "name": "Grid",
        "unit": "kilowatt hour",
        "components": {"fossilGhgEmissions": "0.4"},
        "source": {"name": "Example factors", "version": "2024"},
        "year": 2024,
        "geography": "DE",
    },
}


def _part(number: int) -> dict[str, Any]:
    return {
        "id": f"part{number}",
        "kind": "passport",
        "name": f"Part {number}",
        "stage": "rawMaterialAcquisition",
        "known": "measured",
        "quantity": "0.1",
        "unit": "kilogram",
        "product": product_id(number),
    }


def _text(padding_bytes: int) -> tuple[str, dict[str, str]]:
    """A description and names in other languages that together are `padding_bytes` longer than the shortest."""
    more = min(padding_bytes, _DESCRIPTION_ROOM)
    description, padding_bytes = "A part." + _filler(more), padding_bytes - more
    names = {}
    for language in _LANGUAGES:
        if padding_bytes <= _MEMBER_BYTES:
            break
        length = min(padding_bytes - _MEMBER_BYTES, _DESCRIPTION_ROOM)
        names[language] = "P" + _filler(length - 1)
        padding_bytes -= length + _MEMBER_BYTES
    return description, names


def _filler(length: int) -> str:
    """So many characters that do not end in white space."""
    text = (_TEXT * (length // len(_TEXT) + 1))[:length]
    return text[:-1] + "." if text else ""
