"""`passport init`: a workspace with its keys, or an auditor's without; optionally a chain to go with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.cost import deployment_costs, report_costs
from cli.session import DryRunOption, Session, command
from passport.errors import DocumentError, LedgerError, SchemaError, UsageError

if TYPE_CHECKING:
    from passport.model.party import Party
    from passport.workspace import Workspace

EXAMPLES = """\
passport init --name "Acme GmbH" --scheme LEI --identifier 549300EXAMPLE000LE01 --country DE --host acme.example
passport init --party party.yaml --host acme.example --chain ../chain/chain.json --passphrase file:secret.txt
passport init --party register.yaml --host register.example --new-chain ../chain
passport init --auditor --chain ../chain/chain.json --workspace audit
passport init --relay https://relay.example --workspace acme     a workspace that is there, without gas of its own
passport init --chain rpc-chain.json --workspace acme     a chain behind a node: see `passport chain deploy`
"""
MAX_PARTY_BYTES = 1 << 20


@command(passphrase=True)
def init(
    session: Session,
    *,
    party: Annotated[
        Path | None, typer.Option("--party", help="The legal entity as a JSON or YAML file.", metavar="FILE")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="The legal entity's name.")] = None,
    scheme: Annotated[str, typer.Option("--scheme", help="What identifies it: LEI, EUID, VAT, GLN or USCC.")] = "LEI",
    identifier: Annotated[str | None, typer.Option("--identifier", help="Its identifier in that scheme.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="Its country, two letters.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Its web host, which makes its DID did:web:HOST.")] = None,
    chain: Annotated[
        Path | None, typer.Option("--chain", help="The chain.json of the chain to join.", metavar="FILE")
    ] = None,
    new_chain: Annotated[
        Path | None,
        typer.Option(
            "--new-chain", help="Start a local chain here; this workspace becomes its root registrar.", metavar="DIR"
        ),
    ] = None,
    relay: Annotated[
        str | None,
        typer.Option("--relay", help="Who sends and pays for what this company orders.", metavar="URL"),
    ] = None,
    auditor: Annotated[
        bool, typer.Option("--auditor", help="No legal entity and no keys: only read and judge.")
    ] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Makes three keys: controller, anchoring and credential key, each encrypted in a file of its own.

    A workspace that is there already only joins or starts the chain that is named, or takes the relay.
    """
    from passport.workspace import WORKSPACE_FILE, Workspace

    if chain and new_chain:
        raise UsageError("join a chain or start one, not both", hint="leave out --chain or --new-chain")
    if auditor and (party or name or new_chain):
        raise UsageError("an auditor's workspace has no legal entity, so it cannot start a chain or sign")
    if dry_run:
        report_costs(session.output, deployment_costs(None, session.clock) if new_chain else [])
        return
    is_new = not (session.folder / WORKSPACE_FILE).exists()
    passphrase = session.passphrase(confirm=is_new)
    if is_new or not (chain or new_chain or relay):
        entity = None if auditor else _party(party, name, scheme, identifier, country)
        workspace = Workspace.create(
            session.folder,
            clock=session.clock,
            party=entity,
            host=host,
            passphrase=None if auditor else passphrase,
            chain=chain,
        )
    else:
        workspace = session.open()
        if chain:
            workspace.join_chain(chain)
    if relay:
        workspace.use_relay(relay)
    with workspace:
        chain_file = _start_chain(session, workspace, new_chain, passphrase) if new_chain else chain
        _report(session, workspace, chain_file, is_started=new_chain is not None)


def _party(file: Path | None, name: str | None, scheme: str, identifier: str | None, country: str | None) -> Party:
    from pydantic import ValidationError

    from passport.ledger.entity import normal_identifier
    from passport.model.party import Party

    if file is not None:
        given = _read(file)
    elif name and identifier and country:
        given = {"name": name, "scheme": scheme, "identifier": identifier, "country": country}
    else:
        raise UsageError(
            "a company needs a name, an identifier and a country",
            expected="--name, --scheme, --identifier, --country, or --party FILE",
            hint="an auditor's workspace needs none of them: --auditor",
        )
    try:
        entity = Party.model_validate(given)
        normal_identifier(entity.scheme, entity.identifier)
    except LedgerError as error:
        raise UsageError(
            error.message,
            where=str(file or "--identifier"),
            expected=error.expected,
            found=error.found,
            hint=error.hint,
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SchemaError(first["msg"], where=f"{file or 'options'}: {where}", found=first.get("input")) from None
    return entity


def _read(file: Path) -> Any:
    import yaml

    from passport.credentials.plain_file import read_plain_file

    data = read_plain_file(file, max_bytes=MAX_PARTY_BYTES, what="party file")
    try:
        return yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError("neither JSON nor YAML", where=str(file), found=str(error)) from error


def _start_chain(session: Session, workspace: Workspace, folder: Path, passphrase: Any) -> Path:
    from passport.credentials import Role
    from passport.ledger import Account
    from passport.workspace import CHAIN_FILE, create_chain

    if workspace.has_chain:
        raise UsageError("the workspace has a chain already", where=str(session.folder))
    ring = workspace.keys()
    root = Account(ring.open_account(ring.active(Role.CONTROLLER), passphrase))
    create_chain(folder / "chain.db", root, workspace.party, clock=session.clock)
    workspace.join_chain(folder / CHAIN_FILE)
    return folder / CHAIN_FILE


def _report(session: Session, workspace: Workspace, chain_file: Path | None, *, is_started: bool) -> None:
    output, settings = session.output, workspace.settings
    output.result(output.word("init.made", folder=session.folder))
    if settings.party is None:
        output.result(output.word("init.auditor"))
    else:
        output.remark(output.word("keys.kept"))
    if is_started and settings.chain:
        output.result(output.word("init.chain_made", chain=settings.chain.chain, file=chain_file))
    elif settings.party and not settings.chain:
        output.remark(output.word("init.next_chain"))
    elif settings.party:
        output.remark(output.word("init.next_register", file=session.folder / "registration.json"))
    output.document(
        {
            "workspace": str(session.folder),
            "did": settings.did,
            "controller": settings.controller,
            "anchoring": settings.anchoring,
            "chain": settings.chain.to_json() if settings.chain else None,
            "chain_file": str(chain_file) if chain_file else None,
        }
    )
