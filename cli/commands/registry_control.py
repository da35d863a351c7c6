"""`passport registry set-controller`, `request-recovery`, `veto-recovery`, `execute-recovery`: who has control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.entities import EntityArgument
from cli.entity_page import recovery_document, recovery_line
from cli.registry_call import (
    CalldataOption,
    Sending,
    Tell,
    account_of,
    named_entity,
    own_entity,
    registry_at_head,
    send_call,
)
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from passport.ledger import Address, Call, IssuerId, RegistryView, RegistryWriter
    from passport.ledger.registry_records import RecoveryRecord
    from passport.workspace import Workspace

SET_CONTROLLER_EXAMPLES = """\
passport registry set-controller 0x8ba1f109551bD432803012645Ac136ddd64DBA72 --dry-run
passport registry set-controller 0x8ba1f109551bD432803012645Ac136ddd64DBA72      a wallet of several people
"""
REQUEST_EXAMPLES = """\
passport registry request-recovery EUID:DEK1101R.HRB123456 0x8ba1f109551bD432803012645Ac136ddd64DBA72
"""
VETO_EXAMPLES = """\
passport registry veto-recovery                          this company's controller is not lost
passport registry veto-recovery EUID:DEK1101R.HRB123456
"""
EXECUTE_EXAMPLES = """\
passport registry execute-recovery EUID:DEK1101R.HRB123456      anybody may, seven days after the request
"""

ControllerArgument = Annotated[
    str,
    typer.Argument(help="The new controller (0x..., in its EIP-55 spelling).", metavar="ADDRESS", show_default=False),
]
OwnEntityArgument = Annotated[
    str | None, typer.Argument(help="An entity's id, or SCHEME:IDENTIFIER; this company's own.", metavar="ENTITY")
]


@command(passphrase=True)
def set_controller(
    session: Session,
    address: ControllerArgument,
    *,
    entity: Annotated[
        str | None, typer.Option("--entity", help="Another entity that this account controls.", metavar="ENTITY")
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its controller: that account binds and retires the entity's keys from now on, and this one no more.

    A pending recovery is refused by it. Nothing takes it back but the new controller, or a recovery.
    """
    controller = account_of(address, where="ADDRESS")

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        issuer_id = own_entity(workspace, entity)
        _say_what_stands_there(session, workspace, controller)
        if _pending(registry_at_head(workspace), issuer_id) is not None:
            session.output.remark(session.output.word("registry.vetoes"), style="yellow")
        return writer.set_controller(issuer_id, controller)

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        issuer = registry.issuer(own_entity(workspace, entity))
        found = issuer.controller if issuer is not None else None
        return [session.output.word("registry.controlled", controller=found)], {"controller": found}

    send_call(session, f"hand over to {controller}", build, Sending(dry_run, yes, calldata), tell=tell)


@command(passphrase=True)
def request_recovery(
    session: Session,
    name: EntityArgument,
    address: ControllerArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its registrar, or that one's accreditor: the controller is lost, and this account is to take its place.

    For seven days, and until it is executed, the present controller may refuse. It stays on record, and audits show it.
    """
    controller = account_of(address, where="ADDRESS")

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        _say_what_stands_there(session, workspace, controller)
        return writer.request_recovery(named_entity(workspace, name), controller)

    send_call(
        session,
        f"request that {controller} controls {name}",
        build,
        Sending(dry_run, yes, calldata),
        tell=_recovery(lambda workspace: named_entity(workspace, name)),
    )


@command(passphrase=True)
def veto_recovery(
    session: Session,
    name: OwnEntityArgument = None,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As the present controller, suspended or not: it is not lost, and the pending recovery is refused."""
    send_call(
        session,
        f"veto the recovery of {name or 'this company'}",
        lambda workspace, writer: writer.veto_recovery(own_entity(workspace, name)),
        Sending(dry_run, yes, calldata),
        tell=_recovery(lambda workspace: own_entity(workspace, name)),
    )


@command(passphrase=True)
def execute_recovery(
    session: Session,
    name: EntityArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As anybody: the recovery that is due and that nobody refused takes effect."""
    send_call(
        session,
        f"execute the recovery of {name}",
        lambda workspace, writer: writer.execute_recovery(named_entity(workspace, name)),
        Sending(dry_run, yes, calldata),
        tell=_recovery(lambda workspace: named_entity(workspace, name)),
    )


def _pending(registry: RegistryView, issuer_id: IssuerId) -> RecoveryRecord | None:
    recoveries = registry.recoveries(issuer_id)
    return recoveries[-1] if recoveries and recoveries[-1].ended_at is None else None


def _say_what_stands_there(session: Session, workspace: Workspace, controller: Address) -> None:
    """Say what is known of an account that is to take over, and refuse one that surely cannot.

    Raises:
        ConflictError: It is one of the project's own contracts, which send nothing.
    """
    ledger, output = workspace.ledger, session.output
    if controller in (workspace.chain.registry, workspace.chain.log):
        raise ConflictError("this contract sends nothing: whoever it controls is lost", where=controller)
    if ledger.code(controller):
        output.remark(output.word("registry.is_contract", address=controller))
    elif ledger.sealed_nonce(controller) == 0:
        output.remark(output.word("registry.unused", address=controller), style="yellow")


def _recovery(entity: Callable[[Workspace], IssuerId]) -> Tell:
    """Says how the newest recovery stands, as the contract has it after the transaction."""

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        issuer_id = entity(workspace)
        recoveries, issuer = registry.recoveries(issuer_id), registry.issuer(issuer_id)
        if not recoveries or issuer is None:
            raise NotFoundError("the registry holds no recovery of that entity", where=issuer_id)
        found = recovery_document(registry, recoveries[-1])
        return [recovery_line(found)], {"recovery": found, "controller": issuer.controller}

    return tell
