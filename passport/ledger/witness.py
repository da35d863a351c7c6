"""A witness: keeps the last checkpoint it saw of each log, and cosigns the next only if the log has grown from that.

It speaks the messages of C2SP tlog-witness without the HTTP around them, so that a server, a file or a pipe can carry
them. Looking at the last checkpoint and putting the next one in its place are one step of the database: of two
requests at the same time one is refused, and no log can be rolled back.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.errors import CheckpointRefusedError, ProofError
from passport.ledger.cosignature import cosign
from passport.ledger.log_note import CheckpointNote, parse_checkpoint
from passport.ledger.merkle import EMPTY_ROOT, HASH_BYTES, verify_consistency
from passport.ledger.signed_note import (
    MAX_NOTE_BYTES,
    NoteAlgorithm,
    NoteKey,
    NoteSignature,
    Sign,
    SignedNote,
    decode_base64,
    parse_note,
    parse_signatures,
)
from passport.ledger.witness_file import WitnessFile

MAX_PROOF_LINES = 63
"""A consistency proof of any log has no more hashes."""

_OLD = re.compile(r"old (0|[1-9]\d{0,18})\Z", re.ASCII)

BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE = 400, 403, 404, 409, 422
"""What a refusal is over HTTP, as tlog-witness assigns them."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign.

    Args:
        old_size: Of the last checkpoint that the witness cosigned, as far as the log knows; 0 if none.
        proof: Consistency proof from that size to the new checkpoint's.
        note: The new checkpoint, signed by the log.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote

    def to_bytes(self) -> bytes:
        """The body of the request."""
        lines = [f"old {self.old_size}", *(base64.b64encode(each).decode() for each in self.proof), "", ""]
        return "\n".join(lines).encode() + self.note.to_bytes()


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Read the body of a request.

    Raises:
        ProofError: not such a body.
    """
    if len(body) > 2 * MAX_NOTE_BYTES:
        raise ProofError("the request is too long", expected=f"at most {2 * MAX_NOTE_BYTES} bytes", found=len(body))
    head, separator, note = body.partition(b"\n\n")
    first, *hashes = head.decode("ascii", "replace").split("\n")
    match = _OLD.match(first)
    if not separator or match is None:
        raise ProofError("not a request to cosign", expected="old <size>, proof lines, an empty line, a checkpoint")
    if len(hashes) > MAX_PROOF_LINES:
        raise ProofError("the consistency proof is too long", expected=f"at most {MAX_PROOF_LINES} lines")
    proof = tuple(decode_base64(line, "proof line") for line in hashes)
    if any(len(each) != HASH_BYTES for each in proof):
        raise ProofError("a proof line is not a hash", expected=f"{HASH_BYTES} bytes")
    return AddCheckpoint(int(match[1]), proof, parse_note(note))


class Witness:
    """Cosigns the checkpoints of the logs it knows.

    Args:
        key: Its public key, of algorithm `COSIGNATURE_V1`.
        sign: Signs with the private key.
        logs: By origin, the keys with which a log signs its checkpoints.
        file: What it has cosigned so far.
        clock: The time, aware.
    """

    def __init__(
        self,
        key: NoteKey,
        sign: Sign,
        *,
        logs: Mapping[str, Sequence[NoteKey]],
        file: WitnessFile,
        clock: Callable[[], datetime],
    ) -> None:
        if key.algorithm is not NoteAlgorithm.COSIGNATURE_V1:
            raise ProofError("not the key of a witness", where=key.name, expected="algorithm 4, cosignature/v1")
        self.key = key
        self._sign = sign
        self._logs = logs
        self._file = file
        self._clock = clock

    def last_size(self, origin: str) -> int:
        """Leaves in the last checkpoint of that log it cosigned; 0 if it never did."""
        last = self._file.last(origin)
        return last.size if last else 0

    def add_checkpoint(self, request: AddCheckpoint) -> NoteSignature:
        """Cosign a checkpoint, and remember it before the cosignature is handed out.

        Raises:
            CheckpointRefusedError: it must not be cosigned; `status` says why as HTTP does.
        """
        # The order of these checks is the specification's.
        try:
            new = parse_checkpoint(request.note.text)
        except ProofError as error:
            raise _refusal(BAD_REQUEST, str(error)) from error
        keys = self._logs.get(new.origin)
        if keys is None:
            raise _refusal(NOT_FOUND, "a log that this witness does not know", where=new.origin)
        try:
            request.note.signed_by(keys)
        except ProofError as error:
            raise _refusal(FORBIDDEN, str(error), where=new.origin) from error
        if request.old_size > new.size:
            raise _refusal(BAD_REQUEST, "the old size is above the checkpoint's", where=new.origin)
        last = self._file.last(new.origin) or CheckpointNote(new.origin, 0, EMPTY_ROOT)
        if request.old_size != last.size:
            raise _refusal(CONFLICT, "not the size that was cosigned last", where=new.origin, last_size=last.size)
        self._check_growth(last, new, request.proof)
        seen_at = int(self._clock().timestamp())
        if not self._file.replace(last, new):
            size = self.last_size(new.origin)
            raise _refusal(CONFLICT, "another checkpoint was cosigned meanwhile", where=new.origin, last_size=size)
        return cosign(request.note.text, self.key, self._sign, time=seen_at)

    def _check_growth(self, last: CheckpointNote, new: CheckpointNote, proof: Sequence[bytes]) -> None:
        if last.size and last.size == new.size and last.root != new.root:
            text = "another root was cosigned for that size: the log shows two histories"
            raise _refusal(CONFLICT, text, where=new.origin, last_size=last.size)
        try:
            if last.size:
                verify_consistency(last.size, last.root, new.size, new.root, proof)
            elif proof:
                raise ProofError("there is nothing to prove consistency with", expected="no proof lines")
            elif not new.size and new.root != EMPTY_ROOT:
                raise ProofError("not the root of an empty log", expected=EMPTY_ROOT.hex(), found=new.root.hex())
        except ProofError as error:
            raise _refusal(UNPROCESSABLE, str(error), where=new.origin) from error

    def answer(self, body: bytes) -> bytes:
        """Answer a request as it travels: the cosignature's line.

        Raises:
            CheckpointRefusedError: it must not be cosigned.
        """
        try:
            request = parse_add_checkpoint(body)
        except ProofError as error:
            raise _refusal(BAD_REQUEST, str(error)) from error
        return self.add_checkpoint(request).line.encode()


def read_answer(body: bytes, note: SignedNote) -> SignedNote:
    """The checkpoint with the lines that a witness answered; whose they are, and whether true, is not checked.

    Raises:
        ProofError: not the lines of signatures.
    """
    try:
        return note.with_signatures(parse_signatures(body.decode()))
    except UnicodeDecodeError as error:
        raise ProofError("the answer of a witness is UTF-8") from error


def _refusal(
    status: int, message: str, *, where: str | None = None, last_size: int | None = None
) -> CheckpointRefusedError:
    return CheckpointRefusedError(message, where=where, status=status, last_size=last_size)
