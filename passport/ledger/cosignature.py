"""Cosignatures: a witness's word that a checkpoint is the largest it has seen of that log, and of one growing log.

`cosignature/v1` signs the time at which the witness saw it together with the checkpoint's text (C2SP tlog-cosignature).
Two quorums of k of n witnesses share at least 2k - n of them, and all of those must have lied for two people to be
shown two histories. So k is more than half of n: else honest witnesses would do, each asked for one history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from passport.errors import ProofError
from passport.ledger.signed_note import (
    SIGNATURE_BYTES,
    NoteAlgorithm,
    NoteKey,
    NoteSignature,
    Sign,
    SignedNote,
)

MAX_TIME = 2**63 - 1
_TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature that verified.

    Args:
        witness: Whose.
        time: When it saw the checkpoint by its own clock, unix seconds.
    """

    witness: NoteKey
    time: int


@dataclass(frozen=True, slots=True)
class Quorum:
    """Which witnesses are believed, and how many of them it takes.

    Args:
        witnesses: Keys of algorithm `COSIGNATURE_V1`, each of another witness.
        threshold: How many of them must have cosigned; more than half.

    Raises:
        ProofError: nobody could meet it, two histories could each meet it without a lie, or two keys are the same.
    """

    witnesses: tuple[NoteKey, ...]
    threshold: int

    def __post_init__(self) -> None:
        if any(key.algorithm is not NoteAlgorithm.COSIGNATURE_V1 for key in self.witnesses):
            raise ProofError("not the key of a witness", expected="algorithm 4, cosignature/v1")
        # The message does not name the witness: under two names one key would count twice.
        if len({key.public for key in self.witnesses}) != len(self.witnesses):
            raise ProofError("two witnesses have the same key")
        if len({(key.name, key.key_id) for key in self.witnesses}) != len(self.witnesses):
            raise ProofError("two witnesses cannot be told apart", expected="another name, or another key")
        if not len(self.witnesses) < 2 * self.threshold <= 2 * len(self.witnesses):
            expected = f"{len(self.witnesses) // 2 + 1} to {len(self.witnesses)}"
            hint = "of fewer than more than half, two histories could each be cosigned by enough honest witnesses"
            raise ProofError("not a quorum of these witnesses", expected=expected, found=self.threshold, hint=hint)


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs: the checkpoint's text after a line that names the purpose and one with the time."""
    if isinstance(time, bool) or not isinstance(time, int) or not 0 <= time <= MAX_TIME:
        raise ProofError("not a time that can be cosigned", expected="unix seconds", found=time)
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, key: NoteKey, sign: Sign, *, time: int) -> NoteSignature:
    """Cosign a checkpoint's text; `Witness` does so once it has seen that the log only grew.

    Raises:
        ProofError: the signature is not that of the key.
    """
    message = cosigned_message(text, time)
    signature = sign(message)
    key.verify(message, signature)
    return NoteSignature(key.name, key.key_id, time.to_bytes(_TIME_BYTES, "big") + signature)


def cosignatures(note: SignedNote, witnesses: Sequence[NoteKey]) -> tuple[Cosignature, ...]:
    """The cosignatures of those witnesses below a note, each verified.

    Raises:
        ProofError: a line in a witness's name does not verify.
    """
    found = []
    for key in witnesses:
        data = note.of(key)
        if data is None:
            continue
        if len(data) != _TIME_BYTES + SIGNATURE_BYTES:
            raise ProofError("not a timestamped signature", where=key.name, found=f"{len(data)} bytes")
        time = int.from_bytes(data[:_TIME_BYTES], "big")
        key.verify(cosigned_message(note.text, time), data[_TIME_BYTES:])
        found.append(Cosignature(key, time))
    return tuple(found)


def check_quorum(note: SignedNote, quorum: Quorum) -> tuple[Cosignature, ...]:
    """The cosignatures that meet a quorum, the earliest first.

    Raises:
        ProofError: too few, or a line in a witness's name does not verify.
    """
    found = sorted(cosignatures(note, quorum.witnesses), key=lambda each: each.time)
    if len(found) < quorum.threshold:
        names = ", ".join(each.witness.name for each in found) or "nobody"
        raise ProofError(
            "cosigned by too few trusted witnesses",
            expected=f"{quorum.threshold} of {len(quorum.witnesses)}",
            found=f"{len(found)} ({names})",
        )
    return tuple(found)
