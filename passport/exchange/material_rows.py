"""Materials with recycled content as rows by the cut-off approach: what is virgin, recycled and disposed of."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from passport.carbon.allocation import recycling_shares
from passport.errors import ArithmeticRuleError
from passport.exchange.row_plan import RowPlan, base_of, check_gwp, is_exact
from passport.model.amount import from_text, round_fraction, to_text
from passport.model.inputs import FactorInput
from passport.model.inventory import Inventory
from passport.model.material import MaterialInput

CUT_OFF = "cutOff"
RECYCLING_WORDS = (
    "Recycling: cut-off (recycled content, 100:0); recycled material carries its recycling and nothing of its first "
    "life, what leaves for recycling leaves without burden and without credit."
)
"""The rule for readers of PACT's `allocationRulesDescription`."""


def material_rows(entry: MaterialInput, inventory: Inventory) -> Iterator[RowPlan]:
    """The rows of a material: one for each part that is not nothing.

    Args:
        entry: The input.
        inventory: That it is of.

    Raises:
        ArithmeticRuleError: A part that is no exact amount, or a factor of another set of potentials.
    """
    end = entry.end_of_life
    said: dict[str, Any] = {
        "input": entry.id,
        "rule": CUT_OFF,
        "quantity": to_text(entry.quantity),
        "unit": str(entry.unit),
        "recycledContent": to_text(entry.recycled_content),
    }
    if end is not None:
        said["recycledAtEnd"] = to_text(end.recycled)
    factors = {"virgin": entry.virgin, "recycled": entry.recycling, "disposed": end.disposal if end else None}
    for part, quantity in part_quantities(said).items():
        factor = factors[part]
        name = f"{entry.id}.{part}"
        if factor is None or not is_exact(quantity):
            raise ArithmeticRuleError(
                f"what is {part} of a material is no exact amount", where=f"input {entry.id}", hint="use fewer decimals"
            )
        check_gwp(factor, inventory, name)
        changes = {"stage": end.stage} if end is not None and part == "disposed" else {}
        row = FactorInput.model_validate(
            {
                **base_of(entry),
                **changes,
                "id": name,
                "kind": "factor",
                "quantity": round_fraction(quantity),
                "unit": entry.unit,
                "factor": factor,
            }
        )
        yield RowPlan(row, {"recycling": {**said, "part": part}})


def part_quantities(said: dict[str, Any]) -> dict[str, Fraction]:
    """How much of a material each part is, those that are not nothing.

    Args:
        said: What a row says of the material: its quantity, and its shares.

    Raises:
        ArithmeticRuleError: A share outside 0 to 1.
    """
    shares = recycling_shares(
        Fraction(from_text(said["recycledContent"])),
        Fraction(from_text(said["recycledAtEnd"])) if "recycledAtEnd" in said else None,
    )
    quantity = Fraction(from_text(said["quantity"]))
    return {part: quantity * share for part, share in shares.items() if share}
