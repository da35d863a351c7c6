"""`passport relay`: send and pay for what registered issuers signed."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.cost import Cost, ask, coin_text, relayed_commit_gas, report_costs, show_costs
from cli.session import DryRunOption, Session, YesOption, command

EXAMPLES = """\
passport relay --gas-per-day 5000000 --dry-run        what does a checkpoint cost, and a day's budget?
passport relay --gas-per-day 5000000 --max-gas-price 2000000000 --commits-per-hour 4
passport relay --gas-per-day 5000000 --host 0.0.0.0 --port 8080 --yes --passphrase file:secret.txt
"""


@command(passphrase=True)
def relay(
    session: Session,
    *,
    gas_per_day: Annotated[
        int | None,
        typer.Option("--gas-per-day", min=1, help="Gas of all transactions in any 24 hours.", metavar="GAS"),
    ] = None,
    max_gas_price: Annotated[
        int | None,
        typer.Option("--max-gas-price", min=1, help="Bid no more than this for a unit of gas.", metavar="WEI"),
    ] = None,
    commits_per_hour: Annotated[
        int | None, typer.Option("--commits-per-hour", min=1, help="Checkpoints of one issuer in any hour; 12.")
    ] = None,
    statuses_per_hour: Annotated[
        int | None, typer.Option("--statuses-per-hour", min=1, help="Statuses of one issuer in any hour; 60.")
    ] = None,
    wallet_gas: Annotated[
        int | None,
        typer.Option(
            "--wallet-gas",
            min=0,
            max=300_000,
            help="Gas that an account which is a contract may use to judge its signature; 150000; 0 serves none.",
            metavar="GAS",
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen on.")] = 8000,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """This workspace's anchoring account pays; it need not be registered. Orders are judged by registry and log first.

    What it gave is kept in the store, so limits hold over a restart.
    """
    import os

    from api.relay_settings import RelaySettings
    from api.server import serve_relay
    from passport.ledger import Address
    from passport.workspace.relaying import paying_account

    settings = RelaySettings.from_environment(
        os.environ,
        workspace=session.folder,
        gas_per_day=gas_per_day,
        max_fee_wei_per_gas=max_gas_price,
        commits_per_hour=commits_per_hour,
        statuses_per_hour=statuses_per_hour,
        wallet_gas=wallet_gas,
    )
    output = session.output
    with session.open_company() as workspace:
        ledger, payer = workspace.ledger, Address(workspace.settings.anchoring or "")
        price, block = ledger.fees().max_fee_wei_per_gas, ledger.head().number
        most = settings.max_fee_wei_per_gas if price and settings.max_fee_wei_per_gas else price
        gas, budget = relayed_commit_gas(session.clock), settings.gas_per_day
        costs = [
            Cost("relay one checkpoint", gas, gas * price, block),
            Cost("relay for a day, at most", budget, budget * most, block),
        ]
        output.remark(output.word("relay.account", address=payer, balance=coin_text(ledger.balance(payer))))
        if dry_run:
            report_costs(output, costs)
            return
        show_costs(output, costs)
        if price:
            ask(session, yes=yes)
        account = paying_account(workspace, session.passphrase())

    def tell(url: str) -> None:
        output.remark(f"{url}/docs")
        output.document({"url": url, "account": account.address, "costs": [cost.to_json() for cost in costs]})

    serve_relay(settings, account, host=host, port=port, clock=session.clock, on_listening=tell)
