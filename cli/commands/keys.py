"""`passport keys`: list, rotate, back up and restore; nothing here ever shows a secret."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.cost import Cost, confirm_costs, estimate, report_costs
from cli.exit_codes import ExitCode
from cli.session import PROMPT, DryRunOption, Session, YesOption, command

if TYPE_CHECKING:
    from passport.credentials import KeyEntry, Passphrase
    from passport.workspace import Workspace

LIST_EXAMPLES = """\
passport keys list
passport keys list --json
"""
ROTATE_EXAMPLES = """\
passport keys rotate credential
passport keys rotate anchoring --dry-run
"""
BACKUP_EXAMPLES = """\
passport keys backup /media/safe/acme-keys.json --backup-passphrase file:/media/other/backup.txt
"""
RESTORE_EXAMPLES = """\
passport keys restore /media/safe/acme-keys.json --backup-passphrase file:/media/other/backup.txt
"""
STATE_EXAMPLES = """\
passport keys state-account anchoring && passport publish
"""
LINKED_EXAMPLES = """\
passport keys linked-accounts public/did.json
passport keys linked-accounts did.json --json | jq '.accounts[] | select(.outcome == "passed").account'
"""

BackupPassphrase = Annotated[
    str,
    typer.Option(
        "--backup-passphrase",
        envvar="PASSPORT_BACKUP_PASSPHRASE_SOURCE",
        help="Where the backup's own passphrase comes from; another than the keys'.",
        metavar="SOURCE",
    ),
]


class RotatedRole(StrEnum):
    """Keys that can be rotated from here; a controller is replaced on the registry itself."""

    ANCHORING = "anchoring"
    CREDENTIAL = "credential"


class StatingRole(StrEnum):
    """Keys that are accounts of a chain."""

    ANCHORING = "anchoring"
    CONTROLLER = "controller"


@command()
def list_keys(session: Session) -> None:
    """Public parts only: role, number, public key, since when, and whether the registry has bound it."""
    from rich.table import Table

    with session.open_company() as workspace:
        entries = [_entry(workspace, entry) for entry in workspace.keys().entries()]
        table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
        for title in ("role", "no", "state", "registry", "public key"):
            table.add_column(title, no_wrap=True, overflow="ignore")
        for entry in entries:
            row = (entry[name] for name in ("role", "number", "state", "registry", "public"))
            table.add_row(*(str(value) for value in row))
        session.output.page(table)
        session.output.document({"keys": entries})


@command(passphrase=True)
def rotate(session: Session, role: RotatedRole, *, dry_run: DryRunOption = False, yes: YesOption = False) -> None:
    """The new key is bound on the registry before the old one is retired; what the old one signed stays good."""
    from passport.credentials import Role

    passphrase = session.passphrase()
    with session.open_company() as workspace:
        if dry_run:
            report_costs(session.output, _rotation_costs(workspace, role, passphrase))
            return
        if workspace.has_chain:
            confirm_costs(session, workspace.ledger, lambda: _rotation_costs(workspace, role, passphrase), yes=yes)
        workspace.rotate(Role(role.value), passphrase)
        entries = [_entry(workspace, entry) for entry in workspace.keys().entries() if entry.role.value == role.value]
        for entry in entries:
            session.output.result(f"{entry['role']} {entry['number']}: {entry['state']}, {entry['registry']}")
        session.output.document({"keys": entries})


@command()
def backup(session: Session, file: Path, *, backup_passphrase: BackupPassphrase = PROMPT) -> None:
    """The key files inside keep their own encryption, so a backup takes two passphrases to yield a key."""
    from passport.credentials import PromptPassphrase, passphrase_from, write_backup

    source = passphrase_from(backup_passphrase)
    if isinstance(source, PromptPassphrase):
        source = PromptPassphrase(confirm=True)
    with session.open_company() as workspace:
        count = write_backup(workspace.keys(), file, source)
        session.output.result(f"{count} keys in {file}")
        session.output.remark(session.output.word("keys.kept"))
        session.output.document({"file": str(file), "keys": count})


@command(passphrase=True)
def restore(session: Session, file: Path, *, backup_passphrase: BackupPassphrase = PROMPT) -> None:
    """Opens every key with its own passphrase before anything is written; never overwrites another key."""
    from passport.credentials import passphrase_from, restore_backup

    with session.open_company() as workspace:
        count = restore_backup(
            workspace.keys(), file, passphrase_from(backup_passphrase), key_passphrase=session.passphrase()
        )
        session.output.result(f"{count} keys from {file}")
        session.output.document({"file": str(file), "keys": count})


@command(passphrase=True)
def state_account(session: Session, role: StatingRole) -> None:
    """The DID document then names the account as a did:pkh and carries its statement; the chain is not asked."""
    from passport.credentials import Role

    with session.open_company() as workspace:
        statement = workspace.state_account(Role(role.value), session.passphrase())
        session.output.result(f"{statement.account}  {statement.did}")
        session.output.remark(session.output.word("keys.stated"))
        session.output.document({"statement": statement.to_json()})


@command()
def linked_accounts(
    session: Session, file: Annotated[Path, typer.Argument(help="A DID document.", metavar="FILE")]
) -> None:
    """An account is tied to a DID if it signed so itself and the DID document names it."""
    from cli.output import plain
    from passport.credentials import parse, read_did_document
    from passport.credentials.did import MAX_DID_DOCUMENT_BYTES
    from passport.credentials.plain_file import read_plain_file
    from passport.linked_accounts import linked_accounts as judge

    data = read_plain_file(file, max_bytes=MAX_DID_DOCUMENT_BYTES, what="DID document")
    document = parse(data, max_bytes=MAX_DID_DOCUMENT_BYTES)
    did = document.get("id") if isinstance(document, dict) else None
    found = judge(read_did_document(data, did=did if isinstance(did, str) else ""), at=session.clock())
    for each in found:
        outcome = "passed" if each.problem is None else "failed"
        session.output.result(f"{outcome}  {each.account or '-'}  {plain(each.problem or '')}".rstrip())
    if not found:
        session.output.result(session.output.word("keys.none_linked"))
    session.output.document(
        {
            "did": did,
            "accounts": [
                {
                    "account": each.account,
                    "issued": each.issued,
                    "outcome": "passed" if each.problem is None else "failed",
                    "reason": each.problem,
                }
                for each in found
            ],
        }
    )
    if any(each.problem is not None for each in found):
        raise typer.Exit(ExitCode.REFUSED)
    if not found:
        raise typer.Exit(ExitCode.UNDECIDED)


def _entry(workspace: Workspace, entry: KeyEntry) -> dict[str, Any]:
    return {
        "role": entry.role.value,
        "number": entry.number,
        "state": entry.state.value,
        "public": entry.public,
        "created": entry.created,
        "retired": entry.retired,
        "registry": _standing(workspace, entry),
    }


def _standing(workspace: Workspace, entry: KeyEntry) -> str:
    """What the registry says of a key: bound, retired or not bound."""
    from passport.credentials import Role, key_hash
    from passport.ledger import Address, RegistryView

    if not workspace.has_chain:
        return "no chain"
    view = RegistryView(workspace.ledger.state(), Address(workspace.chain.registry))
    if entry.role is Role.CREDENTIAL:
        bound = view.credential_key(workspace.place.issuer_id, key_hash(entry.public))
        if bound is None:
            return "not bound"
        return "retired" if bound.window.valid_until else "bound"
    if entry.role is Role.CONTROLLER:
        issuer = view.issuer(workspace.place.issuer_id)
        if issuer is None:
            return "not registered"
        return "controller" if issuer.controller == workspace.settings.controller else "another controller"
    if entry.state.value == "retired":
        return "retired"
    return "bound" if view.account_key(Address(workspace.settings.anchoring or "")) else "not bound"


def _rotation_costs(workspace: Workspace, role: RotatedRole, passphrase: Passphrase) -> list[Cost]:
    """The two transactions of a rotation, tried with a key that is thrown away."""
    import secrets

    from passport.credentials import Role, key_hash
    from passport.ledger import Account, AccountPurpose, Address, RegistryWriter

    chain, ledger, place = workspace.chain, workspace.ledger, workspace.place
    writer = RegistryWriter(Address(chain.registry), ledger.chain)
    controller = Address(workspace.settings.controller or "")
    if role is RotatedRole.CREDENTIAL:
        old = workspace.keys().active(Role.CREDENTIAL)
        bind = writer.bind_credential_key(place.issuer_id, secrets.token_bytes(32))
        retire = writer.retire_credential_key(place.issuer_id, key_hash(old.public))
    else:
        fresh = Account(secrets.token_bytes(31).rjust(32, b"\1"))
        purposes = AccountPurpose.ANCHOR | AccountPurpose.STATUS
        signature = writer.sign_binding(fresh, place.issuer_id, purposes=purposes)
        bind = writer.bind_account_key(place.issuer_id, fresh.address, purposes=purposes, signature=signature)
        retire = writer.retire_account_key(Address(workspace.settings.anchoring or ""))
    return [
        estimate(ledger, controller, bind, what=f"bind the new {role} key"),
        estimate(ledger, controller, retire, what=f"retire the old {role} key"),
    ]
