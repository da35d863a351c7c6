"""`passport ledger compare`: chains side by side for a volume of passports."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ledger_footprint import (
    AtOption,
    BatchOption,
    BytesOption,
    DataOption,
    FeeOption,
    GasOption,
    PriceMarketOption,
    RuleOption,
    catalogue_of,
    day_of,
    method_of,
    usage_of,
)
from cli.session import Session, command

EXAMPLES = """\
passport ledger compare --volume 10000 --rule per_gas --gas 50000 --batch 100
passport ledger compare --volume 10000 --rule per_transaction --chain solana --chain bitcoin --at 2021-07-01
"""


@command(workspace=False)
def ledger_compare(
    session: Session,
    *,
    volume: Annotated[int, typer.Option("--volume", min=1, help="Passports a year.", metavar="N")],
    chain: Annotated[
        list[str] | None, typer.Option("--chain", help="A chain; may be repeated; all without.", metavar="NAME")
    ] = None,
    rule: RuleOption = None,
    gas: GasOption = None,
    fee: FeeOption = None,
    data_bytes: BytesOption = None,
    batch: BatchOption = 1,
    at: AtOption = None,
    market: PriceMarketOption = None,
    data: DataOption = None,
) -> None:
    """One rule for all, least GHG first. A chain whose profile lacks what the rule divides is named with the reason.

    A permissioned chain is shared among the volume alone.
    """
    from cli.ledger_page import show_rows
    from passport.ledger_footprint.decisions import compare

    day, catalogue = day_of(session, at), catalogue_of(data)
    names = list(dict.fromkeys(chain or sorted({each.chain for each in catalogue.chains()})))
    rows = compare(
        names,
        usage=usage_of(gas=gas, fee=fee, data_bytes=data_bytes, batch=batch),
        passports_per_year=volume,
        method=method_of(rule, market=market),
        at=day,
        catalogue=catalogue,
    )
    show_rows(session.output, rows, volume=volume)
    session.output.document(
        {
            "passports_per_year": volume,
            "chains": [
                {
                    "chain": row.chain,
                    "reason": row.reason or None,
                    "yearly_ghg": None if row.yearly_ghg is None else row.yearly_ghg.to_json(),
                    "estimate": None if row.estimate is None else row.estimate.to_json(),
                }
                for row in rows
            ],
        }
    )
