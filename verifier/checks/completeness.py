"""`completeness`: nothing declared missing, little exempted, nothing withheld."""

from __future__ import annotations

from passport.arithmetic.quality import PACT_EXEMPTION_LIMIT_PERCENT
from passport.arithmetic.quanta import ONE, from_text
from passport.model.facts import PassportFacts
from verifier.outcome import Check, CheckId, failed, passed, unknown

STATEMENT_WITHHELD = "the statement is withheld"
ROWS_WITHHELD = "rows are withheld"
WITHHELD = frozenset({STATEMENT_WITHHELD, ROWS_WITHHELD})
"""Why completeness is unknown when the issuer keeps its figures to itself; the only reasons a policy may overlook."""


def check_completeness(facts: PassportFacts, *, is_open: bool, withheld_rows: int) -> Check:
    """Judge what the issuer itself says is not in the number.

    PACT 3.0 allows at most 3 % of the cradle-to-gate total to be exempted. A declared missing input leaves the total
    open by an amount nobody knows, so it is `unknown`, never `passed`.
    """
    exempted = facts.upstream.footprint.exempted_percent
    if from_text(exempted) > PACT_EXEMPTION_LIMIT_PERCENT * ONE:
        return failed(
            CheckId.COMPLETENESS,
            "more is exempted than PACT allows",
            expected=f"at most {PACT_EXEMPTION_LIMIT_PERCENT} %",
            found=f"{exempted} %",
        )
    if facts.missing_inputs:
        return unknown(
            CheckId.COMPLETENESS, "inputs are declared missing", expected="0 missing", found=str(facts.missing_inputs)
        )
    if not is_open:
        return unknown(CheckId.COMPLETENESS, STATEMENT_WITHHELD)
    if withheld_rows:
        return unknown(CheckId.COMPLETENESS, ROWS_WITHHELD, expected="0 withheld", found=str(withheld_rows))
    return passed(CheckId.COMPLETENESS)
