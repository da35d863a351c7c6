"""A log with its key, a witness that knows it, and the time that tests of both go by."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passport.ledger.log_note import CheckpointNote
from passport.ledger.merkle import MerkleLog
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, SignedNote, sign_note
from passport.ledger.witness import AddCheckpoint, Witness
from passport.ledger.witness_file import WitnessFile

ORIGIN = "example.com/log"
SEEN_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


class World:
    """A log with its key, and a witness that knows it."""

    def __init__(self, path: Path, *, pace_s: int = 0) -> None:
        self.path, self.now, self.pace_s = path, SEEN_AT, pace_s
        self.log_private, self.private = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self.log_key = NoteKey(ORIGIN, NoteAlgorithm.ED25519, self.log_private.public_key().public_bytes_raw())
        self.key = NoteKey(
            "witness.example/w1", NoteAlgorithm.COSIGNATURE_V1, self.private.public_key().public_bytes_raw()
        )
        self.file = WitnessFile(path, create=True)
        self.witness = self.opened(self.file)
        self.log = MerkleLog()

    def opened(self, file: WitnessFile) -> Witness:
        logs = {ORIGIN: [self.log_key]}
        return Witness(self.key, self.private.sign, logs=logs, file=file, clock=lambda: self.now, pace_s=self.pace_s)

    def grow(self, count: int) -> None:
        self.log.extend((len(self.log) + n).to_bytes(32, "big") for n in range(count))

    def note(self, root: bytes | None = None, origin: str = ORIGIN, size: int | None = None) -> SignedNote:
        checkpoint = CheckpointNote(origin, len(self.log) if size is None else size, root or self.log.root())
        key = NoteKey(origin, NoteAlgorithm.ED25519, self.log_key.public)
        return sign_note(checkpoint.text, key, self.log_private.sign)

    def request(self, old_size: int) -> AddCheckpoint:
        proof = self.log.consistency_proof(old_size) if old_size else ()
        return AddCheckpoint(old_size, proof, self.note())

    def fork(self, growth: int = 4) -> AddCheckpoint:
        """A request that shows another history from the present size on, with a proof that holds."""
        other = MerkleLog()
        other.extend(n.to_bytes(32, "big") for n in range(len(self.log)))
        other.extend(bytes([0xFF, n]) * 16 for n in range(growth))
        proof = other.consistency_proof(len(self.log)) if len(self.log) else ()
        return AddCheckpoint(len(self.log), proof, self.note(other.root(), size=len(other)))
