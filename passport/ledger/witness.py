"""A witness: keeps the last checkpoint it saw of each log, and cosigns the next only if the log has grown from that.

It speaks the messages of C2SP tlog-witness without the HTTP around them, so that a server, a file or a pipe can carry
them. Looking at the last checkpoint and putting the next one in its place are one step of the database: of two
requests at the same time one is refused, and no log can be rolled back. See https://c2sp.org/tlog-witness.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from passport.errors import CheckpointRefusedError, LedgerError, LedgerUnavailableError, ProofError
from passport.ledger.cosignature import cosign, cosignatures
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
from passport.ledger.witness_file import Cosigned, Fork, WitnessFile

ADD_CHECKPOINT_PATH = "/add-checkpoint"
"""Below the prefix of a witness."""

SIZE_TYPE = "text/x.tlog.size"
"""The media type of the answer that names the size which was cosigned last; clients compare it to the letter."""

MAX_PROOF_LINES = 63
"""A consistency proof of any log has no more hashes."""

MAX_REQUEST_BYTES = 2 * MAX_NOTE_BYTES
"""A request that is longer is not read."""

REPEAT_S = 60
"""A checkpoint that was cosigned less than this many seconds ago is answered with the same cosignature."""

_OLD = re.compile(r"old (0|[1-9]\d{0,18})\Z", re.ASCII)

BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE, TOO_MANY = 400, 403, 404, 409, 422, 429
"""What a refusal is over HTTP, as tlog-witness assigns them; the last one is ours."""


class LogKeys(Protocol):
    """The logs that a witness knows."""

    def get(self, origin: str, /) -> Sequence[NoteKey] | None:
        """The keys with which a log signs its checkpoints, by its origin; None for a log that is not known."""
        ...


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
    if len(body) > MAX_REQUEST_BYTES:
        raise ProofError("the request is too long", expected=f"at most {MAX_REQUEST_BYTES} bytes", found=len(body))
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
    """Cosigns the checkpoints of the logs it knows; threads may share one.

    Args:
        key: Its public key, of algorithm `COSIGNATURE_V1`.
        sign: Signs with the private key.
        logs: By origin, the keys with which a log signs its checkpoints.
        file: What it has cosigned so far.
        clock: The time, aware.
        pace_s: A log's next checkpoint is cosigned no sooner than so many seconds after the one before.
    """

    def __init__(
        self,
        key: NoteKey,
        sign: Sign,
        *,
        logs: LogKeys,
        file: WitnessFile,
        clock: Callable[[], datetime],
        pace_s: int = 0,
    ) -> None:
        if key.algorithm is not NoteAlgorithm.COSIGNATURE_V1:
            raise ProofError("not the key of a witness", where=key.name, expected="algorithm 4, cosignature/v1")
        self.key = key
        self._sign = sign
        self._logs = logs
        self._file = file
        self._clock = clock
        self._pace_s = pace_s

    def last_size(self, origin: str) -> int:
        """Leaves in the last checkpoint of that log it cosigned; 0 if it never did."""
        last = self._file.last(origin)
        return last.checkpoint.size if last else 0

    def last_note(self, origin: str) -> bytes | None:
        """The last checkpoint of that log it cosigned, with the log's signatures and its own; None if it never did."""
        last = self._file.last(origin)
        return last.note if last else None

    def origin_of(self, origin_hash: str) -> str | None:
        """The origin of a log it cosigned, by its SHA-256 in lower-case hex; None if there is none."""
        return next((each for each in self._file.origins() if sha256(each.encode()).hexdigest() == origin_hash), None)

    def check_memory(self) -> None:
        """Look whether it can remember.

        Raises:
            LedgerError: its file was put back from an old copy.
            LedgerUnavailableError: the file cannot be used now.
        """
        self._file.check()

    def add_checkpoint(self, request: AddCheckpoint) -> NoteSignature:
        """Cosign a checkpoint, and remember it before the cosignature is handed out.

        Raises:
            CheckpointRefusedError: it must not be cosigned; `status` says why as HTTP does.
            LedgerError: nothing can be cosigned, since the witness's file was put back from an old copy.
            LedgerUnavailableError: nothing can be cosigned now.
        """
        # The order of these checks is the specification's.
        try:
            new = parse_checkpoint(request.note.text)
        except ProofError as error:
            raise _refusal(BAD_REQUEST, str(error)) from error
        keys = self._logs.get(new.origin)
        if not keys:
            raise _refusal(NOT_FOUND, "a log that this witness does not know", where=new.origin)
        try:
            signers = request.note.signed_by(keys)
        except ProofError as error:
            raise _refusal(FORBIDDEN, str(error), where=new.origin) from error
        if request.old_size > new.size:
            raise _refusal(BAD_REQUEST, "the old size is above the checkpoint's", where=new.origin)
        cosigned = self._file.last(new.origin)
        last = cosigned.checkpoint if cosigned else CheckpointNote(new.origin, 0, EMPTY_ROOT)
        self._check_own(request.note, last, new)
        if request.old_size != last.size:
            raise _refusal(CONFLICT, "not the size that was cosigned last", where=new.origin, last_size=last.size)
        # One line a key, and none that was not verified: what is kept has to be read again.
        signed = [each for each in request.note.signatures if _is_of(each, signers)]
        kept = SignedNote(request.note.text).with_signatures(signed)
        if last.size and last.size == new.size and last.root != new.root:
            if cosigned and cosigned.note:
                self._file.keep_fork(new, Fork(held=cosigned.note, shown=kept.to_bytes()))
            text = "another root was cosigned for that size: the log shows two histories"
            raise _refusal(CONFLICT, text, where=new.origin)
        _check_growth(last, new, request.proof)
        return self._cosign(cosigned, last, new, kept)

    def _check_own(self, note: SignedNote, last: CheckpointNote, new: CheckpointNote) -> None:
        """Where a checkpoint bears our own cosignature and we do not know of it, our file is not what it was."""
        try:
            own = cosignatures(note, [self.key])
        except ProofError:  # a line that somebody wrote in our name
            return
        if own and (new.size > last.size or (new.size == last.size and new.root != last.root)):
            self._file.condemn()
            raise LedgerError(
                "this witness cosigned what its file knows nothing of: it was put back from an old copy",
                where=new.origin,
                expected=f"at least {new.size} leaves",
                found=last.size,
                hint="make a new witness with a new key",
            )

    def _cosign(
        self, cosigned: Cosigned | None, last: CheckpointNote, new: CheckpointNote, kept: SignedNote
    ) -> NoteSignature:
        seen_at = int(self._clock().timestamp())
        if cosigned and cosigned.note and cosigned.time is not None:
            since = seen_at - cosigned.time
            if since < 0:
                # A later word of a smaller log would be a lie.
                raise LedgerUnavailableError(
                    "the witness's clock is behind its last cosignature",
                    where=new.origin,
                    expected=f"at least {cosigned.time}",
                    found=seen_at,
                )
            before = parse_note(cosigned.note)
            own = [each for each in before.signatures if _is_of(each, [self.key])]
            if before.text == kept.text and own and since < REPEAT_S:
                return own[0]
            if since < self._pace_s:
                text = "a checkpoint of this log was cosigned a moment ago"
                raise _refusal(TOO_MANY, text, where=new.origin, retry_after_s=self._pace_s - since)
        signature = cosign(kept.text, self.key, self._sign, time=seen_at)
        note = kept.with_signatures([signature]).to_bytes()
        if len(note) > MAX_NOTE_BYTES:
            raise _refusal(BAD_REQUEST, "with a cosignature below it the checkpoint is too long to be read")
        if not self._file.replace(last, new, note=note, time=seen_at):
            size = self.last_size(new.origin)
            raise _refusal(CONFLICT, "another checkpoint was cosigned meanwhile", where=new.origin, last_size=size)
        return signature

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


def _check_growth(last: CheckpointNote, new: CheckpointNote, proof: Sequence[bytes]) -> None:
    try:
        if last.size:
            verify_consistency(last.size, last.root, new.size, new.root, proof)
        elif proof:
            raise ProofError("there is nothing to prove consistency with", expected="no proof lines")
        elif not new.size and new.root != EMPTY_ROOT:
            raise ProofError("not the root of an empty log", expected=EMPTY_ROOT.hex(), found=new.root.hex())
    except ProofError as error:
        raise _refusal(UNPROCESSABLE, str(error), where=new.origin) from error


def _is_of(signature: NoteSignature, keys: Sequence[NoteKey]) -> bool:
    return any((signature.name, signature.key_id) == (key.name, key.key_id) for key in keys)


def _refusal(
    status: int,
    message: str,
    *,
    where: str | None = None,
    last_size: int | None = None,
    retry_after_s: int | None = None,
) -> CheckpointRefusedError:
    return CheckpointRefusedError(message, where=where, status=status, last_size=last_size, retry_after_s=retry_after_s)
