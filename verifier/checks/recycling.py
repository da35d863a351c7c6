"""`arithmetic` of recycled materials: the parts of each are those that its shares give, by the rule that is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from passport.arithmetic.quanta import ONE, from_text
from passport.errors import ArithmeticRuleError
from passport.exchange.material_rows import CUT_OFF, part_quantities


def check_recycling(said: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, is_whole: bool) -> None:
    """Re-do the parts of each material.

    Args:
        said: Our extension of the statement.
        rows: Its opened rows.
        is_whole: No row is withheld.

    Raises:
        ArithmeticRuleError: A part that is not what the shares give, missing or there twice; a rule that is not named.
    """
    materials: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if "recycling" in row:
            materials.setdefault(row["recycling"]["input"], []).append(row)
    stated = said.get("recycling")
    if materials and stated != {"rule": CUT_OFF}:
        raise ArithmeticRuleError(
            "rows of recycled material, and no rule for it is stated", expected=CUT_OFF, found=stated or "none"
        )
    if stated and not materials and is_whole:
        raise ArithmeticRuleError("a rule for recycled material is stated, and no row is of any", found=stated["rule"])
    for name, parts in materials.items():
        _check_material(name, parts, is_whole=is_whole)


def _check_material(name: str, parts: Sequence[Mapping[str, Any]], *, is_whole: bool) -> None:
    where = f"input {name}"
    first = _alike(parts[0])
    expected = part_quantities(first)
    found = []
    for row in parts:
        material = row["recycling"]
        if _alike(row) != first:
            raise ArithmeticRuleError(
                f"rows {parts[0]['id']} and {row['id']} are of one material and differ in what they say of it",
                where=where,
            )
        part = material["part"]
        quantity = Fraction(from_text(row["quantity"]), ONE)
        if quantity != expected.get(part, Fraction(0)) or row["unit"] != material["unit"]:
            raise ArithmeticRuleError(
                f"row {row['id']} is not the part of the material that its shares give",
                where=where,
                expected=f"{float(expected.get(part, Fraction(0))):.6g} {material['unit']}",
                found=f"{row['quantity']} {row['unit']}",
            )
        found.append(part)
    if len(set(found)) < len(found) or (is_whole and set(found) != set(expected)):
        raise ArithmeticRuleError(
            "the parts of a material do not add up to it",
            where=where,
            expected=", ".join(expected),
            found=", ".join(found),
        )


def _alike(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the rows of one material say alike."""
    of_row = {name: row.get(name) for name in ("per", "process", "level")}
    return {**row["recycling"], **of_row, "part": None}
