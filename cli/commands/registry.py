"""`passport registry`: what the issuer registry holds of a legal entity and its keys, and what may be said there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.entities import EntityArgument, annulled_registrations, entity_id
from cli.entity_page import entity_document, entity_rows
from cli.registry_call import CalldataOption, Sending, key_of, named_entity, own_entity, seconds_of, send_call
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger import Call, RegistryWriter
    from passport.workspace import Workspace

SHOW_EXAMPLES = """\
passport registry show                       this company, its keys and their windows
passport registry show EUID:DEK1101R.HRB123456
passport registry show 0x5f2c... --json | jq '.suspensions'
"""
RETIRE_EXAMPLES = """\
passport registry retire-key z6Mk... --dry-run     what would it cost?
passport registry retire-key 0x8ba1...             what it signed before stays good
"""
COMPROMISE_EXAMPLES = """\
passport registry report-compromise z6Mk... --since 2026-11-20T00:00:00Z
passport registry report-compromise z6Mk... --since 2026-11-20 --entity 0x5f2c...   as its registrar
"""
SUSPEND_EXAMPLES = """\
passport registry suspend EUID:DEK1101R.HRB123456
"""
REINSTATE_EXAMPLES = """\
passport registry reinstate EUID:DEK1101R.HRB123456
"""

KeyArgument = Annotated[
    str, typer.Argument(help="An account (0x...) or a credential key (z6Mk...).", metavar="KEY", show_default=False)
]


@command()
def show(
    session: Session,
    name: Annotated[
        str | None, typer.Argument(help="An entity's id, or SCHEME:IDENTIFIER; this company's own.", metavar="ENTITY")
    ] = None,
) -> None:
    """As of the newest final block. Whether it is to be believed up to a trusted root says `passport who`."""
    from passport.ledger import Address, RegistryView

    output = session.output
    with session.open() as workspace:
        if name is None and workspace.settings.party is None:
            raise UsageError("this workspace is no company's", expected="ENTITY")
        block = workspace.ledger.final_head()
        registry = RegistryView(workspace.ledger.state(block), Address(workspace.chain.registry))
        issuer_id = workspace.issuer_id if name is None else entity_id(registry, name)
        found = entity_document(workspace, registry, issuer_id)
        for title, value in entity_rows(found):
            output.result(f"{output.word(f'registry.{title}')}  {value}")
        for each in annulled_registrations(registry, name) if name is not None else ():
            output.remark(output.word("registry.annulled", issuer_id=each.issuer_id))
        output.remark(output.word("who.as_of", block=block.number, time=f"{block.time:%Y-%m-%dT%H:%M:%SZ}"))
        output.document(found | {"as_of": {"chain": workspace.chain.chain, "block": block.number}})


@command(passphrase=True)
def retire_key(
    session: Session,
    key: KeyArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """Ends the window of one of this company's keys, now and for good; `passport keys rotate` replaces one in use."""

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        account, hashed = key_of(key)
        if account is not None:
            return writer.retire_account_key(account)
        return writer.retire_credential_key(workspace.place.issuer_id, hashed)

    send_call(session, f"retire {key}", build, Sending(dry_run, yes, calldata))


@command(passphrase=True)
def report_compromise(
    session: Session,
    key: KeyArgument,
    *,
    since: Annotated[
        str,
        typer.Option("--since", help="From when on it was in wrong hands; never a moment to come.", metavar="MOMENT"),
    ],
    entity: Annotated[
        str | None, typer.Option("--entity", help="Whose credential key, for its registrar.", metavar="ENTITY")
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """What the key did from that moment on counts no more. An earlier moment can follow, never a later one."""
    bad_from = seconds_of(since)

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        account, hashed = key_of(key)
        if account is not None:
            return writer.report_account_key_compromise(account, bad_from=bad_from)
        return writer.report_credential_key_compromise(own_entity(workspace, entity), hashed, bad_from=bad_from)

    send_call(session, f"report {key}", build, Sending(dry_run, yes, calldata))


@command(passphrase=True)
def suspend(
    session: Session,
    name: EntityArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its registrar: until it is reinstated it anchors and binds nothing; what it anchored before stands."""
    send_call(
        session,
        f"suspend {name}",
        lambda workspace, writer: writer.suspend(named_entity(workspace, name)),
        Sending(dry_run, yes, calldata),
    )


@command(passphrase=True)
def reinstate(
    session: Session,
    name: EntityArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its registrar: ends a suspension; from when to when it lasted stays on record."""
    send_call(
        session,
        f"reinstate {name}",
        lambda workspace, writer: writer.reinstate(named_entity(workspace, name)),
        Sending(dry_run, yes, calldata),
    )
