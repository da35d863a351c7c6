"""What a statement says of how its amounts came about, and what its rows spend of contracts and certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from passport.arithmetic import Contribution
from passport.arithmetic.electricity import electricity_totals, instrument_spent
from passport.arithmetic.quanta import from_decimal, to_text
from passport.carbon.electricity import Use, instrument_key
from passport.exchange.internal_levels import internal_statement
from passport.exchange.material_rows import CUT_OFF, RECYCLING_WORDS
from passport.exchange.process_shares import MAX_WORDS, process_statement, process_words
from passport.model.inputs import RowInput
from passport.model.inventory import Inventory
from passport.model.process import Process
from passport.model.statement import Accounting


def accounting_of(
    inventory: Inventory,
    row_inputs: Sequence[RowInput],
    rows: Sequence[Mapping[str, Any]],
    contributions: Sequence[Contribution],
) -> Accounting:
    """How the amounts of an inventory came about.

    Args:
        inventory: The issuer's account.
        row_inputs: The inputs as rows have them.
        rows: The rows.
        contributions: What each of them contributes.
    """
    extension: dict[str, Any] = {}
    declared, covered = from_decimal(inventory.declared_amount), from_decimal(inventory.covered_quantity)
    process = inventory.process
    if process is not None:
        extension["allocation"] = process_statement(process)
    has_recycling = any("recycling" in row for row in rows)
    if has_recycling:
        extension["recycling"] = {"rule": CUT_OFF}
    stated_words = inventory.allocation if isinstance(inventory.allocation, str) else None
    internal = internal_statement(inventory, declared, covered)
    if internal is not None:
        extension["internal"] = internal
    words = allocation_words(process, stated_words, has_recycling=has_recycling)
    stated = electricity_statement(rows, contributions, declared, covered)
    if stated is not None:
        extension["electricity"] = stated
    return Accounting(row_inputs, words, extension)


def allocation_words(process: Process | None, stated: str | None, *, has_recycling: bool) -> str | None:
    """What PACT's `allocationRulesDescription` says; None where there is nothing to say.

    Args:
        process: The joint process, where there is one.
        stated: The issuer's own words, where allocation is stated in words.
        has_recycling: A material is recycled by the cut-off approach.
    """
    words = process_words(process) if process else stated
    if not has_recycling:
        return words
    return f"{words[: MAX_WORDS - len(RECYCLING_WORDS) - 1]} {RECYCLING_WORDS}" if words else RECYCLING_WORDS


def electricity_statement(
    rows: Sequence[Mapping[str, Any]], contributions: Sequence[Contribution], declared: int, covered: int
) -> dict[str, Any] | None:
    """Both totals of the electricity as a statement has them; None without electricity.

    Args:
        rows: All rows.
        contributions: What each of them contributes.
        declared: The declared amount, quanta.
        covered: The covered quantity, quanta.
    """
    totals = electricity_totals(rows, contributions, declared, covered)
    if totals is None:
        return None
    stated = {
        "locationBased": to_text(totals.location),
        "marketBased": to_text(totals.market),
        "restAtGridAverage": totals.is_rest_at_average,
    }
    rules = {row["electricity"]["matching"] for row in rows if "matching" in row.get("electricity", ())}
    return {**stated, "matching": sorted(rules)} if rules else stated


def spent_instruments(
    rows: Sequence[Mapping[str, Any]], declared: int, covered: int, *, by: str = ""
) -> tuple[Use, ...]:
    """What the rows use up of contracts and certificates for the whole covered quantity.

    Args:
        rows: Any rows.
        declared: The declared amount, quanta.
        covered: The covered quantity, quanta.
        by: Whose rows they are.
    """
    found = (instrument_spent(row, declared, covered) for row in rows)
    return tuple(
        Use(instrument_key(each.registry, each.tracking_id), each.issued_kwh, each.spent_kwh, by)
        for each in found
        if each is not None
    )
