"""Have witnesses cosign the newest checkpoint of an exported log, and keep what they answer below it.

The log's own tiles give each of them the proof that it has grown from what that witness cosigned last. An answer counts
if it is the true signature of a key that is trusted, not dated ahead, and of a witness that has not forgotten what it
cosigned before: a witness whose memory was put back could be cosigning a second history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passport.errors import CheckpointRefusedError, ConflictError, LedgerError, LedgerUnavailableError, ProofError
from passport.ledger.cosignature import cosignatures
from passport.ledger.signed_note import NoteKey, NoteSignature, SignedNote, parse_note
from passport.ledger.tile_folder import TileFolder
from passport.ledger.tile_reader import TiledLog
from passport.ledger.tiles import CHECKPOINT_PATH
from passport.ledger.witness import AddCheckpoint
from passport.log_export import Served, beside, served_checkpoint
from passport.witness_client import WitnessClient

MAX_WITNESSES = 64
MAX_CLOCK_SKEW_S = 300

_MAX_AT_ONCE = 8
_MAX_ATTEMPTS = 3
_MAX_SENT_SIGNATURES = 16  # what every reader of notes must take (C2SP signed-note)
_MAX_LOOKED_AT = 64


class AnswerKind(StrEnum):
    """What came of asking a witness."""

    COSIGNED = "cosigned"
    """It cosigned, and the cosignature is true."""

    REFUSED = "refused"
    """It refused, or what it answered does not count."""

    UNREACHABLE = "unreachable"
    """It did not answer, or not now."""


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What one witness answered.

    Args:
        url: Where it was asked.
        kind: What came of it.
        cosignatures: The lines that count.
        names: Whose they are.
        found: Why none counts; empty otherwise.
    """

    url: str
    kind: AnswerKind
    cosignatures: tuple[NoteSignature, ...] = ()
    names: tuple[str, ...] = ()
    found: str = ""


def collect_cosignatures(
    folder: TileFolder, clients: Sequence[WitnessClient], keys: Sequence[NoteKey], *, clock: Callable[[], datetime]
) -> tuple[SignedNote, list[WitnessAnswer]]:
    """Ask witnesses at the same time, and put the cosignatures that count below the folder's checkpoint.

    Args:
        folder: An exported log.
        clients: Whom to ask.
        keys: Whose cosignatures count.
        clock: The time, aware.

    Returns:
        The checkpoint with all its signatures, and what each witness answered.

    Raises:
        LedgerUnavailableError: no checkpoint is there.
        ProofError: the folder's files are damaged.
    """
    if len(clients) > MAX_WITNESSES:
        raise LedgerError("too many witnesses", expected=f"at most {MAX_WITNESSES}", found=len(clients))
    served = served_checkpoint(folder.fetch)
    if served is None:
        raise LedgerUnavailableError("no checkpoint to cosign", where=str(folder.folder))
    asking = _Asking(folder, served, keys, clock)
    with ThreadPoolExecutor(max_workers=_MAX_AT_ONCE, thread_name_prefix="witness") as pool:
        answers = list(pool.map(asking.ask, clients))
    note = _keep(folder, served, [line for answer in answers for line in answer.cosignatures])
    return note, answers


