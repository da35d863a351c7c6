"""Inputs that the tests of accounting share: a joint process, electricity with certificates, what is burnt."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from issuer_world import direct

from passport.credentials import parse_canonical
from passport.issuer import IssuedPassport
from passport.issuer.calculation import Calculated, calculate
from passport.model.inventory import Inventory
from passport.store import DocumentKind
from passport.workspace import Workspace


def price(amount: int, year: int = 2025) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR", "year": year}


JOINT: dict[str, Any] = {
    "method": "pact",
    "reason": "No sector rule",
    "product": "oil",
    "outputs": [
        {"id": "oil", "name": "Oil", "quantity": 400, "unit": "kilogram", "price": price(3)},
        {"id": "cake", "name": "Cake", "quantity": "0.6", "unit": "tonne", "price": price(1000)},
        {"id": "hulls", "name": "Hulls", "quantity": 50, "unit": "kilogram", "waste": True},
    ],
}


def calculated(document: Inventory) -> Calculated:
    """As `issue` calculates it, without chain or store."""

    def nothing_upstream(_: object) -> Any:
        raise AssertionError("no upstream here")

    return calculate(document, nothing_upstream, random_bytes=lambda length: bytes(length))


def rows_of(found: Calculated) -> dict[str, dict[str, Any]]:
    rows = [parse_canonical(body)["row"] for body in found.rows]
    return {row["id"]: row for row in rows}


def burnt(name: str, kg: object, **more: Any) -> dict[str, Any]:
    return {**direct(fossilGhgEmissions=str(kg)), "id": name, "per": "period", **more}


def factor(kg: object, unit: str = "kilowatt hour", **more: Any) -> dict[str, Any]:
    return {
        "name": "A factor",
        "unit": unit,
        "components": {"fossilGhgEmissions": kg},
        "source": {"name": "Table", "version": "1"},
        "year": 2024,
        "geography": "NL",
        **more,
    }


def certificate(quantity: object, number: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "instrument": "certificate",
        "registry": "EECS",
        "trackingId": f"GO-{number}",
        "issuedQuantity": 1000,
        "quantity": quantity,
        "unit": "kilowatt hour",
        "period": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "country": "NL",
        "factor": factor("0.01"),
        **more,
    }


def power(quantity: object, *instruments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "power",
        "kind": "electricity",
        "name": "Power",
        "stage": "mainProduction",
        "known": "measured",
        "per": "period",
        "quantity": quantity,
        "unit": "kilowatt hour",
        "country": "NL",
        "grid": factor("0.4"),
        "instruments": list(instruments),
        **more,
    }


SELLER = {"scheme": "LEI", "identifier": "999900KITANAMI000191"}
AT_RESIDUAL = {"rest": {"basis": "residualMix", "factor": factor("0.7")}}
AT_AVERAGE = {"rest": {"basis": "gridAverage"}}


HEAT = {"name": "Heat from gas", "unit": "megajoule", "perUnit": "2.5", "factor": factor("0.06", "megajoule")}


def credit(quantity: object, unit: str = "megajoule", **more: Any) -> dict[str, Any]:
    entry = {
        **burnt("credit", 0),
        "kind": "factor",
        "quantity": quantity,
        "unit": unit,
        "factor": HEAT["factor"],
        "substitutes": "steam",
        **more,
    }
    del entry["emissions"]
    return entry


amounts = st.decimals(min_value=1, max_value=100000, places=3)


def statement_of(company: Workspace, issued: IssuedPassport) -> dict[str, Any]:
    statement: dict[str, Any] = parse_canonical(
        company.store.get_document(DocumentKind.STATEMENT, issued.statement_digest)
    )
    return statement
