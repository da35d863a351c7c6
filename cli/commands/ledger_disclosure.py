"""`passport ledger disclosure`: whether the figures that somebody publishes of a network go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.exit_codes import ExitCode
from cli.ledger_footprint import AtOption, DataOption, catalogue_of, day_of
from cli.session import Session, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger_footprint.disclosures import Finding

EXAMPLES = """\
passport ledger disclosure --energy-kwh 139547581185 --ghg-t 57491020 --kwh-each 4.59 --kg-each 1.89
passport ledger disclosure --energy-kwh 7500000 --chain ethereum
passport ledger disclosure --ghg-t 34100 --kg-each 0.4393 --transactions 97725207 --json
"""


@command(workspace=False)
def ledger_disclosure(
    session: Session,
    *,
    energy_kwh: Annotated[float | None, typer.Option("--energy-kwh", min=0, help="S.8: kWh of the year.")] = None,
    ghg_t: Annotated[float | None, typer.Option("--ghg-t", min=0, help="S.12 and S.13 together: t CO2e.")] = None,
    kwh_each: Annotated[float | None, typer.Option("--kwh-each", min=0, help="S.11: kWh per transaction.")] = None,
    kg_each: Annotated[float | None, typer.Option("--kg-each", min=0, help="S.14: kg CO2e per transaction.")] = None,
    transactions: Annotated[
        float | None, typer.Option("--transactions", min=1, help="Transactions that were counted in the year.")
    ] = None,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="It is said to be an annualised snapshot, not a year's total.")
    ] = False,
    chain: Annotated[
        str | None, typer.Option("--chain", help="Also against our account of this chain, for its order of magnitude.")
    ] = None,
    platform: Annotated[bool, typer.Option("--platform", help="By a trading platform or exchange.")] = False,
    white_paper: Annotated[bool, typer.Option("--white-paper", help="In a white paper.")] = False,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """Exit code 0: the figures go together; 1: something is flagged; 3: too few are stated to compare any.

    Total over transactions against the figure for each; GHG over energy in total and per transaction; the order of
    magnitude, for a unit off by a thousand; and which fields of MiCA are due.
    """
    from passport.ledger_footprint import Period, PeriodKind
    from passport.ledger_footprint.disclosures import (
        check_identity,
        check_magnitude,
        check_pair,
        check_per_transaction,
        implied_count,
        implied_intensity,
        needs_supplementary,
    )
    from passport.ledger_footprint.network import network_of
    from passport.ledger_footprint.quantities import Count, Energy, GhgMass

    day, output = day_of(session, at), session.output
    energy = None if energy_kwh is None else Energy(_above_zero(energy_kwh, "--energy-kwh"))
    ghg = None if ghg_t is None else GhgMass.of(_above_zero(ghg_t, "--ghg-t"), "t")
    energy_each = None if kwh_each is None else Energy(_above_zero(kwh_each, "--kwh-each"))
    ghg_each = None if kg_each is None else GhgMass(_above_zero(kg_each, "--kg-each"))
    counted = None if transactions is None else Count(transactions)
    period = Period(day, day, PeriodKind.SNAPSHOT if snapshot else PeriodKind.TOTAL)
    findings: list[Finding] = []
    implied: dict[str, float] = {}
    if energy is not None and ghg is not None:
        implied["g_per_kwh"] = implied_intensity(ghg, energy=energy).in_unit("g/kWh")
        if energy_each is not None and ghg_each is not None:
            findings.append(check_identity(energy=energy, ghg=ghg, energy_each=energy_each, ghg_each=ghg_each))
    if energy is not None and energy_each is not None:
        implied["transactions_by_energy"] = implied_count(energy, each=energy_each).amount
        if counted is not None and not snapshot:
            findings.append(check_per_transaction(energy, each=energy_each, counted=counted))
    if ghg is not None and ghg_each is not None:
        implied["transactions_by_ghg"] = implied_count(ghg, each=ghg_each).amount
        if counted is not None:
            findings.append(check_pair(ghg, each=ghg_each, counted=counted, period=period))
    if chain is not None:
        if energy is None:
            raise UsageError("what is compared with the chain's account?", where="--energy-kwh", expected="S.8")
        catalogue = catalogue_of(data)
        network = network_of(catalogue.chain(chain, at=day), catalogue=catalogue, at=day)
        findings.append(check_magnitude(energy, expected=network.energy))
    due = None
    if energy is not None:
        due = needs_supplementary(energy, is_platform=platform, is_white_paper=white_paper)
    for each in findings:
        outcome = output.word("outcome.failed" if each.is_flagged else "outcome.passed")
        output.result(output.word("disclosure.finding", rule=each.rule, outcome=outcome, reason=each.reason))
    for name, number in implied.items():
        output.result(output.word(f"disclosure.{name}", number=f"{number:,.4g}"))
    if due is not None:
        output.result(output.word("disclosure.due" if due else "disclosure.not_due"))
    if not findings:
        output.result(output.word("disclosure.nothing"))
    is_flagged = any(each.is_flagged for each in findings)
    code = ExitCode.REFUSED if is_flagged else ExitCode.DONE if findings else ExitCode.UNDECIDED
    output.document(
        {
            "findings": [_json(each) for each in findings],
            "implied": implied,
            "supplementary_due": due,
            "outcome": {ExitCode.REFUSED: "flagged", ExitCode.DONE: "passed", ExitCode.UNDECIDED: "undecided"}[code],
        }
    )
    raise typer.Exit(code)


def _above_zero(number: float, where: str) -> float:
    if not number > 0:
        raise UsageError("nothing to compare with", where=where, expected="more than 0", found=number)
    return number


def _json(each: Finding) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "flagged": each.is_flagged,
        "reason": each.reason,
        "expected": each.expected,
        "found": each.found,
    }
