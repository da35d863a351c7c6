"""Issuing recycled materials by cut-off: rows that can be re-done, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from accounting_inventories import JOINT, calculated, factor, rows_of
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import inventory
from pydantic import ValidationError

from passport.carbon.allocation import cut_off_recycling
from passport.errors import ArithmeticRuleError
from passport.exchange.material_rows import RECYCLING_WORDS


def material(quantity: object, content: object, at_end: object = None, **more: Any) -> dict[str, Any]:
    """At 8 virgin, 0.5 recycled and 0.02 disposed of."""
    entry: dict[str, Any] = {
        "id": "foil",
        "kind": "material",
        "name": "Foil",
        "stage": "rawMaterialAcquisition",
        "known": "measured",
        "per": "period",
        "quantity": quantity,
        "unit": "kilogram",
        "recycledContent": content,
        **({"virgin": factor("8", "kilogram")} if content not in (1, "1") else {}),
        **({"recycling": factor("0.5", "kilogram")} if content not in (0, "0") else {}),
    }
    if at_end is not None:
        disposal = {"disposal": factor("0.02", "kilogram")} if at_end not in (1, "1") else {}
        entry["endOfLife"] = {"recycled": at_end, **disposal}
    return entry | more


def test_recycled_content_by_cut_off() -> None:
    """Of 1000 kg 700 are virgin, 300 recycled; 400 are disposed of, 600 leave without: 5600 + 150 + 8, over 1000 kg."""
    found = calculated(inventory("https://id.example/x", material(1000, "0.3", "0.6")))
    rows = rows_of(found)
    assert {name: (row["quantity"], row["stage"]) for name, row in rows.items()} == {
        "foil.virgin": ("700", "rawMaterialAcquisition"),
        "foil.recycled": ("300", "rawMaterialAcquisition"),
        "foil.disposed": ("400", "endOfLife"),
    }
    assert found.footprint.total == "5.758"
    assert found.accounting.extension["recycling"] == {"rule": "cutOff"}
    assert found.accounting.allocation_rules == RECYCLING_WORDS
    assert rows["foil.disposed"]["recycling"] == {
        "input": "foil",
        "part": "disposed",
        "rule": "cutOff",
        "quantity": "1000",
        "unit": "kilogram",
        "recycledContent": "0.3",
        "recycledAtEnd": "0.6",
    }


def test_a_material_of_a_joint_process_is_divided_and_said_in_words() -> None:
    oil = inventory("https://id.example/oil", material(1000, "0.3"), coveredQuantity="400", allocation=JOINT)
    found = calculated(oil)
    assert {row["share"] for row in rows_of(found).values()} == {"2/5"}
    assert found.accounting.allocation_rules is not None
    assert found.accounting.allocation_rules.endswith(f"No sector rule {RECYCLING_WORDS}")
    whole = calculated(
        inventory("https://id.example/oil", material(1000, "0.3"), allocation=JOINT | {"subdivided": ["foil"]})
    )
    assert all("share" not in row for row in rows_of(whole).values())
    in_words = calculated(inventory("https://id.example/oil", material(1000, "0.3"), allocation="w" * 2000))
    assert in_words.accounting.allocation_rules is not None
    assert len(in_words.accounting.allocation_rules) == 2000
    assert in_words.accounting.allocation_rules.endswith(f"w {RECYCLING_WORDS}")


@pytest.mark.parametrize(("content", "at_end", "parts"), [(0, 1, ["virgin"]), (1, 0, ["recycled", "disposed"])])
def test_a_part_that_is_nothing_has_no_row(content: int, at_end: int, parts: list[str]) -> None:
    rows = rows_of(calculated(inventory("https://id.example/x", material(10, content, at_end))))
    assert list(rows) == [f"foil.{part}" for part in parts]


_share = st.decimals(0, 1, places=4)


@given(_share, _share, st.decimals(0, 1000, places=3))
def test_two_roads_to_a_recycled_material(content: Decimal, at_end: Decimal, quantity: Decimal) -> None:
    """Its rows, and the formula of the cut-off approach per kilogram."""
    entry = material(str(quantity), str(content), str(at_end))
    for part, share in (("virgin", 1 - content), ("recycling", content)):
        if not share:
            entry.pop(part, None)
        else:
            entry.setdefault(part, factor({"virgin": "8"}.get(part, "0.5"), "kilogram"))
    entry["endOfLife"] = {
        "recycled": str(at_end),
        **({"disposal": factor("0.02", "kilogram")} if at_end != 1 else {}),
    }
    found = calculated(inventory("https://id.example/x", entry, coveredQuantity="1"))
    per_kg = cut_off_recycling(
        virgin=Fraction(8),
        recycling=Fraction(1, 2),
        disposal=Fraction(1, 50),
        recycled_content=Fraction(content),
        recycled_at_end=Fraction(at_end),
    )
    assert Fraction(found.footprint.total) == per_kg * Fraction(quantity)


def test_rows_of_one_material_are_one_unknown() -> None:
    """700 x 8 and 300 x 0.5 at 10 % each are 10 % of the sum, and not the root of two squares."""
    spread = {"distribution": "normal", "spread": 10}
    found = calculated(inventory("https://id.example/x", material(1000, "0.3", uncertainty=spread)))
    assert found.footprint.uncertainty is not None
    assert found.footprint.uncertainty["spread"] == "10"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (material(1, "1.1"), "a share lies between 0 and 1, found 1.1"),
        (material(1, "0.3", "30"), "a share lies between 0 and 1, found 30"),
        (material(1, "0.3", virgin=None), "the factor `virgin` is needed: its share of foil is 0.7"),
        (
            material(1, 0, recycling=factor(1, "kilogram")),
            "the factor `recycling` is of nothing: its share of foil is 0",
        ),
        (
            material(1, "0.3", endOfLife={"recycled": "0.5"}),
            "the factor `disposal` is needed: its share of foil is 0.5",
        ),
        (material(1, "0.3", unit="piece"), "input foil: virgin: piece does not convert to kilogram"),
        (material(1, "0.3", id="p" * 81), "the id of a material has at most 80 characters"),
    ],
)
def test_a_material_that_cannot_be_stated(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        inventory("https://id.example/x", entry)


def test_a_part_of_a_material_that_is_no_exact_amount() -> None:
    entry = material("0.00000001", "0.333333333")
    with pytest.raises(ArithmeticRuleError, match="input foil: what is virgin of a material is no exact amount"):
        calculated(inventory("https://id.example/x", entry))
    other = material(1, 0, virgin=factor("8", "kilogram", gwp="AR5"))
    with pytest.raises(ArithmeticRuleError, match="the factor uses another set of global warming potentials"):
        calculated(inventory("https://id.example/x", other))
