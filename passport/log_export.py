"""A log as a folder that any web server can serve: tiles, a checkpoint signed by the issuer, and what stands beside it.

checkpoint                           the newest checkpoint: a signed note, with the cosignatures it has
tile/...                             hashes and entries (C2SP tlog-tiles)
checkpoints/<size>/checkpoint        every checkpoint that was newest once
checkpoints/<size>/body              its text alone: what is timestamped
checkpoints/<size>/body.tsr          an RFC 3161 response over the text, if somebody asked an authority for one
checkpoints/<size>/body.ots          an OpenTimestamps proof of the text, if somebody stamped it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from passport.credentials import Signer, decode_multikey
from passport.credentials.multikey import KeyKind
from passport.errors import ConflictError, LedgerUnavailableError, SignerError
from passport.ledger.log_note import CheckpointNote, parse_checkpoint
from passport.ledger.merkle import root
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, NoteSignature, SignedNote, parse_note, sign_note
from passport.ledger.tile_folder import TileFolder
from passport.ledger.tile_reader import Fetch, TiledLog
from passport.ledger.tile_writer import TileWriter
from passport.ledger.tiles import CHECKPOINT_PATH
from passport.ledger.witness import AddCheckpoint, Witness

RFC3161_FILE = "body.tsr"
OPENTIMESTAMPS_FILE = "body.ots"


@dataclass(frozen=True, slots=True)
class Served:
    """A checkpoint as it lies in a folder.

    Args:
        note: With its signatures, none of which has been verified.
        checkpoint: What it says.
    """

    note: SignedNote
    checkpoint: CheckpointNote


def served_checkpoint(fetch: Fetch) -> Served | None:
    """The newest checkpoint of an exported log; None when there is none.

    Raises:
        ProofError: not a checkpoint.
        LedgerUnavailableError: it cannot be read now.
    """
    data = fetch(CHECKPOINT_PATH)
    if data is None:
        return None
    note = parse_note(data)
    return Served(note, parse_checkpoint(note.text))


def beside(size: int, name: str) -> str:
    """The path of what stands beside the checkpoint of a size."""
    return f"checkpoints/{size}/{name}"


def note_key(signer: Signer, origin: str) -> NoteKey:
    """The key with which a log's checkpoints are signed: the issuer's credential key, under the log's origin.

    Raises:
        SignerError: notes are signed with Ed25519 alone.
    """
    decoded = decode_multikey(signer.multikey)
    if decoded.kind is not KeyKind.ED25519:
        raise SignerError("checkpoints are signed with Ed25519", found=decoded.kind.name)
    return NoteKey(origin, NoteAlgorithm.ED25519, decoded.raw)


def export_log(entries: Sequence[bytes], folder: TileFolder, *, origin: str, signer: Signer) -> Served:
    """Bring a folder up to date with a log; what is there already is compared with it and never changed.

    Args:
        entries: All of the log's entries up to a checkpoint that the chain holds.
        folder: Where it is written.
        origin: The log's origin.
        signer: The issuer's credential key.

    Returns:
        The checkpoint as it is served from now on.

    Raises:
        ConflictError: the folder holds another log, or a longer one.
        ProofError: the folder's files are damaged.
    """
    return _write(entries, folder, origin, lambda text: sign_note(text, note_key(signer, origin), signer.sign))


@dataclass(frozen=True, slots=True)
class Mirror:
    """Who makes copies of other people's logs.

    Args:
        host: Its web host.
        signer: Its credential key.
    """

    host: str
    signer: Signer

    @property
    def key(self) -> NoteKey:
        """The key that its copies are signed with: under the host and `/mirror`, which is the origin of no log.

        Raises:
            SignerError: notes are signed with Ed25519 alone.
        """
        return note_key(self.signer, f"{self.host}/mirror")


def mirror_log(
    entries: Sequence[bytes], folder: TileFolder, *, origin: str, checkpoint: SignedNote | None, mirror: Mirror | None
) -> Served:
    """The same of somebody else's log: below a checkpoint that its issuer signed, or that whoever mirrors it signs.

    A mirror's own signature stands under a name of its own: it says who copied, and not whose log it is.

    Args:
        entries: All of the log's entries up to that checkpoint.
        folder: Where it is written.
        origin: The log's origin.
        checkpoint: The issuer's checkpoint over exactly these entries.
        mirror: Who makes the copy, needed where there is none.

    Raises:
        ConflictError: the folder holds another log, or a longer one; or the checkpoint is not over these entries.
        SignerError: neither a checkpoint nor a key.
        ProofError: the folder's files are damaged.
    """

    def note_of(text: str) -> SignedNote:
        if checkpoint is not None:
            return checkpoint
        if mirror is None:
            raise SignerError("a copy of a log is signed by its issuer, or by whoever makes it")
        return sign_note(text, mirror.key, mirror.signer.sign)

    if checkpoint is not None:
        stated, found = parse_checkpoint(checkpoint.text), CheckpointNote(origin, len(entries), root(entries))
        if (stated.origin, stated.size, stated.root) != (found.origin, found.size, found.root):
            raise ConflictError(
                "the checkpoint is of another log, or of another history of it",
                where=str(folder.folder),
                expected=f"{found.origin} {found.size} 0x{found.root.hex()}",
                found=f"{stated.origin} {stated.size} 0x{stated.root.hex()}",
            )
    return _write(entries, folder, origin, note_of)


def _write(entries: Sequence[bytes], folder: TileFolder, origin: str, note_of: Callable[[str], SignedNote]) -> Served:
    old = served_checkpoint(folder.fetch)
    old_size = old.checkpoint.size if old else 0
    if old is not None:
        _check_same(old, entries, folder, origin)
    writer = TileWriter(folder, old_size)
    writer.extend(entries[old_size:])
    new = CheckpointNote(origin, len(entries), writer.flush())
    note = note_of(new.text)
    if old is not None and old.note.text == new.text:
        note = old.note.with_signatures(note.signatures)
    served = Served(note, new)
    keep_checkpoint(folder, served)
    return served


def keep_checkpoint(folder: TileFolder, served: Served) -> None:
    """Put a checkpoint in place as the newest, and where it stays when it no longer is."""
    size = served.checkpoint.size
    folder.put(beside(size, "body"), served.note.text.encode())
    folder.replace(beside(size, "checkpoint"), served.note.to_bytes())
    folder.replace(CHECKPOINT_PATH, served.note.to_bytes())


def cosign_folder(folder: TileFolder, witness: Witness) -> NoteSignature:
    """Have a witness cosign the newest checkpoint of a folder, and put its cosignature below it.

    Its own tiles give the proof that the log has grown from what the witness saw last; the witness believes the proof
    and nothing else.

    Raises:
        LedgerUnavailableError: no checkpoint is there.
        CheckpointRefusedError: it must not be cosigned.
        ProofError: the folder's files are damaged.
    """
    served = served_checkpoint(folder.fetch)
    if served is None:
        raise LedgerUnavailableError("no checkpoint to cosign", where=str(folder.folder))
    new, old_size = served.checkpoint, witness.last_size(served.checkpoint.origin)
    proof = TiledLog(folder.fetch, new.size).consistency_proof(old_size) if 0 < old_size <= new.size else ()
    signature = witness.add_checkpoint(AddCheckpoint(old_size, proof, served.note))
    keep_checkpoint(folder, Served(served.note.with_signatures([signature]), new))
    return signature


def _check_same(old: Served, entries: Sequence[bytes], folder: TileFolder, origin: str) -> None:
    found = old.checkpoint
    where = str(folder.folder)
    if found.origin != origin:
        raise ConflictError("the folder holds another log", where=where, expected=origin, found=found.origin)
    if found.size > len(entries):
        raise ConflictError(
            "the folder holds more of the log than we know",
            where=where,
            expected=f"at most {len(entries)} leaves",
            found=found.size,
            hint="is this an old copy of the workspace?",
        )
    ours = root(entries[: found.size])
    if ours != found.root or TiledLog(folder.fetch, found.size).root() != found.root:
        raise ConflictError(
            "the folder's log has another root", where=where, expected=ours.hex(), found=found.root.hex()
        )
