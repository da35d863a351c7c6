"""`passport log export --of`: somebody else's log as static files, as far as it is at hand and the chain holds it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.entities import entity_of_log
from cli.session import Session
from passport.errors import ConflictError, NotFoundError, UsageError

if TYPE_CHECKING:
    from passport.ledger.signed_note import NoteKey, SignedNote
    from passport.log_export import Mirror, Served
    from passport.workspace import Workspace


def export_mirror(
    session: Session, workspace: Workspace, name: str, folder: Path, checkpoint: Path | None
) -> tuple[Served, NoteKey | None]:
    """Write a log that was imported as static files.

    Args:
        session: The command's.
        workspace: Which took the log in.
        name: Whose log, as somebody typed it.
        folder: Where it is written.
        checkpoint: The issuer's own signed checkpoint; without one this workspace signs the copy in its own name.

    Returns:
        The checkpoint as it is served from now on, and the key of this workspace that signed it, if it did.

    Raises:
        NotFoundError: No such log is at hand, or the chain knows none.
        ConflictError: What is at hand, or the checkpoint, is not what the chain holds.
        LedgerUnavailableError: The chain is out of reach.
    """
    from passport.ledger.checkpoint import log_key, parse_log_key
    from passport.ledger.log_note import log_origin
    from passport.ledger.tile_folder import TileFolder
    from passport.log_export import mirror_log

    chain = workspace.chain
    contract = f"{chain.chain}:{chain.log}"
    at_hand = [issuer_id for log, issuer_id in map(parse_log_key, workspace.store.log_keys()) if log == contract]
    issuer_id = entity_of_log(session.output, workspace, name, at_hand)
    if issuer_id not in at_hand:
        raise NotFoundError(
            "no such log in the workspace", where=name, hint="`passport import` takes in what the issuer published"
        )
    signed = _signed(checkpoint) if checkpoint is not None else None
    entries = workspace.store.log_entries(log_key(contract, issuer_id))
    size = _held_size(workspace, issuer_id, entries, signed)
    mirror = None if signed is not None else _mirror(session, workspace)
    served = mirror_log(
        entries[:size],
        TileFolder(folder),
        origin=log_origin(contract, issuer_id, chain.genesis),
        checkpoint=signed,
        mirror=mirror,
    )
    return served, mirror.key if mirror is not None else None


def _held_size(workspace: Workspace, issuer_id: str, entries: list[bytes], signed: SignedNote | None) -> int:
    """How much is exported: up to the signed checkpoint, or the newest one at hand; the chain must hold it."""
    from passport.ledger import Address, PassportLogView
    from passport.ledger.checkpoint import log_key
    from passport.ledger.log_note import parse_checkpoint
    from passport.ledger.merkle import root

    chain = workspace.chain
    log = PassportLogView(workspace.ledger.state(workspace.ledger.final_head()), Address(chain.log))
    if signed is not None:
        size = parse_checkpoint(signed.text).size
    else:
        stored = workspace.store.log_checkpoints(log_key(f"{chain.chain}:{chain.log}", issuer_id))
        size = max((each.size for each in stored if each.size <= len(entries)), default=0)
    if not 0 < size <= len(entries):
        raise ConflictError(
            "the log at hand does not reach the checkpoint",
            where=issuer_id,
            expected=f"1 to {len(entries)} leaves",
            found=size,
            hint="`passport import` takes in what the issuer published since",
        )
    record = log.checkpoint(issuer_id, root(entries[:size]))
    if record is None or record.size != size:
        raise ConflictError(
            "the chain does not hold this history of the log as final",
            where=issuer_id,
            found=f"{size} leaves with the root 0x{root(entries[:size]).hex()}",
        )
    return size


def _signed(path: Path) -> SignedNote:
    from passport.credentials.plain_file import read_plain_file
    from passport.ledger.signed_note import MAX_NOTE_BYTES, parse_note

    return parse_note(read_plain_file(path, max_bytes=MAX_NOTE_BYTES, what="checkpoint"))


def _mirror(session: Session, workspace: Workspace) -> Mirror:
    """This workspace as the one that makes the copy.

    Raises:
        UsageError: It has no keys.
    """
    from passport.log_export import Mirror

    if workspace.settings.party is None or workspace.settings.host is None:
        raise UsageError(
            "an auditor's workspace has no key to sign a copy with",
            where=str(session.folder),
            expected="--checkpoint FILE",
            hint="the issuer's own checkpoint is the file `checkpoint` of the folder that it exports",
        )
    return Mirror(workspace.settings.host, workspace.signer(session.passphrase()))
