"""`passport registry accredit`, `withdraw`, `annul`, `restore`: who may vouch, and what becomes of their word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.entities import EntityArgument
from cli.registry_call import (
    CalldataOption,
    Sending,
    Tell,
    account_of,
    named_entity,
    registry_at_head,
    seconds_of,
    send_call,
)
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from passport.ledger import Call, RegistryView, RegistryWriter
    from passport.workspace import Workspace

ACCREDIT_EXAMPLES = """\
passport registry accredit EUID:DEK1101R.HRB123456 --dry-run      what would it cost?
passport registry accredit EUID:DEK1101R.HRB123456                its controller may register companies
passport registry accredit EUID:DEK1101R.HRB123456 --account 0x8ba1...
"""
WITHDRAW_EXAMPLES = """\
passport registry withdraw 0x8ba1... --since 2026-11-20T00:00:00Z
"""
ANNUL_EXAMPLES = """\
passport registry annul EUID:DEK1101R.HRB123456 --since registration    it never was that company
passport registry annul EUID:DEK1101R.HRB123456 --since 2026-11-20      the identifier was given back then
passport registry annul 0x5f2c... --since registration --calldata       for a wallet of several people to send
"""
RESTORE_EXAMPLES = """\
passport registry restore EUID:DEK1101R.HRB123456        as the root, while nobody else is registered
"""

REGISTRATION = "registration"


@command(passphrase=True)
def accredit(
    session: Session,
    name: EntityArgument,
    *,
    account: Annotated[
        str | None,
        typer.Option("--account", help="One of its bound accounts; without it its controller.", metavar="ADDRESS"),
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As a registrar: an account of that entity may register legal entities from now on; you answer for whom you chose.

    What it does wrong falls back by `withdraw`, and its registrations can be annulled by you.
    """
    from passport.ledger import Address, entity_good_at

    chosen = None if account is None else account_of(account, where="--account")

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        registry = registry_at_head(workspace)
        issuer_id = named_entity(workspace, name)
        issuer = registry.issuer(issuer_id)
        if issuer is None:
            raise NotFoundError("nobody is registered by that name", where=name)
        standing = entity_good_at(
            registry, issuer_id, time=registry.state.block.timestamp, roots=[Address(workspace.chain.root)]
        )
        if not standing.good:
            session.output.remark(session.output.word("registry.ill_vouched", reason=standing.reason), style="yellow")
        return writer.accredit_registrar(chosen or issuer.controller, issuer_id)

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        issuer_id = named_entity(workspace, name)
        issuer = registry.issuer(issuer_id)
        record = registry.registrar(chosen or issuer.controller) if issuer is not None else None
        if record is None:
            return [], {"registrar": None}
        return [session.output.word("registry.accredited", account=record.address)], {
            "registrar": record.address,
            "issuer_id": record.issuer_id,
            "accreditor": record.accreditor,
            "accredited_at": record.accredited_at,
        }

    send_call(session, f"accredit {name}", build, Sending(dry_run, yes, calldata), tell=tell)


@command(passphrase=True)
def withdraw(
    session: Session,
    account: Annotated[
        str, typer.Argument(help="The registrar's account (0x...).", metavar="ACCOUNT", show_default=False)
    ],
    *,
    since: Annotated[
        str,
        typer.Option("--since", help="What it did from then on is void; never a moment to come.", metavar="MOMENT"),
    ],
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its accreditor or the root: what it registered and accredited from that moment on counts no more.

    An earlier moment can follow, never a later one: a registrar that was withdrawn is not let in again.
    """
    registrar, bad_from = account_of(account, where="ACCOUNT"), seconds_of(since)
    send_call(
        session,
        f"withdraw {registrar}",
        lambda workspace, writer: writer.withdraw_registrar(registrar, bad_from=bad_from),
        Sending(dry_run, yes, calldata),
    )


@command(passphrase=True)
def annul(
    session: Session,
    name: EntityArgument,
    *,
    since: Annotated[
        str,
        typer.Option(
            "--since",
            help=f"What it did from then on is void: a moment that has come, or `{REGISTRATION}` for all of it.",
            metavar="MOMENT",
        ),
    ],
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As whoever accredited its registrar, or the root: the registration is void, and its identifier free again.

    What it anchored before that moment stands; the next registration of the identifier is another entity.
    """
    moment = None if since == REGISTRATION else seconds_of(since)

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        issuer_id = named_entity(workspace, name)
        issuer = registry_at_head(workspace).issuer(issuer_id)
        if issuer is None:
            raise NotFoundError("nobody is registered by that name", where=name)
        return writer.annul_issuer(issuer_id, void_from=issuer.registered_at if moment is None else moment)

    send_call(session, f"annul {name}", build, Sending(dry_run, yes, calldata), tell=_annulled(session, name))


@command(passphrase=True)
def restore(
    session: Session,
    name: Annotated[
        str, typer.Argument(help="SCHEME:IDENTIFIER of what was annulled.", metavar="ENTITY", show_default=False)
    ],
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As the root, while nobody is registered by that identifier again: the newest annulment is taken back."""
    scheme, colon, identifier = name.partition(":")
    if not colon:
        raise UsageError("not an identifier", where="ENTITY", expected="SCHEME:IDENTIFIER", found=name)

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        known = registry_at_head(workspace).registrations(scheme, identifier)
        if not known or known[-1].void_from is None:
            raise NotFoundError("no registration of that identifier is annulled last", where=name)
        return writer.restore_issuer(scheme, identifier, generation=len(known) - 1)

    send_call(session, f"restore {name}", build, Sending(dry_run, yes, calldata))


def _annulled(session: Session, name: str) -> Tell:
    """Says what became of an identifier: which id is void from when, and whether the identifier is free."""

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        scheme, colon, identifier = name.partition(":")
        if not colon:
            return [], {}
        last = registry.registrations(scheme, identifier)[-1]
        if last.void_from is None:
            return [], {"identifier_is_free": False}
        return [session.output.word("registry.freed", issuer_id=last.issuer_id)], {
            "issuer_id": last.issuer_id,
            "void_from": last.void_from,
            "identifier_is_free": True,
        }

    return tell
