"""`passport registry set-roles`, `update-evidence`, `request-link`, `link`: what is vouched for of a legal entity."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.entities import EntityArgument
from cli.registry_call import CalldataOption, Sending, Tell, named_entity, send_call
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger import EntityRole, RegistryView
    from passport.workspace import Workspace

ROLES_EXAMPLES = """\
passport registry set-roles EUID:DEK1101R.HRB123456 manufacturer recycler
passport registry set-roles EUID:DEK1101R.HRB123456 none
"""
EVIDENCE_EXAMPLES = """\
passport registry update-evidence EUID:DEK1101R.HRB123456 extract.pdf --evidence-uri https://register.example/extract.pdf
passport registry update-evidence EUID:DEK1101R.HRB123456 anchor.json --identity-anchor
"""
REQUEST_LINK_EXAMPLES = """\
passport registry request-link VAT:DE136695976 EUID:DEK1101R.HRB123456     both are us
"""
LINK_EXAMPLES = """\
passport registry link VAT:DE136695976 EUID:DEK1101R.HRB123456 --dry-run
passport registry link VAT:DE136695976 EUID:DEK1101R.HRB123456             for good
"""
NO_ROLE = "none"
MAX_EVIDENCE_BYTES = 64 << 20
MAX_ANCHOR_BYTES = 1 << 20

PrimaryArgument = Annotated[
    str,
    typer.Argument(
        help="The identifier that stands for the legal entity: its id, or SCHEME:IDENTIFIER.",
        metavar="PRIMARY",
        show_default=False,
    ),
]


@command(passphrase=True)
def set_roles(
    session: Session,
    name: EntityArgument,
    roles: Annotated[
        list[str],
        typer.Argument(
            help="manufacturer, supplier, auditor, registrar, recycler, node-operator; or none.", metavar="ROLE..."
        ),
    ],
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its registrar, that one's accreditor or the root: these roles and no others. No contract asks for them."""
    wanted = _roles(roles)

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        issuer = registry.issuer(named_entity(workspace, name))
        return [], {"roles": [role.name for role in issuer.roles] if issuer is not None else None}

    send_call(
        session,
        f"say that {name} is {', '.join(roles)}",
        lambda workspace, writer: writer.set_roles(named_entity(workspace, name), wanted),
        Sending(dry_run, yes, calldata),
        tell=tell,
    )


@command(passphrase=True)
def update_evidence(
    session: Session,
    name: EntityArgument,
    file: Annotated[Path, typer.Argument(help="The evidence.", metavar="FILE", show_default=False)],
    *,
    evidence_uri: Annotated[str, typer.Option("--evidence-uri", help="Where it can be read.")] = "",
    identity_anchor: Annotated[
        bool,
        typer.Option("--identity-anchor", help="FILE is a signed identity anchor: its document hash is the evidence."),
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its registrar, that one's accreditor or the root. The SHA-256 of FILE is kept on the chain: keep the file."""
    evidence_hash = _evidence(file, is_anchor=identity_anchor)

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        issuer = registry.issuer(named_entity(workspace, name))
        found = None if issuer is None else "0x" + issuer.evidence_hash.hex()
        return [str(found)], {"evidence_hash": found}

    send_call(
        session,
        f"replace the evidence about {name}",
        lambda workspace, writer: writer.update_evidence(
            named_entity(workspace, name), evidence_hash=evidence_hash, evidence_uri=evidence_uri
        ),
        Sending(dry_run, yes, calldata),
        tell=tell,
    )


@command(passphrase=True)
def request_link(
    session: Session,
    name: EntityArgument,
    primary: PrimaryArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As the controller of both: they name one legal entity. It counts once a voucher confirms it by `link`."""
    send_call(
        session,
        f"agree that {name} is {primary}",
        lambda workspace, writer: writer.request_link(named_entity(workspace, name), named_entity(workspace, primary)),
        Sending(dry_run, yes, calldata),
        tell=_link(name),
    )


@command(passphrase=True)
def link(
    session: Session,
    name: EntityArgument,
    primary: PrimaryArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As the registrar of ENTITY, that one's accreditor or the root: it is the same legal entity as PRIMARY, for good.

    A suspension of the primary counts for it from then on, and neither can vouch for the other.
    """
    send_call(
        session,
        f"confirm that {name} is {primary}",
        lambda workspace, writer: writer.link_issuer(named_entity(workspace, name), named_entity(workspace, primary)),
        Sending(dry_run, yes, calldata),
        tell=_link(name),
    )


def _link(name: str) -> Tell:
    """Says how the link stands, as the contract has it after the transaction."""

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        found = registry.link(named_entity(workspace, name))
        if found is None:
            return [], {"link": None}
        return [], {
            "link": {
                "primary_id": found.primary_id,
                "agreed_by": found.agreed_by,
                "requested_at": found.requested_at,
                "linked_at": found.linked_at,
            }
        }

    return tell


def _roles(names: list[str]) -> EntityRole:
    """Roles by their names.

    Raises:
        UsageError: One is unknown, or `none` stands beside another.
    """
    from passport.ledger import EntityRole

    if names == [NO_ROLE]:
        return EntityRole(0)
    known = {(role.name or "").lower().replace("_", "-"): role for role in EntityRole}
    found = EntityRole(0)
    for name in names:
        if name not in known:
            raise UsageError(
                "no such role", where="ROLE", expected=f"{', '.join(known)}, or {NO_ROLE} alone", found=name
            )
        found |= known[name]
    return found


def _evidence(file: Path, *, is_anchor: bool) -> bytes:
    """The hash of the evidence in a file, 32 bytes.

    Raises:
        DocumentError: It cannot be read, or is no signed credential although it is said to be one.
    """
    from passport.credentials import read_secured
    from passport.credentials.plain_file import read_plain_file
    from passport.model.digest import to_sha256

    limit = MAX_ANCHOR_BYTES if is_anchor else MAX_EVIDENCE_BYTES
    data = read_plain_file(file, max_bytes=limit, what="evidence")
    return to_sha256(read_secured(data.strip()).doc_hash) if is_anchor else sha256(data).digest()
