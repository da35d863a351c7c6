"""Spreads that inventories state, on edges and on emissions."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from spread_measures import lacking, stated_direct, stated_edges

from passport.arithmetic.quanta import from_text
from passport.arithmetic.rows import recompute_row
from passport.arithmetic.uncertainty import combined_uncertainty
from passport.carbon import Kind
from passport.errors import DocumentError
from passport.exchange.graphs import read_graph
from passport.exchange.inventory_file import read_inventories
from passport.exchange.row_inputs import row_plans


def inventory(name: str, *inputs: dict[str, Any]) -> dict[str, Any]:
    """A plain inventory of a product."""
    return {
        "format": "carbon-passport/inventory/1.0",
        "declaredUnit": "kilogram",
        "declaredAmount": "1",
        "massPerDeclaredUnit": "1",
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": "DE",
        "facility": {"id": "https://mill.example/plant", "name": "Plant"},
        "standards": ["ISO14067"],
        "gwp": ["AR6"],
        "boundary": "Cradle to gate",
        "exempted": {"percent": "0", "reason": "Nothing is left out."},
        "carbonContents": {"fossilCarbonContent": "0"},
        "packagingEmissionsIncluded": False,
        "coveredQuantity": "1",
        "product": {
            "id": f"https://mill.example/{name}",
            "pactIds": [f"urn:example:{name}"],
            "name": name.title(),
            "description": name,
            "idScheme": {"id": "https://mill.example/", "name": "Own"},
            "granularity": "model",
            "category": [{"code": "1", "name": "Food", "schemeId": "https://mill.example/c", "schemeName": "Own"}],
        },
        "inputs": list(inputs),
    }


def entry(name: str, spread: tuple[str, str] | None = None, **told: Any) -> dict[str, Any]:
    """An input: `emissions`, a `factor` of so much a kilogram, or a `product`."""
    found: dict[str, Any] = {"id": name, "name": name, "stage": "mainProduction", "known": "measured"}
    if spread is not None:
        found["uncertainty"] = dict(zip(("distribution", "spread"), spread, strict=True))
    if "emissions" in told:
        return {**found, "kind": "direct", "emissions": told["emissions"]}
    found |= {"quantity": told["quantity"], "unit": "kilogram"}
    if "product" in told:
        return {**found, "kind": "passport", "product": f"https://mill.example/{told['product']}"}
    factor = {
        "name": told["factor"],
        "unit": "kilogram",
        "components": {"fossilGhgEmissions": "2", "biogenicNonCO2Emissions": "0.5"},
        "source": {"name": "Handbook", "version": "1"},
        "year": 2024,
        "geography": "DE",
    }
    return {**found, "kind": "factor", "factor": factor}


FLOUR = inventory(
    "flour",
    entry("own", ("normal", "20"), emissions={"fossilGhgEmissions": "1"}),
    entry("coal", ("lognormal", "1.5"), quantity="2", factor="Coal"),
    entry("more-coal", ("lognormal", "1.5"), quantity="1", factor="Coal"),
    entry("oil", quantity="1", factor="Oil"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def write(*inventories: dict[str, Any]) -> Path:
        for number, told in enumerate(inventories):
            (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(told), "utf-8")
        return tmp_path

    return write


def test_the_emissions_of_an_inventory_have_the_spread_of_its_statement(folder: Callable[..., Path]) -> None:
    """The engine's floats against the statement's decimals of 50 digits; and one column by hand."""
    path = folder(FLOUR)
    named = read_graph(path)
    direct = stated_direct(named)
    assert direct.kind[0].tolist() == [Kind.LOGNORMAL] * len(named.columns)
    (file,) = read_inventories([path])
    rows = [
        plan.entry.model_dump(mode="json", by_alias=True, exclude_none=True) | plan.extra
        for plan in row_plans(file.inventory)
    ]
    one = from_text("1")
    statement = combined_uncertainty(rows, [recompute_row(row, one, one) for row in rows])
    assert statement is not None
    assert math.exp(direct.scale[0, 0]) == pytest.approx(float(statement["spread"]), rel=1e-5)
    share = 1 - lacking(named)[1][0][0]
    assert 100 * share == pytest.approx(float(statement["coveredPercent"]), rel=1e-6)
    fossil = named.column("fossilGhgEmissions")
    normal = math.sqrt(math.log1p(0.2**2))
    assert direct.scale[0, fossil] == pytest.approx(math.hypot(1 * normal, 6 * math.log(1.5)) / 9)
    assert direct.scale[0, named.column("biogenicNonCO2Emissions")] == pytest.approx(1.5 * math.log(1.5) / 2)


def test_an_input_with_a_product_gives_its_spread_to_the_edge(folder: Callable[..., Path]) -> None:
    bread = inventory(
        "bread",
        entry("flour", ("lognormal", "1.1"), quantity="0.7", product="flour"),
        entry("oven", quantity="1", factor="Oil"),
    )
    named = read_graph(folder(FLOUR, bread))
    assert stated_edges(named).scale == pytest.approx([math.log(1.1)])
    edges, unstated = lacking(named)
    assert edges == [0]
    assert unstated[named.product("Bread")][0] == 1
    bare = inventory("bread", entry("flour", quantity="0.7", product="flour"))
    assert read_graph(folder(FLOUR, bare)).edge_spreads is None


def test_a_factor_that_two_inventories_share_is_noted(folder: Callable[..., Path]) -> None:
    bread = inventory("bread", entry("oven", ("lognormal", "1.5"), quantity="1", factor="Coal"))
    assert read_graph(folder(FLOUR, bread)).notes == (
        "1 factors with a spread that several inventories use are drawn for each of them by itself",
    )


def test_a_spread_beyond_what_is_drawn_is_refused(folder: Callable[..., Path]) -> None:
    wild = inventory("flour", entry("own", ("normal", "2001"), emissions={"fossilGhgEmissions": "1"}))
    with pytest.raises(
        DocumentError, match=r"0.yaml: input own: a spread that cannot be drawn; expected at most 2000 %"
    ):
        read_graph(folder(wild))
