"""What commands share that say something to a contract: try it out, show what it costs, ask, send, read it back.

The account that controls this company sends. Where the controller is a wallet of several people, `--calldata` prints
the call for that wallet to send, and nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.cost import Cost, confirm_costs, estimate, report_costs
from cli.entities import entity_id
from cli.judging import moment_of
from cli.names import ADDRESS, MULTIKEY
from cli.session import Session
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger import Address, Call, IssuerId, RegistryView, RegistryWriter
    from passport.workspace import Workspace

Lines = list[str]

CalldataOption = Annotated[
    bool,
    typer.Option("--calldata", help="Print contract and calldata for a wallet to send; nothing is sent from here."),
]


@dataclass(frozen=True, slots=True)
class Sending:
    """How a call is to be sent.

    Attributes:
        dry_run: Only try it out.
        yes: Do not ask.
        calldata: Only print it.
    """

    dry_run: bool
    yes: bool
    calldata: bool = False


Build = Callable[["Workspace", "RegistryWriter"], "Call"]
"""Makes the call of a workspace's registry."""

Told = tuple[Lines, dict[str, Any]]
"""What is to be said of what came of it: lines for people, and members of the JSON document."""

Tell = Callable[["Workspace", "RegistryView"], Told]
"""Reads back from the registry what came of a call."""


def send_call(session: Session, what: str, build: Build, sending: Sending, *, tell: Tell | None = None) -> None:
    """Try a call of the registry out, show what it costs, and send it from this workspace's controller.

    Args:
        session: The command's.
        what: What it does, in words.
        build: Makes the call.
        sending: How.
        tell: Reads back what came of it.
    """
    from passport.ledger import Address, RegistryWriter

    with session.open_company() as workspace:
        writer = RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain)
        send_built(session, workspace, what, build(workspace, writer), sending, tell=tell)


def send_built(
    session: Session, workspace: Workspace, what: str, call: Call, sending: Sending, *, tell: Tell | None = None
) -> None:
    """The same for a call that is made, of whichever contract."""
    from passport.ledger import Address

    output = session.output
    if sending.calldata:
        print_call(session, workspace, what, call)
        return

    def costs() -> list[Cost]:
        return [estimate(workspace.ledger, Address(workspace.settings.controller or ""), call, what=what)]

    if sending.dry_run:
        report_costs(output, costs())
        return
    confirm_costs(session, workspace.ledger, costs, yes=sending.yes)
    receipt = workspace.send_as_controller(session.passphrase(), call)
    lines, members = tell(workspace, registry_at_head(workspace)) if tell else ([], {})
    output.result(output.word("registry.done", what=what, block=receipt.block_number))
    for line in lines:
        output.result(line)
    output.document(
        {"done": what, "block": receipt.block_number, "transaction": "0x" + receipt.tx_hash.hex(), **members}
    )


def print_call(session: Session, workspace: Workspace, what: str, call: Call) -> None:
    """Print a call for another account to send; whether the contract takes it from that account is for it to try."""
    output = session.output
    data = "0x" + call.data.hex()
    output.result(f"{call.to}")
    output.result(data)
    output.remark(output.word("registry.calldata", what=what, chain=workspace.chain.chain))
    output.document({"call": what, "chain": workspace.chain.chain, "to": call.to, "data": data, "value": "0"})


def registry_at_head(workspace: Workspace) -> RegistryView:
    """The registry as of the newest block: what the next transaction meets."""
    from passport.ledger import Address, RegistryView

    return RegistryView(workspace.ledger.state(), Address(workspace.chain.registry))


def named_entity(workspace: Workspace, name: str) -> IssuerId:
    """The entity of that name as the registry has it now; raises as `entity_id` does."""
    return entity_id(registry_at_head(workspace), name)


def own_entity(workspace: Workspace, name: str | None) -> IssuerId:
    """The entity of that name, or without one this company's own."""
    return workspace.issuer_id if name is None else named_entity(workspace, name)


def account_of(name: str, *, where: str) -> Address:
    """An account in its EIP-55 spelling: one that takes something over for good is not to be mistyped.

    Raises:
        LedgerError: Wrong shape or checksum.
    """
    from passport.ledger import Address, parse_address

    parse_address(name, where=where)
    return Address(name)


def key_of(name: str) -> tuple[Address | None, bytes]:
    """An account's address, or the hash of a credential key's Multikey text.

    Raises:
        UsageError: Neither.
    """
    from passport.credentials import key_hash
    from passport.ledger.chain_id import format_address

    if ADDRESS.match(name):
        return format_address(bytes.fromhex(name[2:])), b""
    if MULTIKEY.match(name):
        return None, key_hash(name)
    raise UsageError(
        "not a key", where="KEY", expected="an account (0x and 40 digits) or a Multikey (z6Mk...)", found=name
    )


def seconds_of(moment: str, *, where: str = "--since") -> int:
    """A moment that somebody typed, as unix seconds.

    Raises:
        UsageError: Not a moment, or one before 1970.
    """
    found = moment_of(moment, where=where)
    seconds = -1 if found is None else int(found.timestamp())
    if seconds <= 0:
        raise UsageError("not a moment of the chain", where=where, expected="2026-11-22T10:00:00Z", found=moment)
    return seconds
