"""`passport registry register`: as a registrar, a company; `bind-key`: as the company, its keys; `register`: either."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.cost import Cost, confirm_costs, estimate, report_costs
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from passport.credentials import Passphrase
    from passport.workspace import Workspace

REGISTER_EXAMPLES = """\
passport registry register acme/registration.json --dry-run        what would it cost?
passport registry register acme/registration.json --evidence-uri https://register.example/acme
passport registry register acme/registration.json --identity-anchor acme-dia.json
"""
SHORT_EXAMPLES = """\
passport register acme/registration.json --dry-run        as registrar: what would it cost?
passport register acme/registration.json --identity-anchor acme-dia.json
passport register --bind                                  as the company, once it is registered
"""
BIND_EXAMPLES = """\
passport registry bind-key --dry-run     what would it cost?
passport registry bind-key               as the company, once it is registered
"""
EvidenceOption = Annotated[
    str, typer.Option("--evidence-uri", help="Where the evidence about the company can be read.")
]
AnchorOption = Annotated[
    Path | None,
    typer.Option(
        "--identity-anchor",
        help="Sign a UNTP Digital Identity Anchor into this file; its hash is then the evidence on the chain.",
        metavar="FILE",
    ),
]


@command(passphrase=True)
def register(
    session: Session,
    request: Annotated[
        Path, typer.Argument(help="The company's registration.json.", metavar="REQUEST", show_default=False)
    ],
    *,
    evidence_uri: EvidenceOption = "",
    identity_anchor: AnchorOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """As a registrar. The digest of the request is kept on the chain as evidence, or that of an identity anchor.

    Look at who asks before you register them, and see it proven that the DID is theirs before you sign an anchor.
    """
    with session.open_company() as workspace:
        _register(session, workspace, request, evidence_uri, identity_anchor, dry_run=dry_run, yes=yes)


@command(passphrase=True)
def register_or_bind(
    session: Session,
    request: Annotated[
        Path | None, typer.Argument(help="The company's registration.json (as a registrar).", metavar="REQUEST")
    ] = None,
    *,
    bind: Annotated[bool, typer.Option("--bind", help="Bind this workspace's own keys to its entity.")] = False,
    evidence_uri: EvidenceOption = "",
    identity_anchor: AnchorOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """The short way to `passport registry register` and, with `--bind`, to `passport registry bind-key`."""
    if (request is None) != bind:
        raise UsageError(
            "register a company or bind one's own keys",
            expected="REQUEST, or --bind",
            hint="a registrar names the company's registration.json; the company then runs it with --bind",
        )
    with session.open_company() as workspace:
        if request is not None:
            _register(session, workspace, request, evidence_uri, identity_anchor, dry_run=dry_run, yes=yes)
        else:
            _bind(session, workspace, dry_run=dry_run, yes=yes)


@command(passphrase=True)
def bind_key(session: Session, *, dry_run: DryRunOption = False, yes: YesOption = False) -> None:
    """As a registered company: its anchoring account and credential key in use; what is bound already is left alone.

    After an annulment and a new registration it goes on as the new one, with an anchoring account of its own.
    """
    with session.open_company() as workspace:
        _bind(session, workspace, dry_run=dry_run, yes=yes)


def _register(
    session: Session,
    workspace: Workspace,
    request: Path,
    evidence_uri: str,
    identity_anchor: Path | None,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    from passport.credentials.plain_file import read_plain_file
    from passport.workspace import MAX_SETTINGS_BYTES, Registration

    data = read_plain_file(request, max_bytes=MAX_SETTINGS_BYTES, what="request")
    if identity_anchor is not None:
        _refuse_unwritable(identity_anchor)  # before the registration is paid for, which is made once
    if dry_run:
        report_costs(session.output, [_registration_cost(workspace, data, request)])
        return
    confirm_costs(session, workspace.ledger, lambda: [_registration_cost(workspace, data, request)], yes=yes)
    registered = workspace.register(
        request,
        session.passphrase(),
        evidence_uri=evidence_uri,
        with_identity_anchor=identity_anchor is not None,
    )
    issuer_id = registered.issuer_id
    if identity_anchor is not None and registered.identity_anchor is not None:
        try:
            identity_anchor.write_bytes(registered.identity_anchor)
        except OSError as error:
            raise DocumentError(
                "cannot be written",
                where=str(identity_anchor),
                found=error.strerror,
                hint="the company is registered, and its identity anchor is in this workspace's store",
            ) from error
    asked = Registration.model_validate_json(data)
    output = session.output
    output.result(output.word("register.done", name=asked.party.name, issuer_id=issuer_id))
    output.remark(output.word("register.next"))
    output.document(
        {
            "issuer_id": issuer_id,
            "generation": registered.generation,
            "name": asked.party.name,
            "did": asked.did,
            "identity_anchor": str(identity_anchor) if identity_anchor else None,
        }
    )


def _refuse_unwritable(file: Path) -> None:
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise DocumentError("cannot be written", where=str(file), hint="name a file in a folder that is there")


def _registration_cost(workspace: Workspace, data: bytes, request: Path) -> Cost:
    from hashlib import sha256

    from pydantic import ValidationError

    from passport.credentials import parse
    from passport.errors import SchemaError
    from passport.ledger import Address, RegistryWriter
    from passport.workspace import MAX_SETTINGS_BYTES, Registration

    try:
        asked = Registration.model_validate(parse(data, max_bytes=MAX_SETTINGS_BYTES))
    except ValidationError as error:
        first = error.errors()[0]
        raise SchemaError(first["msg"], where=f"{request}: {'.'.join(map(str, first['loc']))}") from None
    writer = RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain)
    call = writer.register_issuer(
        asked.party.scheme,
        asked.party.identifier,
        controller=Address(asked.controller),
        evidence_hash=sha256(data).digest(),
    )
    sender = Address(workspace.settings.controller or "")
    return estimate(workspace.ledger, sender, call, what=f"register {asked.party.name}")


def _bind(session: Session, workspace: Workspace, *, dry_run: bool, yes: bool) -> None:
    passphrase = session.passphrase()
    output = session.output
    if dry_run:
        report_costs(output, _binding_costs(workspace, passphrase))
        return
    confirm_costs(session, workspace.ledger, lambda: _binding_costs(workspace, passphrase), yes=yes)
    workspace.bind_keys(passphrase)
    party = workspace.party
    output.result(output.word("register.bound", name=party.name))
    output.document({"issuer_id": workspace.place.issuer_id, "name": party.name, "did": workspace.settings.did})


def _binding_costs(workspace: Workspace, passphrase: Passphrase) -> list[Cost]:
    from passport.credentials import Role, key_hash
    from passport.ledger import Account, AccountPurpose, Address, RegistryView, RegistryWriter, issuer_id
    from passport.workspace import registered_generation

    ledger, party, ring = workspace.ledger, workspace.party, workspace.keys()
    writer = RegistryWriter(Address(workspace.chain.registry), ledger.chain)
    view = RegistryView(ledger.state(), writer.address)
    controller = Address(workspace.settings.controller or "")
    subject = issuer_id(party.scheme, party.identifier, registered_generation(workspace, view))
    costs = []
    anchoring = Account(ring.open_account(ring.active(Role.ANCHORING), passphrase))
    known = view.account_key(anchoring.address)
    if known is not None and view.issuer_id_of(known.issuer_no) != subject:
        # Bound to the registration that was annulled: another takes its place, and costs as much to bind.
        anchoring, known = Account.generate(), None
    if known is None:
        purposes = AccountPurpose.ANCHOR | AccountPurpose.STATUS
        signature = writer.sign_binding(anchoring, subject, purposes=purposes)
        call = writer.bind_account_key(subject, anchoring.address, purposes=purposes, signature=signature)
        costs.append(estimate(ledger, controller, call, what="bind the anchoring account"))
    hashed = key_hash(ring.active(Role.CREDENTIAL).public)
    if view.credential_key(subject, hashed) is None:
        call = writer.bind_credential_key(subject, hashed)
        costs.append(estimate(ledger, controller, call, what="bind the credential key"))
    return costs
