"""The inventories in docs/accounting.md come to the totals that stand above them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from passport.issuer.calculation import calculate
from passport.model.inventory import Inventory

PAGE = Path(__file__).parents[2] / "docs" / "accounting.md"
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]
FRAME: dict[str, Any] = {
    "format": "carbon-passport/inventory/1.0",
    "product": {
        "id": "https://id.example/products/1",
        "pactIds": ["urn:pact:id.example:product-id:1"],
        "name": "A product",
        "description": "For tests",
        "idScheme": {"id": "https://id.example", "name": "Example"},
        "granularity": "model",
        "category": [{"code": "1", "name": "x", "schemeId": "https://x.example/", "schemeName": "x"}],
    },
    "declaredUnit": "kilogram",
    "declaredAmount": 1000,
    "massPerDeclaredUnit": 1000,
    "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
    "country": "NL",
    "facility": {"id": "https://id.example/plants/1", "name": "Plant 1"},
    "standards": ["PACT-3.0"],
    "gwp": ["AR6"],
    "boundary": "Cradle to gate",
    "exempted": {"percent": 0, "reason": "Nothing"},
    "carbonContents": {"fossilCarbonContent": 0},
    "packagingEmissionsIncluded": False,
    "coveredQuantity": 1000,
}


def texts(value: Any) -> Any:
    """Numbers with a point as text, as the reader of inventories keeps their digits."""
    if isinstance(value, dict):
        return {name: texts(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [texts(entry) for entry in value]
    return str(value) if isinstance(value, float) else value


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["inputs"][0]["kind"])
def test_the_example_comes_to_its_total(example: dict[str, Any]) -> None:
    total = example["total"]
    stated = {name: entry for name, entry in example.items() if name != "total"}

    def nothing_upstream(_: object) -> Any:
        raise AssertionError("no upstream here")

    document = Inventory.model_validate(texts({**FRAME, **stated}))
    found = calculate(document, nothing_upstream, random_bytes=lambda length: bytes(length))
    assert found.footprint.total == str(total)


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 3
