"""What commands share that a relay may pay for: how it is named, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from passport.errors import UsageError

if TYPE_CHECKING:
    from cli.output import Output
    from passport.ledger.relay_client import RelayClient
    from passport.workspace import Workspace

RelayOption = Annotated[
    str | None,
    typer.Option(
        "--relay",
        envvar="PASSPORT_RELAY",
        help="Sign an order and have this relay send and pay; the workspace's own if one is set.",
        metavar="URL",
    ),
]
PayOption = Annotated[bool, typer.Option("--pay", help="Send and pay ourselves, whatever relay is set.")]


def relay_for(workspace: Workspace, output: Output, relay: str | None, *, pay: bool) -> RelayClient | None:
    """The relay that is to pay; None: we pay.

    Args:
        workspace: Its settings may name one.
        output: Where the one that pays is named.
        relay: The one that was named.
        pay: Whether to pay whatever is set.

    Raises:
        UsageError: A relay is named, and not to be used.
        LedgerError: Not the address of a relay.
    """
    if pay and relay is not None:
        raise UsageError("a relay pays, or we do", expected="--relay URL or --pay")
    client = None if pay else workspace.relay_client(relay)
    if client is not None:
        output.remark(output.word("relay.pays", place=client.place))
    return client
