"""`arithmetic` of internal processes: their levels solve their balance, and every row of theirs runs at its level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from passport.arithmetic.quanta import from_text
from passport.errors import ArithmeticRuleError
from passport.exchange.internal_levels import check_levels
from passport.model.facts import PassportFacts
from passport.model.inputs import Per


def check_internal(
    facts: PassportFacts, said: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, is_disclosed: bool
) -> None:
    """Check a solution instead of solving.

    Args:
        facts: What the passport states.
        said: Our extension of its statement.
        rows: Its opened rows.
        is_disclosed: The statement is at hand.

    Raises:
        PassportError: A balance that does not hold, or a row at another level than its process.
    """
    stated = said.get("internal")
    levels: dict[str, str] = {}
    if stated is not None:
        check_levels(stated, from_text(facts.upstream.declared_amount), from_text(facts.covered_amount))
        levels = {process["id"]: process["level"] for process in stated["processes"]}
    for row in rows:
        process = row.get("process")
        if process is None:
            continue
        where = f"row {row['id']}"
        if is_disclosed and row["level"] != levels.get(process):
            raise ArithmeticRuleError(
                f"{where} runs at another level than its process",
                expected=levels.get(process, f"a process {process} in the statement"),
                found=row["level"],
            )
        if row["per"] != Per.DECLARED_UNIT or "substitutes" in row:
            raise ArithmeticRuleError(
                f"{where} is of an internal process, whose inputs are for its own amount, and never credits",
                expected=str(Per.DECLARED_UNIT),
                found="a credit" if "substitutes" in row else row["per"],
            )
