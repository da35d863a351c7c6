"""`passport ledger compare`: chains side by side for a volume of passports, and what they replace."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ledger_footprint import (
    MAX_COUNT,
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
    pieces_of,
    usage_of,
)
from cli.session import Session, command
from passport.errors import UsageError

EXAMPLES = """\
passport ledger compare --volume 10000 --rule per_gas --gas 50000 --batch 100
passport ledger compare --volume 10000 --rule per_gas --gas 50000 --by ewaste_gross
passport ledger compare --volume 10000 --rule per_gas --gas 50000 --baseline paper=12 --baseline portal
passport ledger compare --volume 10000 --rule per_transaction --chain solana --chain bitcoin --at 2021-07-01
"""


@command(workspace=False)
def ledger_compare(
    session: Session,
    *,
    volume: Annotated[int, typer.Option("--volume", min=1, max=MAX_COUNT, help="Passports a year.", metavar="N")],
    chain: Annotated[
        list[str] | None, typer.Option("--chain", help="A chain; may be repeated; all without.", metavar="NAME")
    ] = None,
    rule: RuleOption = None,
    gas: GasOption = None,
    fee: FeeOption = None,
    data_bytes: BytesOption = None,
    batch: BatchOption = 1,
    at: AtOption = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="Rank by energy, ghg_location, ghg_market, embodied, ewaste_gross, ewaste_net, water or shadow_cost.",
            metavar="MEASURE",
        ),
    ] = "ghg_location",
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            "--baseline",
            help="Also what passports replace, and how many pieces: paper, letter, courier, web, portal; repeatable.",
            metavar="NAME[=COUNT]",
        ),
    ] = None,
    market: PriceMarketOption = None,
    data: DataOption = None,
) -> None:
    """One rule for all, the least by the measure first. What is unknown is not zero: it stands last, with the reason.

    A permissioned chain is shared among the volume alone. A baseline is counted over its life, for the same number of
    passports; what they save counts the chain's electricity by location and its hardware, and nothing else that
    passports need.
    """
    from cli.ledger_page import show_replaced, show_rows
    from passport.ledger_footprint.decisions import compare
    from passport.ledger_footprint.measure import Measure
    from passport.ledger_footprint.replaced import against

    if by not in tuple(Measure):
        raise UsageError("no such measure", where="--by", expected=f"one of {', '.join(Measure)}", found=by)
    if by == Measure.SHADOW_COST and market is None:
        raise UsageError("no cost without a price", where="--market", expected="the name of a carbon market")
    replaced_by = [pieces_of(text) for text in baseline or ()]
    if len({name for name, _ in replaced_by}) < len(replaced_by):
        raise UsageError("a baseline is named twice", where="--baseline", found=", ".join(baseline or ()))
    day, catalogue = day_of(session, at), catalogue_of(data)
    names = list(dict.fromkeys(chain or sorted({each.chain for each in catalogue.chains()})))
    rows = compare(
        names,
        usage=usage_of(gas=gas, fee=fee, data_bytes=data_bytes, batch=batch),
        passports_per_year=volume,
        method=method_of(rule, market=market),
        at=day,
        by=Measure(by),
        catalogue=catalogue,
    )
    replaced = [
        against(rows, baseline=name, pieces=pieces, passports_per_year=volume, at=day, catalogue=catalogue)
        for name, pieces in replaced_by
    ]
    show_rows(session.output, rows, volume=volume, by=Measure(by))
    show_replaced(session.output, replaced, rows)
    session.output.document(
        {
            "passports_per_year": volume,
            "by": by,
            "chains": [
                {
                    "chain": row.chain,
                    "reason": row.reason or None,
                    "per_passport": None if row.each is None else row.each.to_json(),
                    "per_year": None if row.yearly is None else row.yearly.to_json(),
                    "yearly_ghg": None if row.yearly_ghg is None else row.yearly_ghg.to_json(),
                    "estimate": None if row.estimate is None else row.estimate.to_json(),
                }
                for row in rows
            ],
            "baselines": [each.to_json() for each in replaced],
        }
    )
