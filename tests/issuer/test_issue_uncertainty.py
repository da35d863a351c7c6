"""Uncertainty from inventories through two tiers of passports, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from issuer_world import World, bought, direct, inventory

from passport.credentials import parse, read_secured
from passport.issuer import IssuedPassport
from passport.model.facts import passport_facts
from passport.model.inventory import Inventory
from passport.store import DocumentKind, Store


def said_by(store: Store, issued: IssuedPassport) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What statement and passport say of their uncertainty."""
    statement = parse(store.get_document(DocumentKind.STATEMENT, issued.statement_digest))
    secured = read_secured(store.get_document(DocumentKind.PASSPORT, issued.digest), canonical=True)
    stated = passport_facts(secured.document, secured.doc_hash).upstream.footprint.uncertainty
    return statement["extensions"][0]["data"].get("uncertainty"), None if stated is None else dict(stated)


def off(entry: dict[str, Any], distribution: str, spread: str) -> dict[str, Any]:
    """An input that is off."""
    return {**entry, "uncertainty": {"distribution": distribution, "spread": spread}}


def test_uncertainty_travels_through_two_tiers(world: World) -> None:
    """Beans with GSD 1.2, 1.5 kg of them (quantity off by GSD 1.05) and 1 kg CO2e of one's own that nobody rates.

    The butter is 3 + 1 kg CO2e: ln GSD = 3/4 sqrt(ln^2 1.2 + ln^2 1.05), three quarters of it covered.
    """
    product = world.product()
    grower = world.issuer(world.beans)
    beans = grower.issue(inventory(product, off(direct(), "lognormal", "1.2")))
    grower.anchor()
    world.beans.publish()
    world.mill.receive(world.beans.public)
    quantity = off(bought(product=product), "lognormal", "1.05")
    butter = world.issuer(world.mill).issue(inventory(world.product(), quantity, direct(fossilGhgEmissions="1")))
    first = {
        "method": "first-order",
        "distribution": "lognormal",
        "amountIs": "median",
        "spread": "1.2",
        "coveredPercent": "100",
        "upstreamVariancePercent": "0",
    }
    assert said_by(world.beans.store, beans) == (first, first)
    in_statement, in_passport = said_by(world.mill.store, butter)
    assert in_statement == in_passport
    assert in_passport is not None
    assert float(in_passport["spread"]) == pytest.approx(
        math.exp(0.75 * math.hypot(math.log(1.2), math.log(1.05))), abs=5e-6
    )
    assert in_passport["coveredPercent"] == "75"
    part = math.log(1.2) ** 2 / (math.log(1.2) ** 2 + math.log(1.05) ** 2)
    assert float(in_passport["upstreamVariancePercent"]) == pytest.approx(100 * part, abs=1e-6)


def test_where_no_input_says_anything_nothing_is_said(world: World) -> None:
    """Unknown is not zero."""
    issued = world.issuer(world.mill).issue(inventory(world.product()))
    assert said_by(world.mill.store, issued) == (None, None)


def test_a_spread_that_is_none_is_no_inventory(world: World) -> None:
    """A geometric standard deviation below one is refused where it stands."""
    document = inventory(world.product(), off(direct(), "lognormal", "1.2")).to_json()
    document["inputs"][0]["uncertainty"]["spread"] = "0.9"
    with pytest.raises(ValueError, match=r"a lognormal spread is 1 to 1000, not 0\.9"):
        Inventory.model_validate(document)


def test_the_claim_has_a_tolerance_where_all_of_it_is_spoken_for(world: World) -> None:
    """2 kg CO2e with GSD 1.2: from 2 / 1.2^1.959964 to 2 x 1.2^1.959964. A second input that nobody rates ends that."""

    def measure(*inputs: dict[str, Any]) -> dict[str, Any]:
        issued = world.issuer(world.beans).issue(inventory(world.product(), *inputs))
        body = world.beans.store.get_document(DocumentKind.PASSPORT, issued.digest)
        claim = read_secured(body, canonical=True).document["credentialSubject"]["performanceClaim"][0]
        found: dict[str, Any] = claim["claimedPerformance"][0]["measure"]
        return found

    rated = measure(off(direct(fossilGhgEmissions="2"), "lognormal", "1.2"))
    factor = 1.2**1.959964
    assert rated == {
        "value": 2,
        "unit": "KGM",
        "upperTolerance": pytest.approx(2 * factor - 2, abs=5e-6),
        "lowerTolerance": pytest.approx(2 - 2 / factor, abs=5e-6),
    }
    other = {**direct(fossilGhgEmissions="1"), "id": "other", "name": "other"}
    assert measure(off(direct(fossilGhgEmissions="2"), "lognormal", "1.2"), other) == {"value": 3, "unit": "KGM"}
    assert measure(direct(fossilGhgEmissions="2")) == {"value": 2, "unit": "KGM"}
