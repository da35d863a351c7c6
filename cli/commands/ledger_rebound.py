"""`passport ledger rebound`: a change of emissions split into scale, structure and technique, and the rebound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.session import Session, command

EXAMPLES = """\
passport ledger rebound periods.yaml
passport ledger rebound periods.json --json
"""


@command(workspace=False)
def ledger_rebound(
    session: Session,
    file: Annotated[Path, typer.Argument(help="Two periods of use, JSON or YAML.", metavar="FILE")],
) -> None:
    """Scale is more passports, structure other shares of the ledgers, technique other emissions per passport (LMDI-I).

    The three add up to the change. The rebound is scale over what structure and technique save; above 1 growth took
    back more than all of it (Jevons). The file's form is in docs/ledger-footprint.md. A ledger that takes less per
    passport and more in all is flagged by itself too.
    """
    from cli.rebound_page import show_rebound
    from passport.exchange.plain_values import read_plain_values
    from passport.ledger_footprint.data_file import read_bounded
    from passport.ledger_footprint.rebound import is_jevons, split_change
    from passport.ledger_footprint.use_periods import MAX_BYTES, parse_use_periods

    name = str(file)
    said = parse_use_periods(read_plain_values(read_bounded(file, max_bytes=MAX_BYTES), name=name), name=name)
    before, after = said.before, said.after
    found = split_change(before.uses, after=after.uses)
    is_flagged = {ledger: is_jevons(before=use, after=after.uses[ledger]) for ledger, use in before.uses.items()}
    in_all = is_jevons(before=before.whole, after=after.whole)
    show_rebound(session.output, said, found, is_flagged=is_flagged, in_all=in_all)
    session.output.document(
        {
            "method": "LMDI-I, additive",
            "basis": said.basis.value,
            "unit": found.change.UNIT,
            "before": {"period": before.period.to_json(), "ghg": before.whole.ghg.amount},
            "after": {"period": after.period.to_json(), "ghg": after.whole.ghg.amount},
            "change": found.change.amount,
            "scale": found.scale.amount,
            "structure": found.structure.amount,
            "technique": found.technique.amount,
            "rebound": found.rebound,
            "kind": found.kind.value,
            "jevons": in_all,
            "ledgers": [
                {
                    "ledger": ledger,
                    "passports": {"before": use.passports.amount, "after": after.uses[ledger].passports.amount},
                    "ghg": {"before": use.ghg.amount, "after": after.uses[ledger].ghg.amount},
                    "source": {"before": before.sources[ledger], "after": after.sources[ledger]},
                    "jevons": is_flagged[ledger],
                }
                for ledger, use in before.uses.items()
            ],
        }
    )
