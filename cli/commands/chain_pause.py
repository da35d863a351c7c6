"""`passport chain pause`, `request-unpause`, `unpause`: stop what is new; `registry set-guardian`: who may do so."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.registry_call import CalldataOption, Sending, account_of, send_built
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from passport.ledger import Call
    from passport.ledger.writers import PauseWriter
    from passport.workspace import Workspace

PAUSE_EXAMPLES = """\
passport chain pause registry --dry-run      no new entities, no new keys
passport chain pause log                     no new checkpoints; statuses go on
"""
REQUEST_EXAMPLES = """\
passport chain request-unpause log           as the guardian, a while before it unpauses
"""
UNPAUSE_EXAMPLES = """\
passport chain unpause log                   as the root, or as the guardian when its wait is over
"""
GUARDIAN_EXAMPLES = """\
passport registry set-guardian 0x8ba1f109551bD432803012645Ac136ddd64DBA72
passport registry set-guardian none          nobody but the root
"""
NOBODY = "0x0000000000000000000000000000000000000000"


class Pausable(StrEnum):
    """The contracts that can be paused."""

    REGISTRY = "registry"
    LOG = "log"


ContractArgument = Annotated[Pausable, typer.Argument(help="registry or log.", metavar="CONTRACT")]


@command(passphrase=True)
def pause(
    session: Session,
    contract: ContractArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As guardian or root: nothing new is let in. Revocations, reports, suspensions and reading are never stopped."""
    _send(session, contract, "pause", lambda writer: writer.pause(), Sending(dry_run, yes, calldata))


@command(passphrase=True)
def request_unpause(
    session: Session,
    contract: ContractArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As the guardian: begins its wait, in which the root can look at what was paused and why."""
    _send(
        session,
        contract,
        "request to unpause",
        lambda writer: writer.request_unpause(),
        Sending(dry_run, yes, calldata),
    )


@command(passphrase=True)
def unpause(
    session: Session,
    contract: ContractArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As the root at once, or as the guardian when its wait is over: what is new is let in again."""
    _send(session, contract, "unpause", lambda writer: writer.unpause(), Sending(dry_run, yes, calldata))


@command(passphrase=True)
def set_guardian(
    session: Session,
    account: Annotated[
        str, typer.Argument(help="The account (0x...), or none.", metavar="ACCOUNT", show_default=False)
    ],
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As the root: that account may pause registry and logs beside it, and unpause them after a wait."""
    from passport.ledger import Address, RegistryWriter

    guardian = Address(NOBODY) if account == "none" else account_of(account, where="ACCOUNT")
    if account != "none" and guardian == NOBODY:
        raise UsageError("nobody is called `none`", where="ACCOUNT", expected="an account, or none", found=account)
    with session.open_company() as workspace:
        writer = RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain)
        call = writer.set_guardian(guardian)
        send_built(session, workspace, f"set the guardian {account}", call, Sending(dry_run, yes, calldata))


def _send(
    session: Session, contract: Pausable, verb: str, say: Callable[[PauseWriter], Call], sending: Sending
) -> None:
    with session.open_company() as workspace:
        call = say(_writer(workspace, contract))
        send_built(session, workspace, f"{verb} {contract.value}", call, sending)


def _writer(workspace: Workspace, contract: Pausable) -> PauseWriter:
    from passport.ledger import Address, LogWriter, RegistryWriter

    if contract is Pausable.REGISTRY:
        return RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain)
    return LogWriter(Address(workspace.chain.log), workspace.ledger.chain)
