"""`arithmetic`, beyond the sum: shares of joint processes and potentials of gases; what else rows rest on beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from passport.arithmetic import Contribution
from passport.arithmetic.quanta import from_text
from passport.carbon.gwp import GRACE_RULE, GwpSet, check_mixture, gwp_set
from passport.errors import ArithmeticRuleError, PassportError
from passport.exchange.accounting import allocation_words
from passport.exchange.material_rows import RECYCLING_WORDS
from passport.exchange.process_shares import check_credit, process_statement, read_process
from passport.exchange.row_inputs import gas_emissions
from passport.model.facts import PassportFacts
from passport.model.process import AllocationMethod, Process
from passport.model.units import Unit
from verifier.checks.electricity import check_electricity
from verifier.checks.internal import check_internal
from verifier.checks.recycling import check_recycling
from verifier.outcome import Check, CheckId, failed, unknown

HORIZON_YEARS = 100
"""PACT footprints count by GWP100."""

_OF_ROWS = frozenset({"share", "substitutes", "electricity", "gases", "recycling", "process", "level"})
_OF_STATEMENTS = frozenset({"allocation", "electricity", "recycling", "internal"})


def check_accounting(
    facts: PassportFacts,
    statement: Mapping[str, Any] | None,
    rows: Sequence[Mapping[str, Any]] | None,
    claims: Sequence[Contribution],
    *,
    withheld_rows: int,
) -> Check | None:
    """Re-do what the rows rest on; None when nothing is wrong.

    Args:
        facts: What the passport states.
        statement: Its statement, or None when it is withheld.
        rows: Its opened rows, or None.
        claims: What they claim to contribute, which has been re-done.
        withheld_rows: How many rows of the statement are not opened.
    """
    said: Mapping[str, Any] = statement["extensions"][0]["data"] if statement else {}
    try:
        wrong = _wrong_potentials(facts, said if statement else {"gwpRule": GRACE_RULE}, rows or ())
        if wrong or rows is None:
            return wrong
        if _OF_STATEMENTS.isdisjoint(said) and all(map(_OF_ROWS.isdisjoint, rows)):  # nothing but their own figures
            return None
        process = _check_process(facts, said, rows, is_whole=not withheld_rows)
        check_internal(facts, said, rows, is_disclosed=statement is not None)
        check_recycling(said, rows, is_whole=not withheld_rows)
        if statement:
            _check_words(process, said, statement["pcf"].get("allocationRulesDescription"))
        return check_electricity(facts, said, rows, claims, is_whole=not withheld_rows)
    except PassportError as error:
        return failed(CheckId.ARITHMETIC, str(error), expected=error.expected, found=error.found)


def _wrong_potentials(facts: PassportFacts, said: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Check | None:
    """One set of potentials, or PACT's grace year by name; masses of gases give the emissions that the rows state."""
    reports = facts.upstream.gwp
    if len(reports) > 1:
        check_mixture(reports, rule=said.get("gwpRule"), period_start=date.fromisoformat(facts.period[0][:10]))
    for row in rows:
        factor = row.get("factor")
        if factor is not None and factor.get("gwp", reports[0]) not in reports:
            raise ArithmeticRuleError(
                f"row {row['id']} uses a factor of another set of global warming potentials",
                expected=", ".join(reports),
                found=factor["gwp"],
            )
        gases = row.get("gases")
        if gases is None:
            continue
        try:
            used = gwp_set(gases["set"])
        except ArithmeticRuleError as error:  # a later table than ours: not the issuer's fault
            return unknown(CheckId.ARITHMETIC, f"row {row['id']}: {error.message}", found=gases["set"])
        _check_gases(row, used, reports)
    return None