class _Asking:
    """Asks for cosignatures of one checkpoint; threads share it."""

    def __init__(
        self, folder: TileFolder, served: Served, keys: Sequence[NoteKey], clock: Callable[[], datetime]
    ) -> None:
        self._folder = folder
        self._served = served
        self._keys = keys
        self._clock = clock
        self._known = _cosigned_before(folder, served, keys)

    def ask(self, client: WitnessClient) -> WitnessAnswer:
        """What one witness answers; errors are answers too."""
        try:
            return self._ask(client)
        except LedgerUnavailableError as error:
            return WitnessAnswer(client.url, AnswerKind.UNREACHABLE, found=str(error))
        except LedgerError as error:
            return WitnessAnswer(client.url, AnswerKind.REFUSED, found=str(error))
        finally:
            client.close()

    def _ask(self, client: WitnessClient) -> WitnessAnswer:
        size = self._served.checkpoint.size
        tiles = TiledLog(self._folder.fetch, size)
        sent = self._sent()
        # A guess that is wrong costs one more exchange: the witness names the right size.
        old_size = max(self._known.values(), default=0)
        for _ in range(_MAX_ATTEMPTS):
            proof = tiles.consistency_proof(old_size) if 0 < old_size <= size else ()
            try:
                lines = client.add_checkpoint(AddCheckpoint(old_size, proof, sent))
            except CheckpointRefusedError as error:
                if error.last_size is None or error.last_size == old_size:
                    raise
                if error.last_size > size:
                    raise LedgerError(
                        "the witness has cosigned more of the log than is here",
                        where=client.url,
                        expected=f"at most {size} leaves",
                        found=error.last_size,
                        hint="is this an old copy? export the log again",
                    ) from error
                old_size = error.last_size
                continue
            return self._counted(client, lines, old_size)
        raise LedgerUnavailableError("the witness names another size each time", where=client.url)

    def _sent(self) -> SignedNote:
        """The checkpoint with no more signatures than every reader takes, those that are not of witnesses first."""
        theirs = {(key.name, key.key_id) for key in self._keys}
        lines = sorted(self._served.note.signatures, key=lambda each: (each.name, each.key_id) in theirs)
        return SignedNote(self._served.note.text, tuple(lines[:_MAX_SENT_SIGNATURES]))

    def _counted(self, client: WitnessClient, lines: Sequence[NoteSignature], old_size: int) -> WitnessAnswer:
        note = SignedNote(self._served.note.text, tuple(lines))
        latest = int(self._clock().timestamp()) + MAX_CLOCK_SKEW_S
        kept, names = [], []
        for key in self._keys:
            for found in cosignatures(note, [key]):
                if found.time > latest:
                    raise ProofError(
                        "a cosignature is dated ahead", where=key.name, expected=f"{latest} at most", found=found.time
                    )
                before = self._known.get(key, 0)
                if before > old_size:
                    # The address answers for the key; whether it is the key's owner, only the owner can say.
                    raise ProofError(
                        "the witness has forgotten what it cosigned before, or somebody else answers in its name",
                        where=f"{client.url} for {key.name}",
                        expected=f"that it last cosigned {before} leaves or more",
                        found=old_size,
                        hint="ask its owner: if its memory was put back from a copy, its key is worth nothing any more",
                    )
                kept += [each for each in lines if (each.name, each.key_id) == (key.name, key.key_id)][:1]
                names.append(key.name)
        if not kept:
            said = ", ".join(sorted({each.name for each in lines}))
            raise ProofError("cosigned with no key that is trusted", where=client.url, found=said)
        return WitnessAnswer(client.url, AnswerKind.COSIGNED, tuple(kept), tuple(names))


def _cosigned_before(folder: TileFolder, served: Served, keys: Sequence[NoteKey]) -> dict[NoteKey, int]:
    """The largest size that each witness is known to have cosigned, from the checkpoints that were newest once."""
    known: dict[NoteKey, int] = {}
    for size, note in _earlier(folder, served):
        for key in [key for key in keys if key not in known]:
            try:
                if cosignatures(note, [key]):
                    known[key] = size
            except ProofError:  # a line that somebody wrote in its name
                continue
        if len(known) == len(keys):
            break
    return known


def _earlier(folder: TileFolder, served: Served) -> Iterator[tuple[int, SignedNote]]:
    """This checkpoint and those before it, the newest first."""
    yield served.checkpoint.size, served.note
    place = folder.folder / "checkpoints"
    names = [each.name for each in place.iterdir()] if place.is_dir() else []
    sizes = sorted((int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 19), reverse=True)
    for size in [each for each in sizes if each <= served.checkpoint.size][:_MAX_LOOKED_AT]:
        data = folder.fetch(beside(size, "checkpoint"))
        if data is None:
            continue
        note = parse_note(data)
        if note.text.startswith(f"{served.checkpoint.origin}\n{size}\n"):
            yield size, note


def _keep(folder: TileFolder, served: Served, lines: Sequence[NoteSignature]) -> SignedNote:
    """Put signatures below a checkpoint where it lies now; a newer one may have taken its place as the newest."""
    path = beside(served.checkpoint.size, "checkpoint")
    data = folder.fetch(path)
    note = parse_note(data) if data is not None else served.note
    if note.text != served.note.text:
        raise ConflictError("another checkpoint of that size lies there", where=str(folder.folder / path))
    # What lies there now may be later than what was read before the witnesses were asked.
    note = served.note.with_signatures(note.signatures).with_signatures(lines)
    if lines:
        folder.replace(path, note.to_bytes())
        newest = served_checkpoint(folder.fetch)
        if newest is not None and newest.note.text == note.text:
            folder.replace(CHECKPOINT_PATH, newest.note.with_signatures(lines).to_bytes())
    return note
