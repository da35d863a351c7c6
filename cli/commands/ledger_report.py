"""`passport ledger report`: the sustainability indicators of a network that crypto-asset service providers disclose."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ledger_footprint import AtOption, DataOption, catalogue_of, day_of, stated
from cli.session import Session, command

EXAMPLES = """\
passport ledger report --chain bitcoin --name "Acme" --lei 529900T8BM49AURSDO55 --asset BTC
passport ledger report --chain ethereum --name "Acme" --lei 529900T8BM49AURSDO55 --asset ETH --platform --format csv
"""


@command(workspace=False)
def ledger_report(
    session: Session,
    *,
    chain: Annotated[str, typer.Option("--chain", help="The chain, by the name of its profile.", metavar="NAME")],
    name: Annotated[str, typer.Option("--name", help="S.1: who discloses.", metavar="NAME")],
    lei: Annotated[str, typer.Option("--lei", help="S.2: its legal entity identifier.", metavar="LEI")],
    asset: Annotated[str, typer.Option("--asset", help="S.3: the crypto-asset.", metavar="NAME")],
    incentive: Annotated[
        str, typer.Option("--incentive", help="S.5: incentive mechanism and fees.", metavar="TEXT")
    ] = "block rewards and fees, as the protocol sets them",
    platform: Annotated[
        bool, typer.Option("--platform", help="A trading platform or exchange: supplementary fields above 500,000 kWh.")
    ] = False,
    white_paper: Annotated[
        bool, typer.Option("--white-paper", help="Of a white paper: supplementary fields above 500,000 kWh.")
    ] = False,
    scope1_t: Annotated[float | None, typer.Option("--scope1-t", min=0, help="S.12, where known: t CO2e.")] = None,
    renewable: Annotated[float | None, typer.Option("--renewable", help="S.10, where known: percent.")] = None,
    transactions: Annotated[
        float | None, typer.Option("--transactions", min=1, help="Of the year, where the account has none.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option("--edition", help="A certain account of the chain.", metavar="NAME")
    ] = None,
    accept_snapshot: Annotated[
        bool, typer.Option("--accept-snapshot", help="State an annualised snapshot too, marked as such.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="json or csv.", metavar="FORMAT")] = "json",
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """Fields, units and the threshold of Delegated Regulation (EU) 2025/422; what is unknown is null, with the reason.

    Numbers are rounded, not cut, to the digits that the annex has; where those leave too little, the number itself
    stands beside it. A disclosure that lacks a field that is due says which.
    """
    from cli.output import write_json
    from passport.errors import UsageError
    from passport.ledger.entity import issuer_id
    from passport.ledger_footprint.mica import Provider, indicators
    from passport.ledger_footprint.network import network_of
    from passport.ledger_footprint.quantities import Count

    if format_ not in ("json", "csv"):
        raise UsageError("no such format", where="--format", expected="json or csv", found=format_)
    issuer_id("LEI", lei)
    day, catalogue = day_of(session, at), catalogue_of(data)
    network = network_of(catalogue.chain(chain, at=day, edition=edition), catalogue=catalogue, at=day)
    found = indicators(
        network,
        provider=Provider(name, lei, asset, incentive, platform, scope1_t, renewable, white_paper),
        accept_snapshot=accept_snapshot,
        transactions=stated(Count, "1", transactions, name="transactions", at=day),
    )
    if format_ == "csv" and not session.output.as_json:
        session.output.raw(found.to_csv().encode())
    else:
        write_json(found.to_json())
    for each in found.warnings:
        session.output.remark(each, style="yellow")
    if found.lacking:
        session.output.remark(session.output.word("ledger.lacking", fields=", ".join(found.lacking)), style="yellow")