def _check_gases(row: Mapping[str, Any], used: GwpSet, reports: Sequence[str]) -> None:
    where = f"row {row['id']}"
    if used.report not in reports or used.horizon_years != HORIZON_YEARS or used != gwp_set(used.report):
        raise ArithmeticRuleError(
            f"{where} counts gases by another set of global warming potentials",
            expected=", ".join(gwp_set(report).label for report in reports),
            found=used.label,
        )
    emissions = gas_emissions(row["gases"]["masses"], used, where=where)
    if emissions != row["emissions"]:
        raise ArithmeticRuleError(
            f"{where}: its masses of gases do not give its emissions", expected=emissions, found=row["emissions"]
        )


def _check_process(
    facts: PassportFacts, said: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, is_whole: bool
) -> Process | None:
    """The stated co-products give the stated share, and every row has it that is not the product's alone."""
    process, share = _stated_process(said["allocation"]) if "allocation" in said else (None, None)
    subdivided = frozenset(process.subdivided) if process else frozenset()
    for row in rows:
        expected = None if _input_of(row) in subdivided or "substitutes" in row else share
        if row.get("share") != expected:
            raise ArithmeticRuleError(
                f"row {row['id']} has another share than its process gives it",
                expected=expected or "all of it",
                found=row.get("share") or "all of it",
            )
        if "substitutes" in row:
            _check_credit(facts, process, row)
    _check_credited(process, [row["substitutes"] for row in rows if "substitutes" in row], is_whole=is_whole)
    return process


def _input_of(row: Mapping[str, Any]) -> str:
    """The input that a row is of: several may be of one."""
    for kind in ("electricity", "recycling"):
        if kind in row:
            return str(row[kind]["input"])
    return str(row["id"])


def _check_words(process: Process | None, said: Mapping[str, Any], described: str | None) -> None:
    """Readers of PACT's fields alone are told of the same rules as readers of ours."""
    has_recycling = "recycling" in said
    if process is None:
        if has_recycling and not (described or "").endswith(RECYCLING_WORDS):
            raise ArithmeticRuleError(
                "allocationRulesDescription does not name the rule of recycling",
                expected=f"... {RECYCLING_WORDS}",
                found=described,
            )
        return
    expected = allocation_words(process, None, has_recycling=has_recycling)
    if described != expected:
        raise ArithmeticRuleError(
            "allocationRulesDescription does not describe the stated process", expected=expected, found=described
        )


def _stated_process(stated: Mapping[str, Any]) -> tuple[Process, str | None]:
    """The process, and the share that its outputs give the product: None for all."""
    process = read_process(stated)
    redone = process_statement(process)
    for name in ("applied", "share"):
        if redone.get(name) != stated.get(name):
            raise ArithmeticRuleError(
                f"the stated outputs do not give the stated `{name}` of the product",
                expected=redone.get(name),
                found=stated.get(name),
            )
    return process, None if redone["share"] == "1" else redone["share"]


def _check_credit(facts: PassportFacts, process: Process | None, row: Mapping[str, Any]) -> None:
    if process is None:
        raise ArithmeticRuleError(f"row {row['id']} is a credit, and no process is stated", found=row["substitutes"])
    check_credit(
        process,
        row,
        declared_unit=Unit(facts.upstream.declared_unit),
        declared_amount=from_text(facts.upstream.declared_amount),
        covered_quantity=from_text(facts.covered_amount),
    )


def _check_credited(process: Process | None, credited: Sequence[str], *, is_whole: bool) -> None:
    """Each co-product of an expanded system is credited once."""
    if len(set(credited)) < len(credited):
        raise ArithmeticRuleError("a co-product is credited twice", found=", ".join(sorted(credited)))
    if not is_whole or process is None or process.method is not AllocationMethod.SYSTEM_EXPANSION:
        return
    co_products = [each.id for each in process.outputs if each.id != process.product and not each.waste]
    if sorted(credited) != sorted(co_products):
        raise ArithmeticRuleError(
            "the system is not expanded by all its co-products",
            expected=", ".join(sorted(co_products)),
            found=", ".join(sorted(credited)) or "no credit",
        )
