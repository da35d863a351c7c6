"""The path without a chain: a passport's place in a log whose checkpoint enough trusted witnesses have cosigned.

What it shows is that the leaf stands in a log which nobody was shown another history of. It says nothing of who may
sign, nor of what became of the passport since; so it stands beside the checks as a note and never in their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from passport.errors import LedgerError, LedgerUnavailableError
from passport.ledger.cosignature import Cosignature, Quorum, check_quorum
from passport.ledger.log_note import CheckpointNote, log_origin, parse_checkpoint
from passport.ledger.merkle import leaf_hash
from passport.ledger.signed_note import parse_note
from passport.ledger.tile_reader import Fetch, TiledLog
from passport.ledger.tiles import CHECKPOINT_PATH
from passport.model.credential import Place
from passport.model.digest import to_sha256
from verifier.outcome import Note, Severity, time_words

WITNESSED = "witnessed"
"""Code of the note at a passport whose place witnesses show."""

NOT_AS_WITNESSED = "not_as_witnessed"
"""Code of the note at a passport in whose place a cosigned log is proven to have something else."""


class WitnessedLog(NamedTuple):
    """A log in static files with a checkpoint that a quorum has cosigned."""

    checkpoint: CheckpointNote
    cosignatures: tuple[Cosignature, ...]
    tiles: TiledLog


def open_witnessed(fetch: Fetch, quorum: Quorum) -> WitnessedLog:
    """Open a log by its newest checkpoint, once enough trusted witnesses prove to have cosigned it.

    Args:
        fetch: Where its files come from.
        quorum: Whose cosignatures count.

    Raises:
        ProofError: not a checkpoint, or cosigned by too few.
        LedgerUnavailableError: there is none at hand.
    """
    data = fetch(CHECKPOINT_PATH)
    if data is None:
        raise LedgerUnavailableError("the log's checkpoint is not at hand", where=CHECKPOINT_PATH)
    note = parse_note(data)
    cosigned = check_quorum(note, quorum)
    checkpoint = parse_checkpoint(note.text)
    return WitnessedLog(checkpoint, cosigned, TiledLog(fetch, checkpoint.size))


class WitnessedLogs:
    """Cosigned logs by origin.

    Args:
        fetches: Where the files of each come from.
        quorum: Whose cosignatures count.

    Raises:
        ProofError: one of them is not cosigned by enough trusted witnesses.
        LedgerUnavailableError: one of them is not at hand.
    """

    def __init__(self, fetches: Iterable[Fetch], quorum: Quorum) -> None:
        self._quorum = quorum
        self._logs: dict[str, WitnessedLog] = {}
        for fetch in fetches:
            log = open_witnessed(fetch, quorum)
            known = self._logs.get(log.checkpoint.origin)
            if known is None or known.checkpoint.size < log.checkpoint.size:
                self._logs[log.checkpoint.origin] = log

    def judge(self, place: Place, digest: str) -> Note:
        """What the logs say of a passport's place.

        Args:
            place: Where the passport says that it stands.
            digest: Its digest.
        """
        try:
            log = self._logs.get(log_origin(place.log, place.issuer_id, place.genesis))
            if log is None:
                return Note("witness_unknown", Severity.INFO, "no cosigned checkpoint of its log is at hand")
            size = log.checkpoint.size
            if place.leaf_index >= size:
                text = f"the cosigned log at hand ends before leaf {place.leaf_index}, at {size} leaves"
                return Note("witness_unknown", Severity.INFO, text)
            leaf = log.tiles.proven_leaf(place.leaf_index, log.checkpoint.root)
        except LedgerError as error:  # whoever keeps the files may be at fault, so it counts against nobody
            return Note("witness_unknown", Severity.INFO, str(error))
        if leaf != leaf_hash(to_sha256(digest)):
            text = f"another entry stands at leaf {place.leaf_index} of the log that witnesses cosigned"
            return Note("not_as_witnessed", Severity.WARNING, text)
        names = ", ".join(each.witness.name for each in log.cosignatures)
        # The time by which enough had seen it; one of them alone may say what it likes.
        seen = sorted(each.time for each in log.cosignatures)[self._quorum.threshold - 1]
        text = (
            f"leaf {place.leaf_index} of {size}, cosigned by {len(log.cosignatures)} of {len(self._quorum.witnesses)} "
            f"trusted witnesses ({names}) by {time_words(seen)}"
        )
        return Note("witnessed", Severity.INFO, text)
