"""`passport ledger paradox`: whether announcing a rule raises emissions before it is in force, and in all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.session import Session, command

EXAMPLES = """\
passport ledger paradox ban.yaml
passport ledger paradox ban.yaml --json
"""


@command(workspace=False)
def ledger_paradox(
    session: Session,
    file: Annotated[
        Path, typer.Argument(help="Years without and with the announcement, JSON or YAML.", metavar="FILE")
    ],
) -> None:
    """Weak: more is emitted until the rule is in force. Strong: the discounted whole of all years rises too.

    The file's form is in docs/ledger-footprint.md. Without a discount rate, or years in which the rule is in force,
    whether the paradox is strong is unknown.
    """
    from passport.exchange.plain_values import read_plain_values
    from passport.ledger_footprint.data_file import read_bounded
    from passport.ledger_footprint.paradox import MAX_BYTES, judge_announcement, parse_announcement

    name, output = str(file), session.output
    said = parse_announcement(read_plain_values(read_bounded(file, max_bytes=MAX_BYTES), name=name), name=name)
    found = judge_announcement(said)
    output.result(output.word("paradox.head", rule=said.rule, year=said.in_force))
    output.result(
        output.word("paradox.weak" if found.is_weak else "paradox.not_weak", kg=f"{found.before.amount:+.4g}")
    )
    if found.discounted is None:
        output.result(output.word("paradox.strong_unknown", kg=f"{found.in_all.amount:+.4g}"))
    else:
        key = "paradox.strong" if found.is_strong else "paradox.not_strong"
        rate = f"{said.discount_percent:g}"
        output.result(output.word(key, kg=f"{found.discounted.amount:+.4g}", rate=rate))
    output.document(
        {
            "rule": said.rule,
            "in_force": said.in_force,
            "discount_percent": said.discount_percent,
            "unit": found.before.UNIT,
            "added_before": found.before.amount,
            "added_in_all": found.in_all.amount,
            "added_discounted": None if found.discounted is None else found.discounted.amount,
            "weak": found.is_weak,
            "strong": found.is_strong,
            "years": [
                {
                    "year": each.year,
                    "without": each.without.amount,
                    "announced": each.announced.amount,
                    "source": each.source,
                }
                for each in said.years
            ],
        }
    )
